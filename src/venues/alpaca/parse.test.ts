// Accounts, positions and orders. Payloads are retyped from data/webapi/entities/{account-v2,position,order-v2}.yaml
// of github.com/alpacahq/alpaca-docs and ccxt's recorded account (ts/src/test/static/response/alpaca.json; all read
// 2026-11), with invented ids and numbers.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseExact } from "../wire/json.ts";
import { parseAccount, parseOrder, parsePosition } from "./parse.ts";

type Row = Record<string, unknown>;

/** Through JSON, so that numbers arrive as they do from the wire. */
function wire(row: unknown): unknown {
  return parseExact(JSON.stringify(row));
}

function problem(parsed: { kind: string; problem?: string } | undefined): string {
  assert.equal(parsed?.kind, "problem");
  return parsed?.problem ?? "";
}

const ACCOUNT: Row = {
  id: "5e0c2a4b-1111-4a63-9d0e-71c2a4b3e501",
  account_number: "PA000000001",
  status: "ACTIVE",
  currency: "USD",
  cash: "-1200.50",
  equity: "8000",
  buying_power: "26000",
  non_marginable_buying_power: "4000",
  long_market_value: "9500.50",
  short_market_value: "-300",
  position_market_value: "9200.50",
  trading_blocked: false,
};

describe("an account", () => {
  test("states its id, its cash as a balance and the gross value of its positions", () => {
    const account = parseAccount(wire(ACCOUNT));
    assert.equal(account.venueAccountId, ACCOUNT.id);
    assert.deepEqual(account.balances, { quality: "complete", rows: [{ asset: "USD", total: "-1200.5" }] });
    assert.deepEqual(account.totals, { quality: "complete", positionValue: "9800.5" });
  });

  test("is read like any other when it is blocked or not active", () => {
    const account = parseAccount(wire({ ...ACCOUNT, status: "ACCOUNT_UPDATED", trading_blocked: true }));
    assert.equal(account.balances.quality, "complete");
  });

  test("[R1] a long and a short of equal value are not a value of zero", () => {
    const netZero = {
      ...ACCOUNT,
      long_market_value: "500",
      short_market_value: "-500",
      position_market_value: "0",
    };
    assert.equal(parseAccount(wire(netZero)).totals.positionValue, "1000");
  });

  test("[R1] a value that only the undocumented sum shows keeps the totals from being zero", () => {
    const only = {
      ...ACCOUNT,
      long_market_value: "0",
      short_market_value: "0",
      position_market_value: "42.69",
    };
    assert.equal(parseAccount(wire(only)).totals.positionValue, "42.69");
  });

  test("[R1] totals are zero only where everything that the account states of them is", () => {
    const totalsOf = (changes: Row) => parseAccount(wire({ ...ACCOUNT, ...changes })).totals;
    const zero = { long_market_value: "0", short_market_value: "0", position_market_value: "0" };
    assert.deepEqual(totalsOf(zero), { quality: "complete", positionValue: "0" });
    assert.equal(
      totalsOf({ ...zero, long_market_value: "500", short_market_value: "-500" }).positionValue,
      "1000",
    );
    assert.equal(totalsOf({ ...zero, position_market_value: "42.69" }).positionValue, "42.69");
    const bare = { long_market_value: undefined, short_market_value: undefined };
    assert.equal(totalsOf({ ...bare, position_market_value: "0" }).positionValue, "0");
    const none = totalsOf({ ...bare, position_market_value: undefined });
    assert.equal(none.quality, "unavailable");
    assert.match(none.problem ?? "", /"long_market_value" is missing; expected a decimal number/);
  });

  test("without cash has no balances, and still says who answered", () => {
    const account = parseAccount(wire({ ...ACCOUNT, cash: null }));
    assert.equal(account.balances.quality, "unavailable");
    assert.equal(account.venueAccountId, ACCOUNT.id);
  });

  test("that is no object is nothing at all", () => {
    for (const value of [[], null, "OK", {}]) {
      const account = parseAccount(value);
      assert.equal(account.venueAccountId, undefined);
      assert.equal(account.balances.quality, "unavailable");
      assert.equal(account.totals.quality, "unavailable");
    }
  });
});

const POSITION: Row = {
  asset_id: "904837e3-2222-47ec-b432-046db6215701",
  symbol: "AAPL ",
  exchange: "NASDAQ",
  asset_class: "us_equity",
  avg_entry_price: "100.0",
  qty: "5",
  qty_available: "4",
  side: "long",
  market_value: "600.0",
  current_price: "120.0",
};

