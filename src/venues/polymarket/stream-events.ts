// What a message of the user channel becomes. A match is told at once, as a fill under the trade's id: the account's list
// of trades names it again, with what it cost. A match that failed in the end is taken back.
import type { FillRow, OrderRow } from "../../core/index.ts";
import type { StreamEvent } from "../venue.ts";
import { isObject } from "../wire/fields.ts";
import { parseOrder } from "./parse.ts";
import { type Owner, parseTrade } from "./parse-trade.ts";

/** `unreadable` may have been a fill. */
export type MessageReading =
  | { readonly kind: "events"; readonly events: readonly StreamEvent[] }
  | { readonly kind: "unreadable"; readonly problem: string };

/** @param nameOrder Puts the account's own name on an order that it sent. */
export function readMessage(
  message: unknown,
  owner: Owner,
  nameOrder: (id: string) => string | undefined = () => undefined,
): MessageReading {
  if (!isObject(message)) return { kind: "unreadable", problem: "a message that is no object" };
  const type = message.event_type;
  if (type === "trade") return ofTrade(message, owner, nameOrder);
  if (type === "order") return ofOrder(message, nameOrder);
  return events([wake(`unknown message "${String(type).slice(0, 40)}"`)]);
}

function ofTrade(
  message: unknown,
  owner: Owner,
  nameOrder: (id: string) => string | undefined,
): MessageReading {
  const parsed = parseTrade(message, owner);
  if (parsed.kind === "problem") return { kind: "unreadable", problem: parsed.problem };
  const { parts, settlement, status, tradeId } = parsed.row;
  if (parts.length === 0) return events([wake(`the trade ${tradeId} is of nobody that is known here`)]);
  const fills = parts.map(({ row }) => provisional(row, nameOrder));
  if (settlement === "failed") {
    const reason = `its settlement failed (${status})`;
    return events(fills.map((fill) => ({ kind: "fillReversed", fill, reason })));
  }
  return events(fills.map((fill) => ({ kind: "fill", fill })));
}

/** Under the trade's id as what joins it (R6): the account's list of trades names it for good, with its fee. */
function provisional(
  { tradeId: _, ...row }: FillRow,
  nameOrder: (id: string) => string | undefined,
): FillRow {
  const clientOrderId = row.venueOrderId === undefined ? undefined : nameOrder(row.venueOrderId);
  return { ...row, ...(clientOrderId !== undefined && { clientOrderId }) };
}

function ofOrder(message: unknown, nameOrder: (id: string) => string | undefined): MessageReading {
  const parsed = parseOrder(message);
  if (parsed.kind === "problem") return events([wake(`an order could not be read: ${parsed.problem}`)]);
  const { row, venueOrderId, oddity } = parsed.row;
  const clientOrderId = nameOrder(venueOrderId);
  const order: OrderRow = { ...row, ...(clientOrderId !== undefined && { clientOrderId }) };
  return events([{ kind: "order", order }, ...(oddity === undefined ? [] : [wake(oddity)])]);
}

function wake(reason: string): StreamEvent {
  return { kind: "wake", reason };
}

function events(all: readonly StreamEvent[]): MessageReading {
  return { kind: "events", events: all };
}
