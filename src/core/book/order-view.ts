// An order as bots read it: what was asked for, how far it is, and how that is known. Derived at every call.
import type { Tags } from "../commands/intent.ts";
import type { Decimal } from "../decimal.ts";
import type { Leg, OrderStatus, Side, TimeInForce } from "../words.ts";
import type { Order } from "./book.ts";
import { avgFillPrice, filledQty, orderStatus } from "./orders.ts";

export interface OrderView {
  readonly instrument: string;
  readonly leg: Leg | null;
  readonly clientOrderId: string | null;
  readonly venueOrderId: string | null;
  /** Null for an order that trueup did not send. */
  readonly intentId: string | null;
  readonly strategy: string | null;
  readonly signalId: string | null;
  readonly tags: Tags;
  readonly side: Side | null;
  readonly type: string | null;
  /** Not signed; null for an order by notional. */
  readonly qty: Decimal | null;
  readonly notional: Decimal | null;
  readonly price: Decimal | null;
  readonly triggerPrice: Decimal | null;
  readonly timeInForce: TimeInForce | null;
  readonly reduceOnly: boolean | null;
  readonly status: OrderStatus;
  /** Why it was rejected, or why its outcome is not known; null where nothing was told. */
  readonly statusReason: string | null;
  readonly filledQty: Decimal;
  /** Null while nothing is filled, or where a price is not known. */
  readonly avgPrice: Decimal | null;
  /** When a cancel was asked for, ms; that it was cancelled, the status says. */
  readonly cancelRequestedAt: number | null;
  /** Whether a change was asked for that the venue has neither shown nor denied. */
  readonly isAmending: boolean;
  readonly createdAt: number | null;
}

export function orderView(order: Order): OrderView {
  const { instrument, leg, clientOrderId, venueOrderId, intentId, strategy, side, type, qty, notional } =
    order;
  const {
    signalId,
    tags,
    price,
    triggerPrice,
    timeInForce,
    reduceOnly,
    statusReason,
    cancelRequestedAt,
    createdAt,
  } = order;
  return {
    instrument,
    leg,
    clientOrderId,
    venueOrderId,
    intentId,
    strategy,
    signalId,
    tags,
    side,
    type,
    qty,
    notional,
    price,
    triggerPrice,
    timeInForce,
    reduceOnly,
    status: orderStatus(order),
    statusReason,
    filledQty: filledQty(order),
    avgPrice: avgFillPrice(order),
    cancelRequestedAt,
    isAmending: order.amendment !== null,
    createdAt,
  };
}
