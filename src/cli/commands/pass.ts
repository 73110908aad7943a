// `trueup check` and `trueup reconcile`: one pass now, by the daemon where one runs, else by this process.
import type { PassReport } from "../../engine/index.ts";
import type { Journal } from "../../journal/index.ts";
import { type AccountPieces, checkPieces, openPieces, openSession } from "../accounts.ts";
import { chosenAccounts } from "../config-file.ts";
import type { Command, Context } from "../context.ts";
import { daemonClient } from "../daemon-client.ts";
import { CliError } from "../exit.ts";
import { lockState } from "../lock.ts";
import { asCliError, openReadOnly } from "../reader.ts";
import { journalFile } from "../registry.ts";
import { exitOf, passJson, tellPass, worstExit } from "./pass-output.ts";

export const check: Command = async (context) => {
  const reports = (await viaDaemon(context, "/v1/check", {})) ?? (await checkHere(context));
  return tell(context, reports, true);
};

export const reconcile: Command<{ readonly force?: boolean }> = async (context, { force = false }) => {
  const reports =
    (await viaDaemon(context, "/v1/reconcile", { force })) ?? (await reconcileHere(context, force));
  return tell(context, reports, false);
};

function tell({ out }: Context, reports: readonly PassReport[], isCheck: boolean): number {
  const code = worstExit(reports.map((report) => exitOf(report, isCheck)));
  if (out.isJson) out.json({ exitCode: code, passes: reports.map(passJson) });
  else for (const report of reports) tellPass(out, report, isCheck);
  return code;
}

async function viaDaemon(
  context: Context,
  path: string,
  body: object,
): Promise<readonly PassReport[] | undefined> {
  const { stateDir, config } = context.load();
  const { account } = context.options;
  chosenAccounts(config, account);
  const client = daemonClient(stateDir);
  if (!client) return undefined;
  const answer = await client.post<{ passes: PassReport[] }>(path, {
    ...body,
    ...(account !== undefined && { account }),
  });
  return answer.passes;
}

async function checkHere(context: Context): Promise<readonly PassReport[]> {
  const { parts } = context;
  const loaded = context.load();
  const journal = await openReadOnly(parts, loaded).catch(async (error: unknown) => {
    // Nothing was ever read: the book is empty, and the first pass is this one.
    if (error instanceof CliError && error.code === "no_journal") return EMPTY;
    throw error;
  });
  try {
    return await eachAccount(context, (pieces) => checkPieces(parts, pieces, journal as Journal));
  } finally {
    await (journal as Journal).close();
  }
}

async function reconcileHere(context: Context, isForced: boolean): Promise<readonly PassReport[]> {
  const { parts } = context;
  const loaded = context.load();
  const unlock = lockState(loaded.stateDir);
  try {
    const journal = await parts.openJournal(journalFile(loaded.stateDir), false).catch(asCliError);
    try {
      return await eachAccount(context, async (pieces) => {
        const session = await openSession(parts, loaded, pieces, journal);
        await session.start({ bootPass: false, timers: false });
        const report = await session.pass("operator", isForced);
        await session.stop();
        return report;
      });
    } finally {
      await journal.close();
    }
  } finally {
    unlock();
  }
}

/** One account after the other; one that cannot be opened does not keep the others from being looked at. */
async function eachAccount(
  context: Context,
  work: (pieces: AccountPieces) => Promise<PassReport>,
): Promise<PassReport[]> {
  const { parts, io, options, out } = context;
  const loaded = context.load();
  const reports: PassReport[] = [];
  const failures: CliError[] = [];
  for (const [name, config] of chosenAccounts(loaded.config, options.account)) {
    try {
      const pieces = await openPieces(parts, io, loaded, name, config);
      try {
        reports.push(await work(pieces));
      } finally {
        await pieces.venue.close?.();
      }
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first && reports.length === 0) throw first;
  for (const failure of failures) out.note(failure.message);
  return reports;
}

/** Reads like the journal of an account that nobody has looked at yet. */
const EMPTY: Pick<Journal, "loadCheckpoint" | "read" | "close"> = {
  loadCheckpoint: async () => undefined,
  read: async () => [],
  close: async () => undefined,
};
