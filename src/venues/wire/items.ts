// Items of a payload that somebody recorded, as every adapter's reader makes them.
import type { PayloadItem } from "../payload.ts";
import type { Parsed } from "./fields.ts";

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
