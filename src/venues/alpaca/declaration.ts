// What Alpaca is to trueup: what the engine decides by, and the facts that `trueup venues` shows.
import type { Capabilities } from "../../core/index.ts";
import type { VenueDeclaration } from "../declaration.ts";

/**
 * - `absentRowMeansFlat`: the list of positions is the whole account in one answer, closed ones are not in it.
 *   @see https://github.com/alpacahq/alpaca-docs content/api-references/trading-api/positions.md (read 2026-11)
 * - `readAfterFillLagMs`: positions normally follow a fill within ms (other adapters' word, not measured live); 2 s is
 *   chosen to be far above that.
 * - `orderLookup`: Alpaca keeps orders and their client ids for ever, but states no time after which a miss is
 *   final, and its own package warns that a miss after an ambiguous request proves nothing.
 * - `fills.lateArrivalMs`: activities follow a fill within seconds (the same); ten minutes are chosen.
 * - `fills.revisable`: executions can be busted or corrected (`trade_bust`, `trade_correct` in the package's
 *   ActivityV2DetailTRDExecutionTypeEnum, 4.0.2, read 2026-11).
 * - `commands`: types and times in force are those of shares; order-request.ts refuses what options and coins do not
 *   have. Notional orders are market orders. There is no reduce-only flag: a stated intent to close is checked when
 *   the order comes in, and not for its life.
 * - `clientOrderIdLengthMax`: the documents say 48, the package's newer types 128; 48 holds in both.
 *   @see https://github.com/alpacahq/alpaca-docs data/webapi/endpoints/orders.yaml
 *   @see node_modules/@alpacahq/alpaca-trade-api 4.0.2, PostOrderRequest.clientOrderId (both read 2026-11)
 * - `clientOrderIdCharacters`: not documented; those of a uuid and of ids that were seen to be accepted.
 */
export const ALPACA_CAPABILITIES: Capabilities = {
  absentRowMeansFlat: "onlyIfScopeComplete",
  positionMode: "net",
  entryPriceBasis: "average",
  readAfterFillLagMs: 2_000,
  positionAnchorOnFill: "after",
  orderLookup: "inconclusive",
  settleMs: 60_000,
  forgetsClosedOrders: false,
  fills: { lateArrivalMs: 600_000, revisable: true },
  commands: {
    submit: true,
    cancel: true,
    cancelAll: "account",
    deadMan: "none",
    amend: "replaces",
    types: ["market", "limit", "stop", "stop_limit"],
    timesInForce: ["day", "gtc", "ioc", "fok"],
    notional: true,
    reduceOnlyFlag: false,
    clientOrderIdLengthMax: 48,
    clientOrderIdCharacters: "A-Za-z0-9_-",
  },
  heals: true,
};

/** Sources of the facts: docs/venues.md, "Facts, and where they are from". */
export const DECLARATION: VenueDeclaration = {
  name: "alpaca",
  title: "Alpaca",
  client: "@alpacahq/alpaca-trade-api 4.0.2",
  scope: "shares, options and coins of one account; paper and live",
  capabilities: ALPACA_CAPABILITIES,
  sections: {
    positions: "GET /v2/positions",
    orders: "GET /v2/orders, nested and flat",
    balances: "GET /v2/account",
    fills: "GET /v2/account/activities/FILL",
    ledger: "GET /v2/account/activities?category=non_trade_activity",
  },
  paging: [
    { endpoint: "GET /v2/positions", pageMax: null, cursor: "none", note: "the whole account in one answer" },
    { endpoint: "GET /v2/orders", pageMax: 500, cursor: "id" },
    {
      endpoint: "GET /v2/account/activities",
      pageMax: 100,
      cursor: "id",
      note: "pages can skip rows within one ms: such a day is read whole, by date",
    },
  ],
  stream: {
    replay: "since_id",
    order: "trade updates: one connection, in the order of execution; log of activities: by event id",
    liveness:
      "the subscription is stated again every 20 s and must be acknowledged; 120 s without an update and a pass looks; the log of activities goes on from its last event",
  },
  prices: {
    stream: null,
    read: "GET /v2/stocks/trades/latest; coins: GET /v1beta3/crypto/us/latest/quotes; options: none",
  },
  ids: {
    order: "uuid, unique; a replaced order gets another",
    client: "unique in the account for ever, 48 characters",
    fill: "the activity's id; joined to the stream by the order and its cumulative quantity",
  },
  decimals: "texts, and numbers in a few answers: every number is kept as it was written",
  zeroRows: "never",
  witnesses: ["one position by its symbol (not of coins)", "gross market value of the account", "fills"],
  rate: {
    unit: "requests",
    allowed: 200,
    perMs: 60_000,
    scope: "key",
    source: "@alpacahq/alpaca-trade-api 4.0.2, rate-limit.ts",
  },
  errors: [
    rejected("400", "the request is invalid (submit, amend)"),
    rejected("401, 403", "keys refused; not permitted, or not enough to pay or sell"),
    rejected("404 with code 40410000", "there is no such order, asset or account"),
    rejected("422", "the order cannot be taken, cancelled or replaced"),
    rejected("429", "too many requests, checked before the request is"),
    {
      code: "any of them that speaks of the client order id",
      meaning: "an order with this id may be at work",
      outcome: "unknown",
      source: "https://github.com/alpacahq/alpaca-py/issues/260",
    },
    {
      code: "5xx, 408, 3xx, no answer, half an answer, a page for people",
      meaning: "it may have come after the order was placed",
      outcome: "unknown",
      source: "@alpacahq/alpaca-trade-api 4.0.2, README",
    },
  ],
  verified: [
    { what: "reads, commands and the stream, under faults", how: "local server" },
    { what: "payloads of positions, orders, activities, trade updates", how: "recorded payloads" },
    { what: "how late positions follow a fill, how late activities come", how: "not verified" },
    { what: "the live service", how: "not verified" },
  ],
};

function rejected(code: string, meaning: string) {
  const source = "https://github.com/alpacahq/alpaca-docs data/webapi/endpoints/orders.yaml";
  return { code, meaning, outcome: "rejected", source } as const;
}
