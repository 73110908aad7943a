// What every command is given: the parts, the terminal, the options that all commands share.
import { type LoadedConfig, loadConfig } from "./config-file.ts";
import { type Io, Output } from "./output.ts";
import type { Parts } from "./parts.ts";

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
  /** The configuration, read when a command first asks for it. */
  load(): LoadedConfig;
}

export function makeContext(parts: Parts, io: Io, options: CommonOptions): Context {
  let loaded: LoadedConfig | undefined;
  return {
    parts,
    io,
    out: new Output(io, options),
    options,
    load: () => {
      loaded ??= loadConfig(io, options.config);
      return loaded;
    },
  };
}

/** A command ends with an exit code, or throws a CliError. */
export type Command<Options = object> = (
  context: Context,
  options: Options,
  ...args: string[]
) => Promise<number>;
