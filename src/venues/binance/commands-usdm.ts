// Submit, cancel and amend of USD-M futures: each sends its request once and says what is known then. Conditional orders go
// to another service than the others.
import type { OrderLookup, OrderRow } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type {
  AmendCommand,
  CancelAllCommand,
  CancelCommand,
  CommandOutcome,
  DeadManCommand,
  OrderQuery,
  SubmitCommand,
} from "../venue.ts";
import type { Parsed } from "../wire/fields.ts";
import { ended, isOver, unknown, unsent } from "../wire/outcome.ts";
import type { FailureWords } from "../wire/words.ts";
import { amendRequest, usdmRequest } from "./order-request.ts";
import { errorBody, outcomeOf } from "./outcome.ts";
import { algoIdOf, algoVenueId, type OrderFacts, parseAlgoOrder, parseOrder } from "./parse-usdm-order.ts";
import type { Send } from "./sender.ts";
import type { Symbols } from "./symbols.ts";
import type { Params } from "./transport.ts";

const ORDER = "/fapi/v1/order";
const ALGO_ORDER = "/fapi/v1/algoOrder";

/**
 * How old an amendment may be when it is sent: what was decided on an order that was looked up longer ago may no longer
 * be meant. The default of `send_deadline_ms`. In ms.
 */
const AMEND_AGE_MS_MAX = 2_000;

export interface UsdmCommandParts {
  readonly send: Send;
  readonly words: FailureWords;
  readonly clock: Clock;
  readonly symbols: Symbols;
  readonly positionMode: "net" | "hedge";
  /** The order as it is now, also where it was a conditional one. */
  readonly lookup: (query: OrderQuery) => Promise<OrderLookup>;
}

export async function submitUsdm(command: SubmitCommand, parts: UsdmCommandParts): Promise<CommandOutcome> {
  const { send, symbols, positionMode } = parts;
  const wanted = usdmRequest(command, symbols.symbolOf(command.instrument), positionMode);
  if (wanted.kind === "problem") return unsent(wanted.problem);
  const { service, params } = wanted;
  const reply = await send("POST", service === "algo" ? ALGO_ORDER : ORDER, params);
  const parse = service === "algo" ? parseAlgoOrder : parseOrder;
  return outcomeOf("submit", reply, contextOf(parts), (body) =>
    acceptedRow(parse(body, symbols), command.instrument, command.clientOrderId),
  );
}

/**
 * By the venue's id where there is one. By the client's id alone it is not known which service has the order: the matching
 * engine is asked first, and where it has no such order, the algo service. Nothing has to be read for it, so that a cancel
 * works also while reads do not.
 */
export async function cancelUsdm(command: CancelCommand, parts: UsdmCommandParts): Promise<CommandOutcome> {
  const { instrument, venueOrderId, clientOrderId } = command;
  const symbol = parts.symbols.symbolOf(instrument);
  if (symbol === undefined) return unsent(`${instrument} is no instrument of USD-M futures`);
  const algoId = algoIdOf(venueOrderId);
  if (algoId !== undefined) return cancelFiredToo(instrument, algoId, parts);
  if (venueOrderId !== undefined) return cancelPlain({ symbol, orderId: venueOrderId }, parts);
  if (clientOrderId === undefined) return unsent("an order cannot be cancelled without an id");
  const plain = await cancelPlain({ symbol, origClientOrderId: clientOrderId }, parts);
  if (plain.kind !== "rejected" || !isNotOpen(plain)) return plain;
  const conditional = await cancelAlgo({ clientAlgoId: clientOrderId }, parts);
  return conditional.kind === "rejected" && isNotOpen(conditional) ? plain : conditional;
}

/**
 * All open orders of one symbol, those of the algo service too. Binance answers that the operation is done, and names none:
 * rows say which orders are gone.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Cancel-All-Open-Orders (read 2026-11)
 * @see node_modules/binance 3.6.5, usdm-client.js (cancelAllOpenOrders, cancelAllAlgoOpenOrders)
 */
export async function cancelAllUsdm(
  { instrument }: CancelAllCommand,
  parts: UsdmCommandParts,
): Promise<CommandOutcome> {
  const symbol = instrument === undefined ? undefined : parts.symbols.symbolOf(instrument);
  if (symbol === undefined) return unsent("Binance cancels all orders of one USD-M instrument at once");
  const done = async (path: string) =>
    outcomeOf("cancel", await parts.send("DELETE", path, { symbol }), contextOf(parts), (body) =>
      errorBody(body)?.code === "200"
        ? { kind: "accepted" }
        : unknown("an answer that does not say that it is done"),
    );
  const both = await Promise.all([done("/fapi/v1/allOpenOrders"), done("/fapi/v1/algoOpenOrders")]);
  const problems = both.flatMap((one) => (one.kind === "accepted" ? [] : [one.reason]));
  return problems.length === 0 ? { kind: "accepted" } : unknown(problems.join("; "));
}

/**
 * The countdown of one symbol: Binance cancels its open orders at the end, and looks about every 10 ms. It answers with the
 * symbol and the time that it took; 0 stops the countdown. Whether conditional orders go too is not documented.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Auto-Cancel-All-Open-Orders
 * (weight 10; every 30 s with 120 s as the example; read 2026-11)
 * @see node_modules/binance 3.6.5, usdm-client.js (setCancelOrdersOnTimeout)
 */
