// The stream: live only when it is acknowledged, a gap whenever something may have been lost, a look after silence although
// pings are answered, and every fill under the key by which the history has it.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { Bench } from "../bench.ts";
import { isSameFill, oneFill } from "../expected.ts";
import type { ModelFill } from "../model/facts.ts";
import { World } from "../world.ts";
import { clientIdFor, none, readAll, restingOrder } from "./reading.ts";
import { noSecretIn } from "./secrets.ts";

/** Longer than any wait before connecting again, any heartbeat and any patience with silence. In ms. */
const PATIENCE = 1_800_000;

export function streamClaims(bench: Bench): void {
  const { stream } = bench.declaration;
  if (stream === null) {
    test(`${bench.name}: there is no stream, as it is declared`, async (t) => {
      assert.equal((await World.open(t, bench)).venue.stream, undefined);
    });
    return;
  }
  describe(`${bench.name}: the stream`, () => {
    connectingClaims(bench);
    contentClaims(bench);
    lossClaims(bench);
    causeClaims(bench);
  });
}

function connectingClaims(bench: Bench): void {
  if (bench.isStreamAcknowledged ?? true) {
    test("is live when the subscription is acknowledged, and not before", async (t) => {
      const world = await World.open(t, bench);
      world.server.stream = { isSlow: true };
      let isConnected = false;
      const connecting = world.connect(t).then(() => {
        isConnected = true;
      });
      await world.eventually(() => world.server.received.length > 0, "the adapter asks for something");
      await world.settle();
      assert.deepEqual([isConnected, world.kinds()], [false, []]);
      // One answer after another: an authorization is not yet a subscription.
      await world.eventually(() => {
        const isTooEarly = world.server.subscribers === 0 && world.kinds().includes("live");
        assert.ok(!isTooEarly, "it calls itself live, and the server has not subscribed it");
        if (world.server.subscribers === 0) world.server.releaseOne();
        else world.server.stream = {};
        if (world.server.subscribers > 0) world.server.release();
        return isConnected;
      }, "the stream is live");
      await connecting;
      assert.equal(world.kinds()[0], "live");
    });
  }

  test("to a server that is down is refused with a reason, and without a secret", async (t) => {
    const world = await World.open(t, bench);
    world.server.stream = { isDown: true };
    await assert.rejects(world.connect(t), (error: Error) => {
      assert.ok(error.message.length > 0);
      noSecretIn(`${error.message} ${error.stack ?? ""}`, bench, "a refused connection");
      return true;
    });
    assert.ok(!world.kinds().includes("live"));
  });

  test("to a server that says nothing at all is given up in time", async (t) => {
    const world = await World.open(t, bench);
    world.server.stream = { isMute: true };
    if (!(bench.isStreamAcknowledged ?? true)) return;
    let reason = "";
    world.connect(t).then(
      () => undefined,
      (error: Error) => {
        reason = error.message;
      },
    );
    await world.eventually(() => world.server.connections > 0, "it connects");
    await world.eventually(() => reason !== "", "it gives up", 5_000);
    noSecretIn(reason, bench, "a mute server");
  });
}

