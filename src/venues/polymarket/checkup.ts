// What is wrong with the connection before anything is traded: whether the wallet, its signer and the kind of wallet fit
// together, whether the credentials are taken, what the account may do, and whether the clocks agree. Changes nothing.
import { compare, isZero, parseDecimal, ZERO } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { Finding } from "../finding.ts";
import { newAsking } from "../wire/asking.ts";
import { isObject } from "../wire/fields.ts";
import type { PolymarketClient } from "./client.ts";
import { type Held, readPositions, TokenLookup } from "./positions.ts";
import { assetTypeOf, COLLATERAL } from "./symbols.ts";
import type { Wallet } from "./wallet.ts";

/** The CLOB's clock has whole seconds; how much it lets pass is not documented. In ms. */
const SKEW_MS_WARN = 3_000;
const SKEW_MS_REFUSE = 30_000;

/** Credentials that are not taken are answered with 401; a region, or a firewall, with 403. */
const REFUSED = /refused the keys \(HTTP 401\)/;

export interface CheckupParts {
  readonly client: PolymarketClient;
  readonly wallet: Wallet;
  readonly clock: Clock;
  readonly hasKeys: boolean;
  readonly hasPrivateKey: boolean;
  readonly hasStream: boolean;
  readonly rateLeft: () => number;
}

export async function checkup(parts: CheckupParts): Promise<readonly Finding[]> {
  const { client, wallet, clock, hasKeys, rateLeft } = parts;
  const clockFinding = await clockOf(client, clock);
  const held = await readPositions(client, wallet.holder, () => undefined, newAsking(clock));
  const findings = [...clockFinding, scopeOf(held, wallet)];
  if (hasKeys) findings.push(...(await keysOf(parts, held)));
  else
    findings.push(
      warn(
        "permissions",
        "there are no API credentials: only what is public is read",
        "set the API credentials, or the private key, to read orders, fills and balances",
      ),
    );
  findings.push({ check: "position_mode", level: "ok", found: "one leg for each token, never short" });
  findings.push(streamOf(parts));
  findings.push({
    check: "rate",
    level: "ok",
    found: `${Math.round(rateLeft() * 100)} % of the rate are left`,
  });
  return findings;
}

async function clockOf(client: PolymarketClient, clock: Clock): Promise<Finding[]> {
  const before = clock.nowMs();
  const answer = await client.serverTime();
  const after = clock.nowMs();
  if (answer.kind !== "answer") {
    const why = answer.kind === "failed" ? answer.problem : answer.message;
    return [refuse("connection", why, "look at the network and the address")];
  }
  const ok: Finding = {
    check: "connection",
    level: "ok",
    found: `the CLOB answered within ${after - before} ms`,
  };
  const seconds = Number(answer.value);
  if (!Number.isFinite(seconds))
    return [ok, warn("clock", "the CLOB's time is no number", "try again later")];
  // It stands for a whole second.
  const skewMs = Math.round((before + after) / 2 - (seconds * 1_000 + 500));
  const found = `our clock is ${skewMs >= 0 ? "ahead of" : "behind"} the CLOB's by ${Math.abs(skewMs)} ms, give or take half a second`;
  const advice = "set this machine's clock by NTP; requests carry the time in seconds";
  if (Math.abs(skewMs) > SKEW_MS_REFUSE) return [ok, refuse("clock", found, advice)];
  return [
    ok,
    Math.abs(skewMs) > SKEW_MS_WARN ? warn("clock", found, advice) : { check: "clock", level: "ok", found },
  ];
}

function scopeOf({ section, facts }: Held, { holder, signatureType }: Wallet): Finding {
  if (section.quality !== "complete") {
    return warn(
      "scope",
      `the positions of ${holder} are ${section.quality}: ${section.problem ?? ""}`,
      "look at funder and data_url",
    );
  }
  return {
    check: "scope",
    level: "ok",
    found: `the wallet ${holder} (${signatureType}) holds ${facts.length} tokens`,
  };
}

