// The user channel over a real connection and a virtual clock: what goes live, what opens a gap, what comes back by itself,
// and that a match that failed is taken back.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AUTH_PROBLEM } from "../../../src/venues/polymarket/index.ts";
import { StreamWorld } from "./listening.ts";
import { CREDENTIALS } from "./server.ts";
import { openWorld, order, YES } from "./support.ts";

/** The adapter's own figures, in ms. */
const ANSWER = 10_000;
const HEARTBEAT = 10_000;
const IDLE = 120_000;
/** The dice of the virtual runtime always fall on nought. */
const RETRY = 100;

async function withOrder(t: Parameters<typeof openWorld>[0]): Promise<{ world: StreamWorld; id: string }> {
  const world = await StreamWorld.open(t);
  world.server.exchange.book(YES, [{ price: "0.39", size: "100" }], [{ price: "0.41", size: "100" }]);
  await world.connect(t);
  const outcome = await world.venue.submit?.(order());
  assert.ok(outcome?.kind === "accepted" && outcome.venueOrderId);
  await world.until("order");
  return { world, id: outcome.venueOrderId };
}

describe("connecting", () => {
  test("subscribes with the credentials, and is live with the PONG that follows", async (t) => {
    const world = await StreamWorld.open(t);
    await world.connect(t);
    assert.deepEqual(world.kinds(), ["live"]);
    assert.deepEqual(world.server.subscriptions, [{ auth: CREDENTIALS, type: "user", markets: [] }]);
    assert.equal(world.server.pings, 1);
  });

  test("is not live while no PONG comes, and fails in time", async (t) => {
    const world = await StreamWorld.open(t);
    world.server.pong = undefined;
    const connecting = world.connect(t);
    const failing = assert.rejects(connecting, /did not give a PONG within 10 s/);
    await world.server.untilSubscribed(1);
    assert.deepEqual(world.kinds(), []);
    await world.advance(ANSWER);
    await failing;
  });

  test("with credentials that are not taken fails, without showing them", async (t) => {
    const wrong = { apiKey: "canary-key-1", secret: CREDENTIALS.secret, passphrase: "canary-pass-1" };
    const world = await StreamWorld.open(t, { credentials: wrong });
    await assert.rejects(world.connect(t), (error: Error) => {
      assert.doesNotMatch(error.message, /canary|bG9j/);
      return true;
    });
    assert.deepEqual(world.kinds(), []);
    assert.doesNotMatch(JSON.stringify(world.frames), /canary|bG9j/);
  });

  test("where no credentials can be had fails with the reason", async (t) => {
    const world = await StreamWorld.open(t, {
      credentials: { apiKey: "", secret: "", passphrase: "" },
    });
    world.server.fail("GET /auth/derive-api-key", { kind: "answer", status: 401, body: { error: "x" } });
    await assert.rejects(world.connect(t), /the API credentials/);
    assert.equal(world.server.subscriptions.length, 0);
  });

  test("is not offered without credentials, nor without the parts that it needs", async (t) => {
    assert.equal((await openWorld(t)).venue.stream, undefined);
    const world = await StreamWorld.open(t, { isAddressOnly: true });
    assert.equal(world.venue.stream, undefined);
  });
});

