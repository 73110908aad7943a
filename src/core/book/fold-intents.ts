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
    if (asked.exit !== undefined) book.orderPlans.set(orderKey, asked.exit);
    book.intents.set(asked.intentId, { orderKey, digest: digestOfIntent(asked) });
    return;
  }
  const { action: _, newClientOrderId, ...asked } = intent;
  amendOrder(book.orders.get(orderKey), asked, newClientOrderId, tsMs);
  // Where amending replaces an order, the new one is found by the name that was chosen for it.
  book.ordersByClientId.set(joinParts([asked.instrument, newClientOrderId]), orderKey);
  book.intents.set(asked.intentId, { orderKey, digest: digestOfIntent(asked) });
}

/** What left earlier is in no limit any more. In ms. */
const AMENDED_MS = 60_000;

export function applySent(
  book: Book,
  { payload, seq, tsMs }: JournalRecordOf<"order_sent">,
  touched: Touched,
): void {
  if (payload.action === "amend") {
    book.amendedAtMs = [...book.amendedAtMs.filter((atMs) => tsMs - atMs < AMENDED_MS), tsMs];
  }
  const order = book.orders.get(payload.orderKey);
  // How long its outcome is unknown counts from when the order left, not from what was asked of it since.
  if (!order || payload.action !== "submit") return;
  order.sentAtMs = tsMs;
  order.sentSeq = seq;
  touched.orders.add(payload.orderKey);
}

/**
 * What became of an amendment that nothing more is waited for.
 * @param order As the record left it.
 */
export function endAmendment(
  book: Book,
  order: Order,
  { amendment: asked, ...before }: Readonly<Order>,
  { payload: { source, change }, seq }: JournalRecordOf<"order_state_observed">,
): void {
  if (asked === null) return;
  const known = book.intents.get(asked.intentId);
  const isByAnswer = source === "command";
  const fields = (["qty", "price", "triggerPrice"] as const).filter((field) => asked[field] !== undefined);
  // One field is enough: a venue may cut the quantity of a reduce-only order that it has amended.
  const isShown =
    order.clientOrderId === asked.clientOrderId ||
    fields.some((field) => asked[field] === order[field] && before[field] !== order[field]) ||
    fields.every((field) => asked[field] === order[field]);
  const refusal = isByAnswer ? (change.statusReason ?? null) : null;
  const isInForce = isByAnswer ? refusal === null : isShown;
  if (isByAnswer && isInForce) order.amendedSeq = seq;
  const reason = isInForce ? null : (refusal ?? "the venue shows the order without it");
  if (known) book.intents.set(asked.intentId, { ...known, amended: { isInForce, reason } });
}

function orderOf(intent: OrderIntent, order: Order, clientOrderId: string, tsMs: number): Order {
  const { leg, side, type, reduceOnly, timeInForce, intentId, strategy } = intent;
  Object.assign(order, { clientOrderId, leg, side, type, reduceOnly, timeInForce, intentId });
  order.qty = intent.qty ?? null;
  order.notional = intent.notional ?? null;
  order.price = intent.price ?? null;
  order.triggerPrice = intent.triggerPrice ?? null;
  order.strategy = strategy === UNATTRIBUTED ? null : strategy;
  order.signalId = intent.signalId ?? null;
  order.tags = intent.tags ?? {};
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
