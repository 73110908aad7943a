// `trueup gate`, `trueup kill`, `trueup resume`: may the bot trade, and the switch that says no. Kill needs no
// daemon: without one it leaves a latch that the next boot honours.

import type { KillAnswer } from "../../api/index.ts";
import { GATE_STATES } from "../../core/words.ts";
import { daemonClient } from "../../daemon/daemon-client.ts";
import { CliError, EXIT, errorDocument } from "../../daemon/exit.ts";
import { readLatch, removeLatch, writeLatch } from "../../daemon/latch.ts";
import { lockState } from "../../daemon/registry.ts";
import { journalFile } from "../../daemon/state-dir.ts";
import type { GateView } from "../../engine/index.ts";
import type { Command, Context } from "../context.ts";
import { postWhileAlive } from "../patience.ts";
import { clientToAsk, tellGate } from "./status.ts";

interface GateAnswer extends GateView {
  readonly account: string;
  /** Of the instrument that was set: whether anything of it was ever seen. */
  readonly isInstrumentKnown?: boolean;
}

export interface GateOptions {
  readonly set?: string;
  readonly instrument?: string;
  readonly reason?: string;
}

export const gate: Command<GateOptions> = async (context, options) => {
  const { out } = context;
  const answers = options.set === undefined ? await gates(context) : [await setGate(context, options)];
  if (out.isJson) out.json({ accounts: answers });
  else {
    for (const answer of answers) {
      if (answers.length > 1) out.line(out.tone("bold", answer.account));
      tellGate(out, answer);
    }
  }
  return answers.every(({ state }) => state === "open") ? EXIT.done : EXIT.gate;
};

async function gates(context: Context): Promise<GateAnswer[]> {
  const client = await clientToAsk(context);
  const { account } = context.options;
  if (client) {
    const query = account === undefined ? "" : `?account=${encodeURIComponent(account)}`;
    return (await client.get<{ accounts: GateAnswer[] }>(`/v1/gate${query}`)).accounts;
  }
  const { withAccounts } = await import("../reader.ts");
  return withAccounts(context.parts, context.load(), account, async (accounts) =>
    accounts.map(({ name, status }) => ({ account: name, ...status.gate })),
  );
}

async function setGate(context: Context, { set, instrument, reason }: GateOptions): Promise<GateAnswer> {
  if (!GATE_STATES.includes(set as "open") || set === "killed") {
    throw new CliError(
      EXIT.usage,
      "bad_gate",
      `--set ${set}: it is one of open, reduce_only, halted (for "killed" there is trueup kill)`,
    );
  }
  if (reason === undefined)
    throw new CliError(EXIT.usage, "no_reason", "give a --reason: whoever reads it next will ask");
  await context.prepare();
  const client = daemonClient(context.load().stateDir);
  if (!client) throw noDaemon("The gate is kept by the daemon");
  const account = await oneAccount(context);
  const answer = await client.post<GateAnswer>("/v1/gate", {
    account,
    set,
    reason,
    by: person(context),
    ...(instrument !== undefined && { instrument }),
  });
  if (answer.isInstrumentKnown === false) {
    context.out.note(
      `trueup: "${instrument}" is set, but ${account} has never held, ordered or traded it; see that it is spelled as the venue spells it`,
    );
  }
  return answer;
}

export interface KillOptions {
  readonly reason: string;
  readonly all?: boolean;
  /** False with `--no-exits`. */
  readonly exits?: boolean;
}

/** An account as `kill` left it. */
interface Killed extends KillAnswer {
  readonly account: string;
}

export const kill: Command<KillOptions> = async (context, { reason, all = false, exits = true }) => {
  const [{ chosenAccounts }, { NOTHING_CANCELED }, { asCliError }] = await Promise.all([
    import("../../daemon/config-file.ts"),
    import("../../engine/index.ts"),
    import("../../daemon/trouble.ts"),
  ]);
  const { stateDir, config } = context.load();
  const names = chosenAccounts(config, context.options.account).map(([name]) => name);
  const by = person(context);
  const noExits = !exits;
  const latch = {
    reason,
    by,
    isAll: all,
    ...(noExits && { isNoExits: true }),
    atMs: context.parts.runtime.clock.nowMs(),
  };
  // On disk before anything else is tried: nothing that goes wrong from here on can lose it.
  for (const name of names) writeLatch(stateDir, name, latch);
  const latched = names.map((account) => ({ account, isEngaged: false, ...NOTHING_CANCELED }));
  try {
    const killed = await killThroughDaemon(context, { reason, all, noExits, by });
    tellKill(
      context,
      killed ?? latched,
      killed ? "the account has stopped, and opens killed" : "no daemon runs, and the next one starts killed",
    );
    return killed && !killed.every(isConfirmed) ? EXIT.unresolved : EXIT.done;
  } catch (error) {
    const known = asCliError(error);
    if (!known) throw error;
    const unreached = new CliError(EXIT.daemon, known.code, known.message, { cause: error });
    tellKill(context, latched, "the daemon does not answer; it looks for a latch every second", unreached);
    return unreached.exitCode;
  }
};

