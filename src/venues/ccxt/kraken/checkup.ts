// What can be found out about a key of Kraken's without changing anything.
// @see https://docs.kraken.com/api-reference/account-data/get-api-key-info (read 2026-11)
import type { Clock } from "../../../runtime/index.ts";
import { ASK_AGAIN, type Finding } from "../../finding.ts";
import { isObject } from "../../wire/fields.ts";
import type { Client } from "../client.ts";
import { ask } from "./ask.ts";

/** What may leave the account, or change what is in it. */
const MONEY_OUT: ReadonlySet<string> = new Set(["withdraw-funds"]);

export async function checkup(client: Client, clock: Clock): Promise<readonly Finding[]> {
  const answer = await ask(client, "the key", "GetApiKeyInfo");
  if (answer.kind !== "answer" || !isObject(answer.value)) {
    const found = answer.kind === "failed" ? answer.problem : "Kraken did not say what the key is";
    return [{ check: "connection", level: "refuse", found, advice: ASK_AGAIN }];
  }
  return [
    { check: "connection", level: "ok", found: "Kraken answers" },
    permissionFinding(answer.value),
    expiryFinding(answer.value, clock),
    {
      check: "scope",
      level: "ok",
      found:
        "looked at: coins, money and orders of spot; not margin positions; what is earned with a coin counts as it",
    },
  ];
}

function permissionFinding({ permissions, ipAllowlist }: Readonly<Record<string, unknown>>): Finding {
  const rights = Array.isArray(permissions) ? permissions.map(String) : [];
  const isBound = Array.isArray(ipAllowlist) && ipAllowlist.length > 0;
  const found = `the key may: ${rights.join(", ") || "nothing that was told"}; ${isBound ? "bound to addresses" : "not bound to an address"}`;
  if (rights.some((right) => MONEY_OUT.has(right))) {
    return { check: "permissions", level: "refuse", found, advice: "make a key that may not withdraw" };
  }
  if (!isBound)
    return { check: "permissions", level: "warn", found, advice: "bind the key to this machine's address" };
  return { check: "permissions", level: "ok", found };
}

/** Such a key answers with a part of the account's history, and nothing in the answers says so. */
function expiryFinding(
  { validUntil, queryFrom, queryTo }: Readonly<Record<string, unknown>>,
  clock: Clock,
): Finding {
  const isLimited = [queryFrom, queryTo].some((one) => typeof one === "string" && one !== "" && one !== "0");
  if (isLimited) {
    const advice = "make a key without a query start or end date";
    return {
      check: "permissions",
      level: "refuse",
      found: "the key sees only a part of the account's history",
      advice,
    };
  }
  const untilMs = Number(validUntil ?? 0) * 1_000;
  if (untilMs > 0 && untilMs - clock.nowMs() < 7 * 86_400_000) {
    return {
      check: "permissions",
      level: "warn",
      found: "the key ends within a week",
      advice: "make another one",
    };
  }
  return { check: "permissions", level: "ok", found: "the key sees the whole history" };
}
