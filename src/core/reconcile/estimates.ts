// Estimates (R8): a late real fill takes the place of the estimate that stood for it, so that quantity does not
// change twice. Oldest first, in part if smaller; a fill from after the estimate's observation is new.
import type { Book, OpenAdjustment } from "../book/book.ts";
import { filledQty, isTerminal } from "../book/orders.ts";
import { abs, add, compare, type Decimal, isZero, min, negate, sign, subtract, ZERO } from "../decimal.ts";
import type { FillKey, OrderKey, PositionKey } from "../keys.ts";
import { positionKey } from "../keys.ts";
import { type Draft, draft } from "../records.ts";

export interface LateFill {
  /** The fill's key, or a ledger entry's id. */
  readonly fillKey: FillKey | string;
  readonly key: PositionKey;
  /** Signed change of the position. */
  readonly qtyDelta: Decimal;
  /** What was traded, not signed, where a fee in kind was kept back of it; else all of it moved the position. */
  readonly tradedQty?: Decimal;
  readonly timestamp: number;
  readonly orderKey: OrderKey | null;
}

/** Records that shrink or remove the estimates that this fill turns out to be; none when it is new. */
export function replaceEstimates(
  book: Book,
  fill: LateFill,
  lagMs: number,
  nowMs: number,
  causeId: string,
): Draft[] {
  const drafts: Draft[] = [];
  const rest = new Rest(fill);
  for (const open of openEstimates(book, fill)) {
    // Inside the read lag, or where our clock was set back since, nobody knows whether the read had it; the next
    // complete read will tell.
    const isIt = isMoreThanTraded(book, open, fill);
    if (!isIt && isUncertain(open, fill.timestamp, lagMs, nowMs)) continue;
    const taken = rest.take(open);
    if (!isZero(taken)) drafts.push(shrink(open, taken, fill.fillKey, causeId));
  }
  return drafts;
}

/** The same for what was inferred of the fill's own order alone, whatever the times: it is that fill. */
export function replaceOrderEstimates(book: Book, fill: LateFill, causeId: string): Draft[] {
  const drafts: Draft[] = [];
  const rest = new Rest(fill);
  for (const open of openEstimates(book, fill)) {
    const taken = open.facts.basis === "order_fill" ? rest.take(open) : ZERO;
    if (!isZero(taken)) drafts.push(shrink(open, taken, fill.fillKey, causeId));
  }
  return drafts;
}

/** What of a fill no estimate has given way to yet. An order's row knows of no fee in kind; a position lacks it. */
class Rest {
  private traded: Decimal;
  private moved: Decimal;

  constructor({ qtyDelta, tradedQty }: LateFill) {
    this.moved = abs(qtyDelta);
    this.traded = tradedQty ?? this.moved;
  }

  /** How much of the estimate, not signed, gives way. */
  take({ facts, remaining }: OpenAdjustment): Decimal {
    const taken = min(abs(remaining), facts.basis === "order_fill" ? this.traded : this.moved);
    this.traded = less(this.traded, taken);
    this.moved = less(this.moved, taken);
    return taken;
  }
}

function less(qty: Decimal, taken: Decimal): Decimal {
  return compare(qty, taken) > 0 ? subtract(qty, taken) : ZERO;
}

/**
 * Whether the fill beside the estimate of its own order's fill would be more than the order can have traded: more than was
 * ordered, or anything at all where the venue's own row has ended it, as an end is believed only once all that the row tells is
 * booked. Then it is that one, whatever the times and our clock say.
 */
function isMoreThanTraded(
  book: Book,
  { facts }: OpenAdjustment,
  { orderKey, qtyDelta, tradedQty = abs(qtyDelta) }: LateFill,
): boolean {
  const order = orderKey === null ? undefined : book.orders.get(orderKey);
  if (facts.basis !== "order_fill" || !order) return false;
  if (isTerminal(order.observedStatus) && order.statusSource === "venue") return true;
  return order.qty !== null && compare(add(filledQty(order), tradedQty), order.qty) > 0;
}

/** Whether times cannot tell if the read behind an estimate had a fill. */
export function isUncertain(
  { facts }: Pick<OpenAdjustment, "facts">,
  timestamp: number,
  lagMs: number,
  nowMs: number,
): boolean {
  const readByMs = readByOf(facts);
  // It is positions that lag behind fills. What an order's own row says is filled has happened by then.
  const unsureMs = facts.basis === "order_fill" ? 0 : lagMs;
  return timestamp > readByMs - unsureMs || readByMs > nowMs;
}

/** What is later than this the read behind an estimate cannot have had. */
export function readByOf({ asOfMs, readByMs }: OpenAdjustment["facts"]): number {
  return readByMs ?? asOfMs;
}

/** Estimates of the same key and direction, those of the fill's own order first, then by age. */
export function openEstimates(book: Book, fill: LateFill): OpenAdjustment[] {
  return [...book.adjustments.values()]
    .filter(({ facts, remaining }) => {
      const isSameKey = positionKey(facts.instrument, facts.leg) === fill.key;
      const isOtherOrders = facts.basis === "order_fill" && facts.orderKey !== fill.orderKey;
      const isSameDirection = sign(remaining) === sign(fill.qtyDelta);
      return facts.basis !== "opening" && isSameKey && isSameDirection && !isOtherOrders;
    })
    .sort((a, b) => rank(a) - rank(b) || a.facts.asOfMs - b.facts.asOfMs);
}

function rank(open: OpenAdjustment): number {
  return open.facts.basis === "order_fill" ? 0 : 1;
}

/** The record that takes `qty` (not signed) off an estimate. */
export function shrink(open: OpenAdjustment, qty: Decimal, by: string, causeId: string): Draft {
  const { adjustmentId, instrument, leg } = open.facts;
  const taken = sign(open.remaining) < 0 ? negate(qty) : qty;
  const qtyDelta = subtract(open.remaining, taken);
  return draft(
    "adjustment_replaced",
    { adjustmentId, instrument, leg, by, qtyDelta, price: open.price },
    causeId,
  );
}
