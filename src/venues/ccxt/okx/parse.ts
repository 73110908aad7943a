// OKX's words into ours: positions, balances and orders. Everything is a text; what is not there is an empty one.
// @see https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-positions
// @see https://www.okx.com/docs-v5/en/#order-book-trading-trade-get-order-details (both read 2026-11)
import {
  type BalanceRow,
  type Leg,
  negate,
  type OrderRow,
  type OrderStatus,
  type PositionRow,
  type Side,
  ZERO,
} from "../../../core/index.ts";
import { type Fields, type Parsed, parseRow, reject } from "../../wire/fields.ts";
import { flag, named, optionalPrice, optionalTime, positive } from "../rows.ts";
import { type InstId, parseInstId } from "./instruments.ts";

export const SIDE: Readonly<Record<string, Side>> = { buy: "buy", sell: "sell" };
const LEG: Readonly<Record<string, Leg>> = { net: "net", long: "long", short: "short" };

export function instOf(fields: Fields): InstId {
  const instId = fields.text("instId");
  return parseInstId(instId) ?? reject(fields.expected("instId", "an instrument such as BTC-USDT-SWAP"));
}

/** Spot has no legs, and says "" or "net". */
export function legOf(fields: Fields): Leg {
  return fields.optionalText("posSide") === undefined ? "net" : fields.word("posSide", LEG);
}

export interface PositionFacts {
  readonly row: PositionRow;
  /** Cross and isolated positions of one instrument lie beside each other. */
  readonly marginMode: string;
}

/**
 * One position of contracts. In net mode `pos` is signed; of a long or a short leg it is not. Margin positions are in other
 * units by direction, and are refused.
 */
export function parsePosition(value: unknown): Parsed<PositionFacts> {
  return parseRow(named("the position", value, "instId"), value, (fields) => {
    if (fields.optionalText("instType") === "MARGIN") {
      reject("margin positions are not covered by this adapter");
    }
    const leg = legOf(fields);
    // Of a flat row the quantity may be an empty text.
    const pos = fields.optionalDecimal("pos") ?? ZERO;
    // At the daily settlement of a dated future `avgPx` becomes the settlement's price; the other one stays.
    const priceField = optionalPrice(fields, "nonSettleAvgPx") === undefined ? "avgPx" : "nonSettleAvgPx";
    const entryPrice = optionalPrice(fields, priceField);
    const entryPriceScale = fields.scale(priceField);
    const lastPrice = optionalPrice(fields, "last");
    const positionId = fields.optionalText("posId");
    const updatedAt = optionalTime(fields, "uTime");
    return {
      marginMode: fields.optionalText("mgnMode") ?? "",
      row: {
        instrument: instOf(fields).symbol,
        leg,
        qty: leg === "short" ? negate(pos) : pos,
        ...(entryPrice !== undefined && { entryPrice }),
        ...(entryPrice !== undefined && entryPriceScale !== undefined && { entryPriceScale }),
        ...(lastPrice !== undefined && { lastPrice }),
        ...(positionId !== undefined && { positionId }),
        ...(updatedAt !== undefined && { updatedAt }),
      },
    };
  });
}

/** One element of `details`: `cashBal` is the money without what open positions would bring. */
export function parseBalance(value: unknown): Parsed<BalanceRow> {
  return parseRow(named("the balance", value, "ccy"), value, (fields) => {
    const free = fields.optionalDecimal("availBal");
    return {
      asset: fields.text("ccy"),
      total: fields.decimal("cashBal"),
      ...(free !== undefined && { free }),
    };
  });
}

const STATUS: Readonly<Record<string, OrderStatus>> = {
  live: "open",
  partially_filled: "partially_filled",
  filled: "filled",
  canceled: "canceled",
  mmp_canceled: "canceled",
};

/** Times in force are types here. What is not in the table keeps OKX's word. */
const TYPES: Readonly<Record<string, string>> = {
  market: "market",
  optimal_limit_ioc: "market",
  limit: "limit",
  post_only: "limit",
  fok: "limit",
  ioc: "limit",
};

