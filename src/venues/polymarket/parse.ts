// Polymarket's words end here: positions, orders and balances as the Data API and the CLOB write them, into rows of ours.
// Pure; no paging, no judgement. Trades are in parse-trade.ts, everything else that moves an account in
// parse-activity.ts.
import {
  type BalanceRow,
  compare,
  type Decimal,
  type OrderRow,
  type OrderStatus,
  type PositionRow,
  parseDecimal,
  type Side,
  sign,
} from "../../core/index.ts";
import { type Fields, type Parsed, parseRow, reject } from "../wire/fields.ts";
import { aliasOf, COLLATERAL, fromUnits, tokenId } from "./symbols.ts";

/** Sides are written in capitals, and in a few answers not. */
export const SIDE: Readonly<Record<string, Side>> = { BUY: "buy", SELL: "sell" };

export interface PositionFacts {
  readonly row: PositionRow;
  /** The wallet that holds it, where the row says. */
  readonly wallet?: string;
  readonly alias?: string;
}

/**
 * Reads a row of `GET /v2/positions`, or of the list that it took the place of (names in camel case, a bare array). A
 * market that is decided stays a row until it is redeemed, with a price of 1 or 0; a loser is worth nothing and is held.
 * @see https://github.com/Polymarket/ts-sdk packages/bindings/src/data/portfolio.ts (v2)
 * @see https://docs.polymarket.com/api-reference/core/get-current-positions-for-a-user (v1; both read 2026-11)
 */
export function parsePosition(value: unknown): Parsed<PositionFacts> {
  return parseRow("the position", value, (fields) => {
    const qty = decimalOf(fields, ["current_size", "size"]);
    if (sign(qty) < 0)
      reject(`its size is ${qty}; expected none below zero, because no token can be sold short`);
    const entryPrice = optionalDecimalOf(fields, ["avg_price", "avgPrice"]);
    const lastPrice = optionalDecimalOf(fields, ["current_price", "curPrice"]);
    const eventAt = first(fields, ["last_event_at"]);
    const wallet = first(fields, ["proxy_wallet", "proxyWallet"]);
    const alias = aliasOf(first(fields, ["slug"]), first(fields, ["outcome"]));
    return {
      row: {
        instrument: tokenOf(fields, ["token_id", "asset"]),
        leg: "net",
        qty,
        ...(isPositive(entryPrice) && { entryPrice }),
        ...(isPositive(lastPrice) && { lastPrice }),
        ...(eventAt !== undefined && eventAt !== "0" && { updatedAt: epochOf(fields, ["last_event_at"]) }),
      },
      ...(wallet !== undefined && { wallet }),
      ...(alias !== undefined && { alias }),
    };
  });
}

export interface OrderFacts {
  readonly row: OrderRow;
  readonly venueOrderId: string;
  readonly wallet?: string;
  readonly alias?: string;
  /** GTC, GTD, FOK or FAK. */
  readonly orderType?: string;
  /** A word that is not known; the row then says nothing of its status. */
  readonly oddity?: string;
}

/**
 * States of orders. Delayed and unmatched ones were taken and may still trade. `INVALID` is how the venue ends an order
 * that is not covered any more. `MATCHED` is over: what is not matched then is cancelled (fill and kill).
 * @see https://docs.polymarket.com/api-reference/trade/get-single-order-by-id (with ORDER_STATUS_ before them)
 * @see https://github.com/Polymarket/ts-sdk packages/bindings/src/subscriptions/clob.ts UserOrderStatus (both read 2026-11)
 */
const ORDER_STATUS: Readonly<Record<string, OrderStatus>> = {
  LIVE: "open",
  DELAYED: "open",
  UNMATCHED: "open",
  MATCHED: "filled",
  CANCELED: "canceled",
  CANCELLED: "canceled",
  CANCELED_MARKET_RESOLVED: "canceled",
  INVALID: "canceled",
  EXPIRED: "expired",
};

/** What happened to the order, for messages that name no state. */
const ORDER_EVENT: Readonly<Record<string, OrderStatus>> = {
  PLACEMENT: "open",
  UPDATE: "open",
  CANCELLATION: "canceled",
};

/**
 * Reads an order of `GET /data/orders`, of `GET /data/order/{id}` or of the user channel. Sizes are shares: the CLOB's
 * specification shows whole units of the chain, and every payload that was recorded has shares.
 * @see https://docs.polymarket.com/trading/orders/overview "OpenOrder Object" (read 2026-11)
 */
export function parseOrder(value: unknown): Parsed<OrderFacts> {
  return parseRow("the order", value, (fields) => {
    const qty = positive(fields, "original_size");
    const filledQty = fields.decimal("size_matched");
    const venueOrderId = fields.text("id");
    const state = stateOf(fields, qty, filledQty);
    const wallet = fields.optionalText("maker_address");
    const orderType = fields.optionalText("order_type")?.toUpperCase();
    return {
      row: {
        instrument: tokenOf(fields, ["asset_id"]),
        venueOrderId,
        side: sideOf(fields),
        type: "limit",
        qty,
        filledQty,
        price: positive(fields, "price"),
        ...state.part,
        ...(first(fields, ["created_at"]) !== undefined && { createdAt: epochOf(fields, ["created_at"]) }),
        ...(first(fields, ["timestamp"]) !== undefined && { updatedAt: epochOf(fields, ["timestamp"]) }),
      },
      venueOrderId,
      ...(wallet !== undefined && { wallet }),
      ...(orderType !== undefined && { orderType }),
      ...(state.oddity !== undefined && { oddity: state.oddity }),
    };
  });
}

