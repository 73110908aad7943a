// Kraken's words into ours: balances and orders. Amounts are texts or numbers, times are seconds with a fraction.
// @see https://docs.kraken.com/api-reference/account-data/get-extended-balance, get-open-orders (read 2026-11)
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
import { flag, optionalPrice, positive } from "../rows.ts";
import { homePair, type Names, type Pair } from "./names.ts";

export const SIDE: Readonly<Record<string, Side>> = { buy: "buy", sell: "sell" };

/** A row under its name in the list. */
export type Entry = readonly [string, unknown];

export function entriesOf(value: unknown): readonly Entry[] | undefined {
  return isObject(value) ? Object.entries(value) : undefined;
}

/** Seconds with a fraction, to whole ms, without a float. */
export function timeOf(fields: Fields, field: string): number {
  const match = /^(\d{10})(?:\.(\d+))?$/.exec(fields.text(field));
  if (!match) return reject(fields.expected(field, "a time in seconds"));
  return Number(`${match[1]}${(match[2] ?? "").slice(0, 3).padEnd(3, "0")}`);
}

export function pairOf(fields: Fields, names: Names): Pair {
  return names.pair(fields.text("pair")) ?? reject(fields.expected("pair", "a pair of the list of markets"));
}

/** "available balance = balance + credit - credit_used - hold_trade". What is earned with is free too where it trades. */
export function parseBalance([id, value]: Entry, names: Names): Parsed<BalanceRow> {
  return parseRow(`the balance of ${id.slice(0, 20)}`, value, (fields) => {
    const total = fields.decimal("balance");
    const credit = fields.optionalDecimal("credit") ?? ZERO;
    const used = fields.optionalDecimal("credit_used") ?? ZERO;
    if (!isZero(used)) reject("it is traded on credit, which is not covered");
    const held = fields.optionalDecimal("hold_trade") ?? ZERO;
    const isBound = /\.[SBM]$/.test(id);
    return { asset: names.asset(id), total, free: isBound ? ZERO : subtract(add(total, credit), held) };
  });
}

/** Balances of one asset in several places are one. */
export function addedUp(rows: readonly BalanceRow[]): BalanceRow[] {
  const byAsset = new Map<string, BalanceRow>();
  for (const row of rows) {
    const known = byAsset.get(row.asset);
    const free = add(known?.free ?? ZERO, row.free ?? ZERO);
    byAsset.set(row.asset, { ...row, total: add(known?.total ?? ZERO, row.total), free });
  }
  return [...byAsset.values()];
}

export function coinPositions(balances: readonly BalanceRow[]): PositionRow[] {
  return balances.flatMap(({ asset, total }): PositionRow[] => {
    const instrument = homePair(asset);
    return instrument === undefined ? [] : [{ instrument, leg: "net", qty: total }];
  });
}

const STATUS: Readonly<Record<string, OrderStatus>> = {
  pending: "open",
  open: "open",
  closed: "filled",
  canceled: "canceled",
  expired: "expired",
};

/** Orders whose `price` is what sets them off. */
const STOPS = /^(stop-loss|take-profit|trailing-stop)/;

export function parseOrder([txid, value]: Entry, names: Names): Parsed<OrderRow> {
  return parseRow(`the order ${txid.slice(0, 40)}`, value, (fields) => {
    const terms = fields.object("descr");
    const type = terms.text("ordertype");
    const leverage = terms.optionalText("leverage") ?? "none";
    if (leverage !== "none") reject(`it has a leverage of ${leverage.slice(0, 10)}; margin is not covered`);
    const isStop = STOPS.test(type);
    const filledQty = fields.decimal("vol_exec");
    const status = fields.word("status", STATUS);
    const clientOrderId = fields.optionalText("cl_ord_id");
    const reduceOnly = flag(value, "reduce_only");
    return {
      instrument: pairOf(terms, names).symbol,
      leg: "net",
      venueOrderId: txid,
      ...(clientOrderId !== undefined && { clientOrderId }),
      side: terms.word("type", SIDE),
      type,
      ...sizeOf(fields),
      filledQty,
      ...pricesOf(terms, isStop),
      ...averageOf(fields, filledQty),
      ...(reduceOnly !== undefined && { reduceOnly }),
      status: status === "open" && !isZero(filledQty) ? "partially_filled" : status,
      venueStatus: fields.text("status"),
      createdAt: timeOf(fields, "opentm"),
    };
  });
}

/** With the flag `viqc` an order's volume is in the quote currency. */
function sizeOf(fields: Fields): Pick<OrderRow, "qty" | "notional"> {
  const size = positive(fields, "vol");
  const flags = (fields.optionalText("oflags") ?? "").split(",");
  return flags.includes("viqc") ? { notional: size } : { qty: size };
}

/** A stop's first price sets it off; its second one is the limit. Relative ones (`+5%`) are not prices. */
function pricesOf(terms: Fields, isStop: boolean): Pick<OrderRow, "price" | "triggerPrice"> {
  const isPrice = (field: string) => /^\d+(\.\d+)?$/.test(terms.optionalText(field) ?? "");
  const first = isPrice("price") ? optionalPrice(terms, "price") : undefined;
  const second = isPrice("price2") ? optionalPrice(terms, "price2") : undefined;
  const price = isStop ? second : first;
  return {
    ...(price !== undefined && { price }),
    ...(isStop && first !== undefined && { triggerPrice: first }),
  };
}

function averageOf(fields: Fields, filledQty: Decimal): Pick<OrderRow, "avgPrice" | "avgPriceScale"> {
  const avgPrice = isZero(filledQty) ? undefined : optionalPrice(fields, "price");
  const avgPriceScale = fields.scale("price");
  if (avgPrice === undefined) return {};
  return { avgPrice, ...(avgPriceScale !== undefined && { avgPriceScale }) };
}
