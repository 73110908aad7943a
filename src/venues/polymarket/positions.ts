// What the wallet holds, as the Data API has it: every outcome's token, also of markets that are decided until they are
// redeemed. And one token alone, at the CLOB, which looks at the chain by itself: a second source, and a witness.
import { isZero, type PositionLookup, type PositionRow, type Section } from "../../core/index.ts";
import { unavailable } from "../venue.ts";
import type { Asking } from "../wire/asking.ts";
import { partialIf, problemsOf } from "../wire/sections.ts";
import type { PolymarketClient } from "./client.ts";
import { walkData } from "./pages.ts";
import { type PositionFacts, parsePosition, parseUnits } from "./parse.ts";
import { assetTypeOf, COLLATERAL, isSameAddress, tokenId } from "./symbols.ts";

export interface Held {
  readonly section: Section<PositionRow>;
  /** Another wallet than the account's, which rows are of. */
  readonly stranger?: string;
  readonly facts: readonly PositionFacts[];
}

/**
 * @param isUnsettled Whether trades of the token wait for the chain longer than they should: what is held is then not
 * what was traded, and is not compared.
 */
export async function readPositions(
  client: PolymarketClient,
  holder: string,
  isUnsettled: (token: string) => string | undefined,
  asking: Asking,
): Promise<Held> {
  const walk = await walkData("the positions", (cursor) => client.positions(cursor), asking);
  if (walk.end === "broken" && walk.items.length === 0) {
    return { section: unavailable(walk.problem ?? ""), facts: [] };
  }
  const parsed = walk.items.map(parsePosition);
  const facts = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  const stranger = facts.find(({ wallet }) => wallet !== undefined && !isSameAddress(wallet, holder));
  if (stranger) {
    const problem = `a position is of the wallet ${stranger.wallet}; expected only those of ${holder}`;
    return {
      section: { quality: "suspect", rows: [], problem },
      facts: [],
      ...(stranger.wallet !== undefined && { stranger: stranger.wallet }),
    };
  }
  const waiting = facts.flatMap(({ row }) => isUnsettled(row.instrument) ?? []);
  const rows = facts.map(({ row }) => row).filter(({ instrument }) => isUnsettled(instrument) === undefined);
  const ended = walk.problem === undefined ? [] : [walk.problem];
  return { section: partialIf(rows, [...ended, ...problemsOf(parsed), ...waiting]), facts };
}

/**
 * One token at the CLOB, after it has looked at the chain again. A balance of zero is an answer only where the CLOB has
 * shown that it speaks of this wallet: for a wallet of another kind it says zero to everything.
 * @see https://github.com/Polymarket/clob-client/issues/128, https://github.com/Polymarket/py-clob-client/issues/319
 * (zero for what is held) and /pull/55 of polymarket-cli (balances are kept until they are refreshed; all read 2026-11)
 */
export class TokenLookup {
  private readonly client: PolymarketClient;
  private isProven = false;

  get hasProof(): boolean {
    return this.isProven;
  }

  constructor(client: PolymarketClient) {
    this.client = client;
  }

  /** The CLOB has named a balance of this wallet that is not zero. */
  prove(): void {
    this.isProven = true;
  }

  async position(instrument: string): Promise<PositionLookup> {
    const token = tokenId(instrument);
    if (token === undefined)
      return unknown(`${instrument} is no token's number, which is what Polymarket is asked for`);
    const read = await this.balance(assetTypeOf(token), token);
    if (read.kind === "problem") return unknown(read.problem);
    const qty = read.row;
    if (!isZero(qty)) {
      this.prove();
      return { kind: "row", row: { instrument: token, leg: "net", qty } };
    }
    if (this.isProven || (await this.isProvenByMoney())) return { kind: "none" };
    return unknown(
      `the CLOB says that none of ${token} is held, and has not named any balance of this wallet yet: a wrong signature_type looks the same`,
    );
  }

  private async isProvenByMoney(): Promise<boolean> {
    const money = await this.balance("COLLATERAL");
    if (money.kind === "row" && !isZero(money.row)) this.prove();
    return this.isProven;
  }

  /** In shares, or pUSD. */
  async balance(assetType: string, token?: string) {
    const refreshed = await this.client.refreshBalance(assetType, token);
    if (refreshed.kind !== "answer") {
      const why = refreshed.kind === "failed" ? refreshed.problem : refreshed.message;
      return { kind: "problem", problem: `the CLOB did not look at the chain again: ${why}` } as const;
    }
    const answer = await this.client.balance(assetType, token);
    if (answer.kind === "failed") return { kind: "problem", problem: answer.problem } as const;
    if (answer.kind === "notFound") {
      const what = token === undefined ? COLLATERAL : `token ${token}`;
      return {
        kind: "problem",
        problem: `the balance of ${what} was not found (${answer.message})`,
      } as const;
    }
    return parseUnits(answer.value);
  }
}

function unknown(problem: string): PositionLookup {
  return { kind: "unknown", problem };
}
