// Our clock is set, or the machine slept: no duration is measured across it, what happened is counted once, and the
// account is read again.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decimal, type OrderRow, orderStatus } from "../../src/core/index.ts";
import { MemoryMirror } from "../../src/mirrors/memory/index.ts";
import { fill, held, resting, type StubOptions, StubWorld } from "../support/stub-venue.ts";
import { TestWorld } from "../support/world.ts";

const INTERVAL_MS = 15_000;
const HOUR_MS = 3_600_000;
const GRACE_MS = 20_000;

async function holding(options: StubOptions = {}): Promise<StubWorld> {
  const world = new StubWorld({ policy: { graceMs: GRACE_MS }, ...options });
  world.venue.positions = [held("X", "10", "100"), held("K", "1")];
  await world.open();
  await world.advance(INTERVAL_MS);
  return world;
}

async function estimates(world: StubWorld): Promise<string[]> {
  return (await world.records()).flatMap((one) =>
    one.kind === "adjustment_inferred" &&
    one.payload.subject === "position" &&
    one.payload.basis === "estimate"
      ? [one.payload.qtyDelta]
      : [],
  );
}

test("a jump of more than two seconds is logged once, a smaller one is none", async () => {
  const world = new TestWorld();
  await world.open();
  const told = () =>
    world.lines.filter(({ name }) => name === "clock.jumped").map(({ fields }) => fields.byMs);
  for (const [byMs, expected] of [
    [1_900, []],
    [-1_900, []],
    [HOUR_MS, [HOUR_MS]],
    [-HOUR_MS, [HOUR_MS, -HOUR_MS]],
  ] as const) {
    world.runtime.jump(byMs);
    await world.advance(2 * INTERVAL_MS);
    assert.deepEqual(told(), expected);
  }
});

test("a message of the stream finds the jump, and a pass follows at once", async () => {
  const world = await holding();
  const before = world.reports.length;
  world.runtime.jump(HOUR_MS);
  world.venue.emit({ kind: "price", instrument: "X", last: "100" as never });
  await world.advance(0);
  assert.deepEqual(
    world.reports.slice(before).map(({ trigger }) => trigger),
    ["clock"],
  );
});

for (const byMs of [HOUR_MS, -HOUR_MS, 3_000, -3_000]) {
  test(`[R2] grace lasts as long as it lasts when the clock jumps by ${byMs} ms in it`, async () => {
    const world = await holding();
    world.venue.positions = [held("X", "12", "100"), held("K", "1")];
    await world.advance(INTERVAL_MS);
    assert.deepEqual(world.openMatters(), ["position_mismatch -"]);
    world.runtime.jump(byMs);
    await world.advance(INTERVAL_MS);
    assert.equal(world.qty("X"), "10", "the jump is no waiting");
    await world.advance(2 * INTERVAL_MS);
    assert.equal(world.qty("X"), "12", "and does not lengthen it");
  });
}

test("[C07] after an outage of the history a new process reads on from what was proven, whatever its clock says", async () => {
  const fills = { lateArrivalMs: 60_000, retentionMs: 1_200_000, revisable: false };
  const world = await holding({ capabilities: { fills } });
  const provenMs = world.nowMs;
  world.venue.fills = undefined;
  await world.advance(INTERVAL_MS);
  world.die();
  world.runtime.jump(HOUR_MS);
  world.venue.fills = [];
  await world.open();
  assert.ok((world.venue.historyFrom.at(-1) ?? 0) <= provenMs);
});

for (const byMs of [HOUR_MS, -HOUR_MS]) {
  test(`[R3] a fill is in flight no longer when the clock jumps by ${byMs} ms after it`, async () => {
    const world = await holding({ capabilities: { readAfterFillLagMs: 2_000 } });
    const bought = fill("X", "T-1", "buy", "1", "100", world.nowMs);
    world.venue.fills = [bought];
    world.venue.positions = [held("X", "11", "100"), held("K", "1")];
    world.venue.emit({ kind: "fill", fill: bought });
    await world.session.whenDurable();
    world.runtime.jump(byMs);
    await world.advance(3 * INTERVAL_MS);
    const book = world.reports.at(-1)?.summaries.find(({ of }) => of === "book");
    assert.deepEqual([book?.inFlight, book?.verified], [0, 2]);
    await world.advance(12 * INTERVAL_MS);
    assert.equal((await world.alerts()).includes("stuck_in_flight"), false);
    assert.deepEqual(await estimates(world), []);
  });
}

