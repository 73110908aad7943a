// What the adapter makes of a payload of Binance's that somebody recorded: by the same parsers as everywhere, and every row
// of it accounted for. What it is, is told by its shape: the two markets write no two things alike but the trades.
import type { PayloadItem, ReadPayload } from "../payload.ts";
import type { StreamEvent } from "../venue.ts";
import { isObject, type Parsed } from "../wire/fields.ts";
import { ignored, itemOf, problem, type Row, type RowKind, readRows } from "../wire/items.ts";
import { readSpotMessage } from "./events-spot.ts";
import { readUsdmMessage } from "./events-usdm.ts";
import { outcomeOfBody } from "./outcome.ts";
import { parseIncome } from "./parse-income.ts";
import { parsePair, parseSpotBalance, parseSpotOrder, parseSpotTrade } from "./parse-spot.ts";
import { parseBalance, parseContract, parsePosition, parseTrade } from "./parse-usdm.ts";
import { type OrderFacts, parseAlgoOrder, parseOrder } from "./parse-usdm-order.ts";
import {
  type HeldAs,
  type Moved,
  parseDeposit,
  parseDividend,
  parseDust,
  parseTransfer,
  parseWithdrawal,
} from "./parse-wallet.ts";
import { type Listed, Symbols } from "./symbols.ts";

const USDM = new Symbols("usdm");
const SPOT = new Symbols("spot");

const has =
  (...fields: readonly string[]) =>
  (row: Row) =>
    fields.every((field) => field in row);

const KINDS: readonly RowKind[] = [
  {
    name: "a message of the spot stream",
    fits: (row) => isObject(row.event),
    read: ({ event }) => ofMessage(readSpotMessage(event, SPOT)),
  },
  {
    name: "a message of the spot stream",
    fits: (row) => typeof row.e === "string" && SPOT_MESSAGES.has(row.e),
    read: (row) => ofMessage(readSpotMessage(row, SPOT)),
  },
  {
    name: "a message of the USD-M stream",
    fits: (row) => typeof row.e === "string",
    read: (row) => (row.e === "listenKeyExpired" ? [EXPIRED] : ofMessage(readUsdmMessage(row, USDM))),
  },
  {
    name: "an error",
    fits: (row) => has("code", "msg")(row) && !("algoId" in row),
    read: (row) => [{ kind: "outcome", outcome: outcomeOfBody(row) }],
  },
  {
    name: "GET /fapi/v3/account",
    fits: has("assets", "positions"),
    read: ({ assets, positions }) => [
      ...rowsOf(assets).map((one) => itemOf(parseBalance(one), ({ row }) => ({ kind: "balance", row }))),
      ...rowsOf(positions).map((one) =>
        itemOf(parsePosition(one, USDM), (row) => ({ kind: "position", row })),
      ),
    ],
  },
  {
    name: "GET /api/v3/account",
    fits: has("balances", "accountType"),
    read: ({ balances }) =>
      rowsOf(balances).map((one) => itemOf(parseSpotBalance(one), (row) => ({ kind: "balance", row }))),
  },
  {
    name: "GET /api/v3/exchangeInfo",
    fits: (row) => Array.isArray(row.symbols),
    read: ({ symbols }) => rowsOf(symbols).flatMap(ofListed),
  },
  {
    name: "GET /fapi/v3/positionRisk",
    fits: has("positionAmt", "symbol"),
    read: (row) => [itemOf(parsePosition(row, USDM), (position) => ({ kind: "position", row: position }))],
  },
  {
    name: "GET /fapi/v3/balance",
    fits: has("accountAlias", "asset"),
    read: (row) => [itemOf(parseBalance(row), (balance) => ({ kind: "balance", row: balance.row }))],
  },
  {
    name: "GET /fapi/v1/income",
    fits: has("incomeType", "tranId"),
    read: (row) => [itemOf(parseIncome(row, USDM), ofIncome)],
  },
  {
    name: "GET /fapi/v1/openAlgoOrders",
    fits: has("algoId", "algoStatus"),
    read: (row) => ofOrder(parseAlgoOrder(row, USDM)),
  },
  {
    name: "DELETE /fapi/v1/algoOrder",
    fits: has("algoId", "code"),
    read: (row) => [{ kind: "outcome", outcome: outcomeOfBody(row) }],
  },
  {
    name: "GET /api/v3/order",
    fits: has("orderId", "status", "cummulativeQuoteQty"),
    read: (row) => ofOrder(parseSpotOrder(row, SPOT)),
  },
  {
    name: "GET /fapi/v1/order",
    fits: has("orderId", "status", "positionSide"),
    read: (row) => ofOrder(parseOrder(row, USDM)),
  },
  {
    name: "GET /api/v3/myTrades",
    fits: has("isBuyer", "commission"),
    read: (row) => [itemOf(parseSpotTrade(row, SPOT), (fill) => ({ kind: "fill", row: fill }))],
  },
  {
    name: "GET /fapi/v1/userTrades",
    fits: has("buyer", "commission"),
    read: (row) => [itemOf(parseTrade(row, USDM), (fill) => ({ kind: "fill", row: fill }))],
  },
  {
    name: "GET /sapi/v1/capital/deposit/hisrec",
    fits: has("insertTime", "coin"),
    read: (row) => ofMoved(parseDeposit, row),
  },
  {
    name: "GET /sapi/v1/capital/withdraw/history",
    fits: has("applyTime", "coin"),
    read: (row) => ofMoved(parseWithdrawal, row),
  },
  {
    name: "GET /sapi/v1/asset/dribblet",
    fits: has("userAssetDribblets"),
    read: ({ userAssetDribblets }) => listed(userAssetDribblets, (row) => ofMoved(parseDust, row)),
  },
  {
    name: "GET /sapi/v1/asset/transfer, assetDividend",
    fits: has("rows", "total"),
    read: ({ rows }) =>
      listed(rows, (row) => ofMoved(isObject(row) && "divTime" in row ? parseDividend : parseTransfer, row)),
  },
  {
    name: "GET /sapi/v1/asset/transfer",
    fits: ({ total, ...rest }) => total === "0" && Object.keys(rest).length === 0,
    read: () => [ignored("an empty list")],
  },
  ...ignoredKinds(),
];

