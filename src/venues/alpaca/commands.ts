// Submit, cancel and amend at Alpaca: each sends its request once and says what is known then. What has to be known
// before (an order's id, how much of it is filled) is looked up first; where that fails nothing is sent.
import { type Decimal, isZero, type OrderLookup, type OrderRow, sign, subtract } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type {
  AmendCommand,
  CancelAllCommand,
  CancelCommand,
  CommandOutcome,
  OrderQuery,
  SubmitCommand,
} from "../venue.ts";
import { parsed } from "../wire/json.ts";
import { ended, isOver, unknown, unsent } from "../wire/outcome.ts";
import type { FailureWords } from "./failure.ts";
import { orderRequest } from "./order-request.ts";
import { outcomeOf } from "./outcome.ts";
import { parseOrder } from "./parse.ts";
import { asWhole } from "./replacements.ts";
import type { OrderSender } from "./sender.ts";

/**
 * How old an amendment may be when it is sent: what was decided on an order that was looked up longer ago may no
 * longer be meant. The default of `send_deadline_ms`. In ms.
 */
const AMEND_AGE_MS_MAX = 2_000;

export interface CommandParts {
  readonly sender: OrderSender;
  readonly clock: Clock;
  readonly words: FailureWords;
  /** The order as it is now, followed through its replacements. */
  readonly lookup: (query: OrderQuery) => Promise<OrderLookup>;
}

export async function submit(
  command: SubmitCommand,
  { sender, words }: CommandParts,
): Promise<CommandOutcome> {
  const wanted = orderRequest(command);
  if (wanted.kind === "problem") return unsent(wanted.problem);
  const { instrument, clientOrderId } = command;
  return outcomeOf("submit", await sender.post(wanted.request), words, (status, text) =>
    acceptedRow(status, text, { instrument, clientOrderId }, (row) => row),
  );
}

export async function cancel(command: CancelCommand, parts: CommandParts): Promise<CommandOutcome> {
  const { instrument, venueOrderId } = command;
  if (venueOrderId !== undefined) return cancelById(instrument, venueOrderId, parts);
  const found = await parts.lookup(command);
  if (found.kind !== "row") return unsent(notFoundText(found, command));
  const { row } = found;
  if (isOver(row)) return ended(unsent(`the order is ${row.status} already`), row.status);
  return remove(row.venueOrderId ?? "", parts);
}

/**
 * All open orders of the account, stops too. Alpaca answers 207 with a status for each: only where every one of them was taken
 * is the call.
 * @see https://docs.alpaca.markets/reference/deleteallorders (207, "id" and "status" of each order; read 2026-11)
 */
export async function cancelAll(
  { instrument }: CancelAllCommand,
  { sender, words }: CommandParts,
): Promise<CommandOutcome> {
  if (instrument !== undefined)
    return unsent("Alpaca cancels all orders of the account, not of one instrument");
  return outcomeOf("cancel", await sender.deleteAll(), words, (status, text) => {
    const rows = parsed(text);
    if (!Array.isArray(rows)) return unknown(`HTTP ${status} without a list of the orders`);
    const refused = rows.filter((row) => !isTaken(row)).length;
    return refused === 0
      ? { kind: "accepted" }
      : unknown(`${refused} of ${rows.length} orders were not taken; each is for a cancel of its own`);
  });
}

function isTaken(row: unknown): boolean {
  const { status } = (row ?? {}) as { readonly status?: unknown };
  return status === "200" || status === "204";
}

/**
 * An order that was replaced goes on under another id, and that one is what a cancel means: where Alpaca refuses the
 * id, the order is looked up, and its present id is cancelled.
 */
async function cancelById(instrument: string, id: string, parts: CommandParts): Promise<CommandOutcome> {
  const outcome = await remove(id, parts);
  const isOfOrder = outcome.kind === "rejected" && /^(?:404|422)/.test(outcome.code ?? "");
  if (!isOfOrder) return outcome;
  const found = await parts.lookup({ instrument, venueOrderId: id });
  if (found.kind !== "row") return outcome;
  const { row } = found;
  if (isOver(row))
    return ended({ ...outcome, reason: `${outcome.reason}; the order is ${row.status}` }, row.status);
  const { venueOrderId } = row;
  return venueOrderId === undefined || venueOrderId === id ? outcome : remove(venueOrderId, parts);
}

