// What a venue or the network said, in words for a person: what was found, what was expected, what to do. Never a key,
// a secret or a signature. Every text of an adapter that came from outside goes through here.

/** Longest piece of a venue's message that is repeated. In characters. */
const MESSAGE_MAX = 120;

/** Name of the error by which a transport tells that the rate budget gave nothing (metered.ts). */
export const RATE_REFUSED = "RateRefused";

/** Names of the settings that the keys come from; never their values. */
export interface KeyNames {
  readonly keyId: string;
  readonly secret: string;
}

export interface FailureWords {
  /** As people write it: "Alpaca". */
  readonly venue: string;
  readonly environment: string;
  readonly keyNames: KeyNames;
  /** For one attempt. In ms. */
  readonly timeoutMs: number;
  /** Taken out of whatever the venue or the network says. */
  readonly secrets: readonly string[];
}

/** What an HTTP error tells. */
export interface HttpFailure {
  readonly status: number;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

/** Fields of addresses and bodies whose value lets somebody act as the account, whatever it is. */
const TELLING =
  /((?:^|[?&\s"'{,])"?(?:signature|sign|listenKey|listen_key|api_?key|secret|passphrase)"?\s*[=:]\s*"?)[^&\s"',}]+/gi;

/**
 * Takes every secret out, as it is, as an address and as JSON have it, and the values of fields that always are one. An
 * empty secret is none.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== "")
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
    .reduce((clean, secret) => clean.replaceAll(secret, "***"), text)
    .replace(TELLING, "$1***");
}

/** What the venue or the network said: without secrets, and cut short. */
export function cleanMessage(message: string, { secrets }: Pick<FailureWords, "secrets">): string {
  // Taken out before it is cut: half a secret would not be found.
  return withoutSecrets(message, secrets).slice(0, MESSAGE_MAX);
}

/**
 * How every problem begins that says that the keys were refused: whoever composes the program tells trouble with the keys
 * (exit code 5) from an outage by it.
 */
export function authProblem(venue: string): string {
  return `${venue} refused the keys`;
}

export function isAuthProblem(problem: string): boolean {
  return / refused the keys\b/.test(problem);
}

/** For reads. An error that carries a status is what the venue answered; every other one came from the network. */
export function describeFailure(what: string, error: unknown, words: FailureWords): string {
  const cause = rootCause(error);
  if (cause.name === RATE_REFUSED) return `${what} were not asked for: ${cause.message}`;
  return isHttpFailure(error) ? httpText(what, error, words) : networkText(what, error, words);
}

export function httpText(
  what: string,
  { status, message, retryAfterMs }: HttpFailure,
  words: FailureWords,
): string {
  const { venue, environment, keyNames } = words;
  if (status === 401 || status === 403) {
    return `${authProblem(venue)} (HTTP ${status}) when asked for ${what}: check that ${keyNames.keyId} and ${keyNames.secret} are set, belong together and were made for the ${environment} environment`;
  }
  if (status === 429) {
    // Most limits are counted by the minute: where the venue does not say when, a minute is long enough.
    const wait = Math.ceil((retryAfterMs ?? 60_000) / 1_000);
    return `rate limited when asked for ${what}, retry after ${wait} s; other programs with the same keys count too`;
  }
  return `${what} were answered with HTTP ${status} (${cleanMessage(message, words)}); expected 200. The next pass asks again`;
}

export function networkText(what: string, error: unknown, words: FailureWords): string {
  const cause = rootCause(error);
  if (isTimeout(cause)) {
    return `no answer within ${words.timeoutMs / 1_000} s when asked for ${what}; the next pass asks again`;
  }
  return `${words.venue} (${words.environment}) could not be asked for ${what} (${wordOf(error, words)}); look at the network and the address, the next pass asks again`;
}

/** The innermost error's code and message. */
export function wordOf(error: unknown, words: Pick<FailureWords, "secrets">): string {
  const cause = rootCause(error);
  const code = "code" in cause && typeof cause.code === "string" ? `${cause.code}: ` : "";
  return `${code}${cleanMessage(cause.message, words)}`;
}

/** The innermost error: a package and fetch each wrap what the network said. */
export function rootCause(error: unknown): Error {
  let at = error instanceof Error ? error : new Error(String(error));
  for (let depth = 0; depth < 5 && at.cause instanceof Error; depth += 1) at = at.cause;
  return at;
}

/** @see https://nodejs.org/api/globals.html#class-abortsignal (TimeoutError; read 2026-11) */
export function isTimeout(cause: Error): boolean {
  return cause.name === "TimeoutError";
}

/** An answer that is not JSON, or only a part of it: what a proxy says in the venue's place. */
export function notJsonText(what: string, text: string, contentType: string | null, venue: string): string {
  const found = `${text.length} characters of ${contentType ?? "an unnamed type"} that are not JSON`;
  return `${what} were answered with ${found}, or only with a part of it; expected JSON. If this lasts, look whether something stands between trueup and ${venue} (a proxy, a captive portal)`;
}

function isHttpFailure(error: unknown): error is HttpFailure {
  return error instanceof Error && "status" in error && typeof error.status === "number";
}
