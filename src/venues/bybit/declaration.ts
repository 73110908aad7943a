// What Bybit is to trueup: what the engine decides by, and the facts that `trueup venues` shows.
import type { Capabilities } from "../../core/index.ts";
import type { ErrorRule, VenueDeclaration } from "../declaration.ts";

const DAY_MS = 24 * 3_600_000;

/** As far as executions and the transaction log go back. @see docs/v5/order/execution "(2 years)" (read 2026-11) */
export const RETENTION_MS = 729 * DAY_MS;
/** Widest window of one question. @see docs/v5/order/execution "endTime - startTime <= 7 days" (read 2026-11) */
export const WINDOW_MS = 7 * DAY_MS;

/**
 * - `absentRowMeansFlat`: by settle coin the list holds only sizes greater than zero, and only of that coin; complete is
 *   the section that has every category, every coin and every page.
 *   @see https://bybit-exchange.github.io/docs/v5/position (settleCoin, read 2026-11)
 * - `positionMode`: one-way or hedge, by coin or symbol. @see docs/v5/position/position-mode (read 2026-11)
 * - `readAfterFillLagMs`: Bybit warns of delays in extreme volatility and names no figure; bots have seen seconds. Not
 *   measured live: 5 s is chosen. @see docs/v5/position "may experience increased latency" (read 2026-11)
 * - `orderLookup`, `forgetsClosedOrders`: an order that was cancelled without a fill is in the history for 24 h, and the
 *   list of recent ones is cleared when Bybit restarts; so a missing order proves nothing by itself.
 *   @see docs/v5/order/order-list "rule", docs/v5/order/open-order "openOnly" (read 2026-11)
 * - `settleMs`: a request counts for `recv_window` (5 s) after its timestamp, so later it is refused; orders are taken
 *   asynchronously. One minute is chosen. @see docs/v5/guide (timestamp rule, read 2026-11)
 * - `fills.lateArrivalMs`: not documented, not measured; ten minutes are chosen.
 * - `commands.timesInForce`: there are no orders for the day.
 * - `clientOrderId…`: "A max of 36 characters. Combinations of numbers, letters (upper and lower cases), dashes, and
 *   underscores", "always unique". @see docs/v5/order/create-order (orderLinkId, read 2026-11)
 */
export const BYBIT_CAPABILITIES: Capabilities = {
  absentRowMeansFlat: "onlyIfScopeComplete",
  positionMode: "both",
  entryPriceBasis: "average",
  readAfterFillLagMs: 5_000,
  positionAnchorOnFill: "after",
  orderLookup: "inconclusive",
  settleMs: 60_000,
  forgetsClosedOrders: true,
  fills: { retentionMs: RETENTION_MS, lateArrivalMs: 600_000, revisable: false },
  commands: {
    submit: true,
    cancel: true,
    cancelAll: "instrument",
    deadMan: "none",
    amend: "in_place",
    types: ["market", "limit", "stop", "stop_limit"],
    timesInForce: ["gtc", "ioc", "fok"],
    notional: true,
    reduceOnlyFlag: true,
    clientOrderIdLengthMax: 36,
    clientOrderIdCharacters: "A-Za-z0-9_-",
  },
  heals: true,
};

/**
 * An account of which spot alone is watched. Coins have no average and no legs. A sale without borrowing sells what is
 * there and opens nothing, but no flag says so.
 */
export const SPOT_CAPABILITIES: Capabilities = {
  ...BYBIT_CAPABILITIES,
  positionMode: "net",
  entryPriceBasis: "unknown",
  positionAnchorOnFill: "none",
  commands: { ...BYBIT_CAPABILITIES.commands, reduceOnlyFlag: false },
};

const ERRORS_PAGE = "https://bybit-exchange.github.io/docs/v5/error";

/** Sources of the facts: docs/venues.md, "Bybit", "Facts, and where they are from". */
export const DECLARATION: VenueDeclaration = {
  name: "bybit",
  title: "Bybit",
  client: "bybit-api 4.7.7",
  scope: "unified account: linear, inverse, spot, option, every settle coin; live, testnet, demo",
  capabilities: BYBIT_CAPABILITIES,
  variants: { spot: SPOT_CAPABILITIES },
  sections: {
    positions: "GET /v5/position/list by category and settle coin; coins of the wallet on spot",
    orders: "GET /v5/order/realtime by category and settle coin, conditional ones too",
    balances: "GET /v5/account/wallet-balance",
    fills: "GET /v5/execution/list",
    ledger: "GET /v5/account/transaction-log",
  },
  paging: [
    { endpoint: "GET /v5/position/list", pageMax: 200, cursor: "opaque", note: "20 rows without a limit" },
    { endpoint: "GET /v5/order/realtime", pageMax: 50, cursor: "opaque", note: "20 rows without a limit" },
    {
      endpoint: "GET /v5/execution/list",
      pageMax: 100,
      windowMs: WINDOW_MS,
      retentionMs: RETENTION_MS,
      cursor: "opaque",
      note: "newest first; options of one base coin, BTC where none is named",
    },
    {
      endpoint: "GET /v5/account/transaction-log",
      pageMax: 50,
      windowMs: WINDOW_MS,
      retentionMs: RETENTION_MS,
      cursor: "opaque",
      note: "24 h unless both ends are given",
    },
  ],
  stream: {
    replay: "none",
    order: "executions of a symbol by seq",
    liveness: "a ping every 20 s must be answered; 120 s without an event and a pass looks",
  },
  prices: {
    stream: "tickers.SYMBOL of each category's public stream; spot: the last price alone",
    read: "GET /v5/market/tickers",
  },
  ids: {
    order: "uuid, on spot a number; unique",
    client: "unique in the account for ever, 36 characters",
    fill: "execId, the same over REST and on the stream",
  },
  decimals: "texts; the few numbers are kept as they were written",
  zeroRows: "sometimes",
  witnesses: [
    "one contract by its symbol (a row is documented also where nothing is held; none of coins)",
    "fills",
  ],
  rate: {
    unit: "requests",
    allowed: 600,
    perMs: 5_000,
    scope: "both",
    source:
      "https://bybit-exchange.github.io/docs/v5/rate-limit (by address; by key 10 to 50 a second and endpoint)",
  },
  errors: [
    rule("10001 to 10010, 10017, 10024, 10027 to 10029", "request, keys, rights, time, rate", "rejected"),
    rule("110001 to 110137, but 110072 (and 110079 of a new order)", "contracts and options", "rejected"),
    rule("170xxx, where a reason of the order's is documented", "spot", "rejected"),
    rule(
      "HTTP 400, 401, 403, 404, 429 with Bybit's envelope",
      "refused before Bybit looks at it",
      "rejected",
    ),
    rule("HTTP 403, access too frequent", "this address asked too much", "rejected"),
    rule(
      "10000, 10016, 170001, 170007, 170032, 170146, 170147, 170234, 170310",
      "time-outs, failures",
      "unknown",
    ),
    rule("110072, 170141, 10014", "a duplicate: an order with this id may be at work", "unknown"),
    rule("any other code, 5xx, no answer, half an answer", "it may have come after the order", "unknown"),
  ],
  verified: [
    { what: "payloads of every kind that is read", how: "recorded payloads" },
    { what: "how late positions follow a fill, how late executions come", how: "not verified" },
    { what: "the live service, testnet and demo", how: "not verified" },
  ],
};

function rule(code: string, meaning: string, outcome: ErrorRule["outcome"]): ErrorRule {
  return { code, meaning, outcome, source: ERRORS_PAGE };
}
