// Alpaca's words end here: accounts, positions and orders as Alpaca writes them, into rows of ours. Pure; no paging,
// no judgement. Activities (fills, fees, dividends …) are in parse-activity.ts.
import {
  abs,
  add,
  type BalanceRow,
  type Decimal,
  max,
  negate,
  type OrderRow,
  type OrderStatus,
  type PositionRow,
  type Section,
  type Side,
  sign,
  type Totals,
  ZERO,
} from "../../core/index.ts";
import { type Fields, isObject, type Parsed, parseRow, reject } from "../wire/fields.ts";
import { ASSET_CLASSES, type AssetKind, instrumentName } from "./symbols.ts";
import { parseInstant } from "./time.ts";

/** What the account's own row tells: who answered, its money, and what its positions are worth. */
export interface AccountFacts {
  readonly venueAccountId?: string;
  readonly currency?: string;
  readonly balances: Section<BalanceRow>;
  readonly totals: Totals;
}

/**
 * Reads `GET /v2/account`. An account that is blocked or not active is read like any other: what it holds is held.
 * @see https://github.com/alpacahq/alpaca-docs content/api-references/trading-api/account.md (read 2026-11)
 */
export function parseAccount(value: unknown): AccountFacts {
  const id = parseRow("the account", value, (fields) => fields.text("id"));
  const money = parseRow("the account", value, (fields) => ({
    currency: fields.text("currency"),
    cash: fields.decimal("cash"),
  }));
  return {
    ...(id.kind === "row" && { venueAccountId: id.row }),
    ...(money.kind === "row" && { currency: money.row.currency }),
    balances: balancesOf(money),
    totals: totalsOf(parseRow("the account", value, positionValue)),
  };
}

/**
 * `free` is left out on purpose. Alpaca has no number for the cash that open orders leave free: its buying powers
 * count what the margin lends (an account with cash -23140.20 has a non-marginable buying power of 98945.02), and
 * the smaller of the two would call cash free that an open order has reserved.
 * @see https://github.com/alpacahq/alpaca-docs data/webapi/entities/account-v2.yaml (example, read 2026-11)
 */
function balancesOf(money: Parsed<{ currency: string; cash: Decimal }>): Section<BalanceRow> {
  if (money.kind === "problem") return { quality: "unavailable", rows: [], problem: money.problem };
  return { quality: "complete", rows: [{ asset: money.row.currency, total: money.row.cash }] };
}

function totalsOf(value: Parsed<Decimal>): Totals {
  return value.kind === "row"
    ? { quality: "complete", positionValue: value.row }
    : { quality: "unavailable", problem: value.problem };
}

/**
 * The gross value of all positions (R1 c): the largest of what the account states. `position_market_value` may be a
 * net sum, in which a long and a short of equal value are 0; the gross values beside it, which Alpaca documents,
 * keep such a 0 from proving that nothing is held.
 */
function positionValue(fields: Fields): Decimal {
  const stated = fields.optionalDecimal("position_market_value");
  const long = fields.optionalDecimal("long_market_value");
  const short = fields.optionalDecimal("short_market_value");
  const gross = add(abs(long ?? ZERO), abs(short ?? ZERO));
  if (stated !== undefined) return max(gross, abs(stated));
  if (long !== undefined && short !== undefined) return gross;
  return reject(
    fields.expected(long === undefined ? "long_market_value" : "short_market_value", "a decimal number"),
  );
}

/**
 * Reads one row of `GET /v2/positions`. Quantities of shorts are written with a minus or without one; the side tells.
 * @see https://github.com/alpacahq/alpaca-docs data/webapi/entities/position.yaml (read 2026-11)
 */
export function parsePosition(value: unknown): Parsed<PositionRow> {
  return parseRow("the position", value, (fields) => {
    const instrument = instrumentOfRow(fields, fields.word("asset_class", ASSET_CLASSES));
    const qty = signedQty(fields);
    const entryPrice = fields.optionalDecimal("avg_entry_price");
    const scale = fields.scale("avg_entry_price");
    const lastPrice = fields.optionalDecimal("current_price");
    return {
      instrument,
      leg: "net",
      qty,
      // An average of zero or less is not an average (R7): Alpaca writes 0 where it has none.
      ...(isPositive(entryPrice) && { entryPrice }),
      ...(isPositive(entryPrice) && scale !== undefined && { entryPriceScale: scale }),
      ...(isPositive(lastPrice) && { lastPrice }),
    };
  });
}

function signedQty(fields: Fields): Decimal {
  const qty = fields.decimal("qty");
  const direction = fields.word("side", { long: 1, short: -1 });
  if (direction === 1 && sign(qty) < 0) {
    return reject(`"side" is "long" and "qty" is ${qty}; expected a quantity above zero`);
  }
  return direction === -1 && sign(qty) > 0 ? negate(qty) : qty;
}

function instrumentOfRow(fields: Fields, kind: AssetKind | undefined): string {
  const symbol = fields.text("symbol");
  const name = instrumentName(symbol, kind);
  return name ?? reject(`"symbol" is "${symbol}"; expected a coin with what it is quoted in, such as BTCUSD`);
}

/** An order row, and what the reading of lists needs to know beside it. */
export interface OrderFacts {
  readonly row: OrderRow;
  /** Alpaca's order class: `simple`, `bracket`, `oco`, `oto`, `mleg` or empty. */
  readonly orderClass: string;
  /** How many children the venue listed inside it. */
  readonly legCount: number;
  /** The order that took its place, when it was replaced. */
  readonly replacedBy?: string;
  /** The order whose place it took. */
  readonly replaces?: string;
}

