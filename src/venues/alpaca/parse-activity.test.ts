// Fills and other activities. Payloads are retyped from data/webapi/entities/account-{trade,nontrade}-activity-v2.yaml
// of github.com/alpacahq/alpaca-docs, https://docs.alpaca.markets/docs/non-trade-activities-for-option-events and
// https://alpaca.markets/docs/crypto/activities/ (all read 2026-11), with invented ids and numbers.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseExact } from "../wire/json.ts";
import { parseFill, parseNonTrade } from "./parse-activity.ts";

type Row = Record<string, unknown>;

function wire(row: Row): unknown {
  return parseExact(JSON.stringify(row));
}

const FILL: Row = {
  id: "20260423133023252::2537e3da-aaaa-475b-b333-4a71ab0e6501",
  activity_type: "FILL",
  transaction_time: "2026-04-23T17:30:23.252125Z",
  type: "partial_fill",
  price: "3.15",
  qty: "2",
  side: "buy",
  symbol: "MSFT",
  leaves_qty: "5",
  order_id: "d4b8fc96-bbbb-41a5-baf5-24c1cc791601",
  cum_qty: "10.50",
  order_status: "partially_filled",
};

describe("a fill", () => {
  function factsOf(change: Row) {
    const parsed = parseFill(wire({ ...FILL, ...change }));
    assert.equal(parsed.kind, "row", JSON.stringify(parsed));
    return parsed.kind === "row" ? parsed.row : assert.fail();
  }

  test("[R6] has the activity's id, and is joined by its order and cumulative quantity", () => {
    const { row, nanosBeyond } = factsOf({});
    assert.deepEqual(row, {
      instrument: "MSFT",
      tradeId: FILL.id,
      joinKey: "10.5",
      venueOrderId: FILL.order_id,
      side: "buy",
      qty: "2",
      price: "3.15",
      timestamp: Date.parse("2026-04-23T17:30:23.252Z"),
    });
    assert.equal(nanosBeyond, 125_000);
  });

  test("of a short sale is a sale", () => {
    assert.equal(factsOf({ side: "sell_short", symbol: "AMD260501P00277500" }).row.side, "sell");
  });

  test("that is not as documented is a problem, not a fill with defaults", () => {
    const cases: [Row, RegExp][] = [
      [{ activity_type: "DIV" }, /"activity_type" is "DIV"; expected one of FILL/],
      [{ type: "trade_bust" }, /"type" is "trade_bust"; expected one of fill, partial_fill/],
      [{ side: "exchange" }, /"side" is "exchange"/],
      [{ qty: "0" }, /"qty" is "0"; expected a number above zero/],
      [{ price: null }, /"price" is null; expected a decimal number/],
      [{ cum_qty: undefined }, /"cum_qty" is missing; expected a decimal number/],
      [{ cum_qty: "1" }, /"cum_qty" is "1"; expected at least the fill's own 2/],
      [{ order_id: "" }, /"order_id" is ""; expected a text/],
      [{ transaction_time: "2026-04-23" }, /expected a timestamp with a zone/],
    ];
    for (const [change, expected] of cases) {
      const parsed = parseFill(wire({ ...FILL, ...change }));
      assert.match(parsed.kind === "problem" ? parsed.problem : "", expected);
    }
  });
});

const ACTIVITY: Row = {
  id: "20260422000000000::eef503a1-cccc-4ece-b6f3-f0463e28a501",
  activity_type: "DIV",
  date: "2026-04-22",
  net_amount: "1.02",
  symbol: "T",
  qty: "2",
  per_share_amount: "0.51",
  status: "executed",
};
const DAY_START = Date.parse("2026-04-22T04:00:00Z");
const DAY_END = Date.parse("2026-04-23T04:00:00Z") - 1;

describe("an activity that is no fill", () => {
  function rowOf(change: Row) {
    const parsed = parseNonTrade(wire({ ...ACTIVITY, ...change }), "USD");
    assert.equal(parsed.kind, "row", JSON.stringify(parsed));
    return parsed.kind === "row" ? parsed.row.row : assert.fail();
  }

  test("that pays moves money from the start of its day, and no quantity", () => {
    const row = rowOf({});
    assert.equal(row.cause, "corporate_action");
    assert.deepEqual([row.asset, row.amount, row.instrument], ["USD", "1.02", "T"]);
    assert.equal(row.timestamp, DAY_START);
    assert.equal("qtyDelta" in row, false);
  });

  test("of every documented type has a cause", () => {
    const cases: Record<string, readonly string[]> = {
      fee: ["FEE", "CFEE", "DIVFEE", "PTC", "PTR"],
      funding: ["INT", "INTNRA", "INTTW"],
      transfer: ["CSD", "CSW", "JNL", "JNLC", "JNLS", "ACATC", "ACATS"],
      expiry: ["OPEXP"],
      assignment: ["OPASN"],
      exercise: ["OPEXC", "OPXRC"],
      split: ["SPLIT", "SSP"],
      settlement: ["OPTRD"],
      corporate_action: ["DIV", "DIVNRA", "MA", "NC", "REORG", "SPIN", "SSO", "SC", "OPCA", "OPCSH"],
      unexplained: ["NEWTYPE", "constructor"],
    };
    for (const [cause, types] of Object.entries(cases)) {
      for (const type of types) assert.equal(rowOf({ activity_type: type }).cause, cause, type);
    }
  });

  test("that is a fee in a coin reduces the position at the end of its day, at no price", () => {
    const row = rowOf({
      activity_type: "CFEE",
      symbol: "ETHUSD",
      qty: "-0.000195",
      net_amount: "0",
      price: "1884.5",
    });
    assert.deepEqual([row.instrument, row.qtyDelta, row.timestamp], ["ETH/USD", "-0.000195", DAY_END]);
    assert.equal("price" in row || "amount" in row, false);
  });

  test("that is a fee in money leaves the coin alone", () => {
    const row = rowOf({ activity_type: "CFEE", symbol: "ETHUSD", qty: "-0.5", net_amount: "-1.25" });
    assert.equal("qtyDelta" in row, false);
    assert.equal(row.amount, "-1.25");
  });

  test("that trades the underlying of an option has the price that was paid, not the one that is written", () => {
    const row = rowOf({
      activity_type: "OPTRD",
      symbol: "AAPL",
      qty: "200",
      net_amount: "-30000",
      price: "90",
    });
    assert.deepEqual([row.qtyDelta, row.price, row.amount], ["200", "150", "-30000"]);
  });

  test("whose signs contradict each other moves money only", () => {
    const row = rowOf({ activity_type: "OPTRD", symbol: "AAPL", qty: "200", net_amount: "30000" });
    assert.equal("qtyDelta" in row, false);
    assert.equal(row.amount, "30000");
  });

  test("that ends an option says nothing of its quantity, because the sign is not reliable", () => {
    for (const [type, qty] of [
      ["OPEXP", "1"],
      ["OPASN", "2"],
      ["OPEXC", "-2"],
    ] as const) {
      const row = rowOf({ activity_type: type, symbol: "AMZN260422C00240000", qty, net_amount: "0" });
      assert.equal(row.instrument, "AMZN260422C00240000");
      assert.equal("qtyDelta" in row || "amount" in row, false, type);
    }
  });

  test("that brings or takes shares moves them as written", () => {
    assert.equal(rowOf({ activity_type: "JNLS", qty: "-3", net_amount: "0" }).qtyDelta, "-3");
    assert.equal(rowOf({ activity_type: "ACATS", qty: "3", net_amount: "0" }).qtyDelta, "3");
  });

  test("that was canceled or corrects another is reported without an effect, under an id of its own", () => {
    for (const status of ["canceled", "correct"]) {
      const row = rowOf({ status });
      assert.equal("amount" in row || "qtyDelta" in row, false, status);
      assert.match(row.text ?? "", /no effect booked/);
      assert.notEqual(row.id, rowOf({}).id);
    }
  });

  test("has an id that differs where the venue gives one id to all rows of an event", () => {
    const exercise = rowOf({ activity_type: "OPEXC", symbol: "AAPL230721C00150000", qty: "-2" });
    const trade = rowOf({ activity_type: "OPTRD", symbol: "AAPL", qty: "200" });
    assert.notEqual(exercise.id, trade.id);
    assert.equal(rowOf({}).id, rowOf({ description: "written later" }).id);
  });

  test("is in the currency that it names", () => {
    assert.equal(rowOf({ currency: "EUR" }).asset, "EUR");
  });

  test("without an id, a type or a date is a problem", () => {
    const cases: [Row, RegExp][] = [
      [{ id: null }, /"id" is null/],
      [{ activity_type: undefined }, /"activity_type" is missing/],
      [{ date: undefined }, /"date" is missing/],
      [{ date: "soon" }, /"date" is "soon"; expected a date such as/],
      [{ net_amount: "much" }, /"net_amount" is "much"/],
      [{ status: "imagined" }, /"status" is "imagined"; expected one of executed/],
    ];
    for (const [change, expected] of cases) {
      const parsed = parseNonTrade(wire({ ...ACTIVITY, ...change }), "USD");
      assert.match(parsed.kind === "problem" ? parsed.problem : "", expected);
    }
  });
});
