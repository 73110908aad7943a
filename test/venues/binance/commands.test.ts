// What is sent to Binance, how often, and what an answer proves.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { json } from "../../../src/conformance/index.ts";
import { World } from "../../../src/conformance/world.ts";
import type { SubmitCommand } from "../../../src/venues/index.ts";
import { HEDGE_BENCH, SPOT_BENCH, USDM_BENCH } from "./bench.ts";
import type { BinanceWire } from "./binance-wire.ts";
import type { UsdmWire } from "./usdm-wire.ts";

async function open(t: Parameters<typeof World.open>[0], bench = USDM_BENCH): Promise<World> {
  const world = await World.open(t, bench);
  await world.pass();
  await world.venue.snapshot();
  world.sent.length = 0;
  return world;
}

function order(world: World, change: Partial<SubmitCommand> = {}): SubmitCommand {
  return {
    instrument: world.first.instrument.symbol,
    clientOrderId: "tu-1",
    leg: "net",
    side: "buy",
    type: "limit",
    qty: world.lots(2),
    price: world.priceAt(-10),
    timeInForce: "gtc",
    reduceOnly: false,
    ...change,
  };
}

/** Without what it does not have. */
function without(command: SubmitCommand, ...fields: (keyof SubmitCommand)[]): SubmitCommand {
  return Object.fromEntries(
    Object.entries(command).filter(([name]) => !fields.includes(name as never)),
  ) as never;
}

function sent(world: World) {
  return world.sent.map(({ method, url }) => {
    const { pathname, searchParams } = new URL(url);
    for (const name of ["timestamp", "recvWindow", "signature"]) searchParams.delete(name);
    return `${method} ${pathname}?${searchParams}`;
  });
}

