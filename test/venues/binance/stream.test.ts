// The two user data streams: when they are live, what shows that they still are, and what a loss becomes.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Bench, BenchParts } from "../../../src/conformance/index.ts";
import { World } from "../../../src/conformance/world.ts";
import { KEEP_ALIVE_MS, LIFE_MS } from "../../../src/venues/binance/stream.ts";
import { openOn, SPOT_BENCH, USDM_BENCH } from "./bench.ts";
import type { SpotWire } from "./spot-wire.ts";
import type { UsdmWire } from "./usdm-wire.ts";

const MINUTE = 60_000;

async function open(t: Parameters<typeof World.open>[0], bench = USDM_BENCH): Promise<World> {
  const world = await World.open(t, bench);
  await world.venue.snapshot();
  return world;
}

/** No pings: a virtual clock that runs through hours does not wait for the pongs of a real socket. */
const QUIET_BENCH: Bench = {
  ...USDM_BENCH,
  open: (parts) => openOn(parts, "usdm", "net", { heartbeatMs: 1_000 * 60 * MINUTE }),
};

const keyRequests = (world: World) =>
  world.sent.filter(({ url }) => url.includes("listenKey")).map(({ method }) => method);

/** What is sent over real sockets needs real turns, which the virtual clock does not wait for. */
async function turns(world: World, isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000 && !isDone(); turn += 1) await new Promise((done) => setImmediate(done));
  assert.ok(isDone(), `it did not happen; events: ${world.kinds().join(" ")}`);
}

describe("the stream of USD-M futures", () => {
  test("is live after its first pong, and a fill on it has the id that the list of trades has", async (t) => {
    const world = await open(t);
    await world.connect(t);
    assert.deepEqual(world.kinds(), ["live"]);
    await world.pass();
    world.model.trade({ instrument: world.first.instrument.symbol, side: "buy", qty: world.lots(2) });
    await world.untilEvents("position");
    const { fills } = await world.venue.history(world.nowMs - MINUTE);
    const [event] = world.eventsOf("fill");
    assert.equal(event?.fill.tradeId, fills?.rows[0]?.tradeId);
    assert.deepEqual(
      [event?.fill.instrument, event?.fill.side, event?.fill.qty, event?.fill.price, event?.fill.fee],
      [
        fills?.rows[0]?.instrument,
        fills?.rows[0]?.side,
        fills?.rows[0]?.qty,
        fills?.rows[0]?.price,
        fills?.rows[0]?.fee,
      ],
    );
    assert.equal(world.eventsOf("position").at(-1)?.position.qty, "0.02");
  });

  test("that is mute does not become live", async (t) => {
    const world = await open(t);
    world.server.stream = { isMute: true };
    const connecting = world.venue.stream?.(() => undefined);
    const failed = assert.rejects(async () => connecting, /did not give/);
    await turns(world, () => world.server.connections === 1);
    for (let second = 0; second < 25; second += 1) {
      await world.pass(1_000, () => new Promise((done) => setImmediate(done)));
    }
    await failed;
  });

  test("tells a liquidation with its cause", async (t) => {
    const world = await open(t);
    const { symbol } = world.first.instrument;
    await world.connect(t);
    await world.pass();
    world.model.trade({ instrument: symbol, side: "buy", qty: world.lots(2) });
    world.model.force(symbol, "net", "liquidation");
    await world.untilEvents("fill", 2);
    assert.equal(world.eventsOf("fill")[1]?.fill.forced, "liquidation");
  });

  test("tells the fills of a conditional order that fired under the client id of who sent it", async (t) => {
    const world = await open(t);
    const { symbol } = world.first.instrument;
    await world.connect(t);
    const common = { instrument: symbol, side: "sell", qty: world.lots(2) } as const;
    const stop = world.model.place({
      ...{ ...common, clientOrderId: "grid-stop", type: "stop", triggerPrice: world.priceAt(-50) },
    });
    const limit = world.model.place({
      ...{ ...common, clientOrderId: "of-the-engine", type: "limit", price: world.priceAt(90) },
    });
    assert.ok(stop.kind === "order" && limit.kind === "order");
    (world.server as UsdmWire).fired.set(stop.order.venueOrderId, limit.order.venueOrderId);
    world.model.cancel({ venueOrderId: stop.order.venueOrderId });
    world.model.fill(limit.order.venueOrderId);
    await world.untilEvents("fill");
    assert.equal(world.eventsOf("fill")[0]?.fill.clientOrderId, "grid-stop");
    await world.venue.snapshot();
    const { fills } = await world.venue.history(world.nowMs - MINUTE);
    assert.deepEqual(
      fills?.rows.map(({ clientOrderId }) => clientOrderId),
      ["grid-stop"],
    );
  });

  test("extends its key before its hour is over", async (t) => {
    const world = await open(t, QUIET_BENCH);
    await world.connect(t);
    assert.deepEqual(keyRequests(world), ["POST"]);
    await world.pass(26 * MINUTE, () => new Promise((done) => setImmediate(done)));
    await turns(world, () => keyRequests(world).includes("PUT"));
  });

  test("whose key Binance does not know any more is a gap, and comes back with a new one and a wake", async (t) => {
    const world = await open(t, QUIET_BENCH);
    await world.connect(t);
    (world.server as UsdmWire).isKeyExpired = true;
    await world.pass(26 * MINUTE, () => new Promise((done) => setImmediate(done)));
    await turns(world, () => world.kinds().includes("gap"));
    const [gap] = world.eventsOf("gap");
    assert.match(gap?.reason ?? "", /-1125/);
    assert.ok(
      !gap?.reason.includes((world.server as UsdmWire).listenKey),
      "the venue's error repeats the key",
    );
    await world.pass(5_000, () => new Promise((done) => setImmediate(done)));
    await turns(world, () => world.eventsOf("live").length === 2);
    assert.equal(world.kinds().at(-1), "wake");
  });

  test("that says that its key expired is a gap although its pongs go on", async (t) => {
    const world = await open(t);
    await world.connect(t);
    for (const frame of world.server.expiryFrames()) world.server.raw(frame);
    await world.untilEvents("gap");
    assert.match(world.eventsOf("gap")[0]?.reason ?? "", /key expired/);
  });

  test("that is silent but answers makes a pass look", async (t) => {
    const world = await open(t, QUIET_BENCH);
    await world.connect(t);
    world.server.stream = { isSilent: true };
    world.model.trade({ instrument: world.first.instrument.symbol, side: "buy", qty: world.lots(1) });
    await world.pass(121_000, () => new Promise((done) => setImmediate(done)));
    await turns(world, () => world.eventsOf("wake").some(({ reason }) => reason === "stream silent"));
  });

  test("is given up before Binance ends it, which it does after a day", async (t) => {
    assert.ok(LIFE_MS < 24 * 60 * MINUTE && KEEP_ALIVE_MS < 60 * MINUTE);
    const short = (parts: BenchParts) => openOn(parts, "usdm", "net", { lifeMs: 9_000 });
    const world = await open(t, { ...USDM_BENCH, open: short });
    await world.connect(t);
    await world.pass(9_000);
    assert.match(world.eventsOf("gap")[0]?.reason ?? "", /as old as it may become/);
  });

  test("puts no key into what is recorded, nor into what it says of a failure", async (t) => {
    const world = await open(t);
    await world.connect(t);
    for (const frame of world.server.expiryFrames()) world.server.raw(frame);
    await world.untilEvents("gap");
    const text = JSON.stringify([world.events, world.frames]);
    assert.ok(world.frames.length > 0);
    const { listenKey } = world.server as UsdmWire;
    for (const secret of [...Object.values(USDM_BENCH.keys), listenKey]) assert.ok(!text.includes(secret));
  });
});