describe("[R8] with what is known of a quantity ahead of a clock that was set back,", () => {
  test("a new fill counts, told by the stream or found in the history", async () => {
    for (const isStreamed of [true, false]) {
      const world = await holding();
      world.runtime.jump(-HOUR_MS);
      await world.advance(INTERVAL_MS);
      const bought = fill("X", "T-1", "buy", "2", "130", world.nowMs - 1_000);
      world.venue.fills = [bought];
      world.venue.positions = [held("X", "12", "105"), held("K", "1")];
      if (isStreamed) world.venue.emit({ kind: "fill", fill: bought });
      await world.advance(4 * INTERVAL_MS);
      assert.equal(world.qty("X"), "12");
      assert.deepEqual(await estimates(world), [], `streamed: ${isStreamed}`);
      assert.deepEqual(world.openMatters(), []);
    }
  });

  test("a fill that the quantity has already does not count again", async () => {
    const world = await holding();
    const bought = fill("X", "T-1", "buy", "2", "130", world.nowMs - HOUR_MS - 60_000);
    world.runtime.jump(-HOUR_MS);
    world.venue.fills = [bought];
    await world.advance(4 * INTERVAL_MS);
    assert.equal(world.qty("X"), "10");
    assert.deepEqual(await estimates(world), []);
  });

  test("what was estimated of two orders gives way to their fills, each on its own order", async () => {
    const world = await holding();
    const ordered = (id: string, side: "buy" | "sell", qty: string): OrderRow => ({
      ...resting(`V-${id}`),
      side,
      type: "market",
      qty: decimal(qty),
      filledQty: decimal(qty),
      avgPrice: decimal("100"),
      status: "filled",
    });
    world.venue.orders = [ordered("T-1", "buy", "5")];
    world.venue.positions = [held("X", "15", "100"), held("K", "1")];
    await world.advance(4 * INTERVAL_MS);
    world.venue.orders = [...world.venue.orders, ordered("T-2", "sell", "2")];
    world.venue.positions = [held("X", "13", "100"), held("K", "1")];
    await world.advance(4 * INTERVAL_MS);
    assert.equal(world.session.book.adjustments.size, 4, "two openings, two orders' fills");
    world.runtime.jump(-HOUR_MS);
    await world.advance(INTERVAL_MS);
    world.venue.fills = [
      fill("X", "T-1", "buy", "5", "100", world.nowMs - 1_000),
      fill("X", "T-2", "sell", "2", "100", world.nowMs - 1_000),
    ];
    await world.advance(5 * INTERVAL_MS);
    assert.equal(world.qty("X"), "13");
    assert.deepEqual(await estimates(world), []);
    const filled = [...world.session.book.orders.values()].map(({ fillsQty }) => fillsQty);
    assert.deepEqual(filled, ["5", "2"]);
  });

  test("an estimate does not swallow a new fill, and gives way to the one that it stood for", async () => {
    for (const isNew of [true, false]) {
      const world = await holding();
      world.venue.positions = [held("X", "12", "100"), held("K", "1")];
      await world.advance(4 * INTERVAL_MS);
      assert.deepEqual(await estimates(world), ["2"]);
      world.runtime.jump(-HOUR_MS);
      await world.advance(INTERVAL_MS);
      world.venue.fills = [fill("X", "T-1", "buy", "2", "130", world.nowMs - 1_000)];
      if (isNew) world.venue.positions = [held("X", "14", "105"), held("K", "1")];
      await world.advance(5 * INTERVAL_MS);
      assert.equal(world.qty("X"), isNew ? "14" : "12");
      assert.deepEqual(await estimates(world), ["2"], "nothing else was estimated");
      const open = [...world.session.book.adjustments.values()].filter(
        ({ facts }) => facts.basis === "estimate",
      );
      assert.deepEqual(
        open.map(({ remaining }) => remaining),
        isNew ? ["2"] : [],
      );
    }
  });
});

