// Bybit's words end here: positions, orders and the wallet as Bybit writes them over REST and on the stream, into rows
// of ours. Pure; no paging, no judgement. Executions and the transaction log have files of their own.
import {
  type BalanceRow,
  type Cause,
  type Decimal,
  isZero,
  negate,
  type OrderRow,
  type OrderStatus,
  type PositionRow,
  subtract,
  ZERO,
} from "../../core/index.ts";
import { type Fields, type Parsed, parseRow, reject } from "../wire/fields.ts";
import {
  BYBIT_SIDE,
  booleanOf,
  categoryOf,
  contractIn,
  LEG_OF_INDEX,
  optionalMs,
  optionalPrice,
  optionalWord,
} from "./fields.ts";
import type { Names } from "./instruments.ts";
import type { Category, Contract } from "./symbols.ts";

/** What is around a row: the answer's category, and how symbols are named. */
export interface Around {
  readonly names: Names;
  readonly category?: Category | undefined;
}

export interface PositionFacts {
  readonly row: PositionRow;
  readonly contract: Contract;
  /** Named where Bybit itself is closing it. */
  readonly cause?: Cause;
}

/** @see https://bybit-exchange.github.io/docs/v5/enum#positionstatus (read 2026-11) */
const CLOSING: Readonly<Record<string, Cause>> = { Liq: "liquidation", Adl: "adl" };

/**
 * Reads a row of `GET /v5/position/list` or of the topic `position`. The size is never signed: the side tells. A flat
 * row has no side ("" now, "None" before), and empty texts for numbers.
 * @see https://bybit-exchange.github.io/docs/v5/position (read 2026-11)
 */
export function parsePosition(value: unknown, { names, category }: Around): Parsed<PositionFacts> {
  return parseRow("the position", value, (fields) => {
    const contract = contractIn(fields, categoryOf(fields, category), names);
    // The stream has another word for the average.
    const average = fields.optionalText("avgPrice") === undefined ? "entryPrice" : "avgPrice";
    const entryPrice = optionalPrice(fields, average);
    const scale = fields.scale(average);
    const lastPrice = optionalPrice(fields, "markPrice");
    const updatedAt = optionalMs(fields, "updatedTime");
    const cause = CLOSING[fields.optionalText("positionStatus") ?? ""];
    const row: PositionRow = {
      instrument: contract.name,
      ...legAndQty(fields),
      ...(entryPrice !== undefined && { entryPrice }),
      ...(entryPrice !== undefined && scale !== undefined && { entryPriceScale: scale }),
      ...(lastPrice !== undefined && { lastPrice }),
      ...(updatedAt !== undefined && { updatedAt }),
    };
    return { row, contract, ...(cause !== undefined && { cause }) };
  });
}

function legAndQty(fields: Fields): Pick<PositionRow, "leg" | "qty"> {
  const leg = fields.word("positionIdx", LEG_OF_INDEX);
  const size = fields.decimal("size");
  if (isZero(size)) return { leg, qty: ZERO };
  if (size.startsWith("-")) return reject(fields.expected("size", "a number that is not signed"));
  const side = fields.word("side", BYBIT_SIDE);
  const isOther = (leg === "long" && side === "sell") || (leg === "short" && side === "buy");
  if (isOther) return reject(`"positionIdx" says ${leg} and "side" says ${side}; expected the same`);
  return { leg, qty: side === "sell" ? negate(size) : size };
}

/**
 * Bybit's order states in our words. `Cancelled` may have traded in part; `Triggered` is about to become `New`;
 * `Deactivated` was cancelled before its trigger. A state that is not here stays Bybit's word, and is told.
 * @see https://bybit-exchange.github.io/docs/v5/enum#orderstatus (read 2026-11)
 */
const ORDER_STATUS: Readonly<Record<string, OrderStatus>> = {
  New: "open",
  PartiallyFilled: "partially_filled",
  Untriggered: "open",
  Triggered: "open",
  Filled: "filled",
  Cancelled: "canceled",
  PartiallyFilledCanceled: "canceled",
  Deactivated: "canceled",
  Rejected: "rejected",
};

/**
 * Reads a row of `GET /v5/order/realtime`, of `GET /v5/order/history` or of the topic `order`. An order state that is
 * not known gives the row without a status, and a problem beside it.
 * @see https://bybit-exchange.github.io/docs/v5/order/open-order (read 2026-11)
 */
export function parseOrder(value: unknown, { names, category }: Around): Parsed<OrderRow>[] {
  const order = parseRow("the order", value, (fields): OrderRow => {
    const contract = contractIn(fields, categoryOf(fields, category), names);
    const clientOrderId = fields.optionalText("orderLinkId");
    const reduceOnly = reducesOnly(value, fields);
    return {
      instrument: contract.name,
      venueOrderId: fields.text("orderId"),
      ...(clientOrderId !== undefined && { clientOrderId }),
      side: fields.word("side", BYBIT_SIDE),
      ...legOf(fields, contract),
      ...typeAndPrices(fields),
      ...sizeOf(fields, contract),
      ...(reduceOnly !== undefined && { reduceOnly }),
      ...stateOf(fields),
    };
  });
  if (order.kind === "problem" || order.row.status !== undefined) return [order];
  const { venueStatus, venueOrderId } = order.row;
  const problem = `the order ${venueOrderId} has the state "${venueStatus}", which is not one that Bybit documents`;
  return [order, { kind: "problem", problem }];
}

