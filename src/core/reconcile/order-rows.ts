// Order rows of one read: one row an order, rows that contradict themselves, and what a row changes on the order
// that the book has. A row that is behind the book is older and changes nothing.
import type { Order } from "../book/book.ts";
import { filledQty, isTerminal, orderStatus, rankOf } from "../book/orders.ts";
import { compare, type Decimal, isZero, subtract, ZERO } from "../decimal.ts";
import { type Deduplicated, deduplicate } from "../diff.ts";
import { type OrderRow, withoutEmptyIds } from "../facts.ts";
import { joinParts } from "../keys.ts";
import type { OrderChange } from "../records.ts";
import type { OrderStatus } from "../words.ts";

export function orderRows(reported: readonly OrderRow[]): Deduplicated<OrderRow> {
  return deduplicate(
    reported.map(withoutEmptyIds),
    (row) =>
      joinParts([row.instrument, row.venueOrderId ?? "", row.venueOrderId ? "" : (row.clientOrderId ?? "")]),
    (a, b) => JSON.stringify(a) === JSON.stringify(b),
    mostAdvanced,
  );
}

/** R9: of two rows of one order the most advanced. */
function mostAdvanced(a: OrderRow, b: OrderRow): OrderRow {
  const byStatus = rankOf(a.status ?? "unknown") - rankOf(b.status ?? "unknown");
  if (byStatus !== 0) return byStatus > 0 ? a : b;
  const byFilled = compare(a.filledQty ?? ZERO, b.filledQty ?? ZERO);
  if (byFilled !== 0) return byFilled > 0 ? a : b;
  return (a.updatedAt ?? 0) >= (b.updatedAt ?? 0) ? a : b;
}

/**
 * Why a row cannot be believed; null when it can. What it leaves out is taken from what is known of the order.
 * @param isPastTelling Whether its fills are older than the venue keeps any: more filled than ordered is then its last word.
 */
export function contradiction(row: OrderRow, order: Order | undefined, isPastTelling = false): string | null {
  // A row under an id that was replaced is about another quantity than the order now has.
  const known = order && !isReplacedId(order, row) ? order : undefined;
  const isNews = row.filledQty !== undefined || (row.qty !== undefined && row.qty !== known?.qty);
  const qty = row.qty ?? known?.qty ?? undefined;
  const filled = row.filledQty ?? (known && filledQty(known));
  if (!isNews || qty === undefined || filled === undefined) return null;
  // Its own fills say so too: that is what happened, however little was ordered, or was left of it by an amendment.
  const isProven = row.filledQty !== undefined && filled === known?.fillsQty && isItsQty(qty, row, known);
  if (compare(filled, qty) > 0 && !isProven && !(isPastTelling && row.filledQty !== undefined)) {
    const source = row.filledQty === undefined ? "known to be filled" : "filled";
    return `the venue's row says ${qty} ordered, with ${filled} ${source}`;
  }
  // "Filled" without a number means all of it.
  if (row.status !== "filled" || row.filledQty === undefined || compare(filled, qty) >= 0) return null;
  return `the venue's row says "filled" with ${filled} of ${qty} filled`;
}

/**
 * Whether a row may say so little: it was known, or was asked for; or the order is over, so that nothing more can be filled
 * of what the row leaves out.
 */
function isItsQty(qty: Decimal, { status }: OrderRow, known: Order): boolean {
  if (qty === known.qty || qty === known.amendment?.qty) return true;
  return status !== undefined && isTerminal(status);
}

function isReplacedId(order: Order, { venueOrderId, previousVenueOrderIds }: OrderRow): boolean {
  if (venueOrderId === undefined || venueOrderId === order.venueOrderId) return false;
  // A row that names the present id as an earlier one tells how the order is now: its replacement was refused.
  const isBack = order.venueOrderId !== null && previousVenueOrderIds?.includes(order.venueOrderId) === true;
  return !isBack && order.previousVenueOrderIds.includes(venueOrderId);
}

/** What the venue says is filled; "filled" without a number means all of it. */
export function filledByVenue(row: OrderRow): Decimal | undefined {
  if (row.filledQty !== undefined) return row.filledQty;
  return row.status === "filled" ? row.qty : undefined;
}

/** Filled at the venue and not here; zero when the row is behind. */
export function missingQty(order: Order | undefined, row: OrderRow): Decimal {
  const venue = filledByVenue(row) ?? (row.status === "filled" ? (order?.qty ?? undefined) : undefined);
  if (venue === undefined) return ZERO;
  const local = order ? filledQty(order) : ZERO;
  return compare(venue, local) > 0 ? subtract(venue, local) : ZERO;
}

/**
 * Whether the row is from an earlier moment of the order than the book is at.
 * @param readSeq The last record when the read began.
 */
export function isBehind(order: Order, row: OrderRow, readSeq = Number.POSITIVE_INFINITY): boolean {
  if (isOfEarlierOrder(order, row, readSeq)) return true;
  const filled = filledByVenue(row);
  if (filled !== undefined && compare(filled, filledQty(order)) < 0) return true;
  if (row.status === undefined) return false;
  const local = orderStatus(order);
  // All of what was known of it is filled, and the venue says that there is more of it.
  const isGrown = row.qty !== undefined && order.qty !== null && compare(row.qty, order.qty) > 0;
  if (isGrown && isTerminal(local) && !isTerminal(order.observedStatus)) return false;
  // A status that was inferred, that follows from an answer to a command, or that a person stated, gives way to the venue's own row.
  const isInferred = ["inferred", "lookup", "command", "person"].includes(order.statusSource);
  return rankOf(row.status) < rankOf(local) && !(isInferred && isTerminal(local));
}

