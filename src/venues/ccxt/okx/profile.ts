// What is known of OKX: what the engine decides by, with reasons and sources.
import type { Capabilities } from "../../../core/index.ts";
import type { Profile } from "../profile.ts";
import { OkxAccount } from "./account.ts";
import { LIMITS, unitsOf } from "./ask.ts";
import { RETENTION_MS } from "./history.ts";
import { judge } from "./judge.ts";
import { readPayload } from "./payload.ts";

const DOCS = "https://www.okx.com/docs-v5/en/ (read 2026-11)";

/**
 * - `absentRowMeansFlat`: without a filter the positions of all kinds come in one answer, and those of size zero are not in
 *   it. @see #trading-account-rest-api-get-positions
 * - `readAfterFillLagMs`, `fills.lateArrivalMs`: not documented; 2 s and five minutes are chosen.
 * - `orderLookup`: OKX states no time after which 51603 is final.
 * - `forgetsClosedOrders`: "The incomplete orders that have been canceled are only reserved for 2 hours".
 * - `clientOrderIdLengthMax`: "case-sensitive alphanumerics … of up to 32 characters"; unique among the open ones only.
 * - `types`: stops are read and cancelled; ccxt writes an id and a tag of its own into each that is sent.
 */
const CAPABILITIES: Capabilities = {
  absentRowMeansFlat: "onlyIfScopeComplete",
  positionMode: "both",
  entryPriceBasis: "average",
  readAfterFillLagMs: 2_000,
  positionAnchorOnFill: "none",
  orderLookup: "inconclusive",
  settleMs: 60_000,
  forgetsClosedOrders: true,
  fills: { retentionMs: RETENTION_MS, lateArrivalMs: 300_000, revisable: false },
  commands: {
    submit: true,
    cancel: true,
    cancelAll: "none",
    deadMan: { scope: "account", timeoutMs: { min: 10_000, max: 120_000 }, turnsOff: true },
    amend: "in_place",
    types: ["market", "limit"],
    timesInForce: ["gtc", "ioc", "fok"],
    notional: true,
    reduceOnlyFlag: true,
    clientOrderIdLengthMax: 32,
    clientOrderIdCharacters: "A-Za-z0-9",
  },
  heals: true,
};

export const OKX: Profile = {
  exchange: "okx",
  title: "OKX",
  capabilities: CAPABILITIES,
  marketTypes: ["spot", "swap", "future", "option"],
  credentials: { read: ["apiKey", "secret", "password"], trade: [] },
  mayAsk: ({ method }) => method === "GET",
  limits: LIMITS,
  marketUnits: unitsOf("others"),
  judge,
  readPayload,
  open: (parts) => new OkxAccount(parts),
  facts: {
    scope: "trading account: spot, perpetuals, dated futures, options; not margin positions; live and demo",
    sections: {
      positions: "GET /api/v5/account/positions; coins of GET /api/v5/account/balance",
      orders: "GET /api/v5/trade/orders-pending, orders-algo-pending for each kind of stop",
      balances: "GET /api/v5/account/balance",
      fills: "GET /api/v5/trade/fills, and fills-history for each kind of instrument",
      ledger: "GET /api/v5/account/bills, bills-archive",
    },
    paging: [
      { endpoint: "GET /api/v5/account/positions", pageMax: null, cursor: "none" },
      { endpoint: "GET /api/v5/trade/orders-pending", pageMax: 100, cursor: "id" },
      { endpoint: "GET /api/v5/trade/fills", pageMax: 100, retentionMs: 3 * 86_400_000, cursor: "id" },
      {
        endpoint: "GET /api/v5/trade/fills-history",
        pageMax: 100,
        retentionMs: RETENTION_MS,
        cursor: "id",
        note: "one list for each kind of instrument, which has to be named",
      },
      { endpoint: "GET /api/v5/account/bills", pageMax: 100, retentionMs: 7 * 86_400_000, cursor: "id" },
      {
        endpoint: "GET /api/v5/account/bills-archive",
        pageMax: 100,
        retentionMs: RETENTION_MS,
        cursor: "id",
      },
    ],
    stream: {
      replay: "snapshot",
      order: "one connection",
      liveness: "a ping every 20 s must be answered; 120 s without news of the account and a pass looks",
    },
    prices: { stream: null, read: "GET /api/v5/market/ticker" },
    ids: {
      order: "a number, unique; of a stop another kind of number, written here as algo:…",
      client: "unique among open orders only; 32 letters and digits",
      fill: "unique in its instrument; negative for a liquidation or deleveraging, which the stream writes as 0",
    },
    decimals: "texts",
    zeroRows: "sometimes",
    witnesses: [
      "one position by its instrument: a row of size zero",
      "the value of all positions, where the account mode states it and no coin is held",
      "fills",
    ],
    rate: { unit: "requests", allowed: 10, perMs: 2_000, scope: "key", source: DOCS },
    errors: [
      {
        code: "50000, 50002, 50006 to 50012, 50014 to 50025, 50027, 50028, 50030 to 50199",
        meaning: "refused before the order was looked at: parameters, keys, limits, account",
        outcome: "rejected",
        source: DOCS,
      },
      { code: "51xxx, 54xxx", meaning: "a reason of the order's own", outcome: "rejected", source: DOCS },
      {
        code: "50001, 50004, 50005, 50013, 50026, 51149",
        meaning: "a time-out, or a system that was busy or failed",
        outcome: "unknown",
        source: DOCS,
      },
      {
        code: "51011, 51016",
        meaning: "the order id exists: an order with it may be at work",
        outcome: "unknown",
        source: DOCS,
      },
      {
        code: "51410 of a cancellation",
        meaning: "one is under way already",
        outcome: "unknown",
        source: DOCS,
      },
      {
        code: "any other code, 5xx, no answer, half an answer",
        meaning: "it may have come after the order was placed",
        outcome: "unknown",
        source: DOCS,
      },
    ],
    verified: [
      { what: "reads, commands and the stream, under faults", how: "local server" },
      { what: "messages of orders on the stream", how: "recorded payloads" },
      { what: "windows, pages, flat rows, error codes", how: "documentation" },
      { what: "the live service", how: "not verified" },
    ],
  },
};
