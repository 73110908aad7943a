// What Binance is to trueup: what the engine decides by, of both markets, and the facts that `trueup venues` shows.
import type { Capabilities } from "../../core/index.ts";
import type { VenueDeclaration } from "../declaration.ts";
import { ERROR_RULES } from "./outcome.ts";
import { RATE_FACTS } from "./rate.ts";

const DAY_MS = 24 * 3_600_000;

/**
 * How far back trades are proven, in ms. Trades themselves reach back six months, but they are asked for by symbol, and which
 * symbols traded is told by the income, which reaches back three.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Get-Income-History (read 2026-11)
 */
export const USDM_RETENTION_MS = 89 * DAY_MS;

/**
 * - `absentRowMeansFlat`: the list of positions is the whole account in one answer; it has the symbols with a position or an
 *   open order.
 *   @see https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Position-Information-V3
 *   (read 2026-11)
 * - `positionMode`: one setting of the account; the configuration says which, and a check compares.
 * - `readAfterFillLagMs`: Binance advises to use the list "with user data stream ACCOUNT_UPDATE to meet your timeliness and
 *   accuracy needs" and states no figure; 3 s are chosen.
 * - `orderLookup`: orders are kept for three days at least. A request is good for 5 s (recvWindow) and the matching engine
 *   answers within 10 s or never, so after `settleMs` an order that is not found is none; a second look and the fills
 *   of the time must agree, as for every venue.
 *   @see https://github.com/binance/binance-spot-api-docs rest-api.md "General API Information" (read 2026-11)
 * - `fills.lateArrivalMs`: not documented; ten minutes are chosen, so that an income that comes late still names its symbol.
 * - `commands`: reduce-only is a flag of one-way accounts; in hedge mode an order that closes a leg cannot open the other.
 *   What works for the day only does not exist.
 * - `clientOrderIdCharacters`: `^[\.A-Z\:/a-z0-9_-]{1,36}$`.
 *   @see https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api (newClientOrderId, read 2026-11)
 */
export const USDM_CAPABILITIES: Capabilities = {
  absentRowMeansFlat: "onlyIfScopeComplete",
  positionMode: "both",
  entryPriceBasis: "average",
  readAfterFillLagMs: 3_000,
  positionAnchorOnFill: "none",
  orderLookup: "conclusive",
  settleMs: 60_000,
  forgetsClosedOrders: false,
  fills: { retentionMs: USDM_RETENTION_MS, lateArrivalMs: 600_000, revisable: false },
  commands: {
    submit: true,
    cancel: true,
    cancelAll: "instrument",
    deadMan: { scope: "instrument", timeoutMs: { min: 5_000, max: 3_600_000 }, turnsOff: true },
    amend: "in_place",
    types: ["market", "limit", "stop", "stop_limit"],
    timesInForce: ["gtc", "ioc", "fok"],
    notional: false,
    reduceOnlyFlag: true,
    clientOrderIdLengthMax: 36,
    clientOrderIdCharacters: "A-Za-z0-9._:/-",
  },
  heals: true,
};

/**
 * What differs from futures. Coins have no entry price and no flag that keeps an order from opening; a sell cannot go below
 * what is held. An open order can only be made smaller under another client id, which is not offered.
 * @see https://github.com/binance/binance-spot-api-docs rest-api.md (read 2026-11)
 */
export const SPOT_CAPABILITIES: Capabilities = {
  ...USDM_CAPABILITIES,
  positionMode: "net",
  entryPriceBasis: "unknown",
  fills: { lateArrivalMs: 600_000, revisable: false },
  commands: {
    ...USDM_CAPABILITIES.commands,
    cancelAll: "instrument",
    deadMan: "none",
    amend: "none",
    notional: true,
    reduceOnlyFlag: false,
  },
};

