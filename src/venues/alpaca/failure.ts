// Failures of a call in words for a person: what was found, what was expected, what to do. Never a key or a secret.

/**
 * How every problem begins that says that the keys were refused: whoever composes the program tells authentication
 * trouble (exit code 5) from an outage by it.
 */
export const AUTH_PROBLEM = "Alpaca refused the keys";

/** Names of the settings that the keys come from; never their values. */
export interface KeyNames {
  readonly keyId: string;
  readonly secret: string;
}

export interface FailureWords {
  readonly environment: "paper" | "live";
  readonly keyNames: KeyNames;
  readonly timeoutMs: number;
  /** Taken out of whatever the venue or the network says. */
  readonly secrets: readonly string[];
}

/** Longest piece of a venue's message that is repeated. In characters. */
const MESSAGE_MAX = 120;

/** What an HTTP error of the package tells. */
interface HttpFailure {
  readonly status: number;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

export function describeFailure(what: string, error: unknown, words: FailureWords): string {
  return isHttpFailure(error) ? httpText(what, error, words) : networkText(what, error, words);
}

/** What the venue or the network said: cut short, and without the keys. */
export function cleanMessage(message: string, { secrets }: FailureWords): string {
  // Taken out before it is cut: half a secret would not be found.
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, "***"), message).slice(0, MESSAGE_MAX);
}

function httpText(what: string, error: HttpFailure, words: FailureWords): string {
  const { status, retryAfterMs, message } = error;
  if (status === 401 || status === 403) {
    return `${AUTH_PROBLEM} (HTTP ${status}) when asked for ${what}: check that ${words.keyNames.keyId} and ${words.keyNames.secret} are set, belong together and were made for the ${words.environment} environment`;
  }
  if (status === 429) {
    // Alpaca allows about 200 requests a minute and key (its package's rate-limit.ts, 4.0.2, read 2026-11): where it
    // does not say when, a minute is long enough.
    const wait = Math.ceil((retryAfterMs ?? 60_000) / 1_000);
    return `rate limited when asked for ${what}, retry after ${wait} s; other programs with the same keys count too`;
  }
  return `${what} were answered with HTTP ${status} (${cleanMessage(message, words)}); expected 200. The next pass asks again`;
}

function networkText(what: string, error: unknown, words: FailureWords): string {
  const cause = rootCause(error);
  if (cause.name === "TimeoutError") {
    return `no answer within ${words.timeoutMs / 1_000} s when asked for ${what}; the next pass asks again`;
  }
  const code = "code" in cause && typeof cause.code === "string" ? `${cause.code}: ` : "";
  return `Alpaca (${words.environment}) could not be asked for ${what} (${code}${cleanMessage(cause.message, words)}); look at the network and the address, the next pass asks again`;
}

/** The innermost error: the package and fetch each wrap what the network said. */
export function rootCause(error: unknown): Error {
  let at = error instanceof Error ? error : new Error(String(error));
  for (let depth = 0; depth < 5 && at.cause instanceof Error; depth += 1) at = at.cause;
  return at;
}

function isHttpFailure(error: unknown): error is HttpFailure {
  return error instanceof Error && "status" in error && typeof error.status === "number";
}
