// A look at an account's connection before anything is traded: what the adapter finds out, and what of it keeps an
// account from being opened. Nothing is changed at the venue.
import { guarded, problemOf } from "../engine/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { Finding, Venue } from "../venues/index.ts";
import { CliError, EXIT } from "./exit.ts";

/** So long a start waits for it at most: a venue that does not answer is the first pass's matter. In ms. */
const START_WAIT_MS = 10_000;

export interface CheckupOptions {
  readonly venue: Venue;
  readonly runtime: Runtime;
  /** The configuration's word that a key which can move money out is wanted. */
  readonly mayWithdraw: boolean;
  readonly limitMs?: number;
}

/** Undefined where the adapter cannot look. Never throws. */
export async function checkupOf(options: CheckupOptions): Promise<readonly Finding[] | undefined> {
  const { venue, runtime, mayWithdraw, limitMs } = options;
  if (!venue.checkup) return undefined;
  try {
    const findings = await guarded(venue.checkup(), runtime, limitMs);
    return findings.map((finding) => (mayWithdraw ? allowed(finding) : finding));
  } catch (error) {
    const found = `the venue was not looked at: ${problemOf(error)}`;
    return [
      {
        check: "connection",
        level: "warn",
        found,
        advice: "look at the network and at the venue's status page, and run it again",
      },
    ];
  }
}

function allowed(finding: Finding): Finding {
  if (finding.check !== "permissions" || finding.level !== "refuse") return finding;
  return { ...finding, level: "warn", advice: `allowed by key_may_withdraw; ${finding.advice ?? ""}`.trim() };
}

/** @throws CliError `account_refused` for what nobody should trade with. */
export async function refuseUnsafe(options: CheckupOptions): Promise<void> {
  const findings = (await checkupOf({ ...options, limitMs: START_WAIT_MS })) ?? [];
  const refused = findings.find(({ level }) => level === "refuse");
  if (!refused) return;
  const advice = refused.advice === undefined ? "" : `; ${refused.advice}`;
  throw new CliError(EXIT.permission, "account_refused", `${refused.check}: ${refused.found}${advice}`);
}
