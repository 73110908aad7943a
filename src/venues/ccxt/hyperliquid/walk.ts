// Lists of Hyperliquid's that end at a bound: they come oldest first from a time on, and go on from the last row's time.
// How many rows a page has at most is documented as 500 and, for fills, 2 000; nothing but a page without anything new
// shows that there is no more, so each page with something new is followed by another.
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint "use the last returned timestamp as
// the next startTime" (read 2026-11)

import type { Asking } from "../../wire/asking.ts";
import { isObject } from "../../wire/fields.ts";
import { listOf } from "../../wire/sections.ts";
import type { Client } from "../client.ts";
import { askInfo } from "./info.ts";

/** Pages of one list. 10 000 fills are all that Hyperliquid keeps, at 2 000 a page; so many for the shorter pages too. */
export const PAGES_MAX = 22;

/** The shortest page that is cut. */
const PAGE_LEAST = 500;

export interface Walk {
  readonly items: readonly unknown[];
  /** How far it is whole; undefined where nothing was read. In venue ms. */
  readonly wholeToMs?: number;
  readonly problem?: string;
}

export interface Walked {
  readonly what: string;
  readonly type: string;
  readonly user: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export async function walk(client: Client, walked: Walked, asking: Asking): Promise<Walk> {
  const { what, type, user, fromMs, toMs } = walked;
  const kept = new Map<string, unknown>();
  let startTime = fromMs;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    if (!asking.mayAsk()) return broken(kept, startTime, `${what} after ${startTime} were not read in time`);
    const params = { type, user, startTime, endTime: toMs };
    const listed = listOf(what, await askInfo(client, what, params));
    if (listed.kind === "failed") return broken(kept, page === 0 ? undefined : startTime, listed.problem);
    const before = kept.size;
    // The page begins again with the ms that the last one ended in: what is the same is the same row.
    for (const [key, item] of keyed(listed.items)) kept.set(key, item);
    if (kept.size === before) {
      // A full page of one ms, read again: whether that ms has more rows cannot be seen.
      if (listed.items.length < PAGE_LEAST) return { items: [...kept.values()], wholeToMs: toMs };
      return broken(kept, startTime, `${what} have at least as many rows in the ms ${startTime} as a page`);
    }
    const lastMs = Math.max(startTime, ...listed.items.map(timeOf));
    // A page that ends in the ms that it began in: what is behind that ms cannot be reached by time.
    if (lastMs === startTime && page > 0) {
      return broken(kept, startTime, `${what} have more rows in the ms ${startTime} than a page`);
    }
    startTime = lastMs;
  }
  return broken(kept, startTime, `${what} have more than ${PAGES_MAX} pages; the next pass goes on`);
}

/** Rows that are alike in everything are told apart by how often they come in one page. */
function keyed(items: readonly unknown[]): [string, unknown][] {
  const seen = new Map<string, number>();
  return items.map((item) => {
    const text = JSON.stringify(item);
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    return [`${count}:${text}`, item];
  });
}

function timeOf(item: unknown): number {
  const time = isObject(item) ? Number(item.time) : Number.NaN;
  return Number.isSafeInteger(time) ? time : 0;
}

function broken(kept: ReadonlyMap<string, unknown>, wholeToMs: number | undefined, problem: string): Walk {
  // The ms that it broke off in may have more.
  return { items: [...kept.values()], ...(wholeToMs !== undefined && { wholeToMs: wholeToMs - 1 }), problem };
}
