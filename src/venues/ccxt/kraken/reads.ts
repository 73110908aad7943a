// What an account at Kraken is now. Requests go one after the other, because each carries a number that must be above the
// last one's; margin positions are another world, and one of them makes the positions partial.
import type { OrderRow, Section } from "../../../core/index.ts";
import { type Snapshot, unavailable } from "../../venue.ts";
import type { Answer } from "../../wire/answer.ts";
import { describe, isObject, type Parsed } from "../../wire/fields.ts";
import { partialIf, problemsOf } from "../../wire/sections.ts";
import type { Client } from "../client.ts";
import { ask } from "./ask.ts";
import type { Names } from "./names.ts";
import { addedUp, coinPositions, type Entry, entriesOf, parseBalance, parseOrder } from "./parse.ts";

export interface ReadParts {
  readonly client: Client;
  readonly names: Names;
}

export async function readSnapshot({ client, names }: ReadParts): Promise<Snapshot> {
  const key = await ask(client, "the key", "GetApiKeyInfo");
  const balance = rowsOf("the balances", await ask(client, "the balances", "BalanceEx"));
  const margin = rowsOf("the margin positions", await ask(client, "the margin positions", "OpenPositions"));
  const orders = ordersOf(await ask(client, "the orders", "OpenOrders"), names);
  const iban = key.kind === "answer" && isObject(key.value) ? key.value.iban : undefined;
  const account = typeof iban === "string" && iban.trim() !== "" ? { venueAccountId: iban.trim() } : {};
  if (balance.kind === "failed") {
    return {
      ...account,
      positions: unavailable(balance.problem),
      orders,
      balances: unavailable(balance.problem),
    };
  }
  const parsed = balance.rows.map((row) => parseBalance(row, names));
  const balances = addedUp(rowsIn(parsed));
  const problems = problemsOf(parsed);
  return {
    ...account,
    positions: partialIf(coinPositions(balances), [...problems, ...marginProblems(margin)]),
    orders,
    balances: partialIf(balances, problems),
  };
}

function marginProblems(margin: Rows): readonly string[] {
  if (margin.kind === "failed") return [margin.problem];
  if (margin.rows.length === 0) return [];
  return [`${margin.rows.length} margin positions are open; margin is not covered`];
}

function ordersOf(answer: Answer, names: Names): Section<OrderRow> {
  const open = answer.kind === "answer" && isObject(answer.value) ? answer.value.open : undefined;
  const listed = rowsOf("the orders", answer.kind === "answer" ? { kind: "answer", value: open } : answer);
  if (listed.kind === "failed") return unavailable(listed.problem);
  const parsed = listed.rows.map((row) => parseOrder(row, names));
  return partialIf(rowsIn(parsed), problemsOf(parsed));
}

type Rows =
  | { readonly kind: "rows"; readonly rows: readonly Entry[] }
  | { readonly kind: "failed"; readonly problem: string };

/** Rows by their ids. An empty list may be written as one, because some languages have no other way for it. */
export function rowsOf(what: string, answer: Answer): Rows {
  if (answer.kind === "failed") return answer;
  if (answer.kind === "notFound")
    return { kind: "failed", problem: `${what} were answered with ${answer.message}` };
  const { value } = answer;
  const rows = Array.isArray(value) && value.length === 0 ? [] : entriesOf(value);
  if (rows) return { kind: "rows", rows };
  return {
    kind: "failed",
    problem: `${what} were answered with ${describe(value)}; expected rows by their ids`,
  };
}

export function rowsIn<Row>(parsed: readonly Parsed<Row>[]): Row[] {
  return parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
}
