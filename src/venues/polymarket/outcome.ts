// What an answer to a command proves. Only what Polymarket documents as a refusal is one; whatever is not in this table
// may have come after the order was placed, and is unknown (R5). Sentences are matched, because nothing else tells two
// refusals apart: the CLOB has one field for all, and few codes.
import type { CommandOutcome } from "../venue.ts";
import { isObject } from "../wire/fields.ts";
import { parsed } from "../wire/json.ts";
import type { Reply } from "../wire/once.ts";
import { timed, unknown, unsent } from "../wire/outcome.ts";
import { AUTH_PROBLEM, cleanMessage, type FailureWords } from "./failure.ts";

export type Command = "submit" | "cancel";

interface Rule {
  /** Undefined: whatever the status is, a success included. */
  readonly status?: number;
  readonly says: RegExp;
  readonly of: readonly Command[];
  readonly outcome: "rejected" | "unknown";
  readonly meaning: string;
}

const ALL: readonly Command[] = ["submit", "cancel"];
const SUBMIT: readonly Command[] = ["submit"];

/**
 * The first rule that fits counts. What says that the order exists, or that something broke while it was placed, comes
 * first: those are no refusals.
 * @see https://docs.polymarket.com/resources/error-codes (all sentences)
 * @see https://docs.polymarket.com/trading/orders/overview "Error Messages" (the codes in capitals)
 * @see https://docs.polymarket.com/trading/matching-engine (425, the modes answered with 503; all read 2026-11)
 */
const RULES: readonly Rule[] = [
  unknownRule(/duplicated|INVALID_ORDER_DUPLICATED/i, "an order with this hash is there already"),
  unknownRule(
    /delayed|ORDER_DELAYED|DELAYING_ORDER_ERROR/i,
    "its matching is delayed, it may still come to it",
  ),
  unknownRule(/EXECUTION_ERROR|INVALID_ORDER_ERROR\b/, "something failed while it was placed or executed"),
  rejectedRule(401, /unauthorized|invalid api key|invalid l1 request headers/i, AUTH_PROBLEM, ALL),
  rejectedRule(
    403,
    /restricted in your region|geoblock|not available in your/i,
    "not permitted from this region",
    ALL,
  ),
  rejectedRule(425, /./, "the matching engine is restarting", ALL),
  rejectedRule(429, /too many requests|rate limit/i, "too many requests", ALL),
  rejectedRule(503, /trading is currently disabled/i, "trading is paused", ALL),
  rejectedRule(503, /currently cancel-only/i, "only cancels are taken", SUBMIT),
  rejectedRule(undefined, /post-only mode/i, "only post-only orders and cancels are taken", SUBMIT),
  rejectedRule(
    undefined,
    /not enough balance|NOT_ENOUGH_BALANCE/i,
    "not enough balance or allowance",
    SUBMIT,
  ),
  rejectedRule(
    undefined,
    /minimum tick size|INVALID_ORDER_MIN_TICK_SIZE/i,
    "the price is not on a tick",
    SUBMIT,
  ),
  rejectedRule(
    undefined,
    /lower than the minimum|INVALID_ORDER_MIN_SIZE/i,
    "smaller than the market's least size",
    SUBMIT,
  ),
  rejectedRule(
    undefined,
    /invalid expiration|INVALID_ORDER_EXPIRATION/i,
    "the expiration is in the past",
    SUBMIT,
  ),
  rejectedRule(undefined, /invalid nonce/i, "the nonce is invalid", SUBMIT),
  rejectedRule(undefined, /post-only order|INVALID_POST_ONLY/i, "a post-only order would match", SUBMIT),
  rejectedRule(undefined, /crosses the book/i, "the order crosses the book", SUBMIT),
  rejectedRule(
    undefined,
    /FOK orders are fully filled or killed|FOK_ORDER_NOT_FILLED/i,
    "it could not be filled whole",
    SUBMIT,
  ),
  rejectedRule(undefined, /no orders found to match with FAK/i, "there was nothing to fill it with", SUBMIT),
  rejectedRule(undefined, /not yet ready to process|MARKET_NOT_READY/i, "the market is not open yet", SUBMIT),
  rejectedRule(undefined, /order canceled in the CTF/i, "the order was cancelled on the chain", SUBMIT),
  rejectedRule(
    400,
    /order owner has to be|order signer address has to be/i,
    "the wallet, its signer and the API key do not belong together",
    SUBMIT,
  ),
  rejectedRule(
    400,
    /maker address not allowed/i,
    "this kind of wallet may not trade; see signature_type",
    SUBMIT,
  ),
  rejectedRule(400, /address banned|closed only mode/i, "the account may not open positions", SUBMIT),
  rejectedRule(400, /order_version_mismatch/i, "the exchange takes orders of another version", SUBMIT),
  rejectedRule(400, /invalid order payload|invalid orderID/i, "the request is malformed", ALL),
];

/**
 * @param accept Reads the body of a success: an outcome of its own, or why it proves nothing.
 */
