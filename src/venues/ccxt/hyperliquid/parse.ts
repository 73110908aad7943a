// Hyperliquid's words into ours: positions, balances and orders. Numbers are texts of exact decimals, times are ms.
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint (read 2026-11)
import {
  add,
  type BalanceRow,
  type Decimal,
  isZero,
  type OrderRow,
  type OrderStatus,
  type PositionRow,
  type Side,
  subtract,
  ZERO,
} from "../../../core/index.ts";
import { type Fields, isObject, type Parsed, parseRow, reject } from "../../wire/fields.ts";
import { flag, named, optionalPrice, optionalTime, positive, time } from "../rows.ts";
import { clientIdOf } from "./cloid.ts";
import { assetName, type Coin, type Coins } from "./coins.ts";

export const SIDE: Readonly<Record<string, Side>> = { B: "buy", A: "sell" };

export function coinOf(fields: Fields, coins: Coins): Coin {
  const name = fields.text("coin");
  return coins.of(name) ?? reject(fields.expected("coin", "a coin of the lists of markets"));
}

/** One element of `assetPositions`. `szi` is signed; an account holds one position of a coin. */
export function parsePosition(value: unknown, coins: Coins): Parsed<PositionRow> {
  const inner = isObject(value) ? value.position : undefined;
  return parseRow(named("the position", inner, "coin"), inner, (fields) => {
    const entryPrice = optionalPrice(fields, "entryPx");
    const entryPriceScale = fields.scale("entryPx");
    return {
      instrument: coinOf(fields, coins).instrument.symbol,
      leg: "net",
      qty: fields.decimal("szi"),
      ...(entryPrice !== undefined && { entryPrice }),
      ...(entryPrice !== undefined && entryPriceScale !== undefined && { entryPriceScale }),
    };
  });
}

/** What one dex says of the account's margin. */
export interface Margin {
  /** Money of the dex without what open positions would bring: what fills and funding move. */
  readonly cash: Decimal;
  /** Absolute value of all positions. */
  readonly positionValue: Decimal;
  readonly withdrawable?: Decimal;
}

export function parseMargin(value: unknown): Parsed<Margin> {
  return parseRow("the margin summary", value, (fields) => {
    const summary = fields.object("marginSummary");
    const positions = fields.optionalList("assetPositions") ?? [];
    const profit = positions.reduce<Decimal>((sum, one) => add(sum, profitOf(one)), ZERO);
    const withdrawable = fields.optionalDecimal("withdrawable");
    return {
      cash: subtract(summary.decimal("accountValue"), profit),
      positionValue: summary.decimal("totalNtlPos"),
      ...(withdrawable !== undefined && { withdrawable }),
    };
  });
}

function profitOf(value: unknown): Decimal {
  const parsed = parseRow("the position", isObject(value) ? value.position : value, (fields) =>
    fields.decimal("unrealizedPnl"),
  );
  return parsed.kind === "row" ? parsed.row : reject(parsed.problem);
}

/** One element of `balances` of the spot state. */
export function parseSpotBalance(value: unknown): Parsed<BalanceRow> {
  return parseRow(named("the balance", value, "coin"), value, (fields) => {
    const total = fields.decimal("total");
    const hold = fields.optionalDecimal("hold");
    return {
      asset: assetName(fields.text("coin")),
      total,
      ...(hold !== undefined && { free: subtract(total, hold) }),
    };
  });
}

/** An order that is triggered is a market or limit order already; what is triggered counts as open (`open`). */
const STATUS: Readonly<Record<string, OrderStatus>> = {
  open: "open",
  triggered: "open",
  filled: "filled",
  canceled: "canceled",
  marginCanceled: "canceled",
  vaultWithdrawalCanceled: "canceled",
  openInterestCapCanceled: "canceled",
  selfTradeCanceled: "canceled",
  reduceOnlyCanceled: "canceled",
  siblingFilledCanceled: "canceled",
  delistedCanceled: "canceled",
  liquidatedCanceled: "canceled",
  scheduledCancel: "canceled",
  rejected: "rejected",
  tickRejected: "rejected",
  minTradeNtlRejected: "rejected",
  perpMarginRejected: "rejected",
  reduceOnlyRejected: "rejected",
  badAloPxRejected: "rejected",
  iocCancelRejected: "rejected",
  badTriggerPxRejected: "rejected",
  marketOrderNoLiquidityRejected: "rejected",
  positionIncreaseAtOpenInterestCapRejected: "rejected",
  positionFlipAtOpenInterestCapRejected: "rejected",
  tooAggressiveAtOpenInterestCapRejected: "rejected",
  openInterestIncreaseRejected: "rejected",
  insufficientSpotBalanceRejected: "rejected",
  oracleRejected: "rejected",
  perpMaxPositionRejected: "rejected",
};

