// Messages of OKX's private stream into events of ours. A message of an order carries its last fill; of a liquidation or a
// deleveraging it does so without the trade's id (0), so such a fill is left to the history, which has one.
// @see https://www.okx.com/docs-v5/en/#order-book-trading-trade-ws-order-channel
// @see https://www.okx.com/docs-v5/en/#trading-account-websocket-balance-and-position-channel (both read 2026-11)
import type { Cause } from "../../../core/index.ts";
import type { StreamEvent } from "../../venue.ts";
import { isObject, type Parsed, parseRow } from "../../wire/fields.ts";
import { named, positive, time } from "../rows.ts";
import { instOf, legOf, parseAlgoOrder, parseBalance, parseOrder, parsePosition, SIDE } from "./parse.ts";
import { CATEGORIES, feeOf } from "./parse-history.ts";

export type News = StreamEvent | { readonly kind: "ignored"; readonly reason: string };

type Row = Readonly<Record<string, unknown>>;

/** @param message Parsed with its exact numbers. */
export function eventsOf(message: Row): readonly News[] {
  const { event, arg, data } = message;
  if (typeof event === "string") return [ignored(`${event.slice(0, 40)}: an answer, nothing of the account`)];
  const channel = isObject(arg) ? arg.channel : undefined;
  const rows = Array.isArray(data) ? data : [];
  switch (channel) {
    case "orders":
      return rows.flatMap(orderEvents);
    case "orders-algo":
    case "algo-advance":
      return rows.map((one) => of(parseAlgoOrder(one), (order): StreamEvent => ({ kind: "order", order })));
    case "positions":
      return rows.map((one) => positionEvent(one));
    case "account":
      return rows.flatMap((one) => balanceEvents(isObject(one) ? one.details : undefined));
    case "balance_and_position":
      return rows.flatMap(bothEvents);
    default:
      return [wake(`unknown message of "${String(channel).slice(0, 40)}"`)];
  }
}

function orderEvents(value: unknown): readonly News[] {
  // Its quantities are in other units by direction, and its id is that of the spot pair: a fill would be booked as coins.
  if (isMargin(value)) return [wake("a margin order, which this adapter does not cover")];
  const order = of(parseOrder(value), (row): StreamEvent => ({ kind: "order", order: row }));
  const fill = fillOf(value);
  return fill === undefined ? [order] : [fill, order];
}

/** Undefined where the message tells of no fill. */
function fillOf(value: unknown): News | undefined {
  if (!isObject(value)) return undefined;
  const { tradeId, fillSz, category } = value;
  const hasFill = typeof fillSz === "string" && fillSz !== "" && fillSz !== "0";
  if (typeof tradeId !== "string" || tradeId === "" || !hasFill) return undefined;
  const cause = Object.hasOwn(CATEGORIES, String(category)) ? CATEGORIES[String(category)] : undefined;
  if (cause !== undefined || tradeId === "0") {
    return wake(`a trade of the exchange's own (${String(category).slice(0, 40)}): the history has its id`);
  }
  return of(parseLastFill(value), (fill): StreamEvent => ({ kind: "fill", fill }));
}

function parseLastFill(value: Row) {
  return parseRow(named("the fill", value, "instId"), value, (fields) => {
    const clientOrderId = fields.optionalText("clOrdId");
    return {
      instrument: instOf(fields).symbol,
      leg: legOf(fields),
      tradeId: fields.text("tradeId"),
      venueOrderId: fields.text("ordId"),
      ...(clientOrderId !== undefined && { clientOrderId }),
      side: fields.word("side", SIDE),
      qty: positive(fields, "fillSz"),
      price: positive(fields, "fillPx"),
      ...feeOf(fields, "fillFee", "fillFeeCcy"),
      timestamp: time(fields, "fillTime"),
    };
  });
}

function isMargin(value: unknown): boolean {
  return isObject(value) && value.instType === "MARGIN";
}

function positionEvent(value: unknown, cause?: Cause): News {
  if (isMargin(value)) return ignored("a margin position: this adapter does not cover them");
  return of(
    parsePosition(value),
    ({ row: position }): StreamEvent => ({
      kind: "position",
      position,
      ...(cause !== undefined && { cause }),
    }),
  );
}

function balanceEvents(details: unknown): readonly News[] {
  const rows = Array.isArray(details) ? details : [];
  return rows.map((one) => of(parseBalance(one), (balance): StreamEvent => ({ kind: "balance", balance })));
}

/** What moved both, by `eventType`; a fill is told by its order. */
const EVENT_TYPES: Readonly<Record<string, Cause>> = {
  transferred: "transfer",
  liquidation: "liquidation",
  claw_back: "settlement",
  adl: "adl",
  funding_fee: "funding",
  delivered: "settlement",
  exercised: "exercise",
  settlement: "settlement",
  interest_deduction: "fee",
};

function bothEvents(value: unknown): readonly News[] {
  if (!isObject(value)) return [wake("a message of balances and positions without a row")];
  const cause = EVENT_TYPES[String(value.eventType)];
  const positions = Array.isArray(value.posData) ? value.posData : [];
  return [...positions.map((one) => positionEvent(one, cause)), ...balanceEvents(value.balData)];
}

function of<Row>(parsed: Parsed<Row>, event: (row: Row) => StreamEvent): News {
  return parsed.kind === "problem" ? { kind: "gap", reason: parsed.problem } : event(parsed.row);
}

function wake(reason: string): StreamEvent {
  return { kind: "wake", reason };
}

function ignored(reason: string): News {
  return { kind: "ignored", reason };
}