describe("an order sent to USD-M futures", () => {
  test("goes out once, signed, with its quantities as they are, and comes back as its row", async (t) => {
    const world = await open(t);
    const outcome = await world.venue.submit?.(order(world));
    assert.equal(outcome?.kind, "accepted");
    assert.equal(outcome?.kind === "accepted" && outcome.row?.clientOrderId, "tu-1");
    assert.deepEqual(sent(world), [
      "POST /fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.02&price=64249.5&timeInForce=GTC&newClientOrderId=tu-1",
    ]);
  });

  test("that reduces only says so one-way", async (t) => {
    const world = await open(t);
    world.model.trade({ instrument: world.first.instrument.symbol, side: "buy", qty: world.lots(3) });
    const wanted = without(order(world, { type: "market", side: "sell", reduceOnly: true }), "price");
    assert.equal((await world.venue.submit?.(wanted))?.kind, "accepted");
    assert.match(sent(world)[0] ?? "", /&reduceOnly=true&/);
    assert.doesNotMatch(sent(world)[0] ?? "", /timeInForce/);
  });

  test("in hedge mode names its leg instead, and one that would open although it reduces is not sent", async (t) => {
    const world = await open(t, HEDGE_BENCH);
    world.model.trade({
      instrument: world.first.instrument.symbol,
      leg: "long",
      side: "buy",
      qty: world.lots(3),
    });
    const closing = without(
      order(world, { leg: "long", type: "market", side: "sell", reduceOnly: true }),
      "price",
    );
    assert.equal((await world.venue.submit?.(closing))?.kind, "accepted");
    assert.match(sent(world)[0] ?? "", /positionSide=LONG/);
    assert.doesNotMatch(sent(world)[0] ?? "", /reduceOnly/);
    const opening = await world.venue.submit?.({ ...closing, side: "buy", clientOrderId: "tu-2" });
    assert.deepEqual([opening?.kind, opening?.kind === "rejected" && opening.sent], ["rejected", false]);
    const net = await world.venue.submit?.({ ...closing, leg: "net", clientOrderId: "tu-3" });
    assert.equal(net?.kind === "rejected" && net.sent, false);
    assert.equal(world.sent.length, 1);
  });

  test("as a stop goes to the algo service, and is among the open orders with an id of that service", async (t) => {
    const world = await open(t);
    const stop = without(
      order(world, { type: "stop", side: "sell", triggerPrice: world.priceAt(-20) }),
      "price",
    );
    const outcome = await world.venue.submit?.(stop);
    assert.equal(outcome?.kind, "accepted");
    assert.match(
      sent(world)[0] ?? "",
      /^POST \/fapi\/v1\/algoOrder\?algoType=CONDITIONAL.*type=STOP_MARKET.*clientAlgoId=tu-1/,
    );
    const { orders } = await world.venue.snapshot();
    assert.deepEqual(
      orders?.rows.map(({ venueOrderId, type, triggerPrice }) => [venueOrderId, type, triggerPrice]),
      [[outcome?.kind === "accepted" && outcome.venueOrderId, "stop", "64248.5"]],
    );
    assert.match(orders?.rows[0]?.venueOrderId ?? "", /^algo-\d+$/);
  });

  for (const [what, change] of [
    ["for the day", { timeInForce: "day" }],
    ["with a price although it is a market order", { type: "market" }],
    ["of what is no instrument of futures", { instrument: "BTC/USDT" }],
  ] as const) {
    test(`${what} is not sent`, async (t) => {
      const world = await open(t);
      const outcome = await world.venue.submit?.(order(world, change));
      assert.deepEqual([outcome?.kind, outcome?.kind === "rejected" && outcome.sent], ["rejected", false]);
      assert.equal(world.sent.length, 0);
    });
  }

  test("whose id is at work already is unknown, and found by that id", async (t) => {
    const world = await open(t);
    await world.venue.submit?.(order(world));
    assert.equal((await world.venue.submit?.(order(world)))?.kind, "unknown");
    const found = await world.venue.order?.({
      instrument: world.first.instrument.symbol,
      clientOrderId: "tu-1",
    });
    assert.equal(found?.kind, "row");
  });

  for (const fault of ["a reset after", "no answer after", "503 after", "half an answer after"] as const) {
    test(`is unknown after "${fault}", was sent once, and is found by its client id`, async (t) => {
      const world = await open(t);
      world.server.setCommandFault("submit", fault, 1);
      assert.equal((await world.venue.submit?.(order(world)))?.kind, "unknown");
      assert.equal(world.sent.length, 1);
      const found = await world.venue.order?.({
        instrument: world.first.instrument.symbol,
        clientOrderId: "tu-1",
      });
      assert.equal(found?.kind, "row");
    });
  }

  test("of a clock that is off is right all the same, because it carries the venue's time", async (t) => {
    const world = await World.open(t, USDM_BENCH);
    (world.server as BinanceWire).skewMs = -40_000;
    await world.venue.snapshot();
    assert.equal((await world.venue.submit?.(order(world)))?.kind, "accepted");
  });

  test("that is refused for its time is a refusal; the next read measures the clock and the next order is in time", async (t) => {
    const world = await open(t);
    (world.server as BinanceWire).skewMs = 60_000;
    const outcome = await world.venue.submit?.(order(world));
    assert.equal(outcome?.kind === "rejected" && outcome.code, "-1021");
    const { positions } = await world.venue.snapshot();
    assert.equal(positions?.quality, "complete", positions?.problem);
    assert.equal((await world.venue.submit?.(order(world)))?.kind, "accepted");
  });
});

describe("cancelling all orders of an instrument of USD-M futures", () => {
  test("reaches both services, stops too, and no other instrument", async (t) => {
    const world = await open(t);
    const { symbol } = world.first.instrument;
    await world.venue.submit?.(order(world));
    const { price: _, ...unpriced } = order(world, { clientOrderId: "tu-2", side: "sell", type: "stop" });
    await world.venue.submit?.({ ...unpriced, triggerPrice: world.priceAt(-5) });
    world.sent.length = 0;
    assert.deepEqual(await world.venue.cancelAll?.({ instrument: symbol }), { kind: "accepted" });
    assert.deepEqual(sent(world).sort(), [
      "DELETE /fapi/v1/algoOpenOrders?symbol=BTCUSDT",
      "DELETE /fapi/v1/allOpenOrders?symbol=BTCUSDT",
    ]);
    for (const clientOrderId of ["tu-1", "tu-2"]) {
      assert.equal(world.model.find({ clientOrderId })?.status, "canceled", clientOrderId);
    }
    world.sent.length = 0;
    for (const command of [{}, { instrument: "no pair at all" }]) {
      const outcome = await world.venue.cancelAll?.(command);
      assert.equal(outcome?.kind === "rejected" && outcome.sent, false);
    }
    assert.deepEqual(sent(world), []);
  });

  test("is accepted only where both services took it", async (t) => {
    const world = await open(t);
    const { symbol } = world.first.instrument;
    const server = world.server as UsdmWire;
    const routes = Reflect.get(server, "routes").bind(server);
    const reply = () => json({});
    Reflect.set(server, "routes", () => [
      { of: ["cancel"], method: "DELETE", path: /\/fapi\/v1\/algoOpenOrders/, reply },
      ...routes(),
    ]);
    assert.equal((await world.venue.cancelAll?.({ instrument: symbol }))?.kind, "unknown");
  });
});

