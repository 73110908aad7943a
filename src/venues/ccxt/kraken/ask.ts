// Kraken's questions, and its limit: each key has a counter that a request raises by one, a list of trades or ledger entries
// by two, and that falls with time. The window is as long as the whole counter takes to fall, so that it is never exceeded.
// @see https://docs.kraken.com/exchange/guides/rest/ratelimits ("REST Specific Limits", "Errors"; read 2026-11)
import type { Answer } from "../../wire/answer.ts";
import { isObject } from "../../wire/fields.ts";
import type { Refusal } from "../../wire/rate.ts";
import type { Client } from "../client.ts";
import type { Params } from "../exchange.ts";
import type { Limit } from "../profile.ts";

/** By the account's tier: the counter's maximum, and how long it takes to fall from there to zero. */
const TIERS = {
  starter: { allowed: 15, perMs: 45_500 },
  intermediate: { allowed: 20, perMs: 40_000 },
  pro: { allowed: 20, perMs: 20_000 },
} as const;

/** The lowest tier unless the account's option says another one. Nothing is kept back: this profile sends no orders. */
export function limitsOf({ tier }: Params): readonly Limit[] {
  const name =
    typeof tier === "string" && Object.hasOwn(TIERS, tier) ? (tier as keyof typeof TIERS) : "starter";
  const limit = { unit: "of the key's counter", ...TIERS[name], tradeReserve: 0, cancelReserve: 0 };
  return [
    { name: "counter", by: "key", limit },
    // Lists of markets need no key. How many an address may ask for is not stated: one a second was always allowed.
    { name: "public", by: "address", limit: { unit: "public requests", allowed: 10, perMs: 10_000 } },
  ];
}

/** Of the address alone. */
export const MARKET_UNITS = [0, 1];

const LISTS: ReadonlySet<string> = new Set(["TradesHistory", "Ledgers", "ClosedOrders"]);

export function ask(client: Client, what: string, path: string, params: Params = {}): Promise<Answer> {
  const units = [LISTS.has(path) ? 2 : 1, 0];
  return client.read(what, { path, api: "private", method: "POST", params, units, refusalIn });
}

/** Kraken says in a body, with status 200, that it was asked too much. "Temporary lockouts typically last 15 minutes". */
export function refusalIn(value: unknown): Refusal | undefined {
  const errors = errorsOf(value) ?? [];
  if (errors.some((error) => error.startsWith("EGeneral:Temporary lockout")))
    return { kind: "ban", forMs: 900_000 };
  const isLimit = errors.some((error) => /^EAPI:Rate limit exceeded|^EService: ?Throttled/.test(error));
  return isLimit ? { kind: "limit", forMs: 45_500 } : undefined;
}

/** Undefined where it is no answer of Kraken's. Warnings (`W…`) are none. */
export function errorsOf(value: unknown): readonly string[] | undefined {
  if (!isObject(value) || !Array.isArray(value.error)) return undefined;
  return value.error.filter((one) => typeof one !== "string" || !one.startsWith("W")).map(String);
}
