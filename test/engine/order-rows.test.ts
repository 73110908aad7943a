// What the venue's rows make of orders that the book has, where they say less or more than its fills.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decimal, filledQty, type OrderRow, orderStatus } from "../../src/core/index.ts";
import { fill, held, never, resting, StubWorld } from "../support/stub-venue.ts";

const INTERVAL_MS = 15_000;

/** Each order as `status filled`. */
function orders(world: StubWorld): string[] {
  return [...world.session.book.orders.values()].map((order) => `${orderStatus(order)} ${filledQty(order)}`);
}

/** What was told of orders, each as `code resolution`, and the alerts. */
async function told(world: StubWorld): Promise<{ closed: string[]; alerts: string[] }> {
  const records = await world.records();
  return {
    closed: records.flatMap((one) =>
      one.kind === "discrepancy_closed" && one.payload.kind === "order_mismatch"
        ? [`${one.payload.code} ${one.payload.resolution}`]
        : [],
    ),
    alerts: records.flatMap((one) =>
      one.kind === "alert_raised" && one.payload.kind === "order_mismatch" ? [one.payload.kind] : [],
    ),
  };
}

describe("an order that was filled beyond its size", () => {
  const overfilled: OrderRow = { ...resting("V-1"), filledQty: decimal("12"), status: "filled" };

  for (const isListed of [true, false]) {
    const where = isListed ? "shows it closed" : "lists open orders only";
    test(`[A11] is told once, keeps all its fills and holds no gate, where the venue ${where}`, async () => {
      const world = new StubWorld();
      world.venue.orders = [resting("V-1")];
      await world.open();
      world.venue.fills = [fill("X", "1", "buy", "12", "9", world.nowMs)];
      world.venue.positions = [held("X", "12", "9")];
      world.venue.orders = isListed ? [overfilled] : [];
      await world.advance(8 * INTERVAL_MS);
      assert.deepEqual([orders(world), world.qty("X")], [["filled 12"], "12"]);
      assert.deepEqual(await told(world), { closed: ["overfilled explained"], alerts: ["order_mismatch"] });
      assert.deepEqual([world.openMatters(), world.session.book.gate.instruments], [[], {}]);
    });
  }

  test("[R9] its row is refused until its fills say the same, and then is no contradiction", async () => {
    const world = new StubWorld();
    world.venue.orders = [resting("V-1")];
    await world.open();
    world.venue.orders = [overfilled];
    await world.advance(4 * INTERVAL_MS);
    assert.deepEqual(world.openMatters(), ["order_mismatch contradictory_row"]);
    assert.deepEqual(orders(world), ["open 0"]);
    world.venue.fills = [fill("X", "1", "buy", "12", "9", world.nowMs)];
    world.venue.positions = [held("X", "12", "9")];
    await world.advance(4 * INTERVAL_MS);
    assert.deepEqual([orders(world), world.openMatters()], [["filled 12"], []]);
    assert.deepEqual((await told(world)).alerts, ["order_mismatch"]);
  });

  test("[R9] its row is the last word once its fills are older than the venue keeps any (seed 1346)", async () => {
    const retentionMs = 60_000;
    const world = new StubWorld({
      capabilities: { fills: { retentionMs, lateArrivalMs: 0, revisable: false } },
    });
    world.venue.orders = [resting("V-1")];
    await world.open();
    world.venue.orders = [{ ...overfilled, avgPrice: decimal("9"), updatedAt: world.nowMs }];
    world.venue.positions = [held("X", "12", "9")];
    await world.advance(retentionMs);
    assert.deepEqual(orders(world), ["open 0"]);
    await world.advance(4 * INTERVAL_MS);
    assert.deepEqual([orders(world), world.qty("X"), world.openMatters()], [["filled 12"], "12", []]);
  });

  test("is one discrepancy with what else of its row differs", async () => {
    const world = new StubWorld({ policy: { mode: "executor" } });
    world.venue.orders = [resting("V-1")];
    await world.open();
    world.venue.fills = [fill("X", "1", "buy", "12", "9", world.nowMs)];
    world.venue.positions = [held("X", "12", "9")];
    world.venue.orders = [{ ...overfilled, price: decimal("8") }];
    await world.advance(4 * INTERVAL_MS);
    assert.deepEqual((await told(world)).closed, ["null repaired", "overfilled explained"]);
    const opened = (await world.records()).flatMap((one) =>
      one.kind === "discrepancy_opened" ? [one.payload.id] : [],
    );
    assert.equal(new Set(opened).size, opened.length, "each has an id of its own");
  });

  test("that somebody made larger meanwhile is not one", async () => {
    const world = new StubWorld();
    world.venue.orders = [resting("V-1")];
    await world.open();
    world.venue.fills = [fill("X", "1", "buy", "12", "9", world.nowMs)];
    world.venue.positions = [held("X", "12", "9")];
    world.venue.orders = [{ ...overfilled, qty: decimal("15"), status: "partially_filled" }];
    await world.advance(4 * INTERVAL_MS);
    assert.deepEqual(await told(world), { closed: [], alerts: [] });
    assert.deepEqual(orders(world), ["partially_filled 12"]);
  });
});

for (const status of ["filled", "canceled", "expired"] as const) {
  test(`[R7] an order that was ${status} before anybody looked counts as open until what it filled is booked (seed 3686870290)`, async () => {
    const world = new StubWorld();
    const qty = decimal(status === "filled" ? "4" : "7");
    const over: OrderRow = { ...resting("V-1"), qty, filledQty: decimal("4"), status };
    world.venue.orders = [{ ...over, avgPrice: decimal("9") }];
    world.venue.positions = [held("X", "4", "9")];
    await world.open();
    assert.deepEqual([orders(world), world.qty("X")], [["open 0"], "4"]);
    await world.advance(4 * INTERVAL_MS);
    assert.deepEqual([orders(world), world.qty("X"), world.openMatters()], [[`${status} 4`], "4", []]);
  });
}

