// Alpaca's symbols and what a trade in each moves. One instrument has one name here: a coin is "BTC/USD", also where
// Alpaca lists its position as "BTCUSD".
import { decimal, type Instrument, instrumentOf, ONE } from "../../core/index.ts";

/** Asset classes that this adapter knows the arithmetic of. The others (treasuries, perpetuals …) it refuses. */
export const ASSET_CLASSES = { us_equity: "equity", us_option: "option", crypto: "crypto" } as const;
export type AssetKind = (typeof ASSET_CLASSES)[keyof typeof ASSET_CLASSES];

/**
 * What coins are quoted in.
 * @see https://docs.alpaca.markets/docs/crypto-trading "trading pairs are based on BTC, USD, USDT and USDC"; BTC/USD
 * "was previously referred to as BTCUSD" (read 2026-11)
 */
const CRYPTO_QUOTES = ["USDT", "USDC", "USD", "BTC"] as const;

/**
 * An option's symbol: root, expiry, call or put, strike; `AAPL230721C00150000`.
 * @see https://docs.alpaca.markets/docs/non-trade-activities-for-option-events (examples, read 2026-11)
 */
const OPTION = /^([A-Z.]{1,6}\d?)\d{6}[CP]\d{8}$/;

/**
 * Alpaca takes fractions of shares and coins to nine digits.
 * @see node_modules/@alpacahq/alpaca-trade-api 4.0.2, Order.qty: "can take up to 9 decimal points" (read 2026-11)
 */
const FRACTION_STEP = decimal("0.000000001");
/** Shares above 1 USD trade in cents, below in hundredths of a cent; the finer one holds for both. */
const SHARE_PRICE_STEP = decimal("0.0001");
const OPTION_PRICE_STEP = decimal("0.01");
const OPTION_MULTIPLIER = decimal("100");

/** Our name for an instrument; undefined where a coin's symbol does not tell its two halves. */
export function instrumentName(symbol: string, kind: AssetKind | undefined): string | undefined {
  if (kind !== "crypto" || symbol.includes("/")) return symbol;
  const quote = CRYPTO_QUOTES.find((one) => symbol.endsWith(one) && symbol.length > one.length);
  return quote && `${symbol.slice(0, -quote.length)}/${quote}`;
}

/**
 * Our name where a row does not say its kind: no share has more than five letters, so a longer run of them that ends with
 * a currency is a coin without its slash. Under two names one trade would be two.
 */
export function tradedName(symbol: string): string {
  return (/^[A-Z]{6,12}$/.test(symbol) && instrumentName(symbol, "crypto")) || symbol;
}

/** The name that Alpaca's look-up of one position takes: a slash would end the path. */
export function pathSymbol(instrument: string): string {
  return instrument.replace("/", "");
}

export function isCrypto(instrument: string): boolean {
  return instrument.includes("/");
}

export function kindOfInstrument(instrument: string): AssetKind {
  if (isCrypto(instrument)) return "crypto";
  return OPTION.test(instrument) ? "option" : "equity";
}

/** @param currency The account's currency: what shares and options are paid in. */
export function instrumentSpec(symbol: string, currency: string): Instrument {
  if (isCrypto(symbol)) return instrumentOf(symbol, { qtyStep: FRACTION_STEP, priceStep: FRACTION_STEP });
  const root = OPTION.exec(symbol)?.[1];
  if (root === undefined) {
    return instrumentOf(symbol, {
      quote: currency,
      base: null,
      settlement: "cash",
      qtyStep: FRACTION_STEP,
      priceStep: SHARE_PRICE_STEP,
    });
  }
  // A root that ends in a digit is a contract adjusted by a corporate action: it delivers something else than 100
  // shares, so nothing is said about the money that it moves; the balance read settles that.
  const isAdjusted = /\d$/.test(root);
  return instrumentOf(symbol, {
    quote: currency,
    base: null,
    settlement: isAdjusted ? "none" : "cash",
    multiplier: OPTION_MULTIPLIER,
    qtyStep: ONE,
    priceStep: OPTION_PRICE_STEP,
  });
}

/** Longest symbol of a share, what stands behind a dot aside. */
const SHARE_LETTERS_MAX = 5;

/** Whether anything that Alpaca trades could be called so: letters and digits, `.` in classes of shares, `/` in pairs. */
export function canBeName(text: string): boolean {
  return text.length <= NAME_LENGTH_MAX && /^[A-Za-z0-9][A-Za-z0-9./_:-]*$/.test(text);
}
/** Longer than an option's name (21) or any pair's. */
const NAME_LENGTH_MAX = 40;

/**
 * A coin as bots spell it: `BTCUSD`, `btc-usd`. Undefined for everything that may be a share or an option: those have one
 * spelling.
 */
export function coinSpelled(text: string): string | undefined {
  const [, base, quote] = /^([A-Z0-9]+)[-_/:]([A-Z]+)$/.exec(text.toUpperCase()) ?? [];
  if (base !== undefined && quote !== undefined) {
    return CRYPTO_QUOTES.some((one) => one === quote) ? `${base}/${quote}` : undefined;
  }
  if (text.length <= SHARE_LETTERS_MAX || !/^[A-Za-z0-9]+$/.test(text) || OPTION.test(text)) return undefined;
  return instrumentName(text.toUpperCase(), "crypto");
}
