// The pairs of a spot account, as the configuration names them.
import { VenueError } from "../venue.ts";
import type { Listed } from "./symbols.ts";

export interface Pair extends Listed {
  readonly instrument: string;
}

/** @throws VenueError `venue_config` where none is named, one is no pair, or two have the same base. */
export function pairsOf(symbols: readonly string[]): readonly Pair[] {
  if (symbols.length === 0) {
    const text =
      'a spot account of Binance needs its pairs, because trades are told by pair only; set symbols = ["BTC/USDT"]';
    throw new VenueError("venue_config", text);
  }
  const pairs = symbols.map(pairOf);
  const bases = new Map<string, string>();
  for (const { base, instrument } of pairs) {
    const other = bases.get(base);
    if (other !== undefined) {
      const text = `symbols has ${other} and ${instrument}: what is held of ${base} is one position and cannot be of both; keep one of them`;
      throw new VenueError("venue_config", text);
    }
    bases.set(base, instrument);
  }
  return pairs;
}

function pairOf(instrument: string): Pair {
  const [, base, quote] = /^([^/:\s]+)\/([^/:\s]+)$/.exec(instrument) ?? [];
  if (base === undefined || quote === undefined) {
    throw new VenueError("venue_config", `symbols has "${instrument}"; expected a pair such as "BTC/USDT"`);
  }
  return { instrument, symbol: `${base}${quote}`, base, quote };
}
