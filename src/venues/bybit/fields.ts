// Bybit's ways of writing one field: times in ms as text or number, zero or nothing where there is none, booleans.
// Shared by its parsers; knows no row.
import { type Decimal, isZero, type Leg, sign } from "../../core/index.ts";
import { type Fields, isObject, reject } from "../wire/fields.ts";
import type { Names } from "./instruments.ts";
import { CATEGORIES, type Category, type Contract } from "./symbols.ts";

/** Undefined for nothing and for zero, which is Bybit's word for "no time". */
export function optionalMs(fields: Fields, field: string): number | undefined {
  const text = fields.optionalText(field);
  if (text === undefined || text === "0") return undefined;
  return /^\d{12,14}$/.test(text) ? Number(text) : reject(fields.expected(field, "a time in ms"));
}

export function msOf(fields: Fields, field: string): number {
  return optionalMs(fields, field) ?? reject(fields.expected(field, "a time in ms"));
}

/** A price or average: Bybit writes "", "0" or "0.00" where there is none. */
export function optionalPrice(fields: Fields, field: string): Decimal | undefined {
  const value = fields.optionalDecimal(field);
  return value !== undefined && sign(value) > 0 ? value : undefined;
}

export function positive(fields: Fields, field: string): Decimal {
  const value = fields.decimal(field);
  return sign(value) > 0 ? value : reject(fields.expected(field, "a number above zero"));
}

/** An amount other than zero. */
export function optionalAmount(fields: Fields, field: string): Decimal | undefined {
  const value = fields.optionalDecimal(field);
  return value === undefined || isZero(value) ? undefined : value;
}

/** A text that stands for something: not empty, not "UNKNOWN", not "None". */
export function optionalWord(fields: Fields, field: string): string | undefined {
  const text = fields.optionalText(field);
  return text === undefined || /^(?:unknown|none)$/i.test(text) ? undefined : text;
}

/** Undefined where it is no boolean. */
export function booleanOf(row: unknown, field: string): boolean | undefined {
  const value = isObject(row) ? row[field] : undefined;
  return typeof value === "boolean" ? value : undefined;
}

/** @see https://bybit-exchange.github.io/docs/v5/enum#positionidx (read 2026-11) */
export const LEG_OF_INDEX: Readonly<Record<string, Leg>> = { "0": "net", "1": "long", "2": "short" };

export const BYBIT_SIDE = { Buy: "buy", Sell: "sell" } as const;

/** Of the row itself, which the stream names, else of the answer around it. */
export function categoryOf(fields: Fields, around: Category | undefined): Category {
  const text = fields.optionalText("category");
  if (text === undefined && around !== undefined) return around;
  return (
    CATEGORIES.find((one) => one === text) ??
    reject(fields.expected("category", `one of ${CATEGORIES.join(", ")}`))
  );
}

export function contractIn(fields: Fields, category: Category, names: Names): Contract {
  const symbol = fields.text("symbol");
  return (
    names.of(category, symbol) ??
    reject(`"symbol" is "${symbol}"; expected one that Bybit lists in category ${category}`)
  );
}