function stateOf(
  fields: Fields,
  qty: Decimal,
  filledQty: Decimal,
): { readonly part: Partial<OrderRow>; readonly oddity?: string } {
  const written = fields.optionalText("status");
  const event = fields.optionalText("type")?.toUpperCase();
  const word = bare(written ?? event ?? "", "ORDER_STATUS_");
  const table = written === undefined ? ORDER_EVENT : ORDER_STATUS;
  const status = Object.hasOwn(table, word) ? table[word] : undefined;
  // A cancellation ends the order, whatever state its message names.
  const ended = event === "CANCELLATION" ? "canceled" : status;
  const venueStatus = written ?? event;
  const named = venueStatus === undefined ? {} : { venueStatus };
  if (ended === undefined) {
    return { part: named, oddity: `the order's state is "${word}", which is not known` };
  }
  return { part: { status: settled(ended, qty, filledQty), ...named } };
}

function settled(status: OrderStatus, qty: Decimal, filledQty: Decimal): OrderStatus {
  const isWhole = compare(filledQty, qty) >= 0;
  if (status === "filled") return isWhole ? "filled" : "canceled";
  if (status !== "open") return status;
  if (isWhole) return "filled";
  return sign(filledQty) > 0 ? "partially_filled" : "open";
}

/**
 * Reads `GET /balance-allowance`: whole units of the chain.
 * @see https://github.com/Polymarket/ts-sdk packages/bindings/src/clob/account.ts BaseUnitsSchema (read 2026-11)
 */
export function parseUnits(value: unknown): Parsed<Decimal> {
  return parseRow("the balance", value, (fields) => {
    const text = fields.text("balance");
    return fromUnits(text) ?? reject(fields.expected("balance", "a whole number of units"));
  });
}

export function balanceOf(total: Decimal): BalanceRow {
  return { asset: COLLATERAL, total };
}

/** The first of the names that the row has; `0` is a value. */
export function first(fields: Fields, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = fields.optionalText(name);
    if (text !== undefined) return text;
  }
  return undefined;
}

export function optionalDecimalOf(fields: Fields, names: readonly string[]): Decimal | undefined {
  const text = first(fields, names);
  if (text === undefined) return undefined;
  return parseDecimal(text) ?? reject(`"${names[0]}" is "${text}"; expected a decimal number`);
}

export function decimalOf(fields: Fields, names: readonly string[]): Decimal {
  return optionalDecimalOf(fields, names) ?? reject(`"${names[0]}" is missing; expected a decimal number`);
}

export function tokenOf(fields: Fields, names: readonly string[]): string {
  const text = first(fields, names);
  const token = text === undefined ? undefined : tokenId(text);
  return (
    token ??
    reject(`"${names[0]}" is ${text === undefined ? "missing" : `"${text}"`}; expected a token's number`)
  );
}

/** Sides of rows. */
export function sideOf(fields: Fields, field = "side"): Side {
  const word = fields.text(field).toUpperCase();
  return SIDE[word] ?? reject(fields.expected(field, "BUY or SELL"));
}

export function positive(fields: Fields, field: string): Decimal {
  const value = fields.decimal(field);
  return sign(value) > 0 ? value : reject(fields.expected(field, "a number above zero"));
}

/** 2017 and 2100: what lies outside was read in the wrong unit. In ms. */
const EPOCH_MS_LEAST = 1_483_228_800_000;
const EPOCH_MS_MOST = 4_102_444_800_000;

/** Seconds, ms, µs or ns since 1970, told apart by their size. In ms. */
export function epochOf(fields: Fields, names: readonly string[]): number {
  const text = first(fields, names);
  const digits = text === undefined || !/^\d{9,20}$/.test(text) ? undefined : text;
  const ms = digits === undefined ? Number.NaN : Number(digits) * 1_000 ** (digits.length <= 11 ? 1 : 0);
  const scaled =
    digits !== undefined && digits.length > 14 ? Math.floor(ms / 1_000 ** (digits.length > 17 ? 2 : 1)) : ms;
  if (scaled >= EPOCH_MS_LEAST && scaled <= EPOCH_MS_MOST) return scaled;
  return reject(
    `"${names[0]}" is ${text === undefined ? "missing" : `"${text}"`}; expected a time since 1970`,
  );
}

/** A word without the prefix that the specification writes and the wire mostly leaves out. */
export function bare(word: string, prefix: string): string {
  const upper = word.toUpperCase();
  return upper.startsWith(prefix) ? upper.slice(prefix.length) : upper;
}

export function isPositive(value: Decimal | undefined): value is Decimal {
  return value !== undefined && sign(value) > 0;
}
