// How things stand, in one line: what everybody believes, what the venue holds, the gate.
import type { Look } from "./look.ts";

/** Rows that are named; the rest is counted. */
const ROWS_MAX = 6;

export function stateText({ copies, venue, gate }: Look): string {
  const beliefs = copies.map(({ file, rows }) => `${file}: ${listOf(rows)}`);
  const held = Object.entries(venue.positions)
    .map(([instrument, { qty }]) => ({ instrument, qty }))
    .sort((a, b) => (a.instrument < b.instrument ? -1 : 1));
  return [...beliefs, `venue: ${listOf(held)}`, `gate ${gate}`].join(" · ");
}

export function listOf(
  rows: readonly { readonly instrument: string; readonly qty: string | null }[],
): string {
  if (rows.length === 0) return "nothing";
  const names = rows.slice(0, ROWS_MAX).map(rowText).join(", ");
  return rows.length > ROWS_MAX ? `${names} and ${rows.length - ROWS_MAX} more` : names;
}

export function rowText({
  instrument,
  qty,
}: {
  readonly instrument: string;
  readonly qty: string | null;
}): string {
  return qty === null ? instrument : `${instrument} ${qty}`;
}
