// What an account on OKX is now: positions, open orders with the stops that wait, and money. Of the trading account only:
// the funding account is another wallet, which nothing is traded from.
import {
  add,
  type Decimal,
  isZero,
  type OrderRow,
  type PositionRow,
  parseDecimal,
  type Section,
  type Totals,
} from "../../../core/index.ts";
import { type Snapshot, unavailable } from "../../venue.ts";
import type { Answer } from "../../wire/answer.ts";
import type { Asking } from "../../wire/asking.ts";
import { isObject, type Parsed } from "../../wire/fields.ts";
import { listOf, partialIf, problemsOf } from "../../wire/sections.ts";
import type { Client } from "../client.ts";
import { ask } from "./ask.ts";
import { coinPosition } from "./coins.ts";
import type { InstType } from "./instruments.ts";
import { debtsOf, isOnMargin } from "./margin.ts";
import { type PositionFacts, parseAlgoOrder, parseBalance, parseOrder, parsePosition } from "./parse.ts";

export interface ReadParts {
  readonly client: Client;
  readonly instTypes: readonly InstType[];
  readonly asking: Asking;
}

/** Kinds of stops; each is a list of its own. @see "Get algo order list", `ordType` (read 2026-11) */
export const ALGO_TYPES = [
  "conditional,oco",
  "chase",
  "trigger",
  "move_order_stop",
  "iceberg",
  "smart_iceberg",
  "twap",
] as const;

/** Rows of a page, and pages of one list. @see "List of orders": "The maximum is 100" (read 2026-11) */
export const PAGE = 100;
export const PAGES_MAX = 20;

export async function readSnapshot(parts: ReadParts): Promise<Snapshot> {
  const { client } = parts;
  const [config, positions, balance, orders] = await Promise.all([
    ask(client, "the account", "account/config"),
    ask(client, "the positions", "account/positions"),
    ask(client, "the balances", "account/balance"),
    readOrders(parts),
  ]);
  const account = onlyOf(config);
  const uid = isObject(account) && typeof account.uid === "string" ? account.uid : undefined;
  const wallet = onlyOf(balance);
  const details = isObject(wallet) && Array.isArray(wallet.details) ? wallet.details : undefined;
  const problem =
    balance.kind === "failed" ? balance.problem : "the balances were not answered as those of one account";
  const coins = details?.map(parseBalance);
  const debts = debtsOf(details ?? []);
  return {
    ...(uid !== undefined && { venueAccountId: uid }),
    positions: positionsOf(
      parts,
      positions,
      coins ?? [{ kind: "problem", problem }],
      parts.instTypes.includes("SPOT") ? debts.ofPositions : [],
    ),
    orders,
    balances:
      coins === undefined
        ? unavailable(problem)
        : partialIf(rowsOf(coins), [...problemsOf(coins), ...debts.ofBalances]),
    ...totalsOf(parts, wallet, coins),
  };
}

function rowsOf<Row>(parsed: readonly Parsed<Row>[]): readonly Row[] {
  return parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
}

/** There is one account: an answer of two rows is not about it. */
function onlyOf(answer: Answer): unknown {
  const rows = answer.kind === "answer" && Array.isArray(answer.value) ? answer.value : [];
  return rows.length === 1 ? rows[0] : undefined;
}

/** Kinds that are not asked for are not looked at; a kind that nobody knows is a problem, whatever is asked for. */
function isOfScope(value: unknown, instTypes: readonly InstType[]): boolean {
  const type = isObject(value) ? value.instType : undefined;
  const known = ["SWAP", "FUTURES", "OPTION", "SPOT"];
  if (typeof type !== "string" || !known.includes(type)) return true;
  return (instTypes as readonly string[]).includes(type);
}

function positionsOf(
  { instTypes }: ReadParts,
  answer: Answer,
  coins: readonly Parsed<{ readonly asset: string; readonly total: Decimal }>[],
  debts: readonly string[],
): Section<PositionRow> {
  const listed = listOf("the positions", answer);
  if (listed.kind === "failed") return unavailable(listed.problem);
  const parsed = listed.items.filter((item) => isOfScope(item, instTypes)).map(parsePosition);
  const facts = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  const held = instTypes.includes("SPOT") ? coins : [];
  const coinRows = held.flatMap((one) =>
    one.kind === "row" ? (coinPosition(one.row.asset, one.row.total) ?? []) : [],
  );
  const problems = [...problemsOf(parsed), ...problemsOf(held), ...debts];
  return partialIf([...merged(facts), ...coinRows], problems);
}

