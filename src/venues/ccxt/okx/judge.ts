// What an answer of OKX's to a read means: its envelope has a code of its own, which counts more than the HTTP status.
// @see https://www.okx.com/docs-v5/en/#error-code-rest-api (read 2026-11)
import type { Answer } from "../../wire/answer.ts";
import { isObject } from "../../wire/fields.ts";
import { authProblem, cleanMessage, describeFailure, type FailureWords } from "../../wire/words.ts";

/** The order is not there: of a look-up. */
const NOT_FOUND: ReadonlySet<string> = new Set(["51603", "51620"]);
/** Keys, passphrase, signature, address of the caller, environment. */
const KEYS = /^501(?:0[13-7]|1[0-4]|19|20)$/;

export function judge(what: string, status: number, value: unknown, words: FailureWords): Answer {
  const code = isObject(value) && typeof value.code === "string" ? value.code : undefined;
  if (code === undefined || !isObject(value)) {
    const message = typeof value === "string" ? value : "an answer without a code";
    const error = Object.assign(new Error(message), { status });
    return { kind: "failed", problem: describeFailure(what, error, words) };
  }
  if (code === "0") return { kind: "answer", value: value.data };
  const said = `code ${code} (${cleanMessage(String(value.msg ?? ""), words)})`;
  if (NOT_FOUND.has(code)) return { kind: "notFound", code, message: said };
  if (KEYS.test(code)) {
    const { keyNames, environment } = words;
    const problem = `${authProblem(words.venue)} (${said}) when asked for ${what}: check ${keyNames.keyId}, ${keyNames.secret} and the passphrase, the addresses that the key is bound to, and that it was made for the ${environment} environment`;
    return { kind: "failed", problem };
  }
  if (code === "50011" || code === "50061") {
    const problem = `rate limited when asked for ${what} (${said}); other programs with the same keys count too`;
    return { kind: "failed", problem };
  }
  return {
    kind: "failed",
    problem: `${what} were answered with ${said}; expected code 0. The next pass asks again`,
  };
}