/**
 * Alpaca's order states in our words. Waiting states (held, accepted, pending …) can all still trade: open. An order
 * that was replaced is closed under this id; the one in its place names it in `replaces`. `calculated` is over for
 * the day; it counts as open until Alpaca says filled, which is never too early.
 * @see https://github.com/alpacahq/alpaca-docs content/trading/orders.md "Order Lifecycle" (read 2026-11)
 * @see https://github.com/Petersoj/alpaca-java/issues/101 for `held`, which that page leaves out (read 2026-11)
 */
const ORDER_STATUS: Readonly<Record<string, OrderStatus>> = {
  new: "open",
  partially_filled: "partially_filled",
  filled: "filled",
  done_for_day: "open",
  canceled: "canceled",
  expired: "expired",
  replaced: "canceled",
  pending_cancel: "open",
  pending_replace: "open",
  accepted: "open",
  pending_new: "open",
  accepted_for_bidding: "open",
  stopped: "open",
  rejected: "rejected",
  suspended: "open",
  calculated: "open",
  held: "open",
};

/** Sides of orders and fills; a short sale sells. */
export const SIDE: Readonly<Record<string, Side>> = { buy: "buy", sell: "sell", sell_short: "sell" };

/**
 * Reads an order with the legs nested in it: the order first, then its legs, each naming it as parent. A multi-leg
 * option order has no symbol of its own: it is only its legs.
 * @see https://github.com/alpacahq/alpaca-docs data/webapi/entities/order-v2.yaml (read 2026-11)
 */
export function parseOrder(value: unknown, parentVenueOrderId?: string): Parsed<OrderFacts>[] {
  const legs = parseRow("the order", value, (fields) => fields.optionalList("legs") ?? []);
  if (legs.kind === "problem") return [legs];
  const parentId = isObject(value) && typeof value.id === "string" ? value.id.trim() : undefined;
  const children = legs.row.flatMap((leg) => parseOrder(leg, parentId));
  const isContainer = isObject(value) && value.order_class === "mleg" && !value.symbol;
  if (isContainer && children.length > 0) return children;
  return [parseOneOrder(value, legs.row.length, parentVenueOrderId), ...children];
}

function parseOneOrder(
  value: unknown,
  legCount: number,
  parentVenueOrderId: string | undefined,
): Parsed<OrderFacts> {
  return parseRow("the order", value, (fields) => {
    const kind =
      fields.optionalText("asset_class") === undefined
        ? undefined
        : fields.word("asset_class", ASSET_CLASSES);
    const replacedBy = fields.optionalText("replaced_by");
    const replaces = fields.optionalText("replaces");
    return {
      row: {
        instrument: instrumentOfRow(fields, kind),
        venueOrderId: fields.text("id"),
        ...(parentVenueOrderId !== undefined && { parentVenueOrderId }),
        side: fields.word("side", SIDE),
        ...identity(fields),
        ...size(fields),
        ...prices(fields),
        ...state(fields),
        ...times(fields),
      },
      orderClass: fields.optionalText("order_class") ?? "",
      legCount,
      ...(replacedBy !== undefined && { replacedBy }),
      ...(replaces !== undefined && { replaces }),
    };
  });
}

type OrderPart = Partial<OrderRow>;

function identity(fields: Fields): OrderPart {
  const clientOrderId = fields.optionalText("client_order_id");
  const replaces = fields.optionalText("replaces");
  const type = fields.optionalText("type");
  return {
    ...(clientOrderId !== undefined && { clientOrderId }),
    ...(replaces !== undefined && { previousVenueOrderIds: [replaces] }),
    ...(type !== undefined && { type }),
  };
}

/** "If notional is entered, qty will be null", and the other way round. */
function size(fields: Fields): OrderPart {
  const qty = fields.optionalDecimal("qty");
  const notional = fields.optionalDecimal("notional");
  if (qty === undefined && notional === undefined) {
    return reject(`${fields.expected("qty", "a decimal number")}, or one in "notional"`);
  }
  return {
    ...(qty !== undefined && { qty }),
    ...(notional !== undefined && { notional }),
    filledQty: fields.decimal("filled_qty"),
  };
}

function prices(fields: Fields): OrderPart {
  const price = fields.optionalDecimal("limit_price");
  const triggerPrice = fields.optionalDecimal("stop_price");
  const avgPrice = fields.optionalDecimal("filled_avg_price");
  const avgPriceScale = fields.scale("filled_avg_price");
  return {
    ...(price !== undefined && { price }),
    ...(triggerPrice !== undefined && { triggerPrice }),
    ...(isPositive(avgPrice) && { avgPrice }),
    ...(isPositive(avgPrice) && avgPriceScale !== undefined && { avgPriceScale }),
  };
}

function state(fields: Fields): OrderPart {
  const status = fields.word("status", ORDER_STATUS);
  const filled = fields.decimal("filled_qty");
  const isPart = status === "open" && sign(filled) > 0;
  return { status: isPart ? "partially_filled" : status, venueStatus: fields.text("status") };
}

function times(fields: Fields): OrderPart {
  const createdAt = optionalMs(fields, "created_at");
  const updatedAt = optionalMs(fields, "updated_at");
  const cancelRequestedAt = optionalMs(fields, "cancel_requested_at");
  return {
    ...(createdAt !== undefined && { createdAt }),
    ...(updatedAt !== undefined && { updatedAt }),
    ...(cancelRequestedAt !== undefined && { cancelRequestedAt }),
  };
}

function optionalMs(fields: Fields, field: string): number | undefined {
  const text = fields.optionalText(field);
  if (text === undefined) return undefined;
  return parseInstant(text)?.ms ?? reject(fields.expected(field, "a timestamp with a zone"));
}

function isPositive(value: Decimal | undefined): value is Decimal {
  return value !== undefined && sign(value) > 0;
}
