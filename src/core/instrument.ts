// What a trade in an instrument moves: how fine its quantity is, and which balances it touches. An adapter
// states it; where it does not, it is read from a symbol in ccxt's spelling. No prices, no trading hours.
import { type Decimal, decimal, ONE } from "./decimal.ts";

/**
 * - `cash`: a buy takes quantity × price of the quote asset (shares, spot coins).
 * - `margin`: only realised profit, fees and funding move the quote asset (perpetuals, futures).
 * - `none`: not known; only fees with a currency of their own move a balance.
 */
export type Settlement = "cash" | "margin" | "none";

/**
 * What a contract is worth in the asset that pays.
 * - `linear`: quantity × multiplier × price, as with shares, coins and most contracts.
 * - `inverse`: quantity × multiplier ÷ price. A contract is worth a fixed sum of the currency that it is priced in (1 or 100
 *   USD) and pays in the coin itself: `BTC/USD:BTC`.
 */
export type Payoff = "linear" | "inverse";

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
  /** Linear where it is not said, as in what was recorded before there was such a word. */
  readonly payoff?: Payoff;
}

/** The currency that its prices are in; null where not known. Of an inverse contract its spelling alone tells. */
export function pricedIn(instrument: Pick<Instrument, "symbol" | "quote" | "payoff">): string | null {
  if (payoffOf(instrument) === "linear") return instrument.quote;
  return SPELLED.exec(instrument.symbol)?.[2] ?? null;
}

export function payoffOf({ payoff }: Pick<Instrument, "payoff">): Payoff {
  return payoff ?? "linear";
}

/** Venues that say nothing of their steps get this one: finer than any venue trades. */
const QTY_STEP_DEFAULT = decimal("0.000000001");

/** Base, quote, what it settles in, the day on which it ends, and what makes an option of it. */
const SPELLED = /^([^/:]+)\/([^/:]+)(?::([^/:-]+)(-\d{6})?(-[^/:]+)?)?$/;

/**
 * Reads base, quote, settlement and payoff from a symbol in ccxt's spelling: `BTC/USDT` trades coins for cash,
 * `BTC/USDT:USDT` is a contract settled in the last asset (inverse where that is the base: `BTC/USD:BTC`,
 * `BTC/USD:BTC-261225`), and anything else says nothing: an option (`BTC/USD:BTC-261225-100000-C`) what it settles in.
 */
export function instrumentOf(symbol: string, stated: Partial<Instrument> = {}): Instrument {
  const match = SPELLED.exec(symbol);
  const isContract = match?.[3] !== undefined;
  const isOption = match?.[5] !== undefined;
  const isPaidInCash = stated.settlement === "cash";
  const isInverse = isContract && !isOption && !isPaidInCash && match[3] === match[1];
  return {
    symbol,
    qtyStep: QTY_STEP_DEFAULT,
    priceStep: QTY_STEP_DEFAULT,
    multiplier: ONE,
    base: match && !isContract ? (match[1] ?? null) : null,
    quote: match ? ((isContract ? match[3] : match[2]) ?? null) : null,
    settlement: match && !isOption ? (isContract ? "margin" : "cash") : "none",
    ...(isInverse && { payoff: "inverse" as const }),
    ...stated,
  };
}

/** Whether both say the same of an instrument. */
export function isSameInstrument(a: Instrument, b: Instrument): boolean {
  if (a === b) return true;
  const { payoff: _, ...first } = a;
  const { payoff: __, ...second } = b;
  const fields = Object.keys(second) as (keyof typeof second)[];
  return (
    payoffOf(a) === payoffOf(b) &&
    fields.length === Object.keys(first).length &&
    fields.every((field) => first[field] === second[field])
  );
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
