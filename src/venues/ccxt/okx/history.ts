// Fills and bills of a window, proven. Both lists come newest first, a hundred at a time, and go on by the bill's id. Fills of
// the last three days are one list; older ones are a list for each kind of instrument, back to three months.
// @see https://www.okx.com/docs-v5/en/#order-book-trading-trade-get-transaction-details-last-3-days (both windows and pages)
// @see https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-bills-details-last-7-days (both read 2026-11)
import { type FillRow, type HistorySection, isZero, type LedgerRow } from "../../../core/index.ts";
import { type History, unavailable } from "../../venue.ts";
import { isObject } from "../../wire/fields.ts";
import { listOf, partialIf, problemsOf } from "../../wire/sections.ts";
import { ask } from "./ask.ts";
import { coinChanges } from "./coins.ts";
import { parseInstId } from "./instruments.ts";
import { isOnMargin } from "./margin.ts";
import { type BillRead, type FillFacts, parseBill, parseFill } from "./parse-history.ts";
import { PAGE, PAGES_MAX, type ReadParts } from "./reads.ts";

const DAY_MS = 24 * 3_600_000;
/** A little less than what is kept: a window that ends while it is read would lose its oldest rows. */
const FILLS_SHORT_MS = 3 * DAY_MS - 600_000;
const BILLS_SHORT_MS = 7 * DAY_MS - 600_000;
export const RETENTION_MS = 89 * DAY_MS;

export async function readHistory(parts: ReadParts, fromMs: number, toMs: number): Promise<History> {
  // What is older is not kept: the window begins later, and says so.
  const keptMs = Math.max(fromMs, toMs - RETENTION_MS);
  const [fills, ledger] = await Promise.all([readFills(parts, keptMs, toMs), readBills(parts, keptMs, toMs)]);
  return { fills, ledger };
}

async function readFills(parts: ReadParts, fromMs: number, toMs: number): Promise<HistorySection<FillRow>> {
  const isShort = toMs - fromMs < FILLS_SHORT_MS;
  const { instTypes } = parts;
  const walks = isShort
    ? [await walk(parts, "the fills", "trade/fills", {}, fromMs, toMs)]
    : await Promise.all(
        instTypes.map((instType) =>
          walk(parts, `the fills of ${instType}`, "trade/fills-history", { instType }, fromMs, toMs),
        ),
      );
  const problems = walks.flatMap(({ problem }) => problem ?? []);
  const items = walks.flatMap((one) => one.items).filter((item) => isOfScope(item, instTypes));
  if (problems.length > 0 && items.length === 0) return unavailable(problems[0] ?? "");
  const parsed = items.map(parseFill);
  const facts = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  const doubts = [...problems, ...problemsOf(parsed)];
  // They are read, and left out: what they moved, their bills tell. The others are whole without them.
  const left = new Set(walks.flatMap((one) => one.items).filter(isOnMargin)).size;
  const onMargin = left === 0 ? [] : [`${left} fills on margin are not booked: margin is not covered`];
  return {
    ...partialIf(inVenueOrder(facts), [...doubts, ...onMargin]),
    ...(doubts.length === 0 && { coverage: { fromMs, toMs } }),
  };
}

/** By bill: the ids ascend. Counted within the ms, so that it does not depend on where a read began. */
export function inVenueOrder(facts: readonly FillFacts[]): FillRow[] {
  const sorted = facts.toSorted((a, b) => byId(a.billId, b.billId));
  const count = new Map<number, number>();
  return sorted.map(({ row }) => {
    const venueSeq = count.get(row.timestamp) ?? 0;
    count.set(row.timestamp, venueSeq + 1);
    return { ...row, venueSeq };
  });
}

async function readBills(parts: ReadParts, fromMs: number, toMs: number): Promise<HistorySection<LedgerRow>> {
  const path = toMs - fromMs < BILLS_SHORT_MS ? "account/bills" : "account/bills-archive";
  const { items, problem } = await walk(parts, "the bills", path, {}, fromMs, toMs);
  if (problem !== undefined && items.length === 0) return unavailable(problem);
  const read = items.map((item) => ({ item, bill: parseBill(item) }));
  const problems = [
    ...(problem === undefined ? [] : [problem]),
    ...read.flatMap(({ bill }) => (bill.kind === "problem" ? [bill.problem] : [])),
  ];
  const isSpotHeld = parts.instTypes.includes("SPOT");
  const rows = read.toReversed().flatMap(({ item, bill }) => rowsOf(item, bill, isSpotHeld));
  return { ...partialIf(rows, problems), ...(problems.length === 0 && { coverage: { fromMs, toMs } }) };
}

/** The entry where it is one, and what the bill changes of coins that are held. */
function rowsOf(item: unknown, bill: BillRead, isSpotHeld: boolean): readonly LedgerRow[] {
  if (bill.kind === "problem") return [];
  const own = bill.kind === "row" ? [bill.row] : [];
  const entry = bill.kind === "row" ? bill.row : bill.entry;
  // Its fill is not booked, so nothing else tells what moved.
  if (isOnMargin(item)) {
    const moved = entry.amount === undefined || isZero(entry.amount) ? [] : [entry];
    return isSpotHeld ? [...moved, ...coinChanges(entry, undefined, false)] : moved;
  }
  if (!isSpotHeld) return own;
  const inst = isObject(item) && typeof item.instId === "string" ? parseInstId(item.instId) : undefined;
  const isSpotTrade = bill.kind === "ignored" && inst?.instType === "SPOT";
  const isBase = isSpotTrade && inst?.base === entry.asset;
  return [...own, ...coinChanges(entry, isSpotTrade ? inst?.symbol : undefined, isBase)];
}

function isOfScope(item: unknown, instTypes: ReadParts["instTypes"]): boolean {
  const type = isObject(item) ? item.instType : undefined;
  if (isOnMargin(item)) return false;
  return typeof type !== "string" || (instTypes as readonly string[]).includes(type);
}

/** Ids are numbers of any length. */
function byId(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

interface Walk {
  readonly items: readonly unknown[];
  readonly problem?: string;
}

/** The whole window, or as far as it came. */
async function walk(
  { client, asking }: ReadParts,
  what: string,
  path: string,
  params: Readonly<Record<string, string>>,
  fromMs: number,
  toMs: number,
): Promise<Walk> {
  const items: unknown[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    if (!asking.mayAsk()) return { items, problem: `${what} before ${after ?? "now"} were not read in time` };
    // Whether both ends are part of the window is not documented: one ms more is asked for.
    const window = { begin: String(fromMs - 1), end: String(toMs + 1), limit: String(PAGE) };
    const query = { ...params, ...window, ...(after !== undefined && { after }) };
    const listed = listOf(what, await ask(client, what, path, query));
    if (listed.kind === "failed") return { items, problem: listed.problem };
    items.push(...listed.items);
    // Fewer rows than asked for may be a page that was cut: only an empty one is the end.
    if (listed.items.length === 0) return { items };
    const last = listed.items.at(-1);
    const id = isObject(last) && typeof last.billId === "string" ? last.billId : undefined;
    if (id === undefined || id === after) return { items, problem: `${what} do not go on after a page` };
    after = id;
  }
  return {
    items,
    problem: `${what} have more than ${PAGES_MAX} pages of ${PAGE}; a shorter window is read whole`,
  };
}
