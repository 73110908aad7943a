// An account that the daemon cannot open, or that has stopped: what is said of it, whether it is tried again, and what
// a daemon ends with that could open none.
import type { AlertChannel } from "../alerts/index.ts";
import { JournalError } from "../journal/index.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { asCliError } from "./trouble.ts";

/** How long a stopped account rests before it is opened again. In ms. */
export const REOPEN_MS = 30_000;

/** Trouble that no waiting ends: a person has to restore something, or to take another program. */
const FINAL = ["journal_corrupt", "journal_newer"];
/** Where accounts fail for different reasons, this one decides: what needs a person most comes first. */
const GRAVEST: readonly ExitCode[] = [EXIT.corrupt, EXIT.config, EXIT.permission, EXIT.venue, EXIT.retry];

export interface AccountTrouble {
  readonly account: string;
  /** Stable where it was foreseen. */
  readonly code: string;
  readonly exitCode: ExitCode;
  /** What is wrong, without the account's name. */
  readonly reason: string;
  readonly mayRetry: boolean;
  /** Whether it ever ran in this process. */
  readonly wasOpen: boolean;
  readonly sinceMs: number;
  readonly error: Error;
}

export function troubleOf(
  account: string,
  cause: unknown,
  { wasOpen, nowMs }: { readonly wasOpen: boolean; readonly nowMs: number },
): AccountTrouble {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const known = asCliError(error);
  const { code, exitCode, message } = known ?? new CliError(EXIT.unexpected, "unexpected", error.message);
  const mayRetry = !FINAL.includes(code) && !(error instanceof JournalError && error.isFinal);
  const name = `account ${account}: `;
  const reason = message.startsWith(name) ? message.slice(name.length) : message;
  return { account, code, exitCode, reason, mayRetry, wasOpen, sinceMs: nowMs, error };
}

/** A wrong configuration is nobody's bad luck: the daemon says so and does not start. */
export function isConfigWrong(error: unknown): boolean {
  return asCliError(error)?.exitCode === EXIT.config;
}

/** What is wrong and what happens next, behind the account's name. */
export function reasonText({ reason, mayRetry }: AccountTrouble): string {
  const next = mayRetry
    ? `it is tried again within ${REOPEN_MS / 1_000} s, see the log`
    : "it is not tried again: put that right, then start trueup again";
  return `${reason.replace(/\.$/, "")}; ${next}`;
}

export function troubleText(trouble: AccountTrouble): string {
  const what = trouble.wasOpen ? "has stopped" : "cannot be opened";
  return `account ${trouble.account} ${what}: ${reasonText(trouble)}`;
}

/** Tells people: an account of which nothing is known may not trade, and nobody repairs its copies. */
export function tellTrouble(
  trouble: AccountTrouble,
  channels: readonly AlertChannel[],
  onUndelivered: (channel: string, error: unknown) => void,
): void {
  const { account, code, sinceMs: atMs } = trouble;
  const kind = code === "journal_corrupt" ? ("journal_corrupt" as const) : ("gate_closed" as const);
  const text = `${troubleText(trouble)}; its gate is halted`;
  for (const { name, send } of channels) {
    send({ account, kind, subject: null, text, evidence: [], atMs }).catch((error: unknown) =>
      onUndelivered(name, error),
    );
  }
}

/** Why the daemon does not start: not one account could be opened. */
export function noneOpened(troubles: readonly AccountTrouble[]): CliError {
  const gravest = GRAVEST.map((exit) => troubles.find(({ exitCode }) => exitCode === exit)).find(Boolean);
  const { exitCode, code, error } = gravest ?? (troubles[0] as AccountTrouble);
  const lines = troubles.map(({ account, reason }) => `account ${account}: ${reason}`);
  const text = lines.length === 1 ? lines.join() : `No account can be opened:\n${lines.join("\n")}`;
  return new CliError(exitCode, code, text, { cause: error });
}
