// Lists in pages, and histories in windows of pages. What was not read to its end says so: a list that stopped early
// proves nothing by what it leaves out.
import type { Asking } from "../wire/asking.ts";
import { describe } from "../wire/fields.ts";
import type { BybitClient, Params } from "./client.ts";

export interface ListSource {
  /** For a person: "the open orders of linear". */
  readonly what: string;
  readonly path: string;
  readonly params: Params;
  readonly pageMax: number;
}

/** What was read, and how it ended: whole, at a bound of ours, or broken off. */
export interface Listed {
  readonly items: readonly unknown[];
  readonly end: "whole" | "bound" | "broken";
  readonly problem?: string;
  /** Bybit's code, where it refused. */
  readonly code?: string;
  /** Bybit's clock at the first page. */
  readonly timeMs: number | undefined;
}

/** Pages of one list; more are told as not read. */
export const PAGES_MAX = 40;

export async function readPages(
  client: BybitClient,
  { what, path, params, pageMax }: ListSource,
  asking: Asking,
  isPublic = false,
): Promise<Listed> {
  const items: unknown[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  let timeMs: number | undefined;
  for (let pages = 0; ; pages += 1) {
    if (pages === PAGES_MAX || !asking.mayAsk()) {
      const problem = `there are more of ${what} than one read takes (${items.length} were read); the next pass goes on`;
      return { items, end: "bound", problem, timeMs };
    }
    const query = { ...params, limit: pageMax, ...(cursor !== undefined && { cursor }) };
    const asked = await (isPublic ? client.askPublic(what, path, query) : client.ask(what, path, query));
    if (asked.kind !== "answer") {
      const code = asked.kind === "refused" ? { code: asked.code } : {};
      return { items, end: "broken", problem: asked.problem, ...code, timeMs };
    }
    timeMs ??= asked.timeMs;
    const { list, nextPageCursor } = asked.result;
    if (!Array.isArray(list)) {
      const problem = `${what} were answered with ${describe(list)}; expected a list`;
      return { items, end: "broken", problem, timeMs };
    }
    items.push(...list);
    if (typeof nextPageCursor !== "string" || nextPageCursor === "" || list.length === 0) {
      return { items, end: "whole", timeMs };
    }
    const next = decoded(nextPageCursor);
    if (seen.has(next)) {
      const problem = `the pages of ${what} come back to where they were; ${items.length} rows were read`;
      return { items, end: "broken", problem, timeMs };
    }
    seen.add(next);
    cursor = next;
  }
}

/**
 * Cursors come as they are written in an address, and the package writes them so once more.
 * @see https://bybit-exchange.github.io/docs/v5/order/open-order (nextPageCursor "page_args%3D…", read 2026-11)
 */
function decoded(cursor: string): string {
  try {
    return decodeURIComponent(cursor);
  } catch {
    return cursor;
  }
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface WindowRead<Item> {
  readonly items: readonly Item[];
  readonly end: Listed["end"];
  readonly problem?: string;
  readonly timeMs: number | undefined;
}

export interface Walked<Item> {
  readonly items: readonly Item[];
  /** Up to when everything was read; undefined where nothing was. Venue time, ms. */
  readonly provenToMs: number | undefined;
  readonly problem?: string;
}

/** Narrower windows than this are not tried. In ms. */
const WINDOW_MS_LEAST = 1_000;

/**
 * Windows from the oldest on, each whole before the next, so that what stands proven grows. One with more pages than a
 * read takes is read as two halves.
 */
export async function walkWindows<Item>(
  windows: readonly Window[],
  asking: Asking,
  read: (window: Window) => Promise<WindowRead<Item>>,
): Promise<Walked<Item>> {
  const items: Item[] = [];
  let provenToMs: number | undefined;
  const open = [...windows];
  for (let window = open.shift(); window; window = open.shift()) {
    const found = await read(window);
    if (found.end === "whole") {
      items.push(...found.items);
      // The last window reaches beyond now: Bybit's own clock tells how far it is proven.
      provenToMs = Math.min(window.toMs, found.timeMs ?? window.toMs);
      continue;
    }
    const isWide = window.toMs - window.fromMs > 2 * WINDOW_MS_LEAST;
    if (found.end === "bound" && isWide && asking.mayAsk()) {
      const middleMs = Math.floor((window.fromMs + window.toMs) / 2);
      open.unshift({ fromMs: window.fromMs, toMs: middleMs }, { fromMs: middleMs + 1, toMs: window.toMs });
      continue;
    }
    items.push(...found.items);
    return { items, provenToMs, ...(found.problem !== undefined && { problem: found.problem }) };
  }
  return { items, provenToMs };
}

/** @param widthMs Widest window of one question. Both ends belong to a window. */
export function windowsOf(fromMs: number, toMs: number, widthMs: number): Window[] {
  const windows: Window[] = [];
  for (let at = fromMs; at <= toMs; at += widthMs + 1) {
    windows.push({ fromMs: at, toMs: Math.min(at + widthMs, toMs) });
  }
  return windows;
}
