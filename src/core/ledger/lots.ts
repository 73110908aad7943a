// Lots: whose the position is. Strategy lots and the unattributed lot always sum to the position's quantity.
// What nobody claims reduces the unattributed lot first, then the only strategy that it can mean; where two
// could be meant it stays unattributed, negative if need be, for a person to see. It is never forced on one.
// A split is no trade (split.ts); what a person says of a lot is reattribution.ts.
import {
  abs,
  add,
  type Decimal,
  divide,
  isZero,
  min,
  multiply,
  negate,
  sign,
  subtract,
  ZERO,
} from "../decimal.ts";
import { UNATTRIBUTED } from "../words.ts";
import { EMPTY, type Holding, trade } from "./holding.ts";
import type { Reattribution } from "./reattribution.ts";

/** Lots by strategy; a strategy that holds nothing is not in it. */
export type Lots = ReadonlyMap<string, Holding>;

export const NO_LOTS: Lots = new Map();

/**
 * Whether the position is this strategy's alone and its lot the very same holding, so that a trade of its own makes of
 * the lot what it makes of the position and need not be worked out twice.
 */
export function isOneOwner(lots: Lots, strategy: string, holding: Holding): boolean {
  if (isZero(holding.qty)) return lots.size === 0;
  return lots.size === 1 && lots.get(strategy) === holding;
}

/** The lots of a position that is one strategy's alone. */
export function lotsOfOne(strategy: string, holding: Holding): Lots {
  return isZero(holding.qty) ? NO_LOTS : new Map([[strategy, holding]]);
}

/** The lots after a change of `delta`, worth `value`, that belongs to `strategy`. */
export function tradeLots(
  lots: Lots,
  strategy: string,
  delta: Decimal,
  value: Decimal | null,
  isFlatAfter: boolean,
): Lots {
  const next = new Map(lots);
  const price = value === null ? null : { value, of: abs(delta) };
  if (strategy !== UNATTRIBUTED) move(next, strategy, delta, price);
  else moveUnattributed(next, delta, price);
  if (isFlatAfter) settleUnattributed(next);
  return next;
}

/**
 * The lots after a person has said whose a part is. Only what is in the lot at that place, on the side that was meant, goes
 * over, with its share of the cost: a late fill may have shown that there was less.
 */
export function reattribute(
  lots: Lots,
  { from, to, qty }: Pick<Reattribution, "from" | "to" | "qty">,
  isFlat: boolean,
): Lots {
  const lot = lots.get(from);
  if (!lot || from === to || sign(lot.qty) !== sign(qty)) return lots;
  const next = new Map(lots);
  const taken = withSignOf(qty, min(abs(lot.qty), abs(qty)));
  if (taken === lot.qty && !lots.has(to)) {
    next.delete(from);
    next.set(to, lot);
  } else {
    move(next, from, negate(taken), null);
    const left = next.get(from)?.cost ?? ZERO;
    const value = lot.cost === null || left === null ? null : subtract(lot.cost, left);
    move(next, to, taken, value === null ? null : { value, of: abs(taken) });
  }
  if (isFlat) settleUnattributed(next);
  return next;
}

interface Price {
  readonly value: Decimal;
  readonly of: Decimal;
}

function move(lots: Map<string, Holding>, strategy: string, delta: Decimal, price: Price | null): void {
  if (isZero(delta)) return;
  const { after } = trade(lots.get(strategy) ?? EMPTY, delta, shareOf(price, delta));
  if (isZero(after.qty)) lots.delete(strategy);
  else lots.set(strategy, after);
}

function shareOf(price: Price | null, delta: Decimal): Decimal | null {
  if (price === null) return null;
  // The whole is the common case and keeps the value exact.
  if (abs(delta) === price.of) return price.value;
  return divide(multiply(price.value, abs(delta)), price.of);
}

function moveUnattributed(lots: Map<string, Holding>, delta: Decimal, price: Price | null): void {
  const own = lots.get(UNATTRIBUTED)?.qty ?? ZERO;
  const first = opposes(own, delta) ? withSignOf(delta, min(abs(own), abs(delta))) : ZERO;
  move(lots, UNATTRIBUTED, first, price);
  const rest = add(delta, negate(first));
  const holders = [...lots].filter(([name, lot]) => name !== UNATTRIBUTED && opposes(lot.qty, rest));
  const only = holders.length === 1 ? holders[0] : undefined;
  const second = only ? withSignOf(rest, min(abs(only[1].qty), abs(rest))) : ZERO;
  if (only) move(lots, only[0], second, price);
  move(lots, UNATTRIBUTED, add(rest, negate(second)), price);
}

/** A flat position has no owner in dispute: what is unattributed is set off against the strategies' lots. */
function settleUnattributed(lots: Map<string, Holding>): void {
  for (const name of [...lots.keys()].filter((key) => key !== UNATTRIBUTED).sort()) {
    const own = lots.get(UNATTRIBUTED)?.qty ?? ZERO;
    const theirs = lots.get(name)?.qty ?? ZERO;
    if (!opposes(own, theirs)) continue;
    const taken = withSignOf(own, min(abs(own), abs(theirs)));
    move(lots, name, taken, null);
    move(lots, UNATTRIBUTED, negate(taken), null);
  }
}

function opposes(a: Decimal, b: Decimal): boolean {
  return sign(a) * sign(b) < 0;
}

function withSignOf(of: Decimal, magnitude: Decimal): Decimal {
  return sign(of) < 0 ? negate(magnitude) : magnitude;
}
