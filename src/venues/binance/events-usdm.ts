// Messages of the USD-M user data stream into events of ours. Fills have the same ids here and in the list of trades, so
// they need no join. Positions are stated absolutely, with the reason why they changed. What cannot be read may have been
// a fill, so it opens a gap.
import type { Cause, FillRow, OrderRow, PositionRow } from "../../core/index.ts";
import type { StreamEvent } from "../venue.ts";
import { lost } from "../wire/conversation.ts";
import { type Fields, isObject, type Parsed, parseRow } from "../wire/fields.ts";
import {
  forcedBy,
  instrumentOfRow,
  isKnownStatus,
  LEG,
  optionalId,
  optionalPositive,
  optionalTime,
  SIDE,
  statusOf,
  timeOf,
  typeOf,
} from "./parse.ts";
import { feeOf } from "./parse-usdm.ts";
import { algoVenueId } from "./parse-usdm-order.ts";
import type { Symbols } from "./symbols.ts";

/** What a message says beyond its events. */
export interface UsdmReading {
  readonly events: readonly StreamEvent[];
  /** Known, and nothing of the account's state: why nothing is made of it. */
  readonly ignored?: string;
  /** A conditional order that fired: which order goes on in its place. */
  readonly fired?: { readonly orderId: string; readonly algo: OrderRow };
}

/**
 * Why a balance or a position changed; undefined is by trades and settings, which tell themselves.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-Balance-and-Position-Update
 * ("m", read 2026-11)
 */
const REASONS: Readonly<Record<string, Cause | undefined>> = {
  ORDER: undefined,
  MARGIN_TYPE_CHANGE: undefined,
  DEPOSIT: "transfer",
  WITHDRAW: "transfer",
  WITHDRAW_REJECT: "transfer",
  ADMIN_DEPOSIT: "transfer",
  ADMIN_WITHDRAW: "transfer",
  MARGIN_TRANSFER: undefined,
  ASSET_TRANSFER: "transfer",
  COIN_SWAP_DEPOSIT: "transfer",
  COIN_SWAP_WITHDRAW: "transfer",
  AUTO_EXCHANGE: "transfer",
  FUNDING_FEE: "funding",
  ADJUSTMENT: "unexplained",
  INSURANCE_CLEAR: "liquidation",
  OPTIONS_PREMIUM_FEE: "fee",
  OPTIONS_SETTLE_PROFIT: "settlement",
};

/** Messages that say nothing which a pass would have to look at. */
const IGNORED: Readonly<Record<string, string>> = {
  TRADE_LITE: "the same trade comes as ORDER_TRADE_UPDATE, with its fee and its leg",
  MARGIN_CALL: "a warning; the positions are in ACCOUNT_UPDATE",
  STRATEGY_UPDATE: "of Binance's own strategies; their orders come as orders",
  GRID_UPDATE: "of Binance's own grids; their orders come as orders",
};

export function readUsdmMessage(message: unknown, symbols: Symbols): UsdmReading {
  const kind = isObject(message) ? message.e : undefined;
  switch (kind) {
    case "ORDER_TRADE_UPDATE":
      return { events: orderEvents(message, symbols) };
    case "ACCOUNT_UPDATE":
      return { events: accountEvents(message, symbols) };
    case "ALGO_UPDATE":
      return algoEvents(message, symbols);
    case "CONDITIONAL_ORDER_TRIGGER_REJECT":
      return { events: [wake("a conditional order was refused when it fired")] };
    case "ACCOUNT_CONFIG_UPDATE":
      return { events: [wake("leverage or a mode of the account was changed")] };
    default:
      if (typeof kind !== "string") return { events: lost("a message without a kind came on the stream") };
      if (Object.hasOwn(IGNORED, kind)) return { events: [], ignored: IGNORED[kind] ?? "" };
      return { events: [wake(`unknown message "${kind.slice(0, 40)}"`)] };
  }
}

interface OrderUpdate {
  readonly order: OrderRow;
  readonly fill?: FillRow;
  /** Something was executed, and the message does not say under which trade id. */
  readonly isUnnamedFill: boolean;
}

