// `trueup plan` and `trueup apply PLAN`: what trueup would do and what it refuses, and a person's word for it. A plan
// is made from a rehearsal and changes nothing; applying it reads everything afresh first.

import { planPieces } from "../../daemon/accounts.ts";
import { chosenAccounts } from "../../daemon/config-file.ts";
import { daemonClient, readingClient } from "../../daemon/daemon-client.ts";
import { CliError, EXIT, type ExitCode } from "../../daemon/exit.ts";
import { findPlan, savePlan } from "../../daemon/plan-file.ts";
import type { Applied, Confirmation, Plan } from "../../engine/index.ts";
import type { Command, Context } from "../context.ts";
import { person } from "./gate.ts";
import { type AccountFailure, eachAccount, readingJournal, withSessions } from "./pass.ts";
import { exitOf, worstExit } from "./pass-output.ts";
import { tellApplied, tellPlan } from "./plan-output.ts";

export interface PlanOptions {
  readonly mirror?: readonly string[];
  readonly out?: string;
}

export const plan: Command<PlanOptions> = async (context, { mirror, out: file }) => {
  const { out, parts } = context;
  const { stateDir } = context.load();
  const copies = mirror === undefined ? null : knownMirrors(context, mirror);
  const { reports: plans, failures } =
    (await planByDaemon(context, copies)) ?? (await planHere(context, copies));
  for (const one of plans) savePlan(stateDir, one, parts.runtime.clock.nowMs());
  if (file !== undefined) writePlan(context, plans, file);
  const code = failures[0]?.error.exitCode ?? worstExit(plans.map(exitOfPlan));
  const problems = failures.map(({ account, error }) => ({
    account,
    code: error.code,
    message: error.message,
  }));
  if (out.isJson) out.json({ exitCode: code, plans, failures: problems });
  else for (const one of plans) tellPlan(out, one, sameConfig(context));
  for (const { account, message } of problems) out.note(`${account}: ${message}`);
  return code;
};

/** 5 not readable, 3 there is something to do, 4 only what needs a person's word or is refused, 0 nothing. */
function exitOfPlan({ isReadable, steps, refused, problems, inFlight }: Plan): ExitCode {
  if (!isReadable) return EXIT.venue;
  if (steps.some(({ needs }) => needs === null || needs === "policy")) return EXIT.discrepancy;
  const isUndecided = steps.length > 0 || refused.length > 0 || problems.length > 0 || inFlight > 0;
  return isUndecided ? EXIT.unresolved : EXIT.done;
}

function sameConfig({ options: { config } }: Context): string {
  return config === undefined ? "" : ` --config ${config}`;
}

function knownMirrors(context: Context, wanted: readonly string[]): readonly string[] {
  const accounts = chosenAccounts(context.load().config, context.options.account);
  const names = accounts.flatMap(([, { mirrors }]) => mirrors.map(({ name }) => name));
  const missing = wanted.find((name) => !names.includes(name));
  if (missing === undefined) return wanted;
  const known = names.length === 0 ? "there is none" : `there are: ${names.join(", ")}`;
  throw new CliError(EXIT.usage, "no_mirror", `There is no mirror "${missing}"; ${known}`);
}

function writePlan({ parts, io }: Context, plans: readonly Plan[], file: string): void {
  const [one, ...others] = plans;
  if (!one || others.length > 0) {
    throw new CliError(
      EXIT.usage,
      "which_account",
      "--out takes the plan of one account; name it with --account",
    );
  }
  parts.files.replace(pathIn(io.cwd, file), `${JSON.stringify(one, null, 2)}\n`);
}

interface Plans {
  readonly reports: readonly Plan[];
  readonly failures: readonly AccountFailure[];
}

