// Prices of what is inferred (R7). Quantity converges whatever happens here; a price is solved only where the
// averages of both sides are exact enough to tell it, and is null, never zero, where nothing tells it.
//
// All is solved in what one contract is worth (ledger/worth.ts), since averages are means of that: of a linear contract the
// price itself, of an inverse one 1 ÷ price, in coins.
import {
  abs,
  compare,
  type Decimal,
  decimal,
  divide,
  halfLastUnit,
  multiply,
  ONE,
  sign,
  subtract,
} from "../decimal.ts";
import type { Payoff } from "../instrument.ts";
import { priceAt, worthAt } from "../ledger/worth.ts";
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
  readonly payoff: Payoff;
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
  const { localAverage, venueAverage, venueAverageScale, isAverageBasis, payoff } = evidence;
  if (!isAverageBasis || venueAverage === null) return null;
  const known = { qty: localQty, worth: worthAt(payoff, localQty, localAverage) };
  return priceOfRest(payoff, known, { qty: venueQty, price: venueAverage, scale: venueAverageScale });
}

/** What the rest was traded at, given what is known of a part, and the average of the whole. Not signed. */
function priceOfRest(
  payoff: Payoff,
  known: { readonly qty: Decimal; readonly worth: Decimal | null },
  whole: { readonly qty: Decimal; readonly price: Decimal; readonly scale: number | null },
): Decimal | null {
  const rest = subtract(whole.qty, known.qty);
  const worth = worthAt(payoff, whole.qty, whole.price);
  if (known.worth === null || worth === null || sign(rest) <= 0) return null;
  const each = divide(subtract(worth, known.worth), rest);
  const error = divide(multiply(errorOf(payoff, whole.price, whole.scale), whole.qty), rest);
  return plausible(payoff, each, error, whole.price);
}

/** The price at which one is worth that, unless it is none, or the rounding of the average could have moved it by more than a tenth. */
export function plausible(payoff: Payoff, each: Decimal, error: Decimal, average: Decimal): Decimal | null {
  const mean = worthAt(payoff, ONE, average);
  if (mean === null || sign(each) <= 0) return null;
  return compare(error, multiply(SOLVED_ERROR_RATIO_MAX, mean)) > 0 ? null : priceAt(payoff, ONE, each);
}

/** By how much the rounding of an average may have moved what one is worth at it: of 1 ÷ price by that of the price over its square. */
export function errorOf(payoff: Payoff, average: Decimal, scale: number | null): Decimal {
  const half = halfUnit(average, scale);
  return payoff === "linear" ? half : divide(half, multiply(average, average));
}

/** Half a unit of the last decimal that the venue wrote its average with. */
function halfUnit(average: Decimal, scale: number | null): Decimal {
  return scale === null ? halfLastUnit(average) : halfLastUnit(scale === 0 ? "1" : `0.${"0".repeat(scale)}`);
}

/**
 * The price of an order's unreported fills: what its average says about the part that is not known, whose value is by the payoff.
 * Null when the venue states no average.
 */
export function priceOfOrderFill(
  known: { readonly qty: Decimal; readonly value: Decimal | null },
  filledQty: Decimal,
  average: { readonly price: Decimal | undefined; readonly scale: number | undefined },
  payoff: Payoff,
): Priced {
  const { price, scale = null } = average;
  if (price === undefined || sign(price) <= 0) return NONE;
  if (sign(known.qty) > 0) {
    const part = { qty: known.qty, worth: known.value };
    const solved = priceOfRest(payoff, part, { qty: filledQty, price, scale });
    if (solved !== null) return { price: solved, priceSource: "solved" };
  }
  return { price, priceSource: "order_average" };
}
