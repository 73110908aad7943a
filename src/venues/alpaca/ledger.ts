// Everything that moved money or quantity and is not a fill, read far enough back to find what was posted late. No
// coverage is claimed: an entry may turn up days later under an earlier date, so no window is ever proven whole.
import type { Cause, HistorySection, LedgerRow } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import { unavailable } from "../venue.ts";
import type { Asking } from "../wire/asking.ts";
import { partialIf, problemsOf } from "../wire/sections.ts";
import { type ActivitySource, walkActivities } from "./activities.ts";
import type { AlpacaClient } from "./client.ts";
import { type LedgerFacts, parseNonTrade } from "./parse-activity.ts";

/**
 * How far behind the fills' window entries are looked for. They are dated their business day's midnight and posted
 * up to three business days later; with a weekend and a holiday between, that is a week. Known ones are known by id.
 * In ms.
 */
export const LEDGER_OVERLAP_MS = 7 * 24 * 3_600_000;

/** @param currency The account's: what amounts are in where a row does not say. */
export async function readLedger(
  client: AlpacaClient,
  fromMs: number,
  currency: string,
  clock: Clock,
  asking: Asking,
): Promise<HistorySection<LedgerRow>> {
  const source: ActivitySource = {
    what: "the activities",
    ask: (query) => client.nonTrades(query),
    // Not the id: all rows of an option's event may share one (parse-activity.ts).
    keyOf: ({ item }) => JSON.stringify(item),
  };
  const walk = await walkActivities(source, Math.max(0, fromMs - LEDGER_OVERLAP_MS), clock.nowMs(), asking);
  if (walk.end === "broken" && walk.activities.length === 0) return unavailable(walk.problem ?? "");
  const parsed = walk.activities.map(({ item }) => parseNonTrade(item, currency));
  const facts = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  const { rows, problems } = uniqueRows(withCauses(facts));
  const trouble = walk.problem === undefined ? [] : [walk.problem];
  return partialIf(rows, [...trouble, ...problemsOf(parsed), ...problems]);
}

const EVENTS: Readonly<Record<string, Cause>> = { OPASN: "assignment", OPEXC: "exercise", OPXRC: "exercise" };

/** The trade in the underlying says in its own row neither that it was an exercise nor an assignment: its group does. */
function withCauses(facts: readonly LedgerFacts[]): LedgerRow[] {
  const events = new Map(facts.flatMap(({ type, group }) => (EVENTS[type] ? [[group, EVENTS[type]]] : [])));
  return facts.map(({ row, type, group }) => {
    const cause = type === "OPTRD" ? events.get(group) : undefined;
    return cause === undefined ? row : { ...row, cause };
  });
}

function uniqueRows(rows: readonly LedgerRow[]): { rows: LedgerRow[]; problems: string[] } {
  const unique = new Map<string, LedgerRow>();
  const problems: string[] = [];
  for (const row of rows) {
    const known = unique.get(row.id);
    if (known === undefined) unique.set(row.id, row);
    else if (JSON.stringify(known) !== JSON.stringify(row)) {
      problems.push(`two activities have the id ${row.id} and say different things; the first one counts`);
    }
  }
  return { rows: [...unique.values()], problems };
}
