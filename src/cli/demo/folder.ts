// The demo's folder, `.trueup/demo`: made anew for each demo, and never while another trueup is at work in it. Both
// locks are taken before anything is removed: the demo's own, and that of the state which a daemon may have.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CliError, EXIT } from "../../daemon/exit.ts";
import { takeLock } from "../../daemon/lock.ts";
import { daemonOf } from "../../daemon/registry.ts";
import { prepareStateDir } from "../../daemon/state-dir.ts";

/** Of SQLite's lock file, with what SQLite lays beside it. */
const LOCK_PREFIX = "trueup.lock";

export interface DemoFolder {
  readonly path: string;
  /** Lets the next demo in. */
  release(): void;
}

/** @throws CliError 75 when somebody is at work there. */
export function takeFolder(cwd: string): DemoFolder {
  const path = join(cwd, ".trueup", "demo");
  const stateDir = join(path, "state");
  prepareStateDir(stateDir);
  const release = takeLock(path);
  if (!release) throw busy(stateDir);
  const releaseState = takeLock(stateDir);
  if (!releaseState) {
    release();
    throw busy(stateDir);
  }
  try {
    sweep(stateDir, []);
    sweep(path, ["state"]);
  } catch (error) {
    release();
    throw error;
  } finally {
    // The daemon takes it again; whoever is quicker keeps what is there, which is nothing yet.
    releaseState();
  }
  return { path, release };
}

function sweep(folder: string, kept: readonly string[]): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(LOCK_PREFIX) || kept.includes(name)) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function busy(stateDir: string): CliError {
  const daemon = daemonOf(stateDir);
  const who = daemon ? `A demo (pid ${daemon.pid})` : "Another trueup";
  const text = `${who} is at work in this folder; its state is left alone. Look at it with "trueup status", end it with Ctrl-C where it runs, or start this one in another folder.`;
  return new CliError(EXIT.retry, "demo_running", text);
}
