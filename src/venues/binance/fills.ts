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
  /** Up to when every trade of every symbol was read; before the window's beginning where that is not even its first ms. */
  readonly provenMs: number;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Page {
  readonly parsed: readonly Parsed<FillRow>[];
  /** Ids as numbers are exact to 2^53; Binance's are far below. */
  readonly ids: readonly number[];
  /** When its last trade was; undefined where none could be read. */
  readonly lastMs: number | undefined;
  readonly isFull: boolean;
}

/**
 * The symbol that is proven least goes on first, a page at a time. So one with very many trades holds no other one up, and
 * where the time is over, all of them are proven as far as it went: the next read goes on from there.
 */
export async function walkTrades(
  client: BinanceClient,
  source: TradeSource,
  symbols: readonly string[],
  span: Span,
  asking: Asking,
): Promise<Walked> {
  const walks = symbols.map((symbol) => new TradeWalk(source, symbol, span));
  for (;;) {
    const open = walks.filter((one) => !one.isOver);
    const [first] = open.toSorted((a, b) => a.provenMs - b.provenMs);
    if (first === undefined) break;
    if (asking.mayAsk()) await first.step(client);
    else for (const one of open) one.endedByTime();
  }
  return {
    fills: walks.flatMap((one) => [...one.fills.values()]),
    problems: walks.flatMap((one) => one.problems),
    provenMs: Math.min(span.toMs, ...walks.map((one) => one.provenMs)),
  };
}

/** One symbol's. */
class TradeWalk {
  readonly fills = new Map<string, FillRow>();
  readonly problems: string[] = [];
  provenMs: number;
  isOver = false;
  private readonly source: TradeSource;
  private readonly symbol: string;
  private readonly span: Span;
  private readonly seen = new Set<number>();
  private pages = 0;
  private atMs: number;
  private spanMs: number;
  private fromId: number | undefined;

  constructor(source: TradeSource, symbol: string, span: Span) {
    this.source = source;
    this.symbol = symbol;
    this.span = span;
    this.provenMs = span.fromMs - 1;
    this.atMs = span.fromMs;
    this.spanMs = source.windowMs ?? 0;
  }

  endedByTime(): void {
    this.end(`there was no time left to read the trades of ${this.symbol} to their end`);
  }

  /** Reads one page, and sees how to go on. */
  async step(client: BinanceClient): Promise<void> {
    const { source, symbol, atMs, fromId } = this;
    const { toMs } = this.span;
    this.pages += 1;
    if (this.pages > TRADE_PAGES_MAX) {
      return this.end(`${symbol} has more trades than were read (${TRADE_PAGES_MAX} pages)`);
    }
    const endMs =
      source.windowMs === null ? undefined : Math.min(atMs + this.spanMs - 1, Math.max(toMs, atMs));
    const query: Params =
      fromId === undefined ? { startTime: atMs, ...(endMs !== undefined && { endTime: endMs }) } : { fromId };
    const read = await readPage(client, source, symbol, query);
    if (typeof read === "string") return this.end(read);
    if (fromId === undefined && endMs !== undefined && read.isFull) {
      if (this.spanMs <= 1)
        return this.end(`${symbol} has more than ${TRADES_PAGE} trades in the ms ${atMs}`);
      this.spanMs = Math.ceil(this.spanMs / 2);
      return;
    }
    if (fromId !== undefined && read.ids.some((id) => id < fromId)) {
      return this.end(`the trades of ${symbol} were asked for from ${fromId} on and begin before it`);
    }
    this.take(read.parsed);
    this.goOn(read, endMs);
  }

  private goOn(read: Page, endMs: number | undefined): void {
    const { source, fromId } = this;
    const { toMs } = this.span;
    const isNew = read.ids.some((id) => !this.seen.has(id));
    for (const id of read.ids) this.seen.add(id);
    // Only a page with nothing new is the end: one that is short may have been cut short.
    // More trades may lie in the last one's ms.
    if (isNew && read.lastMs !== undefined) this.prove(read.lastMs - 1);
    if (isNew && (fromId !== undefined || isInReach(source, read.lastMs, toMs))) {
      this.fromId = Math.max(...read.ids) + 1;
    } else if (isNew && read.lastMs !== undefined) {
      this.atMs = Math.max(this.atMs, read.lastMs);
    } else if (fromId !== undefined || endMs === undefined || endMs >= toMs) {
      this.prove(toMs);
      this.end();
      return;
    } else {
      this.prove(endMs);
      this.atMs = endMs + 1;
    }
    this.spanMs = Math.min(source.windowMs ?? 0, this.spanMs * 2);
  }

  private take(parsed: readonly Parsed<FillRow>[]): void {
    for (const one of parsed) {
      if (one.kind === "problem") this.problems.push(one.problem);
      else if (one.row.timestamp >= this.span.fromMs) this.fills.set(one.row.tradeId ?? "", one.row);
    }
  }

  /** Nothing is proven from a trade on that could not be read. */
  private prove(untilMs: number): void {
    if (this.problems.length === 0)
      this.provenMs = Math.max(this.provenMs, Math.min(untilMs, this.span.toMs));
  }

  private end(problem?: string): void {
    if (problem !== undefined) this.problems.push(problem);
    this.isOver = true;
  }
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