function contentClaims(bench: Bench): void {
  test("tells a fill at once, as the history tells it, under one key", async (t) => {
    const world = await opened(t, bench);
    const id = restingOrder(world, "streamed", 6);
    await world.pass();
    const fills = [world.model.fill(id, world.lots(1)), world.model.fill(id, world.lots(2))];
    await world.pass();
    fills.push(world.model.fill(id));
    await untilFills(world, 3);
    const told = world.eventsOf("fill").map(({ fill }) => fill);
    for (const fill of fills) {
      const row = told.find((one) => isSameFill(one, fill, bench));
      assert.ok(row, `${JSON.stringify(fill)} is not in ${JSON.stringify(told)}`);
      none(oneFill(row, fill, bench));
    }
    await isJoined(world, fills);
  });

  test("that tells everything twice tells it under the same keys", async (t) => {
    const world = await opened(t, bench);
    world.server.stream = { isDoubled: true };
    const id = restingOrder(world, "doubled", 4);
    const fills = [world.model.fill(id, world.lots(1))];
    await world.pass();
    fills.push(world.model.fill(id, world.lots(3)));
    await untilFills(world, 2);
    await world.settle();
    await isJoined(world, fills);
  });

  test("that tells the last first tells each under its own key", async (t) => {
    const world = await opened(t, bench);
    world.server.stream = { isReversed: true };
    const id = restingOrder(world, "reversed", 4);
    const fills = [world.model.fill(id, world.lots(1))];
    await world.pass();
    fills.push(world.model.fill(id, world.lots(3)));
    world.server.stream = {};
    world.server.release();
    await untilFills(world, 2);
    await isJoined(world, fills);
  });

  test("tells that something became of an order, or that there is something to look at", async (t) => {
    const world = await opened(t, bench);
    const before = world.events.length;
    const venueOrderId = restingOrder(world, "order", 2);
    await world.eventually(() => world.events.length > before, "something is told of a new order");
    const placed = world.events.length;
    world.model.cancel({ venueOrderId });
    await world.eventually(() => world.events.length > placed, "something is told of its end");
    for (const { order } of world.eventsOf("order")) {
      assert.equal(order.instrument, world.first.instrument.symbol);
      assert.equal(order.venueOrderId ?? venueOrderId, venueOrderId);
      const id = clientIdFor(world, "order");
      assert.equal(order.clientOrderId ?? id, id);
    }
    const last = world.eventsOf("order").at(-1);
    if (last?.order.status !== undefined) assert.equal(last.order.status, "canceled");
  });

  test("gives each message to be recorded, without a secret in it", async (t) => {
    const world = await opened(t, bench);
    world.model.fill(restingOrder(world, "recorded", 1));
    await untilFills(world, 1);
    assert.ok(world.frames.length > 0, "nothing was given to be recorded");
    // A venue that repeats what it was given.
    const before = world.frames.length;
    world.server.raw(JSON.stringify({ ...bench.keys, message: Object.values(bench.keys).join(" ") }));
    await world.eventually(() => world.frames.length > before, "it is taken in", 100);
    noSecretIn(world.frames.join("\n"), bench, "a recorded message");
    noSecretIn(JSON.stringify(world.events), bench, "an event");
  });
}

function lossClaims(bench: Bench): void {
  for (const [how, lose] of [
    ["closed by the server", (world: World) => world.server.close(1001)],
    ["cut", (world: World) => world.server.cut()],
  ] as const) {
    test(`that is ${how} is a gap, comes back by itself, and has the account looked at`, async (t) => {
      const world = await opened(t, bench);
      const id = restingOrder(world, "away", 4);
      await world.settle();
      const from = world.events.length;
      lose(world);
      await world.eventually(() => world.kinds().slice(from).includes("gap"), "a gap is told");
      world.model.fill(id, world.lots(1));
      await world.eventually(() => isBack(world, from), "it is live again, and wakes", 1_000);
      const live = world.kinds().indexOf("live", from);
      assert.ok(world.kinds().indexOf("gap", from) < live, "the gap is told before it is live again");
      world.model.fill(id, world.lots(2));
      await world.eventually(() => world.eventsOf("fill").length > 0, "fills are told again");
    });
  }

  test("whose server is down goes on trying, and comes back", async (t) => {
    const world = await opened(t, bench);
    world.server.stream = { isDown: true };
    world.server.cut();
    await world.eventually(
      () => world.kinds().filter((kind) => kind === "gap").length >= 3,
      "it tries",
      5_000,
    );
    world.server.stream = {};
    const from = world.events.length;
    await world.eventually(() => isBack(world, from), "it comes back", 5_000);
  });

  test("that answers and tells nothing has the account looked at, although nothing is wrong with its pongs", async (t) => {
    const world = await opened(t, bench);
    world.server.stream = { isSilent: true };
    const from = world.events.length;
    world.model.fill(restingOrder(world, "silent", 1));
    await world.eventually(
      () =>
        world
          .kinds()
          .slice(from)
          .some((kind) => kind === "wake" || kind === "gap"),
      "a pass is woken, or a gap told",
      5_000,
    );
  });

  test("that answers no more is a gap, although nothing was closed", async (t) => {
    const world = await opened(t, bench);
    world.server.stream = { isMute: true };
    const from = world.events.length;
    await world.eventually(() => world.kinds().slice(from).includes("gap"), "a gap is told", 5_000);
    world.server.stream = {};
    await world.eventually(() => isBack(world, from), "it comes back", 5_000);
  });

  test("whose key has expired is a gap, and comes back under another one", async (t) => {
    const world = await opened(t, bench);
    const frames = world.server.expiryFrames();
    if (frames.length === 0) return t.diagnostic("the keys of this stream do not expire");
    const from = world.events.length;
    for (const frame of frames) world.server.raw(frame);
    await world.eventually(() => isBack(world, from), "it is live again", 1_000);
    assert.ok(world.kinds().slice(from).includes("gap"));
  });

  test("on which something comes that cannot be read may have lost a fill: a gap, and no exception", async (t) => {
    const garbage = ["{nonsense", '"', "[1,", Buffer.from([0xff, 0xfe, 0x00])];
    for (const one of garbage) {
      const world = await opened(t, bench);
      const from = world.events.length;
      world.server.raw(one);
      await world.eventually(() => world.kinds().slice(from).includes("gap"), `a gap after ${one}`, 100);
      await world.eventually(() => world.kinds().slice(from).includes("live"), "live again", 1_000);
    }
  });

  test("that is closed tells nothing more, and does not come back", async (t) => {
    const world = await World.open(t, bench);
    const handle = await world.connect(t);
    await handle.close();
    await world.eventually(() => world.server.connections === 0, "the connection is closed");
    const before = world.events.length;
    await world.pass(PATIENCE);
    await world.settle();
    assert.deepEqual([world.events.length, world.server.connections], [before, 0]);
  });
}

