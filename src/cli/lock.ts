// One trueup at a time on a state folder: a lock that the operating system lets go when its process dies, however
// it dies. SQLite's own file lock is used for it, on a file of its own.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const lockFile = (stateDir: string) => join(stateDir, "trueup.lock");
/** Long enough for somebody who only looks whether the lock is held. In ms. */
const LOOK_MS = 500;

/** Takes the lock; the result lets it go. Undefined when somebody has it. */
export function takeLock(stateDir: string): (() => void) | undefined {
  const db = new DatabaseSync(lockFile(stateDir), { timeout: LOOK_MS });
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;");
    return () => db.close();
  } catch (error) {
    db.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

/** Whether a process that lives has the lock. */
export function isLocked(stateDir: string): boolean {
  if (!existsSync(lockFile(stateDir))) return false;
  const db = new DatabaseSync(lockFile(stateDir), { readOnly: true, timeout: 0 });
  try {
    db.prepare("SELECT count(*) FROM sqlite_master").get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    db.close();
  }
}

/** https://www.sqlite.org/rescode.html#busy (read 2026-11-21): SQLITE_BUSY is 5. */
function isBusy(error: unknown): boolean {
  return (error as { readonly errcode?: number }).errcode === 5;
}
