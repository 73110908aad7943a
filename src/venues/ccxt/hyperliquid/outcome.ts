// What Hyperliquid's answer to a command proves. Each order of a request is answered by itself; only the errors that
// are documented are refusals, by their words, because Hyperliquid gives no codes. All others may have come after the order
// was placed.
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/error-responses (read 2026-11)
// @see node_modules/ccxt 4.5.84, js/src/hyperliquid.js, exceptions.broad (the messages, read 2026-11)
import type { CommandOutcome } from "../../venue.ts";
import { isObject } from "../../wire/fields.ts";
import { parsed } from "../../wire/json.ts";
import type { Reply } from "../../wire/once.ts";
import { timed, unknown, unsent } from "../../wire/outcome.ts";
import { authProblem, cleanMessage, type FailureWords } from "../../wire/words.ts";

export interface Refusal {
  readonly pattern: RegExp;
  readonly meaning: string;
}

export const REFUSALS: readonly Refusal[] = [
  { pattern: /^Price must be divisible by tick size/, meaning: "the price is no multiple of the tick" },
  { pattern: /^Order must have minimum value of/, meaning: "the order is worth too little" },
  { pattern: /^Insufficient margin to place order/, meaning: "not enough margin" },
  { pattern: /^Reduce only order would increase position/, meaning: "it would not reduce" },
  { pattern: /^Post only order would have immediately matched/, meaning: "it would have traded at once" },
  { pattern: /^Order could not immediately match/, meaning: "nothing was there to trade against at once" },
  { pattern: /^Invalid TP\/SL price/, meaning: "the trigger price is on the wrong side" },
  { pattern: /^No liquidity available for market order/, meaning: "nothing was there to trade against" },
  { pattern: /^Order would (?:increase|flip|be too aggressive)/, meaning: "too much interest is open" },
  { pattern: /open interest (?:is )?(?:at|too|cap)/i, meaning: "too much interest is open" },
  { pattern: /^Insufficient spot balance/, meaning: "not enough of the coin" },
  { pattern: /^Order price too far from oracle/, meaning: "the price is too far from the oracle's" },
  { pattern: /80% away from the reference price/, meaning: "the price is too far away" },
  {
    pattern: /^Order would exceed max(?:imum)? (?:position|margin tier)/i,
    meaning: "the position would be too large",
  },
  { pattern: /^Order has (?:invalid|zero) size/, meaning: "the size is none that it takes" },
  { pattern: /^Order was never placed, already canceled, or filled/, meaning: "there is no such open order" },
  { pattern: /^Too many cumulative requests sent/, meaning: "too many requests for what the account trades" },
  {
    pattern: /^Cannot set scheduled cancel time until enough volume traded/,
    meaning: "the account has not traded enough for a scheduled cancel",
  },
  { pattern: /^Must deposit before performing actions/, meaning: "the account has no money" },
];

/** The wallet may not sign for the account: the request had no effect. */
const WALLET = /^User or API Wallet /;

export function outcomeOf(reply: Reply, words: FailureWords): CommandOutcome {
  return read(reply, words, (value, said) => {
    const statuses = statusesIn(value);
    const [first] = statuses;
    if (statuses.length !== 1 || first === undefined)
      return unknown(`${said}; expected the answer to one command`);
    return ofStatus(first, said, words);
  });
}

/** What a scheduled cancel is answered with: the word for any action that has nothing to tell, or its own name. */
const SCHEDULED: ReadonlySet<unknown> = new Set(["default", "scheduleCancel"]);

/** @see https://docs.chainstack.com/reference/hyperliquid-exchange-schedule-cancel (the answer, read 2026-11) */
export function outcomeOfSchedule(reply: Reply, words: FailureWords): CommandOutcome {
  return read(reply, words, ({ status, response }, said) =>
    status === "ok" && isObject(response) && SCHEDULED.has(response.type)
      ? { kind: "accepted" }
      : unknown(`${said}; nothing says that the cancel is scheduled`),
  );
}

function read(
  reply: Reply,
  words: FailureWords,
  accept: (value: Readonly<Record<string, unknown>>, said: string) => CommandOutcome,
): CommandOutcome {
  if (reply.kind === "notSent") return unsent(reply.problem, reply.retryAfterMs);
  if (reply.kind === "lost") return unknown(reply.problem);
  const { status, text } = reply;
  const said = `HTTP ${status} (${cleanMessage(text, words)})`;
  // Counted by address, before the request is looked at.
  if (status === 429)
    return timed(reply, {
      kind: "rejected",
      sent: true,
      reason: `too many requests: ${said}`,
      code: String(status),
    });
  const value = parsed(text);
  if (status !== 200 || !isObject(value)) return unknown(`${said}; nothing says that it had no effect`);
  if (value.status === "err") return refused(String(value.response), said, words);
  return accept(value, said);
}

function statusesIn(value: Readonly<Record<string, unknown>>): readonly unknown[] {
  const response = isObject(value.response) ? value.response : {};
  const data = isObject(response.data) ? response.data : {};
  return Array.isArray(data.statuses) ? data.statuses : [];
}

function ofStatus(status: unknown, said: string, words: FailureWords): CommandOutcome {
  // A stop that waits has no id in this answer.
  if (status === "success" || status === "waitingForTrigger" || status === "waitingForFill") {
    return { kind: "accepted" };
  }
  if (!isObject(status)) return unknown(`${said}; expected the state of an order`);
  if (typeof status.error === "string") return refused(status.error, said, words);
  const order = [status.resting, status.filled].find(isObject);
  const oid = order?.oid;
  return typeof oid === "string"
    ? { kind: "accepted", venueOrderId: oid }
    : unknown(`${said}; expected an order's id`);
}

function refused(message: string, said: string, words: FailureWords): CommandOutcome {
  if (WALLET.test(message)) {
    const reason = `${authProblem(words.venue)}: the private key may not sign for this wallet (${cleanMessage(message, words)})`;
    return { kind: "rejected", sent: true, reason };
  }
  const refusal = REFUSALS.find(({ pattern }) => pattern.test(message));
  if (!refusal) return unknown(`${said}; no documented refusal`);
  return { kind: "rejected", sent: true, reason: `${refusal.meaning}: ${cleanMessage(message, words)}` };
}
