// Trades and income of USD-M futures since a moment, with proof. Trades are told by symbol only: the symbols are those with a
// position or an open order, those that this process saw move, and those that the window's income names, because each trade
// is paid for. The window is proven as far as all of them were read: where the time is over, the next read goes on from there.
import type { FillRow, HistorySection, Section } from "../../core/index.ts";
import { type History, unavailable } from "../venue.ts";
import type { Asking } from "../wire/asking.ts";
import { partialIf } from "../wire/sections.ts";
import type { BinanceClient } from "./client.ts";
import { USDM_RETENTION_MS } from "./declaration.ts";
import { inVenueOrder, type TradeSource, walkTrades } from "./fills.ts";
import { type IncomeRead, type Pace, readIncome } from "./income.ts";
import type { Origins } from "./origins.ts";
import { parseTrade } from "./parse-usdm.ts";
import type { Symbols } from "./symbols.ts";
import type { Touched } from "./touched.ts";

/** @see https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Account-Trade-List (read 2026-11) */
const WINDOW_MS = 7 * 24 * 3_600_000;
/** "If startTime and endTime are both not sent, then the last 7 days' data will be returned", there; less an hour. */
const BY_ID_MS = WINDOW_MS - 3_600_000;

/** When each part of a read has to be over, of all the time that it has. */
const INCOME_SHARE = 1 / 3;
const TRADES_SHARE = 2 / 3;

export interface HistoryParts {
  readonly client: BinanceClient;
  readonly symbols: Symbols;
  readonly touched: Touched;
  readonly origins: Origins;
  readonly pace: Pace;
  readonly asking: Asking;
}

export async function readHistory(parts: HistoryParts, askedFromMs: number): Promise<History> {
  const { client, symbols, touched, asking, pace } = parts;
  await client.measure();
  const toMs = client.nowMs();
  const fromMs = Math.max(Math.floor(askedFromMs), toMs - USDM_RETENTION_MS);
  const income = await readIncome(client, symbols, fromMs, toMs, asking.until(INCOME_SHARE), pace);
  for (const [symbol, atMs] of income.symbols) touched.note(symbol, atMs);
  const fills = await readFills(parts, { fromMs, toMs, incomeMs: income.provenMs });
  return { fills, ledger: ledgerOf(income, fromMs) };
}

function ledgerOf(income: IncomeRead, fromMs: number): Required<History>["ledger"] {
  if (income.failure !== undefined) return unavailable(income.failure);
  return proven(partialIf(income.entries, income.problems), fromMs, income.provenMs);
}

function proven<Row>(section: Section<Row>, fromMs: number, toMs: number): HistorySection<Row> {
  return toMs < fromMs ? section : { ...section, coverage: { fromMs, toMs } };
}

async function readFills(
  { client, symbols, touched, origins, asking }: HistoryParts,
  { fromMs, toMs, incomeMs }: { fromMs: number; toMs: number; incomeMs: number },
): Promise<HistorySection<FillRow>> {
  const source: TradeSource = {
    path: "/fapi/v1/userTrades",
    windowMs: WINDOW_MS,
    byIdMs: BY_ID_MS,
    parse: (item) => parseTrade(item, symbols),
  };
  const names = touched.since(fromMs);
  const walked = await walkTrades(client, source, names, { fromMs, toMs }, asking.until(TRADES_SHARE));
  const told = await origins.of(client, walked.fills, asking);
  const problems = [...walked.problems, ...told.problems];
  if (incomeMs < toMs) {
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
  const wholeUntilMs = wholeMs ?? fromMs - 1;
  return proven(section, fromMs, Math.min(walked.provenMs, told.provenMs, incomeMs, wholeUntilMs));
}
