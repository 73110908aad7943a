// Trades and income of USD-M futures since a moment, with proof. Trades are told by symbol only: the symbols are those with a
// position or an open order, those that this process saw move, and those that the window's income names, because each trade
// is paid for. Only when all of them were read whole is the window proven.
import type { FillRow, HistorySection } from "../../core/index.ts";
import { type History, unavailable } from "../venue.ts";
import type { Asking } from "../wire/asking.ts";
import { partialIf } from "../wire/sections.ts";
import type { BinanceClient } from "./client.ts";
import { USDM_RETENTION_MS } from "./declaration.ts";
import { inVenueOrder, type TradeSource, walkTrades } from "./fills.ts";
import { type IncomeRead, readIncome } from "./income.ts";
import type { Origins } from "./origins.ts";
import { parseTrade } from "./parse-usdm.ts";
import type { Symbols } from "./symbols.ts";
import type { Touched } from "./touched.ts";

/** @see https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Account-Trade-List (read 2026-11) */
const WINDOW_MS = 7 * 24 * 3_600_000;
/** "If startTime and endTime are both not sent, then the last 7 days' data will be returned", there; less an hour. */
const BY_ID_MS = WINDOW_MS - 3_600_000;

export interface HistoryParts {
  readonly client: BinanceClient;
  readonly symbols: Symbols;
  readonly touched: Touched;
  readonly origins: Origins;
  readonly asking: Asking;
}

export async function readHistory(parts: HistoryParts, askedFromMs: number): Promise<History> {
  const { client, symbols, touched, asking } = parts;
  await client.measure();
  const toMs = client.nowMs();
  const fromMs = Math.max(Math.floor(askedFromMs), toMs - USDM_RETENTION_MS);
  const income = await readIncome(client, symbols, fromMs, toMs, asking);
  for (const [symbol, atMs] of income.symbols) touched.note(symbol, atMs);
  const isIncomeWhole = income.failure === undefined && income.problems.length === 0;
  const fills = await readFills(parts, { fromMs, toMs, isIncomeWhole });
  return { fills, ledger: ledgerOf(income, fromMs, toMs) };
}

function ledgerOf(income: IncomeRead, fromMs: number, toMs: number): Required<History>["ledger"] {
  if (income.failure !== undefined) return unavailable(income.failure);
  const section = partialIf(income.entries, income.problems);
  return section.quality === "complete" ? { ...section, coverage: { fromMs, toMs } } : section;
}

async function readFills(
  { client, symbols, touched, origins, asking }: HistoryParts,
  { fromMs, toMs, isIncomeWhole }: { fromMs: number; toMs: number; isIncomeWhole: boolean },
): Promise<HistorySection<FillRow>> {
  const source: TradeSource = {
    path: "/fapi/v1/userTrades",
    windowMs: WINDOW_MS,
    byIdMs: BY_ID_MS,
    parse: (item) => parseTrade(item, symbols),
  };
  const found: FillRow[] = [];
  const problems: string[] = [];
  for (const symbol of touched.since(fromMs)) {
    const walked = await walkTrades(client, source, { symbol, fromMs, toMs }, asking);
    found.push(...walked.fills);
    problems.push(...walked.problems);
  }
  const told = await origins.of(client, found, asking);
  problems.push(...told.problems);
  if (!isIncomeWhole) {
    problems.push("which symbols traded is not known for certain, because the income was not read whole");
  }
  const wholeMs = touched.wholeUntil();
  if (wholeMs === undefined) {
    problems.push(
      "which symbols traded is not known for certain: positions and orders were not read whole yet",
    );
  }
  const section = partialIf(inVenueOrder(told.fills), problems);
  // What was opened after the positions were read, and has no income yet, is in the next window.
  const provenMs = Math.min(toMs, wholeMs ?? toMs);
  if (section.quality !== "complete" || provenMs < fromMs) return section;
  return { ...section, coverage: { fromMs, toMs: provenMs } };
}
