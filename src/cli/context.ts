// What every command is given: the parts, the terminal, the options that all commands share. The configuration is
// read when a command needs it, and so is the code that reads it: a command that only asks the daemon starts fast.
import { isAbsolute, join } from "node:path";
import type { LoadedConfig } from "../daemon/config-file.ts";
import { clientOf, type DaemonClient } from "../daemon/daemon-client.ts";
import type { Parts } from "../daemon/parts.ts";
import { daemonOf, runningDaemons } from "../daemon/registry.ts";
import { type Io, Output } from "./output.ts";

export interface CommonOptions {
  readonly config?: string;
  readonly account?: string;
  readonly json?: boolean;
  readonly color?: boolean;
}

export interface Context {
  readonly parts: Parts;
  readonly io: Io;
  readonly out: Output;
  readonly options: CommonOptions;
  /** Loads what reads a configuration; to be awaited before load(). */
  prepare(): Promise<void>;
  /** The configuration, read when a command first asks for it. */
  load(): LoadedConfig;
  /**
   * The client of the daemon that was started from this folder, known from what it left there: no configuration is
   * read. Undefined where that does not tell, or its API is switched off.
   */
  nearClient(): DaemonClient | undefined;
}

export function makeContext(parts: Parts, io: Io, options: CommonOptions): Context {
  let reading: typeof import("../daemon/config-file.ts") | undefined;
  let loaded: LoadedConfig | undefined;
  return {
    parts,
    io,
    out: new Output(io, options),
    options,
    prepare: async () => {
      reading ??= await import("../daemon/config-file.ts");
    },
    load: () => {
      if (!reading) throw new Error("prepare() comes before load()");
      loaded ??= reading.loadConfig(io, options.config);
      return loaded;
    },
    nearClient: () => {
      const named = options.config ?? io.env.TRUEUP_CONFIG;
      const file = named === undefined || isAbsolute(named) ? named : join(io.cwd, named);
      const running = runningDaemons(io.cwd).filter(({ config }) => file === undefined || config === file);
      const [near, ...others] = running;
      // Where it listens is taken from the state folder alone, which only this user can write.
      const facts = near && others.length === 0 ? daemonOf(near.stateDir) : undefined;
      return facts && facts.url !== null ? clientOf(facts) : undefined;
    },
  };
}

/** A command ends with an exit code, or throws a CliError. */
export type Command<Options = object> = (
  context: Context,
  options: Options,
  ...args: string[]
) => Promise<number>;