describe("what is told", () => {
  test("is a match at once, once more for each state under the same key, with our own name", async (t) => {
    const { world, id } = await withOrder(t);
    const trade = world.server.exchange.match(id, "4", "0.4", "MAKER");
    for (const state of ["MINED", "CONFIRMED"] as const) world.server.exchange.settle(trade, state);
    await world.until("fill", 3);
    const fills = world.of("fill").map(({ fill }) => fill);
    assert.deepEqual(
      fills.map(({ joinKey, tradeId, qty, price, side, clientOrderId }) => [
        [joinKey, tradeId, qty, price],
        [side, clientOrderId],
      ]),
      Array(3).fill([
        ["trade-1", undefined, "4", "0.4"],
        ["buy", "tu-1"],
      ]),
    );
  });

  test("is a match that fails in the end, taken back", async (t) => {
    const { world, id } = await withOrder(t);
    const trade = world.server.exchange.match(id, "4", "0.4");
    for (const state of ["RETRYING", "FAILED"] as const) world.server.exchange.settle(trade, state);
    await world.until("fillReversed");
    const [reversal] = world.of("fillReversed");
    assert.deepEqual(
      [reversal?.fill.joinKey, reversal?.fill.qty, reversal?.fill.side],
      ["trade-1", "4", "buy"],
    );
    assert.equal(reversal?.reason, "its settlement failed (FAILED)");
    assert.equal(world.of("fill").length, 2);
  });

  test("is an order that came, filled and ended", async (t) => {
    const { world, id } = await withOrder(t);
    world.server.exchange.match(id, "4", "0.4");
    world.server.exchange.cancel(id);
    await world.until("order", 3);
    assert.deepEqual(
      world.of("order").map(({ order: row }) => [row.status, row.filledQty, row.clientOrderId === "tu-1"]),
      [
        // Told before the answer: the name was remembered when it was sent.
        ["open", "0", true],
        ["partially_filled", "4", true],
        ["canceled", "4", true],
      ],
    );
  });

  test("of what is not known is a wake with its name", async (t) => {
    const world = await StreamWorld.open(t);
    await world.connect(t);
    world.server.publish(JSON.stringify({ event_type: "brand_new", hint: 1 }));
    await world.until("wake");
    assert.equal(world.of("wake")[0]?.reason, 'unknown message "brand_new"');
  });

  test("may have been a fill where it cannot be read: a gap, and live again", async (t) => {
    const garbage = [
      "{nonsense",
      "[1]",
      "null",
      JSON.stringify({ event_type: "trade", id: "x" }),
      JSON.stringify([{ event_type: "trade", id: "x", status: "MATCHED", size: "NaN" }]),
    ];
    for (const one of garbage) {
      const world = await StreamWorld.open(t);
      await world.connect(t);
      world.server.publish(one);
      await world.until("gap");
      assert.deepEqual(world.kinds(), ["live", "gap", "live"], one);
    }
  });

  test("is recorded without the credentials", async (t) => {
    const { world, id } = await withOrder(t);
    world.server.exchange.match(id, "4", "0.4");
    await world.until("fill");
    const text = JSON.stringify([world.frames, world.events]);
    assert.match(text, /event_type/);
    for (const secret of [CREDENTIALS.secret, CREDENTIALS.passphrase, CREDENTIALS.apiKey]) {
      assert.ok(!text.includes(secret), secret);
    }
  });
});

describe("a connection", () => {
  test("that is cut is a gap, comes back by itself, subscribes again, and is looked into", async (t) => {
    const { world, id } = await withOrder(t);
    world.server.dropStreams();
    await world.until("gap");
    world.server.exchange.match(id, "4", "0.4");
    await world.advance(RETRY);
    await world.until("wake");
    assert.deepEqual(world.kinds().slice(-3), ["gap", "live", "wake"]);
    // What was matched meanwhile is not told again: the history has it.
    assert.equal(world.of("fill").length, 0);
    assert.equal(world.server.subscriptions.length, 2);
  });

  test("that does not come back tells each try, and goes on trying", async (t) => {
    const world = await StreamWorld.open(t);
    await world.connect(t);
    world.server.isStreamDown = true;
    world.server.dropStreams();
    for (let tries = 1; tries <= 4; tries += 1) {
      await world.until("gap", tries);
      await world.advance(RETRY);
    }
    await world.until("gap", 5);
    world.server.isStreamDown = false;
    await world.advance(RETRY);
    await world.until("live", 2);
  });

  test("is asked every 10 s, and given up when no PONG comes", async (t) => {
    const world = await StreamWorld.open(t);
    await world.connect(t);
    for (let beat = 2; beat <= 4; beat += 1) {
      await world.advance(HEARTBEAT);
      await world.untilHeard(beat);
      assert.equal(world.server.pings, beat);
    }
    world.server.pong = undefined;
    await world.advance(HEARTBEAT);
    await world.advance(ANSWER);
    await world.until("gap");
    assert.match(world.of("gap")[0]?.reason ?? "", /PONG within 10 s/);
  });

  test("that answers and tells nothing wakes a pass now and then", async (t) => {
    const world = await StreamWorld.open(t);
    await world.connect(t);
    for (let beats = 1; world.of("wake").length === 0; beats += 1) {
      assert.ok(beats <= IDLE / HEARTBEAT + 1, "a wake within the idle time");
      await world.untilHeard(beats);
      await world.advance(HEARTBEAT);
    }
    assert.equal(world.of("wake")[0]?.reason, "stream silent");
    assert.equal(world.of("gap").length, 0);
  });

  test("that the server refuses in words is told as that", async (t) => {
    const world = await StreamWorld.open(t);
    await world.connect(t);
    world.server.publish("invalid api key");
    await world.until("gap");
    assert.ok(world.of("gap")[0]?.reason.startsWith(AUTH_PROBLEM), world.of("gap")[0]?.reason);
  });

  test("that is closed tells nothing more and does not come back", async (t) => {
    const world = await StreamWorld.open(t);
    const handle = await world.connect(t);
    await handle.close();
    await world.untilMissed(1);
    await world.advance(IDLE);
    assert.deepEqual(world.kinds(), ["live"]);
    assert.equal(world.server.subscriptions.length, 1);
  });
});