async function remove(venueOrderId: string, { sender, words }: CommandParts): Promise<CommandOutcome> {
  return outcomeOf("cancel", await sender.delete(venueOrderId), words, (status) =>
    status === 204
      ? { kind: "accepted", venueOrderId }
      : unknown(`HTTP ${status}; only 204 says that the cancel was taken`),
  );
}

/**
 * The new order is sized by what is left of the whole, because Alpaca counts it anew (replacements.ts). What fills
 * between the look-up and the request is then traded on top: no field of Alpaca's could keep that from happening.
 */
export async function amend(command: AmendCommand, parts: CommandParts): Promise<CommandOutcome> {
  const startedMs = parts.clock.monotonicMs();
  const found = await parts.lookup(command);
  if (found.kind !== "row") return unsent(notFoundText(found, command));
  if (parts.clock.monotonicMs() - startedMs > AMEND_AGE_MS_MAX) {
    return unsent(
      `looking the order up took longer than ${AMEND_AGE_MS_MAX} ms; nothing was sent, try again`,
    );
  }
  const { row } = found;
  const { venueOrderId, filledQty } = row;
  const whole = command.qty ?? row.qty;
  const problem = amendProblem(command, row, whole);
  if (problem !== undefined || venueOrderId === undefined || whole === undefined || filledQty === undefined) {
    return unsent(problem ?? "how much of the order is filled is not known; cancel it and send a new one");
  }
  const { price, triggerPrice, newClientOrderId } = command;
  const isSized = command.qty !== undefined || !isZero(filledQty);
  const reply = await parts.sender.patch(venueOrderId, {
    clientOrderId: newClientOrderId,
    ...(isSized && { qty: subtract(whole, filledQty) }),
    ...(price !== undefined && { limitPrice: price }),
    ...(triggerPrice !== undefined && { stopPrice: triggerPrice }),
  });
  const ids = [...(row.previousVenueOrderIds ?? []), venueOrderId];
  const expected = { instrument: row.instrument, clientOrderId: newClientOrderId };
  return outcomeOf("amend", reply, parts.words, (status, text) =>
    acceptedRow(status, text, expected, (amended) => asWhole(amended, { ids, filled: filledQty })),
  );
}

function amendProblem(command: AmendCommand, row: OrderRow, whole: Decimal | undefined): string | undefined {
  if (isOver(row)) return `the order is ${row.status} already`;
  if (row.notional !== undefined) {
    return "Alpaca does not replace orders by notional; cancel it and send a new one";
  }
  const { qty, price, triggerPrice } = command;
  if (qty === undefined && price === undefined && triggerPrice === undefined)
    return "nothing is to be changed";
  if (whole === undefined || row.filledQty === undefined) return undefined;
  if (sign(subtract(whole, row.filledQty)) > 0) return undefined;
  return `${row.filledQty} are filled already; a whole quantity of ${whole} leaves nothing to order`;
}

/** A success counts only with the row of the very order: anything else may be somebody else's answer. */
function acceptedRow(
  status: number,
  text: string,
  expected: { readonly instrument: string; readonly clientOrderId: string },
  whole: (row: OrderRow) => OrderRow,
): CommandOutcome {
  const first = parseOrder(parsed(text))[0];
  if (first?.kind !== "row") {
    return unknown(`HTTP ${status} with an answer that is no order: ${first?.problem ?? "it has no row"}`);
  }
  const { row } = first.row;
  if (row.clientOrderId !== expected.clientOrderId || row.instrument !== expected.instrument) {
    const found = `${row.clientOrderId ?? "none"} of ${row.instrument}`;
    return unknown(`HTTP ${status} for another order (client order id ${found})`);
  }
  const { venueOrderId } = row;
  return { kind: "accepted", ...(venueOrderId !== undefined && { venueOrderId }), row: whole(row) };
}

function notFoundText(found: Exclude<OrderLookup, { kind: "row" }>, command: CancelCommand): string {
  const id = command.venueOrderId ?? command.clientOrderId ?? "without an id";
  if (found.kind === "none") return `Alpaca knows no order ${id}; nothing was sent`;
  return `the order ${id} could not be looked up, so nothing was sent: ${found.problem}`;
}
