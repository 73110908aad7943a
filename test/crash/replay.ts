// Recorded steps made of a real file by the real SQLite journal, and a file judged as the next start finds it.
import type { DatabaseSync } from "node:sqlite";
import type { Journal } from "../../src/journal/index.ts";
import { openSqliteJournal, type SqliteOptions } from "../../src/journal/sqlite/index.ts";
import type { Timers } from "../../src/runtime/index.ts";
import { ACCOUNT } from "./account.ts";
import { type Content, contentOf, differences } from "./content.ts";
import type { Step } from "./history.ts";

/** A group is committed when the test says so: whatever was appended until then is one transaction. */
export class Turns implements Pick<Timers, "soon"> {
  private readonly due: (() => void)[] = [];

  readonly soon = (work: () => void): void => {
    this.due.push(work);
  };

  end(): void {
    for (const work of this.due.splice(0)) work();
  }
}

const AT_ONCE: Pick<Timers, "soon"> = { soon: (work) => work() };

export function openFile(file: string, more: Partial<SqliteOptions> = {}): Journal {
  return openSqliteJournal({ file, timers: AT_ONCE, ...more });
}

export async function carryOut(journal: Journal, step: Step): Promise<void> {
  if (step.kind === "tail") return journal.setTail(ACCOUNT, step.tail);
  if (step.kind === "checkpoint") return journal.saveCheckpoint(ACCOUNT, step.checkpoint, step.nowMs);
  const result = await journal.append(step.request);
  if (result.kind === "conflict")
    throw new Error(`the file is not where the steps are: ${JSON.stringify(result)}`);
}

/** What is wrong with a file that must be whole, and have this content; empty when all is well. */
export async function judge(file: string, expected: Content, digests: Iterable<string>): Promise<string[]> {
  let journal: Journal | undefined;
  try {
    journal = openFile(file);
    const { problems } = await journal.verify(ACCOUNT);
    const differing = differences(expected, await contentOf(journal, digests));
    return [
      ...problems.map(({ detail }) => detail),
      ...differing.map((part) => `${part}: not what was written`),
    ];
  } catch (error) {
    return [`refused: ${(error as Error).message}`];
  } finally {
    await journal?.close();
  }
}

/** Moves the log into the main file, from another connection of this process, as a running daemon's own connection would. */
export function checkpointWal(db: DatabaseSync, mode: "PASSIVE" | "TRUNCATE"): void {
  db.exec(`PRAGMA wal_checkpoint(${mode})`);
}
