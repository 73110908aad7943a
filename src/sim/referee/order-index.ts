// All orders that there ever were, by every id that they ever had, and those that are open by instrument.
import type { OrderRow } from "../../core/index.ts";
import type { VenueOrder } from "./order.ts";

export interface OrderId {
  readonly venueOrderId?: string;
  readonly clientOrderId?: string;
}

export class OrderIndex {
  private readonly all: VenueOrder[] = [];
  private readonly byVenueId = new Map<string, VenueOrder>();
  private readonly byClientId = new Map<string, VenueOrder>();
  private readonly openOf = new Map<string, Set<VenueOrder>>();
  private readonly placed = new Map<string, number>();
  private shown: readonly OrderRow[] | undefined;

  add(order: VenueOrder): void {
    this.all.push(order);
    this.changed(order);
    this.addIds(order);
  }

  /** To be called when the order has got ids, at first or by a replacement. */
  addIds(order: VenueOrder): void {
    const { venueOrderId, clientOrderId } = order;
    this.byVenueId.set(venueOrderId, order);
    if (clientOrderId === undefined) return;
    this.byClientId.set(clientOrderId, order);
    this.placed.set(clientOrderId, (this.placed.get(clientOrderId) ?? 0) + 1);
  }

  /** To be called after each change of an order. */
  changed(order: VenueOrder): void {
    this.shown = undefined;
    const { instrument } = order.facts;
    const open = this.openOf.get(instrument) ?? new Set();
    this.openOf.set(instrument, open);
    if (order.isOpen) open.add(order);
    else open.delete(order);
  }

  find({ venueOrderId, clientOrderId }: OrderId): VenueOrder | undefined {
    const byVenueId = venueOrderId === undefined ? undefined : this.byVenueId.get(venueOrderId);
    return byVenueId ?? (clientOrderId === undefined ? undefined : this.byClientId.get(clientOrderId));
  }

  isClientIdUsed(clientOrderId: string): boolean {
    return this.byClientId.has(clientOrderId);
  }

  /** Oldest first; a list of its own, whatever becomes of the orders meanwhile. */
  open(instrument: string): readonly VenueOrder[] {
    return [...(this.openOf.get(instrument) ?? [])];
  }

  rows(isHedge: boolean): readonly OrderRow[] {
    this.shown ??= Object.freeze(this.all.map((order) => order.row(isHedge)));
    return this.shown;
  }

  placements(): ReadonlyMap<string, number> {
    return new Map(this.placed);
  }
}
