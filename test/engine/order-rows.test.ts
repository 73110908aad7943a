// What the venue's rows, or their absence, make of orders that the book has, pass after pass.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decimal, type OrderRow, type OrderStatus, orderStatus } from "../../src/core/index.ts";
import { held, resting, StubWorld } from "../support/stub-venue.ts";

const INTERVAL_MS = 15_000;

async function matters(world: StubWorld): Promise<string[]> {
  return (await world.records()).flatMap((one) => {
    if (one.kind === "discrepancy_opened") return [`opened ${one.payload.kind}`];
    return one.kind === "discrepancy_closed" ? [`${one.payload.resolution} ${one.payload.kind}`] : [];
  });
}

function statusOf(world: StubWorld, venueOrderId: string): OrderStatus | undefined {
  const order = [...world.session.book.orders.values()].find((one) => one.venueOrderId === venueOrderId);
  return order && orderStatus(order);
}

describe("[R14] one order's mismatch", () => {
  test("is one discrepancy, repaired once, where its fill was missing and its status is another (seed 11)", async () => {
    const world = new StubWorld({ policy: { mode: "executor", confirmations: 1, graceMs: 0 } });
    world.venue.fills = undefined;
    world.venue.orders = [resting("V-1")];
    await world.open();
    const filled: Partial<OrderRow> = { filledQty: decimal("10"), avgPrice: decimal("9"), avgPriceScale: 2 };
    world.venue.orders = [{ ...resting("V-1"), ...filled, status: "filled" }];
    world.venue.positions = [held("X", "10", "9")];
    await world.advance(INTERVAL_MS);
    assert.equal(statusOf(world, "V-1"), "filled");
    assert.deepEqual((await matters(world)).slice(-2), ["opened order_mismatch", "repaired order_mismatch"]);
    assert.equal((await matters(world)).filter((one) => one.endsWith("order_mismatch")).length, 2);
  });
});
