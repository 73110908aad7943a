// What a look at the connection finds: the key's rights, the account's kind and modes, the clock, the rate, and what of the
// account is watched. Asks only, changes nothing. What could not be asked is a warning: an outage is the first pass's matter.
// @see https://bybit-exchange.github.io/docs/v5/user/apikey-info, /account/account-info, /market/time (read 2026-11)
import type { Clock } from "../../runtime/index.ts";
import { ASK_AGAIN, type Finding } from "../finding.ts";
import { newAsking } from "../wire/asking.ts";
import { describe, isObject } from "../wire/fields.ts";
import type { BybitClient } from "./client.ts";
import { RECV_WINDOW_MS } from "./client.ts";
import { readPages } from "./pages.ts";
import { nameOf, paramsOf, type Scopes } from "./scopes.ts";

export interface CheckupParts {
  readonly client: BybitClient;
  readonly clock: Clock;
  readonly scopes: Scopes;
  readonly rateLeft: () => number;
}

type Row = Readonly<Record<string, unknown>>;

/** The account's own id: that of the user whose key it is. */
export async function userIdOf(client: BybitClient): Promise<string | undefined> {
  const asked = await client.ask("the key's rights", "/v5/user/query-api");
  if (asked.kind !== "answer") return undefined;
  const { userID } = asked.result;
  return typeof userID === "string" && userID !== "" && userID !== "0" ? userID : undefined;
}

export async function checkup(parts: CheckupParts): Promise<readonly Finding[]> {
  // By itself first: what else is under way would be in its time.
  const clock = await clockFindings(parts);
  const [rights, account, scope] = await Promise.all([
    rightsFindings(parts.client, parts.clock),
    accountFindings(parts.client),
    scopeFindings(parts),
  ]);
  const left = Math.round(parts.rateLeft() * 100);
  const found = `${left} % of the requests that this process may make are left`;
  const advice = "look which other programs use this key or this address";
  const rate: Finding =
    left < 20 ? { check: "rate", level: "warn", found, advice } : { check: "rate", level: "ok", found };
  return [...clock, ...account, ...rights, rate, ...scope];
}

/** The request's own way is in the difference: half of it, as nobody knows more. */
async function clockFindings({ client, clock }: CheckupParts): Promise<Finding[]> {
  const before = clock.monotonicMs();
  const asked = await client.askPublic("the time", "/v5/market/time");
  const tookMs = clock.monotonicMs() - before;
  if (asked.kind !== "answer") {
    return [
      {
        check: "connection",
        level: "warn",
        found: asked.problem,
        advice: "look at the network and base_url",
      },
    ];
  }
  const connection: Finding = {
    check: "connection",
    level: "ok",
    found: `Bybit answered in ${Math.round(tookMs)} ms`,
  };
  if (asked.timeMs === undefined) {
    return [
      connection,
      { check: "clock", level: "warn", found: "Bybit did not tell its time", advice: ASK_AGAIN },
    ];
  }
  const aheadMs = Math.round(clock.nowMs() - tookMs / 2 - asked.timeMs);
  // Out of the window however the way was shared.
  const isOut = aheadMs - tookMs / 2 >= 1_000 || aheadMs + tookMs / 2 <= -RECV_WINDOW_MS;
  const isNear = Math.abs(aheadMs) > 500;
  const found = `this machine's clock is ${Math.abs(aheadMs)} ms ${aheadMs < 0 ? "behind" : "ahead of"} Bybit's; signed requests count from ${RECV_WINDOW_MS} ms behind to 1000 ms ahead`;
  const level = isOut ? "refuse" : isNear ? "warn" : "ok";
  return [
    connection,
    level === "ok"
      ? { check: "clock", level, found }
      : { check: "clock", level, found, advice: "keep the clock by NTP" },
  ];
}

async function rightsFindings(client: BybitClient, clock: Clock): Promise<Finding[]> {
  const asked = await client.ask("the key's rights", "/v5/user/query-api");
  if (asked.kind !== "answer") {
    return [{ check: "permissions", level: "warn", found: asked.problem, advice: "check the keys" }];
  }
  return rightsOf(asked.result, clock.nowMs());
}

/** Less than this, and somebody should make a new key. */
const EXPIRES_DAYS = 7;
const DAY_MS = 24 * 3_600_000;

export function rightsOf(key: Row, nowMs: number): Finding[] {
  const rights = isObject(key.permissions) ? key.permissions : undefined;
  if (rights === undefined) {
    const found = `the key's rights are ${describe(key.permissions)}; expected a list of each kind`;
    return [
      { check: "permissions", level: "refuse", found, advice: "look at the key in Bybit's API management" },
    ];
  }
  const all = Object.entries(rights).flatMap(([kind, names]) =>
    Array.isArray(names) ? names.map((name) => `${kind}.${String(name)}`) : [],
  );
  const findings: Finding[] = [];
  const moving = all.filter((right) => /^Wallet\./.test(right) && !/List$/.test(right));
  if (moving.some((right) => /withdraw/i.test(right))) {
    findings.push({
      check: "permissions",
      level: "refuse",
      found: "the key may withdraw",
      advice: "make a key without that right: whoever gets it can take the money out",
    });
  } else if (moving.length > 0) {
    findings.push({
      check: "permissions",
      level: "warn",
      found: `the key may move money between accounts (${moving.join(", ")})`,
      advice: "take that right away: nothing here needs it",
    });
  }
  const isReadOnly = key.readOnly === "1";
  findings.push({
    check: "permissions",
    level: "ok",
    found: `${isReadOnly ? "the key may only read" : "the key may read and trade"} (${all.join(", ") || "no rights"})`,
    mayTrade: !isReadOnly,
    ...(isReadOnly && { advice: "orders and the cancels of a kill need a key that may trade" }),
  });
  return [...findings, addressesOf(key.ips), ...expiryOf(key, nowMs)];
}

