// Prices of what is inferred (R7). Quantity converges whatever happens here; a price is solved only where the
// averages of both sides are exact enough to tell it, and is null, never zero, where nothing tells it.
import {
  abs,
  compare,
  type Decimal,
  decimal,
  divide,
  halfLastUnit,
  multiply,
  sign,
  subtract,
} from "../decimal.ts";
import type { PriceSource } from "../records.ts";

/** A solved price may be wrong by this part of the average through the rounding of that average. */
const SOLVED_ERROR_RATIO_MAX = decimal("0.1");

export interface Priced {
  readonly price: Decimal | null;
  readonly priceSource: PriceSource;
}

export interface PriceEvidence {
  /** Average of the local position; null when flat or not known. */
  readonly localAverage: Decimal | null;
  /** Average as the venue reports it; null when it does not, or when it is zero or less. */
  readonly venueAverage: Decimal | null;
  /** Digits after the point that the venue wrote its average with. */
  readonly venueAverageScale: number | null;
  readonly lastPrice: Decimal | null;
  /** Whether the venue's average is a plain weighted average, so that it can be solved and compared. */
  readonly isAverageBasis: boolean;
}

const NONE: Priced = { price: null, priceSource: "none" };

/** From flat, also the second half of a flip: the venue's average. */
export function priceOfOpening(evidence: PriceEvidence): Priced {
  if (evidence.venueAverage !== null) return { price: evidence.venueAverage, priceSource: "venue_average" };
  return fromLast(evidence);
}

/** The position grew from `localQty` to `venueQty` (same sign): solved from both averages where that is sound. */
export function priceOfIncrease(localQty: Decimal, venueQty: Decimal, evidence: PriceEvidence): Priced {
  const solved = solve(abs(localQty), abs(venueQty), evidence);
  if (solved !== null) return { price: solved, priceSource: "solved" };
  if (evidence.localAverage !== null) return { price: evidence.localAverage, priceSource: "local_average" };
  return priceOfOpening(evidence);
}

/** A reduction keeps the average; it is priced at the last price as an estimate. */
export function priceOfReduction(evidence: PriceEvidence): Priced {
  if (evidence.lastPrice !== null) return fromLast(evidence);
  if (evidence.localAverage === null) return NONE;
  return { price: evidence.localAverage, priceSource: "local_average" };
}

function fromLast({ lastPrice }: PriceEvidence): Priced {
  return lastPrice === null ? NONE : { price: lastPrice, priceSource: "last_price" };
}

function solve(localQty: Decimal, venueQty: Decimal, evidence: PriceEvidence): Decimal | null {
  const { localAverage, venueAverage, venueAverageScale, isAverageBasis } = evidence;
  if (!isAverageBasis || localAverage === null || venueAverage === null) return null;
  const difference = subtract(venueQty, localQty);
  if (sign(difference) <= 0) return null;
  const value = subtract(multiply(venueQty, venueAverage), multiply(localQty, localAverage));
  const error = divide(multiply(halfUnit(venueAverage, venueAverageScale), venueQty), difference);
  return plausible(divide(value, difference), error, venueAverage);
}

/** The price, unless it is not one, or the rounding of the average could have moved it by more than a tenth. */
export function plausible(price: Decimal, error: Decimal, average: Decimal): Decimal | null {
  if (sign(price) <= 0) return null;
  return compare(error, multiply(SOLVED_ERROR_RATIO_MAX, average)) > 0 ? null : price;
}

/** Half a unit of the last decimal that the venue wrote its average with. */
export function halfUnit(average: Decimal, scale: number | null): Decimal {
  return scale === null ? halfLastUnit(average) : halfLastUnit(scale === 0 ? "1" : `0.${"0".repeat(scale)}`);
}

/**
 * The price of an order's unreported fills: what its average says about the part that is not known.
 * Null when the venue states no average.
 */
export function priceOfOrderFill(
  known: { readonly qty: Decimal; readonly value: Decimal | null },
  filledQty: Decimal,
  average: { readonly price: Decimal | undefined; readonly scale: number | undefined },
): Priced {
  if (average.price === undefined || sign(average.price) <= 0) return NONE;
  const missing = subtract(filledQty, known.qty);
  if (sign(known.qty) > 0 && known.value !== null && sign(missing) > 0) {
    const value = subtract(multiply(filledQty, average.price), known.value);
    const error = divide(multiply(halfUnit(average.price, average.scale ?? null), filledQty), missing);
    const solved = plausible(divide(value, missing), error, average.price);
    if (solved !== null) return { price: solved, priceSource: "solved" };
  }
  return { price: average.price, priceSource: "order_average" };
}
