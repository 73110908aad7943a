// Alpaca's recorded and documented payloads (../shared/fixtures/alpaca, with their sources in its INDEX.md) through
// the adapter's parsers: every file is listed here with what it must become, and every row of it is a typed row, a
// problem in words, or nothing of this adapter for the reason that is given.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { OrderRow } from "../../src/core/index.ts";
import { parseAccount, parseOrder, parsePosition } from "../../src/venues/alpaca/parse.ts";
import { parseFill, parseNonTrade } from "../../src/venues/alpaca/parse-activity.ts";
import { isObject, type Parsed } from "../../src/venues/wire/fields.ts";
import { parseExact } from "../../src/venues/wire/json.ts";
import { ROOT } from "../tidy/source.ts";

const FOLDER = join(ROOT, "..", "shared", "fixtures", "alpaca");

type Entity = "account" | "position" | "order" | "activity";

/** One line a row, or why the file is none of this adapter's. */
type Expectation =
  | { readonly entity: Entity; readonly rows: readonly string[]; readonly problems?: readonly RegExp[] }
  | { readonly ignored: string };

const COMMAND = "the answer to a command; this adapter sends none";
const REQUEST = "what is sent, not what is answered";
const STREAM = "a message of the stream, which this adapter does not read";

/** Broker API and commands answer with the same order entity. */
const AAPL_TYPO = "AAPL` buy market qty 1 open";

