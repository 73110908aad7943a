// Bybit's refusals of a read in words for a person: what was found and what to do.
import { authProblem, cleanMessage, type FailureWords } from "../wire/words.ts";
import type { Envelope } from "./envelope.ts";

export const AUTH_PROBLEM = authProblem("Bybit");

/**
 * What to do about a code, where there is something.
 * @see https://bybit-exchange.github.io/docs/v5/error "UTA" (read 2026-11)
 */
const OF_KEYS = new Set(["10003", "10004", "10005", "10007", "10010", "33004", "-2015"]);
const OF_CLOCK = new Set(["10002", "-1"]);

export function refusalText(what: string, { code, message }: Envelope, words: FailureWords): string {
  const { environment, keyNames } = words;
  const said = cleanMessage(message, words);
  if (OF_KEYS.has(code)) {
    return `${AUTH_PROBLEM} (code ${code}, ${said}) when asked for ${what}: check that ${keyNames.keyId} and ${keyNames.secret} are set, belong together, were made for the ${environment} environment, are not expired, may read, and that this address may use them`;
  }
  if (OF_CLOCK.has(code)) {
    return `Bybit says that the request is out of its time (code ${code}, ${said}) when asked for ${what}: this machine's clock must be within 5 s behind and 1 s ahead of Bybit's; set it by NTP`;
  }
  if (code === "10006")
    return `rate limited when asked for ${what} (code 10006); other programs with the same keys count too`;
  return `${what} were answered with code ${code} (${said}); expected 0. The next pass asks again`;
}
