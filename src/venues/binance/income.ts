// All income of a window, whole or not: what is booked of it, and which symbols it names. Pages are numbered within a
// window of time that does not move, so that nothing shifts between two of them.
import type { LedgerRow } from "../../core/index.ts";
import type { Asking } from "../wire/asking.ts";
import { listOf } from "../wire/sections.ts";
import type { BinanceClient } from "./client.ts";
import { type IncomeFacts, parseIncome } from "./parse-income.ts";
import type { Symbols } from "./symbols.ts";

/** @see https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Get-Income-History (limit at most 1000; read 2026-11) */
export const INCOME_PAGE = 1_000;
/** What Binance gives where no time is named; a longer window is not documented. In ms. */
const WINDOW_MS = 7 * 24 * 3_600_000;
/** What a window is made smaller to where it has more rows than can be read in one go. In ms. */
const WINDOW_MS_LEAST = 60_000;
/** Pages of one read: 40 000 rows, and at 30 of weight each half of what a minute allows. */
const PAGES_MAX = 40;

export interface IncomeRead {
  readonly entries: readonly LedgerRow[];
  /** Symbols that are named, as Binance writes them, and when last. */
  readonly symbols: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
  /** Up to when all of it was read; before the window's beginning where nothing is proven. */
  readonly provenMs: number;
  /** Nothing at all was read. */
  readonly failure?: string;
}

/** How wide a window may be to be read to its end: how rows are sorted within one is not documented, so only whole ones count. */
export class Pace {
  windowMs = WINDOW_MS;

  /** @param spanMs Of the window that was not read to its end. */
  slower(spanMs: number): void {
    this.windowMs = Math.max(WINDOW_MS_LEAST, Math.floor(Math.min(this.windowMs, spanMs) / 4));
  }

  faster(): void {
    this.windowMs = Math.min(WINDOW_MS, this.windowMs * 2);
  }
}

export async function readIncome(
  client: BinanceClient,
  symbols: Symbols,
  fromMs: number,
  toMs: number,
  asking: Asking,
  pace: Pace,
): Promise<IncomeRead> {
  const facts = new Map<string, IncomeFacts>();
  const problems: string[] = [];
  let pages = 0;
  let provenMs = fromMs - 1;
  const { windowMs } = pace;
  for (let startTime = fromMs; startTime <= toMs; startTime += windowMs) {
    const endTime = Math.min(startTime + windowMs - 1, toMs);
    for (let page = 1; ; page += 1) {
      if (!asking.mayAsk() || pages === PAGES_MAX) {
        const why = pages === PAGES_MAX ? `${PAGES_MAX} pages` : "as many as came in time";
        if (provenMs < fromMs) pace.slower(endTime - startTime + 1);
        return result(facts, [...problems, `more income was told than was read (${why})`], provenMs);
      }
      const params = { startTime, endTime, page, limit: INCOME_PAGE };
      const listed = listOf("the income", await client.get("the income", "/fapi/v1/income", params));
      pages += 1;
      if (listed.kind === "failed") {
        return pages === 1
          ? { entries: [], symbols: new Map(), problems: [], provenMs, failure: listed.problem }
          : result(facts, [...problems, listed.problem], provenMs);
      }
      problems.push(...keep(facts, listed.items, symbols));
      // Only an empty page is the end: one that is short may have been cut short.
      if (listed.items.length === 0) break;
    }
    if (problems.length === 0) provenMs = endTime;
  }
  pace.faster();
  return result(facts, problems, provenMs);
}

/** Two rows of one id and different content are not one row: neither is booked twice, and it is told. */
function keep(facts: Map<string, IncomeFacts>, items: readonly unknown[], symbols: Symbols): string[] {
  return items.flatMap((item) => {
    const parsed = parseIncome(item, symbols);
    if (parsed.kind === "problem") return [parsed.problem];
    const known = facts.get(parsed.row.key);
    facts.set(parsed.row.key, known ?? parsed.row);
    if (known === undefined || JSON.stringify(known) === JSON.stringify(parsed.row)) return [];
    // What trades tell themselves is not booked from here, so it cannot be booked twice.
    return parsed.row.income.kind === "ofTrade"
      ? []
      : [`the income ${parsed.row.key} is told twice, differently`];
  });
}

function result(
  facts: ReadonlyMap<string, IncomeFacts>,
  problems: readonly string[],
  provenMs: number,
): IncomeRead {
  const symbols = new Map<string, number>();
  const entries: LedgerRow[] = [];
  for (const { income, symbol, timestamp } of facts.values()) {
    if (symbol !== undefined) symbols.set(symbol, Math.max(timestamp, symbols.get(symbol) ?? 0));
    if (income.kind === "entry") entries.push(income.entry);
  }
  entries.sort((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
  return { entries, symbols, problems, provenMs };
}
