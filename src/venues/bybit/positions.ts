// The positions of every scope, and coins of the wallet as positions. One scope that was not read to its end makes the
// whole section partial: what it leaves out is not known to be flat.
import { isZero, type Leg, type PositionLookup, type PositionRow, type Section } from "../../core/index.ts";
import { unavailable } from "../venue.ts";
import type { Asking } from "../wire/asking.ts";
import type { Parsed } from "../wire/fields.ts";
import { partialIf, problemsOf } from "../wire/sections.ts";
import type { BybitClient } from "./client.ts";
import { coinPosition } from "./coins.ts";
import { LEG_OF_INDEX } from "./fields.ts";
import type { Instruments } from "./instruments.ts";
import type { LegMemory } from "./legs.ts";
import { readPages } from "./pages.ts";
import { type CoinFacts, type PositionFacts, parsePosition } from "./parse.ts";
import { given, nameOf, paramsOf, type Scope, type Scopes } from "./scopes.ts";
import type { Wallet } from "./wallet.ts";

/** @see https://bybit-exchange.github.io/docs/v5/position "limit [1, 200], default 20" (read 2026-11) */
const POSITIONS_PAGE = 200;

interface ScopeRead {
  readonly facts: readonly PositionFacts[];
  readonly problems: readonly string[];
  readonly isAnswered: boolean;
}

export interface PositionParts {
  readonly client: BybitClient;
  readonly scopes: Scopes;
  readonly legs: LegMemory;
  /** Dated contracts that the transaction log says are over. */
  readonly ended: () => readonly PositionRow[];
}

export async function readPositions(
  { client, scopes, legs, ended }: PositionParts,
  wallet: Wallet,
  asking: Asking,
): Promise<Section<PositionRow>> {
  const asked = scopes.all().filter(({ category }) => category !== "spot");
  const reads = await Promise.all(asked.map((scope) => readScope(client, scope, scopes.instruments, asking)));
  const isSpotHeld = scopes.categories.includes("spot");
  const isAnswered = reads.some((read) => read.isAnswered) || (isSpotHeld && wallet.isAnswered);
  const facts = reads.flatMap((read) => read.facts);
  for (const { row } of facts) legs.note(row.instrument, row.leg);
  const problems = [
    ...reads.flatMap((read) => read.problems),
    ...given(scopes.unknownCoins()),
    ...(isSpotHeld ? wallet.problems.map((problem) => `coins as positions: ${problem}`) : []),
    ...unaskedCoins(wallet, scopes),
  ];
  if (!isAnswered) return unavailable(problems.join("; ") || "no positions were asked for");
  const rows = facts.map(({ row }) => row);
  const listed = new Set(rows.map(({ instrument }) => instrument));
  const coins = isSpotHeld ? wallet.coins.flatMap((coin) => coinPosition(coin) ?? []) : [];
  const over = ended().filter(({ instrument }) => !listed.has(instrument));
  return partialIf([...rows, ...coins, ...over], problems);
}

async function readScope(
  client: BybitClient,
  scope: Scope,
  instruments: Instruments,
  asking: Asking,
): Promise<ScopeRead> {
  const what = `the positions of ${nameOf(scope)}`;
  const listed = await readPages(
    client,
    { what, path: "/v5/position/list", params: paramsOf(scope), pageMax: POSITIONS_PAGE },
    asking,
  );
  const { category } = scope;
  const parsed = listed.items.map((item) => parsePosition(item, { names: instruments, category }));
  return {
    facts: parsed.flatMap((one) => (one.kind === "row" ? [one.row] : [])),
    problems: [...given(listed.problem), ...problemsOf(parsed)],
    isAnswered: listed.timeMs !== undefined || listed.items.length > 0,
  };
}

/**
 * A coin with margin of positions that no scope asks for shows a settle coin that Bybit does not list (yet). Only where
 * everything is meant to be asked for.
 */
function unaskedCoins({ coins }: Wallet, scopes: Scopes): string[] {
  const { categories, instruments } = scopes;
  const inverse = instruments.settleCoins("inverse");
  if (scopes.isRestricted || !categories.includes("inverse") || inverse.length === 0) return [];
  const asked = new Set([...scopes.settleCoins(), ...inverse]);
  return coins.flatMap(({ row: { asset }, positionMargin }: CoinFacts) =>
    positionMargin === undefined || isZero(positionMargin) || asked.has(asset)
      ? []
      : [
          `the wallet has margin of positions in ${asset} (${positionMargin}), and no positions settled in it were asked for; name it in settle_coins`,
        ],
  );
}

/** One leg of one contract, asked for by its symbol: Bybit gives a row also where nothing is held. */
export async function lookUpPosition(
  { client, scopes }: Pick<PositionParts, "client" | "scopes">,
  instrument: string,
  leg: Leg,
  asking: Asking,
): Promise<PositionLookup> {
  const contract = scopes.instruments.named(instrument);
  if (!contract) return unknown(`Bybit has no contract that is called ${instrument}`);
  if (contract.category === "spot") {
    // Asked for one coin, the wallet is the same source once more, and no witness of its own.
    return unknown(`what is held of ${instrument} stands in the wallet alone; nothing else tells it`);
  }
  const { category, symbol } = contract;
  const listed = await readPages(
    client,
    {
      what: `the position of ${instrument}`,
      path: "/v5/position/list",
      params: { category, symbol },
      pageMax: POSITIONS_PAGE,
    },
    asking,
  );
  if (listed.end !== "whole") return unknown(listed.problem ?? "it was not read to its end");
  const parsed = listed.items.map((item) => parsePosition(item, { names: scopes.instruments, category }));
  const [problem] = problemsOf(parsed);
  if (problem !== undefined) return unknown(problem);
  const rows = parsed.flatMap((one: Parsed<PositionFacts>) => (one.kind === "row" ? [one.row.row] : []));
  const row = rows.find((one) => one.instrument === instrument && one.leg === leg);
  if (row) return { kind: "row", row };
  const found = rows.map((one) => `${one.instrument} ${one.leg}`).join(", ") || "no row";
  const legs = Object.values(LEG_OF_INDEX).join(", ");
  return unknown(`asked for ${instrument} ${leg}, Bybit answered with ${found} (legs are ${legs})`);
}

function unknown(problem: string) {
  return { kind: "unknown", problem } as const;
}