async function keysOf({ client, wallet, hasPrivateKey }: CheckupParts, held: Held): Promise<Finding[]> {
  const closedOnly = await client.closedOnly();
  if (closedOnly.kind !== "answer") {
    const why = closedOnly.kind === "failed" ? closedOnly.problem : closedOnly.message;
    const advice = "set the key, the secret and the passphrase that belong to the signer's address";
    const refused = refuse("permissions", why, advice);
    // What stands between may answer so too; only the CLOB's own word is about the credentials.
    return [REFUSED.test(why) ? { ...refused, mayTrade: false } : refused];
  }
  const isClosedOnly = isObject(closedOnly.value) && closedOnly.value.closed_only === true;
  const may = hasPrivateKey
    ? "orders can be signed"
    : "orders can be cancelled and not signed, without the private key";
  // Cancels and what closes are taken in that mode too: that is what a kill and exits send.
  const trading = hasPrivateKey ? { mayTrade: true } : {};
  const permissions: Finding = isClosedOnly
    ? {
        ...warn(
          "permissions",
          "the account may only close what it holds",
          "Polymarket restricts it, mostly because of where it trades from",
        ),
        ...trading,
      }
    : { check: "permissions", level: "ok", found: `the API credentials are taken; ${may}`, ...trading };
  return [permissions, await accountOf(client, wallet, held)];
}

/** What the CLOB says of a token that the Data API lists: for a wallet of another kind it says zero to everything. */
async function accountOf(
  client: PolymarketClient,
  { holder, signatureType }: Wallet,
  { facts }: Held,
): Promise<Finding> {
  const lookup = new TokenLookup(client);
  const money = await lookup.balance("COLLATERAL");
  if (money.kind === "problem")
    return refuse("account", money.problem, "look at funder, signer and signature_type");
  const listed = [...facts]
    .filter(({ row }) => !isZero(row.qty))
    .sort((a, b) => compare(b.row.qty, a.row.qty))[0];
  const allowance = await allowanceOf(client);
  if (listed === undefined) {
    const found = `${money.row} ${COLLATERAL}${allowance}; nothing is held, so it could not be seen whether signature_type "${signatureType}" is right`;
    return isZero(money.row)
      ? warn("account", found, "look again when the wallet holds something")
      : { check: "account", level: "ok", found };
  }
  const { instrument, qty } = listed.row;
  const token = await lookup.balance(assetTypeOf(instrument), instrument);
  if (token.kind === "problem")
    return refuse("account", token.problem, "look at funder, signer and signature_type");
  const found = `${money.row} ${COLLATERAL}${allowance}; of token ${instrument} the Data API says ${qty} and the CLOB ${token.row}`;
  if (isZero(token.row)) {
    return refuse(
      "account",
      found,
      `the CLOB speaks of another wallet than ${holder}: set signature_type and funder as the wallet is`,
    );
  }
  return { check: "account", level: "ok", found };
}

/** Without an allowance the exchange cannot take what is paid with. */
async function allowanceOf(client: PolymarketClient): Promise<string> {
  const answer = await client.balance("COLLATERAL");
  const allowances = answer.kind === "answer" && isObject(answer.value) ? answer.value.allowances : undefined;
  if (!isObject(allowances)) return "";
  const missing = Object.values(allowances).filter((one) => isZero(parseDecimal(one) ?? ZERO));
  return missing.length === 0
    ? ""
    : `, ${missing.length} of ${Object.keys(allowances).length} contracts have no allowance`;
}

function streamOf({ hasKeys, hasStream }: CheckupParts): Finding {
  if (!hasKeys)
    return warn(
      "stream",
      "there is no stream without API credentials",
      "set them; until then passes see what happened",
    );
  if (!hasStream) return warn("stream", "no stream is opened", "passes see what happened");
  return { check: "stream", level: "ok", found: "the user channel is opened with the API credentials" };
}

function warn(check: Finding["check"], found: string, advice: string): Finding {
  return { check, level: "warn", found, advice };
}

function refuse(check: Finding["check"], found: string, advice: string): Finding {
  return { check, level: "refuse", found, advice };
}
