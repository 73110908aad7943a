// The open orders, with the exits that Alpaca hides. A nested list shows a bracket's legs only while its entry is
// open; a flat list shows the target of a filled entry and never its stop, which is `held`. So both lists are read,
// and where a target turns up without its parent, the parent is fetched from the closed orders for its other leg.
//   nested, open --+
//                  +-- by id -- targets without a parent? -- nested, all, of these symbols -- their other legs
//   flat, open   --+
// @see https://github.com/alpacahq/alpaca-trade-api-js/issues/87
// @see https://github.com/alpacahq/alpaca-trade-api-python/issues/322 (both read 2026-11)
import type { OrderRow, Section } from "../../core/index.ts";
import { unavailable } from "../venue.ts";
import type { Asking } from "../wire/asking.ts";
import { isObject } from "../wire/fields.ts";
import { listOf, partialIf, problemsOf } from "../wire/sections.ts";
import { type AlpacaClient, type OpenOrdersQuery, ORDERS_PAGE } from "./client.ts";
import { type OrderFacts, parseOrder } from "./parse.ts";
import type { Replacements } from "./replacements.ts";

/** Pages of open orders that are read: 5 000 orders, more than Alpaca lets an account have open in practice. */
export const ORDER_PAGES_MAX = 10;

interface Orders {
  readonly facts: readonly OrderFacts[];
  readonly problems: readonly string[];
  /** Set when nothing was read at all. */
  readonly failure?: string;
}

export async function readOpenOrders(
  client: AlpacaClient,
  replacements: Replacements,
  asking: Asking,
): Promise<Section<OrderRow>> {
  const [nested, flat] = await Promise.all([
    readPages(client, { status: "open", nested: true }, asking),
    readPages(client, { status: "open", nested: false }, asking),
  ]);
  const failure = nested.failure ?? flat.failure;
  if (failure !== undefined) return unavailable(failure);
  const open = mergeById([...nested.facts, ...flat.facts]);
  const hidden = await readHiddenLegs(client, open, asking);
  const whole = await wholeRows(mergeById([...open, ...hidden.facts]), replacements, asking);
  const problems = new Set([...nested.problems, ...flat.problems, ...hidden.problems, ...whole.problems]);
  return partialIf(whole.rows, [...problems]);
}

/** Each order as one, with what it filled under earlier ids. Where that cannot be read, its quantities are left out. */
async function wholeRows(
  facts: readonly OrderFacts[],
  replacements: Replacements,
  asking: Asking,
): Promise<{ readonly rows: OrderRow[]; readonly problems: string[] }> {
  const rows: OrderRow[] = [];
  const problems: string[] = [];
  // One after another: an order that was replaced twice needs what the last one learned.
  for (const one of facts) {
    const whole = await replacements.whole(one, asking);
    if (whole.kind === "problem") problems.push(whole.problem);
    rows.push(whole.kind === "row" ? whole.row : withoutQuantities(one.row));
  }
  return { rows, problems };
}

function withoutQuantities({ qty, filledQty, avgPrice, avgPriceScale, ...row }: OrderRow): OrderRow {
  return row;
}

/** Newest first; each page ends where the one before it began. */
async function readPages(client: AlpacaClient, query: OpenOrdersQuery, asking: Asking): Promise<Orders> {
  const facts: OrderFacts[] = [];
  const problems: string[] = [];
  let beforeOrderId: string | undefined;
  for (let page = 0; page < ORDER_PAGES_MAX && asking.mayAsk(); page += 1) {
    const answer = await client.orders({ ...query, ...(beforeOrderId !== undefined && { beforeOrderId }) });
    const listed = listOf("the orders", answer);
    if (listed.kind === "failed") {
      return page === 0
        ? { facts, problems, failure: listed.problem }
        : { facts, problems: [...problems, listed.problem] };
    }
    const parsed = listed.items.flatMap((item) => parseOrder(item));
    problems.push(...problemsOf(parsed));
    facts.push(...parsed.flatMap((one) => (one.kind === "row" ? [one.row] : [])));
    // Counted with legs: the documentation does not say whether the limit counts them.
    if (parsed.length < ORDERS_PAGE) return { facts, problems };
    const last = idOf(listed.items.at(-1));
    if (last === undefined || last === beforeOrderId) {
      return { facts, problems: [...problems, "the list of orders does not go on after its first page"] };
    }
    beforeOrderId = last;
  }
  const bound = `more orders are open than were read (${facts.length} in ${ORDER_PAGES_MAX} pages, or as many as came in time); cancel what is not needed`;
  return { facts, problems: [...problems, bound] };
}

