// The state folder: where its files are, and secrets that only this user may read.
import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { realFiles } from "../runtime/real.ts";
import { CliError, EXIT } from "./exit.ts";

const OWNER_ONLY_FILE = 0o600;
export const OWNER_ONLY_FOLDER = 0o700;

export const tokenFile = (stateDir: string) => join(stateDir, "api.token");
export const journalFile = (stateDir: string) => join(stateDir, "journal.db");

/** Makes the state folder, for this user alone. */
export function prepareStateDir(stateDir: string): void {
  try {
    makeFolder(stateDir);
  } catch (cause) {
    throw new CliError(
      EXIT.permission,
      "state_dir",
      `The state folder ${stateDir} cannot be made or used: ${(cause as Error).message}. Set state_dir to a folder that this user may write to.`,
      { cause },
    );
  }
}

/** One folder after the other, not "recursive": in some places, such as /proc, Node 24 then never comes back. */
function makeFolder(folder: string): void {
  const isFolder = () => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder()) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder, OWNER_ONLY_FOLDER);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isFolder()) throw error;
  }
}

/** What others may do with the state folder, in words; undefined where nobody else may. A folder that was there is left as it is. */
export function stateDirProblem(stateDir: string): string | undefined {
  const mode = (statSync(stateDir, { throwIfNoEntry: false })?.mode ?? 0) & 0o777;
  if ((mode & 0o077) === 0) return undefined;
  const may = (mode & 0o022) === 0 ? "read" : "read or change";
  return `others may ${may} the state folder ${stateDir} (mode ${mode.toString(8)}), and so the journal. Make it yours alone: chmod 700 ${stateDir}`;
}

/** Writes a file that only this user may read; it is the old one or the new one, never half, and durable. */
export function writeSecret(file: string, text: string): void {
  // The new file takes over the mode of the one that it replaces.
  if (existsSync(file)) chmodSync(file, OWNER_ONLY_FILE);
  realFiles.replace(file, text);
}

/** Undefined when there is none. @throws CliError 77 when others may read it. */
export function readSecret(file: string): string | undefined {
  const there = statSync(file, { throwIfNoEntry: false });
  if (!there) return undefined;
  const mode = there.mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new CliError(
      EXIT.permission,
      "secret_readable",
      `${file} may be read by others (mode ${mode.toString(8)}). Make it yours alone: chmod 600 ${file}`,
    );
  }
  return realFiles.read(file)?.text.trim();
}
