// Pieces of rows that every profile reads alike: venue times, yes and no, the names that a person finds a row by.
import { type Decimal, sign } from "../../core/index.ts";
import { type Fields, isObject, reject } from "../wire/fields.ts";

/** A venue time in whole ms, which exchanges write as a text or as a number. */
export function time(fields: Fields, field: string): number {
  return optionalTime(fields, field) ?? reject(fields.expected(field, "a time in ms"));
}

export function optionalTime(fields: Fields, field: string): number | undefined {
  const text = fields.optionalText(field);
  if (text === undefined) return undefined;
  // Thirteen digits: a time in seconds or in ns, taken for ms, would be in 1970 or in the far future.
  return /^\d{13}$/.test(text) ? Number(text) : reject(fields.expected(field, "a time in ms"));
}

/** JSON's own true and false, or the words for them. Undefined where neither is there. */
export function flag(row: unknown, field: string): boolean | undefined {
  const value = isObject(row) ? row[field] : undefined;
  if (value === true || value === "true") return true;
  return value === false || value === "false" ? false : undefined;
}

export function positive(fields: Fields, field: string): Decimal {
  const value = fields.decimal(field);
  return sign(value) > 0 ? value : reject(fields.expected(field, "a number above zero"));
}

/** A price that is zero, or below, is none. */
export function optionalPrice(fields: Fields, field: string): Decimal | undefined {
  const value = fields.optionalDecimal(field);
  return value !== undefined && sign(value) > 0 ? value : undefined;
}

/** The row's name for a person: what it is, and what of. */
export function named(what: string, row: unknown, field: string): string {
  const name = isObject(row) ? row[field] : undefined;
  return typeof name === "string" && name !== "" ? `${what} of ${name.slice(0, 60)}` : what;
}
