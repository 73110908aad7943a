// What is known of Kraken's spot market: what the engine decides by, with reasons and sources. It is read, and never changed.
import { type Capabilities, NO_COMMANDS } from "../../../core/index.ts";
import type { Profile } from "../profile.ts";
import { KrakenAccount } from "./account.ts";
import { limitsOf, MARKET_UNITS } from "./ask.ts";
import { judge } from "./judge.ts";
import { readPayload } from "./payload.ts";

const DOCS = "https://docs.kraken.com/api-reference/account-data (read 2026-11)";
const RATES = "https://docs.kraken.com/exchange/guides/rest/ratelimits (read 2026-11)";
const ERRORS = "https://support.kraken.com/hc/en-us/articles/360001491786 (read 2026-11)";

/**
 * - `absentRowMeansFlat`: "Retrieve all extended account balances": one answer without pages. @see get-extended-balance
 * - `entryPriceBasis`: a coin that is held has no entry price.
 * - `readAfterFillLagMs`, `fills.lateArrivalMs`, `settleMs`: not documented; 5 s, ten minutes and one minute are chosen.
 * - `orderLookup`: nothing says after which time an unknown order is never there; a client id is looked up in two lists.
 * - `commands`: none are sent by this profile.
 */
const CAPABILITIES: Capabilities = {
  absentRowMeansFlat: "onlyIfScopeComplete",
  positionMode: "net",
  entryPriceBasis: "unknown",
  readAfterFillLagMs: 5_000,
  positionAnchorOnFill: "none",
  orderLookup: "inconclusive",
  settleMs: 60_000,
  forgetsClosedOrders: false,
  fills: { lateArrivalMs: 600_000, revisable: false },
  commands: NO_COMMANDS,
  heals: true,
};

export const KRAKEN: Profile = {
  exchange: "kraken",
  title: "Kraken",
  capabilities: CAPABILITIES,
  marketTypes: ["spot"],
  credentials: { read: ["apiKey", "secret"], trade: [] },
  mayAsk: ({ method, url }) => method === "GET" && url.pathname.startsWith("/0/public/"),
  limits: limitsOf({}),
  limitsOf,
  marketUnits: MARKET_UNITS,
  isSerial: true,
  judge,
  readPayload,
  open: (parts) => new KrakenAccount(parts),
  facts: {
    scope: "spot: coins, money and open orders, read only; not margin, not futures; live",
    sections: {
      positions: "coins of POST /0/private/BalanceEx; OpenPositions, which must be empty",
      orders: "POST /0/private/OpenOrders",
      balances: "POST /0/private/BalanceEx",
      fills: "POST /0/private/TradesHistory; fees by Ledgers",
      ledger: "POST /0/private/Ledgers",
    },
    paging: [
      { endpoint: "POST /0/private/BalanceEx", pageMax: null, cursor: "none" },
      { endpoint: "POST /0/private/OpenOrders", pageMax: null, cursor: "none" },
      {
        endpoint: "POST /0/private/TradesHistory, Ledgers",
        pageMax: 50,
        cursor: "none",
        note: "by offset: each page begins with the last row of the one before, and the count must stay",
      },
    ],
    stream: null,
    prices: null,
    ids: {
      order: "O…, unique",
      client:
        "cl_ord_id, of unknown scope; userref, a number that many orders may have, is not taken for one",
      fill: "T…, unique",
    },
    decimals: "texts; times are numbers, kept as they are written",
    zeroRows: "sometimes",
    witnesses: ["fills"],
    rate: { unit: "requests", allowed: 15, perMs: 45_500, scope: "key", source: RATES },
    errors: [
      {
        code: "EAPI:Rate limit exceeded, EService:Throttled, EGeneral:Temporary lockout, with status 200",
        meaning: "asked too much: nothing is asked for 45 s, after a lockout for 15 minutes",
        outcome: "unknown",
        source: `${RATES}, ${ERRORS}`,
      },
      {
        code: "EService:Unavailable, EService:Busy, EService:Timeout, with status 200",
        meaning: "Kraken is closed or busy; what was asked is not known",
        outcome: "unknown",
        source: ERRORS,
      },
      {
        code: "any error",
        meaning: "no command is sent by this profile, so nothing is concluded for one",
        outcome: "unknown",
        source: DOCS,
      },
    ],
    verified: [
      { what: "reads, under faults", how: "local server" },
      { what: "pages, fields, limits, error texts", how: "documentation" },
      {
        what: "that an entry moves its amount less its fee, and names its trade in refid",
        how: "not verified",
      },
      { what: "the live service", how: "not verified" },
    ],
  },
};
