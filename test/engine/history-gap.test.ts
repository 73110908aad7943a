// A process that was away for longer than the venue tells fills: what happened meanwhile is in no history. That is known across
// every restart, until the venue has shown what it led to.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  applyRecord,
  BOOK,
  decimal,
  emptyBook,
  type JournalRecord,
  orderStatus,
} from "../../src/core/index.ts";
import { MemoryMirror } from "../../src/mirrors/memory/index.ts";
import { fill, held, resting, StubWorld } from "../support/stub-venue.ts";
import { row } from "../support/world.ts";

const RETENTION_MS = 60_000;
const INTERVAL_MS = 15_000;
const SETTLE_MS = 10_000;

function shortLived(): StubWorld {
  return new StubWorld({
    capabilities: {
      orderLookup: "none",
      forgetsClosedOrders: true,
      settleMs: SETTLE_MS,
      fills: { retentionMs: RETENTION_MS, lateArrivalMs: 0, revisable: false },
    },
    policy: { mode: "executor" },
  });
}

/** Nothing runs for longer than the venue tells fills. */
async function away(world: StubWorld): Promise<void> {
  world.die();
  await world.runtime.advance(2 * RETENTION_MS, async () => undefined);
}

describe("[R12] a mirror", () => {
  for (const restarts of [0, 1, 3]) {
    test(`is not written from a history with a gap, ${restarts} restarts after it was seen`, async () => {
      const world = shortLived();
      const mirror = new MemoryMirror({ name: "bot", rows: [row("X", "10"), row("K", "1")] });
      const qtys = () => mirror.held.map(({ qty }) => qty);
      world.mirrors = [mirror];
      world.venue.positions = [held("X", "10", "9"), held("K", "1")];
      await world.open();
      await world.advance(INTERVAL_MS);
      // Meanwhile five are sold, and nobody tells that any more.
      await away(world);
      world.venue.positions = undefined;
      world.venue.fills = [fill("X", "2", "buy", "2", "9", world.nowMs)];
      await world.open();
      for (let n = 0; n < restarts; n += 1) await world.restart();
      await world.advance(4 * INTERVAL_MS);
      assert.equal(world.qty("X"), "12");
      assert.deepEqual(qtys(), [decimal("10"), decimal("1")]);
      world.venue.positions = [held("X", "7", "9"), held("K", "1")];
      await world.advance(4 * INTERVAL_MS);
      assert.deepEqual([world.qty("X"), qtys()], ["7", [decimal("7"), decimal("1")]]);
      assert.equal(world.session.book.historyGap, null);
      // From here on fills tell all again.
      world.venue.positions = undefined;
      world.venue.fills = [fill("K", "3", "buy", "3", "9", world.nowMs)];
      await world.restart();
      await world.advance(4 * INTERVAL_MS);
      assert.deepEqual(qtys(), [decimal("7"), decimal("4")]);
    });
  }
});

test("quiet passes are noted before the venue forgets what they read: whoever starts next sees no gap", async () => {
  const world = shortLived();
  world.venue.positions = [held("X", "10", "9")];
  await world.open();
  await world.advance(10 * RETENTION_MS);
  await world.restart();
  assert.equal(world.session.book.historyGap, null);
  await away(world);
  await world.open(false);
  world.venue.positions = undefined;
  await world.session.pass("start", false);
  const { fromMs = 0, toMs = 0 } = world.session.book.historyGap ?? {};
  assert.ok(toMs - fromMs >= RETENTION_MS / 2, "the time that nobody tells is known");
});

