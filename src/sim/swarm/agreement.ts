// Whether what trueup believes is what the account is: quantities, balances, orders, the bot's store, the gate. Texts name
// what differs; what is openly held as not known is no difference.
import { balanceTotal, isActive, orderStatus, positionKey, positionQty } from "../../core/index.ts";
import type { World } from "../invariants/world.ts";

export function agreement(world: World): string[] {
  const session = world.session();
  if (!session) return ["nothing runs"];
  const { book } = session;
  const { referee } = world;
  const legs = referee.positionMode === "hedge" ? (["long", "short"] as const) : (["net"] as const);
  const found: string[] = [];
  for (const { symbol } of referee.instruments) {
    for (const leg of legs) {
      const venue = referee.qty(symbol, leg);
      const local = positionQty(book, positionKey(symbol, leg));
      if (local !== venue) found.push(`${leg} ${symbol}: the book has ${local}, the venue ${venue}`);
    }
  }
  for (const { asset, total } of referee.balances()) {
    const known = book.balances.get(asset);
    const local = known ? balanceTotal(known) : null;
    if (local === null || differs(local, total))
      found.push(`balance of ${asset}: the book has ${local}, the venue ${total}`);
  }
  for (const order of book.orders.values()) {
    const status = orderStatus(order);
    const id = order.venueOrderId
      ? { venueOrderId: order.venueOrderId }
      : { clientOrderId: order.clientOrderId ?? "" };
    const atVenue = referee.find(id)?.status;
    const isOpen = atVenue === "open" || atVenue === "partially_filled";
    if (isActive(order) !== isOpen)
      found.push(`order ${order.orderKey} is ${status}, at the venue ${atVenue ?? "absent"}`);
  }
  return found;
}

/** By more than a cent, or by a part in a billion. */
function differs(local: string, venue: string): boolean {
  const [a, b] = [Number(local), Number(venue)];
  return Math.abs(a - b) > 0.011 + Math.abs(b) * 1e-9;
}
