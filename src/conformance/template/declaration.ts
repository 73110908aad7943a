// What Harbour declares: what the engine decides by, and the facts for people. Harbour is invented; where it says "the
// documentation", a real adapter names an address and the date on which it was read.
import type { Capabilities } from "../../core/index.ts";
import type { VenueDeclaration } from "../../venues/index.ts";

export const CAPABILITIES: Capabilities = {
  absentRowMeansFlat: "onlyIfScopeComplete",
  positionMode: "both",
  entryPriceBasis: "average",
  readAfterFillLagMs: 1_000,
  positionAnchorOnFill: "after",
  orderLookup: "inconclusive",
  settleMs: 10_000,
  forgetsClosedOrders: false,
  fills: { lateArrivalMs: 60_000, revisable: true },
  commands: {
    submit: true,
    cancel: true,
    cancelAll: "none",
    deadMan: "none",
    amend: "in_place",
    types: ["market", "limit"],
    timesInForce: ["gtc", "ioc"],
    notional: false,
    reduceOnlyFlag: true,
    clientOrderIdLengthMax: 32,
    clientOrderIdCharacters: "A-Za-z0-9-",
  },
  heals: true,
};

/** Most rows of one page. */
export const PAGE = 100;

const DOCUMENTATION = "the documentation of Harbour";

export const DECLARATION: VenueDeclaration = {
  name: "harbour",
  title: "Harbour",
  client: null,
  scope: "perpetual contracts, linear and inverse",
  capabilities: CAPABILITIES,
  sections: {
    positions: "GET /positions",
    orders: "GET /orders",
    balances: "GET /account",
    fills: "GET /fills",
    ledger: "GET /ledger",
  },
  paging: [{ endpoint: "GET /positions, /orders, /fills, /ledger", pageMax: PAGE, cursor: "opaque" }],
  stream: {
    replay: "none",
    order: "one connection",
    liveness: "a ping every 20 s must be answered; 120 s without news and a pass looks",
    lifeMs: 3_600_000,
  },
  prices: null,
  ids: { order: "unique", client: "unique for ever", fill: "unique" },
  decimals: "texts",
  zeroRows: "never",
  witnesses: ["GET /positions/SYMBOL", "fills"],
  rate: { unit: "requests", allowed: 600, perMs: 60_000, scope: "key", source: DOCUMENTATION },
  errors: [
    ...[
      "invalid",
      "unknown_symbol",
      "no_order",
      "order_ended",
      "reduce_only",
      "insufficient",
      "rate_limited",
    ].map(
      (code) => ({ code, meaning: "nothing was done", outcome: "rejected", source: DOCUMENTATION }) as const,
    ),
    {
      code: "duplicate_client_id, and everything else",
      meaning: "an order may be at work",
      outcome: "unknown",
      source: DOCUMENTATION,
    },
  ],
  verified: [{ what: "everything", how: "local server" }],
};
