// Recorded payloads of Hyperliquid and OKX (../shared/fixtures, with their sources in its INDEX.md) through the profiles'
// readers: every file is listed here with what each row of it must become, or why it is nothing of an account.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readPayload as readHyperliquid } from "../../src/venues/ccxt/hyperliquid/payload.ts";
import { readPayload as readOkx } from "../../src/venues/ccxt/okx/payload.ts";
import type { PayloadItem, PayloadReading } from "../../src/venues/index.ts";
import { parseExact } from "../../src/venues/wire/json.ts";
import { areAllListed, pathOf } from "./fixtures.ts";

interface Expectation {
  readonly takenFor: string;
  /** One line an item. */
  readonly items: readonly string[];
}

interface Folder {
  readonly read: (payload: unknown) => PayloadReading;
  readonly files: Readonly<Record<string, Expectation>>;
}

const FOLDERS: Readonly<Record<string, Folder>> = {
  hyperliquid: {
    read: readHyperliquid,
    files: {
      "ccxt-clearinghouseState-open-position.json": {
        takenFor: "clearinghouseState",
        items: ["position ETH/USDC:USDC 0.2259 at 2213.9 (1)", "totals 0"],
      },
      "ccxt-historicalOrders.json": {
        takenFor: "historicalOrders",
        items: ["order ETH/USDC:USDC 3991946565 buy 0.1 at 2000 open filled 0"],
      },
      "ccxt-openOrders.json": {
        takenFor: "openOrders",
        items: ["order ETH/USDC:USDC 3991946565 buy 0.1 at 2000 open filled 0"],
      },
      "ccxt-userFills.json": {
        takenFor: "userFills",
        items: [
          "fill ETH/USDC:USDC 128423918764978 of 3929354691 sell 0.0841 at 2381.1 fee 0.050062 USDC after 0",
        ],
      },
      "ccxt-userFunding.json": {
        takenFor: "userFunding",
        items: ["ledger funding SOL/USDC:USDC 75.635093 USDC"],
      },
      "ccxt-userNonFundingLedgerUpdates.json": {
        takenFor: "userNonFundingLedgerUpdates",
        items: ["ignored: accountClassTransfer: between two wallets of the account"],
      },
      "ccxt-ws-clearinghouse-balance.json": {
        takenFor: "a message of the stream",
        items: ["event balance USDH 0"],
      },
      "ccxt-ws-orderUpdates.json": {
        takenFor: "a message of the stream",
        items: ["event order BTC/USDC:USDC 7456484275 buy 0.001 at 30000 open filled 0"],
      },
      "ccxt-ws-userFills.json": {
        takenFor: "a message of the stream",
        items: ["ignored: a replay: the history tells it"],
      },
    },
  },
  okx: {
    read: readOkx,
    files: {
      "gct-wsOrders-lines.json": {
        takenFor: "a message of the stream",
        items: [
          "event fill BTC/USDT 242589207 of 452197707845865472 sell 0.001 at 31527.1 fee 0.02522168 USDT after -",
          "event order BTC/USDT 452197707845865472 sell 0.001 at 31527.1 filled filled 0.001",
          "event order BTC/USDT 620258920632008725 sell notional 10 at - open filled 0",
          "event fill BTC/USDT 435550732 of 620258920632008725 sell 0.00038128 at 26228.1 fee 0.010000249968 USDT after -",
          "event order BTC/USDT 620258920632008725 sell notional 10 at - partially_filled filled 0.00038128",
          "event order BTC/USDT 620258920632008725 sell notional 10 at - filled filled 0.00038128",
        ],
      },
    },
  },
};

for (const [folder, { read, files }] of Object.entries(FOLDERS)) {
  describe(`the payloads of ${folder}`, () => {
    areAllListed(folder, Object.keys(files));

    for (const [name, expected] of Object.entries(files)) {
      test(`${name} becomes ${expected.items.length} items`, (context) => {
        const payload = parseExact(readFileSync(join(pathOf(folder), name), "utf8"));
        const { takenFor, items } = read(payload);
        assert.equal(takenFor, expected.takenFor);
        assert.deepEqual(items.map(lineOf), expected.items);
        context.diagnostic(`${items.length} items`);
      });
    }
  });
}

function lineOf(item: PayloadItem): string {
  switch (item.kind) {
    case "position":
      return `position ${item.row.instrument} ${item.row.qty} at ${item.row.entryPrice} (${item.row.entryPriceScale})`;
    case "order": {
      const { instrument, venueOrderId, side, qty, notional, price, status, filledQty } = item.row;
      const size = qty ?? `notional ${notional}`;
      return `order ${instrument} ${venueOrderId} ${side} ${size} at ${price ?? "-"} ${status} filled ${filledQty}`;
    }
    case "fill": {
      const { instrument, tradeId, venueOrderId, side, qty, price, fee, feeCurrency, positionAfter } =
        item.row;
      return `fill ${instrument} ${tradeId} of ${venueOrderId} ${side} ${qty} at ${price} fee ${fee} ${feeCurrency} after ${positionAfter ?? "-"}`;
    }
    case "balance":
      return `balance ${item.row.asset} ${item.row.total}`;
    case "ledger":
      return `ledger ${item.row.cause} ${item.row.instrument} ${item.row.amount} ${item.row.asset}`;
    case "totals":
      return `totals ${item.row.positionValue}`;
    case "ignored":
      return `ignored: ${item.reason}`;
    case "problem":
      return `problem: ${item.problem}`;
    case "event":
      return `event ${eventLine(item.event)}`;
    default:
      return item.kind;
  }
}

function eventLine(event: Extract<PayloadItem, { kind: "event" }>["event"]): string {
  switch (event.kind) {
    case "fill":
      return lineOf({ kind: "fill", row: event.fill });
    case "order":
      return lineOf({ kind: "order", row: event.order });
    case "position":
      return lineOf({ kind: "position", row: event.position });
    case "balance":
      return lineOf({ kind: "balance", row: event.balance });
    case "gap":
    case "wake":
      return `${event.kind}: ${event.reason}`;
    default:
      return event.kind;
  }
}
