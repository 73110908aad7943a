// Trades and ledger entries of a window, each proven, and joined where one needs the other: a fee has its asset from the
// ledger, and an entry of a trade has its pair from the trade.
import { type FillRow, type HistorySection, isZero, type LedgerRow } from "../../../core/index.ts";
import { type History, unavailable } from "../../venue.ts";
import { partialIf, problemsOf } from "../../wire/sections.ts";
import type { Names } from "./names.ts";
import {
  entryRows,
  type LedgerFacts,
  parseEntry,
  parseTrade,
  type TradeFacts,
  tradeRows,
} from "./parse-history.ts";
import { rowsIn } from "./reads.ts";
import { type Walk, type WalkParts, walk } from "./walk.ts";

export interface HistoryParts extends WalkParts {
  readonly names: Names;
}

const TRADES = { what: "the trades", path: "TradesHistory", field: "trades" } as const;
const LEDGER = { what: "the ledger entries", path: "Ledgers", field: "ledger" } as const;

export async function readHistory(parts: HistoryParts, fromMs: number, toMs: number): Promise<History> {
  const trades = await walk(parts, TRADES, fromMs, toMs);
  const ledger = await walk(parts, LEDGER, fromMs, toMs);
  const parsedTrades = trades.rows.map((row) => parseTrade(row, parts.names));
  const parsedEntries = ledger.rows.map((row) => parseEntry(row, parts.names));
  const facts = inVenueOrder(rowsIn(parsedTrades));
  const entries = inVenueOrder(rowsIn(parsedEntries));
  const fills = fillsOf(facts, entries);
  const changes = changesOf(facts, entries);
  return {
    fills: sectionOf(trades, fills.rows, [...problemsOf(parsedTrades), ...fills.problems], fromMs, toMs),
    ledger: sectionOf(
      ledger,
      changes.rows,
      [...problemsOf(parsedEntries), ...changes.problems],
      fromMs,
      toMs,
    ),
  };
}

interface Joined<Row> {
  readonly rows: readonly Row[];
  readonly problems: readonly string[];
}

function fillsOf(trades: readonly TradeFacts[], entries: readonly LedgerFacts[]): Joined<FillRow> {
  const fees = Map.groupBy(
    entries.filter(({ type, fee }) => type === "trade" && !isZero(fee)),
    ({ refid }) => refid,
  );
  const problems: string[] = [];
  const seqs = new Map<number, number>();
  const rows = trades.map(({ row, fee, pair }): FillRow => {
    const venueSeq = seqs.get(row.timestamp) ?? 0;
    seqs.set(row.timestamp, venueSeq + 1);
    const [paid, ...more] = fees.get(row.tradeId) ?? [];
    if (paid && more.length === 0) return { ...row, venueSeq, fee: paid.fee, feeCurrency: paid.asset };
    if (!paid && isZero(fee)) return { ...row, venueSeq, fee, feeCurrency: pair.quote };
    const why = paid ? "was paid in two assets" : "is in no ledger entry that was read";
    problems.push(`the fee of the trade ${row.tradeId} ${why}`);
    return { ...row, venueSeq };
  });
  return { rows, problems };
}

function changesOf(trades: readonly TradeFacts[], entries: readonly LedgerFacts[]): Joined<LedgerRow> {
  const pairs = new Map(trades.map(({ row, pair }) => [row.tradeId, pair]));
  const problems: string[] = [];
  const rows = entries.flatMap((entry) => {
    if (entry.type !== "trade") return entryRows(entry);
    const pair = pairs.get(entry.refid);
    if (pair) return tradeRows(entry, pair);
    problems.push(`the ledger entry ${entry.id} is of the trade ${entry.refid}, which was not read`);
    return [];
  });
  return { rows, problems };
}

/** Oldest first. Both lists come newest first, so that rows of one ms are turned round too. */
function inVenueOrder<
  Row extends { readonly timestamp: number } | { readonly row: { readonly timestamp: number } },
>(rows: readonly Row[]): Row[] {
  const at = (one: Row) => ("row" in one ? one.row.timestamp : one.timestamp);
  return rows.toReversed().sort((a, b) => at(a) - at(b));
}

function sectionOf<Row>(
  { rows: items, problem }: Walk,
  rows: readonly Row[],
  doubts: readonly string[],
  fromMs: number,
  toMs: number,
): HistorySection<Row> {
  if (problem !== undefined && items.length === 0) return unavailable(problem);
  const problems = [...(problem === undefined ? [] : [problem]), ...doubts];
  return { ...partialIf(rows, problems), ...(problems.length === 0 && { coverage: { fromMs, toMs } }) };
}
