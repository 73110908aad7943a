// What each request costs of Binance's limits. Weight is counted by address, orders by account; both headers that tell
// Binance's own count are taken in, because other programs of the same address count too.
import type { Clock } from "../../runtime/index.ts";
import type { RateFacts } from "../declaration.ts";
import { meteredFetch } from "../wire/metered.ts";
import {
  type Purpose,
  RateBudgets,
  type RateLimit,
  type Refusal,
  retryAfterMs,
  sharedBudget,
  WAIT_MS_DEFAULT,
} from "../wire/rate.ts";
import type { Market } from "./markets.ts";

/**
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information
 * (rateLimits: 2400 a minute, 300 orders in 10 s)
 * @see https://github.com/binance/binance-spot-api-docs enums.md "Rate limiters" (6000 a minute) and
 * https://www.binance.com/en/support/faq/frequently-asked-questions-on-api-360004492232 (100 orders in 10 s; all read
 * 2026-11)
 */
const WEIGHT: Readonly<Record<Market, RateLimit>> = {
  usdm: { unit: "weight", allowed: 2_400, perMs: 60_000 },
  spot: { unit: "weight", allowed: 6_000, perMs: 60_000 },
};
const ORDERS: Readonly<Record<Market, RateLimit>> = {
  usdm: { unit: "orders", allowed: 300, perMs: 10_000 },
  spot: { unit: "orders", allowed: 100, perMs: 10_000 },
};

/**
 * What an account may use of `/sapi`, whatever the address; the list of withdrawals alone is counted by it.
 * @see https://github.com/binance/binance-connector-js a9de9a99, clients/wallet ("Weight(UID): 18000 (10 requests per
 * second)"; read 2026-11)
 */
const ACCOUNT: RateLimit = { unit: "weight of the account", allowed: 180_000, perMs: 60_000 };
const WITHDRAWALS_PATH = "/sapi/v1/capital/withdraw/history";
const WITHDRAWALS_WEIGHT = 18_000;

export const RATE_FACTS: RateFacts = {
  unit: "weight",
  allowed: WEIGHT.usdm.allowed,
  perMs: WEIGHT.usdm.perMs,
  scope: "both",
  source: "GET /fapi/v1/exchangeInfo, rateLimits; spot has 6000",
};

interface Cost {
  readonly path: string;
  readonly method?: string;
  readonly weight: number;
  /** Where no symbol is named. */
  readonly all?: number;
}

/**
 * @see https://github.com/binance/binance-connector-js a9de9a99, clients/derivatives-trading-usds-futures (weights)
 * @see https://github.com/binance/binance-spot-api-docs rest-api.md (weights; both read 2026-11)
 */
const COSTS: readonly Cost[] = [
  { path: "/fapi/v1/openOrders", weight: 1, all: 40 },
  { path: "/fapi/v1/openAlgoOrders", weight: 1, all: 40 },
  { path: "/fapi/v3/positionRisk", weight: 5 },
  { path: "/fapi/v2/positionRisk", weight: 5 },
  { path: "/fapi/v3/balance", weight: 5 },
  { path: "/fapi/v1/userTrades", weight: 5 },
  { path: "/fapi/v1/allOrders", weight: 5 },
  { path: "/fapi/v1/income", weight: 30 },
  { path: "/fapi/v1/positionSide/dual", weight: 30 },
  { path: "/fapi/v1/forceOrders", weight: 20, all: 50 },
  { path: "/fapi/v1/allOpenOrders", method: "DELETE", weight: 1 },
  { path: "/fapi/v1/algoOpenOrders", method: "DELETE", weight: 1 },
  { path: "/fapi/v1/countdownCancelAll", weight: 10 },
  { path: "/fapi/v1/order", method: "GET", weight: 1 },
  { path: "/fapi/v1/order", method: "DELETE", weight: 1 },
  { path: "/fapi/v1/order", weight: 0 },
  { path: "/fapi/v1/algoOrder", method: "GET", weight: 1 },
  { path: "/fapi/v1/algoOrder", method: "DELETE", weight: 1 },
  { path: "/fapi/v1/algoOrder", weight: 0 },
  { path: "/fapi/v1/ticker/bookTicker", weight: 2, all: 5 },
  { path: "/api/v3/ticker/bookTicker", weight: 2, all: 4 },
  { path: "/api/v3/account", weight: 20 },
  { path: "/api/v3/openOrders", method: "DELETE", weight: 1 },
  { path: "/api/v3/openOrders", weight: 6, all: 80 },
  { path: "/api/v3/myTrades", weight: 20 },
  { path: "/api/v3/allOrders", weight: 20 },
  { path: "/api/v3/exchangeInfo", weight: 20 },
  { path: "/api/v3/order", method: "GET", weight: 4 },
  { path: "/sapi/v1/asset/assetDividend", weight: 10 },
];

export interface Costs {
  readonly weight: number;
  readonly orders: number;
  /** Of the account, by whatever address. */
  readonly account: number;
}

export function costOf(method: string, url: URL): Costs {
  const cost = COSTS.find(
    (one) => one.path === url.pathname && (one.method === undefined || one.method === method),
  );
  const weight = (url.searchParams.has("symbol") ? undefined : cost?.all) ?? cost?.weight ?? 1;
  const account = url.pathname === WITHDRAWALS_PATH ? WITHDRAWALS_WEIGHT : 0;
  return { weight, orders: isOrder(method, url) ? 1 : 0, account };
}

function isOrder(method: string, { pathname }: URL): boolean {
  return (method === "POST" || method === "PUT") && /\/(?:order|algoOrder)$/.test(pathname);
}

function purposeOf(method: string, url: URL): Purpose {
  if (
    method === "DELETE" &&
    /\/(?:order|algoOrder|openOrders|allOpenOrders|algoOpenOrders)$/.test(url.pathname)
  ) {
    return "cancel";
  }
  if (url.pathname === "/fapi/v1/countdownCancelAll") return "cancel";
  return isOrder(method, url) ? "trade" : "read";
}

export interface Metered {
  readonly fetch: typeof fetch;
  left(): number;
}

/** @param host The address that the weight is counted for, as it is asked: accounts of one machine share it. */
export function metered(
  send: typeof fetch,
  clock: Clock,
  { market, host, keyId }: { readonly market: Market; readonly host: string; readonly keyId: string },
): Metered {
  const weight = sharedBudget(clock, ["binance", market, "weight", host], WEIGHT[market]);
  const orders = sharedBudget(clock, ["binance", market, "orders", host, keyId], ORDERS[market]);
  const account = sharedBudget(clock, ["binance", "account", host, keyId], ACCOUNT);
  const budgets = new RateBudgets([weight, orders, account]);
  const counting = meteredFetch({
    fetch: send,
    budgets,
    clock,
    costOf: ({ method, url }) => {
      const cost = costOf(method, url);
      return { units: [cost.weight, cost.orders, cost.account], purpose: purposeOf(method, url) };
    },
    learn: ({ status, headers }): Refusal | undefined => {
      weight.counted(Number(headers.get("X-MBX-USED-WEIGHT-1M") ?? Number.NaN));
      orders.counted(Number(headers.get("X-MBX-ORDER-COUNT-10S") ?? Number.NaN));
      const forMs = retryAfterMs(headers.get("Retry-After"), clock.nowMs()) ?? WAIT_MS_DEFAULT;
      // The firewall says nothing of how long; asking on makes it longer.
      return status === 403 || status === 418 ? { kind: "ban", forMs } : undefined;
    },
  });
  return { fetch: counting, left: () => new RateBudgets([weight, orders]).left() };
}