/** What is read before an amendment is in force, or under an id that was replaced, tells how that ended, not this. */
function isOfEarlierOrder(order: Order, row: OrderRow, readSeq: number): boolean {
  return (order.amendedSeq !== null && order.amendedSeq > readSeq) || isReplacedId(order, row);
}

/**
 * The end that a row tells although the book has more of the order filled: whatever was filled since, or was taken back
 * without a word, an end stays an end. Undefined where the row tells none.
 */
export function endToldBehind(
  order: Order,
  row: OrderRow,
  readSeq = Number.POSITIVE_INFINITY,
): OrderStatus | undefined {
  const { status } = row;
  if (status === undefined || status === "filled" || !isTerminal(status)) return undefined;
  if (isTerminal(orderStatus(order)) || isOfEarlierOrder(order, row, readSeq)) return undefined;
  return status;
}

const COMPARED = ["leg", "side", "type", "qty", "notional", "price", "triggerPrice", "reduceOnly"] as const;
const NOTED = ["parentVenueOrderId", "venueStatus", "createdAt", "cancelRequestedAt", "strategy"] as const;

/** What a row that is not behind changes, its status and fills left aside. */
export function plainChanges(order: Order, row: OrderRow): OrderChange {
  const change: Record<string, unknown> = {};
  for (const field of [...COMPARED, ...NOTED]) {
    const value = row[field];
    if (value !== undefined && value !== order[field]) change[field] = value;
  }
  if (row.venueOrderId !== undefined && row.venueOrderId !== order.venueOrderId) {
    change.venueOrderId = row.venueOrderId;
  }
  const known = new Set([...order.previousVenueOrderIds, order.venueOrderId]);
  const previous = (row.previousVenueOrderIds ?? []).filter((id) => !known.has(id));
  if (previous.length > 0) change.previousVenueOrderIds = previous;
  if (order.clientOrderId === null && row.clientOrderId !== undefined)
    change.clientOrderId = row.clientOrderId;
  if (order.absentSinceMs !== null) change.absentSinceMs = null;
  // A gap in the history is over for it once all that its row shows as filled is booked.
  if (order.unheardSinceMs !== null && isZero(missingQty(order, row))) change.unheardSinceMs = null;
  return change as OrderChange;
}

export interface AmendmentAge {
  /** How long before this read it was asked for. */
  readonly ageMs: number;
  readonly settleMs: number;
  readonly isOnItsWay: boolean;
}

/**
 * What becomes of an amendment that was asked for: the row shows it, or the order has ended, or the venue has had
 * time enough and still shows the order as it was. While the request may be on its way, no time is enough.
 */
export function amendmentChange(
  order: Order,
  row: OrderRow,
  { ageMs, settleMs, isOnItsWay }: AmendmentAge,
): OrderChange {
  const { amendment } = order;
  if (amendment === null) return {};
  const fields = ["qty", "price", "triggerPrice"] as const;
  const isShown = fields.every((field) => amendment[field] === undefined || row[field] === amendment[field]);
  const isNamed = row.clientOrderId !== undefined && row.clientOrderId === amendment.clientOrderId;
  const hasEnded = row.status !== undefined && isTerminal(row.status);
  const isDenied = !isOnItsWay && ageMs >= settleMs;
  return {
    ...((isShown || isNamed || hasEnded || isDenied) && { amendment: null }),
    ...(isNamed && order.clientOrderId !== row.clientOrderId && { clientOrderId: row.clientOrderId }),
  };
}

/** The status that a row brings, once its fills are booked; undefined when it says nothing new. */
export function statusChange(order: Order, row: OrderRow, willFill: Decimal): OrderStatus | undefined {
  if (row.status === undefined) return undefined;
  if (row.status === order.observedStatus) return undefined;
  // What fills alone say needs no record.
  const isImplied = row.status === orderStatus(order) && order.statusSource !== "inferred";
  const isByFills = !isZero(willFill) && (row.status === "filled" || row.status === "partially_filled");
  return isImplied || isByFills ? undefined : row.status;
}

/** The fields that a person would call different, as both sides have them. */
export function differingFields(
  order: Order,
  row: OrderRow,
): Record<string, { local: string | null; venue: string | null }> {
  const fields: Record<string, { local: string | null; venue: string | null }> = {};
  for (const field of COMPARED) {
    const value = row[field];
    if (value !== undefined && value !== order[field])
      fields[field] = { local: text(order[field]), venue: text(value) };
  }
  const filled = filledByVenue(row);
  if (filled !== undefined && filled !== filledQty(order)) {
    fields.filledQty = { local: filledQty(order), venue: filled };
  }
  if (row.status !== undefined && row.status !== orderStatus(order)) {
    fields.status = { local: orderStatus(order), venue: row.status };
  }
  return fields;
}

function text(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
