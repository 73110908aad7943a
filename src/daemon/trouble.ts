// Trouble that was foreseen below the command line (the journal's, a venue's, a file's) with the exit code that scripts
// wait for. report() in program.ts converts whatever a command throws; nothing else needs to.
import { type Journal, JournalError } from "../journal/index.ts";
import { FileError } from "../runtime/index.ts";
import { VenueError } from "../venues/index.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";

const JOURNAL_EXITS: Readonly<Record<JournalError["code"], ExitCode>> = {
  journal_corrupt: EXIT.corrupt,
  journal_newer: EXIT.config,
  journal_older: EXIT.config,
  journal_write: EXIT.unexpected,
  journal_read: EXIT.unexpected,
  journal_open: EXIT.permission,
  journal_busy: EXIT.retry,
};

const VENUE_EXITS: Readonly<Record<VenueError["code"], ExitCode>> = {
  venue_auth: EXIT.venue,
  venue_config: EXIT.config,
  venue_package: EXIT.config,
  venue_state: EXIT.venue,
};

/** A plan, undo or release that was refused: what was asked for is wrong (2), or what is does not allow it (4). */
const PLAN_EXITS: Readonly<Record<string, ExitCode>> = {
  no_such_plan: EXIT.usage,
  plan_unreadable: EXIT.usage,
  plan_tampered: EXIT.usage,
  plan_of_other_account: EXIT.usage,
  plan_empty: EXIT.usage,
  plan_not_confirmed: EXIT.usage,
  plan_wrong_rows: EXIT.usage,
  no_such_repair: EXIT.usage,
  plan_expired: EXIT.unresolved,
  plan_applied: EXIT.unresolved,
  plan_moved: EXIT.unresolved,
  observing: EXIT.unresolved,
  already_undone: EXIT.unresolved,
  repair_proven: EXIT.unresolved,
  row_changed: EXIT.unresolved,
  cannot_restore: EXIT.unresolved,
  nothing_to_release: EXIT.unresolved,
};

/** A person's word on a position that was refused, likewise. */
const CHANGE_EXITS: Readonly<Record<string, ExitCode>> = {
  bad_lot_move: EXIT.usage,
  bad_note: EXIT.usage,
  no_such_strategy: EXIT.usage,
  no_such_lot: EXIT.unresolved,
  lot_too_small: EXIT.unresolved,
  not_held: EXIT.unresolved,
};

/** Undefined for an error that nobody foresaw. */
export function asCliError(error: unknown): CliError | undefined {
  if (error instanceof CliError) return error;
  if (error instanceof JournalError) return known(JOURNAL_EXITS[error.code], error);
  if (error instanceof VenueError) return known(VENUE_EXITS[error.code], error);
  // A file of the state folder; a mirror's file is a problem of the mirror and ends nothing.
  if (error instanceof FileError) return known(EXIT.permission, error);
  // An account that has stopped says what stopped it. Its class is the engine's, which not every command loads.
  const { code, cause, name } = (error ?? {}) as {
    readonly code?: unknown;
    readonly cause?: unknown;
    readonly name?: unknown;
  };
  const exits = name === "PlanError" ? PLAN_EXITS : name === "ChangeError" ? CHANGE_EXITS : {};
  const planExit = exits[String(code)];
  if (planExit !== undefined) return known(planExit, error as Error & { readonly code: string });
  if (code === "account_stopped") return asCliError(cause);
  return code === "EACCES" || code === "EPERM" ? forbidden(error as NodeJS.ErrnoException) : undefined;
}

/** Whatever this user may not touch: most often the state folder of another one. */
function forbidden(error: NodeJS.ErrnoException): CliError {
  const what = error.path === undefined ? error.message : `${error.path} (${error.code})`;
  const text = `This user has no permission for ${what}. Run trueup as the user whose state folder it is, or name another configuration with --config FILE.`;
  return new CliError(EXIT.permission, "no_permission", text, { cause: error });
}

function known(exit: ExitCode, error: Error & { readonly code: string }): CliError {
  return new CliError(exit, error.code, error.message, { cause: error });
}

/**
 * Runs what restores an account from its journal. A record that somebody altered may still be JSON and make the fold
 * fail somewhere: the chain tells whether that is the reason, and names the record.
 */
export async function restoring<T>(
  journal: Pick<Journal, "verify">,
  account: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (asCliError(error)) throw error;
    const { problems } = await journal.verify(account);
    const [first] = problems;
    if (!first) throw error;
    throw new JournalError(
      "journal_corrupt",
      `The journal of account ${account}: ${first.detail}. "trueup journal verify" names every such record; restore a backup, or move the journal away to start a new one.`,
      { cause: error },
    );
  }
}