/**
 * A cross and an isolated position of one instrument are two to OKX; its fills do not say which of them they changed. So
 * they count as one: the quantities are added, and there is no entry price.
 */
export function merged(facts: readonly PositionFacts[]): PositionRow[] {
  const byKey = new Map<string, PositionFacts>();
  for (const one of facts) {
    const key = `${one.row.instrument} ${one.row.leg}`;
    const known = byKey.get(key);
    byKey.set(key, known && known.marginMode !== one.marginMode ? mergeTwo(known, one) : one);
  }
  return [...byKey.values()].map(({ row }) => row);
}

function mergeTwo(a: PositionFacts, b: PositionFacts): PositionFacts {
  // One of them may only be the empty rest of a mode that was used before.
  if (isZero(b.row.qty)) return a;
  if (isZero(a.row.qty)) return b;
  const { instrument, leg, lastPrice } = a.row;
  const qty = add(a.row.qty, b.row.qty);
  const price = lastPrice === undefined ? {} : { lastPrice };
  return { marginMode: "both", row: { instrument, leg, qty, ...price } };
}

/** `notionalUsd` is that of all positions; OKX says it only in some account modes, and of contracts alone. */
function totalsOf(
  { instTypes }: ReadParts,
  wallet: unknown,
  coins: readonly Parsed<{ readonly asset: string; readonly total: Decimal }>[] | undefined,
): { totals?: Totals } {
  const text = isObject(wallet) ? wallet.notionalUsd : undefined;
  const positionValue = typeof text === "string" ? parseDecimal(text) : undefined;
  if (positionValue === undefined) return {};
  const holdsCoins = (coins ?? []).some(
    (one) => one.kind === "problem" || coinPosition(one.row.asset, one.row.total)?.qty.match(/[1-9]/) != null,
  );
  if (instTypes.includes("SPOT") && holdsCoins) {
    return { totals: { quality: "partial", problem: "coins of the account are not in it" } };
  }
  return { totals: { quality: "complete", positionValue } };
}

async function readOrders(parts: ReadParts): Promise<Section<OrderRow>> {
  const lists = await Promise.all([
    readPages(parts, "the orders", "trade/orders-pending", {}, "ordId"),
    ...ALGO_TYPES.map((ordType) =>
      readPages(parts, `the stops (${ordType})`, "trade/orders-algo-pending", { ordType }, "algoId"),
    ),
  ]);
  const [orders, ...stops] = lists;
  if (orders?.problem !== undefined && orders.items.length === 0) return unavailable(orders.problem);
  const inScope = (item: unknown) => isOfScope(item, parts.instTypes);
  const parsed = [
    ...(orders?.items ?? []).filter(inScope).map(parseOrder),
    ...stops.flatMap(({ items }) => items.filter(inScope).map(parseAlgoOrder)),
  ];
  const onMargin = lists.flatMap(({ items }) => items).filter(isOnMargin).length;
  const problems = [
    ...lists.flatMap(({ problem }) => problem ?? []),
    ...(onMargin === 0 ? [] : [`${onMargin} orders are on margin, which is not covered by this adapter`]),
  ];
  const rows = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  return partialIf(rows, [...problems, ...problemsOf(parsed)]);
}

interface Pages {
  readonly items: readonly unknown[];
  readonly problem?: string;
}

/** Newest first; each page goes on after the last one's last row. */
async function readPages(
  { client, asking }: ReadParts,
  what: string,
  path: string,
  params: Readonly<Record<string, string>>,
  idField: string,
): Promise<Pages> {
  const items: unknown[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    if (!asking.mayAsk()) return { items, problem: `${what} after ${items.length} were not read in time` };
    const query = { ...params, limit: String(PAGE), ...(after !== undefined && { after }) };
    const listed = listOf(what, await ask(client, what, path, query));
    if (listed.kind === "failed") return { items, problem: listed.problem };
    items.push(...listed.items);
    // Fewer rows than asked for may be a page that was cut: only an empty one is the end.
    if (listed.items.length === 0) return { items };
    const last = listed.items.at(-1);
    const id = isObject(last) ? last[idField] : undefined;
    if (typeof id !== "string" || id === after)
      return { items, problem: `${what} do not go on after a page` };
    after = id;
  }
  return { items, problem: `${what} have more than ${PAGES_MAX} pages of ${PAGE}` };
}
