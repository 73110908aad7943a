// Spot's words end here: balances, orders, trades and listed pairs as Binance writes them, into rows of ours. Pure. What an
// account holds of a coin is its balance; which pair's position that is, is told by the account's `symbols`.
import {
  add,
  type BalanceRow,
  type Decimal,
  divide,
  type FillRow,
  isZero,
  type OrderRow,
  type PositionRow,
  sign,
} from "../../core/index.ts";
import { type Fields, type Parsed, parseRow, reject } from "../wire/fields.ts";
import {
  instrumentOfRow,
  isKnownStatus,
  optionalPositive,
  optionalTime,
  positive,
  SIDE,
  statusOf,
  timeOf,
  typeOf,
} from "./parse.ts";
import { feeOf, stepsOf } from "./parse-usdm.ts";
import type { OrderFacts } from "./parse-usdm-order.ts";
import type { Listed, Symbols } from "./symbols.ts";

/**
 * Reads one row of `balances` of `GET /api/v3/account`. What orders lock is held all the same.
 * @see https://github.com/binance/binance-spot-api-docs rest-api.md "Account information" (read 2026-11)
 */
export function parseSpotBalance(value: unknown): Parsed<BalanceRow> {
  return parseRow("the balance", value, (fields) => {
    const free = fields.decimal("free");
    return { asset: fields.text("asset"), total: add(free, fields.decimal("locked")), free };
  });
}

/**
 * Coins as positions: what is held of a pair's base is the position of that pair, long and without an entry price, because
 * Binance keeps none.
 * @param pairs Of the account; no two of them have the same base.
 */
export function holdingsOf(
  pairs: readonly { instrument: string; base: string }[],
  balances: readonly BalanceRow[],
) {
  const totals = new Map(balances.map(({ asset, total }) => [asset, total]));
  return pairs.flatMap(({ instrument, base }): PositionRow[] => {
    const qty = totals.get(base);
    return qty === undefined ? [] : [{ instrument, leg: "net", qty }];
  });
}

/**
 * Reads one row of `GET /api/v3/myTrades`.
 * @see https://github.com/binance/binance-spot-api-docs rest-api.md "Account trade list" (read 2026-11)
 */
export function parseSpotTrade(value: unknown, symbols: Symbols): Parsed<FillRow> {
  return parseRow("the trade", value, (fields) => {
    const tradeId = fields.text("id");
    const isBuyer = fields.optionalBoolean("isBuyer") ?? reject(fields.expected("isBuyer", "true or false"));
    return {
      instrument: instrumentOfRow(fields, symbols),
      leg: "net",
      tradeId,
      venueOrderId: fields.text("orderId"),
      side: isBuyer ? "buy" : "sell",
      qty: positive(fields, "qty"),
      price: positive(fields, "price"),
      ...feeOf(fields, "commission", "commissionAsset"),
      timestamp: timeOf(fields, "time"),
      venueSeq: Number(tradeId),
    };
  });
}

/**
 * Reads an order as `GET /api/v3/openOrders`, `order` and `allOrders` have it, and as the full answers to a new and a
 * cancelled one. A cancel's answer has an id of the cancel in `clientOrderId` and the order's own in `origClientOrderId`.
 * @see https://github.com/binance/binance-spot-api-docs rest-api.md "Query order", "Cancel order" (read 2026-11)
 */
export function parseSpotOrder(value: unknown, symbols: Symbols): Parsed<OrderFacts> {
  return parseRow("the order", value, (fields) => {
    const filledQty = fields.decimal("executedQty");
    const word = fields.text("status");
    const clientOrderId = fields.optionalText("origClientOrderId") ?? fields.optionalText("clientOrderId");
    const price = optionalPositive(fields, "price");
    const triggerPrice = optionalPositive(fields, "stopPrice");
    const createdAt = optionalTime(fields, "time");
    const updatedAt = optionalTime(fields, "updateTime") ?? optionalTime(fields, "transactTime");
    const row: OrderRow = {
      instrument: instrumentOfRow(fields, symbols),
      leg: "net",
      venueOrderId: fields.text("orderId"),
      ...(clientOrderId !== undefined && { clientOrderId }),
      side: fields.word("side", SIDE),
      type: typeOf(fields.text("type")),
      ...sizeOf(fields),
      filledQty,
      ...(price !== undefined && { price }),
      ...(triggerPrice !== undefined && { triggerPrice }),
      ...averageOf(filledQty, fields.optionalDecimal("cummulativeQuoteQty")),
      ...statusOf(word, filledQty),
      ...(createdAt !== undefined && { createdAt }),
      ...(updatedAt !== undefined && { updatedAt }),
    };
    if (isKnownStatus(word)) return { row };
    return {
      row,
      doubt: `the order ${row.venueOrderId} of ${row.instrument} is in the unknown state "${word}"`,
    };
  });
}

/** An order sized by what it costs states its quantity only as far as it is filled. */
function sizeOf(fields: Fields): Partial<OrderRow> {
  const notional = optionalPositive(fields, "origQuoteOrderQty");
  if (notional !== undefined && fields.text("type") === "MARKET") return { notional };
  return { qty: positive(fields, "origQty") };
}

/**
 * "Average price can be found by doing Z divided by z"; a negative sum is "not available".
 * @see https://github.com/binance/binance-spot-api-docs user-data-stream.md "Order Update" (read 2026-11)
 */
export function averageOf(filled: Decimal, quoteSum: Decimal | undefined): Partial<OrderRow> {
  if (isZero(filled) || quoteSum === undefined || sign(quoteSum) <= 0) return {};
  return { avgPrice: divide(quoteSum, filled) };
}

/** Reads one symbol of `GET /api/v3/exchangeInfo`. */
export function parsePair(value: unknown): Parsed<Listed> {
  return parseRow("the pair", value, (fields) => ({
    symbol: fields.text("symbol"),
    base: fields.text("baseAsset"),
    quote: fields.text("quoteAsset"),
    ...stepsOf(fields),
  }));
}
