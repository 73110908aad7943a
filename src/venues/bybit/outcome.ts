// What an answer to a command proves. Only what Bybit documents as a refusal is one; whatever is not in these tables may
// have come after the order was placed, and is unknown (R5). Success says that the request was taken, not that the order
// is open: that comes later, by the stream or a read.
// @see https://bybit-exchange.github.io/docs/v5/error
// @see https://bybit-exchange.github.io/docs/v5/order/create-order "This request is asynchronous" (both read 2026-11)
import type { CommandOutcome } from "../venue.ts";
import type { Reply } from "../wire/once.ts";
import { timed, unknown, unsent } from "../wire/outcome.ts";
import { type Envelope, envelopeIn } from "./envelope.ts";

export type Command = "submit" | "cancel" | "amend";

/** The ids that the answer must be about. */
export interface Expected {
  readonly venueOrderId?: string | undefined;
  readonly clientOrderId?: string | undefined;
}

type Range = number | readonly [first: number, last: number];

/** Documented refusals; a pair is all documented codes from the first to the last. */
const REFUSALS: readonly Range[] = [
  // Keys, rights, time, rate, address, region.
  ...[-2015, 33004, 10010, 10017, 10024, 100028],
  ...([
    [10001, 10009],
    [10027, 10029],
  ] as const),
  // Loans and price bounds that forbid the order.
  ...[30228, 30256, 3100181, 3100197, 3100326, 3200320, 3200403, 3400139],
  ...([
    [30133, 30136],
    [30208, 30209],
    [3200316, 3200317],
  ] as const),
  // Contracts and options.
  [110001, 110137],
  // Spot.
  ...[170005, 170019, 170031, 170105, 170121, 170124, 170148, 170151, 170157, 170159, 170213, 170241],
  ...[170341, 170344, 170346, 170348, 170355, 170709, 170810],
  ...([
    [170010, 170011],
    [170033, 170034],
    [170036, 170037],
    [170115, 170117],
    [170130, 170134],
    [170136, 170140],
    [170142, 170145],
    [170191, 170210],
    [170215, 170230],
    [170312, 170313],
    [170358, 170360],
    [170371, 170372],
    [170381, 170382],
  ] as const),
];

/**
 * Codes inside those ranges, or beside them, that prove nothing: time-outs and failures inside Bybit, what is still under
 * way there, and that a client order id is taken, for an order with it may be at work.
 */
export const UNKNOWN_CODES: ReadonlyMap<number, string> = new Map([
  [10000, "Bybit's server timed out"],
  [10014, "the same request was seen before"],
  [10016, "Bybit's server failed, or is restarting"],
  [40004, "the order changed meanwhile"],
  [110072, "the client order id is taken: an order with it may be at work"],
  [170001, "an internal error"],
  [170007, "no answer from Bybit's backend"],
  [170032, "a network error inside Bybit"],
  [170035, "it was handed on for processing"],
  [170141, "the client order id is taken: an order with it may be at work"],
  [170146, "creating the order timed out"],
  [170147, "cancelling the order timed out"],
  [170149, "creating the order failed, without a reason"],
  [170150, "cancelling the order failed, without a reason"],
  [170190, "the cancel has been finished"],
  [170212, "the cancel is being processed"],
  [170234, "a system error"],
  [170310, "amending the order timed out"],
  [170311, "amending the order failed, without a reason"],
]);

/**
 * "The order is processing and can not be operated": of an order at work it refuses the cancel or amendment; a new order
 * has no such state.
 */
const NOT_OF_NEW_ORDERS = new Set([110079]);

/**
 * Refusals before Bybit looks at the request: wrong path or form, keys, address or rate. They count with Bybit's envelope,
 * or with its words for an address that asked too much: what a gateway answers in its place proves nothing.
 * @see https://bybit-exchange.github.io/docs/v5/error "HTTP Code"
 * @see https://bybit-exchange.github.io/docs/v5/rate-limit "403, access too frequent" (both read 2026-11)
 */
const HTTP_REFUSALS: Readonly<Record<number, string>> = {
  400: "the request is malformed",
  401: "the keys are refused",
  403: "forbidden: too many requests from this address, or a region that is not served",
  404: "there is no such path for this account",
  429: "too many requests",
};

