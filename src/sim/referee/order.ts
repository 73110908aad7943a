// One order as the venue keeps it, under the ids that it has and had. It holds what is so; what may happen to it is
// decided by who changes it.
import type { Decimal, Leg, OrderRow, OrderStatus, OrderType, Side, TimeInForce } from "../../core/index.ts";
import { type Exact, over, rounded, text, unitOf } from "./exact.ts";

/** Digits after the point that the venue states averages with. */
export const AVERAGE_DIGITS = 8;

export interface OrderFacts {
  readonly instrument: string;
  readonly isInverse: boolean;
  readonly leg: Leg;
  readonly side: Side;
  readonly timeInForce: TimeInForce;
  readonly reduceOnly: boolean;
  /** What it may cost, where it was sized by that. */
  readonly notional?: Decimal;
  readonly createdAt: number;
}

type Ended = "canceled" | "expired";

export class VenueOrder {
  readonly facts: OrderFacts;
  type: OrderType;
  qty: Exact;
  price: Exact | undefined;
  triggerPrice: Exact | undefined;
  filled: Exact = 0n;
  /** Whether it was a stop that has been reached. */
  isTriggered = false;
  /** What is filled was worth: the sum of quantity × price, or of quantity ÷ price. */
  value: Exact = 0n;
  private readonly ids: { venue: string; client: string | undefined; previous: readonly string[] };
  private ended: Ended | "filled" | undefined;
  private updatedAt: number;
  private shown: OrderRow | undefined;

  constructor(
    facts: OrderFacts,
    ids: { readonly venue: string; readonly client: string | undefined },
    terms: {
      readonly type: OrderType;
      readonly qty: Exact;
      readonly price?: Exact | undefined;
      readonly triggerPrice?: Exact | undefined;
    },
  ) {
    this.facts = facts;
    this.ids = { ...ids, previous: [] };
    this.type = terms.type;
    this.qty = terms.qty;
    this.price = terms.price;
    this.triggerPrice = terms.triggerPrice;
    this.updatedAt = facts.createdAt;
  }

  get venueOrderId(): string {
    return this.ids.venue;
  }

  get clientOrderId(): string | undefined {
    return this.ids.client;
  }

  get isOpen(): boolean {
    return this.ended === undefined;
  }

  get isWaitingForTrigger(): boolean {
    return this.type === "stop" || this.type === "stop_limit";
  }

  get remaining(): Exact {
    return this.qty - this.filled;
  }

  get status(): OrderStatus {
    return this.ended ?? (this.filled > 0n ? "partially_filled" : "open");
  }

  /** To be called after each change, with its moment. */
  changed(atMs: number): void {
    this.updatedAt = atMs;
    this.shown = undefined;
    if (this.isOpen && this.remaining <= 0n) this.ended = "filled";
  }

  end(status: Ended, atMs: number): void {
    this.ended = status;
    this.changed(atMs);
  }

  trigger(atMs: number): void {
    this.type = this.type === "stop" ? "market" : "limit";
    this.isTriggered = true;
    this.changed(atMs);
  }

  addFill(qty: Exact, value: Exact, atMs: number): void {
    this.filled += qty;
    this.value += value;
    this.changed(atMs);
  }

  /** An order that was done does not work again for what was taken back of it. */
  takeBackFill(qty: Exact, value: Exact, atMs: number): void {
    if (this.ended === "filled" && this.filled - qty < this.qty) this.ended = "canceled";
    this.addFill(-qty, -value, atMs);
  }

  /** Another order takes its place; it goes on under that one's ids. */
  replaceIds(venue: string, client: string): void {
    this.ids.previous = [...this.ids.previous, this.ids.venue];
    this.ids.venue = venue;
    this.ids.client = client;
  }

  row(isHedge: boolean): OrderRow {
    this.shown ??= Object.freeze(this.describe(isHedge));
    return this.shown;
  }

  private describe(isHedge: boolean): OrderRow {
    const { instrument, leg, side, reduceOnly, notional, createdAt } = this.facts;
    const { venue, client, previous } = this.ids;
    return {
      instrument,
      ...(isHedge && { leg }),
      ...(client !== undefined && { clientOrderId: client }),
      venueOrderId: venue,
      ...(previous.length > 0 && { previousVenueOrderIds: Object.freeze([...previous]) }),
      side,
      type: this.type,
      ...(notional === undefined ? { qty: text(this.qty) } : { notional }),
      filledQty: text(this.filled),
      ...(this.price !== undefined && { price: text(this.price) }),
      ...(this.triggerPrice !== undefined && { triggerPrice: text(this.triggerPrice) }),
      ...this.average(),
      status: this.status,
      reduceOnly,
      createdAt,
      updatedAt: this.updatedAt,
    };
  }

  private average(): Pick<OrderRow, "avgPrice" | "avgPriceScale"> {
    if (this.filled <= 0n || this.value <= 0n) return {};
    const { isInverse } = this.facts;
    const exactly = isInverse ? over(this.filled, this.value) : over(this.value, this.filled);
    const average = rounded(exactly, unitOf(AVERAGE_DIGITS));
    return average > 0n ? { avgPrice: text(average), avgPriceScale: AVERAGE_DIGITS } : {};
  }
}
