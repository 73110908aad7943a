// The stream of trade updates over a real connection and a virtual clock: what goes live, what opens a gap, what comes
// back by itself, and that no fault passes for silence.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AUTH_PROBLEM } from "../../../src/venues/alpaca/index.ts";
import type { StreamEvent } from "../../../src/venues/index.ts";
import { openWorld, order, StreamWorld } from "./support.ts";

/** The adapter's own figures, in ms. */
const ANSWER = 10_000;
const HEARTBEAT = 20_000;
const IDLE = 120_000;
/** The dice of the virtual runtime always fall on nought. */
const RETRY = 100;

function reasons(events: readonly StreamEvent[], kind: "gap" | "wake"): string[] {
  return events.flatMap((event) => (event.kind === kind ? [event.reason] : []));
}

describe("connecting", () => {
  test("authorizes in the form that the server asks for, listens, and is live when that is acknowledged", async (t) => {
    const world = await StreamWorld.open(t);
    world.server.stream.faults = { isSlow: true };
    const connecting = world.connect(t);
    await world.server.stream.until(({ received }) => received.length === 2);
    assert.deepEqual(world.kinds(), []);
    world.server.stream.release();
    await connecting;
    assert.deepEqual(world.kinds(), ["live"]);
    const { keyId, secret } = world.server;
    assert.deepEqual(world.server.stream.received, [
      { action: "auth", key: keyId, secret },
      { action: "listen", data: { streams: ["trade_updates"] } },
    ]);
  });

  test("with refused keys fails by the prefix of refused keys, without the keys", async (t) => {
    const world = await StreamWorld.open(t);
    world.server.stream.faults = { isUnauthorized: true };
    await assert.rejects(world.connect(t), (error: Error) => {
      assert.ok(error.message.startsWith(AUTH_PROBLEM), error.message);
      assert.doesNotMatch(error.message, /PKTEST|local-secret/);
      return true;
    });
    assert.deepEqual(world.events, []);
  });

  test("[B10] to a server that acknowledges another list of streams fails", async (t) => {
    for (const acknowledges of [[], ["account_updates"], ["trade_updates", "account_updates"]]) {
      const world = await StreamWorld.open(t);
      world.server.stream.faults = { acknowledges };
      await assert.rejects(world.connect(t), /expected exactly trade_updates/);
    }
  });

  test("to a server that is down, or answers nothing, fails in time", async (t) => {
    const down = await StreamWorld.open(t);
    down.server.stream.faults = { isDown: true };
    await assert.rejects(down.connect(t), /the connection closed/);
    const mute = await StreamWorld.open(t);
    mute.server.stream.faults = { isMute: true };
    const connecting = mute.connect(t);
    const failing = assert.rejects(connecting, /did not give an authorization within 10 s/);
    await mute.server.stream.until(({ received }) => received.length === 1);
    await mute.advance(ANSWER);
    await failing;
  });

  test("is not offered without the parts that it needs", async (t) => {
    assert.equal((await openWorld(t)).venue.stream, undefined);
  });
});

describe("what is told", () => {
  test("is a fill with its cumulative quantity, its client order id and the position after it", async (t) => {
    const world = await StreamWorld.open(t, { orders: [order({ id: "v-1" })] });
    await world.connect(t);
    world.server.exchange.fill("v-1", "4", "99.25");
    world.server.exchange.fill("v-1", "6", "99.75");
    await world.until("fill", 2);
    const fills = world.events.flatMap((event) => (event.kind === "fill" ? [event.fill] : []));
    assert.deepEqual(
      fills.map(({ joinKey, qty, price, positionAfter }) => [joinKey, qty, price, positionAfter]),
      [
        ["4", "4", "99.25", "4"],
        ["10", "6", "99.75", "10"],
      ],
    );
    assert.deepEqual(
      [fills[0]?.venueOrderId, fills[0]?.clientOrderId, fills[0]?.side, fills[0]?.tradeId],
      ["v-1", "client-1", "buy", undefined],
    );
  });

  test("is every other update as its order, and an unknown one as a wake with its name", async (t) => {
    const world = await StreamWorld.open(t, { orders: [order({ id: "v-1" })] });
    await world.connect(t);
    world.server.exchange.cancel("v-1");
    world.server.stream.update({ event: "brand_new", order: order() });
    world.server.stream.raw(JSON.stringify({ stream: "account_updates", data: {} }));
    await world.until("wake", 2);
    const row = world.events.flatMap((event) => (event.kind === "order" ? [event.order] : []))[0];
    assert.deepEqual([row?.venueOrderId, row?.status], ["v-1", "canceled"]);
    assert.deepEqual(reasons(world.events, "wake"), [
      'unknown trade update "brand_new"',
      'unknown message "account_updates"',
    ]);
  });

  test("is read from text frames as from binary ones", async (t) => {
    const world = await StreamWorld.open(t);
    await world.connect(t);
    const update = { event: "new", order: order() };
    world.server.stream.rawText(JSON.stringify({ stream: "trade_updates", data: update }));
    await world.until("order");
  });

  test("[B09] may have been a fill where it cannot be read: a gap, and live again", async (t) => {
    const garbage: (string | Buffer)[] = [
      "{nonsense",
      "[]",
      Buffer.from([0xff, 0xfe, 0x00]),
      JSON.stringify({ stream: "trade_updates", data: { event: "fill", order: {} } }),
      JSON.stringify({ stream: "trade_updates", data: null }),
    ];
    for (const one of garbage) {
      const world = await StreamWorld.open(t);
      await world.connect(t);
      world.server.stream.raw(one);
      await world.until("gap");
      assert.deepEqual(world.kinds(), ["live", "gap", "live"], String(one).slice(0, 40));
    }
  });
});

