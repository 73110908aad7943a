// `trueup gate`, `trueup kill`, `trueup resume`: may the bot trade, and the switch that says no. Kill needs no
// daemon: without one it leaves a latch that the next boot honours.

import type { KillAnswer } from "../../api/index.ts";
import { GATE_STATES } from "../../core/words.ts";
import { daemonClient } from "../../daemon/daemon-client.ts";
import { CliError, EXIT, type ExitCode, errorDocument } from "../../daemon/exit.ts";
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
  readonly flatten?: boolean;
  readonly drill?: boolean;
  readonly confirm?: string;
}

/** An account as `kill` left it. */
interface Killed extends KillAnswer {
  readonly account: string;
}

export const kill: Command<KillOptions> = async (context, options) => {
  const { reason, all = false, exits = true } = options;
  if (options.drill === true && options.flatten === true) {
    const text =
      "--drill rehearses in memory, --flatten closes what is held: give one of them. Nothing was killed, nothing closed";
    throw new CliError(EXIT.usage, "bad_choice", text);
  }
  if (options.drill === true) return drill(context);
  const [{ chosenAccounts }, { NOTHING_CANCELED, unconfirmed }, { asCliError }] = await Promise.all([
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
    const why = killed
      ? "the account has stopped, and opens killed"
      : "no daemon runs, and the next one starts killed";
    const code =
      killed && !killed.every((one) => isConfirmed(one, unconfirmed)) ? EXIT.unresolved : EXIT.done;
    if (options.flatten !== true) {
      tellKill(context, killed ?? latched, why);
      return code;
    }
    if (!context.out.isJson) tellKill(context, killed ?? latched, why);
    return await thenFlatten(context, { killed: killed ?? latched, confirm: options.confirm, code });
  } catch (error) {
    const known = asCliError(error);
    if (!known) throw error;
    const unreached = new CliError(EXIT.daemon, known.code, known.message, { cause: error });
    tellKill(context, latched, "the daemon does not answer; it looks for a latch every second", unreached);
    return unreached.exitCode;
  }
};

/** Touches no account, no state folder and no daemon. */
async function drill({ out, parts }: Context): Promise<ExitCode> {
  const { rehearseKill } = await import("../../daemon/kill-drill.ts");
  if (!out.isJson) out.line("a kill is rehearsed on a paper account in memory; no account is touched");
  const report = await rehearseKill({ runtime: parts.runtime });
  const code = report.unconfirmed === 0 ? EXIT.done : EXIT.unresolved;
  if (out.isJson) {
    out.json({ exitCode: code, drill: report });
    return code;
  }
  const { orders, calls, failedCalls, retries, unconfirmed, confirmedMs } = report;
  out.line(`${orders} open orders; ${failedCalls} of ${calls} calls to cancel failed or were not answered`);
  out.line(
    `every cancel had left after ${report.dispatchedMs} ms; first answers after ${report.answeredMs} ms`,
  );
  const end =
    confirmedMs === null ? "not all were seen to be gone" : `all seen to be gone after ${confirmedMs} ms`;
  out.line(
    `${retries} retries; ${out.tone(unconfirmed === 0 ? "good" : "bad", `${end}, ${unconfirmed} unconfirmed`)}`,
  );
  return code;
}

/** The kill stands, whatever becomes of this: nobody waits for a word before the cancels leave. */
async function thenFlatten(
  context: Context,
  facts: {
    readonly killed: readonly Killed[];
    readonly confirm: string | undefined;
    readonly code: ExitCode;
  },
): Promise<ExitCode> {
  const { out } = context;
  const { killed, confirm, code } = facts;
  const [{ exitOf, flattenAccount }, { asCliError }] = await Promise.all([
    import("./flatten.ts"),
    import("../../daemon/trouble.ts"),
  ]);
  const flattened: object[] = [];
  let worst: ExitCode = code;
  for (const { account } of killed) {
    // A name that was typed is one account's; at the others it is asked for.
    const own = confirm === account || killed.length === 1 ? confirm : undefined;
    try {
      const done = await flattenAccount(context, account, own === undefined ? {} : { confirm: own });
      flattened.push({ account, ...done });
      if (exitOf(done) !== EXIT.done) worst = EXIT.unresolved;
    } catch (error) {
      const known = asCliError(error);
      if (!known) throw error;
      flattened.push({ account, plan: null, flattened: null, error: errorDocument(known) });
      out.note(`trueup: ${account}: killed, and not flattened: ${known.message}`);
      worst = EXIT.unresolved;
    }
  }
  if (out.isJson) out.json({ accounts: killed, flattened });
  return worst;
}

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

function isConfirmed(killed: Killed, unconfirmed: (report: Killed) => readonly string[]): boolean {
  return killed.isEngaged && killed.problem === null && unconfirmed(killed).length === 0;
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
