// Reading the account, its positions and its orders: the real client against the local Alpaca.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ACCOUNT_ID, type Row, readState } from "./state.ts";
import { asked, openWorld, order, position } from "./support.ts";

const STATES = new URL("./states/", import.meta.url);

describe("a snapshot", () => {
  test("of an empty account is complete, empty, and its totals are a witness", async (t) => {
    const state = readState(new URL("empty-account.json", STATES).pathname);
    const { venue } = await openWorld(t, state);
    assert.deepEqual(await venue.snapshot(), {
      venueAccountId: ACCOUNT_ID,
      positions: { quality: "complete", rows: [] },
      orders: { quality: "complete", rows: [] },
      balances: { quality: "complete", rows: [{ asset: "USD", total: "25000" }] },
      totals: { quality: "complete", positionValue: "0" },
    });
  });

  test("[R1] with an empty list beside a position value passes both on", async (t) => {
    const state = readState(new URL("totals-not-zero.json", STATES).pathname);
    const { venue } = await openWorld(t, state);
    const { positions, totals } = await venue.snapshot();
    assert.deepEqual(positions, { quality: "complete", rows: [] });
    assert.equal(totals?.positionValue, "42.69");
  });

  test("has shares, shorts, options and coins under one name each", async (t) => {
    const { venue } = await openWorld(t, {
      positions: [
        position(),
        position({ symbol: "TSLA", side: "short", qty: "-3" }),
        position({ symbol: "AMD260501P00277500", asset_class: "us_option", side: "short", qty: "1" }),
        position({ symbol: "BTCUSD", asset_class: "crypto", qty: "0.123456789" }),
      ],
    });
    const { positions } = await venue.snapshot();
    assert.equal(positions?.quality, "complete");
    assert.deepEqual(
      positions?.rows.map(({ instrument, qty, leg }) => [instrument, qty, leg]),
      [
        ["AAPL", "5", "net"],
        ["TSLA", "-3", "net"],
        ["AMD260501P00277500", "-1", "net"],
        ["BTC/USD", "0.123456789", "net"],
      ],
    );
    assert.equal(venue.instrument("BTC/USD")?.base, "BTC");
    assert.equal(venue.instrument("AMD260501P00277500")?.multiplier, "100");
  });

  test("with a row that cannot be read is partial, has the other rows and names that one", async (t) => {
    const { venue } = await openWorld(t, {
      positions: [position({ symbol: "MSFT" }), position({ qty: null }), position({ symbol: "TSLA" })],
    });
    const { positions } = await venue.snapshot();
    assert.equal(positions?.quality, "partial");
    assert.deepEqual(
      positions?.rows.map(({ instrument }) => instrument),
      ["MSFT", "TSLA"],
    );
    assert.match(positions?.problem ?? "", /the position "AAPL": "qty" is null; expected a decimal number/);
  });

  test("tells three problems and counts the others", async (t) => {
    const { venue } = await openWorld(t, {
      positions: Array.from({ length: 7 }, (_, index) => position({ symbol: `S${index}`, side: "up" })),
    });
    const problem = (await venue.snapshot()).positions?.problem ?? "";
    assert.match(problem, /"S2"/);
    assert.doesNotMatch(problem, /"S3"/);
    assert.match(problem, /and 4 more like this$/);
  });

  test("in another currency makes shares be paid in it", async (t) => {
    const { venue } = await openWorld(t, { account: { currency: "EUR" } });
    assert.equal(venue.instrument("AAPL")?.quote, "USD");
    await venue.snapshot();
    assert.equal(venue.instrument("AAPL")?.quote, "EUR");
  });
});

function bracket(entry: Row, legs: Row[]): Row {
  return order({ id: "entry", order_class: "bracket", ...entry, legs });
}

function target(change: Row = {}): Row {
  return order({ id: "target", order_class: "bracket", side: "sell", limit_price: "120", ...change });
}

