// What a quantity is worth at a price, and the price at which it is worth that, in the asset that pays: both ways for linear
// contracts, whose worth grows with the price, and for inverse ones, whose worth is the quantity over the price. What follows
// from worths (cost, shares of it, results) is the same sums for both. Without the multiplier.
//
// Where it rounds: a product is exact; a quotient that does not come out even is rounded half-even to 34 significant digits,
// once for each entry and once for each average. Results are differences of worths and round nothing more, so that over a life
// from flat to flat the result is exactly the sum of the entries' worths, and that is off by less than one part in 10^33.
import { abs, type Decimal, divide, isZero, multiply, ONE, sign } from "../decimal.ts";
import { type Instrument, type Payoff, payoffOf } from "../instrument.ts";
import type { Entry } from "./entry.ts";

/** By which terms a ledger turns prices into costs and results. */
export interface Terms {
  /** Units of the underlying, or of the currency of an inverse contract, in one contract. */
  readonly multiplier: Decimal;
  readonly payoff: Payoff;
}

export function termsOf(instrument: Instrument): Terms {
  return { multiplier: instrument.multiplier, payoff: payoffOf(instrument) };
}

export const LINEAR: Terms = { multiplier: ONE, payoff: "linear" };

/** Signed like the quantity. Null where the price is not known, or is none that an inverse contract can have. */
export function worthAt(payoff: Payoff, qty: Decimal, price: Decimal | null): Decimal | null {
  if (price === null) return null;
  if (payoff === "linear") return multiply(qty, price);
  return sign(price) > 0 ? divide(qty, price) : null;
}

/** The price at which the quantity is worth that much; null where there is none. */
export function priceAt(payoff: Payoff, qty: Decimal, worth: Decimal | null): Decimal | null {
  if (worth === null || isZero(qty)) return null;
  if (payoff === "linear") return divide(worth, qty);
  return sign(worth) === sign(qty) ? divide(qty, worth) : null;
}

/** What an entry is worth, not signed. Null when its price is not known. */
export function worthOf({ qtyDelta, value, price }: Entry, payoff: Payoff): Decimal | null {
  return payoff === "linear" ? value : worthAt(payoff, abs(qtyDelta), price);
}
