// A list that is read by offset, fifty rows at a time, newest first. A row that comes in meanwhile moves all others down, so
// each page begins with the last row of the one before, and the count must stay what it was: else it is not the whole.
// @see https://docs.kraken.com/api-reference/account-data/get-trades-history ("50 results are returned at a time", `ofs`,
// `count`; read 2026-11)

import type { Asking } from "../../wire/asking.ts";
import { isObject } from "../../wire/fields.ts";
import type { Client } from "../client.ts";
import { ask } from "./ask.ts";
import type { Entry } from "./parse.ts";
import { rowsOf } from "./reads.ts";

export interface WalkParts {
  readonly client: Client;
  readonly asking: Asking;
}

export interface Listing {
  /** For a person. */
  readonly what: string;
  readonly path: "TradesHistory" | "Ledgers" | "ClosedOrders";
  /** Where the rows are in the answer. */
  readonly field: string;
}

export interface Walk {
  readonly rows: readonly Entry[];
  readonly problem?: string;
}

const PAGES_MAX = 40;

/** The whole window, or as far as it came. */
export async function walk(
  { client, asking }: WalkParts,
  { what, path, field }: Listing,
  fromMs: number,
  toMs: number,
): Promise<Walk> {
  const found = new Map<string, unknown>();
  const end = (problem?: string): Walk => ({ rows: [...found], ...(problem !== undefined && { problem }) });
  // Whole seconds, and one more at each end: so it does not matter whether the ends are part of the window.
  const window = { start: String(Math.floor(fromMs / 1_000) - 1), end: String(Math.ceil(toMs / 1_000) + 1) };
  let count: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    if (!asking.mayAsk()) return end(`${what} after ${found.size} were not read in time`);
    const last = [...found.keys()].at(-1);
    const ofs = last === undefined ? {} : { ofs: String(found.size - 1) };
    const answer = await ask(client, what, path, { ...window, ...ofs });
    if (answer.kind !== "answer") return end(answer.kind === "failed" ? answer.problem : answer.message);
    const value = isObject(answer.value) ? answer.value : {};
    const listed = rowsOf(what, { kind: "answer", value: value[field] });
    if (listed.kind === "failed") return end(listed.problem);
    if (typeof value.count !== "string" || !/^\d+$/.test(value.count))
      return end(`${what} came without a count`);
    const [first] = listed.rows;
    const hasMoved = last !== undefined && first?.[0] !== last;
    if (hasMoved || (count !== undefined && count !== value.count))
      return end(`${what} changed while they were read`);
    count = value.count;
    const before = found.size;
    for (const [id, row] of listed.rows) found.set(id, row);
    if (found.size === Number(count)) return end();
    if (found.size === before) return end(`${found.size} of ${count} of ${what} were given, and no more`);
  }
  return end(`${what} have more than ${PAGES_MAX} pages; a shorter window is read whole`);
}
