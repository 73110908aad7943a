// Submit and cancel of spot: each sends its request once and says what is known then.
import type { CancelAllCommand, CancelCommand, CommandOutcome, SubmitCommand } from "../venue.ts";
import { isObject } from "../wire/fields.ts";
import { unknown, unsent } from "../wire/outcome.ts";
import type { FailureWords } from "../wire/words.ts";
import { accepted, acceptedRow } from "./commands-usdm.ts";
import { spotRequest } from "./order-request.ts";
import { outcomeOf } from "./outcome.ts";
import type { Pair } from "./pairs.ts";
import { parseSpotOrder } from "./parse-spot.ts";
import type { Send } from "./sender.ts";
import type { Symbols } from "./symbols.ts";

const ORDER = "/api/v3/order";

export interface SpotCommandParts {
  readonly send: Send;
  readonly words: FailureWords;
  readonly symbols: Symbols;
  readonly pairs: readonly Pair[];
}

/** Only in the account's own pairs: trades of another one would never be read. */
export async function submitSpot(command: SubmitCommand, parts: SpotCommandParts): Promise<CommandOutcome> {
  const pair = parts.pairs.find(({ instrument }) => instrument === command.instrument);
  const wanted = spotRequest(command, pair?.symbol);
  if (wanted.kind === "problem") return unsent(wanted.problem);
  const reply = await parts.send("POST", ORDER, wanted.params);
  return outcomeOf("submit", reply, contextOf(parts), (body) =>
    acceptedRow(parseSpotOrder(body, parts.symbols), command.instrument, command.clientOrderId),
  );
}

/** In any pair: an order that somebody left open elsewhere can be taken away. */
export async function cancelSpot(command: CancelCommand, parts: SpotCommandParts): Promise<CommandOutcome> {
  const { instrument, venueOrderId, clientOrderId } = command;
  const symbol = parts.symbols.symbolOf(instrument);
  if (symbol === undefined) return unsent(`${instrument} is no pair of spot`);
  if (venueOrderId === undefined && clientOrderId === undefined) {
    return unsent("an order cannot be cancelled without an id");
  }
  const ids =
    venueOrderId === undefined ? { origClientOrderId: clientOrderId ?? "" } : { orderId: venueOrderId };
  const reply = await parts.send("DELETE", ORDER, { symbol, ...ids });
  return outcomeOf("cancel", reply, contextOf(parts), (body) => {
    const parsed = parseSpotOrder(body, parts.symbols);
    if (parsed.kind === "problem") return unknown(`an answer that is no order: ${parsed.problem}`);
    const { row } = parsed.row;
    const isAsked =
      venueOrderId === undefined ? row.clientOrderId === clientOrderId : row.venueOrderId === venueOrderId;
    return isAsked ? accepted(row) : unknown(`an answer for another order (${row.venueOrderId})`);
  });
}

/**
 * All open orders of one pair, stops and order lists too. Binance answers with a row for each that it cancelled, and refuses
 * the call (-2011) where there is none: then each order's own cancel says what is known of it.
 * @see https://github.com/binance/binance-spot-api-docs rest-api.md "Cancel All Open Orders on a Symbol" (read 2026-11)
 */
export async function cancelAllSpot(
  { instrument }: CancelAllCommand,
  parts: SpotCommandParts,
): Promise<CommandOutcome> {
  const symbol = instrument === undefined ? undefined : parts.symbols.symbolOf(instrument);
  if (symbol === undefined) return unsent("Binance cancels all orders of one pair at once");
  const reply = await parts.send("DELETE", "/api/v3/openOrders", { symbol });
  return outcomeOf("cancel", reply, contextOf(parts), (body) => {
    const isOfPair = Array.isArray(body) && body.every((row) => isObject(row) && row.symbol === symbol);
    return isOfPair
      ? { kind: "accepted" }
      : unknown("an answer that is no list of cancelled orders of this pair");
  });
}

function contextOf({ words }: SpotCommandParts) {
  return { market: "spot", words } as const;
}
