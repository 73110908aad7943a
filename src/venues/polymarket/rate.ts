// What a request to Polymarket costs: of the Data API and the CLOB by the address of this machine, and of orders and cancels
// by the signer's address, each from a bucket of its own.
import type { Clock } from "../../runtime/index.ts";
import { type Purpose, RateBudgets, type RateLimit, sharedBudget } from "../wire/rate.ts";

/**
 * The narrowest of the limits that the adapter's reads come under, taken for all of them; orders and cancels by the least
 * of the volume tiers.
 * @see https://docs.polymarket.com/api-reference/rate-limits (positions and balances, by address)
 * @see https://docs.polymarket.com/api-reference/trading-rate-limits (orders 40/s and 60 at once, cancels 80/s and 120 at
 * once, by signer; both read 2026-11)
 */
const DATA: RateLimit = { unit: "requests", allowed: 150, perMs: 10_000, tradeReserve: 0, cancelReserve: 0 };
const CLOB: RateLimit = { unit: "requests", allowed: 200, perMs: 10_000, tradeReserve: 20, cancelReserve: 0 };
const ORDERS: RateLimit = { unit: "orders", allowed: 40, perMs: 1_000, tradeReserve: 0, cancelReserve: 0 };
const CANCELS: RateLimit = { unit: "cancels", allowed: 80, perMs: 1_000, tradeReserve: 0, cancelReserve: 0 };

export function budgetsOf(clock: Clock, signer: string): RateBudgets {
  const by = (name: string, whose: string, limit: RateLimit) =>
    sharedBudget(clock, ["polymarket", name, whose.toLowerCase()], limit);
  return new RateBudgets([
    by("data", "this machine", DATA),
    by("clob", "this machine", CLOB),
    by("orders", signer, ORDERS),
    by("cancels", signer, CANCELS),
  ]);
}

export function costOf({ method, url }: { readonly method: string; readonly url: URL }): {
  readonly units: readonly number[];
  readonly purpose: Purpose;
} {
  // Asked with a body, and no order.
  if (url.pathname === "/books") return { units: [0, 1, 0, 0], purpose: "read" };
  // A heartbeat keeps orders alive that are there: nothing comes before it but cancels.
  if (url.pathname === "/v1/heartbeats") return { units: [0, 1, 0, 0], purpose: "cancel" };
  if (method === "POST") return { units: [0, 0, 1, 0], purpose: "trade" };
  if (method === "DELETE") return { units: [0, 0, 0, 1], purpose: "cancel" };
  // The order book is read for an order.
  if (url.pathname === "/book") return { units: [0, 1, 0, 0], purpose: "trade" };
  return { units: url.pathname.startsWith("/v2/") ? [1, 0, 0, 0] : [0, 1, 0, 0], purpose: "read" };
}
