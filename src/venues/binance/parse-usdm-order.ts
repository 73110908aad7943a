// Orders of USD-M futures, as two services keep them: those of the matching engine, and the conditional ones of the algo
// service. A conditional order that fires goes on as another order with an id of its own; both rows say so.
import { type Decimal, type OrderRow, sign, ZERO } from "../../core/index.ts";
import { type Fields, type Parsed, parseRow, reject } from "../wire/fields.ts";
import {
  instrumentOfRow,
  isKnownStatus,
  LEG,
  optionalId,
  optionalPositive,
  optionalTime,
  SIDE,
  statusOf,
  typeOf,
} from "./parse.ts";
import type { Symbols } from "./symbols.ts";

/** An order row, and what the reading of lists needs to know beside it. */
export interface OrderFacts {
  readonly row: OrderRow;
  /** Why the row is not all that it should be; it counts all the same. */
  readonly doubt?: string;
  /** Of a conditional order: the one that goes on in its place, where it has fired. */
  readonly firedAs?: string;
}

/**
 * Ids of the algo service begin so here: both services count for themselves, and a number alone would not say whose it is.
 */
const ALGO = "algo-";

export function algoVenueId(algoId: string): string {
  return `${ALGO}${algoId}`;
}

/** The algo service's own number; undefined for an id of the matching engine. */
export function algoIdOf(venueOrderId: string | undefined): string | undefined {
  return venueOrderId?.startsWith(ALGO) ? venueOrderId.slice(ALGO.length) : undefined;
}

/**
 * Reads an order as `GET /fapi/v1/openOrders`, `order`, `allOrders`, `forceOrders` have it, and as the answers to a new,
 * a changed and a cancelled one.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Query-Order (read 2026-11)
 */
export function parseOrder(value: unknown, symbols: Symbols): Parsed<OrderFacts> {
  return parseRow("the order", value, (fields) => {
    const filledQty = fields.decimal("executedQty");
    const word = fields.text("status");
    const avgPrice = optionalPositive(fields, "avgPrice");
    const scale = fields.scale("avgPrice");
    const row: OrderRow = {
      ...ownership(fields, symbols),
      venueOrderId: fields.text("orderId"),
      ...clientId(fields, "clientOrderId"),
      type: typeOf(fields.text("type")),
      ...wholeQty(fields, "origQty"),
      filledQty,
      ...pricesOf(fields, "stopPrice"),
      ...(avgPrice !== undefined && { avgPrice }),
      ...(avgPrice !== undefined && scale !== undefined && { avgPriceScale: scale }),
      ...statusOf(word, filledQty),
      ...timesOf(fields, "time"),
    };
    return { row, ...doubtOf(row, word) };
  });
}

/**
 * Reads a conditional order as `GET /fapi/v1/openAlgoOrders` and `algoOrder` have it. Until it fires nothing of it is
 * filled; what filled afterwards is the other order's. The kinds of conditional order are told by `orderType`.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/New-Algo-Order (read 2026-11)
 */
export function parseAlgoOrder(value: unknown, symbols: Symbols): Parsed<OrderFacts> {
  return parseRow("the conditional order", value, (fields) => {
    const word = fields.text("algoStatus");
    const firedAs = optionalId(fields, "actualOrderId");
    const row: OrderRow = {
      ...ownership(fields, symbols),
      venueOrderId: algoVenueId(fields.text("algoId")),
      ...clientId(fields, "clientAlgoId"),
      type: typeOf(fields.text("orderType")),
      ...wholeQty(fields, "quantity"),
      ...(firedAs === undefined && { filledQty: ZERO }),
      ...pricesOf(fields, "triggerPrice"),
      ...statusOf(word, ZERO),
      ...timesOf(fields, "createTime"),
    };
    return { row, ...doubtOf(row, word), ...(firedAs !== undefined && { firedAs }) };
  });
}

/** The order that a conditional one became: found under both ids, and by the client's id of the first. */
export function asFired(order: OrderRow, algo: OrderRow): OrderRow {
  return {
    ...order,
    ...(algo.clientOrderId !== undefined && { clientOrderId: algo.clientOrderId }),
    ...(algo.triggerPrice !== undefined && { triggerPrice: algo.triggerPrice }),
    ...(algo.type !== undefined && { type: algo.type }),
    ...(algo.venueOrderId !== undefined && { previousVenueOrderIds: [algo.venueOrderId] }),
  };
}

type OrderPart = Partial<OrderRow>;

function ownership(fields: Fields, symbols: Symbols): Pick<OrderRow, "instrument"> & OrderPart {
  const closes = fields.optionalBoolean("closePosition") ?? false;
  const reduceOnly = fields.optionalBoolean("reduceOnly");
  return {
    instrument: instrumentOfRow(fields, symbols),
    leg: fields.optionalText("positionSide") === undefined ? "net" : fields.word("positionSide", LEG),
    side: fields.word("side", SIDE),
    ...((reduceOnly !== undefined || closes) && { reduceOnly: closes || reduceOnly === true }),
  };
}

function clientId(fields: Fields, field: string): OrderPart {
  const clientOrderId = fields.optionalText(field);
  return clientOrderId === undefined ? {} : { clientOrderId };
}

/** Zero for an order that closes whatever the position is: its quantity is not known then. */
function wholeQty(fields: Fields, field: string): OrderPart {
  const qty: Decimal = fields.decimal(field);
  if (sign(qty) < 0) return reject(fields.expected(field, "a quantity"));
  return sign(qty) === 0 ? {} : { qty };
}

function pricesOf(fields: Fields, triggerField: string): OrderPart {
  const price = optionalPositive(fields, "price");
  const triggerPrice = optionalPositive(fields, triggerField);
  return { ...(price !== undefined && { price }), ...(triggerPrice !== undefined && { triggerPrice }) };
}

function timesOf(fields: Fields, createdField: string): OrderPart {
  const createdAt = optionalTime(fields, createdField);
  const updatedAt = optionalTime(fields, "updateTime");
  return { ...(createdAt !== undefined && { createdAt }), ...(updatedAt !== undefined && { updatedAt }) };
}

function doubtOf(row: OrderRow, word: string): Pick<OrderFacts, "doubt"> {
  if (isKnownStatus(word)) return {};
  return { doubt: `the order ${row.venueOrderId} of ${row.instrument} is in the unknown state "${word}"` };
}
