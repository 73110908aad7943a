// Harbour's spelling and ours: `BTC-USDT-P` is `BTC/USDT:USDT`, and `BTC-USD-I` the inverse `BTC/USD:BTC`.
import { decimal, type Instrument, instrumentOf, ONE } from "../../core/index.ts";

/** Undefined for what Harbour does not spell so. */
export function symbolOf(venueSymbol: string): string | undefined {
  const match = /^([A-Z0-9]+)-([A-Z0-9]+)-([PI])$/.exec(venueSymbol);
  if (!match) return undefined;
  const [, base, quote, kind] = match;
  return `${base}/${quote}:${kind === "I" ? base : quote}`;
}

/** Undefined for what is not traded at Harbour. */
export function venueSymbolOf(symbol: string): string | undefined {
  const match = /^([A-Z0-9]+)\/([A-Z0-9]+):([A-Z0-9]+)$/.exec(symbol);
  if (!match) return undefined;
  const [, base, quote, settle] = match;
  if (settle !== quote && settle !== base) return undefined;
  return `${base}-${quote}-${settle === base ? "I" : "P"}`;
}

/** Linear contracts are counted in coins, inverse ones in contracts of 100 in the quote currency. */
export function instrumentFor(symbol: string): Instrument {
  const isInverse = venueSymbolOf(symbol)?.endsWith("-I") ?? false;
  const stated = isInverse
    ? { multiplier: decimal("100"), qtyStep: ONE, priceStep: decimal("0.1") }
    : { qtyStep: decimal("0.001"), priceStep: decimal("0.1") };
  return instrumentOf(symbol, stated);
}
