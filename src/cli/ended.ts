// The end that somebody asks for: Ctrl-C, or a signal from outside.
import { EXIT } from "../daemon/exit.ts";

/** Resolves with the first signal to end; a second one ends at once. */
export function ended(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(EXIT.interrupted));
        resolve(signal);
      });
    }
  });
}
