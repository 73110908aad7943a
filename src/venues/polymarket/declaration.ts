// What Polymarket is to trueup: what the engine decides by, and the facts that `trueup venues` shows.
import { type Capabilities, NO_COMMANDS } from "../../core/index.ts";
import type { VenueDeclaration } from "../declaration.ts";
import { FIRES_AFTER_MS } from "./heartbeat.ts";

/**
 * - `absentRowMeansFlat`: the list of positions leaves out what is below 0.1 shares unless the filter that is sent with it
 *   is heeded, which was not seen; a single token can be asked for at the CLOB, so absence is never the proof.
 *   @see https://github.com/Polymarket/ts-sdk packages/client/src/actions/positions-market.ts "dust floor" (read 2026-11)
 * - `entryPriceBasis`: the average is over all that was ever bought, and counts splits by a price of its own.
 *   @see https://github.com/Polymarket/ts-sdk packages/bindings/src/data/portfolio.ts totalSize (read 2026-11)
 * - `readAfterFillLagMs`: positions and balances are the chain's. A match is settled there within seconds, after the
 *   change of 2026-04 sometimes within 50 s.
 *   @see https://github.com/Polymarket/py-clob-client-v2/issues/34 (read 2026-11)
 * - `orderLookup`: orders that are over are said to be found too, and by older documents are not.
 * - `settleMs`: markets may delay the matching of an order; how long is not documented.
 * - `forgetsClosedOrders`: by the older documents, which is the safer reading.
 * - `fills.revisable`: a match whose settlement fails never happened.
 *   @see https://docs.polymarket.com/trading/orders/overview "Trade History" (FAILED, read 2026-11)
 * - `deadMan`: of the orders that were placed with the same API credentials; see heartbeat.ts.
 * - `commands`: every order is a limit order; FAK is `ioc`. A market order is one at the price that the book asks for: a
 *   buy with ioc or fok is sized by what it costs, one by quantity goes with gtc. There is no reduce-only flag, and no token can be sold short. `clientOrderId` is not sent: the order's salt is made
 *   of it (signing.ts), so any text will do.
 */
export const POLYMARKET_CAPABILITIES: Capabilities = {
  absentRowMeansFlat: "no",
  positionMode: "net",
  entryPriceBasis: "unknown",
  readAfterFillLagMs: 60_000,
  positionAnchorOnFill: "none",
  orderLookup: "inconclusive",
  settleMs: 120_000,
  forgetsClosedOrders: true,
  fills: { lateArrivalMs: 600_000, revisable: true },
  commands: {
    submit: true,
    cancel: true,
    cancelAll: "account",
    deadMan: {
      scope: "account",
      timeoutMs: { min: FIRES_AFTER_MS, max: FIRES_AFTER_MS },
      turnsOff: false,
    },
    amend: "none",
    types: ["market", "limit"],
    timesInForce: ["gtc", "ioc", "fok"],
    notional: true,
    reduceOnlyFlag: false,
    clientOrderIdLengthMax: 64,
    clientOrderIdCharacters: "A-Za-z0-9._:-",
  },
  heals: true,
};

/** With API credentials and without the wallet's key: everything is read, orders can be cancelled and none signed. */
export const KEYS_ONLY_CAPABILITIES: Capabilities = {
  ...POLYMARKET_CAPABILITIES,
  commands: { ...NO_COMMANDS, cancel: true, cancelAll: "account" },
};

/**
 * With nothing but the wallet's address, only what is public is read: no single token can be asked for, so absence from a
 * whole list is the best there is. Fills are those that the chain settled.
 */
export const ADDRESS_ONLY_CAPABILITIES: Capabilities = {
  ...POLYMARKET_CAPABILITIES,
  absentRowMeansFlat: "onlyIfScopeComplete",
  orderLookup: "none",
  fills: { lateArrivalMs: 600_000, revisable: false },
  commands: NO_COMMANDS,
};

