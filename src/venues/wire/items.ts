// Items of a payload that somebody recorded, as every adapter's reader makes them.
import type { PayloadItem, PayloadReading } from "../payload.ts";
import { isObject, type Parsed } from "./fields.ts";

export type Row = Readonly<Record<string, unknown>>;

/** One kind of row: how it is known, and what it becomes. The first that fits counts. */
export interface RowKind<Around = undefined> {
  readonly name: string;
  readonly fits: (row: Row) => boolean;
  readonly read: (row: Row, around: Around) => readonly PayloadItem[];
}

/** Rows by their shape, each accounted for. @param around What rows of one payload share. */
export function readRows<Around>(
  venue: string,
  rows: readonly unknown[],
  kinds: readonly RowKind<Around>[],
  around: Around,
): PayloadReading {
  const names = new Set<string>();
  const items = rows.flatMap((row): readonly PayloadItem[] => {
    if (!isObject(row)) return [problem(`what is no object is no row of ${venue}'s`)];
    const kind = kinds.find(({ fits }) => fits(row));
    if (!kind) {
      return [problem(`no row of ${venue}'s has the fields ${Object.keys(row).slice(0, 8).join(", ")}`)];
    }
    names.add(kind.name);
    return kind.read(row, around);
  });
  const takenFor = names.size === 0 ? null : [...names].join(", ");
  return { takenFor, items: items.length > 0 ? items : [ignored("an empty list")] };
}

export function isAnyOf(kinds: readonly Pick<RowKind, "fits">[], rows: readonly unknown[]): boolean {
  return rows.some((row) => isObject(row) && kinds.some(({ fits }) => fits(row)));
}

/** The row as the item that it is, or why it cannot be read. */
export function itemOf<Row>(parsed: Parsed<Row>, item: (row: Row) => PayloadItem): PayloadItem {
  return parsed.kind === "row" ? item(parsed.row) : problem(parsed.problem);
}

export function ignored(reason: string): PayloadItem {
  return { kind: "ignored", reason };
}

export function problem(text: string): PayloadItem {
  return { kind: "problem", problem: text };
}
