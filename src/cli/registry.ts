// What a daemon leaves for the commands: where it listens, its token (owner-only), and a pointer in the folder
// from which it was started. And what commands leave for a daemon: the kill latch.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { CliError, EXIT } from "./exit.ts";

export interface DaemonFacts {
  readonly pid: number;
  readonly url: string | null;
  readonly config: string;
  readonly stateDir: string;
  readonly version: string;
  readonly startedAtMs: number;
}

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** Makes the state folder, for this user alone. */
export function prepareStateDir(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: OWNER_ONLY_FOLDER });
  } catch (cause) {
    throw new CliError(
      EXIT.permission,
      "state_dir",
      `The state folder ${stateDir} cannot be made: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** Writes a file that only this user may read. */
export function writeSecret(file: string, text: string): void {
  writeFileSync(file, text, { mode: OWNER_ONLY_FILE });
  chmodSync(file, OWNER_ONLY_FILE);
}

/** @throws CliError 77 when others may read it. */
export function readSecret(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new CliError(
      EXIT.permission,
      "secret_readable",
      `${file} may be read by others (mode ${mode.toString(8)}). Make it yours alone: chmod 600 ${file}`,
    );
  }
  return readFileSync(file, "utf8").trim();
}

export const tokenFile = (stateDir: string) => join(stateDir, "api.token");
export const journalFile = (stateDir: string) => join(stateDir, "journal.db");
const daemonFile = (stateDir: string) => join(stateDir, "daemon.json");
const pointerFolder = (cwd: string) => join(cwd, ".trueup", "daemons");

export function announceDaemon(cwd: string, facts: DaemonFacts): void {
  const text = JSON.stringify(facts);
  writeSecret(daemonFile(facts.stateDir), text);
  mkdirSync(pointerFolder(cwd), { recursive: true, mode: OWNER_ONLY_FOLDER });
  writeSecret(join(pointerFolder(cwd), `${facts.pid}.json`), text);
}

export function withdrawDaemon(cwd: string, facts: DaemonFacts): void {
  rmSync(daemonFile(facts.stateDir), { force: true });
  rmSync(join(pointerFolder(cwd), `${facts.pid}.json`), { force: true });
}

/** The daemon of a state folder, if its process is there. */
export function daemonOf(stateDir: string): DaemonFacts | undefined {
  const facts = readFacts(daemonFile(stateDir));
  return facts && isRunning(facts.pid) ? facts : undefined;
}

/** Daemons that were started from this folder and are still there; what dead ones left is swept away. */
export function runningDaemons(cwd: string): DaemonFacts[] {
  const folder = pointerFolder(cwd);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const facts = readFacts(join(folder, name));
    if (facts && isRunning(facts.pid)) return [facts];
    rmSync(join(folder, name), { force: true });
    return [];
  });
}

function readFacts(file: string): DaemonFacts | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as DaemonFacts;
  } catch {
    // Not there, or half written by a process that died: no daemon can be found through it.
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

export interface Latch {
  readonly reason: string;
  readonly by: string;
  readonly atMs: number;
}

const latchFile = (stateDir: string, account: string) => join(stateDir, `kill-${account}.json`);

/** A kill that the next boot honours, whatever state the journal is in. */
export function writeLatch(stateDir: string, account: string, latch: Latch): void {
  prepareStateDir(stateDir);
  writeSecret(latchFile(stateDir, account), JSON.stringify(latch));
}

/** A latch that cannot be read still kills: unknown means closed. */
export function readLatch(stateDir: string, account: string): Latch | null {
  const file = latchFile(stateDir, account);
  if (!existsSync(file)) return null;
  try {
    const latch = JSON.parse(readFileSync(file, "utf8")) as Latch;
    return { reason: String(latch.reason), by: String(latch.by), atMs: Number(latch.atMs) };
  } catch {
    return { reason: "a kill latch that cannot be read", by: "latch file", atMs: statSync(file).mtimeMs };
  }
}

export function removeLatch(stateDir: string, account: string): void {
  rmSync(latchFile(stateDir, account), { force: true });
}
