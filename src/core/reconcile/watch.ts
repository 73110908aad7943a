// Rows that a pass leaves alone because a person took a repair of them back (R13): until what the venue has of the
// key is something else, or the person releases them.
import { type Book, type Undone, undoneKey } from "../book/book.ts";
import { positionView } from "../book/positions.ts";
import type { Decimal } from "../decimal.ts";
import type { Copy } from "../discrepancy.ts";
import type { PositionKey } from "../keys.ts";
import type { Remark } from "./word.ts";

/** What the venue has of a key, as far as this copy is concerned: its quantity, and which life it is in. */
export function watchText(book: Book, key: PositionKey, held: Decimal): string {
  const lives = book.ledgers.get(key)?.lives.length ?? 0;
  return `${held} in ${positionView(book, key)?.lifeId ?? `none after ${lives}`}`;
}

export function undoneOf(book: Book, of: Copy, key: PositionKey): Undone | undefined {
  return book.undone.get(undoneKey(of, key));
}

/** How a difference is told that is only watched, because its repair was undone. */
export function undoneRemark({ repairId, by }: Undone): Remark {
  const detail = `${by} undid ${repairId}: it is left as it is until what the venue has changes, or "trueup release ${repairId}"`;
  return { code: "undone", detail };
}