const EXPECTED: Readonly<Record<string, Expectation>> = {
  "alpacapy-account_activities_routes-get_activities_for_account_max_items_and_single_request_date.json": {
    entity: "activity",
    rows: [
      "fill AMZN buy 1.792161878 at 2907.15 join 1.792161878",
      "fill AMZN buy 1 at 2907.15 join 2.792161878",
      "fill GOOGL sell 0.058773239 at 2644.84 join 0.058773239",
      "fill TSLA sell 1.998065556 at 837.45 join 1.998065556",
      "fill TSLA sell 4 at 837.45 join 5.998065556",
    ],
  },
  "alpacapy-account_activities_routes-top-2.json": {
    entity: "activity",
    rows: ["43864.18", "32155.97", "20979.69", "22386.64"].map((amount) => `transfer USD ${amount}`),
  },
  "alpacapy-account_activities_routes-top.json": {
    entity: "activity",
    rows: [
      "transfer USD 33324.35",
      "transfer USD 29161.91",
      "fill GOOGL buy 9 at 2630.95 join 10.177047834",
      "transfer USD 45850.47",
    ],
  },
  "alpacapy-account_routes-get_account.json": {
    entity: "account",
    rows: ["USD -23140.2, positions 126960.76"],
  },
  "alpacapy-order_routes-cancel_orders.json": { ignored: COMMAND },
  "alpacapy-order_routes-get_order_by_client_id.json": { entity: "order", rows: [AAPL_TYPO] },
  "alpacapy-order_routes-get_order_by_id.json": { entity: "order", rows: [AAPL_TYPO] },
  "alpacapy-order_routes-get_orders.json": { entity: "order", rows: ["SPY buy stop qty 1 open"] },
  "alpacapy-order_routes-limit_order.json": { entity: "order", rows: ["AAPL` buy limit qty 1 at 300 open"] },
  "alpacapy-order_routes-market_order.json": { entity: "order", rows: [AAPL_TYPO] },
  "alpacapy-order_routes-order_position_intent-2.json": {
    entity: "order",
    rows: ["AAPL` sell limit qty 1 at 300 open"],
  },
  "alpacapy-order_routes-order_position_intent.json": {
    entity: "order",
    rows: ["SPY` buy market qty 1 open"],
  },
  "alpacapy-order_routes-replace_order.json": { entity: "order", rows: [AAPL_TYPO] },
  "alpacapy-position_routes-close_all_positions.json": { ignored: COMMAND },
  "alpacapy-position_routes-close_position_with_percentage.json": {
    entity: "order",
    rows: ["AAPL` buy market notional 500 open"],
  },
  "alpacapy-position_routes-close_position_with_qty.json": {
    entity: "order",
    rows: ["AAPL` buy market notional 500 open"],
  },
  "alpacapy-position_routes-get_all_positions.json": { entity: "position", rows: ["AAPL 5 at 100 (1)"] },
  "alpacapy-trading_routes-cancel_orders_for_account.json": { ignored: COMMAND },
  "alpacapy-trading_routes-close_all_positions_for_account.json": { ignored: COMMAND },
  "alpacapy-trading_routes-close_position_for_account_with_percentage.json": {
    entity: "order",
    rows: ["AAPL` buy market notional 500 open"],
  },
  "alpacapy-trading_routes-close_position_for_account_with_qty.json": {
    entity: "order",
    rows: ["AAPL` buy market notional 500 open"],
  },
  "alpacapy-trading_routes-get_all_accounts_positions.json": {
    ignored: "the Broker API's list of many accounts; this adapter reads one",
  },
  "alpacapy-trading_routes-get_all_positions_for_account.json": {
    entity: "position",
    rows: ["AAPL 5 at 100 (1)"],
  },
  "docs-activities-1.json": { entity: "activity", rows: ["fee ETH/USD qty -0.000195"] },
  "docs-entity-account-nontrade-activity-v2.json": {
    entity: "activity",
    rows: ["corporate_action T USD 1.02"],
  },
  "docs-entity-account-trade-activity-v2.json": {
    entity: "activity",
    rows: ["fill LPCN buy 1 at 1.63 join 1"],
  },
  "docs-entity-account-v2.json": { entity: "account", rows: ["USD -23140.2, positions 126960.76"] },
  "docs-entity-order-v2-crypto.json": { entity: "order", rows: ["BTC/USD buy market notional 500 open"] },
  "docs-entity-order-v2.json": { entity: "order", rows: ["AAPL buy market notional 500 open"] },
  "docs-entity-position.json": { entity: "position", rows: ["AAPL 5 at 100 (1)"] },
  "docs-orders-1.json": { entity: "order", rows: ["AAPL buy market notional 500 open"] },
  "docs-orders-2.json": { ignored: REQUEST },
  "docs-orders-3.json": { ignored: REQUEST },
  "docs-orders-4.json": { ignored: REQUEST },
  "docs-orders-5.json": {
    entity: "order",
    rows: ["AAPL buy market notional 40 filled 0.0016 at 23717.854 (3)"],
  },
  "docs-orders-6.json": { ignored: COMMAND },
  "docs-positions-1.json": { entity: "position", rows: ["AAPL 5 at 100 (1)"] },
  "docs-streaming-1.json": { ignored: REQUEST },
  "docs-streaming-2.json": { ignored: STREAM },
  "docs-streaming-3.json": { ignored: STREAM },
  "docs-streaming-4.json": { ignored: STREAM },
  "docs-streaming-5.json": { ignored: STREAM },
  "documented-option-exercise-assignment-pairs.json": {
    entity: "activity",
    rows: [
      "exercise AAPL230721C00150000",
      "settlement AAPL USD -30000 qty 200 at 150",
      "assignment AAPL230721C00150000",
      "settlement AAPL USD 30000 qty -200 at 150",
    ],
  },
  "issue-170-partial-fills-not-totally-ordered.json": {
    entity: "activity",
    rows: ["fill QQQJ buy 100 at 31.6 join 869", "fill QQQJ buy 51 at 31.6 join 970"],
    problems: [/"QQQJ" "20210127144930176::0ef90479.*": "cum_qty" is missing/],
  },
  "issue-176-page_token-skips-same-ms.json": { ignored: "ids that pages left out, retold; not a payload" },
  "observed-activities-options.json": {
    entity: "activity",
    rows: [
      "fill AMD260501P00277500 sell 1 at 3.15 join 1",
      "assignment AMZN260422C00240000",
      "expiry UNH251010P00347500",
    ],
  },
  "recorded-account.json": { entity: "account", rows: ["USD 5.92, positions 42.69"] },
  "recorded-activities-fill-crypto.json": {
    entity: "activity",
    rows: ["fill LTC/USD sell 0.07 at 67.31 join 0.07"],
  },
  "recorded-trade_updates-market-sell-crypto.json": { ignored: STREAM },
};

