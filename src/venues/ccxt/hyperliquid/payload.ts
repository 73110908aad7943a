// What this profile makes of a payload of Hyperliquid's that somebody recorded. Its answers say nothing of what they are,
// so the fields tell.
import type { PayloadItem, PayloadReading } from "../../payload.ts";
import { isObject } from "../../wire/fields.ts";
import { ignored, isAnyOf, itemOf, type RowKind, readRows } from "../../wire/items.ts";
import { COINS_BY_NAME, type Coins } from "./coins.ts";
import { parseMargin, parseOpenOrder, parseOrder, parsePosition, parseSpotBalance } from "./parse.ts";
import { parseFill, parseFunding } from "./parse-history.ts";
import { parseUpdate } from "./parse-update.ts";
import { eventsOf } from "./stream-events.ts";

const KINDS: readonly RowKind<Coins>[] = [
  {
    name: "a message of the stream",
    fits: (row) => typeof row.channel === "string",
    read: (row, coins) => eventsOf(row, { coins }).map(itemOfNews),
  },
  {
    name: "clearinghouseState",
    fits: (row) => Array.isArray(row.assetPositions),
    read: (row, coins) => {
      const positions = (row.assetPositions as readonly unknown[]).map((one) =>
        itemOf(parsePosition(one, coins), (position) => ({ kind: "position", row: position })),
      );
      const margin = itemOf(parseMargin(row), ({ positionValue }) => ({
        kind: "totals",
        row: { quality: "complete", positionValue },
      }));
      return [...positions, margin];
    },
  },
  {
    name: "spotClearinghouseState",
    fits: (row) => Array.isArray(row.balances),
    read: (row) =>
      (row.balances as readonly unknown[]).map((one) =>
        itemOf(parseSpotBalance(one), (balance) => ({ kind: "balance", row: balance })),
      ),
  },
  {
    name: "userFills",
    fits: (row) => "tid" in row && "px" in row,
    read: (row, coins) => [itemOf(parseFill(row, coins), ({ row: fill }) => ({ kind: "fill", row: fill }))],
  },
  {
    name: "orderStatus",
    fits: (row) => isObject(row.order) && isObject(row.order.order),
    read: (row, coins) => [itemOf(parseOrder(row.order, coins), (order) => ({ kind: "order", row: order }))],
  },
  {
    name: "historicalOrders",
    fits: (row) => isObject(row.order) && "status" in row,
    read: (row, coins) => [itemOf(parseOrder(row, coins), (order) => ({ kind: "order", row: order }))],
  },
  {
    name: "openOrders",
    fits: (row) => "oid" in row && "origSz" in row,
    read: (row, coins) =>
      parseOpenOrder(row, coins).map((one) => itemOf(one, (order) => ({ kind: "order", row: order }))),
  },
  {
    name: "userFunding",
    fits: (row) => isObject(row.delta) && row.delta.type === "funding",
    read: (row, coins) => [itemOf(parseFunding(row, coins), (entry) => ({ kind: "ledger", row: entry }))],
  },
  {
    name: "userNonFundingLedgerUpdates",
    fits: (row) => isObject(row.delta),
    read: (row) => {
      const read = parseUpdate(row);
      if (read.kind === "ignored") return [read];
      return read.kind === "problem" ? [read] : read.row.map((entry) => ({ kind: "ledger", row: entry }));
    },
  },
  {
    name: "orderStatus",
    fits: (row) => row.status === "unknownOid",
    read: () => [ignored("Hyperliquid knows no such order")],
  },
];

/** Whether a payload is one of Hyperliquid's: any row of it has a known form. */
export function isHyperliquid(payload: unknown): boolean {
  return isAnyOf(KINDS, rowsOf(payload));
}

/** The words of `userAbstraction`, for the kind of the account. */
const ABSTRACTIONS = ["default", "disabled", "dexAbstraction", "unifiedAccount", "portfolioMargin"];

/** Answers of which nothing is of an account's, and what they are. */
function settingOf(payload: unknown): { readonly name: string; readonly reason: string } | undefined {
  if (typeof payload === "string" && ABSTRACTIONS.includes(payload))
    return { name: "userAbstraction", reason: `the kind of the account: ${payload}` };
  if (!Array.isArray(payload) || payload[0] !== null || !payload.slice(1).every(isDex)) return undefined;
  return { name: "perpDexs", reason: `${payload.length} dexes` };
}

function isDex(value: unknown): boolean {
  return isObject(value) && typeof value.name === "string" && "fullName" in value;
}

export function readPayload(payload: unknown): PayloadReading {
  const setting = settingOf(payload);
  if (setting) return { takenFor: setting.name, items: [ignored(setting.reason)] };
  return readRows("Hyperliquid", rowsOf(payload), KINDS, COINS_BY_NAME);
}

function rowsOf(payload: unknown): readonly unknown[] {
  return Array.isArray(payload) ? payload : [payload];
}

function itemOfNews(news: ReturnType<typeof eventsOf>[number]): PayloadItem {
  return news.kind === "ignored" ? news : { kind: "event", event: news };
}
