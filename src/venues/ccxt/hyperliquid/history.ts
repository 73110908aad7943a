// Fills, funding and ledger updates of a window, proven. Each fill says what the position was before it, so the fills of a
// coin form a chain: a link that is missing is a fill that is missing, and then nothing is claimed to be whole.
import {
  type Decimal,
  type FillRow,
  type HistorySection,
  type LedgerRow,
  multiply,
  negate,
  subtract,
  ZERO,
} from "../../../core/index.ts";
import { type History, unavailable } from "../../venue.ts";
import type { Asking } from "../../wire/asking.ts";
import type { Parsed } from "../../wire/fields.ts";
import { partialIf, problemsOf } from "../../wire/sections.ts";
import type { Client } from "../client.ts";
import type { Coins } from "./coins.ts";
import { type FillFacts, parseFill, parseFunding } from "./parse-history.ts";
import { parseUpdate } from "./parse-update.ts";
import { heldAs } from "./reads.ts";
import { type Walk, walk } from "./walk.ts";

export interface HistoryParts {
  readonly client: Client;
  readonly coins: Coins;
  readonly user: string;
  readonly hasSwap: boolean;
  readonly hasSpot: boolean;
}

/** "only the 10000 most recent fills are available". @see info-endpoint, "Retrieve a user's fills by time" (2026-11) */
export const FILLS_KEPT = 10_000;

export async function readHistory(
  parts: HistoryParts,
  fromMs: number,
  toMs: number,
  asking: Asking,
): Promise<History> {
  const { client, user } = parts;
  const ask = (what: string, type: string) => walk(client, { what, type, user, fromMs, toMs }, asking);
  const [fills, funding, updates] = await Promise.all([
    ask("the fills", "userFillsByTime"),
    parts.hasSwap ? ask("the funding", "userFunding") : undefined,
    ask("the ledger updates", "userNonFundingLedgerUpdates"),
  ]);
  const parsed = fills.items.map((item) => parseFill(item, parts.coins, user));
  return {
    fills: fillsOf(parts, fills, parsed, fromMs),
    ledger: ledgerOf(parts, parsed, [...(funding ? [funding] : []), updates], funding, updates, fromMs, toMs),
  };
}

function isOfScope({ coins, hasSwap, hasSpot }: HistoryParts, { coin }: FillFacts): boolean {
  return coins.of(coin)?.isSpot ? hasSpot : hasSwap;
}

function fillsOf(
  parts: HistoryParts,
  { wholeToMs, problem, items }: Walk,
  parsed: readonly Parsed<FillFacts>[],
  fromMs: number,
): HistorySection<FillRow> {
  if (problem !== undefined && items.length === 0) return unavailable(problem);
  const facts = inChain(rowsOf(parsed));
  const doubts = [...problemsOf(parsed), ...missingLinks(facts)];
  const kept = facts.filter((one) => isOfScope(parts, one));
  const times = facts.map(({ row }) => row.timestamp);
  // What is older than those that are kept cannot be read any more.
  const provenFromMs = facts.length >= FILLS_KEPT ? Math.max(fromMs, Math.min(...times)) : fromMs;
  const isProven = doubts.length === 0 && wholeToMs !== undefined && wholeToMs >= provenFromMs;
  return {
    ...partialIf(
      kept.map(({ row }) => row),
      [...(problem === undefined ? [] : [problem]), ...doubts],
    ),
    ...(isProven && { coverage: { fromMs: provenFromMs, toMs: wholeToMs } }),
  };
}

function rowsOf(parsed: readonly Parsed<FillFacts>[]): readonly FillFacts[] {
  return parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
}

/**
 * By time, and within one ms each coin's fills as they follow from one another: a trade id is no order, and a list that
 * is put together from pages has none of its own.
 */
export function inChain(facts: readonly FillFacts[]): FillFacts[] {
  const byMs = new Map<number, FillFacts[]>();
  for (const one of facts) byMs.set(one.row.timestamp, [...(byMs.get(one.row.timestamp) ?? []), one]);
  const at = new Map<string, string>();
  return [...byMs]
    .sort(([a], [b]) => a - b)
    .flatMap(([, group]) =>
      orderedGroup(group, at).map((one, venueSeq) => ({ ...one, row: { ...one.row, venueSeq } })),
    );
}

/** @param at What each coin's position is so far. */
function orderedGroup(group: readonly FillFacts[], at: Map<string, string>): FillFacts[] {
  const left = [...group];
  const ordered: FillFacts[] = [];
  while (left.length > 0) {
    const index = left.findIndex((one) => isNext(one, left, at));
    const [next] = left.splice(Math.max(0, index), 1);
    if (!next) break;
    if (next.link) at.set(next.coin, next.link.after);
    ordered.push(next);
  }
  return ordered;
}