describe("a position", () => {
  function rowOf(change: Row) {
    const parsed = parsePosition(wire({ ...POSITION, ...change }));
    assert.equal(parsed.kind, "row", JSON.stringify(parsed));
    return parsed.kind === "row" ? parsed.row : assert.fail();
  }

  test("is read with the digits that its average was written with", () => {
    assert.deepEqual(rowOf({}), {
      instrument: "AAPL",
      leg: "net",
      qty: "5",
      entryPrice: "100",
      entryPriceScale: 1,
      lastPrice: "120",
    });
    const long = rowOf({ avg_entry_price: "286.9749783265074366", qty: 0.173011547 });
    assert.deepEqual([long.entryPriceScale, long.qty], [16, "0.173011547"]);
  });

  test("that is short is negative, whether its quantity was written with a minus or not", () => {
    assert.equal(rowOf({ side: "short", qty: "-3" }).qty, "-3");
    assert.equal(rowOf({ side: "short", qty: "3" }).qty, "-3");
  });

  test("whose side and quantity contradict each other is a problem", () => {
    const text = problem(parsePosition(wire({ ...POSITION, qty: "-3" })));
    assert.match(
      text,
      /^the position "AAPL ": "side" is "long" and "qty" is -3; expected a quantity above zero/,
    );
  });

  test("[R7] with an average of zero has no average reported", () => {
    const row = rowOf({ avg_entry_price: "0", current_price: null });
    assert.deepEqual(Object.keys(row).sort(), ["instrument", "leg", "qty"]);
  });

  test("in a coin has the name that its trades have", () => {
    assert.equal(rowOf({ symbol: "BTCUSD", asset_class: "crypto" }).instrument, "BTC/USD");
  });

  test("of quantity zero is an explicit row", () => {
    assert.equal(rowOf({ qty: "0" }).qty, "0");
  });

  test("[C12] that is not as documented is a problem that names field, value and expectation", () => {
    const cases: [Row, RegExp][] = [
      [{ symbol: undefined }, /"symbol" is missing; expected a text/],
      [{ symbol: "" }, /"symbol" is ""; expected a text/],
      [{ qty: undefined }, /"qty" is missing; expected a decimal number/],
      [{ qty: "many" }, /"qty" is "many"; expected a decimal number/],
      [{ qty: {} }, /"qty" is an object; expected a text/],
      [{ side: "both" }, /"side" is "both"; expected one of long, short/],
      [{ side: "toString" }, /"side" is "toString"; expected one of/],
      [{ asset_class: "crypto_perp" }, /"asset_class" is "crypto_perp"; expected one of us_equity/],
      [{ symbol: "DOGE", asset_class: "crypto" }, /expected a coin with what it is quoted in/],
    ];
    for (const [change, expected] of cases) {
      assert.match(problem(parsePosition(wire({ ...POSITION, ...change }))), expected);
    }
    assert.match(problem(parsePosition("AAPL")), /the position is "AAPL"; expected an object/);
  });
});

const ORDER: Row = {
  id: "61e69015-3333-4bfd-b9c3-01e75843f401",
  client_order_id: "momentum-1",
  created_at: "2026-03-16T18:38:01.942282Z",
  updated_at: "2026-03-16T18:38:02.942282123Z",
  submitted_at: "2026-03-16T18:38:01.937734Z",
  replaced_by: null,
  replaces: null,
  symbol: "AAPL",
  asset_class: "us_equity",
  notional: null,
  qty: "15",
  filled_qty: "0",
  filled_avg_price: null,
  order_class: "",
  order_type: "limit",
  type: "limit",
  side: "buy",
  time_in_force: "day",
  limit_price: "107.00",
  stop_price: null,
  status: "accepted",
  legs: null,
};