export const DECLARATION: VenueDeclaration = {
  name: "binance",
  title: "Binance",
  client: "binance 3.6.5 (signatures)",
  scope:
    "USD-M futures, one-way and hedge, with conditional orders; spot, of the pairs that are named; live, testnet, demo",
  capabilities: USDM_CAPABILITIES,
  variants: { spot: SPOT_CAPABILITIES },
  sections: {
    positions: "GET /fapi/v3/positionRisk; spot: what GET /api/v3/account holds of each pair's base",
    orders: "GET /fapi/v1/openOrders and openAlgoOrders; spot: GET /api/v3/openOrders",
    balances: "GET /fapi/v3/balance; spot: GET /api/v3/account",
    fills: "GET /fapi/v1/userTrades of each symbol; spot: GET /api/v3/myTrades of each pair",
    ledger:
      "GET /fapi/v1/income; spot: GET /sapi/v1/capital/deposit/hisrec, capital/withdraw/history, asset/transfer, asset/assetDividend, asset/dribblet",
  },
  paging: [
    {
      endpoint: "GET /fapi/v3/positionRisk",
      pageMax: null,
      cursor: "none",
      note: "the whole account in one answer",
    },
    { endpoint: "GET /fapi/v1/openOrders, openAlgoOrders", pageMax: null, cursor: "none", note: "two lists" },
    {
      endpoint: "GET /fapi/v1/userTrades",
      pageMax: 1_000,
      windowMs: 7 * DAY_MS,
      retentionMs: 180 * DAY_MS,
      cursor: "id",
      note: "of one symbol; an id and a time cannot be asked for together, and by id the last 7 d alone are told",
    },
    {
      endpoint: "GET /fapi/v1/income",
      pageMax: 1_000,
      windowMs: 7 * DAY_MS,
      retentionMs: 90 * DAY_MS,
      cursor: "time",
      note: "pages are numbered within a window",
    },
    { endpoint: "GET /api/v3/myTrades", pageMax: 1_000, windowMs: DAY_MS, cursor: "id", note: "of one pair" },
    {
      endpoint: "GET /sapi/v1/capital/deposit/hisrec, capital/withdraw/history",
      pageMax: 1_000,
      windowMs: 90 * DAY_MS,
      cursor: "time",
      note: "by offset within a window; withdrawals cost a tenth of what an account may use in a minute",
    },
    {
      endpoint: "GET /sapi/v1/asset/transfer",
      pageMax: 100,
      windowMs: 7 * DAY_MS,
      retentionMs: 180 * DAY_MS,
      cursor: "time",
      note: "of one type; pages are numbered within a window",
    },
    {
      endpoint: "GET /sapi/v1/asset/assetDividend, dribblet",
      pageMax: 500,
      windowMs: 180 * DAY_MS,
      cursor: "time",
      note: "without pages, of dust the last 100: a window with more is read in two",
    },
  ],
  stream: {
    replay: "none",
    order: "messages of one kind on one connection, by T and E",
    liveness:
      "usdm: a ping of the protocol every 20 s and the key extended every 25 minutes; spot: the list of subscriptions every 20 s; 120 s without a message and a pass looks",
    lifeMs: DAY_MS,
  },
  prices: {
    stream: "SYMBOL@bookTicker (futures: /public)",
    read: "GET /fapi/v1/ticker/bookTicker; spot: GET /api/v3/ticker/bookTicker",
  },
  ids: {
    order:
      "a number, unique within its symbol; conditional orders have another service's number, here with algo- before it",
    client: "unique among open orders only, 36 characters",
    fill: "the trade's id, unique within its symbol; the same on the stream and in the list",
  },
  decimals: "texts; every number is kept as it was written",
  zeroRows: "sometimes",
  witnesses: [
    "usdm: one position by its symbol (GET /fapi/v2/positionRisk)",
    "an explicit row of zero",
    "fills",
  ],
  rate: RATE_FACTS,
  errors: ERROR_RULES,
  verified: [
    { what: "reads, commands and the stream, under faults", how: "local server" },
    { what: "payloads of both markets", how: "recorded payloads" },
    { what: "messages of the streams, error codes, rate weights", how: "documentation" },
    { what: "how late positions follow a fill, how late income and trades come", how: "not verified" },
    { what: "the live service, the testnets, the demo", how: "not verified" },
  ],
};