function isNext(
  { coin, link }: FillFacts,
  left: readonly FillFacts[],
  at: ReadonlyMap<string, string>,
): boolean {
  if (!link) return true;
  const position = at.get(coin);
  if (position !== undefined) return position === link.before;
  // The first that is known of the coin: the one that follows from none of the others.
  return !left.some((other) => other.coin === coin && other.link?.after === link.before);
}

function missingLinks(facts: readonly FillFacts[]): string[] {
  const last = new Map<string, FillFacts>();
  return facts.flatMap((one) => {
    const before = last.get(one.coin);
    if (!one.link) return [];
    last.set(one.coin, one);
    if (!before?.link || before.link.after === one.link.before) return [];
    return [
      `the fills of ${one.row.instrument} do not follow from one another: after ${before.key} the position was ${before.link.after}, before ${one.key} it was ${one.link.before}; fills between them are missing`,
    ];
  });
}

function ledgerOf(
  parts: HistoryParts,
  fills: readonly Parsed<FillFacts>[],
  walks: readonly Walk[],
  funding: Walk | undefined,
  updates: Walk,
  fromMs: number,
  toMs: number,
): HistorySection<LedgerRow> {
  const charges = (funding?.items ?? []).map((item) => parseFunding(item, parts.coins));
  const read = updates.items.map((item) => parseUpdate(item, parts.user, parts.hasSpot));
  const entries = read.flatMap((one) => (one.kind === "row" ? one.row : []));
  const problems = [
    ...walks.flatMap(({ problem }) => problem ?? []),
    ...problemsOf(charges),
    ...read.flatMap((one) => (one.kind === "problem" ? [one.problem] : [])),
  ];
  const rows = [
    ...charges.flatMap((one) => (one.kind === "row" ? [one.row] : [])),
    ...entries.flatMap((entry) => (parts.hasSpot ? withCoin(entry, parts.coins) : [entry])),
    ...(parts.hasSpot ? rowsOf(fills).flatMap((one) => pairChanges(one, parts.coins)) : []),
  ];
  const isWhole = problems.length === 0 && walks.every(({ wholeToMs }) => wholeToMs === toMs);
  return { ...partialIf(occurring(rows), problems), ...(isWhole && { coverage: { fromMs, toMs } }) };
}

/** A coin that comes or goes without a trade changes the position that it is held as. */
function withCoin(entry: LedgerRow, coins: Coins): readonly LedgerRow[] {
  const { id, asset, amount, cause, timestamp, text } = entry;
  const pair = asset === undefined ? undefined : heldAs(asset, coins);
  if (pair === undefined || amount === undefined) return [entry];
  const change: LedgerRow = { id: `${id}|coin`, cause, timestamp, instrument: pair, qtyDelta: amount };
  return [entry, text === undefined ? change : { ...change, text }];
}

/**
 * What was traded is held under the pair with USDC, or as money: so it leaves any other pair that it was traded in, less a
 * fee that was taken of it. And a coin that paid for it is held less.
 */
function pairChanges({ coin, key, row }: FillFacts, coins: Coins): readonly LedgerRow[] {
  const found = coins.of(coin);
  if (!found?.isSpot) return [];
  const { base, quote } = found.instrument;
  const { instrument: pair, side, qty, price, fee = ZERO, feeCurrency, timestamp } = row;
  const less = (amount: Decimal, asset: string | null) =>
    asset !== null && feeCurrency === asset ? subtract(amount, fee) : amount;
  const change = (id: string, instrument: string, qtyDelta: Decimal, as: string): LedgerRow => ({
    ...{ id: `${key}|${id}`, cause: "transfer", timestamp, instrument, qtyDelta },
    text: `a trade in ${pair}: ${as}`,
  });
  const changes: LedgerRow[] = [];
  const home = base === null ? undefined : heldAs(base, coins);
  if (home !== pair) {
    const bought = less(side === "buy" ? qty : negate(qty), base);
    if (home !== undefined) changes.push(change("coin", home, bought, `the coin is held as ${home}`));
    changes.push(change("pair", pair, negate(bought), `nothing is held as ${pair}`));
  }
  const paidAs = quote === null ? undefined : heldAs(quote, coins);
  if (paidAs !== undefined && price !== undefined) {
    const value = multiply(qty, price);
    const paid = less(side === "buy" ? negate(value) : value, quote);
    changes.push(change("paid", paidAs, paid, `${paidAs} paid for it`));
  }
  return changes;
}

/** Rows of one transaction that are alike in everything are as many events. */
function occurring(rows: readonly LedgerRow[]): LedgerRow[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const count = (seen.get(row.id) ?? 0) + 1;
    seen.set(row.id, count);
    return count === 1 ? row : { ...row, id: `${row.id}#${count}` };
  });
}