/** Words of the front end's list; a take-profit has no word of ours, and keeps its own. */
const TYPES: Readonly<Record<string, string>> = {
  Limit: "limit",
  Market: "market",
  "Stop Limit": "stop_limit",
  "Stop Market": "stop",
};

/** One element of a list of open orders, with the orders that wait for it to be filled. */
export function parseOpenOrder(value: unknown, coins: Coins): Parsed<OrderRow>[] {
  const parsed = parseRow(named("the order", value, "coin"), value, (fields) =>
    orderRow(fields, value, coins, { status: "open", venueStatus: "open" }),
  );
  const children = isObject(value) && Array.isArray(value.children) ? value.children : [];
  const parent = parsed.kind === "row" ? parsed.row.venueOrderId : undefined;
  return [
    parsed,
    ...children.flatMap((child) => parseOpenOrder(child, coins)).map((one) => withParent(one, parent)),
  ];
}

function withParent(parsed: Parsed<OrderRow>, parent: string | undefined): Parsed<OrderRow> {
  if (parsed.kind === "problem" || parent === undefined) return parsed;
  const { parentVenueOrderId = parent } = parsed.row;
  return { kind: "row", row: { ...parsed.row, parentVenueOrderId } };
}

/** An order with its status: of the stream, of a look-up, of the list of historical orders. */
export function parseOrder(value: unknown, coins: Coins): Parsed<OrderRow> {
  const inner = isObject(value) ? value.order : undefined;
  return parseRow(named("the order", inner, "coin"), value, (fields) => {
    const status = fields.word("status", STATUS);
    const venueStatus = fields.text("status");
    const updatedAt = optionalTime(fields, "statusTimestamp");
    const row = orderRow(fields.object("order"), inner, coins, { status, venueStatus });
    return { ...row, ...(updatedAt !== undefined && { updatedAt }) };
  });
}

function orderRow(
  fields: Fields,
  value: unknown,
  coins: Coins,
  { status, venueStatus }: { readonly status: OrderStatus; readonly venueStatus: string },
): OrderRow {
  const qty = fields.decimal("origSz");
  // `sz` is what is left of it.
  const filledQty = subtract(qty, fields.decimal("sz"));
  const isTrigger = flag(value, "isTrigger") === true;
  const triggerPrice = isTrigger ? optionalPrice(fields, "triggerPx") : undefined;
  const type = fields.optionalText("orderType");
  const isMarket = type?.endsWith("Market") ?? false;
  const price = isMarket ? undefined : optionalPrice(fields, "limitPx");
  const clientOrderId = fields.optionalText("cloid");
  const reduceOnly = flag(value, "reduceOnly");
  // A stop of the whole position has no size of its own.
  const isSized = !(flag(value, "isPositionTpsl") === true && isZero(qty));
  return {
    instrument: coinOf(fields, coins).instrument.symbol,
    leg: "net",
    venueOrderId: fields.text("oid"),
    ...(clientOrderId !== undefined && { clientOrderId: clientIdOf(clientOrderId) }),
    side: fields.word("side", SIDE),
    ...(type !== undefined && { type: TYPES[type] ?? type }),
    ...(isSized && { qty: positive(fields, "origSz"), filledQty }),
    ...(price !== undefined && { price }),
    ...(triggerPrice !== undefined && { triggerPrice }),
    ...(reduceOnly !== undefined && { reduceOnly }),
    status: status === "open" && isSized && !isZero(filledQty) ? "partially_filled" : status,
    venueStatus,
    createdAt: time(fields, "timestamp"),
  };
}
