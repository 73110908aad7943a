// One trueup at a time on a state folder: a lock that the operating system lets go when its process dies, however
// it dies. SQLite's own file lock is used for it, on a file of its own.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CliError, EXIT } from "./exit.ts";

const lockFile = (stateDir: string) => join(stateDir, "trueup.lock");
/** Long enough for somebody who only looks whether the lock is held. In ms. */
const LOOK_MS = 500;

/** Takes the lock; the result lets it go. Undefined when somebody has it. @throws CliError 77 where it cannot be had. */
export function takeLock(stateDir: string): (() => void) | undefined {
  return withLockFile(stateDir, { timeout: LOOK_MS }, (db) => {
    db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;");
    return () => db.close();
  });
}

/** Whether a process that lives has the lock. @throws CliError 77 where that cannot be seen. */
export function isLocked(stateDir: string): boolean {
  if (!existsSync(lockFile(stateDir))) return false;
  const look = withLockFile(stateDir, { readOnly: true, timeout: 0 }, (db) => {
    db.prepare("SELECT count(*) FROM sqlite_master").get();
    db.close();
    return "free";
  });
  return look === undefined;
}

/** Undefined when somebody has the lock. The file stays open after `work`, unless that fails or closes it. */
function withLockFile<T>(
  stateDir: string,
  options: { readonly timeout: number; readonly readOnly?: boolean },
  work: (db: DatabaseSync) => T,
): T | undefined {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(lockFile(stateDir), options);
    return work(db);
  } catch (cause) {
    db?.close();
    if (isBusy(cause)) return undefined;
    throw new CliError(
      EXIT.permission,
      "state_lock",
      `The lock ${lockFile(stateDir)} cannot be used: ${(cause as Error).message}. See that this user may read and write it; if it is damaged, end every trueup on this folder and remove it.`,
      { cause },
    );
  }
}

/** https://www.sqlite.org/rescode.html#busy (read 2026-11-21): SQLITE_BUSY is 5; its extended codes say more above that byte. */
function isBusy(error: unknown): boolean {
  return ((error as { readonly errcode?: number }).errcode ?? 0) % 256 === 5;
}
