// What an answer of Hyperliquid's to a read means. It answers with what was asked for, without an envelope; what it does not
// take it answers with a plain text and a status.
import type { Answer } from "../../wire/answer.ts";
import { isObject } from "../../wire/fields.ts";
import { describeFailure, type FailureWords } from "../../wire/words.ts";

/** What Hyperliquid says for an order that it does not know. */
const UNKNOWN_OID = "unknownOid";

export function judge(what: string, status: number, value: unknown, words: FailureWords): Answer {
  if (status < 200 || status >= 300) {
    const message = typeof value === "string" ? value : JSON.stringify(value);
    return { kind: "failed", problem: describeFailure(what, httpError(status, message), words) };
  }
  if (isObject(value) && value.status === UNKNOWN_OID) {
    return { kind: "notFound", code: UNKNOWN_OID, message: "no such order" };
  }
  return { kind: "answer", value };
}

function httpError(status: number, message: string): Error {
  return Object.assign(new Error(message), { status });
}