describe("the stream of spot", () => {
  test("is live when the subscription is acknowledged", async (t) => {
    const world = await open(t, SPOT_BENCH);
    world.server.stream = { isSlow: true };
    const connecting = world.connect(t);
    await turns(world, () => world.server.received.length === 1);
    assert.deepEqual(world.kinds(), []);
    world.server.stream = {};
    world.server.release();
    await connecting;
    assert.deepEqual(world.kinds(), ["live"]);
  });

  test("tells fills under the id that the list of trades has, and balances with what is locked", async (t) => {
    const world = await open(t, SPOT_BENCH);
    await world.connect(t);
    await world.pass();
    world.model.trade({ instrument: "BTC/USDT", side: "buy", qty: world.lots(2) });
    await world.untilEvents("balance");
    assert.equal(world.eventsOf("fill")[0]?.fill.tradeId, world.model.fills[0]?.tradeId);
  });

  test("whose subscription is gone although it answers is given up", async (t) => {
    const world = await open(t, SPOT_BENCH);
    await world.connect(t);
    (world.server as SpotWire).hasSubscription = false;
    await world.pass(21_000, () => new Promise((done) => setImmediate(done)));
    await turns(world, () => world.kinds().includes("gap"));
    assert.match(world.eventsOf("gap")[0]?.reason ?? "", /does not have the subscription/);
  });

  test("that Binance ends is a gap", async (t) => {
    const world = await open(t, SPOT_BENCH);
    await world.connect(t);
    for (const frame of world.server.expiryFrames()) world.server.raw(frame);
    await world.untilEvents("gap");
  });

  test("with keys that are refused does not become live, and says so without them", async (t) => {
    const world = await open(t, SPOT_BENCH);
    world.server.stream = { isUnauthorized: true };
    await assert.rejects(
      async () => world.venue.stream?.(() => undefined),
      (error: Error) =>
        /refused the keys/.test(error.message) && !error.message.includes(String(SPOT_BENCH.keys.keyId)),
    );
  });
});
