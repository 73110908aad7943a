// Hyperliquid's names of what is traded, and ours. A perpetual of the first dex is named by its coin (`ETH`), one of a
// builder's dex by dex and coin (`xyz:NVDA`), a spot pair by its place in the list (`@107`), and only PURR/USDC in words.
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/asset-ids (read 2026-11)
import { type Instrument, instrumentOf, parseDecimal } from "../../../core/index.ts";
import type { Market } from "../exchange.ts";

export interface Coin {
  /** As Hyperliquid writes it. */
  readonly name: string;
  readonly instrument: Instrument;
  readonly isSpot: boolean;
  /** What an order names it by; undefined where no list of markets was read. */
  readonly asset?: number;
  /** The builder's dex that it trades on; empty for the first one and for spot. */
  readonly dex: string;
}

export interface Coins {
  of(name: string): Coin | undefined;
  bySymbol(symbol: string): Coin | undefined;
  /** What a builder's dex settles in, where a coin of it is known. */
  settleOf(dex: string): string | undefined;
}

/**
 * Without a list of markets: what the name alone tells. A builder's dex settles in a currency of its own, and a spot pair's
 * number tells nothing: both stay unknown.
 */
export const COINS_BY_NAME: Coins = {
  of: (name) => {
    if (/^[A-Za-z0-9]{1,20}$/.test(name)) {
      const symbol = `${name.toUpperCase()}/USDC:USDC`;
      return { name, instrument: instrumentOf(symbol), isSpot: false, dex: "" };
    }
    if (name !== "PURR/USDC") return undefined;
    return { name, instrument: instrumentOf(name), isSpot: true, dex: "" };
  },
  bySymbol: () => undefined,
  settleOf: () => undefined,
};

export function coinsOf(markets: readonly Market[]): Coins {
  const coins = markets.flatMap((market) => coinOf(market) ?? []);
  const byName = new Map(coins.map((coin) => [coin.name, coin]));
  const bySymbol = new Map(coins.map((coin) => [coin.instrument.symbol, coin]));
  const settles = new Map(
    coins.filter(({ isSpot }) => !isSpot).map(({ dex, instrument }) => [dex, instrument.quote ?? ""]),
  );
  return {
    of: (name) => byName.get(name),
    bySymbol: (symbol) => bySymbol.get(symbol),
    settleOf: (dex) => settles.get(dex),
  };
}

function coinOf(market: Market): Coin | undefined {
  const { symbol, spot, base, quote, settle, precision } = market;
  // Of a perpetual `id` is the number of its asset, and the name lies in what Hyperliquid said.
  const name = spot ? market.id : String(market.info.name ?? "");
  const asset = Number(market.baseId);
  if (name === "" || !Number.isSafeInteger(asset)) return undefined;
  const qtyStep = parseDecimal(precision.amount);
  const priceStep = parseDecimal(precision.price);
  return {
    name,
    asset,
    isSpot: spot,
    dex: name.includes(":") ? name.slice(0, name.indexOf(":")) : "",
    instrument: instrumentOf(symbol, {
      ...(qtyStep !== undefined && { qtyStep }),
      ...(priceStep !== undefined && { priceStep }),
      base: spot ? base : null,
      quote: spot ? quote : (settle ?? quote),
      settlement: spot ? "cash" : "margin",
    }),
  };
}

/**
 * ccxt's names for the tokens that stand for coins of other chains: `UBTC` is `BTC` in its symbols, so balances must be
 * named alike. @see node_modules/ccxt 4.5.84, js/src/hyperliquid.js, options.spotCurrencyMapping (read 2026-11)
 */
const ASSETS: Readonly<Record<string, string>> = {
  UDZ: "2Z",
  UBONK: "BONK",
  UBTC: "BTC",
  UETH: "ETH",
  UFART: "FARTCOIN",
  HPENGU: "PENGU",
  UPUMP: "PUMP",
  USOL: "SOL",
  UUUSPX: "SPX",
  USDT0: "USDT",
  XAUT0: "XAUT",
  UXPL: "XPL",
};

export function assetName(token: string): string {
  return ASSETS[token] ?? token;
}
