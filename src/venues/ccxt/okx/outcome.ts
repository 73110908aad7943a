// What OKX's answer to a command proves. It has a code for the request and one for the order in it (sCode); only documented
// refusals are refusals. ccxt's error classes say otherwise: it has a busy system and a used-up limit under one class.
// @see https://www.okx.com/docs-v5/en/#error-code-rest-api-trade-class (read 2026-11)
// @see node_modules/ccxt 4.5.84, js/src/okx.js, exceptions.exact (the codes with OKX's words, read 2026-11)
import type { CommandOutcome } from "../../venue.ts";
import { isObject } from "../../wire/fields.ts";
import { parsed } from "../../wire/json.ts";
import type { Reply } from "../../wire/once.ts";
import { unknown, unsent } from "../../wire/outcome.ts";
import { cleanMessage, type FailureWords } from "../../wire/words.ts";

/**
 * May have come after the order was placed, whatever else is said of their kind: a time-out that "does not indicate success
 * or failure of order", a system that failed, one that is busy, an order that timed out; and a client order id that exists
 * already, because an order with it may be at work.
 */
const UNKNOWN: ReadonlySet<string> = new Set([
  "50001",
  "50004",
  "50005",
  "50013",
  "50026",
  "51011",
  "51016",
  "51149",
  "51410",
]);

/** Refused before it was looked at: parameters, limits, account, keys. */
const OF_REQUEST = /^50(?:00[0236789]|01[0-24-9]|02[0-57-8]|0[3-9]\d|1\d\d)$/;
/** Reasons of the order's own, of a cancellation, an amendment, a stop. */
const OF_ORDER = /^(?:51[0-9]\d\d|54\d\d\d)$/;

export type Kind = "refused" | "unknown";

/** What a code proves; what is in no table proves nothing. */
export function kindOf(code: string): Kind {
  if (UNKNOWN.has(code)) return "unknown";
  return OF_REQUEST.test(code) || OF_ORDER.test(code) ? "refused" : "unknown";
}

/** @param idField Where the answer names the order: `ordId`, of a stop `algoId`. */
export function outcomeOf(
  reply: Reply,
  words: FailureWords,
  idOf: (row: Readonly<Record<string, unknown>>) => string | undefined,
): CommandOutcome {
  if (reply.kind === "notSent") return unsent(reply.problem, reply.retryAfterMs);
  if (reply.kind === "lost") return unknown(reply.problem);
  const value = parsed(reply.text);
  const code = isObject(value) && typeof value.code === "string" ? value.code : undefined;
  if (!isObject(value) || code === undefined) {
    return unknown(`HTTP ${reply.status} without OKX's code; nothing says that it had no effect`);
  }
  const rows = Array.isArray(value.data) ? value.data : [];
  const [row] = rows;
  if (isObject(row) && rows.length === 1 && typeof row.sCode === "string") {
    const said = `code ${row.sCode} (${cleanMessage(String(row.sMsg ?? ""), words)})`;
    if (row.sCode !== "0") return ofCode(row.sCode, said);
    const venueOrderId = idOf(row);
    if (code !== "0" || venueOrderId === undefined) return unknown(`${said} without an order's id`);
    return { kind: "accepted", venueOrderId };
  }
  const said = `code ${code} (${cleanMessage(String(value.msg ?? ""), words)})`;
  return code === "0" || code === "1" || code === "2"
    ? unknown(`${said}; expected the answer to one command`)
    : ofCode(code, said);
}

/** The answer to the account's countdown: when it ends, which is 0 where it was turned off. */
export function outcomeOfSwitch(reply: Reply, words: FailureWords, isOn: boolean): CommandOutcome {
  if (reply.kind === "notSent") return unsent(reply.problem, reply.retryAfterMs);
  if (reply.kind === "lost") return unknown(reply.problem);
  const value = parsed(reply.text);
  if (!isObject(value) || typeof value.code !== "string") {
    return unknown(`HTTP ${reply.status} without OKX's code; nothing says that it had no effect`);
  }
  const said = `code ${value.code} (${cleanMessage(String(value.msg ?? ""), words)})`;
  if (value.code !== "0") return ofCode(value.code, said);
  const [row] = Array.isArray(value.data) ? value.data : [];
  const ends = isObject(row) && typeof row.triggerTime === "string" ? row.triggerTime : "";
  const isSo = isOn ? /^[1-9]\d+$/.test(ends) : ends === "0";
  return isSo ? { kind: "accepted" } : unknown(`${said} without the countdown's end`);
}

function ofCode(code: string, said: string): CommandOutcome {
  if (kindOf(code) === "refused") return { kind: "rejected", sent: true, reason: said, code };
  return unknown(`${said}; nothing says that it had no effect`);
}
