// What the adapter makes of a payload of Bybit's that somebody recorded: by the same parsers as everywhere, and every row
// of it accounted for. The shape tells what it is; a hint only names the command that an answer belongs to.
import type { PayloadItem, PayloadReading, ReadPayload } from "../payload.ts";
import { isObject } from "../wire/fields.ts";
import { ignored, itemOf, problem, type Row, type RowKind, readRows } from "../wire/items.ts";
import { envelopeOf, isEnvelope } from "./envelope.ts";
import { type Frame, frameOf } from "./frames.ts";
import { parseInstrument, RULES } from "./instruments.ts";
import { ledgerRowsOf } from "./ledger-entries.ts";
import { type Command, ofEnvelope } from "./outcome.ts";
import { type Around, coinsOf, parseCoin, parseOrder, parsePosition } from "./parse.ts";
import { parseExecution } from "./parse-execution.ts";
import { parseLogRow } from "./parse-log.ts";
import { eventsOfTopic } from "./stream-events.ts";
import { CATEGORIES } from "./symbols.ts";

const KINDS: readonly RowKind<Around>[] = [
  {
    name: "GET /v5/order/realtime",
    fits: (row) => "orderStatus" in row,
    read: (row, around) =>
      parseOrder(row, around).map((parsed) => itemOf(parsed, (order) => ({ kind: "order", row: order }))),
  },
  {
    name: "GET /v5/execution/list",
    fits: (row) => "execId" in row && "execType" in row,
    read: (row, around) => [
      itemOf(parseExecution(row, around), (facts) =>
        facts.kind === "fill"
          ? { kind: "fill", row: facts.row }
          : ignored("funding written as an execution: the transaction log has its money"),
      ),
    ],
  },
  {
    name: "GET /v5/account/transaction-log",
    fits: (row) => "transactionTime" in row && "currency" in row,
    read: (row, { names }) => {
      const parsed = parseLogRow(row, names);
      if (parsed.kind === "problem") return [problem(parsed.problem)];
      const entries = ledgerRowsOf(parsed.row, true);
      return entries.length === 0
        ? [ignored("a trade: its execution tells the money")]
        : entries.map((entry) => ({ kind: "ledger", row: entry }));
    },
  },
  {
    name: "GET /v5/position/list",
    fits: (row) => "positionIdx" in row && "size" in row,
    read: (row, around) => [
      itemOf(parsePosition(row, around), ({ row: position }) => ({ kind: "position", row: position })),
    ],
  },
  {
    name: "GET /v5/account/wallet-balance",
    fits: (row) => Array.isArray(row.coin),
    read: (row) => {
      const coins = coinsOf(row);
      if (coins.kind === "problem") return [problem(coins.problem)];
      return coins.row.map((coin) =>
        itemOf(parseCoin(coin), ({ row: balance }) => ({ kind: "balance", row: balance })),
      );
    },
  },
  {
    name: "GET /v5/market/instruments-info",
    fits: (row) => "lotSizeFilter" in row,
    read: (row, { category }) => [
      category === undefined
        ? problem("an instrument without the category around it")
        : itemOf(parseInstrument(category, row), ({ spec }) => ({ kind: "instrument", row: spec })),
    ],
  },
  {
    name: "GET /v5/asset/delivery-record",
    fits: (row) => "deliveryPrice" in row,
    read: () => [ignored("a delivery: the transaction log tells its money and that the position is over")],
  },
  {
    name: "GET /v5/asset/settlement-record",
    fits: (row) => "sessionAvgPrice" in row && "realisedPnl" in row,
    read: () => [ignored("a session of a USDC contract: the transaction log tells its money")],
  },
  {
    name: "GET /v5/position/closed-pnl",
    fits: (row) => "closedPnl" in row && "avgExitPrice" in row,
    read: () => [ignored("a result that was closed: its executions tell it")],
  },
  {
    name: "GET /v5/position/move-history",
    fits: (row) => "rejectParty" in row,
    read: () => [ignored("a moved position: its execution of type MovePosition tells it")],
  },
];

const COMMANDS: Readonly<Record<string, Command>> = {
  "/v5/order/create": "submit",
  "/v5/order/cancel": "cancel",
  "/v5/order/amend": "amend",
};

export const readPayload: ReadPayload = (payload, hint): PayloadReading => {
  const many = Array.isArray(payload) ? payload : [payload];
  const readings = many.map((one) => readOne(one, hint));
  const names = [...new Set(readings.flatMap(({ takenFor }) => takenFor ?? []))];
  const items = readings.flatMap((reading) => reading.items);
  return {
    takenFor: names.length === 0 ? null : names.join(", "),
    items: items.length > 0 ? items : [ignored("an empty list")],
  };
};

function readOne(payload: unknown, hint: string | undefined): PayloadReading {
  if (!isObject(payload))
    return { takenFor: null, items: [problem("what is no object is nothing of Bybit's")] };
  if (isEnvelope(payload)) return readEnvelope(payload, hint);
  if ("topic" in payload || "op" in payload) {
    return { takenFor: "a message of the stream", items: ofFrame(frameOf(payload)) };
  }
  return readRows("Bybit", [payload], KINDS, { names: RULES });
}

function readEnvelope(payload: Row, hint: string | undefined): PayloadReading {
  const envelope = envelopeOf(payload);
  if (!envelope) return { takenFor: null, items: [problem("an envelope whose retCode is no number")] };
  const { result } = envelope;
  const path = Object.keys(COMMANDS).find((one) => hint?.includes(one));
  const isCommand = path !== undefined || ("orderId" in result && !("list" in result));
  if (isCommand || envelope.code !== "0") {
    const command = COMMANDS[path ?? ""] ?? "submit";
    const outcome = ofEnvelope(command, envelope, {}, (text) => text.slice(0, 120));
    return { takenFor: path ?? "the answer to a command", items: [{ kind: "outcome", outcome }] };
  }
  if ("unifiedMarginStatus" in result) {
    return {
      takenFor: "GET /v5/account/info",
      items: [ignored("the account's modes: the doctor of the connection tells them")],
    };
  }
  if (!Array.isArray(result.list)) {
    const found = Object.keys(result).slice(0, 8).join(", ") || "nothing";
    return { takenFor: null, items: [problem(`an answer with ${found} is none that this adapter asks for`)] };
  }
  const category = CATEGORIES.find((one) => one === result.category);
  return readRows("Bybit", result.list, KINDS, { names: RULES, category });
}

function ofFrame(frame: Frame): readonly PayloadItem[] {
  switch (frame.kind) {
    case "topic":
      return ofTopic(frame.topic, frame.rows);
    case "auth":
      return [ignored(frame.isAccepted ? "the keys are accepted" : "the keys are refused")];
    case "subscribed":
      return [ignored(frame.isAccepted ? "a subscription is acknowledged" : "a subscription is refused")];
    case "pong":
      return [ignored("the answer to a ping")];
    case "unreadable":
      return [problem(frame.problem)];
    case "other":
      return [problem(`unknown message "${frame.name}"`)];
  }
}

function ofTopic(topic: string, rows: readonly unknown[]): readonly PayloadItem[] {
  if (/^execution\.fast\b/.test(topic)) {
    const reason =
      "execution.fast has no types, so funding would look like a trade; the topic execution is used";
    return rows.map(() => ignored(reason));
  }
  if (topic === "greeks") return rows.map(() => ignored("greeks of options: nothing that is held"));
  return eventsOfTopic(topic, rows, RULES).map((event) => ({ kind: "event", event }));
}
