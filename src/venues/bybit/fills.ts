// The fills of a window, proven: every category, week by week from the oldest, each page to the end. Options are asked for by
// base coin, and which those are is told by whatever shows an option. Funding is written as an execution and is none.
import { compare, type FillRow, type HistorySection, ZERO } from "../../core/index.ts";
import { unavailable } from "../venue.ts";
import type { Asking } from "../wire/asking.ts";
import { partialIf, problemsOf } from "../wire/sections.ts";
import type { BybitClient } from "./client.ts";
import { RETENTION_MS, WINDOW_MS } from "./declaration.ts";
import type { LegMemory } from "./legs.ts";
import { readPages, type Walked, type Window, type WindowRead, walkWindows, windowsOf } from "./pages.ts";
import { type FillFacts, parseExecution } from "./parse-execution.ts";
import { lookUpPosition } from "./positions.ts";
import type { Scopes } from "./scopes.ts";
import type { Category } from "./symbols.ts";

/** @see https://bybit-exchange.github.io/docs/v5/order/execution "limit [1, 100], default 50" (read 2026-11) */
const EXECUTIONS_PAGE = 100;
/** Bybit's clock may be ahead of ours: what it dates so is asked for too. In ms. */
export const AHEAD_MS = 5_000;
/** Whether a window may reach its bound to the ms is not said. In ms. */
export const WIDTH_MS = WINDOW_MS - 60_000;

interface Item {
  readonly category: Category;
  readonly item: unknown;
}

export interface FillsRead {
  readonly section: HistorySection<FillRow>;
  readonly facts: readonly FillFacts[];
}

export interface HistoryParts {
  readonly client: BybitClient;
  readonly scopes: Scopes;
  readonly legs: LegMemory;
  /** Whether the account is said to hold a long and a short of one contract apart. */
  readonly isHedging: boolean;
}

/** @param fromMs Venue time. Fills of exactly this ms are in. @param nowMs Our clock before the read. */
export async function readFills(
  { client, scopes, legs, isHedging }: HistoryParts,
  fromMs: number,
  nowMs: number,
  asking: Asking,
): Promise<FillsRead> {
  const startMs = Math.max(fromMs, nowMs - RETENTION_MS);
  const walked = await walkWindows(windowsOf(startMs, nowMs + AHEAD_MS, WIDTH_MS), asking, (window) =>
    readWindow(client, sourcesOf(scopes), window, asking),
  );
  const isNothing = walked.provenToMs === undefined && walked.items.length === 0;
  if (isNothing) return { section: unavailable(walked.problem ?? "no fills were read"), facts: [] };
  const parsed = walked.items.map(({ item, category }) =>
    parseExecution(item, { names: scopes.instruments, category }),
  );
  const facts = inVenueOrder(
    parsed.flatMap((one) => (one.kind === "row" && one.row.kind === "fill" ? [one.row] : [])),
  );
  if (isHedging) await learnLegs({ client, scopes, legs }, facts, asking);
  const doubts = problemsOf(parsed);
  const problems = [...(walked.problem === undefined ? [] : [walked.problem]), ...doubts];
  const section = {
    ...partialIf(
      facts.map((one) => legs.legOf(one)),
      problems,
    ),
    ...coverageOf(walked, startMs, nowMs, doubts),
  };
  return { section, facts };
}

/** Contracts that are asked for their legs in one read; more are left to the next. */
const LEARNED_MAX = 20;

/**
 * A contract that was traded and is held no more: no row of a position or order says in how many legs it was. Asked for
 * by its symbol, Bybit gives a row for each leg also where nothing is held.
 */
async function learnLegs(
  { client, scopes, legs }: Omit<HistoryParts, "isHedging">,
  facts: readonly FillFacts[],
  asking: Asking,
): Promise<void> {
  const unknown = facts
    .map(({ contract }) => contract)
    .filter(({ category, name }) => HEDGED.has(category) && legs.isNet(name) === undefined);
  const names = [...new Set(unknown.map(({ name }) => name))].slice(0, LEARNED_MAX);
  await Promise.all(
    names.map(async (name) => {
      for (const leg of ["long", "net"] as const) {
        const found = await lookUpPosition({ client, scopes }, name, leg, asking);
        if (found.kind === "row") return legs.note(name, leg);
      }
    }),
  );
}

const HEDGED: ReadonlySet<Category> = new Set(["linear", "inverse"]);

/** What is proven; nothing where a row could not be read. */
export function coverageOf(
  { provenToMs }: Walked<unknown>,
  fromMs: number,
  nowMs: number,
  doubts: readonly string[],
): Pick<HistorySection<never>, "coverage"> {
  if (provenToMs === undefined || doubts.length > 0) return {};
  const toMs = Math.min(provenToMs, nowMs + AHEAD_MS);
  return toMs < fromMs ? {} : { coverage: { fromMs, toMs } };
}

interface Source {
  readonly category: Category;
  readonly baseCoin?: string;
}

/** @see https://bybit-exchange.github.io/docs/v5/order/execution "For type option, default value is BTC" (read 2026-11) */
const OPTION_BASE_DEFAULT = "BTC";

/** Whose options are asked for. */
export function optionBasesOf({ categories, instruments }: Scopes): readonly string[] {
  if (!categories.includes("option")) return [];
  return [...new Set([OPTION_BASE_DEFAULT, ...instruments.optionBases()])];
}

function sourcesOf(scopes: Scopes): readonly Source[] {
  return scopes.categories.flatMap((category): readonly Source[] =>
    category === "option"
      ? optionBasesOf(scopes).map((baseCoin) => ({ category, baseCoin }))
      : [{ category }],
  );
}

async function readWindow(
  client: BybitClient,
  asked: readonly Source[],
  { fromMs, toMs }: Window,
  asking: Asking,
): Promise<WindowRead<Item>> {
  const reads = await Promise.all(
    asked.map(async ({ category, baseCoin }) => {
      const base = baseCoin === undefined ? {} : { baseCoin };
      const params = { category, ...base, startTime: fromMs, endTime: toMs };
      const what = `the executions of ${category}${baseCoin === undefined ? "" : ` on ${baseCoin}`}`;
      const source = { what, path: "/v5/execution/list", params, pageMax: EXECUTIONS_PAGE };
      return { category, listed: await readPages(client, source, asking) };
    }),
  );
  const items = reads.flatMap(({ category, listed }) => listed.items.map((item) => ({ category, item })));
  const broken =
    reads.find(({ listed }) => listed.end === "broken") ?? reads.find(({ listed }) => listed.end === "bound");
  const times = reads.flatMap(({ listed }) => listed.timeMs ?? []);
  return {
    items,
    end: broken?.listed.end ?? "whole",
    ...(broken?.listed.problem !== undefined && { problem: broken.listed.problem }),
    timeMs: times.length === 0 ? undefined : Math.min(...times),
  };
}

/**
 * "Response items will have sorting issues when execTime is the same": the sequence orders them then, and of one order
 * what it had left. A row that two pages have is one.
 * @see https://bybit-exchange.github.io/docs/v5/order/execution (read 2026-11)
 */
function inVenueOrder(facts: readonly FillFacts[]): FillFacts[] {
  const byId = new Map(facts.map((one) => [`${one.contract.name} ${one.tradeId}`, one]));
  return [...byId.values()].sort(
    (a, b) =>
      a.row.timestamp - b.row.timestamp ||
      (a.row.venueSeq ?? 0) - (b.row.venueSeq ?? 0) ||
      compare(b.leaves ?? ZERO, a.leaves ?? ZERO),
  );
}