const CODES = "https://docs.polymarket.com/resources/error-codes";

/** Sources of the facts: docs/venues.md, "Polymarket". */
export const DECLARATION: VenueDeclaration = {
  name: "polymarket",
  title: "Polymarket",
  client: "@polymarket/clob-client-v2 1.1.0",
  scope:
    "outcome shares of one wallet (CTF Exchange V2, and positions of protocol V2); no combos, no perpetuals",
  capabilities: POLYMARKET_CAPABILITIES,
  variants: {
    "API credentials without the wallet's key": KEYS_ONLY_CAPABILITIES,
    "the wallet's address alone": ADDRESS_ONLY_CAPABILITIES,
  },
  sections: {
    positions: "GET /v2/positions of the Data API",
    orders: "GET /data/orders",
    balances: "GET /balance-allowance, asset_type COLLATERAL",
    fills: "GET /data/trades; without API credentials GET /v2/activity",
    ledger: "GET /v2/activity of the Data API",
  },
  paging: [
    {
      endpoint: "GET /v2/positions",
      pageMax: 1_000,
      cursor: "opaque",
      note: "whole when next_cursor is null",
    },
    {
      endpoint: "GET /v2/activity",
      pageMax: 1_000,
      cursor: "opaque",
      note: "whole when next_cursor is null",
    },
    { endpoint: "GET /data/orders", pageMax: 100, cursor: "opaque", note: "whole when next_cursor is LTE=" },
    {
      endpoint: "GET /data/trades",
      pageMax: 100,
      cursor: "opaque",
      note: "newest first, by seconds; LTE= is the end",
    },
  ],
  stream: {
    replay: "none",
    order: "none is stated; a trade is told again for each of its states",
    liveness: "PING every 10 s must be answered; 120 s without an event and a pass looks",
  },
  prices: { stream: "the market channel, by token", read: "POST /books" },
  ids: {
    order: "the hash of the signed order, known before it is sent",
    client: "none; the order's salt is made of it",
    fill: "the trade's id, within an order of the account",
  },
  decimals: "texts, and numbers in the Data API: every number is kept as it was written",
  zeroRows: "never",
  witnesses: ["one token's balance at the CLOB", "fills and redemptions"],
  rate: {
    unit: "requests",
    allowed: 200,
    perMs: 10_000,
    scope: "both",
    source: "https://docs.polymarket.com/api-reference/rate-limits, /api-reference/trading-rate-limits",
  },
  errors: [
    rejected(
      "400 with a documented sentence",
      "not enough balance, tick, least size, FOK not filled, malformed …",
    ),
    rejected("200 with errorMsg", "the same sentences in the answer to an order"),
    rejected("401", "keys refused"),
    rejected("425", "the matching engine is restarting"),
    rejected("429 with Polymarket's own body", "too many requests, checked before the request is"),
    rejected("503 cancel-only, post-only, disabled", "the exchange says in which mode it is"),
    unknownCode("duplicated", "an order with this hash is there already"),
    unknownCode("delayed", "the order was taken and may match later"),
    unknownCode("success without an order's id", "nothing says what became of it"),
    unknownCode(
      "5xx, other sentences, no answer, a page for people",
      "it may have come after the order was placed",
    ),
  ],
  verified: [
    { what: "reads, commands and the stream, under faults; the conformance suite", how: "local server" },
    { what: "payloads of positions, trades, activity, orders", how: "recorded payloads" },
    { what: "signatures and hashes, against the package's own", how: "local server" },
    { what: "rows of the Data API v2; sizes of orders being shares; PING and PONG", how: "documentation" },
    { what: "the live service", how: "not verified" },
  ],
};

function rejected(code: string, meaning: string) {
  return { code, meaning, outcome: "rejected", source: CODES } as const;
}

function unknownCode(code: string, meaning: string) {
  return { code, meaning, outcome: "unknown", source: CODES } as const;
}
