// Orders in the book: finding one, changing one, and the status that follows from what was observed and what
// was filled. Terminal statuses stay; only fills may turn a cancelled order into a filled one.
import { add, compare, type Decimal, max, sign, ZERO } from "../decimal.ts";
import type { Payoff } from "../instrument.ts";
import { joinParts, type OrderKey } from "../keys.ts";
import { priceAt } from "../ledger/worth.ts";
import type { OrderChange } from "../records.ts";
import type { OrderStatus } from "../words.ts";
import type { Book, Order } from "./book.ts";

const TERMINAL: ReadonlySet<OrderStatus> = new Set<OrderStatus>([
  "filled",
  "canceled",
  "expired",
  "rejected",
]);

export function isTerminal(status: OrderStatus): boolean {
  return TERMINAL.has(status);
}

/** How far a status is along an order's way; a report of a lower rank is older and does not count. */
export function rankOf(status: OrderStatus): number {
  if (isTerminal(status)) return 3;
  return { pending: 0, unknown: 0, open: 1, partially_filled: 2 }[
    status as "pending" | "unknown" | "open" | "partially_filled"
  ];
}

export function filledQty(order: Order): Decimal {
  return add(order.fillsQty, order.unbackedQty);
}

export function avgFillPrice(order: Order): Decimal | null {
  return priceAt(order.fillsPayoff, order.fillsQty, order.fillsValue);
}

export function orderStatus(order: Order): OrderStatus {
  const filled = filledQty(order);
  const { qty, amendment } = order;
  // While a larger quantity may be in force, the smaller one is not all of it.
  const isWhole = qty !== null && sign(filled) > 0 && compare(filled, max(qty, amendment?.qty ?? qty)) >= 0;
  if (isWhole) return "filled";
  if (isTerminal(order.observedStatus)) {
    return order.observedStatus === "rejected" && sign(filled) > 0 ? "canceled" : order.observedStatus;
  }
  return sign(filled) > 0 ? "partially_filled" : order.observedStatus;
}

/** Whether it can still trade, as far as is known. An unknown one can. */
export function isActive(order: Order): boolean {
  return !isTerminal(orderStatus(order));
}

/** Since when the outcome of each unknown order is not known, ms. */
export function unknownSinceMs(book: Book): readonly number[] {
  const unknown = [...book.orders.values()].filter((order) => orderStatus(order) === "unknown");
  return unknown.map(({ knownSinceMs, sentAtMs }) => Math.max(knownSinceMs, sentAtMs ?? 0));
}

/** What an order can be found by. */
export interface OrderRef {
  readonly instrument: string;
  readonly venueOrderId?: string;
  readonly previousVenueOrderIds?: readonly string[];
  readonly clientOrderId?: string;
}

/** R9: by venue order id, then by a previous one, then by client order id. */
export function findOrder(book: Book, ref: OrderRef): Order | undefined {
  const ids = ref.venueOrderId === undefined ? [] : [ref.venueOrderId];
  for (const id of [...ids, ...(ref.previousVenueOrderIds ?? [])]) {
    const key = book.ordersByVenueId.get(joinParts([ref.instrument, id]));
    if (key) return book.orders.get(key);
  }
  if (ref.clientOrderId === undefined) return undefined;
  const key = book.ordersByClientId.get(joinParts([ref.instrument, ref.clientOrderId]));
  const order = key && book.orders.get(key);
  if (!order) return undefined;
  // Some venues let a client id be used again once its order is closed: another venue id is another order.
  const isOther = ref.venueOrderId !== undefined && order.venueOrderId !== null;
  return isOther && !isActive(order) ? undefined : order;
}

/** Whether an order is the exit that somebody attached to another one at the venue: a bracket's stop or target. */
export function isBracketExit(book: Book, instrument: string, parentVenueOrderId: string | null): boolean {
  if (parentVenueOrderId === null) return false;
  return findOrder(book, { instrument, venueOrderId: parentVenueOrderId })?.isOurs !== false;
}

export function newOrder(orderKey: OrderKey, instrument: string, tsMs: number): Order {
  return {
    orderKey,
    instrument,
    leg: null,
    clientOrderId: null,
    venueOrderId: null,
    previousVenueOrderIds: [],
    parentVenueOrderId: null,
    side: null,
    type: null,
    qty: null,
    notional: null,
    price: null,
    triggerPrice: null,
    reduceOnly: null,
    observedStatus: "open",
    venueStatus: null,
    statusSource: "venue",
    unbackedQty: ZERO,
    fillsQty: ZERO,
    fillsValue: ZERO,
    fillsPayoff: "linear",
    strategy: null,
    absentSinceMs: null,
    unheardSinceMs: null,
    isOurs: null,
    createdAt: null,
    updatedAt: null,
    cancelRequestedAt: null,
    statusReason: null,
    timeInForce: null,
    intentId: null,
    signalId: null,
    tags: {},
    sentAtMs: null,
    sentSeq: null,
    amendment: null,
    amendedSeq: null,
    knownSinceMs: tsMs,
  };
}

export function changeOrder(book: Book, order: Order, change: OrderChange, source: string): void {
  const { venueOrderId, previousVenueOrderIds, status, unbackedQty, ...plain } = change;
  Object.assign(order, plain);
  if (unbackedQty !== undefined) order.unbackedQty = unbackedQty;
  if (status !== undefined) {
    order.observedStatus = status;
    order.statusSource = source;
  }
  const known = new Set([...order.previousVenueOrderIds, ...(previousVenueOrderIds ?? [])]);
  if (venueOrderId !== undefined && venueOrderId !== order.venueOrderId) {
    if (order.venueOrderId !== null) known.add(order.venueOrderId);
    order.venueOrderId = venueOrderId;
  }
  if (order.venueOrderId !== null) known.delete(order.venueOrderId);
  order.previousVenueOrderIds = [...known].sort();
  indexOrder(book, order);
}

export function indexOrder(book: Book, order: Order): void {
  const ids =
    order.venueOrderId === null
      ? order.previousVenueOrderIds
      : [order.venueOrderId, ...order.previousVenueOrderIds];
  for (const id of ids) book.ordersByVenueId.set(joinParts([order.instrument, id]), order.orderKey);
  if (order.clientOrderId === null) return;
  book.ordersByClientId.set(joinParts([order.instrument, order.clientOrderId]), order.orderKey);
}

/** Books a fill or an estimate (negative to take it back) on its order. @param value By the payoff, signed. */
export function addToOrder(order: Order, qty: Decimal, value: Decimal | null, payoff: Payoff): void {
  order.fillsPayoff = payoff;
  order.fillsQty = add(order.fillsQty, qty);
  order.fillsValue = order.fillsValue === null || value === null ? null : add(order.fillsValue, value);
}