/** Whether Bybit refuses this address for some minutes. */
export function isBan(status: number, text: string): boolean {
  return status === 403 && /too frequent/i.test(text);
}

export function isRefusal(code: number, command: Command): boolean {
  if (UNKNOWN_CODES.has(code) || (command === "submit" && NOT_OF_NEW_ORDERS.has(code))) return false;
  return REFUSALS.some((range) =>
    typeof range === "number" ? range === code : range[0] <= code && code <= range[1],
  );
}

/** @param clean Takes keys out of what Bybit said, and cuts it short. */
export function outcomeOf(
  command: Command,
  reply: Reply,
  expected: Expected,
  clean: (text: string) => string,
): CommandOutcome {
  if (reply.kind === "notSent") return unsent(reply.problem, reply.retryAfterMs);
  if (reply.kind === "lost") return unknown(reply.problem);
  const { status, text } = reply;
  const envelope = envelopeIn(text);
  if (envelope === undefined || status !== 200) {
    return timed(reply, ofStatus(status, envelope, isBan(status, text), clean));
  }
  return ofEnvelope(command, envelope, expected, clean);
}

/**
 * The answer to a cancel of all: the orders that it takes up. `success` is told of contracts and options alone.
 * @param most As many as one call takes.
 */
export function outcomeOfAll(reply: Reply, most: number, clean: (text: string) => string): CommandOutcome {
  if (reply.kind === "answer" && reply.status === 200) {
    const envelope = envelopeIn(reply.text);
    if (envelope?.code === "0") {
      const { list, success = "1" } = envelope.result;
      if (!Array.isArray(list) || success !== "1")
        return unknown("an answer that does not say that it was taken");
      return list.length < most
        ? { kind: "accepted" }
        : unknown(`${list.length} orders were taken, which is all that one call takes: there may be more`);
    }
  }
  return outcomeOf("cancel", reply, {}, clean);
}

function ofStatus(
  status: number,
  envelope: Envelope | undefined,
  isBanned: boolean,
  clean: (text: string) => string,
): CommandOutcome {
  const refusal = envelope !== undefined || isBanned ? HTTP_REFUSALS[status] : undefined;
  const said = envelope === undefined ? "" : `, ${clean(envelope.message)}`;
  if (refusal !== undefined) {
    return {
      kind: "rejected",
      sent: true,
      reason: `${refusal} (HTTP ${status}${said})`,
      code: `HTTP ${status}`,
    };
  }
  const found = envelope === undefined ? "without Bybit's envelope" : `with code ${envelope.code}`;
  return unknown(`HTTP ${status} ${found}; nothing says that the command had no effect`);
}

export function ofEnvelope(
  command: Command,
  { code, message, result }: Envelope,
  expected: Expected,
  clean: (text: string) => string,
): CommandOutcome {
  if (code === "0") return accepted(result, expected);
  const said = clean(message);
  const doubt = UNKNOWN_CODES.get(Number(code));
  if (isRefusal(Number(code), command)) {
    return {
      kind: "rejected",
      sent: true,
      reason: `Bybit refuses: ${said || "no word"} (code ${code})`,
      code,
    };
  }
  return unknown(`code ${code} (${said}): ${doubt ?? "not a refusal that Bybit documents"}`);
}

/** A success counts only with the ids of the very order. */
function accepted(result: Envelope["result"], expected: Expected): CommandOutcome {
  const { orderId, orderLinkId } = result;
  const venueOrderId = typeof orderId === "string" && orderId !== "" ? orderId : undefined;
  const clientOrderId = typeof orderLinkId === "string" && orderLinkId !== "" ? orderLinkId : undefined;
  const isOther =
    (expected.venueOrderId !== undefined && venueOrderId !== expected.venueOrderId) ||
    (expected.clientOrderId !== undefined && clientOrderId !== expected.clientOrderId);
  if (venueOrderId === undefined || isOther) {
    return unknown(
      `success for another order (id ${venueOrderId ?? "none"}, client order id ${clientOrderId ?? "none"})`,
    );
  }
  return { kind: "accepted", venueOrderId };
}
