// Finding and reading the configuration: the file that was named, the one of the daemon that runs from this
// folder, or one of the usual places.
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import {
  type AccountConfig,
  type Config,
  type ParsedConfig,
  parseConfig,
  parseGiven,
} from "../config/index.ts";
import { realFiles } from "../runtime/real.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Surroundings } from "./parts.ts";
import { runningDaemons } from "./registry.ts";

export interface LoadedConfig {
  readonly file: string;
  /** Relative paths in the file start here. */
  readonly folder: string;
  readonly stateDir: string;
  readonly config: Config;
}

/** What the system's codes mean for whoever named a file. */
const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory, not a file",
  EACCES: "this user may not read it",
};
const USUAL = ["trueup.toml", "configs/paper.toml", "configs/live.toml"];

/** @throws CliError 78 when there is none, or it is wrong; each problem with its line. */
export function loadConfig(io: Surroundings, named: string | undefined): LoadedConfig {
  const file = findConfig(io, named);
  const text = readText(file);
  const folder = dirname(file);
  return loadedFrom(
    parseConfig(text, (path) => fileOf(resolve(folder, path))),
    file,
    folder,
  );
}

/** The same from values that a program made. @param folder Relative paths start here. */
export function loadGiven(given: unknown, folder: string): LoadedConfig {
  const parsed = parseGiven(given, (path) => fileOf(resolve(folder, path)));
  return loadedFrom(parsed, "the given configuration", folder);
}

function loadedFrom(parsed: ParsedConfig, file: string, folder: string): LoadedConfig {
  if (parsed.kind === "invalid") {
    const lines = parsed.problems.map(
      ({ line, text: problem }) => `${file}${line ? `:${line}` : ""}: ${problem}`,
    );
    throw new CliError(EXIT.config, "config_invalid", lines.join("\n"));
  }
  return { file, folder, stateDir: resolve(folder, parsed.config.state_dir), config: parsed.config };
}

/** The file itself: links are followed, also those of a folder whose file is not there yet. */
function fileOf(path: string): string {
  return realFiles.resolve(join(realFiles.resolve(dirname(path)), basename(path)));
}

export function findConfig(io: Surroundings, named: string | undefined): string {
  const asked = named ?? io.env.TRUEUP_CONFIG;
  if (asked !== undefined) return isAbsolute(asked) ? asked : join(io.cwd, asked);
  const running = runningDaemons(io.cwd);
  if (running.length > 1) {
    const files = running.map(({ config }) => `  --config ${config}`).join("\n");
    throw new CliError(
      EXIT.usage,
      "which_config",
      `${running.length} daemons run from this folder; name one:\n${files}`,
    );
  }
  if (running[0]) return running[0].config;
  const found = USUAL.map((name) => join(io.cwd, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new CliError(
    EXIT.config,
    "config_missing",
    `There is no configuration here (looked for ${USUAL.join(", ")} in ${io.cwd}). Write one with "trueup init", or name it with --config FILE.`,
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { code = "", message } = cause as NodeJS.ErrnoException;
    const reason = UNREADABLE[code] ?? message;
    const advice = 'name a configuration with --config FILE, or write one with "trueup init"';
    throw new CliError(EXIT.config, "config_missing", `${file} cannot be read: ${reason}; ${advice}`, {
      cause,
    });
  }
}

/** The accounts that a command is about. @throws CliError 2 for a name that is not there. */
export function chosenAccounts(config: Config, named: string | undefined): [string, AccountConfig][] {
  const all = Object.entries(config.accounts);
  const chosen = all.filter(([name]) => named === undefined || name === named);
  if (chosen.length > 0) return chosen;
  const names = all.map(([name]) => name).join(", ") || "none";
  throw new CliError(
    EXIT.usage,
    "no_account",
    `There is no account "${named}" in the configuration; there are: ${names}`,
  );
}