/** Undefined when no daemon runs. @throws CliError when one runs and cannot be spoken to. */
async function killThroughDaemon(context: Context, body: object): Promise<readonly Killed[] | undefined> {
  const client = daemonClient(context.load().stateDir);
  if (!client) return undefined;
  const { options, out, parts } = context;
  const { account } = options;
  const asked = { ...body, ...(account !== undefined && { account }) };
  const { accounts } = await postWhileAlive<{ accounts: readonly Killed[] }>(client, "/v1/kill", asked, {
    timers: parts.runtime.timers,
    onSlow: () => out.note("trueup: latched, and the daemon is at work: the venue has not answered it yet"),
  });
  return accounts;
}

/** @param error Why the daemon could not be spoken to: beside what was latched all the same. */
function tellKill({ out }: Context, accounts: readonly Killed[], whyLatched: string, error?: CliError): void {
  if (error) out.note(`trueup: ${error.message}`);
  if (out.isJson) {
    out.json({ accounts, ...(error && { error: errorDocument(error) }) });
    return;
  }
  for (const { account, isEngaged, canceled, canceledAll, uncancelable, problem } of accounts) {
    const isTried = canceled.length + canceledAll.length + uncancelable.length > 0 || problem !== null;
    if (!isEngaged) {
      const next = isTried ? "" : "; nothing is cancelled yet, look at the venue for open orders";
      out.line(`${account}: killed, latched: ${whyLatched}${next}`);
      if (!isTried) continue;
    }
    const head = isEngaged ? `${account}: killed; ` : "  ";
    out.line(`${head}${canceled.length} orders asked to be cancelled`);
    for (const { instrument, outcome } of canceledAll) {
      out.line(`  all of ${instrument ?? "the account"} by one call: ${outcomeText(outcome)}`);
    }
    for (const { order, outcome } of canceled) {
      out.line(`  ${order}: ${outcomeText(outcome)}`);
    }
    if (problem !== null) {
      out.line(`  the venue's open orders could not be read (${problem}); look there for orders of late`);
    }
    if (uncancelable.length > 0) {
      out.line(`  still open, cancel them at the venue (this adapter cannot): ${uncancelable.join(", ")}`);
    }
  }
}

function outcomeText(outcome: Killed["canceled"][number]["outcome"]): string {
  return outcome.kind === "accepted" ? "accepted" : `${outcome.kind} (${outcome.reason})`;
}

function isConfirmed({ isEngaged, canceled, uncancelable, problem }: Killed): boolean {
  return (
    isEngaged &&
    problem === null &&
    uncancelable.length === 0 &&
    canceled.every(({ outcome }) => outcome.kind === "accepted")
  );
}

export interface ResumeOptions {
  readonly reason: string;
  readonly confirm?: string;
}

export const resume: Command<ResumeOptions> = async (context, { reason, confirm }) => {
  const account = await oneAccount(context);
  const given =
    confirm ?? (await context.io.ask?.(`Type the account's name (${account}) to release the kill: `));
  if (given?.trim() !== account) {
    throw new CliError(
      EXIT.usage,
      "not_confirmed",
      `To resume, confirm with the account's name: --confirm ${account}`,
    );
  }
  const client = daemonClient(context.load().stateDir);
  const body = { account, reason, confirm: account, by: person(context) };
  const { wasKilled } = client
    ? await client.post<{ wasKilled: boolean }>("/v1/resume", body)
    : { wasKilled: await resumeHere(context, account, reason) };
  const { out } = context;
  if (out.isJson) out.json({ account, wasKilled });
  else if (wasKilled)
    out.line(`${account}: released from kill; the gate opens with the next clean complete pass`);
  else out.line(`${account} was not killed; nothing was changed`);
  return EXIT.done;
};

/** Journals the release, then removes the latch: whatever fails, the account stays killed. */
async function resumeHere(context: Context, account: string, reason: string): Promise<boolean> {
  const { parts } = context;
  const [{ releaseOffline }, { restoring }] = await Promise.all([
    import("../../engine/index.ts"),
    import("../../daemon/trouble.ts"),
  ]);
  const { stateDir } = context.load();
  const unlock = lockState(stateDir);
  try {
    const journal = await parts.openJournal(journalFile(stateDir), false);
    try {
      const { clock } = parts.runtime;
      const latch = readLatch(stateDir, account);
      const by = person(context);
      const release = () => releaseOffline({ account, journal, clock, latch, reason, by });
      const wasKilled = await restoring(journal, account, release);
      removeLatch(stateDir, account);
      return wasKilled;
    } finally {
      await journal.close();
    }
  } finally {
    unlock();
  }
}

export async function oneAccount(context: Context): Promise<string> {
  const { chosenAccounts } = await import("../../daemon/config-file.ts");
  const [first, ...others] = chosenAccounts(context.load().config, context.options.account);
  if (first && others.length === 0) return first[0];
  const names = [first, ...others].map((one) => one?.[0]).join(", ");
  throw new CliError(EXIT.usage, "which_account", `Name one account with --account: ${names}`);
}

function noDaemon(what: string): CliError {
  return new CliError(EXIT.daemon, "no_daemon", `${what}, and none is running. Start it with "trueup run".`);
}

/** Who is named in the journal for what a person does. */
export function person({ io }: Context): string {
  return io.env.USER || io.env.LOGNAME || "operator";
}