async function planByDaemon(context: Context, copies: readonly string[] | null): Promise<Plans | undefined> {
  const { config, stateDir } = context.load();
  const { account } = context.options;
  chosenAccounts(config, account);
  const client = readingClient(stateDir);
  if (!client) return undefined;
  const answer = await client.post<{
    plans: Plan[];
    failures: { account: string; code: string; message: string }[];
  }>("/v1/plan", { ...(account !== undefined && { account }), ...(copies && { copies }) });
  const failures = answer.failures.map(({ account: name, code, message }) => ({
    account: name,
    error: new CliError(EXIT.unexpected, code, message),
  }));
  return { reports: answer.plans, failures };
}

function planHere(context: Context, copies: readonly string[] | null): Promise<Plans> {
  const { parts, options } = context;
  return readingJournal(context, (journal) =>
    eachAccount(context, options.account, (pieces) => planPieces(parts, pieces, journal, copies)),
  );
}

export interface ApplyOptions {
  readonly confirm?: string;
  readonly rows?: string;
}

export const apply: Command<ApplyOptions> = async (context, options, name = "") => {
  const { config, stateDir } = context.load();
  const chosen = findPlan(stateDir, context.io.cwd, name);
  const { account } = chosen;
  if (context.options.account !== undefined && context.options.account !== account) {
    const text = `The plan ${chosen.id} is of account ${account}, not of ${context.options.account}; nothing was done`;
    throw new CliError(EXIT.usage, "plan_of_other_account", text);
  }
  chosenAccounts(config, account);
  const given = await confirmation(context, chosen, options);
  const applied = (await applyByDaemon(context, chosen, given)) ?? (await applyHere(context, chosen, given));
  const code = exitOfApplied(applied);
  if (context.out.isJson) context.out.json({ exitCode: code, ...applied });
  else tellApplied(context.out, applied);
  return code;
};

function exitOfApplied({ steps, verified }: Applied): ExitCode {
  return steps.some(({ repairId }) => repairId === null) ? EXIT.unresolved : exitOf(verified, false);
}

/** What the person gave, or answers at the terminal. Whether it is right is judged where the plan is applied. */
async function confirmation(
  context: Context,
  { account, rows, steps }: Plan,
  options: ApplyOptions,
): Promise<Confirmation> {
  const by = person(context);
  const { ask } = context.io;
  const isAsked = rows > 0 && ask !== undefined;
  const what = steps
    .filter(({ needs }) => needs !== null)
    .map(({ of, instrument, asset }) => `${instrument ?? asset} in ${of}`);
  const confirm =
    options.confirm ??
    (isAsked
      ? await ask(`These rest on your word: ${what.join(", ")}.\nType the account's name (${account}): `)
      : null);
  const typed = options.rows ?? (isAsked ? await ask(`Type how many rows that are (${rows}): `) : null);
  if (typed === null) return { by, confirm: confirm?.trim() ?? null, rows: null };
  if (!/^\d{1,9}$/.test(typed.trim())) {
    throw new CliError(
      EXIT.usage,
      "bad_rows",
      `--rows "${typed}": it is the number of rows that rest on your word`,
    );
  }
  return { by, confirm: confirm?.trim() ?? null, rows: Number(typed) };
}

async function applyByDaemon(
  context: Context,
  chosen: Plan,
  given: Confirmation,
): Promise<Applied | undefined> {
  const { stateDir } = context.load();
  const client = daemonClient(stateDir);
  if (!client) return undefined;
  // A plan from a file is one that the daemon may not have any more.
  savePlan(stateDir, chosen, context.parts.runtime.clock.nowMs());
  const { by, confirm, rows } = given;
  return client.post<Applied>("/v1/apply", {
    account: chosen.account,
    plan: chosen.id,
    by,
    ...(confirm !== null && { confirm }),
    ...(rows !== null && { rows }),
  });
}

async function applyHere(context: Context, chosen: Plan, given: Confirmation): Promise<Applied> {
  const { reports } = await withSessions(context, chosen.account, (session) => session.apply(chosen, given));
  return reports[0] as Applied;
}

function pathIn(cwd: string, file: string): string {
  return file.startsWith("/") ? file : `${cwd}/${file}`;
}
