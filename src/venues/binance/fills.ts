// The trades of one symbol in a window, whole or not. They are asked for by time until a recent one is found, and from there
// by id: "trade id to fetch from". By id futures tell the last seven days alone, so what is older is walked by time. A page
// of times that is full may have left out either end, so its window is made smaller until none is.
//   time: [from … from + 7 days] nothing new -> the next window; an old trade -> from its time; a recent one -> id:
//   its id + 1, and on until a page is empty
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
  /** How far back asking by id alone reaches; undefined where it reaches back to the beginning. In ms. */
  readonly byIdMs?: number;
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
  /** When its last trade was; undefined where none could be read. */
  readonly lastMs: number | undefined;
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

  const seen = new Set<number>();
  const windowMs = source.windowMs ?? 0;
  let atMs = fromMs;
  let spanMs = windowMs;
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
    const isNew = read.ids.some((id) => !seen.has(id));
    for (const id of read.ids) seen.add(id);
    // Only a page with nothing new is the end: one that is short may have been cut short.
    if (isNew && (fromId !== undefined || isInReach(source, read.lastMs, toMs))) {
      fromId = Math.max(...read.ids) + 1;
    } else if (isNew && read.lastMs !== undefined) atMs = Math.max(atMs, read.lastMs);
    else if (fromId !== undefined || endMs === undefined || endMs >= toMs) return ended();
    else atMs = endMs + 1;
    spanMs = Math.min(windowMs, spanMs * 2);
  }
  return ended(`${symbol} has more trades than were read (${TRADE_PAGES_MAX} pages)`);
}

/** Whether whatever came after this moment is told by id. */
function isInReach({ byIdMs }: TradeSource, lastMs: number | undefined, toMs: number): boolean {
  return byIdMs === undefined || (lastMs !== undefined && lastMs >= toMs - byIdMs);
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
  const parsed = listed.items.map(parse);
  const times = parsed.flatMap((one) => (one.kind === "row" ? [one.row.timestamp] : []));
  return {
    parsed,
    lastMs: times.length === 0 ? undefined : Math.max(...times),
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