function causeClaims(bench: Bench): void {
  for (const cause of ["liquidation", "adl", "settlement"] as const) {
    if (!bench.happenings.includes(cause)) continue;
    test(`tells a ${cause} with its cause`, async (t) => {
      const world = await opened(t, bench);
      const { symbol } = world.first.instrument;
      world.model.trade({ instrument: symbol, side: "buy", qty: world.lots(5) });
      await world.pass();
      await world.settle();
      const from = world.events.length;
      const fill = world.model.force(symbol, world.model.usualLeg, cause, { qty: world.lots(2) });
      const isTold = () =>
        world.events
          .slice(from)
          .some(
            (event) =>
              (event.kind === "fill" && event.fill.forced === cause && isSameFill(event.fill, fill, bench)) ||
              (event.kind === "position" && event.cause === cause),
          );
      await world.eventually(isTold, `the cause ${cause} is told`);
      const wrong = world
        .eventsOf("fill")
        .filter((one) => isSameFill(one.fill, fill, bench) && one.fill.forced !== cause);
      assert.deepEqual(wrong, [], "a forced fill is told as an ordinary one");
    });
  }

  if (bench.happenings.includes("reversal")) {
    test("tells that a fill was taken back, or has the account looked at", async (t) => {
      const world = await opened(t, bench);
      const fill = world.model.fill(restingOrder(world, "bust", 2));
      await untilFills(world, 1);
      const from = world.events.length;
      world.model.bust(fill.tradeId);
      const told = () =>
        world.events.slice(from).filter(({ kind }) => kind === "fillReversed" || kind === "wake");
      await world.eventually(() => told().length > 0, "it is told");
      for (const event of told()) {
        if (event.kind === "fillReversed") assert.ok(isSameFill(event.fill, fill, bench));
      }
      assert.equal(
        bench.declaration.capabilities.fills.revisable,
        true,
        "a venue that takes fills back says so",
      );
    });
  }
}

async function opened(t: TestContext, bench: Bench): Promise<World> {
  const world = await World.open(t, bench);
  await world.pass();
  await world.connect(t);
  await world.eventually(() => world.server.subscribers > 0, "the server has a subscriber");
  return world;
}

function untilFills(world: World, count: number): Promise<void> {
  return world.eventually(() => world.eventsOf("fill").length >= count, `${count} fills are told`);
}

function isBack(world: World, from: number): boolean {
  const kinds = world.kinds().slice(from);
  const live = kinds.indexOf("live");
  return live >= 0 && kinds.includes("wake");
}

/** Every fill of the stream has the key of the history's: the trade's id, or the order's with what it had filled. */
async function isJoined(world: World, fills: readonly ModelFill[]): Promise<void> {
  const { history } = await readAll(world);
  const rows = history.fills?.rows ?? [];
  const keys = new Set<string>();
  for (const { fill } of world.eventsOf("fill")) {
    const same = rows.filter((row) =>
      row.tradeId !== undefined && fill.tradeId !== undefined
        ? row.tradeId === fill.tradeId && row.instrument === fill.instrument
        : row.joinKey !== undefined && row.joinKey === fill.joinKey && row.venueOrderId === fill.venueOrderId,
    );
    assert.equal(same.length, 1, `${JSON.stringify(fill)} is one row of ${JSON.stringify(rows)}`);
    keys.add(`${same[0]?.tradeId} ${same[0]?.joinKey} ${same[0]?.venueOrderId}`);
  }
  assert.equal(keys.size, fills.length, "as many keys as fills");
}