describe("a connection that is lost", () => {
  test("because a message was too long is a gap, and comes back", async (t) => {
    const world = await StreamWorld.open(t);
    await world.connect(t);
    world.server.stream.raw(`"${"x".repeat(1_000_001)}"`);
    await world.until("gap");
    await world.advance(RETRY);
    await world.until("live", 2);
  });

  for (const [how, lose] of [
    ["closed by the server", (world: StreamWorld) => world.server.stream.close(1001)],
    ["cut", (world: StreamWorld) => world.server.stream.cut()],
  ] as const) {
    test(`because it is ${how} is a gap, comes back by itself, and is looked into`, async (t) => {
      const world = await StreamWorld.open(t, { orders: [order({ id: "v-1" })] });
      await world.connect(t);
      lose(world);
      await world.until("gap");
      world.server.exchange.fill("v-1", "1", "99");
      await world.advance(RETRY);
      await world.until("wake");
      assert.deepEqual(world.kinds(), ["live", "gap", "live", "wake"]);
      world.server.exchange.fill("v-1", "1", "99");
      await world.until("fill");
      const fill = world.events.at(-1);
      assert.equal(fill?.kind === "fill" && fill.fill.joinKey, "2");
    });
  }

  test("tells each try that fails, and goes on trying", async (t) => {
    const world = await StreamWorld.open(t);
    await world.connect(t);
    world.server.stream.faults = { isDown: true };
    world.server.stream.cut();
    for (let tries = 1; tries <= 4; tries += 1) {
      await world.until("gap", tries);
      await world.advance(RETRY);
    }
    await world.until("gap", 5);
    assert.match(reasons(world.events, "gap")[4] ?? "", /^the stream did not connect: the connection closed/);
    world.server.stream.faults = {};
    await world.advance(RETRY);
    await world.until("live", 2);
  });

  test("is seen where the server answers no more, although nothing was closed", async (t) => {
    const world = await StreamWorld.open(t);
    await world.connect(t);
    world.server.stream.faults = { isMute: true };
    await world.advance(HEARTBEAT);
    await world.server.stream.until(({ received }) => received.length === 3);
    await world.advance(ANSWER);
    await world.until("gap");
    assert.match(
      reasons(world.events, "gap")[0] ?? "",
      /an acknowledgement that the subscription stands within 10 s/,
    );
  });

  test("[B06] is one whose subscription the server no longer names", async (t) => {
    const world = await StreamWorld.open(t);
    await world.connect(t);
    world.server.stream.faults = { acknowledges: [] };
    await world.advance(HEARTBEAT);
    await world.until("gap");
    assert.match(reasons(world.events, "gap")[0] ?? "", /sends \[\]; expected exactly trade_updates/);
  });
});

describe("a quiet stream", () => {
  test("that acknowledges and tells nothing wakes a pass now and then", async (t) => {
    const world = await StreamWorld.open(t, { orders: [order({ id: "v-1" })] });
    await world.connect(t);
    world.server.stream.faults = { isSilent: true };
    world.server.exchange.fill("v-1", "1", "99");
    for (let beats = 1; world.kinds().filter((kind) => kind === "wake").length < 2; beats += 1) {
      assert.ok(beats <= (2 * IDLE) / HEARTBEAT, "two wakes within twice the idle time");
      // An authorization, an acknowledgement, and one more for each beat.
      await world.untilHeard(1 + beats);
      await world.advance(HEARTBEAT);
    }
    assert.deepEqual(reasons(world.events, "wake"), ["stream silent", "stream silent"]);
    assert.equal(world.kinds().includes("gap"), false);
  });
});

describe("closing", () => {
  test("ends the connection, tells nothing more, and does not come back", async (t) => {
    const world = await StreamWorld.open(t);
    const handle = await world.connect(t);
    await handle.close();
    await world.server.stream.until(({ connections }) => connections === 0);
    await world.advance(IDLE);
    assert.deepEqual(world.kinds(), ["live"]);
    assert.equal(world.server.stream.received.length, 2);
  });

  test("while it waits to come back ends the waiting", async (t) => {
    const world = await StreamWorld.open(t);
    const handle = await world.connect(t);
    world.server.stream.cut();
    await world.until("gap");
    await handle.close();
    await world.advance(IDLE);
    assert.deepEqual(world.kinds(), ["live", "gap"]);
  });
});
