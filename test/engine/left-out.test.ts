// Orders that the venue's list of open ones leaves out, at a venue that cannot be asked for a single order and forgets
// closed ones: what ends them, and what does not.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AccountPolicy, Capabilities, OrderRow } from "../../src/core/index.ts";
import { decimal, orderStatus } from "../../src/core/index.ts";
import type { CommandOutcome } from "../../src/venues/index.ts";
import { fill, held, resting, StubWorld } from "../support/stub-venue.ts";

const INTERVAL_MS = 15_000;
const SETTLE_MS = 40_000;

/** A world in which these orders rest, and have for longer than an order may take to settle. */
async function restingFor(
  ids: readonly string[],
  policy: Partial<AccountPolicy> = {},
  orderLookup: Capabilities["orderLookup"] = "none",
): Promise<StubWorld> {
  const capabilities = { orderLookup, forgetsClosedOrders: true, settleMs: SETTLE_MS } as const;
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

describe("[R3] an order that is not listed any more", () => {
  test("is in flight for its settle time: nothing is told and the gate stays open", async () => {
    const world = await restingFor(["V-1"], { mode: "executor" });
    list(world);
    await world.advance(SETTLE_MS - INTERVAL_MS);
    assert.deepEqual(world.openMatters(), []);
    assert.deepEqual(world.session.book.gate, { account: [], instruments: {} });
    assert.equal(world.reports.at(-1)?.summaries[0]?.orders.inFlight, 1);
  });

  test("is in flight until a second look-up proves that it has ended, and closes no gate", async () => {
    const world = await restingFor(["V-1"], { mode: "executor" }, "conclusive");
    world.venue.order = async () => ({ kind: "none" });
    list(world);
    await world.advance(INTERVAL_MS);
    assert.deepEqual([orders(world), world.openMatters()], [["V-1 open venue"], []]);
    await world.advance(INTERVAL_MS);
    assert.deepEqual(orders(world), ["V-1 canceled inferred"]);
    const closings = (await world.records()).filter(
      ({ kind, payload }) => kind === "gate_changed" && payload.scope.type === "instrument",
    );
    assert.deepEqual(closings, []);
  });

  test("is told and holds its instrument once its settle time is over, where nothing proves what became of it", async () => {
    const world = await restingFor(["V-1"], { mode: "executor" });
    list(world);
    await world.advance(SETTLE_MS + 2 * INTERVAL_MS);
    assert.deepEqual(world.openMatters(), ["stale_local_order -"]);
    assert.deepEqual(Object.keys(world.session.book.gate.instruments), ["X"]);
    const told = await world.alerts();
    assert.equal(told.filter((kind) => kind === "stale_local_order").length, 1);
  });

  test("is one discrepancy where a person says that it is over", async () => {
    const world = await restingFor(["V-1"], { mode: "executor" });
    list(world);
    await world.advance(INTERVAL_MS);
    const plan = await world.session.plan(null);
    await world.session.apply(plan, { by: "ann", confirm: "test", rows: plan.rows });
    assert.deepEqual(orders(world), ["V-1 canceled person"]);
    const opened = (await world.records()).filter(
      ({ kind, payload }) => kind === "discrepancy_opened" && payload.kind === "stale_local_order",
    );
    assert.equal(opened.length, 1);
  });

  test("[R2] is told at once to whoever forces a pass", async () => {
    const world = await restingFor(["V-1"], { mode: "executor" });
    list(world);
    await world.session.pass("person", true);
    assert.deepEqual(world.openMatters(), ["stale_local_order -"]);
  });
});

describe("[R5] an end that the stream tells", () => {
  function told(status: OrderRow["status"], venueOrderId = "V-1", filled = "0") {
    const row = { ...resting(venueOrderId), filledQty: decimal(filled), ...(status && { status }) };
    return { kind: "order", order: row } as const;
  }

  for (const status of ["canceled", "expired", "rejected"] as const) {
    test(`ends the order as ${status} as soon as the list leaves it out`, async () => {
      const world = await restingFor(["V-1"], { mode: "executor" });
      world.venue.emit(told(status));
      await world.advance(INTERVAL_MS);
      assert.deepEqual(orders(world), ["V-1 open venue"], "the list shows it");
      list(world);
      await world.advance(INTERVAL_MS);
      assert.deepEqual(orders(world), [`V-1 ${status} venue`]);
      assert.deepEqual(world.session.book.gate, { account: [], instruments: {} });
    });
  }

  test("is not of an order that was filled: its fills tell", async () => {
    const world = await restingFor(["V-1"], { mode: "executor" });
    world.venue.emit(told("filled"));
    list(world);
    await world.advance(INTERVAL_MS);
    assert.deepEqual(orders(world), ["V-1 open venue"]);
    assert.equal(world.qty("X"), undefined);
  });

  test("counts together with the fills before it", async () => {
    const world = await restingFor(["V-1"], { mode: "executor" });
    world.venue.emit(told("canceled", "V-1", "3"));
    list(world);
    await world.advance(INTERVAL_MS);
    assert.deepEqual(orders(world), ["V-1 open venue"]);
    world.venue.fills = [{ ...fill("X", "1", "buy", "3", "9", world.nowMs), venueOrderId: "V-1" }];
    world.venue.positions = [held("K", "1"), held("X", "3", "9")];
    await world.advance(2 * INTERVAL_MS);
    assert.deepEqual(orders(world), ["V-1 canceled venue"]);
    assert.equal(world.qty("X"), "3");
  });

  test("is not of the order that goes on under another id", async () => {
    const world = await restingFor(["V-1"], { mode: "executor" });
    world.venue.orders = [{ ...resting("V-2"), previousVenueOrderIds: ["V-1"] }];
    await world.advance(INTERVAL_MS);
    list(world);
    world.venue.emit(told("canceled", "V-1"));
    await world.advance(INTERVAL_MS);
    assert.deepEqual(orders(world), ["V-2 open venue"]);
  });
});
