// The account's fills within a window, from the CLOB's list of trades. Pages come newest first, so what is added while they
// are read shows a row twice and hides none. Where one read does not reach back to the window's beginning, an earlier
// part of it is read whole, and the next pass goes on from there.
import type { FillRow, HistorySection } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import { unavailable } from "../venue.ts";
import type { Asking } from "../wire/asking.ts";
import { isObject } from "../wire/fields.ts";
import { partialIf, problemsOf } from "../wire/sections.ts";
import type { PolymarketClient } from "./client.ts";
import { type Markets, withTakerFee } from "./markets.ts";
import type { OwnOrders } from "./own-orders.ts";
import { type Walk, walkClob } from "./pages.ts";
import { type Owner, parseTrade, type TradeFacts } from "./parse-trade.ts";
import type { Unsettled } from "./unsettled.ts";

export interface FillParts {
  readonly client: PolymarketClient;
  readonly owner: () => Promise<Owner>;
  readonly markets: Markets;
  readonly own: OwnOrders;
  readonly unsettled: Unsettled;
  readonly clock: Clock;
}

/** @param fromMs Venue time. Fills of exactly this ms are in. */
export async function readFills(
  parts: FillParts,
  fromMs: number,
  asking: Asking,
): Promise<HistorySection<FillRow>> {
  const { clock } = parts;
  const nowMs = clock.nowMs();
  const latest = await readWindow(parts, { fromMs }, asking);
  if (latest.walk.end === "broken" && latest.walk.items.length === 0)
    return unavailable(latest.walk.problem ?? "");
  if (latest.walk.end !== "bound") return sectionOf(parts, latest, { fromMs, toMs: nowMs }, asking);
  return older(parts, latest, fromMs, nowMs, asking);
}

/** Windows that one read tries when there are more fills than it takes. */
const WINDOWS_MAX = 8;

/**
 * What lies before the oldest row that was read, in windows that get shorter until one is read whole. The first one that
 * is joins what was read already: then nothing is missing.
 */
async function older(
  parts: FillParts,
  latest: Read,
  fromMs: number,
  nowMs: number,
  asking: Asking,
): Promise<HistorySection<FillRow>> {
  const oldestMs = Math.min(nowMs, ...latest.trades.map(({ timestamp }) => timestamp));
  let trades = latest.trades;
  let problems = latest.problems;
  let toMs = oldestMs;
  for (let tried = 0; tried < WINDOWS_MAX && toMs > fromMs && asking.mayAsk(); tried += 1) {
    const one = await readWindow(parts, { fromMs, toMs }, asking);
    trades = [...trades, ...one.trades];
    problems = [...problems, ...one.problems];
    if (one.walk.end === "broken") break;
    if (one.walk.end === "whole") {
      const isAll = toMs === oldestMs;
      const walk: Walk = isAll ? one.walk : latest.walk;
      return sectionOf(parts, { walk, trades, problems }, { fromMs, toMs: isAll ? nowMs : toMs }, asking);
    }
    toMs = fromMs + Math.floor((toMs - fromMs) / 2);
  }
  return sectionOf(parts, { walk: latest.walk, trades, problems }, undefined, asking);
}

interface Window {
  readonly fromMs: number;
  readonly toMs?: number;
}

interface Read {
  readonly walk: Walk;
  readonly trades: readonly TradeFacts[];
  readonly problems: readonly string[];
}

/** The venue counts by seconds, and does not say whether its bounds are within: a second more at both ends. */
async function readWindow(
  { client, owner }: FillParts,
  { fromMs, toMs }: Window,
  asking: Asking,
): Promise<Read> {
  const query = {
    afterSec: Math.floor(fromMs / 1_000) - 1,
    ...(toMs !== undefined && { beforeSec: Math.ceil(toMs / 1_000) + 1 }),
  };
  const walk = await walkClob("the trades", (cursor) => client.trades(query, cursor), asking);
  const whose = await owner();
  const parsed = walk.items.map((item) => parseTrade(item, whose));
  return {
    walk,
    trades: parsed.flatMap((one) => (one.kind === "row" ? [one.row] : [])),
    problems: problemsOf(parsed),
  };
}

async function sectionOf(
  parts: FillParts,
  { walk, trades, problems }: Read,
  coverage: { readonly fromMs: number; readonly toMs: number } | undefined,
  asking: Asking,
): Promise<HistorySection<FillRow>> {
  const { markets, own, unsettled, clock } = parts;
  const unique = [...new Map(trades.map((trade) => [trade.tradeId, trade])).values()];
  unsettled.take(unique, clock.nowMs());
  await askAgain(parts, asking);
  const strangers = unique.filter((trade) => trade.parts.length === 0);
  const takers = unique.filter((trade) => trade.parts.some(({ role }) => role === "taker"));
  await markets.learn(
    takers.flatMap(({ conditionId }) => conditionId ?? []),
    asking,
  );
  const rows = unique
    // What failed never happened.
    .filter(({ settlement }) => settlement !== "failed")
    .flatMap(({ parts: fills, conditionId }) =>
      fills.map(({ row, role }) => {
        const market = role === "taker" && conditionId !== undefined ? markets.of(conditionId) : undefined;
        return own.named(withTakerFee(row, market));
      }),
    )
    .sort((a, b) => a.timestamp - b.timestamp);
  const ended = walk.problem === undefined ? [] : [walk.problem];
  const others = strangers.map(({ tradeId }) => `the trade ${tradeId} names nobody of this account`);
  const doubts = [...problems, ...others];
  const isProven = coverage !== undefined && doubts.length === 0 && walk.end !== "broken";
  return {
    ...partialIf(rows, [...ended, ...doubts]),
    ...(isProven && { coverage }),
  };
}

/** Trades that wait for the chain and are older than the window: whether they still do is asked for one by one. */
async function askAgain({ client, owner, unsettled, clock }: FillParts, asking: Asking): Promise<void> {
  const whose = await owner();
  for (const id of unsettled.unheard(clock.nowMs()).slice(0, ASKED_AGAIN_MAX)) {
    if (!asking.mayAsk()) return;
    const answer = await client.trade(id);
    const items = answer.kind === "answer" && isObject(answer.value) ? answer.value.data : undefined;
    const read = (Array.isArray(items) ? items : []).map((item) => parseTrade(item, whose));
    unsettled.take(
      read.flatMap((one) => (one.kind === "row" ? [one.row] : [])),
      clock.nowMs(),
    );
  }
}

const ASKED_AGAIN_MAX = 10;
