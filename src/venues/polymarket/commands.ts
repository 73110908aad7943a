// Submit and cancel at Polymarket: each sends its request once and says what is known then. Before an order is made its
// book is read; where that fails nothing is sent. A cancel needs no key of the wallet, only the API credentials.
import type { OrderLookup } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { CancelAllCommand, CancelCommand, CommandOutcome, OrderQuery, SubmitCommand } from "../venue.ts";
import { unknown, unsent } from "../wire/outcome.ts";
import { parseBook } from "./book.ts";
import type { PolymarketClient } from "./client.ts";
import type { FailureWords } from "./failure.ts";
import { type OrderRequest, orderRequest, problemOf } from "./order-request.ts";
import { acceptedOrder, canceledAll, canceledOrder, outcomeOf } from "./outcome.ts";
import type { OwnOrders } from "./own-orders.ts";
import type { OrderSender } from "./sender.ts";
import { type OrderSigner, type SignedOrder, saltOf } from "./signing.ts";
import { tokenId } from "./symbols.ts";

/**
 * How old an order may be when it is sent: what was decided longer ago may no longer be meant. The default of
 * `send_deadline_ms`. In ms.
 */
const SUBMIT_AGE_MS_MAX = 2_000;

export interface CommandParts {
  readonly client: PolymarketClient;
  readonly sender: OrderSender;
  readonly own: OwnOrders;
  readonly clock: Clock;
  readonly words: FailureWords;
  readonly lookup: (query: OrderQuery) => Promise<OrderLookup>;
}

export interface SigningParts {
  readonly signer: OrderSigner;
  readonly privateKey: string;
}

export async function submit(
  command: SubmitCommand,
  parts: CommandParts,
  signing: SigningParts,
): Promise<CommandOutcome> {
  const { clock, client, own, words } = parts;
  const startedMs = clock.monotonicMs();
  const token = tokenId(command.instrument);
  if (token === undefined) return unsent(`${command.instrument} is no token's number`);
  const before = sentBefore(command, own);
  if (before) return before;
  const wrong = problemOf(command);
  if (wrong !== undefined) return unsent(wrong);
  const answer = await client.book(token);
  if (answer.kind !== "answer") {
    const why = answer.kind === "failed" ? answer.problem : answer.message;
    return unsent(`the order book could not be read, so nothing was sent: ${why}`);
  }
  const book = parseBook(answer.value);
  if (book.kind === "problem") return unsent(`nothing was sent: ${book.problem}`);
  if (book.row.token !== token)
    return unsent(`asked for the book of ${token}, Polymarket answered for ${book.row.token}`);
  const wanted = orderRequest(command, book.row);
  if (wanted.kind === "problem") return unsent(wanted.problem);
  const signed = await sign(command, token, wanted.request, book.row.isNegRisk, parts, signing);
  if (clock.monotonicMs() - startedMs > SUBMIT_AGE_MS_MAX) {
    return unsent(`making the order took longer than ${SUBMIT_AGE_MS_MAX} ms; nothing was sent, try again`);
  }
  const meanwhile = sentBefore(command, own);
  if (meanwhile) return meanwhile;
  own.remember(command.clientOrderId, signed.hash);
  const { orderType } = wanted.request;
  const reply = await parts.sender.post((apiKey) =>
    JSON.stringify({ deferExec: false, postOnly: false, order: signed.order, owner: apiKey, orderType }),
  );
  const outcome = outcomeOf("submit", reply, words, (body) => acceptedOrder(body, signed.hash));
  if (outcome.kind === "rejected") own.forget(command.clientOrderId);
  if (outcome.kind !== "unknown" || outcome.reason.includes(signed.hash)) return outcome;
  return unknown(`${outcome.reason}; the order is ${signed.hash} if it was taken`);
}

/** The venue knows an order again only by its hash, and a second later that is another one. */
function sentBefore({ clientOrderId }: SubmitCommand, own: OwnOrders): CommandOutcome | undefined {
  const hash = own.hashOf(clientOrderId);
  if (hash === undefined) return undefined;
  return unknown(`an order of this client order id was sent before, as ${hash}; nothing was sent now`);
}

function sign(
  command: SubmitCommand,
  token: string,
  { makerAmount, takerAmount }: OrderRequest,
  isNegRisk: boolean,
  { clock }: CommandParts,
  { signer, privateKey }: SigningParts,
): Promise<SignedOrder> {
  const content = {
    token,
    side: command.side,
    makerAmount,
    takerAmount,
    isNegRisk,
    salt: saltOf(command.clientOrderId),
    // A whole second, so that the order can be recognised by it (recognise.ts).
    timestampMs: Math.floor(clock.nowMs() / 1_000) * 1_000,
  };
  return signer.sign(content, privateKey);
}

export async function cancel(command: CancelCommand, parts: CommandParts): Promise<CommandOutcome> {
  const { clientOrderId } = command;
  const sent = clientOrderId === undefined ? undefined : parts.own.hashOf(clientOrderId);
  const id = command.venueOrderId ?? sent;
  if (id !== undefined) return remove(id, parts);
  const found = await parts.lookup(command);
  if (found.kind === "row" && found.row.venueOrderId !== undefined)
    return remove(found.row.venueOrderId, parts);
  const why = found.kind === "unknown" ? found.problem : "Polymarket knows no order of this client order id";
  return unsent(`nothing was sent: ${why}`);
}

/**
 * All open orders of the wallet. Polymarket names those that it ended and, with a reason, those that it did not: only
 * where there is none of these is the call.
 * @see https://docs.polymarket.com/api-reference/trade/cancel-all-orders (read 2026-11)
 * @see node_modules/@polymarket/clob-client-v2 1.1.0, dist/client.js (cancelAll: DELETE /cancel-all without a body)
 */
export async function cancelAll(
  { instrument }: CancelAllCommand,
  { sender, words }: CommandParts,
): Promise<CommandOutcome> {
  if (instrument !== undefined)
    return unsent("Polymarket cancels all orders of the wallet, not of one token");
  return outcomeOf("cancel", await sender.deleteAll(), words, canceledAll);
}

async function remove(venueOrderId: string, { sender, words }: CommandParts): Promise<CommandOutcome> {
  if (!/^0x[0-9a-f]{64}$/i.test(venueOrderId))
    return unsent(`"${venueOrderId.slice(0, 80)}" is no order's hash`);
  const reply = await sender.delete(venueOrderId);
  return outcomeOf("cancel", reply, words, (body) => canceledOrder(body, venueOrderId));
}