async function readHiddenLegs(
  client: AlpacaClient,
  open: readonly OrderFacts[],
  asking: Asking,
): Promise<Orders> {
  const orphans = open.filter(isOrphan);
  if (orphans.length === 0) return { facts: [], problems: [] };
  const problem = (why: string) => {
    const ids = orphans.map(({ row }) => row.venueOrderId).join(", ");
    return { facts: [], problems: [`the other exits of the brackets of ${ids} could not be read: ${why}`] };
  };
  if (!asking.mayAsk()) return problem("the orders before them took too long");
  const symbols = [...new Set(orphans.map(({ row }) => row.instrument))].sort();
  const listed = listOf("the orders", await client.orders({ status: "all", nested: true, symbols }));
  if (listed.kind === "failed") return problem(listed.problem);
  const parsed = listed.items.flatMap((item) => parseOrder(item));
  const all = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  const parents = new Set(
    orphans.flatMap(({ row }) => {
      const leg = all.find((one) => one.row.venueOrderId === row.venueOrderId);
      return leg?.row.parentVenueOrderId ?? [];
    }),
  );
  const legs = all.filter(({ row }) => parents.has(row.parentVenueOrderId ?? "") && isOpen(row));
  const isWhole = listed.items.length < ORDERS_PAGE;
  const areFound = orphans.every(({ row }) => legs.some((leg) => leg.row.venueOrderId === row.venueOrderId));
  // A list that is whole and does not know the parent says that there is none.
  if (!isWhole && !areFound) {
    return { facts: legs, problems: problem(`they are older than ${ORDERS_PAGE} orders`).problems };
  }
  return { facts: legs, problems: [] };
}

/**
 * The entry that an exit belongs to, also when both are over: an order asked for by its id does not name it, only the
 * nested list does. Undefined where it is no exit of a bracket, or where nothing tells.
 */
export async function parentOf(client: AlpacaClient, facts: OrderFacts): Promise<string | undefined> {
  if (!isWithoutParent(facts)) return facts.row.parentVenueOrderId;
  const symbols = [facts.row.instrument];
  const listed = listOf("the orders", await client.orders({ status: "all", nested: true, symbols }));
  if (listed.kind === "failed") return undefined;
  const rows = listed.items.flatMap((item) => parseOrder(item));
  const leg = rows.find((one) => one.kind === "row" && one.row.row.venueOrderId === facts.row.venueOrderId);
  return leg?.kind === "row" ? leg.row.row.parentVenueOrderId : undefined;
}

/** An exit of a bracket whose entry this read did not show. */
function isOrphan(facts: OrderFacts): boolean {
  return isWithoutParent(facts) && isOpen(facts.row);
}

/** An entry itself always has its legs. */
function isWithoutParent({ row, orderClass, legCount }: OrderFacts): boolean {
  return orderClass === "bracket" && legCount === 0 && row.parentVenueOrderId === undefined;
}

function isOpen({ status }: OrderRow): boolean {
  return status === "open" || status === "partially_filled";
}

/** One order from all lists that show it: the newest state, and the parent from whichever list tells it. */
function mergeById(facts: readonly OrderFacts[]): OrderFacts[] {
  const merged = new Map<string, OrderFacts>();
  for (const one of facts) {
    const id = one.row.venueOrderId ?? "";
    const known = merged.get(id);
    merged.set(id, known ? mergeTwo(known, one) : one);
  }
  return [...merged.values()];
}

function mergeTwo(a: OrderFacts, b: OrderFacts): OrderFacts {
  const newer = (b.row.updatedAt ?? 0) > (a.row.updatedAt ?? 0) ? b : a;
  const parentVenueOrderId = a.row.parentVenueOrderId ?? b.row.parentVenueOrderId;
  return {
    ...newer,
    legCount: Math.max(a.legCount, b.legCount),
    row: { ...newer.row, ...(parentVenueOrderId !== undefined && { parentVenueOrderId }) },
  };
}

function idOf(item: unknown): string | undefined {
  return isObject(item) && typeof item.id === "string" ? item.id : undefined;
}
