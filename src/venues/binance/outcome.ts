// What an answer to a command proves. Only what Binance documents as a refusal is one; whatever is not in this table may
// have come after the order was placed, and is unknown (R5). Every row names its source.
import type { ErrorRule } from "../declaration.ts";
import type { CommandOutcome } from "../venue.ts";
import { isObject } from "../wire/fields.ts";
import { parsed } from "../wire/json.ts";
import type { Reply } from "../wire/once.ts";
import { timed, unknown, unsent } from "../wire/outcome.ts";
import { authProblem, cleanMessage, type FailureWords } from "../wire/words.ts";
import type { Market } from "./markets.ts";

export type Command = "submit" | "cancel" | "amend";

const USDM_CODES = "https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code";
const SPOT_CODES = "https://github.com/binance/binance-spot-api-docs errors.md";
const USDM_INFO =
  'https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info "HTTP 503 Status"';
const SPOT_INFO = "https://github.com/binance/binance-spot-api-docs rest-api.md";

/** Codes from one number down to another, both included, that say that nothing was executed. */
interface Refusals {
  readonly codes: readonly (number | readonly [number, number])[];
  readonly markets: readonly Market[];
  readonly says: string;
  readonly source: string;
}

const BOTH: readonly Market[] = ["usdm", "spot"];

/** All read 2026-11. */
const REFUSALS: readonly Refusals[] = [
  { codes: [-1002, -2014, -2015, -2017], markets: BOTH, says: authProblem("Binance"), source: USDM_CODES },
  {
    codes: [-1022],
    markets: BOTH,
    says: `${authProblem("Binance")}: the signature is not valid`,
    source: SPOT_CODES,
  },
  { codes: [-1003, -1015], markets: BOTH, says: "too many requests or orders", source: SPOT_CODES },
  {
    codes: [-1013, -1014, -1020],
    markets: BOTH,
    says: "the request did not reach the matching engine",
    source: SPOT_CODES,
  },
  {
    codes: [-1021, -5028],
    markets: BOTH,
    says: "the clock is outside the venue's window",
    source: SPOT_CODES,
  },
  { codes: [[-1136, -1100]], markets: BOTH, says: "the request is malformed", source: USDM_CODES },
  { codes: [[-1199, -1139]], markets: ["spot"], says: "the request is malformed", source: SPOT_CODES },
  { codes: [-2010], markets: BOTH, says: "the order is refused", source: SPOT_CODES },
  { codes: [-2011, -2013], markets: BOTH, says: "there is no such open order", source: SPOT_CODES },
  { codes: [-2039, -2026], markets: ["spot"], says: "there is no such open order", source: SPOT_CODES },
  {
    codes: [-2018, -2019, [-2028, -2021]],
    markets: ["usdm"],
    says: "not enough margin, or the account's rules forbid it",
    source: USDM_CODES,
  },
  {
    codes: [[-4007, -4001], [-4016, -4013], -4023, -4024, -4045, [-4062, -4060], [-4113, -4112], -4118],
    markets: ["usdm"],
    says: "the order breaks a rule of the symbol or of the account",
    source: USDM_CODES,
  },
  {
    codes: [-4087, -4088, -4089, -4090, -4120, -4131, [-4142, -4135], [-4155, -4151], -4164, -4178, -4192],
    markets: ["usdm"],
    says: "the order breaks a rule of the symbol or of the account",
    source: USDM_CODES,
  },
  {
    codes: [-4183, -4184, -4210, -4211, [-4402, -4400], [-5022, -5021], [-5027, -5024], [-5041, -5037]],
    markets: ["usdm"],
    says: "the order breaks a rule of the symbol or of the account",
    source: `${USDM_CODES}; node_modules/ccxt 4.5.84, js/src/binance.js (exceptions)`,
  },
];

/**
 * Refused before they are looked at; the status alone says it. Not 403: Binance's firewall answers with it, and so may anything
 * between, with a page for people that does not say which request it saw.
 */
const STATUSES: Readonly<Record<number, string>> = {
  418: "this address is banned for too many requests",
  429: "too many requests",
};

/**
 * 5xx says nothing, but for two bodies that USD-M documents as "100% failure". A firewall in between that answers 503 has
 * no such body. `-1008` is counted by its text: "Server is currently overloaded", which came with the same code, is
 * reported to have come for an order that was placed.
 * @see https://github.com/banbox/banbot/issues/114 (read 2026-11)
 */
const FAILED_503: readonly RegExp[] = [
  /^Service Unavailable\.?$/i,
  /^Request throttled by system-level protection\b/i,
];

/**
 * An order with this client order id may be at work: of USD-M a code of its own, of spot a sentence.
 * @see https://github.com/binance/binance-spot-api-docs errors.md "Duplicate order sent." (read 2026-11)
 */
const DUPLICATE_CODES = new Set(["-4111", "-4115", "-4116"]);
const DUPLICATE_WORDS = /duplicate/i;

