// Submit, cancel and amend at Bybit: each sends its request once and says what is known then. Bybit takes them
// asynchronously: `accepted` is that the request was taken, and the order's own row or the stream says the rest.
import type { OrderLookup } from "../../core/index.ts";
import type { AmendCommand, CancelCommand, CommandOutcome, OrderQuery, SubmitCommand } from "../venue.ts";
import { unsent } from "../wire/outcome.ts";
import { cleanMessage, type FailureWords } from "../wire/words.ts";
import type { BybitClient } from "./client.ts";
import type { Instruments } from "./instruments.ts";
import { orderRequest } from "./order-request.ts";
import { type Command, outcomeOf } from "./outcome.ts";
import type { SpotFilters } from "./spot-filters.ts";
import type { Contract } from "./symbols.ts";

export interface CommandParts {
  readonly client: BybitClient;
  readonly words: FailureWords;
  readonly instruments: Instruments;
  readonly filters: SpotFilters;
  readonly lookup: (query: OrderQuery) => Promise<OrderLookup>;
}

export async function submit(command: SubmitCommand, parts: CommandParts): Promise<CommandOutcome> {
  const contract = parts.instruments.named(command.instrument);
  if (!contract) return unsent(unnamed(command.instrument));
  const wanted = orderRequest(command, contract);
  if (wanted.kind === "problem") return unsent(wanted.problem);
  const { clientOrderId, triggerPrice } = command;
  if (contract.category === "spot") {
    parts.filters.remember(clientOrderId, triggerPrice === undefined ? "Order" : "StopOrder");
  }
  return send("submit", "/v5/order/create", wanted.body, { clientOrderId }, parts);
}

export async function cancel(command: CancelCommand, parts: CommandParts): Promise<CommandOutcome> {
  const found = await target(command, parts);
  if ("problem" in found) return unsent(found.problem);
  return send("cancel", "/v5/order/cancel", found.body, idsOf(command), parts);
}

/** In place: the order keeps its ids. The quantity is the whole one, filled part included. */
export async function amend(command: AmendCommand, parts: CommandParts): Promise<CommandOutcome> {
  const { qty, price, triggerPrice } = command;
  if (qty === undefined && price === undefined && triggerPrice === undefined) {
    return unsent("nothing is to be changed");
  }
  const found = await target(command, parts);
  if ("problem" in found) return unsent(found.problem);
  const { orderFilter: _, ...body } = found.body;
  const changes = {
    ...(qty !== undefined && { qty }),
    ...(price !== undefined && { price }),
    ...(triggerPrice !== undefined && { triggerPrice }),
  };
  return send("amend", "/v5/order/amend", { ...body, ...changes }, idsOf(command), parts);
}

type Target =
  | { readonly problem: string }
  | { readonly body: Readonly<Record<string, unknown>>; readonly contract: Contract };

/**
 * Which order is meant. Bybit looks at the first id alone where both are given, so only one goes out. A conditional order
 * on spot must be called that: where nothing has told yet what it is, it is looked up; if that fails the cancel goes out
 * as it is, because a kill must not wait for a read.
 */
async function target(command: CancelCommand, parts: CommandParts): Promise<Target> {
  const { instrument, venueOrderId, clientOrderId } = command;
  const contract = parts.instruments.named(instrument);
  if (!contract) return { problem: unnamed(instrument) };
  if (venueOrderId === undefined && clientOrderId === undefined) {
    return { problem: "an order cannot be named without an id" };
  }
  const { category, symbol } = contract;
  const id = venueOrderId === undefined ? { orderLinkId: clientOrderId } : { orderId: venueOrderId };
  const known = () => parts.filters.of(venueOrderId, clientOrderId);
  if (category === "spot" && known() === undefined) await parts.lookup(command);
  const orderFilter = category === "spot" ? known() : undefined;
  return { contract, body: { category, symbol, ...id, ...(orderFilter !== undefined && { orderFilter }) } };
}

function idsOf({ venueOrderId, clientOrderId }: CancelCommand) {
  return venueOrderId === undefined ? { clientOrderId } : { venueOrderId };
}

async function send(
  command: Command,
  path: string,
  body: Readonly<Record<string, unknown>>,
  expected: { readonly venueOrderId?: string | undefined; readonly clientOrderId?: string | undefined },
  { client, words }: CommandParts,
): Promise<CommandOutcome> {
  const reply = await client.command(path, body);
  return outcomeOf(command, reply, expected, (text) => cleanMessage(text, words));
}

function unnamed(instrument: string): string {
  return `Bybit has no instrument that is called ${instrument}; expected such as BTC/USDT, BTC/USDT:USDT, BTC/USD:BTC or BTC/USDT:USDT-261225-100000-C`;
}
