// What an account on Hyperliquid is now: of every dex its positions, money and open orders, and the spot wallet. A dex that
// does not answer makes the sections partial: what it holds is not known, and so is no sum.
import {
  add,
  type BalanceRow,
  type Decimal,
  isCash,
  isZero,
  type OrderRow,
  type PositionRow,
  type Section,
  sum,
  type Totals,
} from "../../../core/index.ts";
import { type Snapshot, unavailable } from "../../venue.ts";
import type { Answer } from "../../wire/answer.ts";
import { isObject, type Parsed } from "../../wire/fields.ts";
import { listOf, partialIf, problemsOf } from "../../wire/sections.ts";
import type { Client } from "../client.ts";
import type { Coins } from "./coins.ts";
import { askInfo } from "./info.ts";
import { type Margin, parseMargin, parseOpenOrder, parsePosition, parseSpotBalance } from "./parse.ts";

export interface ReadParts {
  readonly client: Client;
  readonly coins: Coins;
  readonly dexes: readonly string[];
  /** Whose account it is. */
  readonly user: string;
  /** Whether perpetuals and spot are read. */
  readonly hasSwap: boolean;
  readonly hasSpot: boolean;
  /** Whether one wallet holds all money, so that what the dexes say of money is part of it. */
  readonly isUnified: boolean;
}

interface Dex {
  readonly name: string;
  readonly positions: readonly Parsed<PositionRow>[];
  readonly margin: Parsed<Margin>;
}

export async function readSnapshot(parts: ReadParts): Promise<Snapshot> {
  const { client, user, dexes, hasSwap, hasSpot } = parts;
  const names = hasSwap ? dexes : [];
  const [states, orders, spot] = await Promise.all([
    Promise.all(names.map((dex) => readDex(parts, dex))),
    readOrders(parts),
    hasSpot || parts.isUnified
      ? askInfo(client, "the spot wallet", { type: "spotClearinghouseState", user })
      : undefined,
  ]);
  const wallet = spot === undefined ? [] : walletOf(spot);
  return {
    venueAccountId: user.toLowerCase(),
    positions: positionsOf(parts, states, wallet),
    orders,
    balances: balancesOf(parts, states, wallet),
    ...(hasSwap && { totals: totalsOf(states, parts, wallet) }),
  };
}

async function readDex({ client, user, coins }: ReadParts, dex: string): Promise<Dex> {
  const what = `the positions of ${dexName(dex)}`;
  const answer = await askInfo(client, what, { type: "clearinghouseState", user, dex });
  const value = answer.kind === "answer" ? answer.value : undefined;
  const positions = isObject(value) ? value.assetPositions : undefined;
  if (!Array.isArray(positions)) {
    const problem =
      answer.kind === "failed" ? answer.problem : `${what} were answered without a list of positions`;
    return { name: dex, positions: [{ kind: "problem", problem }], margin: { kind: "problem", problem } };
  }
  return {
    name: dex,
    positions: positions.map((one) => parsePosition(one, coins)),
    margin: parseMargin(value),
  };
}

function dexName(dex: string): string {
  return dex === "" ? "Hyperliquid's own dex" : `the dex ${dex}`;
}

/** Each coin of the spot wallet, or why it is not known. */
function walletOf(answer: Answer): readonly Parsed<BalanceRow>[] {
  const value = answer.kind === "answer" ? answer.value : undefined;
  const balances = isObject(value) ? value.balances : undefined;
  if (Array.isArray(balances)) return balances.map(parseSpotBalance);
  const problem =
    answer.kind === "failed" ? answer.problem : "the spot wallet was answered without a list of balances";
  return [{ kind: "problem", problem }];
}

function positionsOf(
  { hasSpot, coins }: ReadParts,
  states: readonly Dex[],
  wallet: readonly Parsed<BalanceRow>[],
): Section<PositionRow> {
  const held = hasSpot ? wallet.flatMap((one) => coinPosition(one, coins)) : [];
  const parsed = [...states.flatMap(({ positions }) => positions), ...held];
  const rows = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  const problems = [...new Set(problemsOf(parsed))];
  const isNothing = states.length > 0 && states.every(({ margin }) => margin.kind === "problem");
  return isNothing ? unavailable(problems[0] ?? "nothing was answered") : partialIf(rows, problems);
}

const HOME_QUOTE = "USDC";

/**
 * A coin in the wallet is held once, however it came there, so it is one position: that of its pair with USDC. Money is a
 * balance alone.
 */
function homePair(asset: string): string | undefined {
  return isMoney(asset) ? undefined : `${asset}/${HOME_QUOTE}`;
}

function isMoney(asset: string): boolean {
  return isCash(asset) || asset.startsWith("USD");
}

