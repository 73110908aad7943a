// When two quantities of a position count as the same (R9): what is less than a step apart is dust, or rounding.
import { abs, compare, type Decimal, decimal, isMultiple, multiply, subtract } from "../decimal.ts";

/** A trade of one step leaves more than this of it after any fee in kind. */
const PARTS_OF_A_STEP = decimal("2");

/**
 * Whether the book's quantity is the venue's. A venue that states parts of a step does not round to steps: half of one that is
 * missing there is a trade of one step, less its fee in kind, of which nobody told.
 */
export function isVenueQty(localQty: Decimal, venueQty: Decimal, qtyStep: Decimal): boolean {
  const difference = abs(subtract(localQty, venueQty));
  if (compare(difference, qtyStep) >= 0) return false;
  if (isMultiple(venueQty, qtyStep)) return true;
  return compare(multiply(difference, PARTS_OF_A_STEP), qtyStep) < 0;
}
