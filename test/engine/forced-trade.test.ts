// Trades that the venue makes against the account's will: the account is halted at once, whoever tells of it, and
// only a person who opens it again lets it go.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, type FillRow } from "../../src/core/index.ts";
import { fill, held, never, type StubOptions, StubWorld } from "../support/stub-venue.ts";

const INTERVAL_MS = 15_000;
const HALTED = ["forced_trade halted"];

async function holding(options: StubOptions = {}): Promise<StubWorld> {
  const world = new StubWorld(options);
  world.venue.ledger = [];
  world.venue.positions = [held("X", "10", "100"), held("K", "1")];
  await world.open();
  await world.advance(INTERVAL_MS);
  return world;
}

/** As the stream tells it: without the venue's trade id, which only the history has. */
function liquidation(atMs: number): FillRow {
  return {
    instrument: "X",
    joinKey: "j-1",
    venueOrderId: "L",
    side: "sell",
    qty: decimal("10"),
    price: decimal("50"),
    timestamp: atMs,
    forced: "liquidation",
  };
}

/** The stream tells of a liquidation. */
async function liquidated(): Promise<{ readonly world: StubWorld; readonly told: FillRow }> {
  const world = await holding();
  const told = liquidation(world.nowMs);
  world.venue.positions = [held("K", "1")];
  world.venue.emit({ kind: "fill", fill: told });
  await world.session.whenDurable();
  return { world, told };
}

test("[R10] a liquidation that the stream tells halts the account and raises an alert at once, and only one", async () => {
  const { world } = await liquidated();
  assert.deepEqual(world.holds(), HALTED);
  assert.deepEqual(await world.alerts(), ["gate_closed"]);
  await world.advance(4 * INTERVAL_MS);
  assert.deepEqual(world.holds(), HALTED);
  assert.deepEqual(
    (await world.alerts()).filter((kind) => kind === "gate_closed"),
    ["gate_closed"],
  );
});

test("[R10] a liquidation told as a ledger entry halts the account", async () => {
  const world = await holding();
  const entry = { id: "lq-1", cause: "liquidation", timestamp: world.nowMs, instrument: "X" } as const;
  world.venue.ledger = [{ ...entry, qtyDelta: decimal("-10"), price: decimal("50") }];
  world.venue.positions = [held("K", "1")];
  await world.advance(INTERVAL_MS);
  assert.deepEqual(world.holds(), HALTED);
  assert.equal((await world.alerts()).includes("gate_closed"), true);
  await world.session.setGate("open", null, "seen it", "ann");
  await world.advance(4 * INTERVAL_MS);
  assert.deepEqual(world.holds(), []);
});

for (const source of ["fill", "ledger entry"] as const) {
  test(`[R10] a liquidation that the history shows as a ${source} halts before whose fills they are is asked`, async () => {
    const world = await holding({ policy: { strategies: { grid: "grid-" } } });
    world.venue.beforeOrder = never;
    const other = fill("K", "T-2", "buy", "1", "5", world.nowMs);
    if (source === "fill") {
      world.venue.fills = [{ ...liquidation(world.nowMs), tradeId: "T-1" }, other];
    } else {
      const entry = { id: "lq-1", cause: "liquidation", timestamp: world.nowMs, instrument: "X" } as const;
      world.venue.ledger = [{ ...entry, qtyDelta: decimal("-10"), price: decimal("50") }];
      world.venue.fills = [other];
    }
    world.venue.positions = [held("K", "2")];
    const before = world.reports.length;
    world.session.wake("test");
    await world.elapse(0);
    assert.equal(world.venue.lookedUp.includes("K V-T-2"), true);
    assert.deepEqual(world.holds(), HALTED);
    const durable = (await world.records()).findLast(({ kind }) => kind === "gate_changed");
    assert.equal(durable?.kind === "gate_changed" && durable.payload.to, "halted");
    assert.equal(world.reports.length, before, "the pass still asks");
    // Entering what halted it tells nobody again.
    await world.elapse(30_000);
    assert.equal(world.reports.length > before, true);
    assert.equal(world.qty("X"), undefined);
    assert.deepEqual(world.holds(), HALTED);
    assert.deepEqual(
      (await world.alerts()).filter((kind) => kind === "gate_closed"),
      ["gate_closed"],
    );
  });
}

test("[R10] the canonical row of a forced trade that a person released does not halt again", async () => {
  const { world, told } = await liquidated();
  await world.advance(INTERVAL_MS);
  await world.session.setGate("open", null, "seen it", "ann");
  world.venue.fills = [{ ...told, tradeId: "T-1" }];
  await world.advance(4 * INTERVAL_MS);
  assert.deepEqual(world.holds(), []);
  assert.equal(world.session.book.fills.size, 1);
  assert.equal([...world.session.book.fills.values()][0]?.facts.tradeId, "T-1");
});

test("[R10] another forced trade halts again after the first was released", async () => {
  const { world } = await liquidated();
  await world.session.setGate("open", null, "seen it", "ann");
  world.venue.emit({
    kind: "fill",
    fill: { ...liquidation(world.nowMs), instrument: "K", joinKey: "j-2", qty: decimal("1") },
  });
  await world.session.whenDurable();
  assert.deepEqual(world.holds(), HALTED);
});

test("[R10] holding the gate otherwise does not undo the halt of a forced trade; opening it does", async () => {
  const { world } = await liquidated();
  for (const state of ["reduce_only", "halted"] as const) {
    await world.session.setGate(state, null, "careful", "ann");
    assert.deepEqual(world.holds(), [...HALTED, `operator ${state}`]);
  }
  await world.advance(INTERVAL_MS);
  assert.equal(world.holds().includes("forced_trade halted"), true);
  await world.session.setGate("open", null, "seen it", "ann");
  await world.advance(INTERVAL_MS);
  assert.deepEqual(world.holds(), []);
});

test("[R10] a gate that tightens from reduce_only to halted tells so", async () => {
  const world = new StubWorld();
  world.venue.venueAccountId = "acc-1";
  await world.open();
  await world.session.setGate("reduce_only", null, "careful", "ann");
  await world.advance(INTERVAL_MS);
  const before = await world.alerts();
  world.venue.venueAccountId = "acc-2";
  await world.advance(INTERVAL_MS);
  assert.equal(world.holds().includes("wrong_account halted"), true);
  assert.deepEqual((await world.alerts()).slice(before.length), ["gate_closed"]);
});