/** The position that a coin is held as; undefined for money, and for a token that nobody trades against USDC: a balance only. */
export function heldAs(asset: string, coins: Coins): string | undefined {
  const pair = homePair(asset);
  return pair === undefined || coins.bySymbol(pair) === undefined ? undefined : pair;
}

function coinPosition(parsed: Parsed<BalanceRow>, coins: Coins): readonly Parsed<PositionRow>[] {
  if (parsed.kind === "problem") return [parsed];
  const { asset, total } = parsed.row;
  const pair = heldAs(asset, coins);
  if (pair === undefined) return [];
  return [{ kind: "row", row: { instrument: pair, leg: "net", qty: total } }];
}

function balancesOf(
  { coins, hasSpot, isUnified }: ReadParts,
  states: readonly Dex[],
  wallet: readonly Parsed<BalanceRow>[],
): Section<BalanceRow> {
  const margins = isUnified ? [] : states;
  const problems = [...problemsOf(margins.map(({ margin }) => margin)), ...problemsOf(wallet)];
  const unknown = margins.filter(({ name }) => settleOf(coins, name) === undefined).map(({ name }) => name);
  const nameless = unknown.map((name) => `what ${dexName(name)} settles in is not known`);
  // A sum without one of its parts would be another sum.
  const failure = problems[0] ?? nameless[0];
  if (failure !== undefined) return unavailable(failure);
  const parts = [
    ...margins.flatMap(({ name, margin }) =>
      margin.kind === "row" ? [{ asset: settleOf(coins, name) ?? "", total: margin.row.cash }] : [],
    ),
    ...(hasSpot || isUnified ? wallet.flatMap((one) => (one.kind === "row" ? [one.row] : [])) : []),
  ];
  return { quality: "complete", rows: sumByAsset(parts) };
}

function sumByAsset(parts: readonly { readonly asset: string; readonly total: Decimal }[]): BalanceRow[] {
  const sums = new Map<string, Decimal>();
  for (const { asset, total } of parts) {
    const known = sums.get(asset);
    sums.set(asset, known === undefined ? total : add(known, total));
  }
  return [...sums].map(([asset, total]) => ({ asset, total }));
}

/** A dex settles all of its coins in one currency; the first one in USDC. */
function settleOf(coins: Coins, dex: string): string | undefined {
  return dex === "" ? HOME_QUOTE : coins.settleOf(dex);
}

/**
 * The value of all positions comes in the answers that list them: an answer that is empty for no reason is so throughout.
 * Above zero it contradicts an empty list; zero is no second voice that there is nothing.
 */
function totalsOf(
  states: readonly Dex[],
  { hasSpot }: ReadParts,
  wallet: readonly Parsed<BalanceRow>[],
): Totals {
  const problem = problemsOf(states.map(({ margin }) => margin))[0];
  if (problem !== undefined) return { quality: "unavailable", problem };
  // The dexes say nothing of coins: while one is held, their sum is not that of all positions.
  const holdsCoins = wallet.some(
    (one) => one.kind === "problem" || (homePair(one.row.asset) !== undefined && !isZero(one.row.total)),
  );
  if (hasSpot && holdsCoins) return { quality: "partial", problem: "coins of the spot wallet are not in it" };
  const values = states.flatMap(({ margin }) => (margin.kind === "row" ? [margin.row.positionValue] : []));
  const positionValue = sum(values);
  return isZero(positionValue)
    ? { quality: "partial", problem: "it is told in the answers that list the positions" }
    : { quality: "complete", positionValue };
}

/** Orders of spot pairs come with those of the first dex. */
async function readOrders({
  client,
  user,
  dexes,
  coins,
  hasSwap,
  hasSpot,
}: ReadParts): Promise<Section<OrderRow>> {
  const names = hasSwap ? dexes : [""];
  const lists = await Promise.all(
    names.map(async (dex) => {
      const what = `the orders of ${dexName(dex)}`;
      return listOf(what, await askInfo(client, what, { type: "frontendOpenOrders", user, dex }));
    }),
  );
  const failures = lists.flatMap((list) => (list.kind === "failed" ? [list.problem] : []));
  if (failures.length === lists.length) return unavailable(failures[0] ?? "nothing was answered");
  const parsed = lists.flatMap((list) =>
    list.kind === "list" ? list.items.flatMap((one) => parseOpenOrder(one, coins)) : [],
  );
  const rows = parsed
    .flatMap((one) => (one.kind === "row" ? [one.row] : []))
    .filter(({ instrument }) => (coins.bySymbol(instrument)?.isSpot ? hasSpot : hasSwap));
  return partialIf(rows, [...failures, ...problemsOf(parsed)]);
}
