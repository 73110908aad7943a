// Power that goes at the worst moment: what is durable is enough to come back to the same caution.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JournalRecord } from "../../src/core/index.ts";
import { fill, held, never, StubWorld, settled } from "../support/stub-venue.ts";

const INTERVAL_MS = 15_000;

test("[R10][D1] the halt of a liquidation survives a crash right after the fill is durable", async () => {
  const world = new StubWorld();
  world.venue.positions = [held("X", "10", "100"), held("K", "1")];
  await world.open();
  await world.advance(INTERVAL_MS);
  world.venue.positions = [held("K", "1")];
  world.venue.fills = [{ ...fill("X", "L", "sell", "10", "50", world.nowMs + 100), forced: "liquidation" }];
  await world.elapse(1_000);
  world.journal.diesAfter = "fill_recorded";
  await assert.rejects(world.session.pass("test", false), /the power is gone/);
  assert.equal(await count(world, "fill_recorded"), 1);
  await world.restart();
  await world.advance(4 * INTERVAL_MS);
  assert.deepEqual(world.holds(), ["forced_trade halted"]);
  assert.equal(await count(world, "fill_recorded"), 1);
});

test("[R3] how far the history is proven never becomes durable before the fills that it covers", async () => {
  const world = new StubWorld({ policy: { mode: "executor" } });
  world.venue.positions = [held("K", "1")];
  await world.open();
  await world.session.stop();
  world.runtime.clear();
  // While nothing ran, a position opened and closed.
  await world.runtime.advance(3_600_000, async () => undefined);
  const missed = [
    fill("X", "1", "buy", "10", "100", world.nowMs - 1_800_000),
    fill("X", "2", "sell", "10", "90", world.nowMs - 1_700_000),
  ];
  world.venue.fills = missed;
  world.venue.positions = [held("K", "2")];
  world.venue.beforeOrder = never;
  await world.restart(false);
  world.session.pass("boot", false).catch(assert.fail);
  await settled();
  const told = fill("K", "9", "buy", "1", "5", world.nowMs);
  world.venue.emit({ kind: "fill", fill: told });
  await settled();
  assert.equal(await count(world, "fill_recorded"), 1);
  world.venue.beforeOrder = async () => undefined;
  world.venue.fills = [...missed, told];
  await world.restart();
  await world.advance(4 * INTERVAL_MS);
  assert.deepEqual([...world.session.book.fills.values()].map(({ facts }) => facts.tradeId).sort(), [
    "1",
    "2",
    "9",
  ]);
  const [life] = await world.journal.view("position_history", "test");
  assert.equal(life?.instrument, "X");
});

test("[R3] a read and the fills that it brought become durable together, or not at all", async () => {
  const world = new StubWorld();
  world.venue.positions = [held("K", "1")];
  await world.open();
  world.venue.positions = [held("K", "2")];
  world.venue.fills = [fill("K", "1", "buy", "1", "5", world.nowMs)];
  world.journal.diesAfter = "observation_recorded";
  await assert.rejects(world.session.pass("test", false), /the power is gone/);
  assert.equal(await count(world, "fill_recorded"), 1);
});

async function count(world: StubWorld, kind: JournalRecord["kind"]): Promise<number> {
  return (await world.records()).filter((record) => record.kind === kind).length;
}
