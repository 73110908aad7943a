// What can be found out about an account on Hyperliquid without changing anything: whether it answers, what it is, how far
// our clock is from the exchange's, what is looked at and what is not.
import type { Clock } from "../../../runtime/index.ts";
import { ASK_AGAIN, type Finding } from "../../finding.ts";
import { isObject } from "../../wire/fields.ts";
import type { Client } from "../client.ts";
import type { Dexes } from "./dexes.ts";
import { askInfo } from "./info.ts";
import { signerEndsMs, signerRole } from "./signer.ts";

export interface CheckupParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly user: string;
  readonly dexes: Dexes;
  readonly marketTypes: readonly string[];
  readonly ready: () => Promise<string | undefined>;
  /** Whose address the private key is, null where it is no key; absent where there is none, or nothing is asked of it. */
  readonly signer?: string | null;
}

/** A command's nonce must be within two days of the exchange's clock, but an order that expires within 20 s. In ms. */
const SKEW_MS_MAX = 10_000;

/** An API wallet that ends within this is told. In ms. */
const SOON_MS = 7 * 86_400_000;

export async function checkup(parts: CheckupParts): Promise<readonly Finding[]> {
  const { client, clock, user, dexes } = parts;
  const problem = await parts.ready();
  if (problem !== undefined)
    return [{ check: "connection", level: "refuse", found: problem, advice: ASK_AGAIN }];
  const askedMs = clock.nowMs();
  const [state, role] = await Promise.all([
    askInfo(client, "the account", { type: "clearinghouseState", user }),
    askInfo(client, "the role of the account", { type: "userRole", user }),
  ]);
  const findings: Finding[] = [{ check: "connection", level: "ok", found: "Hyperliquid answers" }];
  findings.push(clockFinding(state.kind === "answer" ? state.value : undefined, askedMs));
  findings.push(roleFinding(role.kind === "answer" ? role.value : undefined));
  if (parts.signer !== undefined) findings.push(await keyFinding(parts, parts.signer));
  findings.push({ check: "position_mode", level: "ok", found: "positions are net; there is no other mode" });
  const names = dexes.names().map((name) => (name === "" ? "main" : name));
  findings.push({
    check: "scope",
    level: "ok",
    found: `looked at: ${parts.marketTypes.join(", ")}; dexes: ${names.join(", ")}`,
    advice:
      "each dex costs 22 of 1 200 units a minute in every pass; narrow them with options.dexes where they are many",
  });
  return findings;
}

const NEW_KEY =
  "enough to watch; orders, and the cancels of a kill, need the private key of an API wallet of this account";

/** An API wallet ends, is taken away, or is another account's. Reading goes on as before: it keeps nothing from starting. */
async function keyFinding({ client, clock, user }: CheckupParts, signer: string | null): Promise<Finding> {
  const mayNot = (found: string): Finding => ({
    ...{ check: "permissions", level: "warn", found, mayTrade: false, advice: NEW_KEY },
  });
  if (signer === null) return mayNot("the private key is none");
  const role = await signerRole(client, signer, user);
  if (role.kind !== "ours") {
    if (role.kind === "others") return mayNot(role.problem);
    return { check: "permissions", level: "warn", found: role.problem, advice: ASK_AGAIN };
  }
  if (!role.isAgent) {
    const found = "the private key is the account's own: it can withdraw too";
    const advice = "an API wallet can trade and not withdraw";
    return { check: "permissions", level: "warn", found, mayTrade: true, advice };
  }
  const endsMs = await signerEndsMs(client, signer, user);
  const ends = endsMs === undefined ? "" : ` until ${new Date(endsMs).toISOString()}`;
  const found = `the private key is an API wallet of this account${ends}`;
  if (endsMs === undefined) return { check: "permissions", level: "ok", found, mayTrade: true };
  if (endsMs <= clock.nowMs()) return mayNot(found);
  return endsMs - clock.nowMs() < SOON_MS
    ? { check: "permissions", level: "warn", found, mayTrade: true, advice: NEW_KEY }
    : { check: "permissions", level: "ok", found, mayTrade: true };
}

function clockFinding(state: unknown, askedMs: number): Finding {
  const time = isObject(state) ? Number(state.time) : Number.NaN;
  if (!Number.isSafeInteger(time)) {
    return {
      check: "clock",
      level: "warn",
      found: "the exchange's time was not answered",
      advice: ASK_AGAIN,
    };
  }
  const skewMs = Math.abs(time - askedMs);
  const found = `this clock and the exchange's are ${skewMs} ms apart`;
  if (skewMs <= SKEW_MS_MAX) return { check: "clock", level: "ok", found };
  return { check: "clock", level: "refuse", found, advice: "set the clock: orders expire 20 s after it" };
}

function roleFinding(value: unknown): Finding {
  const role = isObject(value) ? String(value.role) : "";
  switch (role) {
    case "user":
    case "subAccount":
    case "vault":
      return { check: "account", level: "ok", found: `the address is a ${role}` };
    case "agent":
      return {
        check: "account",
        level: "refuse",
        found: "the address is that of an API wallet, which holds nothing",
        advice: "write the address of the account that the API wallet signs for",
      };
    case "missing":
      return {
        check: "account",
        level: "warn",
        found: "Hyperliquid does not know the address yet",
        advice: "check it; an account is there from its first deposit on",
      };
    default:
      return {
        check: "account",
        level: "warn",
        found: "the role of the address was not answered",
        advice: ASK_AGAIN,
      };
  }
}