test("[R5] a plan has the order that nobody knows of, also when our clock was set back since it was sent (seed 109)", async () => {
  const world = new StubWorld({
    policy: { mode: "executor" },
    capabilities: { orderLookup: "none", forgetsClosedOrders: true },
  });
  world.venue.orders = [];
  await world.open();
  await world.session.resolve(
    { instrument: "X", clientOrderId: "mine-1", side: "buy", qty: decimal("1") },
    "bot",
  );
  await world.advance(INTERVAL_MS);
  world.runtime.jump(-HOUR_MS);
  await world.advance(4 * INTERVAL_MS);
  const { steps } = await world.session.plan(null);
  assert.deepEqual(
    steps.map(({ kind, clientOrderId }) => [kind, clientOrderId]),
    [["unknown_order", "mine-1"]],
  );
});

test("[R5] what was sent before a start settles from that start on: our clock may have been set before it (seed 20609)", async () => {
  const world = new StubWorld({ policy: { mode: "executor" }, capabilities: { orderLookup: "conclusive" } });
  world.venue.orders = [];
  world.venue.order = async () => ({ kind: "none" });
  await world.open();
  const wish = { instrument: "X", clientOrderId: "mine-1", side: "buy", qty: decimal("1") } as const;
  await world.session.resolve(wish, "bot");
  const ended = () =>
    [...world.session.book.orders.values()].map((order) => [
      orderStatus(order),
      order.absentSinceMs !== null,
    ]);
  world.runtime.jump(HOUR_MS);
  await world.restart();
  assert.deepEqual(ended(), [["unknown", false]], "not an hour ago, for all that this process knows");
  await world.advance(INTERVAL_MS);
  assert.deepEqual(ended(), [["unknown", true]]);
  await world.advance(INTERVAL_MS);
  assert.deepEqual(ended(), [["rejected", true]]);
});

test("[R12] a mirror follows what the venue dates far ahead of a clock that was set back (seed 41133)", async () => {
  const row = { rowId: "1", instrument: "X", leg: "net", qty: decimal("10"), metadata: {} } as const;
  const mirror = new MemoryMirror({ name: "bot", rows: [row] });
  const world = new StubWorld({ policy: { graceMs: GRACE_MS } });
  world.mirrors = [mirror];
  world.venue.positions = [held("X", "10", "100"), held("K", "1")];
  world.venue.ledger = [];
  await world.open();
  await world.advance(2 * INTERVAL_MS);
  const timestamp = world.nowMs;
  world.runtime.jump(-HOUR_MS);
  const entry = { id: "L-1", cause: "expiry", timestamp, instrument: "X", qtyDelta: decimal("-10") } as const;
  world.venue.ledger = [entry];
  world.venue.positions = [held("K", "1")];
  await world.advance(5 * INTERVAL_MS);
  assert.equal(world.qty("X") ?? "0", "0");
  assert.equal(
    mirror.held.some(({ instrument }) => instrument === "X"),
    false,
  );
});

test("[R8] what is dated later than a fill that was new is new too, where our clock was ahead at first contact (seed 2563)", async () => {
  const fills = { lateArrivalMs: 2 * HOUR_MS, revisable: false };
  const world = await holding({ capabilities: { fills } });
  const venueMs = world.nowMs - HOUR_MS;
  world.runtime.jump(-10 * 60_000);
  const first = fill("X", "1", "sell", "4", "100", venueMs + 1_000);
  world.venue.fills = [first];
  world.venue.positions = [held("X", "6", "100"), held("K", "1")];
  await world.advance(INTERVAL_MS);
  assert.equal(world.qty("X"), "6");
  world.runtime.jump(HOUR_MS);
  world.venue.fills = [first, fill("X", "2", "sell", "6", "100", venueMs + 20_000)];
  world.venue.positions = [held("K", "1")];
  await world.advance(INTERVAL_MS);
  assert.equal(world.qty("X"), undefined);
  const openings = [...world.session.book.adjustments.values()].map(({ remaining }) => remaining);
  assert.deepEqual(openings.sort(), ["1", "10"]);
});

