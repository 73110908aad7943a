// Binance's symbols and what a trade in each moves. One instrument has one name here, in ccxt's spelling: `BTC/USDT:USDT`,
// `BTC/USDT:USDT-261225` for a dated one, `BTC/USDT` for coins. What the exchange lists says how a symbol splits; for one
// that it does not list any more, its shape does.
import { type Decimal, decimal, type Instrument, instrumentOf, ONE } from "../../core/index.ts";
import { Spellings } from "../wire/spellings.ts";
import type { Market } from "./markets.ts";

/** What is known of one symbol. */
export interface Listed {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** What margin and profit are in; the quote unless told. */
  readonly settle?: string | undefined;
  /** `261225`, of a dated contract. */
  readonly expiry?: string | undefined;
  readonly qtyStep?: Decimal | undefined;
  readonly priceStep?: Decimal | undefined;
}

/**
 * What symbols end with, longest first where one is the end of another.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information
 * (quoteAsset) and node_modules/ccxt 4.5.84, js/src/binance.js, options "quoteOrderQty" markets (read 2026-11)
 */
const QUOTES: Readonly<Record<Market, readonly string[]>> = {
  usdm: ["BFUSD", "FDUSD", "USDT", "USDC", "BUSD", "USD1", "BTC"],
  spot: [
    ...["FDUSD", "TUSD", "USDT", "USDC", "BUSD", "USD1", "USDP", "PAX", "USDS", "DAI", "AEUR", "EURI", "EUR"],
    ...[
      "GBP",
      "TRY",
      "BRL",
      "AUD",
      "JPY",
      "ARS",
      "COP",
      "CZK",
      "MXN",
      "PLN",
      "RON",
      "UAH",
      "ZAR",
      "RUB",
      "NGN",
    ],
    ...["IDRT", "BIDR", "BKRW", "VAI", "UST", "BTC", "ETH", "BNB", "XRP", "TRX", "DOGE", "DOT", "SOL"],
  ],
};

/** Symbols of futures whose shape leaves no doubt. */
const SYMBOL = /^[A-Z0-9]{2,}(?:USDT|USDC)(?:_\d{6})?$/;

const DATED = /^(.+)_(\d{6})$/;

/** How a symbol splits by its shape; undefined where it ends with no quote that is known. */
export function listedByShape(market: Market, symbol: string): Listed | undefined {
  const [, pair = symbol, expiry] = market === "usdm" ? (DATED.exec(symbol) ?? []) : [];
  const quote = QUOTES[market].find((one) => pair.endsWith(one) && pair.length > one.length);
  return quote === undefined
    ? undefined
    : { symbol, base: pair.slice(0, -quote.length), quote, ...(expiry !== undefined && { expiry }) };
}

function nameOf(market: Market, { base, quote, settle = quote, expiry }: Listed): string {
  if (market === "spot") return `${base}/${quote}`;
  return `${base}/${quote}:${settle}${expiry === undefined ? "" : `-${expiry}`}`;
}

/** Binance's own name, from ours: of an instrument that is not listed, or before the list was read. */
function symbolByShape(market: Market, instrument: string): string | undefined {
  const pattern = market === "spot" ? /^([^/:]+)\/([^/:]+)$/ : /^([^/:]+)\/([^/:]+):[^/:-]+(?:-(\d{6}))?$/;
  const [, base, quote, expiry] = pattern.exec(instrument) ?? [];
  if (base === undefined || quote === undefined) return undefined;
  return `${base}${quote}${expiry === undefined ? "" : `_${expiry}`}`;
}

/** Symbols by both names. It begins empty, which is enough to read payloads; a list makes it exact. */
export class Symbols {
  readonly market: Market;
  private bySymbol = new Map<string, Listed>();
  private byInstrument = new Map<string, Listed>();
  private readonly spellings = new Spellings();

  constructor(market: Market) {
    this.market = market;
  }

  /** Takes a list in; what was listed before and is not any more stays known. */
  learn(listed: readonly Listed[]): void {
    for (const one of listed) {
      this.bySymbol.set(one.symbol, one);
      const name = nameOf(this.market, one);
      this.byInstrument.set(name, one);
      this.spellings.learn([{ name, id: one.symbol }]);
    }
  }

  isListed(symbol: string): boolean {
    return this.bySymbol.has(symbol);
  }

  /** Our name; undefined where neither the list nor the shape tells. */
  instrumentOf(symbol: string): string | undefined {
    const listed = this.bySymbol.get(symbol) ?? listedByShape(this.market, symbol);
    return listed && nameOf(this.market, listed);
  }

  /**
   * What a bot may mean by a text. Of futures the exchange's own symbol is read by its shape where it is not listed, as in
   * its rows: the name is the same before and after the list was read.
   */
  named(text: string): readonly string[] {
    const known = this.spellings.named(text);
    if (known.length > 0 || this.market === "spot") return known;
    if (this.spec(text) !== undefined) return [text];
    const byShape = SYMBOL.test(text) ? this.instrumentOf(text) : undefined;
    return byShape === undefined ? [] : [byShape];
  }

  /** Binance's name; undefined for what is none of this market's. */
  symbolOf(instrument: string): string | undefined {
    return this.byInstrument.get(instrument)?.symbol ?? symbolByShape(this.market, instrument);
  }

  /** What a trade in it moves. USD-M contracts are sized in coins, so one is one (no `contractSize`). */
  spec(instrument: string): Instrument | undefined {
    const symbol = this.symbolOf(instrument);
    if (symbol === undefined) return undefined;
    const listed = this.bySymbol.get(symbol) ?? listedByShape(this.market, symbol);
    if (listed === undefined) return undefined;
    const steps = {
      ...(listed.qtyStep !== undefined && { qtyStep: listed.qtyStep }),
      ...(listed.priceStep !== undefined && { priceStep: listed.priceStep }),
    };
    if (this.market === "spot") {
      return instrumentOf(instrument, {
        ...steps,
        base: listed.base,
        quote: listed.quote,
        settlement: "cash",
      });
    }
    const quote = listed.settle ?? listed.quote;
    return instrumentOf(instrument, { ...steps, base: null, quote, settlement: "margin", multiplier: ONE });
  }
}

/** Finer than any market of Binance: eight digits, where the list states no step. */
export const STEP_DEFAULT = decimal("0.00000001");