export async function deadManUsdm(
  { instrument, timeoutMs }: DeadManCommand,
  parts: UsdmCommandParts,
): Promise<CommandOutcome> {
  const symbol = instrument === undefined ? undefined : parts.symbols.symbolOf(instrument);
  if (symbol === undefined) return unsent("Binance counts down for one USD-M instrument at once");
  const reply = await parts.send("POST", "/fapi/v1/countdownCancelAll", { symbol, countdownTime: timeoutMs });
  return outcomeOf("cancel", reply, contextOf(parts), (body) => {
    const { symbol: named, countdownTime } = body as { symbol?: unknown; countdownTime?: unknown };
    return named === symbol && String(countdownTime) === String(timeoutMs)
      ? { kind: "accepted" }
      : unknown("an answer that does not name this symbol and this countdown");
  });
}

/** A conditional order that has fired meanwhile goes on under another id, and that one is what the cancel means. */
async function cancelFiredToo(
  instrument: string,
  algoId: string,
  parts: UsdmCommandParts,
): Promise<CommandOutcome> {
  const outcome = await cancelAlgo({ algoId }, parts);
  if (outcome.kind !== "rejected" || !outcome.sent) return outcome;
  const found = await parts.lookup({ instrument, venueOrderId: algoVenueId(algoId) });
  if (found.kind !== "row") return outcome;
  const { venueOrderId, status } = found.row;
  if (isOver(found.row)) return { ...outcome, reason: `${outcome.reason}; the order is ${status}` };
  const symbol = parts.symbols.symbolOf(instrument);
  if (venueOrderId === undefined || symbol === undefined || algoIdOf(venueOrderId) !== undefined)
    return outcome;
  return cancelPlain({ symbol, orderId: venueOrderId }, parts);
}

async function cancelPlain(params: Params, parts: UsdmCommandParts): Promise<CommandOutcome> {
  const reply = await parts.send("DELETE", ORDER, params);
  return outcomeOf("cancel", reply, contextOf(parts), (body) => {
    const parsed = parseOrder(body, parts.symbols);
    if (parsed.kind === "problem") return unknown(`an answer that is no order: ${parsed.problem}`);
    const { row } = parsed.row;
    const { orderId, origClientOrderId } = params;
    const isAsked =
      orderId === undefined ? row.clientOrderId === origClientOrderId : row.venueOrderId === orderId;
    if (!isAsked) return unknown(`an answer for another order (${row.venueOrderId})`);
    return accepted(row);
  });
}

async function cancelAlgo(params: Params, parts: UsdmCommandParts): Promise<CommandOutcome> {
  const reply = await parts.send("DELETE", ALGO_ORDER, params);
  return outcomeOf("cancel", reply, contextOf(parts), (body) => {
    const { algoId, clientAlgoId } = body as { algoId?: unknown; clientAlgoId?: unknown };
    const isAsked =
      (typeof algoId === "string" && algoId === params.algoId) ||
      (typeof clientAlgoId === "string" && clientAlgoId === params.clientAlgoId);
    if (!isAsked || typeof algoId !== "string")
      return unknown("an answer that names another conditional order");
    return { kind: "accepted", venueOrderId: algoVenueId(algoId) };
  });
}

/**
 * Changes a limit order where it is; both its quantity and its price are stated anew. Binance cancels an order whose new
 * quantity is not above what is filled, so such a change is refused here, as far as the last look can tell.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api/Modify-Order (read 2026-11)
 */
export async function amendUsdm(command: AmendCommand, parts: UsdmCommandParts): Promise<CommandOutcome> {
  const startedMs = parts.clock.monotonicMs();
  const found = await parts.lookup(command);
  if (found.kind !== "row") return unsent(notFoundText(found, command));
  if (parts.clock.monotonicMs() - startedMs > AMEND_AGE_MS_MAX) {
    return unsent(
      `looking the order up took longer than ${AMEND_AGE_MS_MAX} ms; nothing was sent, try again`,
    );
  }
  if (isOver(found.row)) return ended(unsent(`the order is ${found.row.status} already`), found.row.status);
  const wanted = amendRequest(command, found.row, parts.symbols.symbolOf(command.instrument));
  if (wanted.kind === "problem") return unsent(wanted.problem);
  const reply = await parts.send("PUT", ORDER, wanted.params);
  return outcomeOf("amend", reply, contextOf(parts), (body) =>
    acceptedRow(parseOrder(body, parts.symbols), command.instrument, found.row.clientOrderId),
  );
}

/** A success counts only with the row of the very order: anything else may be somebody else's answer. */
export function acceptedRow(
  parsed: Parsed<OrderFacts>,
  instrument: string,
  clientOrderId: string | undefined,
): CommandOutcome {
  if (parsed.kind === "problem") return unknown(`an answer that is no order: ${parsed.problem}`);
  const { row } = parsed.row;
  if (row.clientOrderId === clientOrderId && row.instrument === instrument) return accepted(row);
  return unknown(
    `an answer for another order (client order id ${row.clientOrderId ?? "none"} of ${row.instrument})`,
  );
}

export function accepted(row: OrderRow): CommandOutcome {
  const { venueOrderId } = row;
  return { kind: "accepted", ...(venueOrderId !== undefined && { venueOrderId }), row };
}

/**
 * "Unknown order sent." says that there is no open order of that id; it may be filled, so nothing is concluded from it.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code (-2011, -2013; read 2026-11)
 */
function isNotOpen({ code }: Extract<CommandOutcome, { kind: "rejected" }>): boolean {
  return code === "-2011" || code === "-2013";
}

export function notFoundText(found: Exclude<OrderLookup, { kind: "row" }>, command: CancelCommand): string {
  const id = command.venueOrderId ?? command.clientOrderId ?? "without an id";
  if (found.kind === "none") return `Binance knows no order ${id}; nothing was sent`;
  return `the order ${id} could not be looked up, so nothing was sent: ${found.problem}`;
}

function contextOf({ words }: { readonly words: FailureWords }) {
  return { market: "usdm", words } as const;
}
