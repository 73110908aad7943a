// Submit, cancel and amend at Bybit: each sends its request once and says what is known then. Bybit takes them
// asynchronously: `accepted` is that the request was taken, and the order's own row or the stream says the rest.
import type { OrderLookup } from "../../core/index.ts";
import type {
  AmendCommand,
  CancelAllCommand,
  CancelCommand,
  CommandOutcome,
  OrderQuery,
  SubmitCommand,
} from "../venue.ts";
import { unknown, unsent } from "../wire/outcome.ts";
import { cleanMessage, type FailureWords } from "../wire/words.ts";
import type { BybitClient } from "./client.ts";
import type { Instruments } from "./instruments.ts";
import { orderRequest } from "./order-request.ts";
import { type Command, outcomeOf, outcomeOfAll } from "./outcome.ts";
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

/** Kinds of orders on spot; a call that names none reaches the plain ones alone. */
const SPOT_FILTERS = ["Order", "StopOrder", "tpslOrder"];
/** "Futures: cancel up to 500 orders per request; the system picks 500 at random." */
const CANCELED_MAX = 500;

/**
 * All open orders of one instrument, conditional ones too. By settle coin it would reach more with one call, and coins that
 * this account does not watch; and a stop that has to stay in one contract would keep the others from being reached.
 * Bybit lists what it takes up; where that is as many as it takes, there may be more.
 * @see https://bybit-exchange.github.io/docs/v5/order/cancel-all (read 2026-11)
 */
export async function cancelAll(
  { instrument }: CancelAllCommand,
  { client, words, instruments }: CommandParts,
): Promise<CommandOutcome> {
  const contract = instrument === undefined ? undefined : instruments.named(instrument);
  if (!contract) return unsent(unnamed(instrument ?? "nothing"));
  const { category, symbol } = contract;
  const bodies = category === "spot" ? SPOT_FILTERS.map((orderFilter) => ({ orderFilter })) : [{}];
  const all = await Promise.all(
    bodies.map(async (more) => {
      const reply = await client.command("/v5/order/cancel-all", { category, symbol, ...more });
      return outcomeOfAll(reply, CANCELED_MAX, (text) => cleanMessage(text, words));
    }),
  );
  const problems = all.flatMap((one) => (one.kind === "accepted" ? [] : [one]));
  const [first] = problems;
  if (!first) return { kind: "accepted" };
  return all.length === 1 ? first : unknown(problems.map(({ reason }) => reason).join("; "));
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
