// What a kill has to end, and in which order: what could add the most exposure comes first, and whatever nobody can put a
// value on comes before that. Reduce-only stops stay unless all is asked for: they are what still protects a position.
import type { Book, Order } from "../book/book.ts";
import { filledQty, isActive, orderStatus } from "../book/orders.ts";
import { positionQty } from "../book/positions.ts";
import {
  abs,
  add,
  compare,
  type Decimal,
  isZero,
  max,
  multiply,
  negate,
  sign,
  subtract,
  ZERO,
} from "../decimal.ts";
import { payoffOf } from "../instrument.ts";
import { type OrderKey, type PositionKey, positionKey } from "../keys.ts";
import { averagePrice } from "../ledger/holding.ts";
import { instrumentIn } from "../reconcile/context.ts";
import type { Leg, Side } from "../words.ts";

/** An order as far as a kill looks at it: one of the book, or a row that the book does not have. */
export interface OrderAtRisk {
  readonly instrument: string;
  readonly venueOrderId: string | null;
  readonly clientOrderId: string | null;
  readonly reduceOnly: boolean | null;
  readonly leg: Leg | null;
  readonly side: Side | null;
  /** The whole quantity, and what of it is filled. Not signed. */
  readonly qty: Decimal | null;
  readonly filledQty: Decimal;
  readonly notional: Decimal | null;
  readonly price: Decimal | null;
  readonly triggerPrice: Decimal | null;
}

/** What a kill takes, and what may bound the rest. */
export interface KillScope {
  /** Whether reduce-only stops go too. */
  readonly isAll: boolean;
  /** Whether the venue itself keeps an order with the flag from opening a position. */
  readonly hasReduceOnlyFlag: boolean;
  /** Orders with a change that is written down and has not left: the kill's gate keeps it back. */
  readonly unchanged?: ReadonlySet<OrderKey>;
}

/** As much as it may still be for: the larger quantity while a change may be on its way. */
export function atRisk(order: Order, { unchanged }: Pick<KillScope, "unchanged">): OrderAtRisk {
  const { qty, amendment, orderKey } = order;
  const asked = unchanged?.has(orderKey) === true ? undefined : amendment?.qty;
  const most = qty === null ? null : max(qty, asked ?? qty);
  return { ...order, qty: most, filledQty: filledQty(order) };
}

/** Whether it may be open at the venue. What has not left yet is kept back by the kill's gate (R16). */
export function mayBeAtVenue(order: Order): boolean {
  return isActive(order) && !(orderStatus(order) === "pending" && order.sentAtMs === null);
}

/** Orders of the book that a kill has to end and that may still be open. */
export function ordersToEnd(book: Book, scope: KillScope): Order[] {
  const open = [...book.orders.values()].filter(mayBeAtVenue);
  if (scope.isAll) return open;
  const staying = protecting(
    book,
    open.map((order) => atRisk(order, scope)),
    scope,
  );
  return open.filter((_, index) => !staying[index]);
}

/**
 * Whether it left under this kill: only an exit's order, or one of a plan to flatten, can have. It is what closes the position,
 * and cancelling it would only have the next one sent.
 */
export function isOfKill(book: Book, { intentId, sentSeq }: Order): boolean {
  return intentId !== null && book.killSeq !== null && sentSeq !== null && sentSeq > book.killSeq;
}

/**
 * Which of these orders, by their places, can only make a position smaller. Where the venue has no flag that keeps it so for an
 * order's life, the position must be there for what is left of all of them together: a stop that outlives its position would
 * open another one. Those that do not fit are left out: stops come first, the one nearest to the price before the others.
 */
export function protecting(
  book: Book,
  orders: readonly OrderAtRisk[],
  { hasReduceOnlyFlag }: KillScope,
): readonly boolean[] {
  if (hasReduceOnlyFlag) return orders.map(({ reduceOnly }) => reduceOnly === true);
  const staying = orders.map(() => false);
  const free = new Map<PositionKey, Decimal>();
  const candidates = orders
    .map((order, index) => ({ order, index }))
    .filter(({ order }) => order.reduceOnly === true && order.side !== null && order.qty !== null)
    .sort((a, b) => compareNearness(a.order, b.order));
  for (const { order, index } of candidates) {
    const key = positionKey(order.instrument, order.leg ?? "net");
    const held = positionQty(book, key);
    if (sign(held) !== (order.side === "sell" ? 1 : -1)) continue;
    const rest = subtract(free.get(key) ?? abs(held), leftOf(order));
    if (sign(rest) < 0) continue;
    free.set(key, rest);
    staying[index] = true;
  }
  return staying;
}

/** A stop before what is none; of two on one side the one that the price reaches first. */
function compareNearness(a: OrderAtRisk, b: OrderAtRisk): number {
  if (a.triggerPrice === null || b.triggerPrice === null) {
    return Number(a.triggerPrice === null) - Number(b.triggerPrice === null);
  }
  if (a.side !== b.side) return a.side === "sell" ? -1 : 1;
  return a.side === "sell"
    ? compare(b.triggerPrice, a.triggerPrice)
    : compare(a.triggerPrice, b.triggerPrice);
}

/** What it may still trade; zero where its quantity is not known. */
function leftOf({ qty, filledQty: filled }: OrderAtRisk): Decimal {
  return qty === null ? ZERO : max(subtract(qty, filled), ZERO);
}

/** The same orders, most dangerous first; equal ones stay in their order. */
export function byRisk<T extends OrderAtRisk>(
  book: Book,
  orders: readonly T[],
  lastPrices: ReadonlyMap<string, Decimal>,
): T[] {
  return orders
    .map((order) => ({ order, value: exposureOf(book, order, lastPrices) }))
    .sort((a, b) => compareValues(a.value, b.value))
    .map(({ order }) => order);
}

function compareValues(a: Decimal | null, b: Decimal | null): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  return compare(b, a);
}

/** What it may add to what is at stake, in the quote currency; null where nobody can tell. */
function exposureOf(
  book: Book,
  order: OrderAtRisk,
  lastPrices: ReadonlyMap<string, Decimal>,
): Decimal | null {
  const { instrument, leg, side, qty, notional } = order;
  if (qty === null) return notional;
  const left = leftOf(order);
  const key = positionKey(instrument, leg ?? "net");
  const held = positionQty(book, key);
  const added = side === null ? left : max(ZERO, subtract(abs(add(held, signed(left, side))), abs(held)));
  if (isZero(added)) return ZERO;
  const spec = instrumentIn(book, instrument);
  // A contract of the inverse kind is worth its size in the quote currency, whatever the price is.
  if (payoffOf(spec) === "inverse") return multiply(added, spec.multiplier);
  const ledger = book.ledgers.get(key);
  const average = ledger ? averagePrice(ledger.holding, ledger.terms.payoff) : null;
  const price = order.price ?? order.triggerPrice ?? lastPrices.get(instrument) ?? average;
  if (price === null || sign(price) <= 0) return null;
  return multiply(multiply(added, price), spec.multiplier);
}

function signed(qty: Decimal, side: Side): Decimal {
  return side === "buy" ? qty : negate(qty);
}
