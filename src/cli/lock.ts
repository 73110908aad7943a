// One trueup at a time on a state folder: a lock that the operating system lets go when its process dies, however
// it dies. SQLite's own file lock is used for it, on a file of its own.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CliError, EXIT } from "./exit.ts";
import { daemonOf, prepareStateDir } from "./registry.ts";

/** Takes the lock; the result lets it go. @throws CliError 75 when somebody has it. */
export function lockState(stateDir: string): () => void {
  prepareStateDir(stateDir);
  const db = new DatabaseSync(join(stateDir, "trueup.lock"), { timeout: 0 });
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;");
  } catch (cause) {
    db.close();
    const daemon = daemonOf(stateDir);
    const who = daemon ? `the daemon with pid ${daemon.pid}` : "another trueup";
    throw new CliError(
      EXIT.retry,
      "state_locked",
      `${who} is at work on ${stateDir}; only one may be. Try again when it has ended.`,
      { cause },
    );
  }
  return () => db.close();
}
