// What the adapter makes of a payload of Polymarket's that somebody recorded: by the same parsers as everywhere, and every
// row of it accounted for. What it is, is told by its shape; whose it is, by a hint such as
// `GET /data/trades?maker_address=0x…`, where the trade itself does not tell.
import type { PayloadItem, ReadPayload } from "../payload.ts";
import { isObject } from "../wire/fields.ts";
import { ignored, itemOf, problem, type Row, type RowKind, readRows } from "../wire/items.ts";
import { acceptedOrder, canceledOrder, outcomeOf } from "./outcome.ts";
import { balanceOf, parseOrder, parsePosition, parseUnits } from "./parse.ts";
import { entriesOf, parseActivity } from "./parse-activity.ts";
import { type Owner, parseTrade } from "./parse-trade.ts";
import { readMessage } from "./stream-events.ts";

/** What one payload's rows share. */
interface Reading {
  readonly owner: Owner;
  /** How often a key of an activity came. */
  readonly seen: Map<string, number>;
}

const KINDS: readonly RowKind<Reading>[] = [
  {
    name: "a message of the user channel",
    fits: (row) => "event_type" in row,
    read: (row, { owner }) => {
      const reading = readMessage(row, ownerOf(row, owner));
      if (reading.kind === "unreadable") return [problem(reading.problem)];
      return reading.events.map((event) => ({ kind: "event", event }));
    },
  },
  {
    name: "GET /data/trades",
    fits: (row) => "taker_order_id" in row,
    read: (row, { owner }) => ofTrade(row, ownerOf(row, owner)),
  },
  {
    name: "GET /data/orders",
    fits: (row) => "size_matched" in row,
    read: (row) => {
      const parsed = parseOrder(row);
      if (parsed.kind === "problem") return [problem(parsed.problem)];
      const { row: order, oddity } = parsed.row;
      return [{ kind: "order", row: order }, ...(oddity === undefined ? [] : [problem(oddity)])];
    },
  },
  {
    name: "GET /activity",
    fits: (row) => ("type" in row || "usdcSize" in row || "usdc_size" in row) && hashIn(row),
    read: (row, state) => ofActivity(row, state),
  },
  {
    name: "GET /closed-positions",
    fits: (row) => isHeld(row) && !("size" in row) && !("current_size" in row),
    read: () => [ignored("a position that is over; what made it so is in the activity")],
  },
  {
    name: "GET /positions",
    fits: isHeld,
    read: (row) => [itemOf(parsePosition(row), ({ row: position }) => ({ kind: "position", row: position }))],
  },
  {
    name: "GET /trades of the Data API",
    fits: (row) => hashIn(row) && ("proxyWallet" in row || "proxy_wallet" in row),
    read: () => [
      ignored("a trade by its transaction, which many share; the CLOB's own list of trades is read"),
    ],
  },
  {
    name: "GET /builder/trades",
    fits: (row) => "takerOrderHash" in row,
    read: () => [
      ignored("a trade of somebody's that a builder brought; this adapter reads the account's own"),
    ],
  },
  {
    name: "GET /traded",
    fits: (row) => "traded" in row,
    read: () => [ignored("how many markets the wallet has traded; nothing of the account's state")],
  },
  {
    name: "GET /balance-allowance",
    fits: (row) => "balance" in row,
    read: (row) => [itemOf(parseUnits(row), (total) => ({ kind: "balance", row: balanceOf(total) }))],
  },
  {
    name: "DELETE /order",
    fits: (row) => "canceled" in row,
    read: (row) => ofCancel(row),
  },
  {
    name: "POST /order",
    fits: (row) => "orderID" in row || "success" in row || "errorMsg" in row || "error" in row,
    read: (row) => [ofSubmit(row)],
  },
];

export const readPayload: ReadPayload = (payload, hint) => {
  const state: Reading = { owner: { wallet: walletIn(hint) }, seen: new Map() };
  return readRows("Polymarket", rowsOf(payload), KINDS, state);
};

/** A list, a page of one, or a row. */
function rowsOf(payload: unknown): readonly unknown[] {
  if (Array.isArray(payload)) return payload;
  if (isObject(payload) && Array.isArray(payload.data)) return payload.data;
  return [payload];
}

/** A trade names the key whose list it came from, or was sent to; without a hint that is the best there is. */
function ownerOf(row: Row, { wallet }: Owner): Owner {
  const apiKey = typeof row.owner === "string" ? row.owner : undefined;
  if (wallet !== undefined) return { wallet, apiKey };
  const isTaker = row.trader_side === "TAKER";
  return { apiKey, wallet: isTaker && typeof row.maker_address === "string" ? row.maker_address : undefined };
}

function ofTrade(row: Row, owner: Owner): readonly PayloadItem[] {
  const parsed = parseTrade(row, owner);
  if (parsed.kind === "problem") return [problem(parsed.problem)];
  const { parts, settlement, tradeId } = parsed.row;
  if (settlement === "failed") return [ignored(`the trade ${tradeId} failed: it never happened`)];
  if (parts.length === 0) return [ignored(`the trade ${tradeId} is of nobody that is known here`)];
  return parts.map(({ row: fill }) => ({ kind: "fill", row: fill }));
}

function ofActivity(row: Row, { seen }: Reading): readonly PayloadItem[] {
  const parsed = parseActivity(row);
  if (parsed.kind === "problem") return [problem(parsed.problem)];
  const { key, trade } = parsed.row;
  const occurrence = seen.get(key) ?? 0;
  seen.set(key, occurrence + 1);
  if (trade) return [{ kind: "fill", row: { ...trade, tradeId: `${key}:${occurrence}` } }];
  const entries = entriesOf(parsed.row, occurrence, () => undefined);
  if (entries.kind === "problem") return [problem(entries.problem)];
  return entries.row.map((entry) => ({ kind: "ledger", row: entry }));
}

const WORDS = {
  venue: "Polymarket",
  environment: "live",
  keyNames: { keyId: "", secret: "" },
  timeoutMs: 0,
  secrets: [],
};

function ofSubmit(row: Row): PayloadItem {
  const reply = { kind: "answer", status: statusOf(row), text: JSON.stringify(row) } as const;
  return {
    kind: "outcome",
    outcome: outcomeOf("submit", reply, WORDS, (body) => acceptedOrder(body, undefined)),
  };
}

function ofCancel(row: Row): readonly PayloadItem[] {
  const refused = isObject(row.not_canceled) ? row.not_canceled : row.notCanceled;
  const ids = [
    ...(Array.isArray(row.canceled) ? row.canceled : []),
    ...Object.keys(isObject(refused) ? refused : {}),
  ];
  if (ids.length === 0) return [ignored("an answer to a cancel that names no order")];
  return ids.map((id) => ({ kind: "outcome", outcome: canceledOrder(row, String(id)) }));
}

/** What the package adds to a body of an error. */
function statusOf({ status }: Row): number {
  return typeof status === "string" && /^\d{3}$/.test(status) ? Number(status) : 200;
}

function isHeld(row: Row): boolean {
  return "avgPrice" in row || "avg_price" in row;
}

function hashIn(row: Row): boolean {
  return "transactionHash" in row || "transaction_hash" in row;
}

function walletIn(hint: string | undefined): string | undefined {
  return /0x[0-9a-f]{40}\b/i.exec(hint ?? "")?.[0];
}
