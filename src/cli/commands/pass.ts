// `trueup check` and `trueup reconcile`: one pass now, by the daemon where one runs, else by this process.
import { type AccountPieces, checkPieces, openPieces, openSession } from "../../daemon/accounts.ts";
import { chosenAccounts } from "../../daemon/config-file.ts";
import { type DaemonClient, daemonClient, readingClient } from "../../daemon/daemon-client.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";
import { lockState } from "../../daemon/registry.ts";
import { journalFile, stateDirProblem } from "../../daemon/state-dir.ts";
import { asCliError } from "../../daemon/trouble.ts";
import type { PassReport, Session } from "../../engine/index.ts";
import type { Journal } from "../../journal/index.ts";
import type { Command, Context } from "../context.ts";
import { openReadOnly } from "../reader.ts";
import { exitOf, passJson, tellPass, worstExit } from "./pass-output.ts";

export const check: Command = async (context) => {
  const client = readingClient(context.load().stateDir);
  const made = (await viaDaemon(context, client, "/v1/check", {})) ?? (await checkHere(context));
  return tell(context, made, true);
};

export const reconcile: Command<{ readonly force?: boolean }> = async (context, { force = false }) => {
  const client = daemonClient(context.load().stateDir);
  const made =
    (await viaDaemon(context, client, "/v1/reconcile", { force })) ?? (await reconcileHere(context, force));
  return tell(context, made, false);
};

export interface AccountFailure {
  readonly account: string;
  readonly error: CliError;
}

type Passes = Made<PassReport>;

function tell({ out }: Context, { reports, failures }: Passes, isCheck: boolean): number {
  // An account that cannot be opened decides before the others: its trouble must not hide behind their success.
  const code = failures[0]?.error.exitCode ?? worstExit(reports.map((report) => exitOf(report, isCheck)));
  const problems = failures.map(({ account, error }) => ({
    account,
    code: error.code,
    message: error.message,
  }));
  if (out.isJson) out.json({ exitCode: code, passes: reports.map(passJson), failures: problems });
  else for (const report of reports) tellPass(out, report, isCheck);
  for (const { account, message } of problems) out.note(`${account}: ${message}`);
  return code;
}

/** A failure as the API tells it. */
interface Failed {
  readonly account: string;
  readonly code: string;
  readonly message: string;
}

async function viaDaemon(
  context: Context,
  client: DaemonClient | undefined,
  path: string,
  body: object,
): Promise<Passes | undefined> {
  const { account } = context.options;
  chosenAccounts(context.load().config, account);
  if (!client) return undefined;
  const answer = await client.post<{ passes: PassReport[]; failures: Failed[] }>(path, {
    ...body,
    ...(account !== undefined && { account }),
  });
  const failures = answer.failures.map(({ account: name, code, message }) => {
    const exit = code === "account_stopped" ? EXIT.retry : EXIT.unexpected;
    return { account: name, error: new CliError(exit, code, message) };
  });
  return { reports: answer.passes, failures };
}

function checkHere(context: Context): Promise<Passes> {
  const { parts, options } = context;
  return readingJournal(context, (journal) =>
    eachAccount(context, options.account, (pieces) => checkPieces(parts, pieces, journal)),
  );
}

/** For what reads an account and changes nothing, while no daemon runs. */
export async function readingJournal<T>(
  context: Context,
  work: (journal: Journal) => Promise<T>,
): Promise<T> {
  const journal = await openReadOnly(context.parts, context.load()).catch(async (error: unknown) => {
    // Nothing was ever read: the book is empty, and the first pass is this one.
    if (error instanceof CliError && error.code === "no_journal") return EMPTY;
    throw error;
  });
  try {
    return await work(journal as Journal);
  } finally {
    await (journal as Journal).close();
  }
}

function reconcileHere(context: Context, isForced: boolean): Promise<Passes> {
  return withSessions(context, context.options.account, (session) => session.pass("operator", isForced));
}

/** Opens accounts as a daemon would, one after the other, while no daemon runs. */
export async function withSessions<T>(
  context: Context,
  account: string | undefined,
  work: (session: Session) => Promise<T>,
): Promise<Made<T>> {
  const { parts } = context;
  const loaded = context.load();
  const unlock = lockState(loaded.stateDir);
  try {
    const problem = stateDirProblem(loaded.stateDir);
    if (problem !== undefined) context.out.note(`trueup: ${problem}`);
    const journal = await parts.openJournal(journalFile(loaded.stateDir), false);
    try {
      return await eachAccount(context, account, async (pieces) => {
        const session = await openSession(parts, loaded, pieces, journal);
        await session.start({ bootPass: false, timers: false });
        try {
          return await work(session);
        } finally {
          await session.stop();
        }
      });
    } finally {
      await journal.close();
    }
  } finally {
    unlock();
  }
}

/** What was made, and which accounts could not even be opened. */
export interface Made<T> {
  readonly reports: readonly T[];
  readonly failures: readonly AccountFailure[];
}

/** One account after the other; one that cannot be opened does not keep the others from being looked at. */
export async function eachAccount<T>(
  context: Context,
  account: string | undefined,
  work: (pieces: AccountPieces) => Promise<T>,
): Promise<Made<T>> {
  const { parts, io } = context;
  const loaded = context.load();
  const reports: T[] = [];
  const failures: AccountFailure[] = [];
  for (const [name, config] of chosenAccounts(loaded.config, account)) {
    try {
      const pieces = await openPieces(parts, io, loaded, name, config);
      try {
        reports.push(await work(pieces));
      } finally {
        await pieces.venue.close?.();
      }
    } catch (error) {
      const known = asCliError(error);
      if (!known) throw error;
      failures.push({ account: name, error: known });
    }
  }
  const [first] = failures;
  if (first && failures.length === 1 && reports.length === 0) throw first.error;
  return { reports, failures };
}

/** Reads like the journal of an account that nobody has looked at yet. */
const EMPTY: Pick<Journal, "head" | "loadCheckpoint" | "read" | "verify" | "close"> = {
  head: async () => ({ seq: 0, hash: "" }),
  loadCheckpoint: async () => undefined,
  read: async () => [],
  verify: async (account) => ({ account, records: 0, head: { seq: 0, hash: "" }, problems: [] }),
  close: async () => undefined,
};
