// Reading one row of an answer field by field, strictly: what is missing or not what the documentation says makes
// the row a problem in words, never a default. Knows nothing of positions or orders.
import { type Decimal, parseDecimal, sign } from "../../core/index.ts";

/** A row in our words, or why there is none. */
export type Parsed<Row> =
  | { readonly kind: "row"; readonly row: Row }
  | { readonly kind: "problem"; readonly problem: string };

/** Longest piece of a venue's answer that a problem repeats. In characters. */
const QUOTED_MAX = 60;

class ShapeError extends Error {}

/** Ends the reading of this row. */
export function reject(problem: string): never {
  throw new ShapeError(problem);
}

/** Reads one row with `read`; whatever it rejects becomes the problem, under the row's name. */
export function parseRow<Row>(what: string, value: unknown, read: (fields: Fields) => Row): Parsed<Row> {
  if (!isObject(value)) {
    return { kind: "problem", problem: `${what} is ${describe(value)}; expected an object` };
  }
  const fields = new Fields(value);
  try {
    return { kind: "row", row: read(fields) };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return { kind: "problem", problem: `${what}${fields.name()}: ${error.message}` };
  }
}

export class Fields {
  private readonly row: Readonly<Record<string, unknown>>;

  constructor(row: Readonly<Record<string, unknown>>) {
    this.row = row;
  }

  /** What a person finds the row by: its symbol and its id. */
  name(): string {
    const names = ["symbol", "id"].map((field) => this.row[field]);
    return names
      .flatMap((name) => (typeof name === "string" && name !== "" ? [` ${quote(name)}`] : []))
      .join("");
  }

  /** Text that must be there; white space around it is not part of it. */
  text(field: string): string {
    return this.optionalText(field) ?? reject(this.expected(field, "a text"));
  }

  /** Undefined when the venue does not report it: absent, null or empty. */
  optionalText(field: string): string | undefined {
    const value = this.row[field];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string") return reject(this.expected(field, "a text"));
    return value.trim() === "" ? undefined : value.trim();
  }

  decimal(field: string): Decimal {
    return this.optionalDecimal(field) ?? reject(this.expected(field, "a decimal number"));
  }

  optionalDecimal(field: string): Decimal | undefined {
    const text = this.optionalText(field);
    if (text === undefined) return undefined;
    return parseDecimal(text) ?? reject(this.expected(field, "a decimal number"));
  }

  /** A number above zero that must be there. */
  positive(field: string): Decimal {
    const value = this.decimal(field);
    return sign(value) > 0 ? value : reject(this.expected(field, "a number above zero"));
  }

  /** Digits after the point as the venue wrote them; undefined where it wrote an exponent or nothing. */
  scale(field: string): number | undefined {
    const text = this.optionalText(field);
    return text === undefined || /[eE]/.test(text) ? undefined : (/\.(\d*)$/.exec(text)?.[1] ?? "").length;
  }

  /** The meaning of an enumerated word; a word that is not in the table is a problem. */
  word<Meaning>(field: string, table: Readonly<Record<string, Meaning>>): Meaning {
    const text = this.text(field);
    if (!Object.hasOwn(table, text)) reject(this.expected(field, `one of ${Object.keys(table).join(", ")}`));
    return table[text] as Meaning;
  }

  /** JSON's own true or false, or the text of one; undefined when the venue does not report it. */
  optionalBoolean(field: string): boolean | undefined {
    const value = this.row[field];
    if (value === undefined || value === null || value === "") return undefined;
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    return reject(this.expected(field, "true or false"));
  }

  /** A nested list; undefined when it is null or absent. */
  optionalList(field: string): readonly unknown[] | undefined {
    const value = this.row[field];
    if (value === undefined || value === null) return undefined;
    return Array.isArray(value) ? value : reject(this.expected(field, "a list"));
  }

  /** A nested object that must be there. */
  object(field: string): Fields {
    const value = this.row[field];
    return isObject(value) ? new Fields(value) : reject(this.expected(field, "an object"));
  }

  /** The sentence for a field that is not what it should be. */
  expected(field: string, expectation: string): string {
    const value = this.row[field];
    const found = value === undefined ? "is missing" : `is ${describe(value)}`;
    return `"${field}" ${found}; expected ${expectation}`;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value in words, cut short. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? quote(value) : String(value);
}

export function quote(text: string): string {
  return `"${text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text}"`;
}