describe("a cancel at USD-M futures", () => {
  test("by the client's id alone finds the order in whichever service it is, without any read", async (t) => {
    const world = await open(t);
    const { symbol } = world.first.instrument;
    const stop = without(
      order(world, { type: "stop", side: "sell", triggerPrice: world.priceAt(-20) }),
      "price",
    );
    await world.venue.submit?.(stop);
    await world.venue.submit?.(order(world, { clientOrderId: "tu-2" }));
    world.sent.length = 0;
    for (const name of ["order", "orders", "positions"] as const) world.server.setReadFault(name, "500");
    assert.equal(
      (await world.venue.cancel?.({ instrument: symbol, clientOrderId: "tu-1" }))?.kind,
      "accepted",
    );
    assert.equal(
      (await world.venue.cancel?.({ instrument: symbol, clientOrderId: "tu-2" }))?.kind,
      "accepted",
    );
    assert.ok(world.sent.every(({ method }) => method === "DELETE"));
    assert.equal(world.model.openOrders.length, 0);
  });

  test("that is answered with another order's row, which names no client id either, proves nothing", async (t) => {
    const world = await open(t);
    const { symbol } = world.first.instrument;
    const server = world.server as UsdmWire;
    const routes = Reflect.get(server, "routes").bind(server);
    const row = { symbol: "BTCUSDT", orderId: 999, side: "BUY", type: "LIMIT", status: "CANCELED" };
    const reply = () => json({ ...row, origQty: "1", executedQty: "0" });
    Reflect.set(server, "routes", () => [
      { of: ["cancel"], method: "DELETE", path: /\/fapi\/v1\/order/, reply },
      ...routes(),
    ]);
    const outcome = await world.venue.cancel?.({ instrument: symbol, venueOrderId: "1001" });
    assert.equal(outcome?.kind, "unknown");
  });

  test("of an order that is filled is refused, and the order is there to be looked up", async (t) => {
    const world = await open(t);
    const { symbol } = world.first.instrument;
    const accepted = await world.venue.submit?.(order(world));
    const venueOrderId = accepted?.kind === "accepted" ? (accepted.venueOrderId ?? "") : "";
    world.model.fill(venueOrderId);
    const outcome = await world.venue.cancel?.({ instrument: symbol, venueOrderId });
    assert.equal(outcome?.kind === "rejected" && outcome.code, "-2011");
    const found = await world.venue.order?.({ instrument: symbol, venueOrderId });
    assert.equal(found?.kind === "row" && found.row.status, "filled");
  });

  test("of a conditional order that fired meanwhile takes the order that goes on", async (t) => {
    const world = await open(t);
    const { symbol } = world.first.instrument;
    const stop = without(
      order(world, { type: "stop_limit", side: "sell", triggerPrice: world.priceAt(-20) }),
    );
    const accepted = await world.venue.submit?.(stop);
    const venueOrderId = accepted?.kind === "accepted" ? (accepted.venueOrderId ?? "") : "";
    const server = world.server as UsdmWire;
    const { order: plain } = world.model.place({
      instrument: symbol,
      clientOrderId: "of-the-engine",
      side: "sell",
      type: "limit",
      qty: world.lots(2),
      price: world.priceAt(-10),
    }) as { order: { venueOrderId: string } };
    server.fired.set(venueOrderId.replace("algo-", ""), plain.venueOrderId);
    world.model.cancel({ venueOrderId: venueOrderId.replace("algo-", "") });
    world.sent.length = 0;
    const outcome = await world.venue.cancel?.({ instrument: symbol, venueOrderId });
    assert.equal(outcome?.kind, "accepted");
    assert.equal(world.model.find(plain)?.status, "canceled");
    assert.deepEqual(
      world.sent.filter(({ method }) => method === "DELETE").map(({ url }) => new URL(url).pathname),
      ["/fapi/v1/algoOrder", "/fapi/v1/order"],
    );
  });

  test("goes out although Binance said to wait, which keeps orders and reads back", async (t) => {
    const world = await open(t);
    const { symbol } = world.first.instrument;
    await world.venue.submit?.(order(world));
    world.server.setReadFault("positions", "429 with Retry-After");
    await world.venue.snapshot();
    world.sent.length = 0;
    const kept = await world.venue.submit?.(order(world, { clientOrderId: "tu-2" }));
    assert.equal(kept?.kind === "rejected" && kept.sent, false);
    assert.equal(
      (await world.venue.cancel?.({ instrument: symbol, clientOrderId: "tu-1" }))?.kind,
      "accepted",
    );
    assert.deepEqual(
      world.sent.map(({ method }) => method),
      ["DELETE"],
    );
  });

  test("goes out although reads have used up the rate", async (t) => {
    const world = await open(t);
    const { symbol } = world.first.instrument;
    await world.venue.submit?.(order(world));
    for (let count = 0; count < 40; count += 1) await world.venue.snapshot();
    const { orders } = await world.venue.snapshot();
    assert.equal(orders?.quality, "unavailable");
    assert.match(orders?.problem ?? "", /rate limited/);
    assert.equal(
      (await world.venue.cancel?.({ instrument: symbol, clientOrderId: "tu-1" }))?.kind,
      "accepted",
    );
  });
});

