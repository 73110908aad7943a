// Orders that the venue's list of open ones leaves out, at a venue that cannot be asked for a single order and forgets
// closed ones: what ends them, and what does not.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AccountPolicy, OrderRow } from "../../src/core/index.ts";
import { orderStatus } from "../../src/core/index.ts";
import type { CommandOutcome } from "../../src/venues/index.ts";
import { held, resting, StubWorld } from "../support/stub-venue.ts";

const INTERVAL_MS = 15_000;
const SETTLE_MS = 40_000;

/** A world in which these orders rest, and have for longer than an order may take to settle. */
async function restingFor(ids: readonly string[], policy: Partial<AccountPolicy> = {}): Promise<StubWorld> {
  const capabilities = { orderLookup: "none", forgetsClosedOrders: true, settleMs: SETTLE_MS } as const;
  const world = new StubWorld({ capabilities, policy });
  world.venue.positions = [held("K", "1")];
  world.venue.orders = ids.map((id) => resting(id));
  await world.open();
  await world.advance(2 * SETTLE_MS);
  return world;
}

function list(world: StubWorld, ...ids: readonly string[]): void {
  world.venue.orders = ids.map((id) => resting(id));
}

/** Each order as `id status source`. */
function orders(world: StubWorld): string[] {
  return [...world.session.book.orders.values()].map(
    (order) => `${order.venueOrderId} ${orderStatus(order)} ${order.statusSource}`,
  );
}

async function repairedMatters(world: StubWorld): Promise<string[]> {
  return (await world.records()).flatMap((one) =>
    one.kind === "discrepancy_closed" ? [`${one.payload.resolution} ${one.payload.kind}`] : [],
  );
}

for (const mode of ["beside", "executor"] as const) {
  test(`[R5] ${mode}: an order that the list leaves out for its settle time ends as canceled, and not before`, async () => {
    const world = await restingFor(["V-1", "V-2"], { mode });
    list(world, "V-2");
    await world.advance(SETTLE_MS);
    assert.deepEqual(orders(world), ["V-1 open venue", "V-2 open venue"]);
    await world.advance(2 * INTERVAL_MS);
    assert.deepEqual(orders(world), ["V-1 canceled inferred", "V-2 open venue"]);
    const told = (await repairedMatters(world)).filter((one) => one.endsWith("stale_local_order"));
    assert.deepEqual(told, mode === "executor" ? ["repaired stale_local_order"] : []);
    assert.deepEqual(world.holds(), []);
  });
}

describe("[R5] an order goes on", () => {
  test("that the list leaves out now and then", async () => {
    const world = await restingFor(["V-1", "V-2"]);
    for (let n = 0; n < 8; n += 1) {
      list(world, "V-2");
      await world.advance(INTERVAL_MS);
      list(world, "V-1", "V-2");
      await world.advance(INTERVAL_MS);
    }
    list(world, "V-2");
    await world.advance(INTERVAL_MS);
    assert.deepEqual(orders(world), ["V-1 open venue", "V-2 open venue"]);
  });

  test("while the history is not read: it may have been filled", async () => {
    const world = await restingFor(["V-1", "V-2"]);
    world.venue.fills = undefined;
    list(world, "V-2");
    await world.advance(4 * SETTLE_MS);
    assert.deepEqual(orders(world), ["V-1 open venue", "V-2 open venue"]);
  });

  test("while the list is not read completely", async () => {
    const world = await restingFor(["V-1", "V-2"]);
    world.venue.orders = undefined;
    await world.advance(4 * SETTLE_MS);
    assert.deepEqual(orders(world), ["V-1 open venue", "V-2 open venue"]);
  });

  test("that was sent and has no outcome yet: a list is no proof that it never arrived", async () => {
    const world = await restingFor(["V-2"], { mode: "executor" });
    const sent: OrderRow = { ...resting("V-1"), status: "unknown" };
    world.venue.orders = [resting("V-2"), sent];
    await world.advance(INTERVAL_MS);
    list(world, "V-2");
    await world.advance(4 * SETTLE_MS);
    assert.deepEqual(orders(world), ["V-2 open venue", "V-1 unknown venue"]);
    assert.deepEqual(world.openMatters(), ["unknown_order -"]);
  });

  test("beside others that are left out at once: that is no state of the account", async () => {
    const world = await restingFor(["V-1", "V-2", "V-3", "V-4"]);
    list(world, "V-4");
    await world.advance(4 * SETTLE_MS);
    assert.equal(orders(world).filter((one) => one.includes("open")).length, 4);
  });

  test("where the list is empty, until a person says that it is over; and again when the venue shows it", async () => {
    const world = await restingFor(["V-1"], { mode: "executor" });
    list(world);
    await world.advance(4 * SETTLE_MS);
    assert.deepEqual(orders(world), ["V-1 open venue"]);
    const plan = await world.session.plan(null);
    const [step] = plan.steps;
    assert.match(step?.missing ?? "", /cannot be asked for a single one; the list of open orders is empty$/);
    await world.session.apply(plan, { by: "ann", confirm: "test", rows: plan.rows });
    assert.deepEqual(orders(world), ["V-1 canceled person"]);
    list(world, "V-1");
    await world.advance(2 * INTERVAL_MS);
    assert.deepEqual(orders(world), ["V-1 open venue"], "the venue is the truth (seed 175)");
  });
});

test("[R5] an order whose cancel was asked for ends by an empty list, too", async () => {
  const world = await restingFor(["V-1"], { mode: "executor" });
  world.venue.outcome = async (): Promise<CommandOutcome> => ({ kind: "accepted" });
  await world.session.cancel({ instrument: "X", venueOrderId: "V-1" }, "bot");
  list(world);
  await world.advance(2 * SETTLE_MS);
  assert.deepEqual(orders(world), ["V-1 canceled inferred"]);
});