describe("[R5] an order that ended while nobody listened", () => {
  async function endedMeanwhile(hasToldFills = true): Promise<StubWorld> {
    const world = shortLived();
    if (!hasToldFills) world.venue.fills = undefined;
    world.venue.positions = [held("X", "10", "9")];
    world.venue.orders = [resting("V-1"), resting("V-2")];
    await world.open();
    await world.advance(INTERVAL_MS);
    await away(world);
    world.venue.orders = [resting("V-2")];
    world.venue.fills = [];
    return world;
  }
  const orders = (world: StubWorld) =>
    [...world.session.book.orders.values()].map((one) => `${one.venueOrderId} ${orderStatus(one)}`);

  test("is not called canceled on a history with a gap: it may have been filled, and a person is told why", async () => {
    const world = await endedMeanwhile();
    await world.open();
    await world.advance(4 * SETTLE_MS);
    await world.restart();
    await world.advance(4 * SETTLE_MS);
    assert.deepEqual(orders(world), ["V-1 open", "V-2 open"]);
    assert.deepEqual(world.openMatters(), ["stale_local_order -"]);
    const plan = await world.session.plan(null);
    assert.match(
      plan.steps[0]?.missing ?? "",
      /; the venue's history has a gap, and may lack fills of it since 2026-/,
    );
    await world.session.apply(plan, { by: "ann", confirm: "test", rows: plan.rows });
    assert.deepEqual(orders(world), ["V-1 canceled", "V-2 open"]);
  });

  test("is not called canceled on the first history that was ever read, which begins after it (seed 8114)", async () => {
    const world = await endedMeanwhile(false);
    await world.open();
    await world.advance(4 * SETTLE_MS);
    assert.deepEqual(orders(world), ["V-1 open", "V-2 open"]);
    assert.deepEqual(world.openMatters(), ["stale_local_order -"]);
  });

  test("ends as always where the first history that was ever read reaches back to it", async () => {
    const world = shortLived();
    world.venue.fills = undefined;
    world.venue.orders = [resting("V-1"), resting("V-2")];
    await world.open();
    await world.advance(INTERVAL_MS);
    world.venue.orders = [resting("V-2")];
    world.venue.fills = [];
    await world.advance(4 * SETTLE_MS);
    assert.deepEqual(orders(world), ["V-1 canceled", "V-2 open"]);
  });

  describe("and was filled in part by then, as the venue shows after the gap", () => {
    async function shownFilled(): Promise<StubWorld> {
      const world = await endedMeanwhile();
      world.venue.positions = [held("X", "12", "9")];
      const filled = { status: "partially_filled", filledQty: decimal("2"), avgPrice: decimal("9") } as const;
      world.venue.orders = [{ ...resting("V-1"), ...filled }, resting("V-2")];
      await world.open();
      return world;
    }

    test("is not called canceled while that is not booked (seed 1851)", async () => {
      const world = await shownFilled();
      world.venue.orders = [resting("V-2")];
      await world.advance(4 * SETTLE_MS);
      assert.deepEqual(orders(world), ["V-1 open", "V-2 open"]);
      assert.deepEqual(world.openMatters(), ["stale_local_order -"]);
    });

    test("ends as always when it goes right after that was booked", async () => {
      const world = await shownFilled();
      const isBooked = () => orders(world)[0] === "V-1 partially_filled";
      for (let s = 0; s < 60 && !isBooked(); s += 1) await world.advance(1000);
      assert.ok(isBooked());
      world.venue.orders = [resting("V-2")];
      await world.advance(4 * SETTLE_MS);
      assert.deepEqual([orders(world), world.qty("X")], [["V-1 canceled", "V-2 open"], "12"]);
    });
  });

  test("ends as always once the venue has shown it after the gap", async () => {
    const world = await endedMeanwhile();
    await world.open();
    world.venue.orders = [resting("V-1"), resting("V-2")];
    await world.advance(2 * INTERVAL_MS);
    world.venue.orders = [resting("V-2")];
    await world.advance(4 * SETTLE_MS);
    assert.deepEqual(orders(world), ["V-1 canceled", "V-2 open"]);
  });
});

describe("a gap is closed", () => {
  const SEEN_MS = 1_000_000;
  const summary = { of: BOOK, inFlight: 0 };
  const pass = { isComplete: true, startedAtMs: SEEN_MS, summaries: [summary] };

  function after(changes: object): boolean {
    const book = emptyBook("test");
    const fills = { quality: "complete", rows: 0, digest: "complete", gap: { fromMs: 5, toMs: 9 } };
    const records = [
      { kind: "observation_recorded", payload: { startedAtMs: SEEN_MS, sections: { fills } } },
      { kind: "pass_finished", payload: { ...pass, ...changes } },
    ];
    for (const [index, one] of records.entries()) {
      applyRecord(book, { seq: index + 1, tsMs: SEEN_MS, causeId: "x", ...one } as unknown as JournalRecord);
    }
    return book.historyGap === null;
  }

  test("by a complete pass that compared everything, and by no other", () => {
    assert.equal(after({}), true);
    assert.equal(after({ isComplete: false }), false);
    assert.equal(after({ summaries: [{ ...summary, inFlight: 1 }] }), false, "what moves was not compared");
    assert.equal(
      after({ startedAtMs: SEEN_MS - 1 }),
      false,
      "quiet passes from before are written down later",
    );
  });
});