function stop(change: Row = {}): Row {
  const stopOnly = { type: "stop", limit_price: null, stop_price: "90", status: "held" };
  return order({ id: "stop", order_class: "bracket", side: "sell", ...stopOnly, ...change });
}

describe("the open orders", () => {
  async function idsOf(venue: Awaited<ReturnType<typeof openWorld>>["venue"]) {
    const { orders } = await venue.snapshot();
    const rows = (orders?.rows ?? []).map(({ venueOrderId, parentVenueOrderId }) => [
      venueOrderId,
      parentVenueOrderId,
    ]);
    return { quality: orders?.quality, problem: orders?.problem, rows };
  }

  test("of a bracket whose entry is open are the entry and both exits, each once", async (t) => {
    const { venue, server } = await openWorld(t, { orders: [bracket({}, [target(), stop()])] });
    assert.deepEqual(await idsOf(venue), {
      quality: "complete",
      problem: undefined,
      rows: [
        ["entry", undefined],
        ["target", "entry"],
        ["stop", "entry"],
      ],
    });
    assert.equal(asked(server, "/v2/orders").length, 2);
  });

  test("of a bracket whose entry is filled are both exits, although no open list shows the stop", async (t) => {
    const filled = { status: "filled", filled_qty: "10", filled_avg_price: "99.5" };
    const { venue, server } = await openWorld(t, {
      orders: [
        bracket(filled, [target(), stop(), stop({ id: "former-stop", status: "replaced" })]),
        order({ id: "other", symbol: "TSLA" }),
      ],
    });
    const { quality, rows } = await idsOf(venue);
    assert.equal(quality, "complete");
    assert.deepEqual(rows.sort(), [
      ["other", undefined],
      ["stop", "entry"],
      ["target", "entry"],
    ]);
    assert.match(asked(server, "/v2/orders")[2] ?? "", /status=all.*nested=true.*symbols=AAPL/);
  });

  test("of a bracket whose other exit cannot be read are partial", async (t) => {
    const { venue, server } = await openWorld(t, {
      orders: [bracket({ status: "filled", filled_qty: "10" }, [target(), stop()])],
    });
    server.setFault("orders", "500", 2);
    const { quality, problem, rows } = await idsOf(venue);
    assert.equal(quality, "partial");
    assert.deepEqual(rows, [["target", undefined]]);
    assert.match(problem ?? "", /the other exits of the brackets of target could not be read: .*HTTP 500/);
  });

  test("that are more than a page are all read, and none twice", async (t) => {
    const orders = Array.from({ length: 1_203 }, (_, index) =>
      order({ id: `order-${String(index).padStart(4, "0")}`, client_order_id: `c-${index}` }),
    );
    const { venue, server } = await openWorld(t, { orders });
    const { quality, rows } = await idsOf(venue);
    assert.equal(quality, "complete");
    assert.equal(rows.length, 1_203);
    assert.equal(new Set(rows.map(([id]) => id)).size, 1_203);
    assert.equal(asked(server, "/v2/orders").length, 6);
  });

  test("[C16] that are more than the bound, or than come in time, are partial and say so", async (t) => {
    const orders = Array.from({ length: 600 }, (_, index) => order({ id: `order-${index}` }));
    // Each look at the clock takes 5 s: the second page would begin too late.
    const { venue } = await openWorld(t, { orders }, { stepMs: 5_000 });
    const { quality, problem, rows } = await idsOf(venue);
    assert.equal(quality, "partial");
    assert.equal(rows.length, 500);
    assert.match(problem ?? "", /more orders are open than were read \(500 in/);
  });

  test("in coins have the name that their positions have", async (t) => {
    const { venue } = await openWorld(t, {
      orders: [
        order({ symbol: "BTC/USD", asset_class: "crypto" }),
        order({ id: "old", symbol: "ETHUSD", asset_class: "crypto" }),
      ],
    });
    const { orders } = await venue.snapshot();
    assert.deepEqual(orders?.rows.map(({ instrument }) => instrument).sort(), ["BTC/USD", "ETH/USD"]);
  });
});
