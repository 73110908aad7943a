// What both of Binance's markets write alike: sides, legs, times, states and kinds of order. Pure.
import {
  type Cause,
  type Decimal,
  type Leg,
  type OrderRow,
  type OrderStatus,
  type Side,
  sign,
} from "../../core/index.ts";
import { type Fields, reject } from "../wire/fields.ts";
import type { Symbols } from "./symbols.ts";

export const SIDE: Readonly<Record<string, Side>> = { BUY: "buy", SELL: "sell" };

/** One-way accounts have BOTH; in hedge mode LONG and SHORT are two positions of one symbol. */
export const LEG: Readonly<Record<string, Leg>> = { BOTH: "net", LONG: "long", SHORT: "short" };

/**
 * Binance's order states in ours, of both markets and of the algo service. NEW_INSURANCE and NEW_ADL are of liquidations
 * that are being carried out. FINISHED and TRIGGERED are not here: they say that another order took over.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/common-definition "Order status"
 * @see https://github.com/binance/binance-spot-api-docs enums.md "Order status"
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-Algo-Order-Update
 * (all read 2026-11)
 */
const STATUS: Readonly<Record<string, OrderStatus>> = {
  NEW: "open",
  PENDING_NEW: "open",
  PARTIALLY_FILLED: "partially_filled",
  FILLED: "filled",
  CANCELED: "canceled",
  PENDING_CANCEL: "open",
  REJECTED: "rejected",
  EXPIRED: "expired",
  EXPIRED_IN_MATCH: "expired",
  NEW_INSURANCE: "open",
  NEW_ADL: "open",
  TRIGGERING: "open",
};

/** A state in our words; a word that is not known is kept as the venue's own and is no state of ours. */
export function statusOf(
  word: string,
  filled: Decimal | undefined,
): Pick<OrderRow, "status" | "venueStatus"> {
  const status = Object.hasOwn(STATUS, word) ? STATUS[word] : undefined;
  const isPart = status === "open" && filled !== undefined && sign(filled) > 0;
  return {
    ...(status !== undefined && { status: isPart ? "partially_filled" : status }),
    venueStatus: word,
  };
}

/** Whether the venue's own word for an order's state is known. */
export function isKnownStatus(word: string | undefined): boolean {
  return word === undefined || Object.hasOwn(STATUS, word) || word === "TRIGGERED" || word === "FINISHED";
}

/** Kinds of order that have a word of ours; the others keep theirs, in small letters. */
const TYPES: Readonly<Record<string, string>> = {
  STOP_MARKET: "stop",
  STOP: "stop_limit",
  STOP_LOSS: "stop",
  STOP_LOSS_LIMIT: "stop_limit",
};

export function typeOf(word: string): string {
  return TYPES[word] ?? word.toLowerCase();
}

/** Ms since the epoch; a time in other units would put everything decades away. */
export function timeOf(fields: Fields, field: string): number {
  return optionalTime(fields, field) ?? reject(fields.expected(field, "a time in ms"));
}

/** 2001 to 2286: thirteen digits. Zero is "not yet". */
const MS = /^\d{13}$/;

export function optionalTime(fields: Fields, field: string): number | undefined {
  const text = fields.optionalText(field);
  if (text === undefined || /^-?[01]$/.test(text)) return undefined;
  return MS.test(text) ? Number(text) : reject(fields.expected(field, "a time in ms"));
}

/** An id as digits; what stands for none (0, -1) is none. */
export function optionalId(fields: Fields, field: string): string | undefined {
  const text = fields.optionalText(field);
  return text === undefined || text === "0" || text.startsWith("-") ? undefined : text;
}

/** Above zero, or not reported: Binance writes 0 where there is none. */
export function optionalPositive(fields: Fields, field: string): Decimal | undefined {
  const value = fields.optionalDecimal(field);
  return value !== undefined && sign(value) > 0 ? value : undefined;
}

export function positive(fields: Fields, field: string): Decimal {
  return optionalPositive(fields, field) ?? reject(fields.expected(field, "a number above zero"));
}

export function instrumentOfRow(fields: Fields, symbols: Symbols, field = "symbol"): string {
  const symbol = fields.text(field);
  return (
    symbols.instrumentOf(symbol) ?? reject(fields.expected(field, "a symbol of this market, such as BTCUSDT"))
  );
}

/**
 * Client order ids that Binance itself gives to the orders by which it closes positions. The prefix counts before the kind
 * of execution: an ADL has executions that say TRADE.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-Order-Update
 * ("special client order id", read 2026-11)
 */
const FORCED: readonly { readonly prefix: string; readonly cause: Cause }[] = [
  { prefix: "autoclose-", cause: "liquidation" },
  { prefix: "adl_autoclose", cause: "adl" },
  { prefix: "settlement_autoclose-", cause: "settlement" },
  { prefix: "delivery_autoclose-", cause: "expiry" },
];

export function forcedBy(clientOrderId: string | undefined): Cause | undefined {
  return FORCED.find(({ prefix }) => clientOrderId?.startsWith(prefix))?.cause;
}
