// `trueup venue doctor`: is the connection of each account good enough to trust money to it? Asks the venue, compares
// with what the journal has pinned, and says for each finding what to do. It changes nothing.
import { checkupOf } from "../../daemon/checkup.ts";
import { EXIT, type ExitCode } from "../../daemon/exit.ts";
import { asCliError } from "../../daemon/trouble.ts";
import { guarded, problemOf } from "../../engine/index.ts";
import type { Finding, Snapshot, Venue } from "../../venues/index.ts";
import type { Command, Context } from "../context.ts";
import { counted } from "../output.ts";
import { withAccounts } from "../reader.ts";
import { openVenues } from "./venue.ts";

interface Diagnosis {
  readonly account: string;
  readonly venue: string;
  readonly findings: readonly Finding[];
}

export const doctor: Command<object> = async (context) => {
  const { out } = context;
  const failures: Parameters<typeof openVenues>[1] = [];
  const told: Diagnosis[] = [];
  for (const [account, venue] of await openVenues(context, failures)) {
    try {
      told.push({ account, venue: venue.name, findings: await diagnose(context, account, venue) });
    } finally {
      await venue.close?.();
    }
  }
  const failed = failures.map(({ account, error: { code, message } }) => ({ account, code, message }));
  if (out.isJson) out.json({ accounts: told, failures: failed });
  else for (const diagnosis of told) tell(context, diagnosis);
  for (const { account, message } of failed) out.note(`${account}: ${message}`);
  return failures[0]?.error.exitCode ?? told.map(exitOf).find((code) => code !== EXIT.done) ?? EXIT.done;
};

async function diagnose(context: Context, account: string, venue: Venue): Promise<readonly Finding[]> {
  const { runtime } = context.parts;
  const startedMs = runtime.clock.monotonicMs();
  const snapshot = await guarded(venue.snapshot(), runtime).catch((error: unknown) => problemOf(error));
  const tookMs = Math.round(runtime.clock.monotonicMs() - startedMs);
  if (typeof snapshot === "string") {
    return [
      {
        check: "connection",
        level: "refuse",
        found: snapshot,
        advice: "look at the network and the address",
      },
    ];
  }
  const read = connection(snapshot, tookMs);
  // What was not reached tells nothing more: neither rights nor clock, and no comfort either.
  if (isUnreachable(snapshot)) return [read];
  const config = context.load().config.accounts[account];
  const mayWithdraw = config?.key_may_withdraw ?? false;
  const found = (await checkupOf({ venue, runtime, mayWithdraw })) ?? [
    {
      check: "permissions",
      level: "warn",
      found: "this adapter cannot ask what the key may do",
      advice: "look it up at the venue; a key for trading needs no right to withdraw",
    } satisfies Finding,
  ];
  return [read, await accountPin(context, account, snapshot), ...rateOf(venue), ...found];
}

function sectionsOf({ positions, orders, balances }: Snapshot) {
  return Object.entries({ positions, orders, balances }).flatMap(([name, section]) =>
    section ? [{ name, ...section }] : [],
  );
}

function isUnreachable(snapshot: Snapshot): boolean {
  return sectionsOf(snapshot).every(({ quality }) => quality === "unavailable");
}

function connection(snapshot: Snapshot, tookMs: number): Finding {
  const sections = sectionsOf(snapshot);
  const bad = sections.filter(({ quality }) => quality !== "complete");
  if (bad.length === 0) {
    const counts = sections.map(({ name, rows }) => counted(rows.length, name.replace(/s$/, ""))).join(", ");
    return { check: "connection", level: "ok", found: `${counts}, read in ${tookMs} ms` };
  }
  const [first] = bad;
  if (first && isUnreachable(snapshot)) {
    const found = `nothing could be read; ${first.problem ?? "no reason given"}`;
    return {
      check: "connection",
      level: "refuse",
      found,
      advice: "put that right first; the rest is looked at then",
    };
  }
  const worst = bad.some(({ quality }) => quality === "unavailable") ? "refuse" : "warn";
  const found = bad.map(
    ({ name, quality, problem }) => `${name} ${quality}: ${problem ?? "no reason given"}`,
  );
  return { check: "connection", level: worst, found: found.join("; "), advice: "put that right first" };
}

/** The journal's pin is what an answer of another account is known by; doctor shows it and sets none. */
async function accountPin(context: Context, account: string, snapshot: Snapshot): Promise<Finding> {
  const answered = snapshot.venueAccountId;
  if (answered === undefined) {
    const found = "the venue did not say which account answered";
    return {
      check: "account",
      level: "warn",
      found,
      advice: "run it again; if this lasts, compare the account by hand",
    };
  }
  const pinned = await pinnedId(context, account);
  if (pinned === null) {
    const found = `${answered}; not pinned yet: the first pass of "trueup run" pins it`;
    return { check: "account", level: "ok", found };
  }
  if (pinned === answered)
    return { check: "account", level: "ok", found: `${answered}, as pinned in the journal` };
  return {
    check: "account",
    level: "refuse",
    found: `${answered} answered, and this journal is about ${pinned}`,
    advice:
      "these are another account's keys: take the right ones, or a state_dir of its own for this account",
  };
}

async function pinnedId(context: Context, account: string): Promise<string | null> {
  try {
    return await withAccounts(
      context.parts,
      context.load(),
      account,
      async ([read]) => read?.book.venueAccountId ?? null,
    );
  } catch (error) {
    // Without a journal nothing is pinned; any other trouble with it is for the commands that need it.
    if (asCliError(error) === undefined) throw error;
    return null;
  }
}

function rateOf(venue: Venue): readonly Finding[] {
  const left = venue.rateLeft?.();
  if (left === undefined) return [];
  const found = `${Math.round(left * 100)} % of the rate limit is left`;
  if (left >= 0.2) return [{ check: "rate", level: "ok", found }];
  const advice = "other programs with the same key or address use it up: give trueup a key of its own";
  return [{ check: "rate", level: "warn", found, advice }];
}

const TONES = { ok: "good", warn: "warn", refuse: "bad" } as const;

function tell({ out }: Context, { account, venue, findings }: Diagnosis): void {
  out.line(`${out.tone("bold", account)} at ${venue}`);
  for (const { check, level, found, advice } of findings) {
    out.line(`  ${out.tone(TONES[level], level.padEnd(6))} ${check.padEnd(13)} ${found}`);
    if (advice !== undefined && level !== "ok") out.line(`         ${"".padEnd(13)} ${advice}`);
  }
}

function exitOf({ findings }: Diagnosis): ExitCode {
  const refused = findings.filter(({ level }) => level === "refuse");
  if (refused.some(({ check }) => check === "connection")) return EXIT.venue;
  return refused.length > 0 ? EXIT.permission : EXIT.done;
}