interface ErrorBody {
  readonly code: string;
  readonly message: string;
}

export interface OutcomeContext {
  readonly market: Market;
  readonly words: FailureWords;
}

/** @param accept Reads the body of a success: an outcome of its own, or why it proves nothing. */
export function outcomeOf(
  command: Command,
  reply: Reply,
  context: OutcomeContext,
  accept: (body: unknown) => CommandOutcome,
): CommandOutcome {
  if (reply.kind === "notSent") return unsent(reply.problem, reply.retryAfterMs);
  if (reply.kind === "lost") return unknown(reply.problem);
  const { status, text } = reply;
  const value = parsed(text);
  const body = errorBody(value);
  if (status === 200 && value !== undefined && (body === undefined || body.code === "200"))
    return accept(value);
  return timed(reply, refusalOf(command, status, body, context));
}

function refusalOf(
  command: Command,
  status: number,
  body: ErrorBody | undefined,
  { market, words }: OutcomeContext,
): CommandOutcome {
  const said = body === undefined ? "without Binance's error body" : cleanMessage(body.message, words);
  const answer = `HTTP ${status}${body === undefined ? "" : `, code ${body.code}`} (${said})`;
  if (body !== undefined && isDuplicate(command, body)) {
    return unknown(`${answer}; an order with this client order id may be at work`);
  }
  const says = sayingOf(status, body, market);
  if (says === undefined) return unknown(`${answer}; nothing says that the command had no effect`);
  return {
    kind: "rejected",
    sent: true,
    reason: `${says}: ${answer}`,
    ...(body !== undefined && { code: body.code }),
  };
}

function isDuplicate(command: Command, { code, message }: ErrorBody): boolean {
  return command !== "cancel" && (DUPLICATE_CODES.has(code) || DUPLICATE_WORDS.test(message));
}

function sayingOf(status: number, body: ErrorBody | undefined, market: Market): string | undefined {
  const byStatus = STATUSES[status];
  if (byStatus !== undefined) return byStatus;
  if (body === undefined) return undefined;
  if (status === 503 && market === "usdm") {
    return FAILED_503.some((words) => words.test(body.message)) ? "the venue is overloaded" : undefined;
  }
  return status >= 400 && status < 500 ? refusalByCode(body.code, market)?.says : undefined;
}

function refusalByCode(code: string, market: Market): Refusals | undefined {
  const number = Number(code);
  return REFUSALS.find(
    ({ codes, markets }) =>
      markets.includes(market) &&
      codes.some((one) => (typeof one === "number" ? one === number : one[0] <= number && number <= one[1])),
  );
}

/** An error body that somebody recorded, of a market and with a status that it does not tell: what its code alone says. */
export function outcomeOfBody(value: unknown): CommandOutcome {
  const body = errorBody(value);
  if (body?.code === "200") return { kind: "accepted" };
  if (body === undefined || isDuplicate("submit", body)) return unknown("the order may be at work");
  const refusal = refusalByCode(body.code, "usdm") ?? refusalByCode(body.code, "spot");
  if (refusal === undefined) return unknown(`code ${body.code}; nothing says that there was no effect`);
  return { kind: "rejected", sent: true, reason: refusal.says, code: body.code };
}

/** Binance's `{ code, msg }`. */
export function errorBody(value: unknown): ErrorBody | undefined {
  if (!isObject(value) || typeof value.code !== "string" || typeof value.msg !== "string") return undefined;
  return { code: value.code, message: value.msg };
}

/** The table as people read it. */
export const ERROR_RULES: readonly ErrorRule[] = [
  ...REFUSALS.map(
    ({ codes, markets, says, source }): ErrorRule => ({
      code: `${codes.map((one) => (typeof one === "number" ? one : `${one[1]} to ${one[0]}`)).join(", ")}${markets.length > 1 ? "" : ` (${markets[0]})`}, with HTTP 4xx`,
      meaning: says,
      outcome: "rejected",
      source,
    }),
  ),
  ...Object.entries(STATUSES).map(
    ([status, says]): ErrorRule => ({
      code: `HTTP ${status}`,
      meaning: says,
      outcome: "rejected",
      source: SPOT_INFO,
    }),
  ),
  {
    code: 'HTTP 503 with "Service Unavailable." or "Request throttled by system-level protection…" (usdm)',
    meaning: "overloaded, not executed",
    outcome: "rejected",
    source: USDM_INFO,
  },
  {
    code: '-4111, -4115, -4116, "Duplicate order sent."',
    meaning: "an order with this client order id may be at work",
    outcome: "unknown",
    source: SPOT_CODES,
  },
  {
    code: "-1000, -1001, -1006, -1007, -1008 with another text, every other 5xx, 408, no answer, half an answer",
    meaning: "the execution is not known",
    outcome: "unknown",
    source: SPOT_INFO,
  },
];
