// Reading an account for the read commands: from its journal, read-only, whether or not a daemon runs.
import { existsSync } from "node:fs";
import type { Book, GateReason, ViewName, ViewRow } from "../core/index.ts";
import { policyOf } from "../daemon/accounts.ts";
import { chosenAccounts, type LoadedConfig } from "../daemon/config-file.ts";
import { CliError, EXIT } from "../daemon/exit.ts";
import { readLatch } from "../daemon/latch.ts";
import type { Parts } from "../daemon/parts.ts";
import { daemonOf } from "../daemon/registry.ts";
import { journalFile } from "../daemon/state-dir.ts";
import { restoring } from "../daemon/trouble.ts";
import { type AccountStatus, accountStatus, type KillLatch, readTail, restoreBook } from "../engine/index.ts";
import type { Journal } from "../journal/index.ts";

export interface AccountRead {
  readonly name: string;
  readonly book: Book;
  readonly status: AccountStatus;
  view(name: ViewName): Promise<ViewRow[]>;
}

/** Opens the journal read-only and hands over each chosen account. */
export async function withAccounts<T>(
  parts: Parts,
  loaded: LoadedConfig,
  account: string | undefined,
  work: (accounts: readonly AccountRead[], journal: Journal) => Promise<T>,
): Promise<T> {
  const chosen = chosenAccounts(loaded.config, account);
  const journal = await openReadOnly(parts, loaded);
  try {
    const accounts = await Promise.all(
      chosen.map(async ([name, config]): Promise<AccountRead> => {
        const book = await restoring(journal, name, () => restoreBook(journal, name));
        const tail = await journal.tail(name);
        const isLive = daemonOf(loaded.stateDir) !== undefined;
        closeUnlessKnown(book, readLatch(loaded.stateDir, name), isLive, parts.runtime.clock.nowMs());
        const { intervalMs, exits } = policyOf(loaded, config);
        const status = accountStatus({
          book,
          tail: readTail(tail?.state),
          venue: config.venue,
          intervalMs,
          areExitsWatched: exits !== null,
          nowMs: parts.runtime.clock.nowMs(),
          isLive,
        });
        return { name, book, status, view: (view) => journal.view(view, name) };
      }),
    );
    return await work(accounts, journal);
  } finally {
    await journal.close();
  }
}

/** The gate as a bot must take it: without a daemon nobody keeps it, so it is closed; a latch kills. */
function closeUnlessKnown(book: Book, latch: KillLatch | null, isLive: boolean, nowMs: number): void {
  const reasons: GateReason[] = [...book.gate.account];
  const reason = (code: string, state: GateReason["state"], text: string): GateReason => ({
    code,
    state,
    text,
    evidence: [],
    sinceMs: nowMs,
    deadlineMs: null,
  });
  if (latch && !book.kill) {
    const { by, atMs, isAll } = latch;
    book.kill = { reason: latch.reason, by, atMs, ...(isAll && { isAll }) };
    reasons.push(reason("kill", "killed", `killed by ${by}: ${latch.reason} (latched for the next boot)`));
  }
  if (!isLive) reasons.push(reason("no_daemon", "halted", "no daemon keeps the gate; unknown means closed"));
  book.gate = { ...book.gate, account: reasons };
}

/** Who has just killed an account that was never read must not take it for open. */
function latchedText({ config, stateDir }: LoadedConfig): string {
  const killed = Object.keys(config.accounts).filter((name) => readLatch(stateDir, name) !== null);
  return killed.length === 0 ? "" : ` Killed, and so from the first start on: ${killed.join(", ")}.`;
}

export async function openReadOnly(parts: Parts, loaded: LoadedConfig): Promise<Journal> {
  const file = journalFile(loaded.stateDir);
  if (!existsSync(file)) {
    throw new CliError(
      EXIT.unresolved,
      "no_journal",
      `There is no journal in ${loaded.stateDir} yet: nothing has been read. Start "trueup run --config ${loaded.file}", or make one pass with "trueup reconcile --config ${loaded.file}".${latchedText(loaded)}`,
    );
  }
  return parts.openJournal(file, true);
}
