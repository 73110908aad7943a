// The transaction log of a window, proven: ledger entries, and what it says of positions: how large one was after each
// trade, and which dated contracts are over.
import {
  type FillRow,
  type HistorySection,
  isZero,
  type LedgerRow,
  type PositionRow,
  ZERO,
} from "../../core/index.ts";
import { unavailable } from "../venue.ts";
import type { Asking } from "../wire/asking.ts";
import { partialIf, problemsOf } from "../wire/sections.ts";
import { RETENTION_MS } from "./declaration.ts";
import { AHEAD_MS, coverageOf, type FillsRead, type HistoryParts, WIDTH_MS } from "./fills.ts";
import { ledgerRowsOf } from "./ledger-entries.ts";
import type { LegMemory } from "./legs.ts";
import { readPages, walkWindows, windowsOf } from "./pages.ts";
import { type LogRow, parseLogRow } from "./parse-log.ts";

/** @see https://bybit-exchange.github.io/docs/v5/account/transaction-log "limit [1, 50], default 20" (read 2026-11) */
const LOG_PAGE = 50;

export interface LedgerRead {
  readonly section: HistorySection<LedgerRow>;
  readonly log: readonly LogRow[];
}

/** Of all categories at once: some rows belong to none. */
export async function readLedger(
  { client, scopes }: HistoryParts,
  fromMs: number,
  nowMs: number,
  asking: Asking,
): Promise<LedgerRead> {
  const startMs = Math.max(fromMs, nowMs - RETENTION_MS);
  const walked = await walkWindows(windowsOf(startMs, nowMs + AHEAD_MS, WIDTH_MS), asking, (window) =>
    readPages(
      client,
      {
        what: "the transaction log",
        path: "/v5/account/transaction-log",
        params: { accountType: "UNIFIED", startTime: window.fromMs, endTime: window.toMs },
        pageMax: LOG_PAGE,
      },
      asking,
    ),
  );
  const isNothing = walked.provenToMs === undefined && walked.items.length === 0;
  if (isNothing) return { section: unavailable(walked.problem ?? "no transactions were read"), log: [] };
  const parsed = walked.items.map((item) => parseLogRow(item, scopes.instruments));
  const byId = new Map(parsed.flatMap((one) => (one.kind === "row" ? [[one.row.id, one.row] as const] : [])));
  const log = [...byId.values()].sort((a, b) => a.timestamp - b.timestamp);
  const isSpotHeld = scopes.categories.includes("spot");
  const rows = log
    .filter((one) => isOfCategories(one, scopes.categories))
    .flatMap((one) => ledgerRowsOf(one, isSpotHeld));
  const doubts = problemsOf(parsed);
  const problems = [...(walked.problem === undefined ? [] : [walked.problem]), ...doubts];
  const section = { ...partialIf(rows, problems), ...coverageOf(walked, startMs, nowMs, doubts) };
  return { section, log };
}

/** The balance is one of the whole account, so money of a category that is left out is booked all the same. */
function isOfCategories({ contract }: LogRow, categories: readonly string[]): boolean {
  return contract === undefined || contract.category !== "spot" || categories.includes("spot");
}

/**
 * Fills of options are asked for by coin, and the log names the coins: no fill is proven beyond what the log is read for.
 */
export function witnessedBy({ section: log }: LedgerRead, fills: FillsRead): FillsRead {
  const { coverage, ...section } = fills.section;
  if (coverage === undefined) return fills;
  const fromMs = Math.max(coverage.fromMs, log.coverage?.fromMs ?? Number.POSITIVE_INFINITY);
  const toMs = Math.min(coverage.toMs, log.coverage?.toMs ?? Number.NEGATIVE_INFINITY);
  if (fromMs <= toMs) return { ...fills, section: { ...section, coverage: { fromMs, toMs } } };
  const problem = "on which coins options were traded is not known, because the transaction log was not read";
  return { ...fills, section: partialIf(section.rows, [problem]) };
}

/**
 * The fills, each with the position right after it where the log has that. Not in two legs: which of them the size is of,
 * Bybit does not say.
 */
export function withAnchors(
  { section }: FillsRead,
  log: readonly LogRow[],
  legs: LegMemory,
): HistorySection<FillRow> {
  const sizes = new Map(
    log.flatMap(({ tradeId, contract, sizeAfter }) =>
      tradeId === undefined || contract === undefined || sizeAfter === undefined
        ? []
        : [[`${contract.name} ${tradeId}`, sizeAfter] as const],
    ),
  );
  const rows = section.rows.map((row) => {
    const positionAfter = sizes.get(`${row.instrument} ${row.tradeId}`);
    const isNet = row.leg === "net" || legs.isNet(row.instrument) === true;
    return positionAfter === undefined || !isNet ? row : { ...row, positionAfter };
  });
  return { ...section, rows };
}

/** More contracts than expire while a process runs. */
const ENDED_MAX = 1_000;
const DATED = /-\d{6}(?:-|$)/;

/**
 * Dated contracts that were delivered: Bybit lists them no more and cannot be asked for them, but its log says that
 * nothing was left. A dated contract never comes back, so this stays true.
 */
export class EndedContracts {
  private readonly rows = new Map<string, PositionRow>();

  note(log: readonly LogRow[]): void {
    for (const { type, contract, sizeAfter, timestamp } of log) {
      const isOver = type === "DELIVERY" && sizeAfter !== undefined && isZero(sizeAfter);
      if (!isOver || contract === undefined || !DATED.test(contract.name)) continue;
      if (this.rows.size >= ENDED_MAX) this.rows.clear();
      this.rows.set(contract.name, {
        instrument: contract.name,
        leg: "net",
        qty: ZERO,
        updatedAt: timestamp,
      });
    }
  }

  all(): readonly PositionRow[] {
    return [...this.rows.values()];
  }
}
