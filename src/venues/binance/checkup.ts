// What a look at a Binance account's connection tells: the key's rights, the clock, the position mode. It changes
// nothing, and trouble at the venue's side is a finding.
import { ASK_AGAIN, type Finding } from "../finding.ts";
import type { Answer } from "../wire/answer.ts";
import { isObject } from "../wire/fields.ts";
import type { VenueParts } from "./venue-parts.ts";

/** How far our clock may be off without a word. Requests carry the venue's time, so that nothing is refused for it. In ms. */
const CLOCK_MS_MAX = 500;

export async function checkup(parts: VenueParts): Promise<readonly Finding[]> {
  const { client } = parts;
  const problem = await client.measure();
  const connection: Finding =
    problem === undefined
      ? {
          check: "connection",
          level: "ok",
          found: `Binance (${client.market}, ${parts.environment}) answers`,
        }
      : { check: "connection", level: "warn", found: problem, advice: ASK_AGAIN };
  return [
    connection,
    await accountFinding(parts),
    await permissionsFinding(parts),
    ...(client.market === "usdm" ? [await modeFinding(parts)] : []),
    clockFinding(parts),
  ];
}

/** Whether Binance lets the account trade at all. */
async function accountFinding({ client }: VenueParts): Promise<Finding> {
  const isUsdm = client.market === "usdm";
  const answer = await client.get("the account", isUsdm ? "/fapi/v3/account" : "/api/v3/account");
  const row = rowOf(answer);
  if (row === undefined)
    return { check: "account", level: "warn", found: problemOf(answer, "the account"), advice: ASK_AGAIN };
  const multi = row.multiAssetsMargin === true ? ", multi-assets mode" : "";
  if (row.canTrade === false) {
    return {
      check: "account",
      level: "warn",
      found: `the account may not trade${multi}`,
      advice: "orders will be refused; look at the account at Binance",
    };
  }
  return { check: "account", level: "ok", found: `the account answers${multi}` };
}

/**
 * What the key may do beyond trading. A key that may withdraw is refused: whoever has it has the money.
 * @see https://developers.binance.com/docs/wallet/account/api-key-permission (read 2026-11)
 */
async function permissionsFinding(parts: VenueParts): Promise<Finding> {
  const { client, sapi, environment } = parts;
  if (sapi === null) {
    const found = `the ${environment} environment does not tell a key's rights; there is no real money in it`;
    return { check: "permissions", level: "ok", found };
  }
  const answer = await client.get("the key's rights", "/sapi/v1/account/apiRestrictions", {}, sapi);
  const row = rowOf(answer);
  if (row === undefined) {
    const found = problemOf(answer, "the key's rights");
    return {
      check: "permissions",
      level: "warn",
      found,
      advice: "look at the key at Binance: it must not be allowed to withdraw",
    };
  }
  const isSet = (name: string) => row[name] === true;
  const may = Object.keys(row).filter((name) => isSet(name));
  const moves = MOVING.filter(isSet);
  const found = `the key may: ${may.join(", ") || "nothing"}${isSet("ipRestrict") ? "" : "; from every address"}`;
  const mayTrade = isSet(client.market === "usdm" ? "enableFutures" : "enableSpotAndMarginTrading");
  if (isSet("enableWithdrawals")) {
    return {
      check: "permissions",
      level: "refuse",
      found,
      mayTrade,
      advice: "take the right to withdraw from the key at Binance, or make another key",
    };
  }
  if (moves.length > 0 || !isSet("ipRestrict")) {
    const advice =
      moves.length > 0
        ? `take ${moves.join(", ")} from the key: trueup moves no money`
        : "allow the key from this machine's address alone";
    return { check: "permissions", level: "warn", found, mayTrade, advice };
  }
  if (!mayTrade) {
    const advice = "enough to watch; a kill needs a key that may trade";
    return { check: "permissions", level: "warn", found, mayTrade, advice };
  }
  return { check: "permissions", level: "ok", found, mayTrade };
}

const MOVING = ["enableInternalTransfer", "permitsUniversalTransfer"];

/** With another mode than the configuration's every order is refused, and every position has another leg. */
async function modeFinding({ client, positionMode }: VenueParts): Promise<Finding> {
  const answer = await client.get("the position mode", "/fapi/v1/positionSide/dual");
  const row = rowOf(answer);
  if (row === undefined || typeof row.dualSidePosition !== "boolean") {
    return {
      check: "position_mode",
      level: "warn",
      found: problemOf(answer, "the position mode"),
      advice: ASK_AGAIN,
    };
  }
  const found = row.dualSidePosition ? "hedge" : "net";
  if (found === positionMode)
    return { check: "position_mode", level: "ok", found: `${found}, as configured` };
  return {
    check: "position_mode",
    level: "refuse",
    found: `Binance has ${found}, the configuration says ${positionMode}`,
    advice: `set position_mode = "${found}", or change the mode at Binance while nothing is open`,
  };
}

function clockFinding({ client }: VenueParts): Finding {
  const offsetMs = client.offsetMs();
  if (offsetMs === undefined) {
    return {
      check: "clock",
      level: "warn",
      found: "Binance's time was not told; ours is not compared",
      advice: ASK_AGAIN,
    };
  }
  const found = `ours is ${Math.abs(offsetMs)} ms ${offsetMs > 0 ? "behind" : "ahead of"} Binance's`;
  if (Math.abs(offsetMs) <= CLOCK_MS_MAX) return { check: "clock", level: "ok", found };
  return { check: "clock", level: "warn", found, advice: "keep this machine's clock in step (NTP)" };
}

function rowOf(answer: Answer): Readonly<Record<string, unknown>> | undefined {
  return answer.kind === "answer" && isObject(answer.value) ? answer.value : undefined;
}

function problemOf(answer: Answer, what: string): string {
  if (answer.kind === "failed") return answer.problem;
  return answer.kind === "notFound"
    ? `${what} was not found (${answer.message})`
    : `${what} was not answered as documented`;
}