const SPOT_MESSAGES = new Set([
  "executionReport",
  "outboundAccountPosition",
  "balanceUpdate",
  "listStatus",
  "externalLockUpdate",
]);

const EXPIRED: PayloadItem = {
  kind: "event",
  event: { kind: "gap", reason: "the stream's key expired" },
};

/** Payloads of Binance's that are nothing of an account's state, each with the reason. */
function ignoredKinds(): readonly RowKind[] {
  const ignoredKind = (name: string, fields: readonly string[], reason: string): RowKind => ({
    name,
    fits: has(...fields),
    read: () => [ignored(reason)],
  });
  return [
    ignoredKind("GET /fapi/v1/time", ["serverTime"], "the venue's time: nothing of the account"),
    ignoredKind(
      "GET /fapi/v1/positionSide/dual",
      ["dualSidePosition"],
      "the position mode: a check compares it with the configuration",
    ),
    ignoredKind(
      "GET /fapi/v1/positionMargin/history",
      ["deltaType", "amount"],
      "margin moved within the account: no balance changes",
    ),
    ignoredKind(
      "GET /fapi/v1/leverageBracket",
      ["brackets", "symbol"],
      "limits of leverage: nothing of the account",
    ),
    ignoredKind(
      "GET /fapi/v1/adlQuantile",
      ["adlQuantile", "symbol"],
      "the place in the queue of ADL: nothing has happened",
    ),
    ignoredKind(
      "GET /fapi/v1/rateLimit/order",
      ["rateLimitType", "limit"],
      "a limit of the rate: nothing of the account",
    ),
    ignoredKind(
      "GET /api/v3/myPreventedMatches",
      ["preventedMatchId", "makerOrderId"],
      "a trade with oneself that did not happen",
    ),
    ignoredKind(
      "GET /api/v3/openOrderList",
      ["orderListId", "orders"],
      "a list of orders: each of them is an order of its own",
    ),
    ignoredKind("POST /fapi/v1/listenKey", ["listenKey"], "the stream's key"),
    ignoredKind("an acknowledgement", ["id", "status", "result"], "the answer to a request on the stream"),
  ];
}

export const readPayload: ReadPayload = (payload) => readRows("Binance", rowsOf(payload), KINDS, undefined);

/** A list, a list of such lists, or one row. */
function rowsOf(payload: unknown): readonly unknown[] {
  return Array.isArray(payload) ? payload.flatMap(rowsOf) : [payload];
}

function ofMoved(
  parse: (row: unknown, heldAs: HeldAs) => Parsed<Moved>,
  row: unknown,
): readonly PayloadItem[] {
  // Which coins are held as positions, the account's pairs say: a payload alone does not.
  const parsed = parse(row, () => undefined);
  if (parsed.kind === "problem") return [problem(parsed.problem)];
  const { entries, ignored: reason = "nothing moved" } = parsed.row;
  return entries.length === 0 ? [ignored(reason)] : entries.map((entry) => ({ kind: "ledger", row: entry }));
}

function listed(rows: unknown, read: (row: unknown) => readonly PayloadItem[]): readonly PayloadItem[] {
  const items = rowsOf(rows).flatMap(read);
  return items.length > 0 ? items : [ignored("an empty list")];
}

function ofMessage({
  events,
  ignored: reason,
}: {
  readonly events: readonly StreamEvent[];
  readonly ignored?: string;
}): readonly PayloadItem[] {
  if (events.length === 0) return [ignored(reason ?? "nothing in it")];
  return events.map((event) => ({ kind: "event", event }));
}

function ofOrder(parsed: Parsed<OrderFacts>): readonly PayloadItem[] {
  if (parsed.kind === "problem") return [problem(parsed.problem)];
  const { row, doubt } = parsed.row;
  return [{ kind: "order", row }, ...(doubt === undefined ? [] : [problem(doubt)])];
}

function ofIncome({ income }: { readonly income: import("./parse-income.ts").Income }): PayloadItem {
  if (income.kind === "entry") return { kind: "ledger", row: income.entry };
  return ignored(`${income.incomeType}: the trade tells it`);
}

/** Contracts and pairs stand in lists of the same name; a contract says what its margin is in. */
function ofListed(one: unknown): readonly PayloadItem[] {
  const isContract = isObject(one) && "marginAsset" in one;
  const parsed: Parsed<Listed> = isContract ? parseContract(one) : parsePair(one);
  if (parsed.kind === "problem") return [problem(parsed.problem)];
  const symbols = new Symbols(isContract ? "usdm" : "spot");
  symbols.learn([parsed.row]);
  const instrument = symbols.instrumentOf(parsed.row.symbol) ?? "";
  const row = symbols.spec(instrument);
  return [row === undefined ? problem(`${parsed.row.symbol} is no instrument`) : { kind: "instrument", row }];
}
