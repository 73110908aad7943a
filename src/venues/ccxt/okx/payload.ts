// What this profile makes of a payload of OKX's that somebody recorded: an answer with its envelope, a row of one, or a
// message of the stream.
import type { PayloadReading } from "../../payload.ts";
import { isObject } from "../../wire/fields.ts";
import { ignored, isAnyOf, itemOf, type RowKind, readRows } from "../../wire/items.ts";
import { parseAlgoOrder, parseBalance, parseOrder, parsePosition } from "./parse.ts";
import { parseBill, parseFill } from "./parse-history.ts";
import { eventsOf } from "./stream-events.ts";

const KINDS: readonly RowKind[] = [
  {
    name: "a message of the stream",
    fits: (row) => "arg" in row || "event" in row,
    read: (row) =>
      eventsOf(row).map((news) => (news.kind === "ignored" ? news : { kind: "event", event: news })),
  },
  {
    name: "GET /api/v5/account/bills",
    fits: (row) => "billId" in row && "balChg" in row,
    read: (row) => {
      const read = parseBill(row);
      if (read.kind === "row") return [{ kind: "ledger", row: read.row }];
      return [read.kind === "ignored" ? ignored(read.reason) : read];
    },
  },
  {
    name: "GET /api/v5/trade/fills",
    fits: (row) => "billId" in row && "fillSz" in row,
    read: (row) => [itemOf(parseFill(row), ({ row: fill }) => ({ kind: "fill", row: fill }))],
  },
  {
    name: "GET /api/v5/trade/orders-algo-pending",
    fits: (row) => "algoId" in row && "ordType" in row && !("accFillSz" in row),
    read: (row) => [itemOf(parseAlgoOrder(row), (order) => ({ kind: "order", row: order }))],
  },
  {
    name: "GET /api/v5/trade/orders-pending",
    fits: (row) => "ordId" in row && "ordType" in row,
    read: (row) => [itemOf(parseOrder(row), (order) => ({ kind: "order", row: order }))],
  },
  {
    name: "GET /api/v5/account/positions",
    fits: (row) => "posId" in row || ("pos" in row && "instId" in row),
    read: (row) => [itemOf(parsePosition(row), ({ row: position }) => ({ kind: "position", row: position }))],
  },
  {
    name: "GET /api/v5/account/balance",
    fits: (row) => Array.isArray(row.details),
    read: (row) =>
      (row.details as readonly unknown[]).map((one) =>
        itemOf(parseBalance(one), (balance) => ({ kind: "balance", row: balance })),
      ),
  },
  {
    name: "GET /api/v5/account/config",
    fits: (row) => "acctLv" in row && "posMode" in row,
    read: () => [{ kind: "ignored", reason: "the account's modes: the doctor of the connection tells them" }],
  },
  {
    name: "the answer to a command",
    fits: (row) => "sCode" in row,
    read: (row) => [ignored(`sCode ${String(row.sCode)}: what it proves depends on the command`)],
  },
];

export function isOkx(payload: unknown): boolean {
  return isAnyOf(KINDS, rowsOf(payload));
}

export function readPayload(payload: unknown): PayloadReading {
  return readRows("OKX", rowsOf(payload), KINDS, undefined);
}

/** A list, the rows of an envelope, or one row. */
function rowsOf(payload: unknown): readonly unknown[] {
  if (Array.isArray(payload)) return payload;
  const isEnvelope =
    isObject(payload) && "code" in payload && Array.isArray(payload.data) && !("arg" in payload);
  return isEnvelope ? (payload.data as readonly unknown[]) : [payload];
}
