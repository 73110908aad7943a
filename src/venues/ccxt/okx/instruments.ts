// OKX's instrument ids and our symbols. An id tells everything but one: what a contract on USD is settled in. So a symbol is
// worked out from the id alone, and the same whether a list of markets was read or not: a row must never change its name.
//   BTC-USDT            BTC/USDT            spot, and margin on it
//   BTC-USDT-SWAP       BTC/USDT:USDT       quantities in contracts of ctVal BTC
//   BTC-USD-SWAP        BTC/USD:BTC         inverse: contracts of ctVal USD
//   BTC-USDT-261225     BTC/USDT:USDT-261225
//   BTC-USD-261225-100000-C
// @see https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments (read 2026-11)
import { type Instrument, instrumentOf, parseDecimal } from "../../../core/index.ts";
import type { Market } from "../exchange.ts";

/** Kinds of instruments, as OKX names them in `instType`. */
export const INST_TYPES = ["SPOT", "SWAP", "FUTURES", "OPTION"] as const;
export type InstType = (typeof INST_TYPES)[number];

const ID = /^([A-Z0-9]+)-([A-Z0-9]+)(?:-(SWAP|\d{6}))?(?:-(\d+(?:\.\d+)?)-([CP]))?$/;

export interface InstId {
  readonly instId: string;
  readonly symbol: string;
  readonly instType: InstType;
  readonly base: string;
  readonly quote: string;
  /** What a contract settles in; null of spot. */
  readonly settle: string | null;
}

/** Undefined for an id of another form, such as `BTC-USD_UM-SWAP`: what it settles in is not known here. */
export function parseInstId(instId: string): InstId | undefined {
  const match = ID.exec(instId);
  if (!match) return undefined;
  const [, base = "", quote = "", expiry, strike, right] = match;
  const pair = `${base}/${quote}`;
  if (expiry === undefined) {
    return strike === undefined
      ? { instId, symbol: pair, instType: "SPOT", base, quote, settle: null }
      : undefined;
  }
  // A contract on USD is paid in the coin itself; on a stablecoin, in that.
  const settle = quote === "USD" ? base : quote;
  const contract = `${pair}:${settle}`;
  const of = (symbol: string, instType: InstType): InstId => ({
    instId,
    symbol,
    instType,
    base,
    quote,
    settle,
  });
  if (expiry === "SWAP") return strike === undefined ? of(contract, "SWAP") : undefined;
  if (strike === undefined || right === undefined) return of(`${contract}-${expiry}`, "FUTURES");
  return of(`${contract}-${expiry}-${strike}-${right}`, "OPTION");
}

/** The id of one of our symbols; undefined where it is none of OKX's. */
export function instIdOf(symbol: string): InstId | undefined {
  const match = /^([A-Z0-9]+)\/([A-Z0-9]+)(?::([A-Z0-9]+)(?:-(\d{6})(?:-(.+)-([CP]))?)?)?$/.exec(symbol);
  if (!match) return undefined;
  const [, base, quote, settle, expiry, strike, right] = match;
  const parts = [base, quote, settle === undefined ? undefined : (expiry ?? "SWAP"), strike, right];
  const found = parseInstId(parts.filter((part) => part !== undefined).join("-"));
  return found?.symbol === symbol ? found : undefined;
}

/**
 * What a trade in it moves, by the list of markets. An inverse contract (ctType `inverse`) is worth its ctVal in USD
 * whatever the price is, and pays in the coin; what it pays the bills tell, rounded by OKX, so its `settlement` is `none`.
 */
export function instrumentSpec(id: InstId, market: Market | undefined): Instrument {
  const qtyStep = parseDecimal(market?.precision.amount);
  const priceStep = parseDecimal(market?.precision.price);
  const multiplier = parseDecimal(market?.contractSize);
  const isSpot = id.instType === "SPOT";
  const isLinear = id.settle === id.quote && multiplier !== undefined;
  const isInverse = !isSpot && id.instType !== "OPTION" && id.settle === id.base;
  return instrumentOf(id.symbol, {
    ...(qtyStep !== undefined && { qtyStep }),
    ...(priceStep !== undefined && { priceStep }),
    ...(multiplier !== undefined && { multiplier }),
    base: isSpot ? id.base : null,
    quote: id.settle ?? id.quote,
    ...(isInverse && { payoff: "inverse" as const }),
    settlement: isSpot ? "cash" : isLinear && id.instType !== "OPTION" ? "margin" : "none",
  });
}
