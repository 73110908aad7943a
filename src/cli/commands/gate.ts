// `trueup gate`, `trueup kill`, `trueup resume`: may the bot trade, and the switch that says no. Kill needs no
// daemon: without one it leaves a latch that the next boot honours.
import { GATE_STATES } from "../../core/index.ts";
import type { GateView, KillReport } from "../../engine/index.ts";
import { openPieces, openSession } from "../accounts.ts";
import { chosenAccounts } from "../config-file.ts";
import type { Command, Context } from "../context.ts";
import { type DaemonClient, daemonClient } from "../daemon-client.ts";
import { CliError, EXIT } from "../exit.ts";
import { lockState } from "../lock.ts";
import { asCliError, withAccounts } from "../reader.ts";
import { journalFile, readLatch, removeLatch, writeLatch } from "../registry.ts";
import { tellGate } from "./status.ts";

interface GateAnswer extends GateView {
  readonly account: string;
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
  const client = daemonClient(context.load().stateDir);
  const { account } = context.options;
  if (client) {
    const query = account === undefined ? "" : `?account=${encodeURIComponent(account)}`;
    return (await client.get<{ accounts: GateAnswer[] }>(`/v1/gate${query}`)).accounts;
  }
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
  const client = daemonClient(context.load().stateDir);
  if (!client) throw noDaemon("The gate is kept by the daemon");
  const account = oneAccount(context);
  return client.post<GateAnswer>("/v1/gate", {
    account,
    set,
    reason,
    by: person(context),
    ...(instrument !== undefined && { instrument }),
  });
}

export interface KillOptions {
  readonly reason: string;
  readonly all?: boolean;
}

export const kill: Command<KillOptions> = async (context, { reason, all = false }) => {
  const { stateDir, config } = context.load();
  const names = chosenAccounts(config, context.options.account).map(([name]) => name);
  const client = daemonOrLatch(stateDir);
  if (client) return killThroughDaemon(context, client, reason, all);
  const latch = { reason, by: person(context), atMs: context.parts.runtime.clock.nowMs() };
  for (const name of names) writeLatch(stateDir, name, latch);
  const { out } = context;
  if (out.isJson)
    out.json({
      accounts: names.map((account) => ({ account, latched: true, canceled: [], uncancelable: [] })),
    });
  else {
    for (const name of names)
      out.line(
        `${name}: killed, latched for the next boot (no daemon is running; nothing was cancelled at the venue)`,
      );
  }
  return EXIT.done;
};

/** A daemon that cannot be spoken to must not keep a kill from being latched. */
function daemonOrLatch(stateDir: string): DaemonClient | undefined {
  try {
    return daemonClient(stateDir);
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
}

async function killThroughDaemon(
  context: Context,
  client: DaemonClient,
  reason: string,
  all: boolean,
): Promise<number> {
  const { out, options } = context;
  const body = {
    reason,
    all,
    by: person(context),
    ...(options.account !== undefined && { account: options.account }),
  };
  const { accounts } = await client.post<{ accounts: (KillReport & { account: string })[] }>(
    "/v1/kill",
    body,
  );
  if (out.isJson) out.json({ accounts: accounts.map((one) => ({ latched: true, ...one })) });
  else {
    for (const { account, canceled, uncancelable } of accounts) {
      out.line(`${account}: killed; ${canceled.length} orders asked to be cancelled`);
      for (const { order, outcome } of canceled) {
        out.line(`  ${order}: ${outcome.kind}${outcome.kind === "accepted" ? "" : ` (${outcome.reason})`}`);
      }
      if (uncancelable.length > 0) {
        out.line(`  still open, cancel them at the venue (this adapter cannot): ${uncancelable.join(", ")}`);
      }
    }
  }
  const isConfirmed = accounts.every(
    ({ canceled, uncancelable }) =>
      uncancelable.length === 0 && canceled.every(({ outcome }) => outcome.kind === "accepted"),
  );
  return isConfirmed ? EXIT.done : EXIT.unresolved;
}

export interface ResumeOptions {
  readonly reason: string;
  readonly confirm?: string;
}

export const resume: Command<ResumeOptions> = async (context, { reason, confirm }) => {
  const account = oneAccount(context);
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
  if (client) await client.post("/v1/resume", { account, reason, confirm: account, by: person(context) });
  else await resumeHere(context, account, reason);
  const { out } = context;
  if (out.isJson) out.json({ account, resumed: true });
  else out.line(`${account}: released from kill; the gate opens with the next clean complete pass`);
  return EXIT.done;
};

async function resumeHere(context: Context, account: string, reason: string): Promise<void> {
  const { parts, io } = context;
  const loaded = context.load();
  const unlock = lockState(loaded.stateDir);
  try {
    const hadLatch = readLatch(loaded.stateDir, account) !== null;
    removeLatch(loaded.stateDir, account);
    const journal = await parts.openJournal(journalFile(loaded.stateDir), false).catch(asCliError);
    const [, config] = chosenAccounts(loaded.config, account)[0] ?? [];
    if (!config) return;
    const session = await openSession(
      parts,
      loaded,
      await openPieces(parts, io, loaded, account, config),
      journal,
    );
    if (session.book.kill) await session.resume(reason, person(context));
    else if (!hadLatch) context.out.note(`${account} was not killed`);
    await session.stop();
    await journal.close();
  } finally {
    unlock();
  }
}

function oneAccount(context: Context): string {
  const [first, ...others] = chosenAccounts(context.load().config, context.options.account);
  if (first && others.length === 0) return first[0];
  const names = [first, ...others].map((one) => one?.[0]).join(", ");
  throw new CliError(EXIT.usage, "which_account", `Name one account with --account: ${names}`);
}

function noDaemon(what: string): CliError {
  return new CliError(EXIT.daemon, "no_daemon", `${what}, and none is running. Start it with "trueup run".`);
}

function person({ io }: Context): string {
  return io.env.USER || io.env.LOGNAME || "operator";
}
