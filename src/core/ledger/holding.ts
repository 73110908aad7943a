// What one trade does to something held at an average cost: a position, or one strategy's lot of it.
// Exact: cost leaves in proportion, and when the last unit leaves the whole rest of the cost leaves with it, so
// that over a life from flat to flat the result is proceeds minus cost to the last digit.
import { abs, add, type Decimal, divide, isZero, multiply, sign, subtract, ZERO } from "../decimal.ts";
import type { Payoff } from "../instrument.ts";
import { priceAt } from "./worth.ts";

export interface Holding {
  /** Signed: + long, - short. */
  readonly qty: Decimal;
  /** What the held quantity was worth when it was opened, not signed, without the multiplier. Null when a price in it is not known. */
  readonly cost: Decimal | null;
}

export const EMPTY: Holding = { qty: ZERO, cost: ZERO };

/** A quantity and what it was worth (worth.ts); null when the price is not known. */
export interface Part {
  readonly qty: Decimal;
  readonly value: Decimal | null;
}

export interface Traded {
  readonly after: Holding;
  /** What was added to the side held (or opened from flat, or after a flip). Not signed. */
  readonly opened: Part | null;
  /** What was taken away, what it brought, and what it had cost. Not signed. */
  readonly closed: (Part & { readonly cost: Decimal | null }) | null;
}

/** Applies a signed change of quantity that was worth `value` (not signed). A flip closes, then opens. */
export function trade(before: Holding, delta: Decimal, value: Decimal | null): Traded {
  const isSameSide = isZero(before.qty) || sign(before.qty) === sign(delta);
  if (isSameSide) {
    return {
      after: { qty: add(before.qty, delta), cost: plus(before.cost, value) },
      opened: { qty: abs(delta), value },
      closed: null,
    };
  }
  const held = abs(before.qty);
  const traded = abs(delta);
  const after = add(before.qty, delta);
  const isReduction = isZero(after) || sign(after) === sign(before.qty);
  if (isReduction) {
    const cost = isZero(after) ? before.cost : share(before.cost, traded, held);
    return {
      after: { qty: after, cost: isZero(after) ? ZERO : minus(before.cost, cost) },
      opened: null,
      closed: { qty: traded, value, cost },
    };
  }
  const closedValue = share(value, held, traded);
  const openedValue = minus(value, closedValue);
  return {
    after: { qty: after, cost: openedValue },
    opened: { qty: abs(after), value: openedValue },
    closed: { qty: held, value: closedValue, cost: before.cost },
  };
}

/** Average price of what is held: the mean of prices, the harmonic one of an inverse contract. Null when flat or not known. */
export function averagePrice({ qty, cost }: Holding, payoff: Payoff): Decimal | null {
  return priceAt(payoff, abs(qty), cost);
}

function share(whole: Decimal | null, part: Decimal, of: Decimal): Decimal | null {
  return whole === null ? null : divide(multiply(whole, part), of);
}

function plus(a: Decimal | null, b: Decimal | null): Decimal | null {
  return a === null || b === null ? null : add(a, b);
}

function minus(a: Decimal | null, b: Decimal | null): Decimal | null {
  return a === null || b === null ? null : subtract(a, b);
}
