// What the adapter makes of a payload of Alpaca's that somebody recorded: by the same parsers as everywhere, and every
// row of it accounted for. What it is, is told by its shape; a hint is not needed.
import type { PayloadItem, PayloadReading, ReadPayload } from "../payload.ts";
import { isObject } from "../wire/fields.ts";
import { ignored, itemOf, problem, type Row, type RowKind, readRows } from "../wire/items.ts";
import { isActivityEvent, readActivityEvent } from "./activity-events.ts";
import { Executions } from "./executions.ts";
import { type Frame, frameOf } from "./frames.ts";
import { outcomeOf } from "./outcome.ts";
import { parseAccount, parseOrder, parsePosition } from "./parse.ts";
import { parseFill, parseNonTrade } from "./parse-activity.ts";
import { TradeUpdates } from "./trade-updates.ts";

/** What one payload's rows share. */
interface Reading {
  readonly updates: TradeUpdates;
  readonly executions: Executions;
}

/** Amounts of activities that name no currency are in it; Alpaca documents no other. */
const CURRENCY = "USD";

const KINDS: readonly RowKind<Reading>[] = [
  {
    name: "a message of the stream",
    fits: (row) => "stream" in row || "action" in row,
    read: (row, { updates }) => ofFrame(frameOf(row), row, updates),
  },
  {
    name: "GET /v2beta1/events/activities",
    fits: isActivityEvent,
    read: (row, { executions }) =>
      readActivityEvent(row, executions).events.map((event) => ({ kind: "event", event })),
  },
  {
    name: "GET /v2/account/activities",
    fits: (row) => "activity_type" in row,
    read: (row) =>
      row.activity_type === "FILL"
        ? [itemOf(parseFill(row), ({ row: fill }) => ({ kind: "fill", row: fill }))]
        : [itemOf(parseNonTrade(row, CURRENCY), ({ row: entry }) => ({ kind: "ledger", row: entry }))],
  },
  {
    name: "GET /v2/account",
    fits: (row) => "cash" in row && "currency" in row,
    read: (row) => {
      const { balances, totals } = parseAccount(row);
      const rows: PayloadItem[] = balances.rows.map((one) => ({ kind: "balance", row: one }));
      if (rows.length === 0) rows.push(problem(balances.problem ?? "the account has no balance"));
      return [...rows, { kind: "totals", row: totals }];
    },
  },
  {
    name: "GET /v2/positions",
    fits: (row) => "avg_entry_price" in row,
    read: (row) => [itemOf(parsePosition(row), (position) => ({ kind: "position", row: position }))],
  },
  {
    name: "GET /v2/orders",
    fits: (row) => "filled_qty" in row,
    read: (row) =>
      parseOrder(row).map((parsed) => itemOf(parsed, ({ row: order }) => ({ kind: "order", row: order }))),
  },
  {
    name: "the answers to a command on many orders or positions",
    fits: (row) => "status" in row && ("id" in row || "symbol" in row),
    read: (row, state) => ofMany(row, state),
  },
  {
    name: "an order as it is sent",
    fits: (row) => "symbol" in row && "side" in row && !("id" in row),
    read: () => [ignored("what is sent, not what is answered")],
  },
  {
    name: "the Broker API's positions",
    fits: (row) => "as_of" in row && isObject(row.positions),
    read: (row) =>
      Object.values(row.positions as Row)
        .flat()
        .map(() => ignored("of the Broker API's list of many accounts; this adapter reads one")),
  },
];

export const readPayload: ReadPayload = (payload, hint): PayloadReading => {
  const executions = new Executions();
  const state: Reading = { updates: new TradeUpdates(executions), executions };
  const rows = rowsOf(payload);
  const reading = readRows("Alpaca", rows, KINDS, state);
  // An empty list has no shape; who asks may know what it is a list of.
  return rows.length === 0 ? { ...reading, takenFor: hint ?? null } : reading;
};

/** A list, one row, or named lists of rows. */
function rowsOf(payload: unknown): readonly unknown[] {
  if (Array.isArray(payload)) return payload;
  const lists = isObject(payload) ? Object.values(payload) : [];
  return lists.length > 0 && lists.every(Array.isArray) ? lists.flat() : [payload];
}

function ofFrame(frame: Frame, row: Row, updates: TradeUpdates): readonly PayloadItem[] {
  switch (frame.kind) {
    case "update":
      return updates.events(frame.update).map((event) => ({ kind: "event", event }));
    case "authorization":
      return [ignored(frame.isAuthorized ? "the keys are accepted" : "the keys are refused")];
    case "listening":
      return [ignored(`acknowledged: ${frame.streams.join(", ")}`)];
    case "error":
      return [ignored(`the stream says: ${frame.message.slice(0, 120)}`)];
    case "unreadable":
      return [problem(frame.problem)];
    default:
      return "action" in row
        ? [ignored("what is sent, not what is answered")]
        : [problem(`unknown message "${frame.name}"`)];
  }
}

function ofMany(row: Row, state: Reading): readonly PayloadItem[] {
  const status = Number(row.status);
  if (isObject(row.body) && "filled_qty" in row.body) {
    return KINDS.find(({ name }) => name === "GET /v2/orders")?.read(row.body, state) ?? [];
  }
  const words = {
    venue: "Alpaca",
    environment: "paper",
    keyNames: { keyId: "", secret: "" },
    timeoutMs: 0,
    secrets: [],
  } as const;
  const reply = {
    kind: "answer",
    status,
    text: row.body === undefined ? "" : JSON.stringify(row.body),
  } as const;
  const outcome = outcomeOf("cancel", reply, words, () => ({
    kind: "accepted",
    ...(typeof row.id === "string" && { venueOrderId: row.id }),
  }));
  return [{ kind: "outcome", outcome }];
}
