// Lists that come in pages: read to their end, which both APIs state, or to a bound of ours. A list whose end was not seen
// is never whole, however short its last page was.
import type { Answer } from "../wire/answer.ts";
import type { Asking } from "../wire/asking.ts";
import { describe, isObject } from "../wire/fields.ts";
import { FIRST_CURSOR, LAST_CURSOR } from "./client.ts";

/** Pages that one read takes. */
export const PAGES_MAX = 40;

/** What was read, and how it ended: whole, at a bound of ours, or broken off by the venue. */
export interface Walk {
  readonly items: readonly unknown[];
  readonly end: "whole" | "bound" | "broken";
  readonly problem?: string;
}

interface Page {
  readonly items: readonly unknown[];
  /** Null at the end. */
  readonly next: string | null;
}

type Read = (answer: Answer) => Page | { readonly problem: string };

/** @param what For a person, such as "the positions". */
export function walkData(
  what: string,
  ask: (cursor?: string) => Promise<Answer>,
  asking: Asking,
): Promise<Walk> {
  return walk(
    what,
    (cursor) => ask(cursor),
    undefined,
    (answer) => dataPage(what, answer),
    asking,
  );
}

export function walkClob(
  what: string,
  ask: (cursor: string) => Promise<Answer>,
  asking: Asking,
): Promise<Walk> {
  return walk(
    what,
    (cursor) => ask(cursor ?? FIRST_CURSOR),
    FIRST_CURSOR,
    (answer) => clobPage(what, answer),
    asking,
  );
}

async function walk(
  what: string,
  ask: (cursor: string | undefined) => Promise<Answer>,
  first: string | undefined,
  read: Read,
  asking: Asking,
): Promise<Walk> {
  const items: unknown[] = [];
  const asked = new Set<string>();
  let cursor = first;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    if (pages > 0 && !asking.mayAsk()) break;
    const page = read(await ask(cursor));
    if ("problem" in page) return { items, end: "broken", problem: page.problem };
    items.push(...page.items);
    if (page.next === null) return { items, end: "whole" };
    if (asked.has(page.next)) {
      return {
        items,
        end: "broken",
        problem: `${what} come in a circle: the cursor ${page.next.slice(0, 40)} came twice`,
      };
    }
    asked.add(page.next);
    cursor = page.next;
  }
  const problem = `there are more of ${what} than one read takes (${items.length} were read, at most ${PAGES_MAX} pages, or as many as came in time); the next pass goes on`;
  return { items, end: "bound", problem };
}

/** @see https://docs.polymarket.com/migrate/data-api-v1-to-v2 "Pagination" (next_cursor is null at the end, read 2026-11) */
function dataPage(what: string, answer: Answer): Page | { readonly problem: string } {
  const value = bodyOf(what, answer);
  if ("problem" in value) return value;
  const { body } = value;
  // "A documented miss is data: null or an empty list."
  const items = body.data === null ? [] : body.data;
  if (!Array.isArray(items)) {
    return { problem: `${what} were answered without a list in "data"; expected { data, pagination }` };
  }
  const pagination = isObject(body.pagination) ? body.pagination : {};
  const next = pagination.next_cursor;
  if (next === null) return { items, next: null };
  if (typeof next === "string" && next !== "") return { items, next };
  return {
    problem: `${what} do not say whether they go on: "next_cursor" is ${describe(next ?? "missing")}`,
  };
}

/** @see https://docs.polymarket.com/api-reference/trade/get-trades "next_cursor" (LTE= is the end, read 2026-11) */
function clobPage(what: string, answer: Answer): Page | { readonly problem: string } {
  const value = bodyOf(what, answer);
  if ("problem" in value) return value;
  const { body } = value;
  if (!Array.isArray(body.data)) {
    return { problem: `${what} were answered without a list in "data"; expected { data, next_cursor }` };
  }
  const next = body.next_cursor;
  if (next === LAST_CURSOR) return { items: body.data, next: null };
  if (typeof next === "string" && next !== "") return { items: body.data, next };
  return {
    problem: `${what} do not say whether they go on: "next_cursor" is ${describe(next ?? "missing")}`,
  };
}

function bodyOf(
  what: string,
  answer: Answer,
): { readonly body: Readonly<Record<string, unknown>> } | { readonly problem: string } {
  if (answer.kind === "failed") return answer;
  if (answer.kind === "notFound")
    return { problem: `${what} were answered with HTTP 404 (${answer.message}); expected a page` };
  if (isObject(answer.value)) return { body: answer.value };
  return { problem: `${what} were answered with ${describe(answer.value)}; expected a page` };
}
