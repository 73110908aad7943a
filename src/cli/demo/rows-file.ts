// A bot's own file in the simplest shape there is: one key a symbol, a quantity, the price it was bought at, and
// fields that only the bot understands. Read and written as a bot would: all of it, at once.
import { add, compare, type Decimal, decimal, isZero, ZERO } from "../../core/index.ts";
import { jsonNumber, readJson, writeJson } from "./json.ts";

interface Row {
  readonly qty: unknown;
  readonly [field: string]: unknown;
}

export class RowsFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** What it holds, in a fixed order; keys with _ are no positions. */
  held(): ReadonlyMap<string, Decimal> {
    const rows = Object.entries(this.rows()).filter(([key]) => !key.startsWith("_"));
    return new Map(rows.sort().map(([key, { qty }]) => [key, decimal(String(qty))]));
  }

  qty(instrument: string): Decimal {
    return this.held().get(instrument) ?? ZERO;
  }

  /** Notes a trade: a row that comes to zero goes. */
  move(instrument: string, delta: Decimal, fields: Readonly<Record<string, unknown>>): void {
    const { [instrument]: row, ...others } = this.rows();
    const qty = add(this.qty(instrument), delta);
    if (isZero(qty)) this.write(others);
    else this.write({ ...others, [instrument]: { ...(row ?? fields), qty: jsonNumber(qty) } });
  }

  put(instrument: string, row: Row): void {
    this.write({ ...this.rows(), [instrument]: row });
  }

  /** Instruments of which it holds more than so much. */
  above(least: Decimal): string[] {
    return [...this.held()].filter(([, qty]) => compare(qty, least) > 0).map(([name]) => name);
  }

  private rows(): Record<string, Row> {
    return readJson(this.path) as Record<string, Row>;
  }

  private write(rows: Readonly<Record<string, unknown>>): void {
    writeJson(this.path, rows);
  }
}
