// The part of the fold that follows commands: an intent makes or marks its order before anything is sent.
import { type AmendIntent, digestOfIntent, type OrderIntent } from "../commands/intent.ts";
import { joinParts } from "../keys.ts";
import type { JournalRecordOf } from "../records.ts";
import { UNATTRIBUTED } from "../words.ts";
import type { Book, Order } from "./book.ts";
import { indexOrder, newOrder } from "./orders.ts";
import type { Touched } from "./touched.ts";

export function applyIntent(
  book: Book,
  { payload: { orderKey, intent }, tsMs }: JournalRecordOf<"intent_recorded">,
  touched: Touched,
): void {
  touched.orders.add(orderKey);
  if (intent.action === "cancel") {
    const order = book.orders.get(orderKey);
    if (order) order.cancelRequestedAt ??= tsMs;
    return;
  }
  if (intent.action === "submit") {
    const { action: _, clientOrderId, ...asked } = intent;
    const order = orderOf(asked, newOrder(orderKey, asked.instrument, tsMs), clientOrderId, tsMs);
    book.orders.set(orderKey, order);
    indexOrder(book, order);
    book.intents.set(asked.intentId, { orderKey, digest: digestOfIntent(asked) });
    return;
  }
  const { action: _, newClientOrderId, ...asked } = intent;
  amendOrder(book.orders.get(orderKey), asked, newClientOrderId, tsMs);
  // Where amending replaces an order, the new one is found by the name that was chosen for it.
  book.ordersByClientId.set(joinParts([asked.instrument, newClientOrderId]), orderKey);
  book.intents.set(asked.intentId, { orderKey, digest: digestOfIntent(asked) });
}

export function applySent(
  book: Book,
  { payload, tsMs }: JournalRecordOf<"order_sent">,
  touched: Touched,
): void {
  const order = book.orders.get(payload.orderKey);
  if (!order) return;
  order.sentAtMs = tsMs;
  touched.orders.add(payload.orderKey);
}

function orderOf(intent: OrderIntent, order: Order, clientOrderId: string, tsMs: number): Order {
  const { leg, side, type, reduceOnly, timeInForce, intentId, strategy } = intent;
  Object.assign(order, { clientOrderId, leg, side, type, reduceOnly, timeInForce, intentId });
  order.qty = intent.qty ?? null;
  order.notional = intent.notional ?? null;
  order.price = intent.price ?? null;
  order.triggerPrice = intent.triggerPrice ?? null;
  order.strategy = strategy === UNATTRIBUTED ? null : strategy;
  order.isOurs = true;
  order.createdAt = tsMs;
  order.observedStatus = "pending";
  order.statusSource = "command";
  return order;
}

function amendOrder(
  order: Order | undefined,
  { intentId, qty, price, triggerPrice }: AmendIntent,
  clientOrderId: string,
  tsMs: number,
): void {
  if (!order) return;
  order.amendment = {
    intentId,
    clientOrderId,
    requestedAtMs: tsMs,
    ...(qty !== undefined && { qty }),
    ...(price !== undefined && { price }),
    ...(triggerPrice !== undefined && { triggerPrice }),
  };
}
