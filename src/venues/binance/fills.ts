// The trades of one symbol in a window, whole or not. They are asked for by time until one is found, and from there by id:
// "trade id to fetch from". A page of times that is full may have left out either end, so its window is made smaller
// until none is.
//   time: [from … from + 7 days] empty -> the next window; a trade -> id: its id + 1, and on until a page is empty
import type { FillRow } from "../../core/index.ts";
import type { Asking } from "../wire/asking.ts";
import { isObject, type Parsed } from "../wire/fields.ts";
import { listOf } from "../wire/sections.ts";
import type { BinanceClient } from "./client.ts";
import type { Params } from "./transport.ts";

/** @see the documents of userTrades and myTrades: limit at most 1000 (read 2026-11) */
export const TRADES_PAGE = 1_000;
/** Pages of one symbol in one read; 100 000 trades. */
export const TRADE_PAGES_MAX = 100;

export interface TradeSource {
  readonly path: string;
  /**
   * Widest window of time; null where a beginning alone is answered with the oldest trades since.
   * @see https://github.com/binance/binance-spot-api-docs rest-api.md "With startTime, returns oldest items" (read 2026-11)
   */
  readonly windowMs: number | null;
  readonly parse: (item: unknown) => Parsed<FillRow>;
}

export interface Walked {
  readonly fills: readonly FillRow[];
  readonly problems: readonly string[];
}

interface Page {
  readonly parsed: readonly Parsed<FillRow>[];
  /** Ids as numbers are exact to 2^53; Binance's are far below. */
  readonly ids: readonly number[];
  readonly isFull: boolean;
}

export async function walkTrades(
  client: BinanceClient,
  source: TradeSource,
  { symbol, fromMs, toMs }: { readonly symbol: string; readonly fromMs: number; readonly toMs: number },
  asking: Asking,
): Promise<Walked> {
  const fills = new Map<string, FillRow>();
  const problems: string[] = [];
  const take = (parsed: readonly Parsed<FillRow>[]) => {
    for (const one of parsed) {
      if (one.kind === "problem") problems.push(one.problem);
      else if (one.row.timestamp >= fromMs) fills.set(one.row.tradeId ?? "", one.row);
    }
  };
  const ended = (problem?: string): Walked => ({
    fills: [...fills.values()],
    problems: problem === undefined ? problems : [...problems, problem],
  });

  let atMs = fromMs;
  let spanMs = source.windowMs ?? 0;
  let fromId: number | undefined;
  for (let page = 0; page < TRADE_PAGES_MAX; page += 1) {
    if (!asking.mayAsk()) return ended(`there was no time left to read the trades of ${symbol} to their end`);
    const endMs = source.windowMs === null ? undefined : Math.min(atMs + spanMs - 1, Math.max(toMs, atMs));
    const query: Params =
      fromId === undefined ? { startTime: atMs, ...(endMs !== undefined && { endTime: endMs }) } : { fromId };
    const read = await readPage(client, source, symbol, query);
    if (typeof read === "string") return ended(read);
    if (fromId === undefined && endMs !== undefined && read.isFull) {
      if (spanMs <= 1) return ended(`${symbol} has more than ${TRADES_PAGE} trades in the ms ${atMs}`);
      spanMs = Math.ceil(spanMs / 2);
      continue;
    }
    if (fromId !== undefined && read.ids.some((id) => id < (fromId ?? 0))) {
      return ended(`the trades of ${symbol} were asked for from ${fromId} on and begin before it`);
    }
    take(read.parsed);
    // Only an empty page is the end: one that is short may have been cut short.
    if (read.ids.length > 0) fromId = Math.max(...read.ids) + 1;
    else if (fromId !== undefined || endMs === undefined || endMs >= toMs) return ended();
    else atMs = endMs + 1;
    spanMs = source.windowMs ?? 0;
  }
  return ended(`${symbol} has more trades than were read (${TRADE_PAGES_MAX} pages)`);
}

/** One page, or why there is none. Every row must be of the symbol that was asked for. */
async function readPage(
  client: BinanceClient,
  { path, parse }: TradeSource,
  symbol: string,
  query: Params,
): Promise<Page | string> {
  const what = `the trades of ${symbol}`;
  const listed = listOf(what, await client.get(what, path, { symbol, ...query, limit: TRADES_PAGE }));
  if (listed.kind === "failed") return listed.problem;
  const other = listed.items.find((item) => isObject(item) && item.symbol !== symbol);
  if (isObject(other)) return `${what} were answered with a trade of ${String(other.symbol)}`;
  return {
    parsed: listed.items.map(parse),
    ids: listed.items.flatMap((item) =>
      isObject(item) && /^\d+$/.test(String(item.id)) ? [Number(item.id)] : [],
    ),
    isFull: listed.items.length >= TRADES_PAGE,
  };
}

/** As the venue executed them: by time, and within one ms by the symbol's own counting. */
export function inVenueOrder(fills: readonly FillRow[]): readonly FillRow[] {
  return [...fills].sort(
    (a, b) =>
      a.timestamp - b.timestamp ||
      (a.instrument < b.instrument ? -1 : a.instrument > b.instrument ? 1 : 0) ||
      (a.venueSeq ?? 0) - (b.venueSeq ?? 0),
  );
}
