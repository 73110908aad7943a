// What the stream tells of the end of orders, kept for the next passes. A list of open orders leaves an ended one out and does not
// say why; where single orders cannot be asked for, the stream's row is the only word that the venue ever says of it.
import {
  compare,
  type Decimal,
  filledQty,
  findOrder,
  isActive,
  isTerminal,
  type OrderKey,
  type OrderLookup,
  type OrderRow,
  type PassContext,
  unseenOrders,
} from "../core/index.ts";

/** More ends are not told between two passes; the oldest is forgotten. */
const KEPT_MAX = 1_000;

interface EndTold {
  /** Nothing but which order it is, and how it ended. */
  readonly row: OrderRow;
  readonly filled: Decimal;
}

/** By instrument and venue order id; what has none cannot be told from another one. */
export type EndsTold = Map<string, EndTold>;

/** Keeps a row that tells an end, and how much was filled by then; one that is filled is left to its fills. */
export function noteEnd(ends: EndsTold, told: OrderRow): void {
  const { instrument, venueOrderId, clientOrderId, status, filledQty: filled } = told;
  if (status === undefined || status === "filled" || !isTerminal(status)) return;
  if (!venueOrderId || filled === undefined) return;
  const row = { instrument, venueOrderId, status, ...(clientOrderId !== undefined && { clientOrderId }) };
  const key = JSON.stringify([instrument, venueOrderId]);
  ends.delete(key);
  ends.set(key, { row, filled });
  const [oldest] = ends.keys();
  if (ends.size > KEPT_MAX && oldest !== undefined) ends.delete(oldest);
}

/** For orders that this read leaves out and that no look-up shows: the rows that told their end. */
export function endsOfUnseen(
  ends: EndsTold,
  context: PassContext,
  lookups: ReadonlyMap<OrderKey, OrderLookup>,
): Map<OrderKey, OrderLookup> {
  const found = new Map<OrderKey, OrderLookup>();
  if (ends.size === 0) return found;
  const unseen = new Set(unseenOrders(context).map(({ orderKey }) => orderKey));
  for (const [key, { row, filled }] of ends) {
    const order = findOrder(context.book, row);
    // While it is being replaced, the end may be of what it was, and the order go on under another id.
    if (!order || order.amendment !== null) continue;
    const isOfNow = order.venueOrderId === row.venueOrderId || order.venueOrderId === null;
    if (!isOfNow || !isActive(order)) {
      ends.delete(key);
      continue;
    }
    if (!unseen.has(order.orderKey) || lookups.get(order.orderKey)?.kind === "row") continue;
    // An end counts together with the fills before it. They are told by themselves, and this is no place to infer them: one
    // may have been taken back since.
    if (compare(filled, filledQty(order)) <= 0) found.set(order.orderKey, { kind: "row", row });
  }
  return found;
}
