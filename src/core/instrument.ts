// What a trade in an instrument moves: how fine its quantity is, and which balances it touches. An adapter
// states it; where it does not, it is read from a symbol in ccxt's spelling. No prices, no trading hours.
import { type Decimal, decimal, ONE } from "./decimal.ts";

/**
 * - `cash`: a buy takes quantity × price of the quote asset (shares, spot coins).
 * - `margin`: only realised profit, fees and funding move the quote asset (perpetuals, futures).
 * - `none`: not known; only fees with a currency of their own move a balance.
 */
export type Settlement = "cash" | "margin" | "none";

export interface Instrument {
  readonly symbol: string;
  /** The smallest quantity; a smaller difference is dust. Greater than zero. */
  readonly qtyStep: Decimal;
  readonly priceStep: Decimal;
  /** Units of the underlying in one contract: 100 for an option, 1 for a share. */
  readonly multiplier: Decimal;
  /** The asset that is bought; a fee paid in it reduces the position. Null where there is none. */
  readonly base: string | null;
  /** The asset that pays. Null where not known. */
  readonly quote: string | null;
  readonly settlement: Settlement;
}

/** Venues that say nothing of their steps get this one: finer than any venue trades. */
const QTY_STEP_DEFAULT = decimal("0.000000001");

/**
 * Reads base, quote and settlement from a symbol in ccxt's spelling: `BTC/USDT` trades coins for cash,
 * `BTC/USDT:USDT` is a contract settled in the last asset, and anything else says nothing.
 */
export function instrumentOf(symbol: string, stated: Partial<Instrument> = {}): Instrument {
  const match = /^([^/:]+)\/([^/:]+)(?::([^/:]+))?$/.exec(symbol);
  const isContract = match?.[3] !== undefined;
  return {
    symbol,
    qtyStep: QTY_STEP_DEFAULT,
    priceStep: QTY_STEP_DEFAULT,
    multiplier: ONE,
    base: match && !isContract ? (match[1] ?? null) : null,
    quote: match ? ((isContract ? match[3] : match[2]) ?? null) : null,
    settlement: match ? (isContract ? "margin" : "cash") : "none",
    ...stated,
  };
}

/** Whether both say the same of an instrument. */
export function isSameInstrument(a: Instrument, b: Instrument): boolean {
  if (a === b) return true;
  const fields = Object.keys(b) as (keyof Instrument)[];
  return fields.length === Object.keys(a).length && fields.every((field) => a[field] === b[field]);
}

const CASH = new Set([
  "USD",
  "USDT",
  "USDC",
  "EUR",
  "GBP",
  "JPY",
  "CHF",
  "BUSD",
  "FDUSD",
  "DAI",
  "PUSD",
  "CASH",
]);

/** Whether a balance in this asset is money, so that a tolerance in units of it makes sense. */
export function isCash(asset: string): boolean {
  return CASH.has(asset.toUpperCase());
}
