// What an order reduces while the positions are not read: what the venue said last, moved on by what it has told as traded
// since. Where a fill may be in what it said or not, both stay possible.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, type FillRow, type PositionRow } from "../../src/core/index.ts";
import { bought, position, ToldWorld } from "../support/told-world.ts";

async function holding(...positions: readonly PositionRow[]): Promise<ToldWorld> {
  const world = new ToldWorld();
  world.positions(...positions);
  world.fills();
  world.balance("1000");
  await world.open();
  await world.advance(15_000);
  return world;
}

function reduces(world: ToldWorld, side: "buy" | "sell", qty: string): boolean {
  const order = { instrument: "X", leg: "net", side, qty: decimal(qty), hasReduceOnlyFlag: false } as const;
  return world.session.admit(order).isReducing;
}

async function told(world: ToldWorld, ...fills: readonly FillRow[]): Promise<void> {
  for (const fill of fills) world.venue.emit({ kind: "fill", fill });
  await world.session.whenIdle();
}

/** From now on the positions are not answered any more. */
function lose(world: ToldWorld): void {
  world.venue.report({ positions: { quality: "unavailable", rows: [], problem: "down" } });
}

function sold(tradeId: string, qty: string, timestamp: number): FillRow {
  return { ...bought("X", tradeId, qty, "100", timestamp), side: "sell" };
}

test("[R10] what is traded while the positions cannot be read counts to what may be reduced", async () => {
  const world = await holding(position("X", "2"));
  lose(world);
  await world.advance(60_000);
  await told(world, bought("X", "T-1", "3", "100", world.nowMs));
  assert.deepEqual([reduces(world, "sell", "5"), reduces(world, "sell", "6")], [true, false]);
  await told(world, sold("T-2", "8", world.nowMs));
  assert.deepEqual([reduces(world, "buy", "3"), reduces(world, "buy", "4")], [true, false]);
  assert.equal(reduces(world, "sell", "1"), false);
});

test("[R10] a fill that is taken back counts no more to what may be reduced", async () => {
  const world = await holding(position("X", "2"));
  lose(world);
  await world.advance(60_000);
  const fill = bought("X", "T-1", "3", "100", world.nowMs);
  await told(world, fill);
  world.venue.emit({ kind: "fillReversed", fill, reason: "bust" });
  await world.session.whenIdle();
  assert.deepEqual([reduces(world, "sell", "2"), reduces(world, "sell", "3")], [true, false]);
});

test("[R10] what is traded between the positions' answer and the history's is new", async () => {
  const world = await holding(position("X", "2"));
  const { history } = world.venue;
  world.venue.history = async (fromMs) => {
    world.venue.history = history;
    await world.runtime.advance(5_000, async () => undefined);
    world.venue.emit({ kind: "fill", fill: bought("X", "T-1", "3", "100", world.nowMs) });
    lose(world);
    return history.call(world.venue, fromMs);
  };
  await world.advance(45_000);
  assert.deepEqual([reduces(world, "sell", "5"), reduces(world, "sell", "6")], [true, false]);
});

test("[R10] a fill that the positions had already, by a venue whose clock is ahead, is not counted twice", async () => {
  const world = await holding(position("X", "10"));
  const sale = sold("T-1", "8", world.nowMs + 5_000);
  world.positions(position("X", "2"));
  await world.advance(1_000);
  await world.session.pass("test", false);
  await told(world, sale);
  lose(world);
  assert.deepEqual([reduces(world, "sell", "2"), reduces(world, "sell", "3")], [true, false]);
  await world.advance(60_000);
  await told(world, bought("X", "T-2", "3", "100", world.nowMs));
  assert.deepEqual([reduces(world, "sell", "5"), reduces(world, "sell", "6")], [true, false]);
});

test("[R10] where what the venue said last may have had a fill or not, both stay possible", async () => {
  const world = await holding(position("X", "2"));
  const readMs = world.nowMs;
  lose(world);
  await world.advance(60_000);
  // Told late, and dated before the read was answered.
  await told(world, bought("X", "T-1", "3", "100", readMs));
  assert.deepEqual([reduces(world, "sell", "2"), reduces(world, "sell", "3")], [true, false]);
});

test("[R10] a fill that was told before the positions were read is in them, however it is dated", async () => {
  const world = await holding(position("X", "10"));
  const sale = sold("T-1", "8", world.nowMs + 60_000);
  world.positions(position("X", "2"));
  world.fills(sale);
  await told(world, sale);
  await world.advance(30_000);
  lose(world);
  await world.advance(15_000);
  assert.deepEqual([reduces(world, "sell", "2"), reduces(world, "sell", "3")], [true, false]);
});