export function parseOrder(value: unknown): Parsed<OrderRow> {
  return parseRow(named("the order", value, "instId"), value, (fields) => {
    const inst = instOf(fields);
    const status = fields.word("state", STATUS);
    const type = fields.text("ordType");
    const price = optionalPrice(fields, "px");
    const filledQty = fields.optionalDecimal("accFillSz");
    const avgPrice = optionalPrice(fields, "avgPx");
    const avgPriceScale = fields.scale("avgPx");
    const reduceOnly = flag(value, "reduceOnly");
    const algoId = fields.optionalText("algoId");
    const createdAt = optionalTime(fields, "cTime");
    const updatedAt = optionalTime(fields, "uTime");
    return {
      instrument: inst.symbol,
      leg: legOf(fields),
      venueOrderId: fields.text("ordId"),
      // The stop that it came from.
      ...(algoId !== undefined && { previousVenueOrderIds: [algoOrderId(algoId)] }),
      ...clientId(fields, "clOrdId", "algoClOrdId"),
      side: fields.word("side", SIDE),
      type: TYPES[type] ?? type,
      ...sizeOf(fields, inst, type),
      ...(filledQty !== undefined && { filledQty }),
      ...(price !== undefined && { price }),
      ...(avgPrice !== undefined && { avgPrice }),
      ...(avgPrice !== undefined && avgPriceScale !== undefined && { avgPriceScale }),
      ...(reduceOnly !== undefined && { reduceOnly }),
      status,
      venueStatus: fields.text("state"),
      ...(createdAt !== undefined && { createdAt }),
      ...(updatedAt !== undefined && { updatedAt }),
    };
  });
}

/**
 * `sz` of a spot order at the market is in what `tgtCcy` says, and without it a buy is in the quote currency. Whatever it
 * is, what is filled is in the base currency.
 */
function sizeOf(fields: Fields, inst: InstId, type: string): Pick<OrderRow, "qty" | "notional"> {
  const size = positive(fields, "sz");
  if (inst.instType !== "SPOT" || type !== "market") return { qty: size };
  const unit =
    fields.optionalText("tgtCcy") ?? (fields.word("side", SIDE) === "buy" ? "quote_ccy" : "base_ccy");
  return unit === "quote_ccy" ? { notional: size } : { qty: size };
}

function clientId(fields: Fields, ...names: readonly string[]): { clientOrderId?: string } {
  for (const name of names) {
    const id = fields.optionalText(name);
    if (id !== undefined) return { clientOrderId: id };
  }
  return {};
}

/** Stops have ids of their own kind: the prefix says which list an id is asked for in. */
export const ALGO = "algo:";

export function algoOrderId(algoId: string): string {
  return `${ALGO}${algoId}`;
}

const ALGO_STATUS: Readonly<Record<string, OrderStatus>> = {
  live: "open",
  pause: "open",
  partially_effective: "open",
  canceled: "canceled",
  order_failed: "rejected",
  partially_failed: "rejected",
};

/** A stop, target or trigger that waits. Its own price is -1 where it becomes an order at the market. */
export function parseAlgoOrder(value: unknown): Parsed<OrderRow> {
  return parseRow(named("the stop", value, "instId"), value, (fields) => {
    const inst = instOf(fields);
    const isStop = optionalPrice(fields, "slTriggerPx") !== undefined;
    const triggerPrice =
      optionalPrice(fields, "slTriggerPx") ??
      optionalPrice(fields, "triggerPx") ??
      optionalPrice(fields, "tpTriggerPx");
    const ownPrice = ["slOrdPx", "ordPx", "orderPx", "tpOrdPx"].find(
      (name) => optionalPrice(fields, name) !== undefined,
    );
    const price = ownPrice === undefined ? undefined : optionalPrice(fields, ownPrice);
    const type = fields.text("ordType");
    const size = optionalPrice(fields, "sz");
    const reduceOnly = flag(value, "reduceOnly");
    const createdAt = optionalTime(fields, "cTime");
    const updatedAt = optionalTime(fields, "uTime");
    return {
      instrument: inst.symbol,
      leg: legOf(fields),
      venueOrderId: algoOrderId(fields.text("algoId")),
      ...clientId(fields, "algoClOrdId", "clOrdId"),
      side: fields.word("side", SIDE),
      type: isStop ? (price === undefined ? "stop" : "stop_limit") : type,
      // A stop of the whole position (`closeFraction`) has no size of its own.
      ...(size !== undefined && { qty: size }),
      ...(price !== undefined && { price }),
      ...(triggerPrice !== undefined && { triggerPrice }),
      ...(reduceOnly !== undefined && { reduceOnly }),
      status: fields.word("state", ALGO_STATUS),
      venueStatus: fields.text("state"),
      ...(createdAt !== undefined && { createdAt }),
      ...(updatedAt !== undefined && { updatedAt }),
    };
  });
}
