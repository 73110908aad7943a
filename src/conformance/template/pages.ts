// Lists over all their pages: Harbour says itself where the next one begins, and that there is none.
import type { HistorySection, Section } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import { unavailable } from "../../venues/index.ts";
import { newAsking } from "../../venues/wire/asking.ts";
import { isObject, type Parsed } from "../../venues/wire/fields.ts";
import { partialIf, problemsOf } from "../../venues/wire/sections.ts";
import type { HarbourClient } from "./client.ts";
import { PAGE } from "./declaration.ts";

/** Pages of one read. */
const PAGES_MAX = 50;

export async function readList<Row>(
  client: HarbourClient,
  clock: Clock,
  { what, path, query = {} }: { what: string; path: string; query?: Readonly<Record<string, string>> },
  parse: (item: unknown) => Parsed<Row>,
): Promise<Section<Row>> {
  const asking = newAsking(clock);
  const parsed: Parsed<Row>[] = [];
  const read = (problem?: string): Section<Row> => {
    const rows = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
    return partialIf(rows, [...(problem === undefined ? [] : [problem]), ...problemsOf(parsed)]);
  };
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX && asking.mayAsk(); page += 1) {
    const asked = { ...query, limit: String(PAGE), ...(cursor !== undefined && { cursor }) };
    const answer = await client.get(what, path, asked);
    const problem = problemOf(what, answer);
    if (problem !== undefined) return page === 0 ? unavailable(problem) : read(problem);
    const { items, next } = (answer as { value: { items: unknown[]; next: unknown } }).value;
    parsed.push(...items.map(parse));
    if (next === null) return read();
    if (typeof next !== "string" || next === cursor)
      return read(`${what} do not go on after page ${page + 1}`);
    cursor = next;
  }
  return read(`there are more of ${what} than were read; the next pass reads again`);
}

/** The window is proven where every page of it came, and every row could be read. */
export function proven<Row>(section: Section<Row>, fromMs: number, toMs: number): HistorySection<Row> {
  return section.quality === "complete" ? { ...section, coverage: { fromMs, toMs } } : section;
}

type Got = Awaited<ReturnType<HarbourClient["get"]>>;

function problemOf(what: string, answer: Got): string | undefined {
  if (answer.kind === "failed") return answer.problem;
  if (answer.kind === "notFound")
    return `${what} were answered with HTTP 404 (${answer.code}); expected a page`;
  const { value } = answer;
  const isPage = isObject(value) && Array.isArray(value.items) && "next" in value;
  return isPage ? undefined : `${what} were answered with no page of items; expected items and next`;
}