describe("an order", () => {
  function rowsOf(change: Row) {
    return parseOrder(wire({ ...ORDER, ...change })).map((parsed) => {
      assert.equal(parsed.kind, "row", JSON.stringify(parsed));
      return parsed.kind === "row" ? parsed.row : assert.fail();
    });
  }
  const rowOf = (change: Row) => rowsOf(change)[0]?.row ?? assert.fail();

  test("is read with its ids, size, prices, state and times", () => {
    assert.deepEqual(rowOf({}), {
      instrument: "AAPL",
      venueOrderId: ORDER.id,
      side: "buy",
      clientOrderId: "momentum-1",
      type: "limit",
      qty: "15",
      filledQty: "0",
      price: "107",
      status: "open",
      venueStatus: "accepted",
      createdAt: Date.parse("2026-03-16T18:38:01.942Z"),
      updatedAt: Date.parse("2026-03-16T18:38:02.942Z"),
    });
  });

  test("has numbers in JSON read exactly", () => {
    const row = rowOf({ qty: 1, limit_price: 300, filled_qty: 0.25 });
    assert.deepEqual([row.qty, row.price, row.filledQty], ["1", "300", "0.25"]);
  });

  test("by notional has no quantity, not zero", () => {
    const row = rowOf({ qty: null, notional: "500" });
    assert.equal("qty" in row, false);
    assert.equal(row.notional, "500");
  });

  test("[R9] what is null or zero without meaning is not reported", () => {
    const row = rowOf({ filled_avg_price: 0, client_order_id: "" });
    assert.equal("avgPrice" in row || "clientOrderId" in row || "triggerPrice" in row, false);
  });

  test("keeps the digits of its average", () => {
    const row = rowOf({ status: "filled", filled_qty: "15", filled_avg_price: "106.50" });
    assert.deepEqual([row.avgPrice, row.avgPriceScale], ["106.5", 2]);
  });

  test("in every documented state has one of ours", () => {
    const cases: [string, string, string][] = [
      ["new", "0", "open"],
      ["new", "3", "partially_filled"],
      ["partially_filled", "3", "partially_filled"],
      ["filled", "15", "filled"],
      ["done_for_day", "3", "partially_filled"],
      ["canceled", "3", "canceled"],
      ["expired", "0", "expired"],
      ["replaced", "0", "canceled"],
      ["pending_cancel", "0", "open"],
      ["pending_replace", "0", "open"],
      ["pending_new", "0", "open"],
      ["accepted_for_bidding", "0", "open"],
      ["stopped", "0", "open"],
      ["rejected", "0", "rejected"],
      ["suspended", "0", "open"],
      ["calculated", "0", "open"],
      ["held", "0", "open"],
    ];
    for (const [status, filled, expected] of cases) {
      const row = rowOf({ status, filled_qty: filled });
      assert.deepEqual([row.status, row.venueStatus], [expected, status]);
    }
  });

  test("that replaced another names its former id", () => {
    assert.deepEqual(rowOf({ replaces: "old-1" }).previousVenueOrderIds, ["old-1"]);
  });

  test("with nested legs becomes rows of their own that name their parent", () => {
    const leg = (id: string, change: Row) => ({
      ...ORDER,
      id,
      client_order_id: `${id}-c`,
      side: "sell",
      ...change,
    });
    const rows = rowsOf({
      order_class: "bracket",
      legs: [
        leg("leg-target", { limit_price: "120" }),
        leg("leg-stop", { limit_price: null, stop_price: "90", type: "stop", status: "held" }),
      ],
    });
    assert.deepEqual(
      rows.map(({ row }) => [row.venueOrderId, row.parentVenueOrderId, row.status, row.triggerPrice]),
      [
        [ORDER.id, undefined, "open", undefined],
        ["leg-target", ORDER.id, "open", undefined],
        ["leg-stop", ORDER.id, "open", "90"],
      ],
    );
  });

  test("of several option legs is only its legs", () => {
    const leg = { ...ORDER, id: "leg-1", symbol: "AAPL260619C00250000", asset_class: "us_option" };
    const rows = rowsOf({ order_class: "mleg", symbol: "", side: "", legs: [leg] });
    assert.deepEqual(
      rows.map(({ row }) => [row.instrument, row.parentVenueOrderId]),
      [["AAPL260619C00250000", ORDER.id]],
    );
    assert.match(
      problem(parseOrder(wire({ ...ORDER, order_class: "mleg", symbol: null }))[0]),
      /"symbol" is null/,
    );
  });

  test("that is not as documented is a problem", () => {
    const cases: [Row, RegExp][] = [
      [{ id: null }, /"id" is null; expected a text/],
      [{ side: "hold" }, /"side" is "hold"; expected one of buy, sell/],
      [{ status: "imagined" }, /"status" is "imagined"; expected one of new/],
      [{ qty: null }, /"qty" is null; expected a decimal number, or one in "notional"/],
      [{ filled_qty: undefined }, /"filled_qty" is missing/],
      [{ created_at: "today" }, /"created_at" is "today"; expected a timestamp/],
      [{ legs: "none" }, /"legs" is "none"; expected a list/],
    ];
    for (const [change, expected] of cases) {
      assert.match(problem(parseOrder(wire({ ...ORDER, ...change }))[0]), expected);
    }
  });
});
