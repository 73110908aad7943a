// What the venue holds by its last word: the quantity that a read of the positions had, moved on by what was traded since.
// While reads fail and fills are still told, what was read alone would be of what is not held any more.
import type { Book } from "../book/book.ts";
import { positionQty } from "../book/positions.ts";
import { add, type Decimal, isZero, subtract } from "../decimal.ts";
import type { FillKey, PositionKey } from "../keys.ts";

/** When a read was answered. */
export interface Answered {
  /** Our clock, ms. */
  readonly atMs: number;
  /** The last record by then. */
  readonly seq: number;
}

/**
 * A fill counts that was told after the answer and is dated after it, too: one that only one of the two puts there may be
 * in what was answered. Where clocks differ the first of those that count may be in it all the same: if without them it is
 * what the book has, it had them.
 * @param qty What was answered. Signed.
 */
export function movedOn(book: Book, key: PositionKey, qty: Decimal, { atMs, seq }: Answered): Decimal {
  const held = positionQty(book, key);
  const entries = book.ledgers.get(key)?.entries ?? [];
  let moved = qty;
  for (let at = entries.length - 1; at >= 0 && !isZero(subtract(moved, held)); at -= 1) {
    const entry = entries[at];
    if (!entry || entry.timestamp <= atMs) break;
    const fill = entry.source === "fill" ? book.fills.get(entry.id as FillKey) : undefined;
    if (fill && fill.seq > seq) moved = add(moved, entry.qtyDelta);
  }
  return moved;
}