test("[L2] an unknown order is brought to a person by the pass in whose read its time runs out (seed 51)", async () => {
  const world = new StubWorld();
  world.venue.orders = [{ ...resting("V-1"), status: "unknown" }];
  await world.open();
  world.venue.beforeSnapshot = never;
  await world.elapse(INTERVAL_MS + 30_000);
  assert.deepEqual(world.openMatters(), ["unknown_order -"]);
  assert.equal((await world.alerts()).includes("unknown_order"), true);
});

for (const mode of ["beside", "executor"] as const) {
  test(`[R9] ${mode}: another client id, given by somebody who amended the order, is a matter until the order ends`, async () => {
    const world = new StubWorld({ policy: { mode } });
    const mine = { ...resting("V-1"), clientOrderId: "C-1" };
    world.venue.orders = [mine];
    await world.open();
    const theirs = { ...mine, venueOrderId: "V-2", previousVenueOrderIds: ["V-1"], clientOrderId: "W-2" };
    world.venue.orders = [theirs];
    await world.advance(2 * INTERVAL_MS);
    assert.deepEqual([orders(world), world.openMatters()], [["open 0"], ["order_mismatch -"]]);
    world.venue.orders = [{ ...theirs, status: "canceled" }];
    await world.advance(2 * INTERVAL_MS);
    assert.deepEqual([orders(world), world.openMatters()], [["canceled 0"], []]);
  });

  test(`[R9] ${mode}: an end that the venue tells counts although the book has more filled; the fills stay (seed 861)`, async () => {
    const world = new StubWorld({ policy: { mode } });
    world.venue.orders = [{ ...resting("V-1"), filledQty: decimal("4"), status: "partially_filled" }];
    world.venue.fills = [fill("X", "1", "buy", "4", "9", world.nowMs - 60_000)];
    world.venue.positions = [held("X", "4", "9")];
    await world.open();
    assert.deepEqual(orders(world), ["partially_filled 4"]);
    world.venue.orders = [{ ...resting("V-1"), filledQty: decimal("0"), status: "canceled" }];
    await world.advance(2 * INTERVAL_MS);
    assert.deepEqual(orders(world), ["canceled 4"]);
    assert.deepEqual((await told(world)).closed, mode === "executor" ? ["null repaired"] : []);
  });
}

test("[R7] of an order's missing fill the position has all but the fee in kind that the venue kept back (seed 41634)", async () => {
  const world = new StubWorld({ policy: { mode: "executor" } });
  world.venue.orders = [resting("V-1", "ETH/USDT")];
  await world.open();
  const filled = { filledQty: decimal("10"), status: "filled", avgPrice: decimal("9") } as const;
  world.venue.orders = [{ ...resting("V-1", "ETH/USDT"), ...filled }];
  world.venue.positions = [held("ETH/USDT", "9.99")];
  await world.advance(4 * INTERVAL_MS);
  assert.deepEqual([orders(world), world.qty("ETH/USDT"), world.openMatters()], [["filled 10"], "9.99", []]);
  const { adjustments } = world.session.book;
  assert.deepEqual(
    [...adjustments.values()].map(({ facts }) => facts.basis),
    ["order_fill"],
  );
  const late = { ...fill("ETH/USDT", "1", "buy", "10", "9", world.nowMs - 3 * INTERVAL_MS) };
  world.venue.fills = [{ ...late, venueOrderId: "V-1", fee: decimal("0.01"), feeCurrency: "ETH" }];
  await world.advance(2 * INTERVAL_MS);
  assert.deepEqual([orders(world), world.qty("ETH/USDT"), world.openMatters()], [["filled 10"], "9.99", []]);
  assert.equal(adjustments.size, 0);
});

test("[R6] a fill that cannot be all new beside what the order's row told is that, all of it (seed 920007027)", async () => {
  const world = new StubWorld();
  const part: OrderRow = { ...resting("V-1"), filledQty: decimal("6"), status: "partially_filled" };
  const late = { ...fill("X", "1", "buy", "6", "9", world.nowMs - 10_000), venueOrderId: "V-1" };
  world.venue.orders = [{ ...part, avgPrice: decimal("9") }];
  world.venue.positions = [held("X", "6", "9")];
  await world.open();
  await world.advance(4 * INTERVAL_MS);
  assert.deepEqual([orders(world), world.qty("X")], [["partially_filled 6"], "6"]);
  world.venue.orders = undefined;
  world.venue.emit({ kind: "fill", fill: late });
  await world.advance(INTERVAL_MS);
  assert.deepEqual([orders(world), world.qty("X")], [["partially_filled 6"], "6"]);
});

test("[R8] a fill of an order that its row has ended is what the row told, also where our clock is behind (seed 3914840219)", async () => {
  const world = new StubWorld();
  world.venue.orders = [resting("V-1")];
  await world.open();
  const part = { filledQty: decimal("4"), avgPrice: decimal("9") };
  world.venue.orders = [{ ...resting("V-1"), ...part, status: "canceled" }];
  world.venue.positions = [held("X", "4", "9")];
  await world.advance(2 * INTERVAL_MS);
  assert.deepEqual([orders(world), world.qty("X")], [["canceled 4"], "4"]);
  const ahead = fill("X", "1", "buy", "4", "9", world.nowMs + 600_000);
  world.venue.fills = [{ ...ahead, venueOrderId: "V-1" }];
  await world.advance(0);
  await world.session.pass("test", false);
  assert.deepEqual([orders(world), world.qty("X")], [["canceled 4"], "4"]);
  assert.equal(world.session.book.adjustments.size, 0);
});
