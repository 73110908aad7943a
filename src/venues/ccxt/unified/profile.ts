// What is known of an exchange that nobody has written a profile for: nothing. It may alert, and never heals.
import { type Capabilities, NO_COMMANDS } from "../../../core/index.ts";
import type { Profile } from "../profile.ts";
import { UnifiedAccount } from "./account.ts";

const CAPABILITIES: Capabilities = {
  absentRowMeansFlat: "unknown",
  positionMode: "both",
  entryPriceBasis: "unknown",
  readAfterFillLagMs: 10_000,
  positionAnchorOnFill: "none",
  orderLookup: "none",
  settleMs: 120_000,
  forgetsClosedOrders: false,
  fills: { lateArrivalMs: 600_000, revisable: true },
  commands: NO_COMMANDS,
  heals: false,
};

export const UNIFIED: Profile = {
  exchange: "",
  title: "an exchange of ccxt's without a profile",
  capabilities: CAPABILITIES,
  marketTypes: ["spot", "margin", "swap", "future", "option"],
  credentials: { read: [], trade: [] },
  // Slower than any limit of ccxt's exchanges that is counted by the second, but for a few.
  limits: [{ name: "requests", by: "key", limit: { unit: "requests", allowed: 120, perMs: 60_000 } }],
  marketUnits: 1,
  judge: () => ({ kind: "failed", problem: "no profile says what an answer means" }),
  readPayload: () => ({
    takenFor: null,
    items: [{ kind: "problem", problem: "trueup has no profile that reads this exchange's payloads" }],
  }),
  open: (parts) => new UnifiedAccount(parts),
  facts: {
    scope: "whatever ccxt lists of positions, open orders, balances and trades; reports only",
    sections: {
      positions: "fetchPositions",
      orders: "fetchOpenOrders",
      balances: "fetchBalance",
      fills: "fetchMyTrades",
      ledger: null,
    },
    paging: [
      {
        endpoint: "ccxt's calls",
        pageMax: null,
        cursor: "none",
        note: "one page of one scope, nobody says which",
      },
    ],
    stream: {
      replay: "none",
      order: "not known",
      liveness:
        "every message of watchOrders, watchMyTrades and watchPositions wakes a pass, and so does silence",
    },
    prices: null,
    ids: { order: "the exchange's", client: "the exchange's", fill: "the exchange's, of unknown scope" },
    decimals: "texts: ccxt's own floats are switched off",
    zeroRows: "unknown",
    witnesses: [],
    rate: {
      unit: "requests",
      allowed: 120,
      perMs: 60_000,
      scope: "key",
      source: "chosen to be below what most exchanges allow",
    },
    errors: [],
    verified: [{ what: "bybit, by ccxt's own calls", how: "local server" }],
  },
};
