// Which fills a quantity contains already, where nobody read that quantity at the venue (it was stated by a
// person). The venue's own quantity decides: a time-ordered cut after which the fills lead to exactly it.
import { abs, add, compare, type Decimal, subtract, sum } from "../decimal.ts";

/**
 * How many of the time-ordered changes are contained in `bookQty`; the rest is news. Where no cut leads to the
 * venue's quantity, the one that comes closest; among equals the one that leaves the most as news.
 * @param venueQty Undefined when this read does not say; then fills are news unless something was held.
 */
export function containedCount(
  bookQty: Decimal,
  hasOpening: boolean,
  deltas: readonly Decimal[],
  venueQty: Decimal | undefined,
): number {
  if (venueQty === undefined) return hasOpening ? deltas.length : 0;
  let qty = add(bookQty, sum(deltas));
  let best = 0;
  let bestRest = abs(subtract(venueQty, qty));
  for (const [index, delta] of deltas.entries()) {
    qty = subtract(qty, delta);
    const rest = abs(subtract(venueQty, qty));
    if (compare(rest, bestRest) >= 0) continue;
    best = index + 1;
    bestRest = rest;
  }
  return best;
}