/**
 * A liquidation's executions say CALCULATED instead of TRADE; both are fills where a quantity was executed. One without a
 * trade id is not booked from here: its row in the list of trades has the id, and two keys would be two fills.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-Order-Update
 * (read 2026-11)
 */
function orderEvents(message: unknown, symbols: Symbols): readonly StreamEvent[] {
  const parsed = parseRow("ORDER_TRADE_UPDATE", message, (fields) =>
    parseOrderUpdate(fields.object("o"), timeOf(fields, "T"), symbols),
  );
  if (parsed.kind === "problem") return lost(parsed.problem);
  const { order, fill, isUnnamedFill } = parsed.row;
  const state: StreamEvent[] = [{ kind: "order", order }];
  if (!isKnownStatus(order.venueStatus))
    state.push(wake(`an order is in the unknown state "${order.venueStatus}"`));
  if (isUnnamedFill)
    return [...state, ...lost("a forced execution without a trade id"), wake("forced execution")];
  // The fill first: what it fills is in the order's own figures already.
  return fill === undefined ? state : [{ kind: "fill", fill }, ...state];
}

function parseOrderUpdate(o: Fields, atMs: number, symbols: Symbols): OrderUpdate {
  const instrument = instrumentOfRow(o, symbols, "s");
  const clientOrderId = o.optionalText("c");
  const venueOrderId = o.text("i");
  const side = o.word("S", SIDE);
  const leg = o.optionalText("ps") === undefined ? "net" : o.word("ps", LEG);
  const filledQty = o.decimal("z");
  const executed = optionalPositive(o, "l");
  const execution = o.text("x");
  const qty = optionalPositive(o, "q");
  const price = optionalPositive(o, "p");
  const triggerPrice = optionalPositive(o, "sp");
  const avgPrice = optionalPositive(o, "ap");
  const scale = o.scale("ap");
  const reduceOnly = o.optionalBoolean("R");
  const order: OrderRow = {
    instrument,
    leg,
    venueOrderId,
    ...(clientOrderId !== undefined && { clientOrderId }),
    side,
    type: typeOf(o.text("o")),
    ...(qty !== undefined && { qty }),
    filledQty,
    ...(price !== undefined && { price }),
    ...(triggerPrice !== undefined && { triggerPrice }),
    ...(avgPrice !== undefined && { avgPrice }),
    ...(avgPrice !== undefined && scale !== undefined && { avgPriceScale: scale }),
    ...statusOf(o.text("X"), filledQty),
    ...(reduceOnly !== undefined && { reduceOnly }),
    updatedAt: atMs,
  };
  const isExecution = execution === "TRADE" || execution === "CALCULATED";
  if (!isExecution || executed === undefined) return { order, isUnnamedFill: false };
  const tradeId = optionalId(o, "t");
  if (tradeId === undefined) return { order, isUnnamedFill: true };
  const executedPrice = optionalPositive(o, "L");
  const forced = forcedBy(clientOrderId) ?? (execution === "CALCULATED" ? "liquidation" : undefined);
  const fill: FillRow = {
    instrument,
    leg,
    tradeId,
    venueOrderId,
    ...(clientOrderId !== undefined && { clientOrderId }),
    side,
    qty: executed,
    ...(executedPrice !== undefined && { price: executedPrice }),
    ...feeOf(o, "n", "N"),
    timestamp: optionalTime(o, "T") ?? atMs,
    venueSeq: Number(tradeId),
    ...(forced !== undefined && { forced }),
  };
  return { order, fill, isUnnamedFill: false };
}

/**
 * Positions here are absolute: `pa` 0 is flat, also with `ps` BOTH. Only what changed is in it; funding of a crossed
 * position brings balances alone.
 */
