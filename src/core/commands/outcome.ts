// What an order is after the venue answered a command, or did not. An answer that comes late never undoes what the
// venue's own rows and fills have shown meanwhile; and silence is no answer.
import type { Book, Order } from "../book/book.ts";
import { filledQty, findOrder, isTerminal, orderStatus } from "../book/orders.ts";
import { compare, isZero, ZERO } from "../decimal.ts";
import type { OrderRow } from "../facts.ts";
import type { OrderKey } from "../keys.ts";
import { plainChanges } from "../reconcile/order-rows.ts";
import { type Draft, draft, type OrderChange } from "../records.ts";

/** The answer to a command, as far as the core looks at it. */
export type Answer =
  | { readonly kind: "accepted"; readonly venueOrderId?: string; readonly row?: OrderRow }
  | { readonly kind: "rejected"; readonly sent: boolean; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

export function submissionDrafts(book: Book, orderKey: OrderKey, answer: Answer): Draft[] {
  const order = book.orders.get(orderKey);
  if (!order) return [];
  return observed(order, submissionChange(order, answer));
}

function submissionChange(order: Order, answer: Answer): OrderChange {
  switch (answer.kind) {
    case "accepted":
      return { ...idsOf(order, answer), ...(mayBeOpened(order) && { status: "open", statusReason: null }) };
    case "rejected":
      // What has a venue id or a fill was not rejected, whatever this answer says; a pass looks into it.
      return isAtVenue(order) || !isWaiting(order)
        ? {}
        : { status: "rejected", statusReason: answer.reason, ...(order.amendment && { amendment: null }) };
    case "unknown":
      return isWaiting(order) && !isAtVenue(order) ? { status: "unknown", statusReason: answer.reason } : {};
  }
}

/** Nothing but look-ups, or nothing at all, has been heard of it: an acceptance is news, however late. */
function mayBeOpened(order: Order): boolean {
  const isByVenue = order.statusSource === "venue" || order.statusSource === "stream";
  return isWaiting(order) || (isTerminal(order.observedStatus) && !isByVenue);
}

function isWaiting({ observedStatus }: Order): boolean {
  return observedStatus === "pending" || observedStatus === "unknown";
}

function isAtVenue(order: Order): boolean {
  return order.venueOrderId !== null || !isZero(filledQty(order));
}

function idsOf(order: Order, { venueOrderId, row }: Answer & { kind: "accepted" }): OrderChange {
  const id = venueOrderId ?? row?.venueOrderId;
  return id !== undefined && order.venueOrderId === null ? { venueOrderId: id } : {};
}

/**
 * A look-up found the order: it is at the venue, or was. That it is filled its fills say, which a pass reads; and an end is
 * believed together with what was filled by then, so that nothing is sent for a quantity that has traded already.
 */
export function foundDrafts(book: Book, orderKey: OrderKey, row: OrderRow): Draft[] {
  const order = book.orders.get(orderKey);
  if (!order || !isWaiting(order) || !isRowOf(book, order, row)) return [];
  const isBooked = compare(row.filledQty ?? ZERO, filledQty(order)) <= 0;
  const isEnded = row.status !== undefined && row.status !== "filled" && isTerminal(row.status) && isBooked;
  const change = { ...plainChanges(order, row), status: isEnded ? row.status : "open", statusReason: null };
  // It is the venue's own row: no acceptance that comes later undoes an end that it tells.
  const payload = { orderKey, instrument: order.instrument, change, source: "venue" as const };
  return [draft("order_state_observed", payload, "command")];
}

/** Whether the venue answered for the order that it was asked for: what another one is says nothing of this one. */
function isRowOf(book: Book, order: Order, row: OrderRow): boolean {
  if (row.instrument !== order.instrument) return false;
  const known = findOrder(book, row);
  if (known) return known === order;
  // Under a client id of another's making only where the order replaced the one that was sent.
  const isReplaced = (row.previousVenueOrderIds ?? []).length > 0;
  return isReplaced || row.clientOrderId === undefined || row.clientOrderId === order.clientOrderId;
}

/** An amendment that was accepted is in force; one whose outcome is not known stays until a row shows or denies it. */
export function amendmentDrafts(book: Book, orderKey: OrderKey, intentId: string, answer: Answer): Draft[] {
  const order = book.orders.get(orderKey);
  const amendment = order?.amendment;
  // An answer that comes late may find that another change is asked for by now: it says nothing of that one.
  if (!order || amendment?.intentId !== intentId || answer.kind === "unknown") return [];
  if (answer.kind === "rejected") return observed(order, { amendment: null, statusReason: answer.reason });
  const { qty, price, triggerPrice, clientOrderId } = amendment;
  const id = answer.venueOrderId ?? answer.row?.venueOrderId;
  const isReplaced = id !== undefined && order.venueOrderId !== null && id !== order.venueOrderId;
  const asked = {
    ...(qty !== undefined && { qty }),
    ...(price !== undefined && { price }),
    ...(triggerPrice !== undefined && { triggerPrice }),
    ...(id !== undefined && id !== order.venueOrderId && { venueOrderId: id }),
    ...(isReplaced && { clientOrderId }),
  };
  const told = answer.row ? plainChanges(order, answer.row) : {};
  return observed(order, { ...asked, ...told, amendment: null });
}

/** After a start nobody waits for these answers any more: what was sent, or may have been, is not known (R16). */
export function forgottenDrafts(book: Book): Draft[] {
  const waiting = [...book.orders.values()].filter(
    (order) => order.intentId !== null && orderStatus(order) === "pending",
  );
  const statusReason = "trueup ended before the venue answered";
  return waiting.flatMap((order) => observed(order, { status: "unknown", statusReason }));
}

function observed({ orderKey, instrument }: Order, change: OrderChange): Draft[] {
  if (Object.keys(change).length === 0) return [];
  return [draft("order_state_observed", { orderKey, instrument, change, source: "command" }, "command")];
}
