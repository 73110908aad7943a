// Which spot orders are conditional. A cancel or amendment of one must say so ("Order by default"), or Bybit does not find
// it: what its row last said is remembered.
// @see https://bybit-exchange.github.io/docs/v5/order/cancel-order (orderFilter, read 2026-11)
import { isObject } from "../wire/fields.ts";

export type OrderFilter = "Order" | "StopOrder" | "tpslOrder" | "OcoOrder" | "BidirectionalTpslOrder";

/** More open orders than an account may have on spot. */
const REMEMBERED_MAX = 5_000;

const OF_STOP_TYPE: Readonly<Record<string, OrderFilter>> = {
  Stop: "StopOrder",
  tpslOrder: "tpslOrder",
  OcoOrder: "OcoOrder",
  BidirectionalTpslOrder: "BidirectionalTpslOrder",
};

export class SpotFilters {
  private readonly byId = new Map<string, OrderFilter>();

  /** @param item A row as Bybit wrote it. Once it is triggered it is an order like any other. */
  note(item: unknown): void {
    if (!isObject(item)) return;
    const { orderId, orderLinkId, stopOrderType, orderStatus } = item;
    const isWaiting = orderStatus === "Untriggered";
    const filter = isWaiting ? (OF_STOP_TYPE[String(stopOrderType)] ?? "Order") : "Order";
    this.remember(orderId, filter);
    this.remember(orderLinkId, filter);
  }

  remember(id: unknown, filter: OrderFilter): void {
    if (typeof id !== "string" || id === "") return;
    if (this.byId.size >= REMEMBERED_MAX) this.byId.clear();
    this.byId.set(id, filter);
  }

  of(...ids: readonly (string | undefined)[]): OrderFilter | undefined {
    for (const id of ids) {
      const filter = id === undefined ? undefined : this.byId.get(id);
      if (filter !== undefined) return filter;
    }
    return undefined;
  }
}
