// What is known of Hyperliquid: what the engine decides by, with reasons and sources.
import type { Capabilities } from "../../../core/index.ts";
import type { Profile } from "../profile.ts";
import { HyperliquidAccount } from "./account.ts";
import { CLIENT_ID_CHARACTERS, CLIENT_ID_LENGTH_MAX } from "./cloid.ts";
import { judge } from "./judge.ts";
import { REFUSALS } from "./outcome.ts";
import { readPayload } from "./payload.ts";

const INFO =
  "https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint (read 2026-11)";
const LIMITS =
  "https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits-and-user-limits (read 2026-11)";
const ERRORS =
  "https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/error-responses (read 2026-11)";

/**
 * - `absentRowMeansFlat`: a dex lists all positions that an account has on it in one answer; flat ones are not in it. All
 *   dexes together are the account.
 * - `readAfterFillLagMs`: one node answers both; 2 s are chosen, nothing was measured live.
 * - `orderLookup`, `forgetsClosedOrders`: other people's measurement found `unknownOid` for orders with fills, also for
 *   ones of the same day (a public sample of 545 orders, 2026-09): a miss proves nothing, and orders vanish.
 * - `fills.lateArrivalMs`: not documented; five minutes are chosen.
 * - `deadMan`: "at least 5 seconds"; how far off it may be is not documented, a day is chosen. @see commands.ts
 * - `amend`: a modification is a cancellation and a new order with the same client id, whose messages may come in either
 *   order; it is not offered.
 */
const CAPABILITIES: Capabilities = {
  absentRowMeansFlat: "onlyIfScopeComplete",
  positionMode: "net",
  entryPriceBasis: "average",
  readAfterFillLagMs: 2_000,
  positionAnchorOnFill: "before",
  orderLookup: "inconclusive",
  settleMs: 60_000,
  forgetsClosedOrders: true,
  fills: { lateArrivalMs: 300_000, revisable: false },
  commands: {
    submit: true,
    cancel: true,
    cancelAll: "none",
    deadMan: { scope: "account", timeoutMs: { min: 5_000, max: 86_400_000 }, turnsOff: true },
    amend: "none",
    types: ["market", "limit", "stop", "stop_limit"],
    timesInForce: ["gtc", "ioc"],
    notional: false,
    reduceOnlyFlag: true,
    clientOrderIdLengthMax: CLIENT_ID_LENGTH_MAX,
    clientOrderIdCharacters: CLIENT_ID_CHARACTERS,
  },
  heals: true,
};

export const HYPERLIQUID: Profile = {
  exchange: "hyperliquid",
  title: "Hyperliquid",
  capabilities: CAPABILITIES,
  marketTypes: ["swap", "spot"],
  credentials: { read: ["walletAddress"], trade: ["privateKey"] },
  mayAsk: ({ url }) => url.pathname === "/info",
  limits: [
    { name: "weight", by: "address", limit: { unit: "units of weight", allowed: 1_200, perMs: 60_000 } },
  ],
  marketUnits: 20,
  judge,
  readPayload,
  open: (parts) => new HyperliquidAccount(parts),
  facts: {
    scope: "perpetuals of every dex, spot; accounts, sub-accounts and vaults; main net and test net",
    sections: {
      positions: "clearinghouseState of each dex; coins of spotClearinghouseState",
      orders: "frontendOpenOrders of each dex",
      balances: "clearinghouseState of each dex, spotClearinghouseState",
      fills: "userFillsByTime",
      ledger: "userFunding, userNonFundingLedgerUpdates",
    },
    paging: [
      {
        endpoint: "clearinghouseState",
        pageMax: null,
        cursor: "none",
        note: "one dex: its name is asked for",
      },
      { endpoint: "userFillsByTime", pageMax: 2_000, cursor: "time", note: "only the last 10 000 are kept" },
      { endpoint: "userFunding, userNonFundingLedgerUpdates", pageMax: 500, cursor: "time" },
    ],
    stream: {
      replay: "snapshot",
      order: "one connection; a fill carries the position before it",
      liveness:
        "a ping every 20 s must be answered; 120 s without news of the account and a pass looks. The first message of fills is a replay and is left to the history",
    },
    prices: null,
    ids: {
      order: "a number, unique; a modified order gets another",
      client: "16 bytes in hex; ours are a prefix of three characters and 24 hex digits",
      fill: "order and trade id; a dust conversion has the trade id 0 and is known by its own facts",
    },
    decimals: "texts; ids and times are numbers, and are kept as they were written",
    zeroRows: "never",
    witnesses: ["fills"],
    rate: { unit: "weight", allowed: 1_200, perMs: 60_000, scope: "address", source: LIMITS },
    errors: [
      ...REFUSALS.map(({ pattern, meaning }) => ({
        code: pattern.source.replace(/[\\^]/g, ""),
        meaning,
        outcome: "rejected" as const,
        source: ERRORS,
      })),
      {
        code: "User or API Wallet … does not exist",
        meaning: "the private key may not sign for this wallet",
        outcome: "rejected",
        source: ERRORS,
      },
      { code: "HTTP 429", meaning: "too many requests", outcome: "rejected", source: LIMITS },
      {
        code: "any other error text, 5xx, no answer, half an answer",
        meaning: "it may have come after the order was placed",
        outcome: "unknown",
        source: ERRORS,
      },
    ],
    verified: [
      { what: "reads, commands and the stream, under faults", how: "local server" },
      { what: "payloads of positions, orders, fills, funding, updates", how: "recorded payloads" },
      { what: `windows and pages (${INFO})`, how: "documentation" },
      { what: "accounts with one wallet for all (unified, portfolio margin)", how: "not verified" },
      { what: "the live service", how: "not verified" },
    ],
  },
};
