// OKX's questions, and its limits: each path of the API has its own, so many requests of one key in two seconds.
// @see https://www.okx.com/docs-v5/en/#overview-rate-limits, and "Rate Limit" of each path (read 2026-11)
import type { Answer } from "../../wire/answer.ts";
import type { Client } from "../client.ts";
import type { Params } from "../exchange.ts";
import type { Limit } from "../profile.ts";

const PER_MS = 2_000;

/** Requests in two seconds. What is not here, lists of markets among it, shares the last one. */
const ALLOWED = {
  "trade/order": 60,
  "trade/cancel-order": 60,
  "trade/amend-order": 60,
  "trade/cancel-algos": 20,
  // One a second.
  "trade/cancel-all-after": 2,
  "trade/orders-pending": 60,
  "trade/orders-algo-pending": 20,
  "trade/order-algo": 20,
  "trade/fills": 60,
  "trade/fills-history": 10,
  "account/positions": 10,
  "account/balance": 10,
  "account/config": 5,
  "account/bills": 5,
  "account/bills-archive": 5,
  "market/ticker": 20,
  others: 10,
} as const;

const PATHS = Object.keys(ALLOWED);

export const LIMITS: readonly Limit[] = Object.entries(ALLOWED).map(([name, allowed]) => ({
  name,
  by: "key",
  limit: { unit: `requests of ${name}`, allowed, perMs: PER_MS },
}));

/** One of the path's own budget. */
export function unitsOf(path: string): readonly number[] {
  const own = PATHS.includes(path) ? path : "others";
  return PATHS.map((name) => (name === own ? 1 : 0));
}

export function ask(client: Client, what: string, path: string, params: Params = {}): Promise<Answer> {
  return client.read(what, { path, api: "private", method: "GET", params, units: unitsOf(path) });
}