test("the shared fixtures are there, and each of them is accounted for", () => {
  assert.ok(
    existsSync(FOLDER),
    `${FOLDER} does not exist; these tests need the shared folder beside the project`,
  );
  assert.deepEqual(
    Object.keys(EXPECTED).sort(),
    readdirSync(FOLDER).sort(),
    "a file that is not listed here is not held against the parsers: list it with what it must become",
  );
});

describe("the payload", () => {
  for (const [name, expectation] of Object.entries(EXPECTED)) {
    if ("ignored" in expectation) continue;
    test(`${name} becomes ${expectation.rows.length} rows`, () => {
      const value = parseExact(readFileSync(join(FOLDER, name), "utf8"));
      const parsed = itemsOf(value).flatMap((item) => parse(expectation.entity, item));
      const problems = parsed.flatMap((one) => (one.kind === "problem" ? [one.problem] : []));
      assert.deepEqual(
        parsed.flatMap((one) => (one.kind === "row" ? [one.row] : [])),
        expectation.rows,
        problems.join("\n"),
      );
      const expected = expectation.problems ?? [];
      assert.equal(problems.length, expected.length, problems.join("\n"));
      for (const [index, pattern] of expected.entries()) assert.match(problems[index] ?? "", pattern);
    });
  }
});

/** A list, one row, or named lists of rows. */
function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const lists = isObject(value) ? Object.values(value) : [];
  return lists.length > 0 && lists.every(Array.isArray) ? lists.flat() : [value];
}

function parse(entity: Entity, item: unknown): Parsed<string>[] {
  switch (entity) {
    case "account":
      return [accountLine(item)];
    case "position":
      return [
        map(parsePosition(item), ({ instrument, qty, entryPrice, entryPriceScale }) =>
          line(instrument, qty, "at", entryPrice, `(${entryPriceScale})`),
        ),
      ];
    case "order":
      return parseOrder(item).map((parsed) => map(parsed, ({ row }) => orderLine(row)));
    case "activity":
      return [isObject(item) && item.activity_type === "FILL" ? fillLine(item) : ledgerLine(item)];
  }
}

function accountLine(item: unknown): Parsed<string> {
  const { balances, totals } = parseAccount(item);
  const [balance] = balances.rows;
  if (!balance) return { kind: "problem", problem: balances.problem ?? "" };
  return { kind: "row", row: `${balance.asset} ${balance.total}, positions ${totals.positionValue}` };
}

function orderLine(row: OrderRow): string {
  const filled = row.avgPrice && ["at", row.avgPrice, `(${row.avgPriceScale})`];
  return line(
    ...[row.instrument, row.side, row.type],
    ...(row.qty ? ["qty", row.qty] : ["notional", row.notional]),
    ...(row.price ? ["at", row.price] : []),
    row.status,
    ...(filled ? [row.filledQty, ...(filled as unknown[])] : []),
  );
}

function fillLine(item: unknown): Parsed<string> {
  return map(parseFill(item), ({ row }) =>
    line("fill", row.instrument, row.side, row.qty, "at", row.price, "join", row.joinKey),
  );
}

function ledgerLine(item: unknown): Parsed<string> {
  return map(parseNonTrade(item, "USD"), ({ row }) =>
    line(
      ...[row.cause, row.instrument, row.asset, row.amount],
      ...(row.qtyDelta ? ["qty", row.qtyDelta] : []),
      ...(row.price ? ["at", row.price] : []),
    ),
  );
}

function map<Row>(parsed: Parsed<Row>, text: (row: Row) => string): Parsed<string> {
  return parsed.kind === "problem" ? parsed : { kind: "row", row: text(parsed.row) };
}

function line(...words: readonly unknown[]): string {
  return words.filter((word) => word !== undefined).join(" ");
}
