// What a daemon leaves for the commands: where it listens and who it is, in the state folder and in the folder from
// which it was started. A file alone proves nothing: a daemon is there only while it holds its state folder's lock.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { realFiles } from "../runtime/real.ts";
import { CliError, EXIT } from "./exit.ts";
import { isLocked, takeLock } from "./lock.ts";
import { OWNER_ONLY_FOLDER, prepareStateDir, writeSecret } from "./state-dir.ts";

export interface DaemonFacts {
  readonly pid: number;
  readonly url: string | null;
  readonly config: string;
  readonly stateDir: string;
  readonly version: string;
  readonly startedAtMs: number;
}

const daemonFile = (stateDir: string) => join(stateDir, "daemon.json");
const pointerFolder = (cwd: string) => join(cwd, ".trueup", "daemons");
const pointerFile = (cwd: string, { pid }: DaemonFacts) => join(pointerFolder(cwd), `${pid}.json`);

/** @param cwd The folder whose commands find it without being told where; undefined where none shall. */
export function announceDaemon(cwd: string | undefined, facts: DaemonFacts): void {
  const text = JSON.stringify(facts);
  writeSecret(daemonFile(facts.stateDir), text);
  if (cwd === undefined) return;
  mkdirSync(pointerFolder(cwd), { recursive: true, mode: OWNER_ONLY_FOLDER });
  writeSecret(pointerFile(cwd, facts), text);
}

export function withdrawDaemon(cwd: string | undefined, facts: DaemonFacts): void {
  realFiles.remove(daemonFile(facts.stateDir));
  if (cwd !== undefined) realFiles.remove(pointerFile(cwd, facts));
}

/** The daemon at work on a state folder. */
export function daemonOf(stateDir: string): DaemonFacts | undefined {
  const facts = readFacts(daemonFile(stateDir));
  return facts && isAtWork(facts) ? facts : undefined;
}

/** Daemons that were started from this folder and are still there; what dead ones left is swept away. */
export function runningDaemons(cwd: string): DaemonFacts[] {
  const folder = pointerFolder(cwd);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const facts = readFacts(join(folder, name));
    if (facts && isAtWork(facts)) return [facts];
    realFiles.remove(join(folder, name));
    return [];
  });
}

/** Takes the state folder for this process; the result lets it go. @throws CliError 75 when somebody has it. */
export function lockState(stateDir: string): () => void {
  prepareStateDir(stateDir);
  const unlock = takeLock(stateDir);
  if (unlock) return unlock;
  const daemon = daemonOf(stateDir);
  const who = daemon ? `the daemon with pid ${daemon.pid}` : "another trueup";
  throw new CliError(
    EXIT.retry,
    "state_locked",
    `${who} is at work on ${stateDir}; only one may be. Try again when it has ended.`,
  );
}

function readFacts(file: string): DaemonFacts | undefined {
  try {
    return JSON.parse(realFiles.read(file)?.text ?? "") as DaemonFacts;
  } catch {
    // Not there, or not ours: no daemon can be found through it.
    return undefined;
  }
}

/** After a crash another process may have its pid: the lock tells whether it is the daemon. */
function isAtWork({ pid, stateDir }: DaemonFacts): boolean {
  return isRunning(pid) && isLocked(stateDir);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
