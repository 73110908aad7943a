// Kraken's names and ours. An asset has an id (`XXBT`, `ZUSD`) and a shorter name (`XBT`, `USD`); a pair has an id
// (`XXBTZUSD`), a short name (`XBTUSD`) and one with a stroke (`XBT/USD`). Which is which the list of markets says.
// @see https://docs.kraken.com/api-reference/market-data/get-tradable-asset-pairs, get-extended-balance (read 2026-11)
import { type Instrument, instrumentOf, isCash, parseDecimal } from "../../../core/index.ts";
import type { Market } from "../exchange.ts";
import type { Markets } from "../markets.ts";

export interface Pair {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
}

export interface Names {
  /** Undefined for a pair that is not in the list of markets. */
  pair(name: string): Pair | undefined;
  /** What is earned with a coin (`XBT.F`, `DOT.S`) is that coin. */
  asset(id: string): string;
}

/** Ids of Kraken's first years, and what they are for; all later ones are the names themselves. */
const OLD_IDS: Readonly<Record<string, string>> = {
  ...{ XXBT: "BTC", XBT: "BTC", XETH: "ETH", XETC: "ETC", XLTC: "LTC", XMLN: "MLN", XREP: "REP" },
  ...{ XXDG: "DOGE", XDG: "DOGE", XXLM: "XLM", XXMR: "XMR", XXRP: "XRP", XZEC: "ZEC" },
  ...{ ZUSD: "USD", ZEUR: "EUR", ZGBP: "GBP", ZJPY: "JPY", ZCAD: "CAD", ZAUD: "AUD" },
};

/** Tokenized shares are things of their own. */
const OWN_SUFFIX = ".T";

/** Made of the markets, and made anew when those were loaded again. */
export class MarketNames implements Names {
  private readonly markets: Markets;
  private loads = -1;
  private pairs = new Map<string, Pair>();
  private assets = new Map<string, string>();

  constructor(markets: Markets) {
    this.markets = markets;
  }

  pair(name: string): Pair | undefined {
    this.learn();
    return this.pairs.get(name);
  }

  asset(id: string): string {
    this.learn();
    const plain = plainOf(id);
    return this.assets.get(plain) ?? OLD_IDS[plain] ?? plain;
  }

  private learn(): void {
    if (this.loads === this.markets.loads) return;
    this.loads = this.markets.loads;
    this.pairs = new Map();
    this.assets = new Map();
    for (const market of this.markets.all()) if (market.spot) this.learnMarket(market);
  }

  private learnMarket({ id, symbol, base, quote, info }: Market): void {
    const [baseName, quoteName] = String(info.wsname ?? "").split("/");
    for (const name of [id, info.altname, info.wsname]) {
      if (typeof name === "string" && name !== "") this.pairs.set(name, { symbol, base, quote });
    }
    for (const [name, code] of [
      [info.base, base],
      [info.quote, quote],
      [baseName, base],
      [quoteName, quote],
    ]) {
      if (typeof name === "string" && name !== "" && typeof code === "string") this.assets.set(name, code);
    }
  }
}

function plainOf(id: string): string {
  const point = id.endsWith(OWN_SUFFIX) ? -1 : id.indexOf(".");
  return point > 0 ? id.slice(0, point) : id;
}

/** Where no list of markets is at hand: what is not an old id has its own name. */
export function assetByForm(id: string): string {
  const plain = plainOf(id);
  return OLD_IDS[plain] ?? plain;
}

/** Currencies of states that are quotes at Kraken, besides those that are money everywhere; and its credits for fees. */
const MONEY: ReadonlySet<string> = new Set(["CAD", "AUD", "AED", "KFEE"]);

/** The pair that a coin's position has its name from; undefined for money. */
export function homePair(coin: string): string | undefined {
  return isCash(coin) || MONEY.has(coin) || coin.startsWith("USD") ? undefined : `${coin}/USD`;
}

export function spotInstrument(symbol: string, market: Market | undefined): Instrument | undefined {
  if (!/^[^/:\s]+\/[^/:\s]+$/.test(symbol)) return undefined;
  const qtyStep = parseDecimal(market?.precision.amount);
  const priceStep = parseDecimal(market?.precision.price);
  return instrumentOf(symbol, {
    ...(qtyStep !== undefined && { qtyStep }),
    ...(priceStep !== undefined && { priceStep }),
  });
}
