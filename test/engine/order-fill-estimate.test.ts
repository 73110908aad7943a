// An order's fill that nobody reported is inferred from the order's own row; when the fill is told after all, it is the
// same fill, however late in the read the row was from.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, filledQty, type OrderLookup, type OrderRow } from "../../src/core/index.ts";
import { fill, held, resting, StubVenue, StubWorld } from "../support/stub-venue.ts";

const INTERVAL_MS = 15_000;
const AT_ONCE = { confirmations: 1, graceMs: 0 };

function partly(qty: string): OrderRow {
  return {
    ...resting("V-1"),
    filledQty: decimal(qty),
    avgPrice: decimal("9"),
    avgPriceScale: 2,
    status: "partially_filled",
  };
}

function filledOf(world: StubWorld): (string | undefined)[] {
  return [...world.session.book.orders.values()].map((order) => filledQty(order));
}

const passing = (world: StubWorld, ms: number) =>
  new Promise<void>((resolve) => {
    world.runtime.timers.after(ms, resolve);
  });

for (const lagMs of [0, 2_000]) {
  test(`[R8] a fill that happened while its order was being read is not counted beside the estimate (lag ${lagMs} ms)`, async () => {
    const world = new StubWorld({ policy: AT_ONCE, capabilities: { readAfterFillLagMs: lagMs } });
    world.venue.orders = [resting("V-1")];
    await world.open();
    world.venue.orders = [partly("4")];
    world.venue.positions = [held("X", "4", "9")];
    world.venue.beforeSnapshot = () => passing(world, 1_000);
    await world.elapse(INTERVAL_MS + 1_000);
    assert.deepEqual([filledOf(world), world.qty("X")], [["4"], "4"]);
    world.venue.fills = [fill("X", "1", "buy", "4", "9", world.nowMs - 500)];
    // No read of the positions is needed to know it (seed 896).
    world.venue.positions = undefined;
    await world.elapse(3 * INTERVAL_MS);
    assert.deepEqual([filledOf(world), world.qty("X")], [["4"], "4"]);
  });
}

test("[R8] neither is one that happened before the order was looked up (seed 110 of ambiguity)", async () => {
  const world = new StubWorld({ policy: AT_ONCE });
  world.venue.orders = [resting("V-1")];
  await world.open();
  world.venue.orders = [];
  class Asked extends StubVenue {
    override async order(): Promise<OrderLookup> {
      await passing(world, 1_000);
      return { kind: "row", row: partly("4") };
    }
  }
  world.venue.order = Asked.prototype.order;
  world.venue.positions = [held("X", "4", "9")];
  await world.elapse(INTERVAL_MS + 1_000);
  assert.deepEqual([filledOf(world), world.qty("X")], [["4"], "4"]);
  world.venue.fills = [fill("X", "1", "buy", "4", "9", world.nowMs - 500)];
  await world.elapse(3 * INTERVAL_MS);
  assert.deepEqual([filledOf(world), world.qty("X")], [["4"], "4"]);
});

for (const isDated of [true, false]) {
  const when = isDated ? "says when it was last changed" : "does not say when";
  test(`[R8] a fill from before the account was known is counted once where its order's row ${when} (seed 179)`, async () => {
    const world = new StubWorld({ policy: AT_ONCE });
    const before = world.nowMs - 60_000;
    world.venue.orders = [{ ...partly("4"), ...(isDated && { updatedAt: before }) }];
    world.venue.positions = [held("X", "4", "9")];
    // The first reads of the positions know no order yet, the next ones no positions.
    const orders = world.venue.orders;
    world.venue.orders = [];
    world.venue.fills = undefined;
    await world.open();
    assert.equal(world.qty("X"), "4");
    world.venue.orders = orders;
    world.venue.positions = undefined;
    await world.advance(2 * INTERVAL_MS);
    if (isDated) assert.equal(world.qty("X"), "4");
    world.venue.fills = [fill("X", "1", "buy", "4", "9", before)];
    await world.advance(2 * INTERVAL_MS);
    assert.deepEqual([filledOf(world), world.qty("X")], [["4"], "4"]);
  });
}

test("[R8] a fill with a fee in kind takes the place of all that its order's row had told (seed 300247)", async () => {
  const world = new StubWorld({ policy: AT_ONCE });
  world.venue.orders = [resting("V-1", "ETH/USDT")];
  await world.open();
  world.venue.orders = [{ ...partly("10"), instrument: "ETH/USDT", status: "filled" }];
  // Nothing tells what the position has of it.
  world.venue.positions = undefined;
  await world.advance(INTERVAL_MS);
  assert.deepEqual([filledOf(world), world.qty("ETH/USDT")], [["10"], "10"]);
  const late = { ...fill("ETH/USDT", "1", "buy", "10", "9", world.nowMs - INTERVAL_MS), venueOrderId: "V-1" };
  world.venue.fills = [{ ...late, fee: decimal("0.01"), feeCurrency: "ETH" }];
  await world.advance(INTERVAL_MS);
  assert.deepEqual([filledOf(world), world.qty("ETH/USDT")], [["10"], "9.99"]);
  assert.equal(world.session.book.adjustments.size, 0);
});

test("[R8] a fill that is told long after its order ended is not counted beside what its last row told (seed 303639)", async () => {
  const world = new StubWorld({
    policy: AT_ONCE,
    capabilities: { fills: { lateArrivalMs: 600_000, revisable: false } },
  });
  world.venue.orders = [resting("V-1")];
  world.venue.positions = [held("X", "4", "9")];
  await world.open();
  // The position had it from the start, so that it is a fact about the order alone.
  world.venue.orders = [{ ...partly("4"), status: "canceled" }];
  await world.advance(INTERVAL_MS);
  world.venue.orders = [];
  const before = world.nowMs - 5 * INTERVAL_MS;
  world.venue.fills = [{ ...fill("X", "1", "buy", "4", "9", before), venueOrderId: "V-1" }];
  await world.advance(2 * INTERVAL_MS);
  const [order] = world.session.book.orders.values();
  assert.equal(world.session.book.fills.size, 1);
  assert.deepEqual([filledOf(world), order?.observedStatus, world.qty("X")], [["4"], "canceled", "4"]);
});

test("[R8] a fill from before the quantity was known takes the place of its order's estimate and of the rest of the opening, once (seed 1668 of absence)", async () => {
  const world = new StubWorld({ policy: AT_ONCE });
  const before = world.nowMs - 60_000;
  world.venue.positions = undefined;
  world.venue.fills = undefined;
  world.venue.orders = [{ ...partly("4"), updatedAt: before }];
  await world.open();
  await world.elapse(INTERVAL_MS);
  // More is held than the order had told of: a rebate in kind that only the fill itself knows.
  world.venue.positions = [held("X", "4.002", "9")];
  await world.elapse(INTERVAL_MS);
  assert.equal(world.qty("X"), "4.002");
  world.venue.fills = [fill("X", "1", "buy", "4.002", "9", before)];
  await world.elapse(2 * INTERVAL_MS);
  assert.equal(world.qty("X"), "4.002");
  assert.ok([...world.session.book.adjustments.values()].every(({ remaining }) => remaining === "0"));
});
