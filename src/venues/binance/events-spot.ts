// Messages of the spot user data stream into events of ours. They come over the WebSocket API, wrapped with the number of
// the subscription. Fills have the same ids here and in the list of trades, so they need no join.
import { add, type FillRow, type OrderRow } from "../../core/index.ts";
import type { StreamEvent } from "../venue.ts";
import { lost } from "../wire/conversation.ts";
import { type Fields, isObject, parseRow, reject } from "../wire/fields.ts";
import {
  instrumentOfRow,
  isKnownStatus,
  optionalPositive,
  optionalTime,
  SIDE,
  statusOf,
  timeOf,
  typeOf,
} from "./parse.ts";
import { averageOf } from "./parse-spot.ts";
import { feeOf } from "./parse-usdm.ts";
import type { Symbols } from "./symbols.ts";

export interface SpotReading {
  readonly events: readonly StreamEvent[];
  /** Known, and nothing of the account's state: why nothing is made of it. */
  readonly ignored?: string;
}

/** @see https://github.com/binance/binance-spot-api-docs user-data-stream.md (read 2026-11) */
export function readSpotMessage(message: unknown, symbols: Symbols): SpotReading {
  const kind = isObject(message) ? message.e : undefined;
  switch (kind) {
    case "executionReport":
      return { events: executionEvents(message, symbols) };
    case "outboundAccountPosition":
      return { events: balanceEvents(message) };
    case "balanceUpdate":
      return { events: [wake("a deposit, a withdrawal or a transfer")] };
    case "externalLockUpdate":
      return { events: [wake("something outside locked or unlocked a part of a balance")] };
    case "listStatus":
      return { events: [], ignored: "of a list of orders; each of them comes as executionReport" };
    default:
      if (typeof kind !== "string") return { events: lost("a message without a kind came on the stream") };
      return { events: [wake(`unknown message "${kind.slice(0, 40)}"`)] };
  }
}

function executionEvents(message: unknown, symbols: Symbols): readonly StreamEvent[] {
  const parsed = parseRow("executionReport", message, (fields) => ({
    order: orderOf(fields, symbols),
    fill: fillOf(fields, symbols),
  }));
  if (parsed.kind === "problem") return lost(parsed.problem);
  const { order, fill } = parsed.row;
  const events: StreamEvent[] = fill === undefined ? [] : [{ kind: "fill", fill }];
  events.push({ kind: "order", order });
  if (!isKnownStatus(order.venueStatus))
    events.push(wake(`an order is in the unknown state "${order.venueStatus}"`));
  return events;
}

/** While an order is cancelled, `c` is the cancel's own id and `C` the order's. */
function clientIdOf(fields: Fields): Pick<OrderRow, "clientOrderId"> {
  const clientOrderId = fields.optionalText("C") ?? fields.optionalText("c");
  return clientOrderId === undefined ? {} : { clientOrderId };
}

function orderOf(fields: Fields, symbols: Symbols): OrderRow {
  const filledQty = fields.decimal("z");
  const notional = fields.text("o") === "MARKET" ? optionalPositive(fields, "Q") : undefined;
  const qty = optionalPositive(fields, "q");
  const price = optionalPositive(fields, "p");
  const triggerPrice = optionalPositive(fields, "P");
  const createdAt = optionalTime(fields, "O");
  return {
    instrument: instrumentOfRow(fields, symbols, "s"),
    leg: "net",
    venueOrderId: fields.text("i"),
    ...clientIdOf(fields),
    side: fields.word("S", SIDE),
    type: typeOf(fields.text("o")),
    ...(notional !== undefined ? { notional } : qty !== undefined && { qty }),
    filledQty,
    ...(price !== undefined && { price }),
    ...(triggerPrice !== undefined && { triggerPrice }),
    ...averageOf(filledQty, fields.optionalDecimal("Z")),
    ...statusOf(fields.text("X"), filledQty),
    ...(createdAt !== undefined && { createdAt }),
    updatedAt: timeOf(fields, "T"),
  };
}

function fillOf(fields: Fields, symbols: Symbols): FillRow | undefined {
  const qty = optionalPositive(fields, "l");
  if (fields.text("x") !== "TRADE" || qty === undefined) return undefined;
  const tradeId = fields.text("t");
  if (tradeId.startsWith("-")) reject(fields.expected("t", "the id of the trade"));
  const price = optionalPositive(fields, "L");
  return {
    instrument: instrumentOfRow(fields, symbols, "s"),
    leg: "net",
    tradeId,
    venueOrderId: fields.text("i"),
    ...clientIdOf(fields),
    side: fields.word("S", SIDE),
    qty,
    ...(price !== undefined && { price }),
    ...feeOf(fields, "n", "N"),
    timestamp: timeOf(fields, "T"),
    venueSeq: Number(tradeId),
  };
}

function balanceEvents(message: unknown): readonly StreamEvent[] {
  const parsed = parseRow("outboundAccountPosition", message, (fields) => fields.optionalList("B") ?? []);
  if (parsed.kind === "problem") return [wake(parsed.problem)];
  return parsed.row.map((one): StreamEvent => {
    const row = parseRow("the balance of outboundAccountPosition", one, (fields) => {
      const free = fields.decimal("f");
      return { asset: fields.text("a"), total: add(free, fields.decimal("l")), free };
    });
    return row.kind === "row" ? { kind: "balance", balance: row.row } : wake(row.problem);
  });
}

function wake(reason: string): StreamEvent {
  return { kind: "wake", reason };
}
