// Errors of the library: whatever was foreseen, wherever it happened, has one class and a stable code.
import { CliError, EXIT } from "../daemon/exit.ts";
import { asCliError } from "../daemon/trouble.ts";
import { AccountStopped } from "../engine/index.ts";

/** Runs work of the parts below and tells its foreseen errors in the library's class. @throws TrueupError */
export async function telling<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toldAs(error);
  }
}

function toldAs(error: unknown): unknown {
  const known = asCliError(error);
  if (known) return known;
  if (!(error instanceof AccountStopped)) return error;
  return new CliError(EXIT.retry, "account_stopped", error.message, { cause: error });
}

export function closedError(): CliError {
  return new CliError(EXIT.usage, "closed", "this trueup was closed; open another one");
}
