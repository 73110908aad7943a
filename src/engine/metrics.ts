// Counts of an account's copies at one moment: what a repair, a plan or an undo is told with, before and after (C8).
import { type Book, heldKeys, isActive, type Metrics } from "../core/index.ts";

export const NOTHING_COUNTED: Metrics = { positions: 0, orders: 0, discrepancies: 0, mirrors: {} };

/** @param rows Of each mirror, by name. */
export function countsOf(book: Book, rows: readonly (readonly [string, number])[]): Metrics {
  return {
    positions: heldKeys(book).length,
    orders: [...book.orders.values()].filter(isActive).length,
    discrepancies: book.discrepancies.size,
    mirrors: Object.fromEntries(rows),
  };
}
