// A split, or a reverse split: the quantity becomes another, what it cost and whose it is do not. Nothing was traded.
import { add, type Decimal, divide, isZero, multiply, sign, subtract, sum } from "../decimal.ts";
import type { Payoff } from "../instrument.ts";
import { UNATTRIBUTED } from "../words.ts";
import type { Entry } from "./entry.ts";
import { type Holding, trade } from "./holding.ts";
import type { Lots } from "./lots.ts";
import { worthOf } from "./worth.ts";

/** Whether the entry changes the quantity of what is held and nothing else. */
export function isSplit({ source, cause, qtyDelta }: Entry, before: Holding): boolean {
  if (source !== "ledger" || cause !== "split" || isZero(before.qty)) return false;
  return sign(add(before.qty, qtyDelta)) === sign(before.qty);
}

/** What is held after any entry. */
export function holdingAfter(before: Holding, entry: Entry, payoff: Payoff): Holding {
  if (isZero(entry.qtyDelta)) return before;
  if (isSplit(entry, before)) return { qty: add(before.qty, entry.qtyDelta), cost: before.cost };
  return trade(before, entry.qtyDelta, worthOf(entry, payoff)).after;
}

/** Each lot in proportion; the last takes what rounding leaves, so that they still sum to the quantity. */
export function splitLots(lots: Lots, before: Decimal, after: Decimal): Lots {
  const names = [...lots.keys()].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const last = names.at(-1);
  const next = new Map<string, Holding>();
  for (const name of names) {
    const lot = lots.get(name);
    if (!lot) continue;
    const others = sum([...next.values()].map(({ qty }) => qty));
    const qty = name === last ? subtract(after, others) : divide(multiply(lot.qty, after), before);
    if (!isZero(qty)) next.set(name, { qty, cost: lot.cost });
  }
  return next;
}

function rank(name: string): number {
  return name === UNATTRIBUTED ? 1 : 0;
}