export function outcomeOf(
  command: Command,
  reply: Reply,
  words: FailureWords,
  accept: (body: Readonly<Record<string, unknown>>) => CommandOutcome,
): CommandOutcome {
  if (reply.kind === "notSent") return unsent(reply.problem, reply.retryAfterMs);
  if (reply.kind === "lost") return unknown(reply.problem);
  const { status, text } = reply;
  const body = parsed(text);
  if (!isObject(body)) return unknown(`HTTP ${status} with an answer that is no object of Polymarket's`);
  const said = errorOf(body);
  if (said !== undefined && command === "submit" && namesOrder(body))
    return unknown(`HTTP ${status} (${cleanMessage(said, words)}), which names an order all the same`);
  if (said !== undefined) return timed(reply, refusalOf(command, status, said, words));
  if (status >= 200 && status < 300) return accept(body);
  return unknown(
    `HTTP ${status} without a word of Polymarket's; nothing says that the command had no effect`,
  );
}

/** A refusal has no order's id: what has one may be at work. */
function namesOrder({ orderID }: Readonly<Record<string, unknown>>): boolean {
  return typeof orderID === "string" && orderID !== "";
}

/** What the venue complains of: in a body of an error, or in one of a success. */
function errorOf(body: Readonly<Record<string, unknown>>): string | undefined {
  const texts = [body.error, body.errorMsg, body.error_msg].filter((text) => typeof text === "string");
  return texts.find((text) => text.trim() !== "");
}

function refusalOf(command: Command, status: number, said: string, words: FailureWords): CommandOutcome {
  const answer = `HTTP ${status} (${cleanMessage(said, words)})`;
  const rule = RULES.find(
    (one) =>
      (one.status === undefined || one.status === status) && one.of.includes(command) && one.says.test(said),
  );
  const isServerTrouble = status >= 500 && rule?.status !== status && !/post-only mode/i.test(said);
  if (!rule || isServerTrouble) {
    return unknown(`${answer}; nothing says that the command had no effect`);
  }
  if (rule.outcome === "unknown") return unknown(`${answer}; ${rule.meaning}`);
  return { kind: "rejected", sent: true, reason: `${rule.meaning}: ${answer}`, code: String(status) };
}

/**
 * The answer to an order that was taken. Its id must be the hash that was computed before it was sent: anything else may
 * be somebody else's answer.
 * @see https://docs.polymarket.com/trading/orders/overview "Insert Statuses" (read 2026-11)
 */
export function acceptedOrder(
  body: Readonly<Record<string, unknown>>,
  expectedId: string | undefined,
): CommandOutcome {
  const id = typeof body.orderID === "string" ? body.orderID : "";
  const status = typeof body.status === "string" ? body.status : "";
  const named = expectedId === undefined ? "" : `; the order is ${expectedId} if it was taken`;
  if (body.success === false) return unknown(`it says that it did not succeed, and not why${named}`);
  if (id === "") return unknown(`it says that it succeeded, and names no order${named}`);
  if (expectedId !== undefined && id.toLowerCase() !== expectedId.toLowerCase()) {
    return unknown(`the answer is for the order ${id}, and ${expectedId} was sent`);
  }
  if (status === "live" || status === "matched" || status === "unmatched") {
    return { kind: "accepted", venueOrderId: id };
  }
  return unknown(`the order ${id} is "${status}": it was taken and may match later`);
}

/** The answer to a cancel: which orders it ended, and which not, with a reason. The second name came later. */
export function canceledOrder(body: Readonly<Record<string, unknown>>, venueOrderId: string): CommandOutcome {
  const canceled = Array.isArray(body.canceled) ? body.canceled : [];
  if (canceled.includes(venueOrderId)) return { kind: "accepted", venueOrderId };
  const refused = isObject(body.not_canceled) ? body.not_canceled : body.notCanceled;
  const reason = isObject(refused) ? refused[venueOrderId] : undefined;
  if (typeof reason === "string" && reason !== "") {
    return { kind: "rejected", sent: true, reason: `the order was not cancelled: ${reason.slice(0, 120)}` };
  }
  return unknown("the answer names the order neither among the cancelled nor among the others");
}

/** The answer to a cancel of all. */
export function canceledAll(body: Readonly<Record<string, unknown>>): CommandOutcome {
  const refused = body.not_canceled ?? body.notCanceled;
  if (!Array.isArray(body.canceled) || !isObject(refused)) {
    return unknown("the answer names neither what was cancelled nor what was not");
  }
  const count = Object.keys(refused).length;
  return count === 0
    ? { kind: "accepted" }
    : unknown(`${count} orders were not cancelled; each is for a cancel of its own`);
}

function unknownRule(says: RegExp, meaning: string): Rule {
  return { says, of: SUBMIT, outcome: "unknown", meaning };
}

function rejectedRule(
  status: number | undefined,
  says: RegExp,
  meaning: string,
  of: readonly Command[],
): Rule {
  return { ...(status !== undefined && { status }), says, of, outcome: "rejected", meaning };
}
