// What an answer of Kraken's means. It comes with HTTP status 200 also where it failed: the list `error` says so.
// @see https://support.kraken.com/hc/en-us/articles/360001491786-API-error-messages (read 2026-11)
import type { Answer } from "../../wire/answer.ts";
import { isObject } from "../../wire/fields.ts";
import { authProblem, cleanMessage, describeFailure, type FailureWords } from "../../wire/words.ts";
import { errorsOf } from "./ask.ts";

const NOT_FOUND: ReadonlySet<string> = new Set(["EOrder:Unknown order", "EOrder:Invalid order"]);
const KEYS = /^E(API:Invalid (key|signature)|General:Permission denied)/;
const LIMIT = /^E(API:Rate limit exceeded|Service: ?Throttled|General:Temporary lockout)/;
const BUSY = /^EService:(Unavailable|Busy|Market in|Timeout|Deadline)/;

export function judge(what: string, status: number, value: unknown, words: FailureWords): Answer {
  const errors = errorsOf(value);
  if (errors === undefined || !isObject(value)) {
    const message = typeof value === "string" ? value : "an answer without a list of errors";
    return {
      kind: "failed",
      problem: describeFailure(what, Object.assign(new Error(message), { status }), words),
    };
  }
  const [first] = errors;
  if (first === undefined) {
    if (status < 400 && "result" in value) return { kind: "answer", value: value.result };
    return { kind: "failed", problem: `${what} were answered with status ${status} and no result` };
  }
  const said = cleanMessage(errors.join(", "), words);
  if (errors.every((error) => NOT_FOUND.has(error))) return { kind: "notFound", code: first, message: said };
  return { kind: "failed", problem: problemOf(what, first, said, words) };
}

function problemOf(what: string, error: string, said: string, words: FailureWords): string {
  const { keyNames, venue } = words;
  if (KEYS.test(error)) {
    return `${authProblem(venue)} (${said}) when asked for ${what}: check ${keyNames.keyId} and ${keyNames.secret}, and that the key may query funds, open orders and trades, closed orders and trades, and ledger entries`;
  }
  if (LIMIT.test(error)) {
    return `rate limited when asked for ${what} (${said}); other programs with the same key count too`;
  }
  if (error.startsWith("EAPI:Invalid nonce")) {
    return `${what} were refused (${said}): another program uses the same key, or its clock was ahead; give trueup a key of its own`;
  }
  if (BUSY.test(error))
    return `${what} were not answered (${said}): Kraken is busy or closed. The next pass asks again`;
  return `${what} were answered with ${said}; expected no error. The next pass asks again`;
}
