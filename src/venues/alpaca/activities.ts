// Paging through activities without losing one. Alpaca's pages can skip rows that follow a page token within one
// millisecond, so no page begins where the last one ended: it begins so far before, that the first ms after the
// token was read whole already. Where a page has too few ms for that, whole days are read, which have no pages.
//   page n    … x │ y y │ z z          z may go on behind the page
//   page n+1      ↑ token x: y y again (skipped ones are known), then z whole, then what is new
// @see https://github.com/alpacahq/Alpaca-API/issues/176 (rows that a `date` shows are missing, read 2026-11)

import type { Answer } from "../wire/answer.ts";
import type { Asking } from "../wire/asking.ts";
import { isObject } from "../wire/fields.ts";
import { listOf } from "../wire/sections.ts";
import { ACTIVITIES_PAGE, type ActivitiesQuery } from "./client.ts";
import { datesBetween, utcDate } from "./time.ts";

/** Pages that one read takes: 4 000 to 5 000 rows, at 200 requests a minute a quarter of the venue's limit. */
export const PAGES_MAX = 50;
/** Days that one read takes when pages cannot be trusted: the 30 of a first read, and both ends. */
export const DAYS_MAX = 32;

export interface Activity {
  /** `YYYYMMDDHHMMSSmmm::uuid`, the prefix in New York's local time. */
  readonly id: string;
  readonly item: unknown;
}

/** What was read, and how it ended: the whole window, up to a bound of ours, or broken off by the venue. */
export interface Walk {
  readonly activities: readonly Activity[];
  readonly end: "whole" | "bound" | "broken";
  readonly problem?: string;
}

export interface ActivitySource {
  /** For a person, such as "the fills". */
  readonly what: string;
  ask(query: ActivitiesQuery): Promise<Answer>;
  /** What makes two rows the same row, when pages overlap. */
  keyOf(activity: Activity): string;
}

type Page = { readonly activities: readonly Activity[] } | { readonly problem: string };

/** @param nowMs Our clock before the read: up to when days are read. */
export async function walkActivities(
  source: ActivitySource,
  afterMs: number,
  nowMs: number,
  asking: Asking,
): Promise<Walk> {
  const kept = new Kept(source);
  let pageToken: string | undefined;
  for (let pages = 0; pages < PAGES_MAX && asking.mayAsk(); pages += 1) {
    const page = await readPage(source, {
      kind: "page",
      afterMs,
      ...(pageToken !== undefined && { pageToken }),
    });
    if ("problem" in page) return kept.ended("broken", page.problem);
    kept.add(page.activities);
    if (page.activities.length < ACTIVITIES_PAGE) return kept.ended("whole");
    const next = resumeToken(page.activities);
    if (next === undefined || next === pageToken) {
      return readDays(source, kept, datesFrom(page.activities, nowMs), asking);
    }
    pageToken = next;
  }
  return kept.ended("bound", boundText(source, kept.size));
}

/** Whole days, added to what is known. */
export async function readDays(
  source: ActivitySource,
  kept: Kept,
  dates: readonly string[],
  asking: Asking,
): Promise<Walk> {
  for (const [index, date] of dates.entries()) {
    if (index >= DAYS_MAX || !asking.mayAsk()) return kept.ended("bound", boundText(source, kept.size));
    const page = await readPage(source, { kind: "day", date });
    if ("problem" in page) return kept.ended("broken", page.problem);
    kept.add(page.activities);
  }
  return kept.ended("whole");
}

/** What was read so far, each row once however often it came; the last reading of a row counts. */
export class Kept {
  private readonly byKey = new Map<string, Activity>();
  private readonly source: ActivitySource;

  constructor(source: ActivitySource) {
    this.source = source;
  }

  get size(): number {
    return this.byKey.size;
  }

  add(activities: readonly Activity[]): void {
    for (const one of activities) this.byKey.set(this.source.keyOf(one), one);
  }

  ended(end: Walk["end"], problem?: string): Walk {
    const activities = [...this.byKey.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    return { activities, end, ...(problem !== undefined && { problem }) };
  }
}

async function readPage(source: ActivitySource, query: ActivitiesQuery): Promise<Page> {
  const listed = listOf(source.what, await source.ask(query));
  if (listed.kind === "failed") return { problem: listed.problem };
  const activities = listed.items.flatMap((item) => {
    const id = isObject(item) ? item.id : undefined;
    return typeof id === "string" && /^\d{17}::./.test(id) ? [{ id, item }] : [];
  });
  if (activities.length === listed.items.length) return { activities };
  const count = listed.items.length - activities.length;
  return {
    problem: `${count} of ${listed.items.length} rows of ${source.what} have no id such as 20260422093000123::…; without ids they cannot be paged or told apart`,
  };
}

/**
 * Where the next page begins: after the last row of the third ms from the end. Undefined where the page has fewer
 * than three, or is not in the order that was asked for.
 */
function resumeToken(page: readonly Activity[]): string | undefined {
  const prefixes = page.map(({ id }) => prefixOf(id));
  const isAscending = prefixes.every((prefix, index) => index === 0 || (prefixes[index - 1] ?? "") <= prefix);
  const third = [...new Set(prefixes)].at(-3);
  if (!isAscending || third === undefined) return undefined;
  return page[prefixes.lastIndexOf(third)]?.id;
}

/** From the first day of a page to today. */
function datesFrom(page: readonly Activity[], nowMs: number): string[] {
  const first = page.map(({ id }) => dateOf(id)).sort()[0];
  return first === undefined ? [] : datesBetween(first, utcDate(nowMs));
}

function prefixOf(id: string): string {
  return id.slice(0, id.indexOf("::"));
}

/** The business date in New York that an id names: `20260422…` is 2026-04-22. */
export function dateOf(id: string): string {
  return `${id.slice(0, 4)}-${id.slice(4, 6)}-${id.slice(6, 8)}`;
}

function boundText({ what }: ActivitySource, count: number): string {
  return `there are more of ${what} than one read takes (${count} were read, at most ${PAGES_MAX} pages of ${ACTIVITIES_PAGE}, or as many as came in time); the next pass goes on`;
}