describe("an amendment at USD-M futures", () => {
  test("states quantity and price both, of the order as it is", async (t) => {
    const world = await open(t);
    const { symbol } = world.first.instrument;
    await world.venue.submit?.(order(world));
    world.sent.length = 0;
    const change = {
      instrument: symbol,
      clientOrderId: "tu-1",
      qty: world.lots(3),
      newClientOrderId: "tu-2",
    };
    assert.equal((await world.venue.amend?.(change))?.kind, "accepted");
    assert.match(
      sent(world).at(-1) ?? "",
      /^PUT \/fapi\/v1\/order\?symbol=BTCUSDT&orderId=\d+&side=BUY&quantity=0.03&price=64249.5$/,
    );
  });

  test("to what is filled already is not sent: Binance would cancel the order", async (t) => {
    const world = await open(t);
    const { symbol } = world.first.instrument;
    const accepted = await world.venue.submit?.(order(world, { qty: world.lots(4) }));
    world.model.fill(accepted?.kind === "accepted" ? (accepted.venueOrderId ?? "") : "", world.lots(3));
    world.sent.length = 0;
    const change = {
      instrument: symbol,
      clientOrderId: "tu-1",
      qty: world.lots(3),
      newClientOrderId: "tu-2",
    };
    const outcome = await world.venue.amend?.(change);
    assert.equal(outcome?.kind === "rejected" && outcome.sent, false);
    assert.ok(world.sent.every(({ method }) => method === "GET"));
  });
});

describe("an order sent to spot", () => {
  test("may be sized by what it costs", async (t) => {
    const world = await open(t, SPOT_BENCH);
    const wanted = without(
      { ...order(world, { type: "market" }), notional: world.lots(10_000) },
      "qty",
      "price",
    );
    const outcome = await world.venue.submit?.(wanted);
    assert.equal(outcome?.kind, "accepted");
    assert.match(sent(world)[0] ?? "", /^POST \/api\/v3\/order\?.*quoteOrderQty=100/);
    const { row } = outcome as { row: { qty?: string; notional?: string } };
    assert.deepEqual([row.qty, row.notional], [undefined, "100"]);
  });

  test("of a pair that the account does not name is not sent: its trades would never be read", async (t) => {
    const world = await open(t, SPOT_BENCH);
    const outcome = await world.venue.submit?.(order(world, { instrument: "DOGE/USDT" }));
    assert.equal(outcome?.kind === "rejected" && outcome.sent, false);
    assert.equal(world.sent.length, 0);
  });

  test("is cancelled by its client id, and told under its own id and not the cancel's", async (t) => {
    const world = await open(t, SPOT_BENCH);
    await world.venue.submit?.(order(world));
    const outcome = await world.venue.cancel?.({ instrument: "BTC/USDT", clientOrderId: "tu-1" });
    assert.equal(outcome?.kind === "accepted" && outcome.row?.clientOrderId, "tu-1");
  });

  test("whose id is at work already is unknown", async (t) => {
    const world = await open(t, SPOT_BENCH);
    await world.venue.submit?.(order(world));
    assert.equal((await world.venue.submit?.(order(world)))?.kind, "unknown");
  });
});
