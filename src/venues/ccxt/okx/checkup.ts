// What can be found out about an account on OKX without changing anything.
import type { Clock } from "../../../runtime/index.ts";
import { ASK_AGAIN, type Finding } from "../../finding.ts";
import { isObject } from "../../wire/fields.ts";
import type { Client } from "../client.ts";
import { ask, unitsOf } from "./ask.ts";
import type { InstType } from "./instruments.ts";

/** OKX refuses a request whose time is 30 s or more away from its own. In ms. @see "Making Requests" (read 2026-11) */
const SKEW_MS_MAX = 30_000;
const SKEW_MS_WARN = 5_000;

/** @see "Get account configuration", `acctLv` (read 2026-11) */
const LEVELS: Readonly<Record<string, string>> = {
  "1": "spot mode",
  "2": "futures mode",
  "3": "multi-currency margin",
  "4": "portfolio margin",
};

export interface CheckupParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly instTypes: readonly InstType[];
}

export async function checkup({ client, clock, instTypes }: CheckupParts): Promise<readonly Finding[]> {
  const askedMs = clock.nowMs();
  const [config, time] = await Promise.all([
    ask(client, "the account", "account/config"),
    client.read("the time", {
      path: "public/time",
      api: "public",
      method: "GET",
      params: {},
      units: unitsOf("public/time"),
    }),
  ]);
  if (config.kind !== "answer") {
    const found = config.kind === "failed" ? config.problem : config.message;
    return [{ check: "connection", level: "refuse", found, advice: ASK_AGAIN }];
  }
  const account = first(config.value);
  return [
    { check: "connection", level: "ok", found: "OKX answers" },
    clockFinding(time.kind === "answer" ? first(time.value) : {}, askedMs),
    permissionFinding(account),
    {
      check: "account",
      level: "ok",
      found: `${LEVELS[String(account.acctLv)] ?? "a mode that is not known"}`,
    },
    modeFinding(account),
    {
      check: "scope",
      level: "ok",
      found: `looked at: the trading account, ${instTypes.join(", ")}; not margin positions, not the funding account`,
    },
  ];
}

function first(value: unknown): Readonly<Record<string, unknown>> {
  const row = Array.isArray(value) ? value[0] : undefined;
  return isObject(row) ? row : {};
}

function clockFinding({ ts }: Readonly<Record<string, unknown>>, askedMs: number): Finding {
  const time = Number(ts);
  if (!Number.isSafeInteger(time))
    return {
      check: "clock",
      level: "warn",
      found: "the exchange's time was not answered",
      advice: ASK_AGAIN,
    };
  const skewMs = Math.abs(time - askedMs);
  const found = `this clock and the exchange's are ${skewMs} ms apart`;
  if (skewMs >= SKEW_MS_MAX)
    return { check: "clock", level: "refuse", found, advice: "set the clock: OKX refuses 30 s" };
  if (skewMs >= SKEW_MS_WARN)
    return { check: "clock", level: "warn", found, advice: "set the clock: orders expire 20 s after it" };
  return { check: "clock", level: "ok", found };
}

function permissionFinding({ perm, ip }: Readonly<Record<string, unknown>>): Finding {
  const rights = String(perm ?? "")
    .split(",")
    .filter((one) => one !== "");
  const bound = typeof ip === "string" && ip !== "" ? "bound to addresses" : "not bound to an address";
  const found = `the key may: ${rights.join(", ") || "nothing that was told"}; ${bound}`;
  // What was not told is not known.
  const trading = rights.length === 0 ? {} : { mayTrade: rights.includes("trade") };
  if (rights.includes("withdraw")) {
    return {
      check: "permissions",
      level: "refuse",
      found,
      ...trading,
      advice: "make a key that may not withdraw",
    };
  }
  if (bound === "not bound to an address") {
    return {
      check: "permissions",
      level: "warn",
      found,
      ...trading,
      advice: "bind the key to this machine's address",
    };
  }
  return { check: "permissions", level: "ok", found, ...trading };
}

function modeFinding({ posMode }: Readonly<Record<string, unknown>>): Finding {
  if (posMode === "net_mode") return { check: "position_mode", level: "ok", found: "positions are net" };
  if (posMode === "long_short_mode") {
    const found = "positions are hedged: long and short beside each other";
    return { check: "position_mode", level: "ok", found, advice: 'write position_mode = "hedge"' };
  }
  return {
    check: "position_mode",
    level: "warn",
    found: "the position mode was not answered",
    advice: ASK_AGAIN,
  };
}