function addressesOf(ips: unknown): Finding {
  const bound = Array.isArray(ips) ? ips.filter((ip) => ip !== "*" && ip !== "") : [];
  return bound.length > 0
    ? { check: "permissions", level: "ok", found: `the key is bound to ${bound.length} addresses` }
    : {
        check: "permissions",
        level: "warn",
        found: "the key can be used from any address",
        advice: "bind it to this machine's address in Bybit's API management; unbound keys expire too",
      };
}

function expiryOf({ expiredAt }: Row, nowMs: number): Finding[] {
  const atMs = typeof expiredAt === "string" ? Date.parse(expiredAt) : Number.NaN;
  // A key that does not expire is dated to the beginning of time.
  if (Number.isNaN(atMs) || atMs <= 0) return [];
  const days = Math.floor((atMs - nowMs) / DAY_MS);
  const found = `the key expires at ${expiredAt}, in ${days} days`;
  if (days >= EXPIRES_DAYS) return [{ check: "permissions", level: "ok", found }];
  return [{ check: "permissions", level: days < 0 ? "refuse" : "warn", found, advice: "make a new key" }];
}

/** @see https://bybit-exchange.github.io/docs/v5/enum#unifiedmarginstatus (read 2026-11) */
const ACCOUNTS: Readonly<Record<string, string>> = {
  "3": "unified account 1.0",
  "4": "unified account 1.0 pro",
  "5": "unified account 2.0",
  "6": "unified account 2.0 pro",
};

async function accountFindings(client: BybitClient): Promise<Finding[]> {
  const asked = await client.ask("the account", "/v5/account/info");
  if (asked.kind !== "answer") {
    return [{ check: "account", level: "warn", found: asked.problem, advice: "check keys and environment" }];
  }
  return [accountOf(asked.result)];
}

export function accountOf({ unifiedMarginStatus, marginMode }: Row): Finding {
  const kind = ACCOUNTS[String(unifiedMarginStatus)];
  if (kind === undefined) {
    const found = `the account's unifiedMarginStatus is ${describe(unifiedMarginStatus)}; expected 3, 4, 5 or 6, a unified account`;
    return {
      check: "account",
      level: "refuse",
      found,
      advice: "upgrade it to a unified account, or use another one",
    };
  }
  const isOld = unifiedMarginStatus === "3" || unifiedMarginStatus === "4";
  const found = `${kind}, margin mode ${String(marginMode)}`;
  if (!isOld) return { check: "account", level: "ok", found };
  const advice =
    "upgrade it: inverse contracts of a unified account 1.0 are in another wallet, which is not read";
  return { check: "account", level: "warn", found, advice };
}

async function scopeFindings({ client, scopes, clock }: CheckupParts): Promise<Finding[]> {
  const asking = newAsking(clock);
  await scopes.refresh(asking);
  const names = scopes.all().map(nameOf).join(", ");
  const doubt = scopes.unknownCoins();
  const others = scopes.instruments
    .settleCoins("linear")
    .filter((coin) => !scopes.settleCoins().includes(coin));
  const left = others.length > 0 ? `; contracts settled in ${others.join(", ")} are not watched` : "";
  const found = `watched: ${names}${left}${doubt === undefined ? "" : `; ${doubt}`}`;
  const advice = left === "" ? ASK_AGAIN : "leave settle_coins out to watch all";
  const isWhole = doubt === undefined && left === "";
  const scope: Finding = isWhole
    ? { check: "scope", level: "ok", found }
    : { check: "scope", level: "warn", found, advice };
  return [scope, ...(await modeFindings(client, scopes, asking))];
}

/** From what is held: Bybit has no question for the mode itself. */
async function modeFindings(
  client: BybitClient,
  scopes: Scopes,
  asking: ReturnType<typeof newAsking>,
): Promise<Finding[]> {
  const reads = await Promise.all(
    scopes
      .all()
      .filter(({ category }) => category === "linear" || category === "inverse")
      .map((scope) =>
        readPages(
          client,
          {
            what: `the positions of ${nameOf(scope)}`,
            path: "/v5/position/list",
            params: paramsOf(scope),
            pageMax: 200,
          },
          asking,
        ),
      ),
  );
  const rows = reads.flatMap(({ items }) => items).filter(isObject);
  const hedged = rows.filter(({ positionIdx }) => positionIdx === "1" || positionIdx === "2").length;
  const found =
    rows.length === 0
      ? "no contracts are held, so nothing shows whether they would be held in one leg or two"
      : hedged === 0
        ? `${rows.length} positions, all in one-way mode`
        : `${hedged} of ${rows.length} positions are in hedge mode`;
  const advice = hedged > 0 ? { advice: 'set position_mode = "hedge" for this account' } : {};
  return [{ check: "position_mode", level: "ok", found, ...advice }];
}
