// What an answer to a command proves. Only what Alpaca documents as a refusal is one; whatever is not in this table
// may have come after the order was placed, and is unknown (R5). Every row names its source.
import type { CommandOutcome } from "../venue.ts";
import { isObject } from "../wire/fields.ts";
import { parsed } from "../wire/json.ts";
import type { Reply } from "../wire/once.ts";
import { timed, unknown, unsent } from "../wire/outcome.ts";
import { AUTH_PROBLEM, cleanMessage, type FailureWords } from "./failure.ts";

export type Command = "submit" | "cancel" | "amend";

/**
 * Statuses by which Alpaca refuses, where its own error body comes with them: what a proxy answers in its place
 * proves nothing. All read 2026-11.
 * @see https://github.com/alpacahq/alpaca-docs data/webapi/endpoints/orders.yaml ("errors" of each endpoint)
 * @see https://alpaca.markets/learn/how-to-fix-common-trading-api-errors-at-alpaca (the bodies)
 * @see node_modules/@alpacahq/alpaca-trade-api 4.0.2, src/errors.ts (400 and 422 invalid, 401, 403, 404, 429) and
 * trading/apis/OrdersApi.ts ("if the order is no longer cancelable … status 422; otherwise … 204")
 */
const REFUSALS: Readonly<Record<number, { readonly commands: readonly Command[]; readonly says: string }>> = {
  400: { commands: ["submit", "amend"], says: "the request is invalid" },
  /** Refused before it was looked at: the same request with other keys would be another one. */
  401: { commands: ["submit", "cancel", "amend"], says: AUTH_PROBLEM },
  403: { commands: ["submit", "cancel", "amend"], says: "not permitted, or not enough to pay or sell" },
  404: { commands: ["submit", "cancel", "amend"], says: "there is no such order, asset or account" },
  422: { commands: ["submit", "cancel", "amend"], says: "the order cannot be taken, cancelled or replaced" },
  /** The limit is checked before the request is. @see package 4.0.2 README "Rate limits" */
  429: { commands: ["submit", "cancel", "amend"], says: "too many requests" },
};

/**
 * A refusal that speaks of the client order id is none: most likely an order with this id exists ("client_order_id
 * must be unique", HTTP 422, code 40010001, which stands for other invalid fields too), so it may be at work. The
 * words are matched loosely, because they were spelt in more than one way.
 * @see https://github.com/alpacahq/alpaca-py/issues/260 (read 2026-11)
 */
const OF_CLIENT_ID = /client[\s_-]?order[\s_-]?id/i;

/** A 404 of a command on an order counts only with the venue's own code; others are of a wrong address. */
const NOT_FOUND = "40410000";

/**
 * @param accept Reads the body of a success: an outcome of its own, or why it proves nothing.
 */
export function outcomeOf(
  command: Command,
  reply: Reply,
  words: FailureWords,
  accept: (status: number, text: string) => CommandOutcome,
): CommandOutcome {
  if (reply.kind === "notSent") return unsent(reply.problem, reply.retryAfterMs);
  if (reply.kind === "lost") return unknown(reply.problem);
  const { status, text } = reply;
  if (status >= 200 && status < 300) return accept(status, text);
  return timed(reply, refusalOf(command, status, text, words));
}

function refusalOf(command: Command, status: number, text: string, words: FailureWords): CommandOutcome {
  const body = errorBody(text);
  const said = body === undefined ? "without Alpaca's error body" : cleanMessage(body.message, words);
  const answer = `HTTP ${status}${body?.code === undefined ? "" : `, code ${body.code}`} (${said})`;
  const refusal = REFUSALS[status];
  if (!refusal?.commands.includes(command) || body === undefined) {
    return unknown(`${answer}; nothing says that the command had no effect`);
  }
  if (command !== "cancel" && OF_CLIENT_ID.test(body.message)) {
    return unknown(`${answer}; an order with this client order id may be at work`);
  }
  if (status === 404 && command !== "submit" && body.code !== NOT_FOUND) {
    return unknown(`${answer}; only code ${NOT_FOUND} says that there is no such order`);
  }
  return {
    kind: "rejected",
    sent: true,
    reason: `${refusal.says}: ${answer}`,
    ...(body.code !== undefined && { code: body.code }),
  };
}

interface ErrorBody {
  readonly message: string;
  readonly code?: string;
}

/** Alpaca's `{ code, message }`; the code is missing in some documented bodies. */
function errorBody(text: string): ErrorBody | undefined {
  const value = parsed(text);
  if (!isObject(value) || typeof value.message !== "string" || value.message === "") return undefined;
  return { message: value.message, ...(typeof value.code === "string" && { code: value.code }) };
}
