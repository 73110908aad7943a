// The wallet of the unified account: every coin that is not zero.
import type { BalanceRow, Section } from "../../core/index.ts";
import { unavailable } from "../venue.ts";
import { partialIf, problemsOf } from "../wire/sections.ts";
import type { BybitClient } from "./client.ts";
import { type CoinFacts, coinsOf, parseCoin } from "./parse.ts";

export interface Wallet {
  readonly coins: readonly CoinFacts[];
  readonly problems: readonly string[];
  readonly isAnswered: boolean;
}

export async function readWallet(client: BybitClient): Promise<Wallet> {
  const asked = await client.ask("the balances", "/v5/account/wallet-balance", { accountType: "UNIFIED" });
  if (asked.kind !== "answer") return { coins: [], problems: [asked.problem], isAnswered: false };
  const { list } = asked.result;
  const [account, ...others] = Array.isArray(list) ? list : [];
  if (account === undefined || others.length > 0) {
    const problem = `the balances were answered with ${Array.isArray(list) ? `${list.length} accounts` : "no list"}; expected one unified account`;
    return { coins: [], problems: [problem], isAnswered: false };
  }
  const rows = coinsOf(account);
  if (rows.kind === "problem") return { coins: [], problems: [rows.problem], isAnswered: false };
  const parsed = rows.row.map(parseCoin);
  const coins = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
  return { coins, problems: problemsOf(parsed), isAnswered: true };
}

export function balancesOf({ coins, problems, isAnswered }: Wallet): Section<BalanceRow> {
  if (!isAnswered) return unavailable(problems.join("; "));
  return partialIf(
    coins.map(({ row }) => row),
    problems,
  );
}