test("[R12] no mirror is written from a fill that was dated far ahead of our clock, until the positions are read: first contact may have had it (seed 889828803)", async () => {
  const row = { rowId: "1", instrument: "X", leg: "net", qty: decimal("10"), metadata: {} } as const;
  const mirror = new MemoryMirror({ name: "bot", rows: [row] });
  const world = new StubWorld({ policy: { graceMs: GRACE_MS } });
  world.mirrors = [mirror];
  const had = fill("X", "1", "buy", "4", "100", world.nowMs - 60_000);
  world.runtime.jump(-HOUR_MS);
  world.venue.positions = [held("X", "10", "100"), held("K", "1")];
  world.venue.fills = undefined;
  await world.open();
  world.venue.positions = undefined;
  world.venue.fills = [had];
  await world.advance(INTERVAL_MS);
  assert.equal(world.qty("X"), "14", "by our clock it came after the first read");
  world.runtime.jump(HOUR_MS);
  for (const isRestarted of [false, true]) {
    if (isRestarted) await world.restart();
    await world.advance(5 * INTERVAL_MS);
    assert.equal(mirror.held.find(({ instrument }) => instrument === "X")?.qty, "10");
  }
  world.venue.positions = [held("X", "10", "100"), held("K", "1")];
  await world.advance(5 * INTERVAL_MS);
  assert.equal(world.qty("X"), "10");
  assert.equal(mirror.held.find(({ instrument }) => instrument === "X")?.qty, "10");
});

test("[R12] no mirror is written from fills alone while the first read is dated ahead of our clock: what was in it was told by that (seed 3914841641)", async () => {
  const mirror = new MemoryMirror({ name: "bot", rows: [] });
  const fills = { lateArrivalMs: 2 * HOUR_MS, revisable: false };
  const world = new StubWorld({ capabilities: { fills }, policy: { graceMs: GRACE_MS } });
  world.mirrors = [mirror];
  const venueMs = world.nowMs;
  world.runtime.jump(HOUR_MS);
  world.venue.positions = [held("K", "1")];
  await world.open();
  world.venue.positions = undefined;
  const sold = fill("X", "1", "sell", "5", "100", venueMs + 1_000);
  world.venue.fills = [sold];
  await world.advance(INTERVAL_MS);
  assert.equal(world.qty("X") ?? "0", "0", "by our clock it came before the first read");
  world.runtime.jump(-10 * 60_000);
  await world.advance(INTERVAL_MS);
  const bought = fill("X", "2", "buy", "5", "100", venueMs + 20_000);
  world.venue.fills = [sold, bought];
  world.venue.emit({ kind: "fill", fill: bought });
  await world.advance(5 * INTERVAL_MS);
  assert.equal(world.qty("X"), "5");
  assert.deepEqual(
    mirror.held.filter(({ instrument }) => instrument === "X"),
    [],
  );
  world.venue.positions = [held("K", "1")];
  world.venue.lookups.set("X", { kind: "none" });
  await world.advance(5 * INTERVAL_MS);
  assert.equal(world.qty("X") ?? "0", "0");
});

/** First read an hour ahead of the venue, with nothing held that a witness would prove. */
async function readAhead(): Promise<{ readonly world: StubWorld; readonly venueMs: number }> {
  const fills = { lateArrivalMs: 2 * HOUR_MS, revisable: false };
  const world = new StubWorld({ capabilities: { fills }, policy: { graceMs: GRACE_MS } });
  const venueMs = world.nowMs;
  world.runtime.jump(HOUR_MS);
  await world.open();
  return { world, venueMs };
}

test("[R8] nor is it where nobody witnessed that the first read, dated ahead, held nothing (seed 1789)", async () => {
  const { world, venueMs } = await readAhead();
  const first = fill("X", "1", "buy", "8", "100", venueMs + 20_000);
  world.venue.emit({ kind: "fill", fill: first });
  world.venue.fills = [first, fill("X", "2", "buy", "10", "100", venueMs + 40_000)];
  await world.advance(2 * INTERVAL_MS);
  assert.equal(world.qty("X"), "18");
  const contained = [...world.session.book.fills.values()].filter(({ facts }) => facts.isContained);
  assert.deepEqual(contained, []);
  assert.equal(world.session.book.adjustments.size, 0);
});