function legOf(fields: Fields, { category }: Contract): Pick<OrderRow, "leg"> {
  if (category === "spot" || fields.optionalText("positionIdx") === undefined) return { leg: "net" };
  return { leg: fields.word("positionIdx", LEG_OF_INDEX) };
}

/** An exit of the whole position only closes, whatever its flag says. */
function reducesOnly(value: unknown, fields: Fields): boolean | undefined {
  const isExit = /TakeProfit|StopLoss|TrailingStop/.test(fields.optionalText("stopOrderType") ?? "");
  return isExit || booleanOf(value, "closeOnTrigger") === true ? true : booleanOf(value, "reduceOnly");
}

/** The price of a market order is a bound against slippage, and no limit. */
function typeAndPrices(fields: Fields): Partial<OrderRow> {
  const isMarket = fields.word("orderType", { Market: true, Limit: false });
  const triggerPrice = optionalPrice(fields, "triggerPrice");
  const isStop = optionalWord(fields, "stopOrderType") !== undefined || triggerPrice !== undefined;
  const price = isMarket ? undefined : optionalPrice(fields, "price");
  return {
    type: isStop ? (isMarket ? "stop" : "stop_limit") : isMarket ? "market" : "limit",
    ...(price !== undefined && { price }),
    ...(triggerPrice !== undefined && { triggerPrice }),
  };
}

/**
 * The quantity of a spot order to buy at the market is what it may cost, unless its unit says otherwise. An exit of the
 * whole position is written with quantity zero: how much that will be is not known.
 * @see https://bybit-exchange.github.io/docs/v5/order/create-order (qty, marketUnit; read 2026-11)
 */
function sizeOf(fields: Fields, { category }: Contract): Partial<OrderRow> {
  const qty = fields.decimal("qty");
  const filledQty = fields.optionalDecimal("cumExecQty") ?? ZERO;
  const avgPrice = optionalPrice(fields, "avgPrice");
  const scale = fields.scale("avgPrice");
  const unit = optionalWord(fields, "marketUnit");
  const isByValue =
    category === "spot" &&
    fields.text("orderType") === "Market" &&
    (unit === undefined ? fields.text("side") === "Buy" : unit === "quoteCoin");
  return {
    ...(!isZero(qty) && (isByValue ? { notional: qty } : { qty })),
    filledQty,
    ...(avgPrice !== undefined && { avgPrice }),
    ...(avgPrice !== undefined && scale !== undefined && { avgPriceScale: scale }),
  };
}

function stateOf(fields: Fields): Partial<OrderRow> {
  const venueStatus = fields.text("orderStatus");
  const known = Object.hasOwn(ORDER_STATUS, venueStatus) ? ORDER_STATUS[venueStatus] : undefined;
  const createdAt = optionalMs(fields, "createdTime");
  const updatedAt = optionalMs(fields, "updatedTime");
  const isPart = known === "open" && !isZero(fields.optionalDecimal("cumExecQty") ?? ZERO);
  const status = isPart ? "partially_filled" : known;
  return {
    ...(status !== undefined && { status }),
    venueStatus,
    ...(createdAt !== undefined && { createdAt }),
    ...(updatedAt !== undefined && { updatedAt }),
  };
}

/** A coin of the wallet. */
export interface CoinFacts {
  readonly row: BalanceRow;
  /** Margin that positions settled in this coin take; undefined where Bybit does not tell it. */
  readonly positionMargin?: Decimal;
}

/**
 * Reads a coin of `GET /v5/account/wallet-balance` or of the topic `wallet`. The total is without what is borrowed on
 * spot, as a trade changes it: "Old walletBalance = New walletBalance - spotBorrow". `free` is left out on purpose: in
 * cross and portfolio margin a coin has no free part of its own, and the one number that Bybit had for it is
 * deprecated.
 * @see https://bybit-exchange.github.io/docs/v5/account/wallet-balance (read 2026-11)
 */
export function parseCoin(value: unknown): Parsed<CoinFacts> {
  return parseRow("the balance", value, (fields) => {
    const borrowed = fields.optionalDecimal("spotBorrow") ?? ZERO;
    const positionMargin = fields.optionalDecimal("totalPositionIM");
    return {
      row: { asset: fields.text("coin"), total: subtract(fields.decimal("walletBalance"), borrowed) },
      ...(positionMargin !== undefined && { positionMargin }),
    };
  });
}

/** The coins of one account in the wallet's answer or message. */
export function coinsOf(value: unknown): Parsed<readonly unknown[]> {
  return parseRow(
    "the wallet",
    value,
    (fields) => fields.optionalList("coin") ?? reject(fields.expected("coin", "a list")),
  );
}