function accountEvents(message: unknown, symbols: Symbols): readonly StreamEvent[] {
  const parsed = parseRow("ACCOUNT_UPDATE", message, (fields) => {
    const update = fields.object("a");
    return {
      reason: update.text("m"),
      atMs: timeOf(fields, "T"),
      balances: update.optionalList("B") ?? [],
      positions: update.optionalList("P") ?? [],
    };
  });
  if (parsed.kind === "problem") return [wake(parsed.problem)];
  const { reason, atMs, balances, positions } = parsed.row;
  const cause = Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined;
  const unknown = Object.hasOwn(REASONS, reason)
    ? []
    : [wake(`the account changed for the unknown reason "${reason}"`)];
  return [
    ...balances.flatMap((one) => eventsOf(parseUpdatedBalance(one))),
    ...positions.flatMap((one) =>
      eventsOf(parseUpdatedPosition(one, atMs, symbols), (position) => ({
        kind: "position",
        position,
        ...(cause !== undefined && { cause }),
      })),
    ),
    ...unknown,
    ...(cause === undefined ? [] : [wake(`the account changed: ${reason}`)]),
  ];
}

function parseUpdatedBalance(value: unknown): Parsed<StreamEvent> {
  return parseRow("the balance of ACCOUNT_UPDATE", value, (fields) => ({
    kind: "balance",
    balance: { asset: fields.text("a"), total: fields.decimal("wb") },
  }));
}

function parseUpdatedPosition(value: unknown, atMs: number, symbols: Symbols): Parsed<PositionRow> {
  return parseRow("the position of ACCOUNT_UPDATE", value, (fields) => {
    const entryPrice = optionalPositive(fields, "ep");
    const scale = fields.scale("ep");
    return {
      instrument: instrumentOfRow(fields, symbols, "s"),
      leg: fields.optionalText("ps") === undefined ? "net" : fields.word("ps", LEG),
      qty: fields.decimal("pa"),
      ...(entryPrice !== undefined && { entryPrice }),
      ...(entryPrice !== undefined && scale !== undefined && { entryPriceScale: scale }),
      updatedAt: atMs,
    };
  });
}

function eventsOf<Row>(
  parsed: Parsed<Row>,
  event: (row: Row) => StreamEvent = (row) => row as StreamEvent,
): readonly StreamEvent[] {
  return parsed.kind === "row" ? [event(parsed.row)] : [wake(parsed.problem)];
}

/**
 * The algo service's orders. When one fires, `ai` is the order that goes on; what that one does comes as
 * ORDER_TRADE_UPDATE.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/user-data-streams/Event-Algo-Order-Update
 * (read 2026-11)
 */
function algoEvents(message: unknown, symbols: Symbols): UsdmReading {
  const parsed = parseRow("ALGO_UPDATE", message, (fields) => {
    const o = fields.object("o");
    const clientOrderId = o.optionalText("caid");
    const qty = optionalPositive(o, "q");
    const price = optionalPositive(o, "p");
    const triggerPrice = optionalPositive(o, "tp");
    const closes = o.optionalBoolean("cp") ?? false;
    const order: OrderRow = {
      instrument: instrumentOfRow(o, symbols, "s"),
      leg: o.optionalText("ps") === undefined ? "net" : o.word("ps", LEG),
      venueOrderId: algoVenueId(o.text("aid")),
      ...(clientOrderId !== undefined && { clientOrderId }),
      side: o.word("S", SIDE),
      type: typeOf(o.text("o")),
      ...(qty !== undefined && { qty }),
      ...(price !== undefined && { price }),
      ...(triggerPrice !== undefined && { triggerPrice }),
      reduceOnly: closes || (o.optionalBoolean("R") ?? false),
      ...statusOf(o.text("X"), undefined),
      updatedAt: timeOf(fields, "T"),
    };
    return { order, orderId: optionalId(o, "ai") };
  });
  if (parsed.kind === "problem") return { events: [wake(parsed.problem)] };
  const { order, orderId } = parsed.row;
  const events: StreamEvent[] = [{ kind: "order", order }];
  if (!isKnownStatus(order.venueStatus))
    events.push(wake(`a conditional order is in the unknown state "${order.venueStatus}"`));
  if (orderId === undefined) return { events };
  return { events: [...events, wake("a conditional order fired")], fired: { orderId, algo: order } };
}

function wake(reason: string): StreamEvent {
  return { kind: "wake", reason };
}