test("[R8] what an opening has that was made after a fill counted as new is no new fill, where nobody witnessed the first read", async () => {
  const { world, venueMs } = await readAhead();
  const first = fill("X", "1", "buy", "1", "100", venueMs + 1_000);
  const second = fill("X", "2", "buy", "2", "100", venueMs + 2_000);
  world.venue.fills = [first];
  world.venue.positions = [held("X", "3", "100")];
  await world.advance(6 * INTERVAL_MS);
  assert.equal(world.qty("X"), "3");
  world.venue.fills = [first, second];
  await world.advance(INTERVAL_MS);
  assert.equal(world.qty("X"), "3");
});

test("[R1] a trade that our clock, ahead at the first read, dates before it does not witness that what it opened is gone (seed 978010105)", async () => {
  const place = { rowId: "net:X", instrument: "X", leg: "net" } as const;
  const row = { ...place, qty: decimal("5"), metadata: {} };
  const mirror = new MemoryMirror({ name: "bot", rows: [] });
  const fills = { lateArrivalMs: 60_000, revisable: false };
  const world = new StubWorld({ capabilities: { fills }, policy: { graceMs: GRACE_MS } });
  world.mirrors = [mirror];
  const venueMs = world.nowMs;
  world.runtime.jump(HOUR_MS);
  world.venue.positions = [held("K", "1")];
  await world.open();
  world.runtime.jump(HOUR_MS);
  await world.advance(5 * INTERVAL_MS);
  const bought = fill("X", "1", "buy", "5", "100", venueMs + 120_000);
  world.venue.positions = [];
  world.venue.fills = [bought];
  mirror.set([...mirror.held, row]);
  world.venue.emit({ kind: "fill", fill: bought });
  await world.advance(12 * INTERVAL_MS);
  assert.equal(mirror.held.find(({ instrument }) => instrument === "X")?.qty, "5");
});

test("[R3] what was stuck in flight is held until the mirrors were compared, too (seed 920002198)", async () => {
  const mirror = new MemoryMirror({ name: "bot", rows: [] });
  const world = new StubWorld({ policy: { graceMs: GRACE_MS } });
  world.mirrors = [mirror];
  world.venue.positions = [held("K", "1")];
  world.runtime.jump(-10 * 60_000);
  await world.open();
  await world.advance(4 * INTERVAL_MS);
  world.venue.fills = [fill("X", "1", "buy", "6", "100", world.nowMs + 10 * 60_000)];
  world.venue.positions = [held("X", "6", "100"), held("K", "1")];
  await world.advance(10 * 60_000);
  for (let passes = 0; passes < 8; passes += 1) {
    await world.advance(INTERVAL_MS);
    const isKnown = mirror.held.some(({ instrument }) => instrument === "X");
    const isHeld = (world.session.book.gate.instruments.X ?? []).length > 0;
    assert.equal(isHeld, !isKnown, `${passes} passes after the clock has come to the fill`);
  }
  assert.equal(mirror.held.find(({ instrument }) => instrument === "X")?.qty, "6");
});

test("[R8] nor is it taken for part of the quantity while that is dated ahead of our clock (seed 601673)", async () => {
  const fills = { lateArrivalMs: 2 * HOUR_MS, revisable: false };
  const world = await holding({ capabilities: { fills }, policy: { confirmations: 1, graceMs: 0 } });
  const venueMs = world.nowMs - HOUR_MS;
  world.runtime.jump(-HOUR_MS);
  const first = fill("X", "1", "sell", "4", "100", venueMs + 1_000);
  world.venue.fills = [first];
  world.venue.positions = [held("X", "6", "100"), held("K", "1")];
  await world.advance(INTERVAL_MS);
  world.venue.fills = undefined;
  world.venue.positions = [held("X", "12", "100"), held("K", "1")];
  await world.advance(4 * INTERVAL_MS);
  assert.deepEqual(await estimates(world), ["6"]);
  const bought = fill("X", "2", "buy", "10", "100", venueMs + 20_000);
  world.venue.fills = [first, bought, fill("X", "3", "sell", "4", "100", venueMs + 21_000)];
  await world.advance(2 * INTERVAL_MS);
  assert.equal(world.qty("X"), "12");
  const contained = [...world.session.book.fills.values()].filter(({ facts }) => facts.isContained);
  assert.deepEqual(contained, []);
  const left = [...world.session.book.adjustments.values()].map(({ remaining }) => remaining);
  assert.deepEqual(left.sort(), ["1", "10"]);
});
