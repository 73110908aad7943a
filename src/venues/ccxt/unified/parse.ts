// ccxt's own structures into rows of ours, for an exchange without a profile. They say less than the exchange did, and not
// always the same; what they leave open is a problem here and never a default.
// @see https://docs.ccxt.com/#/?id=position-structure (read 2026-11), node_modules/ccxt 4.5.84
import {
  type BalanceRow,
  type FillRow,
  isZero,
  negate,
  type OrderRow,
  type OrderStatus,
  type PositionRow,
  parseDecimal,
  type Side,
} from "../../../core/index.ts";
import { type Fields, isObject, type Parsed, parseRow, reject } from "../../wire/fields.ts";
import { flag, named, optionalPrice, optionalTime, positive, time } from "../rows.ts";

/** Whether a symbol is one of the markets: another one is the exchange's raw id, which means something else tomorrow. */
export type IsMarket = (symbol: string) => boolean;

const SIDE: Readonly<Record<string, Side>> = { buy: "buy", sell: "sell" };
const DIRECTION: Readonly<Record<string, "long" | "short">> = { long: "long", short: "short" };

function marketOf(fields: Fields, isMarket: IsMarket): string {
  const symbol = fields.text("symbol");
  return isMarket(symbol) ? symbol : reject(fields.expected("symbol", "a market that ccxt lists"));
}

/** `contracts` has no sign: the direction is in `side`, which a flat row may lack. */
export function parsePosition(value: unknown, isMarket: IsMarket): Parsed<PositionRow> {
  const row = texts(value);
  return parseRow(named("the position", value, "symbol"), row, (fields) => {
    const contracts = fields.decimal("contracts");
    const direction = isZero(contracts) ? undefined : fields.word("side", DIRECTION);
    const isHedged = flag(value, "hedged") === true;
    const entryPrice = optionalPrice(fields, "entryPrice");
    const updatedAt = optionalTime(fields, "timestamp");
    if (isHedged && direction === undefined) reject("a leg of size zero does not say which leg it is");
    return {
      instrument: marketOf(fields, isMarket),
      leg: isHedged && direction !== undefined ? direction : "net",
      qty: direction === "short" ? negate(contracts) : contracts,
      ...(entryPrice !== undefined && { entryPrice }),
      ...(updatedAt !== undefined && { updatedAt }),
    };
  });
}

const STATUS: Readonly<Record<string, OrderStatus>> = {
  open: "open",
  closed: "filled",
  canceled: "canceled",
  canceling: "open",
  expired: "expired",
  rejected: "rejected",
};

export function parseOrder(value: unknown, isMarket: IsMarket): Parsed<OrderRow> {
  const row = texts(value);
  return parseRow(named("the order", value, "symbol"), row, (fields) => {
    const qty = optionalPrice(fields, "amount");
    const filledQty = fields.optionalDecimal("filled");
    const price = optionalPrice(fields, "price");
    const triggerPrice = optionalPrice(fields, "triggerPrice");
    const clientOrderId = fields.optionalText("clientOrderId");
    const type = fields.optionalText("type");
    const createdAt = optionalTime(fields, "timestamp");
    const reduceOnly = flag(value, "reduceOnly");
    const status = fields.word("status", STATUS);
    const isPartly = status === "open" && filledQty !== undefined && !isZero(filledQty);
    return {
      instrument: marketOf(fields, isMarket),
      venueOrderId: fields.text("id"),
      ...(clientOrderId !== undefined && { clientOrderId }),
      side: fields.word("side", SIDE),
      ...(type !== undefined && { type }),
      ...(qty !== undefined && { qty }),
      ...(filledQty !== undefined && { filledQty }),
      ...(price !== undefined && { price }),
      ...(triggerPrice !== undefined && { triggerPrice }),
      ...(reduceOnly !== undefined && { reduceOnly }),
      status: isPartly ? "partially_filled" : status,
      venueStatus: fields.text("status"),
      ...(createdAt !== undefined && { createdAt }),
    };
  });
}

export function parseTrade(value: unknown, isMarket: IsMarket): Parsed<FillRow> {
  const row = texts(value);
  return parseRow(named("the fill", value, "symbol"), row, (fields) => {
    const venueOrderId = fields.optionalText("order");
    const price = optionalPrice(fields, "price");
    const paid = isObject(value) && isObject(value.fee) ? value.fee : {};
    const fee = parseDecimal(paid.cost);
    const currency = typeof paid.currency === "string" ? paid.currency : undefined;
    return {
      instrument: marketOf(fields, isMarket),
      tradeId: fields.text("id"),
      ...(venueOrderId !== undefined && { venueOrderId }),
      side: fields.word("side", SIDE),
      qty: positive(fields, "amount"),
      ...(price !== undefined && { price }),
      ...(fee !== undefined && { fee }),
      ...(currency !== undefined && { feeCurrency: currency }),
      timestamp: time(fields, "timestamp"),
    };
  });
}

/** ccxt's balances lie beside each other by currency, and again by kind of amount. */
export function parseBalances(value: unknown): readonly Parsed<BalanceRow>[] {
  const total = isObject(value) && isObject(value.total) ? value.total : {};
  const free = isObject(value) && isObject(value.free) ? value.free : {};
  return Object.entries(total).map(([asset, amount]): Parsed<BalanceRow> => {
    const sum = parseDecimal(amount);
    if (sum === undefined)
      return { kind: "problem", problem: `the balance of ${asset.slice(0, 20)} has no total` };
    const rest = parseDecimal(free[asset]);
    return { kind: "row", row: { asset, total: sum, ...(rest !== undefined && { free: rest }) } };
  });
}

/** Times are numbers in ccxt's structures, also where amounts are texts. */
function texts(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, typeof one === "number" ? String(one) : one]),
  );
}
