// Exit codes: a contract with scripts. The table is in --help, in docs/cli.md and in a test.

export const EXIT = {
  done: 0,
  unexpected: 1,
  usage: 2,
  discrepancy: 3,
  unresolved: 4,
  venue: 5,
  gate: 6,
  corrupt: 7,
  daemon: 69,
  retry: 75,
  permission: 77,
  config: 78,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: "in sync, or done",
  unexpected: "an unexpected error",
  usage: "usage: an unknown command or option",
  discrepancy: "a discrepancy was found, or a scenario failed",
  unresolved: "unresolved: in flight, unwitnessed, unknown or unreadable",
  venue: "the venue cannot be reached, or refuses the keys",
  gate: "the gate is closed, or killed",
  corrupt: "the journal is corrupt",
  daemon: "the daemon cannot be reached",
  retry: "busy: try again later",
  permission: "permission denied",
  config: "the configuration is wrong",
  interrupted: "interrupted",
};

/**
 * An error that was foreseen: its message is for a person, its code for a script. The library exports it as TrueupError.
 */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  /** Stable; what it means and what to do is in docs/errors.md. */
  readonly code: string;

  constructor(exitCode: ExitCode, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TrueupError";
    this.exitCode = exitCode;
    this.code = code;
  }
}

/** What --json writes of an error; docs/cli.md has its fields. */
export interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  readonly exitCode: ExitCode;
}

export function errorDocument({ code, message, exitCode }: CliError): ErrorDocument {
  return { code, message, exitCode };
}
