// A person's word is about what people could have heard of: it releases no halt that is not told yet.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, held, StubWorld, settled } from "../support/stub-venue.ts";

test("[R10] opening the gate releases a liquidation's halt, but not one that the journal has not taken yet (seed 3686870598)", async () => {
  const world = new StubWorld();
  world.venue.positions = [held("X", "5")];
  await world.open();
  await world.advance(1_000);
  const { promise, resolve } = Promise.withResolvers<void>();
  world.journal.slowness = promise;
  const forced = { ...fill("X", "T-1", "sell", "2", "10", world.nowMs), forced: "liquidation" } as const;
  world.venue.positions = [held("X", "3")];
  world.venue.fills = [forced];
  world.venue.emit({ kind: "fill", fill: forced });
  const opening = world.session.setGate("open", null, "looks fine", "ann");
  world.journal.slowness = Promise.resolve();
  resolve();
  await opening;
  await settled();
  assert.deepEqual(world.holds(), ["forced_trade halted"], "nobody had been told of it");
  await world.session.setGate("open", null, "seen", "ann");
  assert.deepEqual(world.holds(), []);
});

test("[R10] a halt from before a restart is one that people were told of", async () => {
  const world = new StubWorld();
  world.venue.positions = [held("X", "5")];
  await world.open();
  await world.advance(1_000);
  const forced = { ...fill("X", "T-1", "sell", "2", "10", world.nowMs), forced: "liquidation" } as const;
  world.venue.positions = [held("X", "3")];
  world.venue.fills = [forced];
  world.venue.emit({ kind: "fill", fill: forced });
  await settled();
  await world.restart();
  assert.ok(world.holds().includes("forced_trade halted"));
  await world.session.setGate("open", null, "seen", "ann");
  assert.ok(!world.holds().includes("forced_trade halted"));
});
