// What a look at an Alpaca account's connection tells: whether it may trade, and how far our clock is from Alpaca's.
import type { Clock } from "../../runtime/index.ts";
import { ASK_AGAIN, type Finding } from "../finding.ts";
import type { Answer } from "../wire/answer.ts";
import { isObject } from "../wire/fields.ts";
import type { AlpacaClient } from "./client.ts";
import { parseInstant } from "./time.ts";

/** Alpaca signs nothing with the time; records and windows of fills are off by it. In ms. */
const CLOCK_MS_MAX = 2_000;

/**
 * Keys of the Trading API cannot move money out: transfers are the Broker API's, with other keys.
 * @see https://docs.alpaca.markets/reference/getaccount-1 and the list of its endpoints (read 2026-11)
 */
const KEYS: Finding = {
  check: "permissions",
  level: "ok",
  found: "keys of the Trading API cannot withdraw; they can trade, there are none that only read",
};

export async function checkup(client: AlpacaClient, clock: Clock): Promise<readonly Finding[]> {
  const account = accountFinding(await client.account());
  const beforeMs = clock.nowMs();
  const answer = await client.clock();
  return [account, KEYS, clockFinding(answer, beforeMs, clock.nowMs())];
}

/** @see https://github.com/alpacahq/alpaca-docs content/api-references/trading-api/account.md (read 2026-11) */
function accountFinding(answer: Answer): Finding {
  if (answer.kind !== "answer" || !isObject(answer.value)) {
    const found = answer.kind === "failed" ? answer.problem : "the account was not answered with an account";
    return { check: "account", level: "warn", found, advice: ASK_AGAIN };
  }
  const { status, trading_blocked, account_blocked, trade_suspended_by_user } = answer.value;
  const blocks = Object.entries({ trading_blocked, account_blocked, trade_suspended_by_user }).flatMap(
    ([name, isSet]) => (isSet === true ? [name] : []),
  );
  if (status === "ACTIVE" && blocks.length === 0) {
    return { check: "account", level: "ok", found: "ACTIVE, not blocked", mayTrade: true };
  }
  const found = [`status ${String(status)}`, ...blocks].join(", ");
  return {
    check: "account",
    level: "warn",
    found,
    // What another status keeps an account from is not documented.
    ...(blocks.length > 0 && { mayTrade: false }),
    advice: "orders will be refused; look at Alpaca's dashboard",
  };
}

/** Measured against the middle of the question: what the way there and back took counts as uncertain. */
function clockFinding(answer: Answer, beforeMs: number, afterMs: number): Finding {
  const told = answer.kind === "answer" && isObject(answer.value) ? answer.value.timestamp : undefined;
  const venueMs = typeof told === "string" ? parseInstant(told)?.ms : undefined;
  if (venueMs === undefined) {
    return {
      check: "clock",
      level: "warn",
      found: "Alpaca's time was not told; ours is not compared",
      advice: ASK_AGAIN,
    };
  }
  const offMs = (beforeMs + afterMs) / 2 - venueMs;
  const sureMs = (afterMs - beforeMs) / 2;
  const found = `ours is ${Math.abs(offMs) / 1_000} s ${offMs < 0 ? "behind" : "ahead of"} Alpaca's, to within ${sureMs / 1_000} s`;
  if (Math.abs(offMs) - sureMs <= CLOCK_MS_MAX) return { check: "clock", level: "ok", found };
  return { check: "clock", level: "warn", found, advice: "keep this machine's clock in step (NTP)" };
}
