// The fills of a window, proven. Each fill says what its order had filled after it, so the fills of an order form a
// chain (cum_qty = previous cum_qty + qty): a link that is missing shows, its day is read again whole, and what then
// is still missing makes the section partial, without coverage.
import { add, compare, type FillRow, type HistorySection, subtract } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import { unavailable } from "../venue.ts";
import type { Asking } from "../wire/asking.ts";
import { partialIf, problemsOf } from "../wire/sections.ts";
import { type ActivitySource, dateOf, Kept, readDays, type Walk, walkActivities } from "./activities.ts";
import type { AlpacaClient } from "./client.ts";
import { type FillFacts, parseFill } from "./parse-activity.ts";

/** Days that are read again because a link is missing; each is one request. */
export const REREAD_DAYS_MAX = 5;

/** @param fromMs Venue time. Fills of exactly this ms are in. */
export async function readFills(
  client: AlpacaClient,
  fromMs: number,
  clock: Clock,
  asking: Asking,
): Promise<HistorySection<FillRow>> {
  const toMs = clock.nowMs();
  const source: ActivitySource = {
    what: "the fills",
    ask: (query) => client.fills(query),
    keyOf: ({ id }) => id,
  };
  // `after` leaves the ms itself out.
  const walk = await walkActivities(source, fromMs - 1, toMs, asking);
  if (walk.end === "broken" && walk.activities.length === 0) return unavailable(walk.problem ?? "");
  const repaired = await reread(source, walk, asking);
  const parsed = repaired.activities.map(({ item }) => parseFill(item));
  const facts = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  const doubts = [...problemsOf(parsed), ...missingLinks(facts).map(linkText)];
  const problems = [...(repaired.problem === undefined ? [] : [repaired.problem]), ...doubts];
  const provenMs = repaired.end === "whole" ? toMs : provenBefore(repaired, facts);
  const isProven = doubts.length === 0 && provenMs !== undefined && provenMs >= fromMs;
  return {
    ...partialIf(inVenueOrder(facts), problems),
    ...(isProven && { coverage: { fromMs, toMs: provenMs } }),
  };
}

/**
 * A read that reached a bound of ours is whole up to its last ms, so that the next one goes on from there instead of
 * beginning again for ever. Not where times run backwards: in the hour that New York's clocks have twice, ids are
 * not in the order of time. Nor where the venue broke off.
 */
function provenBefore({ end }: Walk, facts: readonly FillFacts[]): number | undefined {
  const times = facts.map(({ row }) => row.timestamp);
  const isAscending = times.every((time, index) => index === 0 || (times[index - 1] ?? 0) <= time);
  const last = times.at(-1);
  return end === "bound" && isAscending && last !== undefined ? last - 1 : undefined;
}

/** The days on which links are missing, read whole. */
async function reread(source: ActivitySource, walk: Walk, asking: Asking): Promise<Walk> {
  const facts = walk.activities.flatMap(({ item }) => {
    const one = parseFill(item);
    return one.kind === "row" ? [one.row] : [];
  });
  const dates = [
    ...new Set(missingLinks(facts).flatMap((link) => [dateOf(link.before), dateOf(link.after)])),
  ];
  if (dates.length === 0) return walk;
  const kept = new Kept(source);
  kept.add(walk.activities);
  const again = await readDays(source, kept, dates.sort().slice(0, REREAD_DAYS_MAX), asking);
  // Days that could not be read leave the links missing, which is told by itself.
  return { ...walk, activities: again.activities };
}

interface MissingLink {
  readonly venueOrderId: string;
  /** Ids of the fills on both sides of it. */
  readonly before: string;
  readonly after: string;
  readonly qty: string;
}

function missingLinks(facts: readonly FillFacts[]): MissingLink[] {
  return [...byOrder(facts).values()].flatMap((chain) =>
    chain.flatMap((fill, index) => {
      const before = chain[index - 1];
      // What an order filled before the window is not in it.
      if (!before || add(before.cumulative, fill.row.qty) === fill.cumulative) return [];
      const qty = subtract(subtract(fill.cumulative, fill.row.qty), before.cumulative);
      return [{ venueOrderId: fill.venueOrderId, before: before.tradeId, after: fill.tradeId, qty }];
    }),
  );
}

function linkText({ venueOrderId, before, after, qty }: MissingLink): string {
  return `the fills of order ${venueOrderId} do not add up: ${qty} are missing between ${before} and ${after}, also after reading their day again; compare with the order at Alpaca`;
}

/** Each order's fills as it filled: by cumulative quantity, because ids of one ms are in no order. */
function byOrder(facts: readonly FillFacts[]): Map<string, FillFacts[]> {
  const orders = new Map<string, FillFacts[]>();
  for (const one of facts) orders.set(one.venueOrderId, [...(orders.get(one.venueOrderId) ?? []), one]);
  for (const chain of orders.values()) chain.sort((a, b) => compare(a.cumulative, b.cumulative));
  return orders;
}

/**
 * Gives fills of one ms their order: by what the timestamp has beyond the ms, and within one order as it filled.
 * Counted within the ms, so that it does not depend on where a read began.
 * @see https://github.com/alpacahq/Alpaca-API/issues/170 (same-ms fills come in the order of their uuids, read 2026-11)
 */
export function inVenueOrder(facts: readonly FillFacts[]): FillRow[] {
  const byMs = new Map<number, FillFacts[]>();
  for (const one of facts) byMs.set(one.row.timestamp, [...(byMs.get(one.row.timestamp) ?? []), one]);
  return [...byMs]
    .sort(([a], [b]) => a - b)
    .flatMap(([, group]) => orderWithinMs(group).map(({ row }, venueSeq) => ({ ...row, venueSeq })));
}

function orderWithinMs(group: readonly FillFacts[]): FillFacts[] {
  const byTime = [...group].sort((a, b) => a.nanosBeyond - b.nanosBeyond || (a.tradeId < b.tradeId ? -1 : 1));
  const chains = byOrder(group);
  // Each order keeps its places among the others and fills them as it was executed.
  return byTime.map((one) => chains.get(one.venueOrderId)?.shift() ?? one);
}
