// A position's life: from flat to flat. Metadata, costs and results belong to a life; a flip through zero ends
// one and begins the next. Plain values; folding entries into lives is fold.ts.
import { abs, add, type Decimal, max, multiply, negate, sign, subtract, ZERO } from "../decimal.ts";
import type { Payoff } from "../instrument.ts";
import type { Cause } from "../words.ts";
import type { Entry } from "./entry.ts";
import type { Traded } from "./holding.ts";
import type { Lots } from "./lots.ts";
import { priceAt, type Terms } from "./worth.ts";

export interface Life {
  /** The entry that opened it; the life's id and its metadata hang on it. */
  readonly opener: string;
  /** Index of the opener among the ledger's entries. */
  readonly firstIndex: number;
  /** Lots when it began; set only where it began from flat and not in the middle of a flip. */
  readonly lotsBefore: Lots | null;
  /** Lots right before its opener, whatever it began from: a share may be older than the position's life. */
  readonly lotsAtStart: Lots;
  readonly direction: 1 | -1;
  readonly openedAt: number;
  /** Venue time of the entry that closed it; null while open. */
  closedAt: number | null;
  closeCause: Cause | null;
  lastIndex: number;
  qtyMax: Decimal;
  openedQty: Decimal;
  openedValue: Decimal | null;
  closedQty: Decimal;
  closedValue: Decimal | null;
  /** Realised result before fees, in the asset that pays, multiplier included. Null when a price is not known. */
  realizedPnl: Decimal | null;
  /** Whether an estimate or an opening is part of it. */
  isEstimate: boolean;
}

export function beginLife(
  entry: Entry,
  index: number,
  direction: 1 | -1,
  lotsAtStart: Lots,
  isFlip: boolean,
): Life {
  return {
    opener: entry.id,
    firstIndex: index,
    lotsBefore: isFlip ? null : lotsAtStart,
    lotsAtStart,
    direction,
    openedAt: entry.timestamp,
    closedAt: null,
    closeCause: null,
    lastIndex: index,
    qtyMax: ZERO,
    openedQty: ZERO,
    openedValue: ZERO,
    closedQty: ZERO,
    closedValue: ZERO,
    realizedPnl: ZERO,
    isEstimate: false,
  };
}

export function addOpened(life: Life, opened: NonNullable<Traded["opened"]>, qtyAfter: Decimal): void {
  life.openedQty = add(life.openedQty, opened.qty);
  life.openedValue = plus(life.openedValue, opened.value);
  life.qtyMax = max(life.qtyMax, abs(qtyAfter));
}

/** Tells what it realised; null when a price is not known. */
export function addClosed(life: Life, closed: NonNullable<Traded["closed"]>, terms: Terms): Decimal | null {
  life.closedQty = add(life.closedQty, closed.qty);
  life.closedValue = plus(life.closedValue, closed.value);
  const realized = realizedBy(life, closed, terms);
  life.realizedPnl = plus(life.realizedPnl, realized);
  return realized;
}

function realizedBy(
  { direction }: Life,
  { value, cost }: NonNullable<Traded["closed"]>,
  { multiplier, payoff }: Terms,
): Decimal | null {
  if (value === null || cost === null) return null;
  const gain = subtract(value, cost);
  // Who is long of an inverse contract owes coins: fewer of them the higher the price.
  const isGain = direction > 0 === (payoff === "linear");
  return multiply(isGain ? gain : negate(gain), multiplier);
}

/** Average price of all that was opened, or closed, in the life; null when nothing was or a price is missing. */
export function averageOf(qty: Decimal, value: Decimal | null, payoff: Payoff): Decimal | null {
  return priceAt(payoff, qty, value);
}

export function directionOf(qty: Decimal): 1 | -1 {
  return sign(qty) < 0 ? -1 : 1;
}

function plus(a: Decimal | null, b: Decimal | null): Decimal | null {
  return a === null || b === null ? null : add(a, b);
}
