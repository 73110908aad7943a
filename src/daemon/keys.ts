// Where a venue's keys come from: the environment, or a file that nobody else on the machine may read. Never the
// configuration itself, and never the command line, which every user of the machine can see.
import { lstatSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { VenueError } from "../venues/index.ts";
import type { VenueContext } from "./parts.ts";

export interface KeySource {
  /** Name of an environment variable. */
  readonly env: string;
  /** Path, relative to the configuration file; wins over the variable. */
  readonly file?: string | undefined;
}

export interface Key {
  /** Empty where nothing is set. */
  readonly value: string;
  /** What to look at when it is wrong: the variable or the file, never the value. */
  readonly name: string;
}

/** A key is some words at most; a longer file is another one. In bytes. */
const KEY_BYTES_MAX = 16_384;

/** @throws VenueError `venue_auth` for a file that is missing, too open, empty or too long. */
export function keyOf({ env, file }: KeySource, context: VenueContext): Key {
  if (file === undefined) return { value: (context.env[env] ?? "").trim(), name: env };
  const path = resolve(context.folder, file);
  return { value: keyIn(path), name: path };
}

function keyIn(path: string): string {
  const found = lookAt(path);
  if (!found.isFile())
    throw refused(`the key file ${path} is not a file; expected a file with the key alone`);
  const mode = found.mode & 0o777;
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    const shown = mode.toString(8).padStart(3, "0");
    throw refused(
      `the key file ${path} can be read by others (mode ${shown}); only its owner may: chmod 600 ${path}`,
    );
  }
  if (found.size > KEY_BYTES_MAX) {
    throw refused(`the key file ${path} has ${found.size} bytes; expected one key, ${KEY_BYTES_MAX} at most`);
  }
  const text = readFileSync(path, "utf8").trim();
  if (text === "") throw refused(`the key file ${path} is empty; expected one key`);
  return text;
}

function lookAt(path: string) {
  try {
    lstatSync(path);
    return statSync(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unreadable";
    const text = `the key file ${path} cannot be read (${code}); make it, with the key alone in it and mode 600`;
    throw new VenueError("venue_auth", text, { cause });
  }
}

function refused(text: string): VenueError {
  return new VenueError("venue_auth", text);
}
