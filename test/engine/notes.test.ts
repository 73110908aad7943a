// Notes of a person belong to a position's life: they survive what befalls the copies, and a closed life keeps them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, historyViews, positionKey, positionView, toState } from "../../src/core/index.ts";
import { fill, held, StubWorld } from "../support/stub-venue.ts";
import { TestWorld } from "../support/world.ts";

const INTERVAL_MS = 15_000;
const X = positionKey("X", "net");
const NOTE = { instrument: "X", leg: "net", by: "ann" } as const;

async function holding(): Promise<TestWorld> {
  const world = new TestWorld();
  world.account.setPrice("X", decimal("10"));
  await world.open();
  world.buy("X", "5");
  await world.advance(INTERVAL_MS);
  return world;
}

const notesIn = (world: TestWorld | StubWorld) => positionView(world.session.book, X)?.notes;

test("[G8] fields that are set stay until they are taken away, also after a restart", async () => {
  const world = await holding();
  await world.session.note({ ...NOTE, fields: { thesis: "cheap", stop: "8" } });
  const told = await world.session.note({ ...NOTE, fields: { stop: null, target: "14" } });
  assert.deepEqual(told.notes, { thesis: "cheap", target: "14" });
  assert.deepEqual(await world.replayed(), toState(world.session.book));
  await world.session.stop();
  await world.restart();
  assert.deepEqual(notesIn(world), { thesis: "cheap", target: "14" });
  const last = (await world.records()).findLast(({ kind }) => kind === "note_set");
  assert.equal(last?.causeId, "by:ann");
  await world.session.note({ ...NOTE, fields: { thesis: "still cheap" } });
  assert.deepEqual(notesIn(world), { thesis: "still cheap", target: "14" });
});

test("[G8] a closed life keeps its notes in history, and the next one begins without", async () => {
  const world = await holding();
  await world.session.note({ ...NOTE, fields: { thesis: "cheap" } });
  world.sell("X", "5");
  await world.advance(INTERVAL_MS);
  await assert.rejects(world.session.note({ ...NOTE, fields: { thesis: "again" } }), {
    name: "ChangeError",
    code: "not_held",
  });
  world.buy("X", "1");
  await world.advance(INTERVAL_MS);
  assert.deepEqual(notesIn(world), {});
  assert.deepEqual(historyViews(world.session.book, X)[0]?.notes, { thesis: "cheap" });
});

test("[G8] a note on what was adopted or estimated stays when fills take its place, and through a repair", async () => {
  const world = new StubWorld({ policy: { confirmations: 1, graceMs: 0 } });
  world.venue.positions = [held("X", "2", "10")];
  await world.open();
  const openedMs = world.nowMs;
  await world.session.note({ ...NOTE, fields: { thesis: "cheap" } });
  world.venue.positions = [held("X", "5", "10")];
  await world.advance(INTERVAL_MS);
  assert.equal(world.qty("X"), "5");
  assert.deepEqual(notesIn(world), { thesis: "cheap" });
  // What was estimated turns out to be a fill, and what was adopted has a fill of its own from before it was read.
  world.venue.fills = [
    fill("X", "t-0", "buy", "2", "10", openedMs - 4_000),
    fill("X", "t-1", "buy", "3", "10", openedMs + 9_000),
  ];
  await world.advance(2 * INTERVAL_MS);
  assert.equal(world.qty("X"), "5");
  assert.equal(world.session.book.adjustments.size, 0);
  assert.deepEqual(notesIn(world), { thesis: "cheap" });
});

test("[G8] a note on fields that it may not have, or by nobody, is refused and nothing is written", async () => {
  const world = await holding();
  const { seq } = world.session.book;
  for (const wrong of [{ qty: "3" }, { thesis: "" }, {}]) {
    await assert.rejects(world.session.note({ ...NOTE, fields: wrong }), { code: "bad_note" });
  }
  await assert.rejects(world.session.note({ ...NOTE, by: "", fields: { thesis: "x" } }), {
    code: "bad_note",
  });
  assert.equal(world.session.book.seq, seq);
});
