// A mirror is not brought in line with a book that the venue has contradicted, however completely fills are told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, positionKey, positionQty } from "../../src/core/index.ts";
import { MemoryMirror } from "../../src/mirrors/memory/index.ts";
import { bought, position, ToldWorld } from "../support/told-world.ts";
import { row } from "../support/world.ts";

const UNREAD = { quality: "unavailable", rows: [], problem: "no answer" } as const;

/** The book and the mirror hold 10, the venue says `venue`, and is then not asked about positions any more. */
async function contradicted(venue: string): Promise<{ world: ToldWorld; mirror: MemoryMirror }> {
  const world = new ToldWorld();
  const mirror = new MemoryMirror({ name: "bot", rows: [row("X", "10")] });
  world.mirrors = [mirror];
  world.positions(position("X", "10", "100"), position("K", "1"));
  world.balance("1000");
  world.fills();
  await world.open();
  await world.advance(60_000);
  world.positions(position("X", venue, "100"), position("K", "1"));
  await world.advance(15_000);
  assert.equal(world.session.book.discrepancies.size, 1);
  world.venue.report({ positions: UNREAD });
  return { world, mirror };
}

test("[R12] a fill that is told while the venue has another quantity and does not answer is not written into the mirror", async () => {
  const { world, mirror } = await contradicted("5");
  world.fills(bought("X", "T-1", "2", "100", world.nowMs));
  await world.advance(120_000);
  assert.equal(positionQty(world.session.book, positionKey("X", "net")), "12");
  assert.deepEqual(
    mirror.held.filter(({ instrument }) => instrument === "X").map(({ qty }) => qty),
    [decimal("10")],
  );
  world.positions(position("X", "7", "100"), position("K", "1"));
  await world.advance(120_000);
  assert.deepEqual(
    mirror.held.filter(({ instrument }) => instrument === "X").map(({ qty }) => qty),
    [decimal("7")],
  );
});

test("[R12] fills that net to zero while the venue has another quantity and lists a part only remove no row", async () => {
  const { world, mirror } = await contradicted("15");
  world.venue.report({
    positions: { quality: "partial", rows: [position("K", "1")], problem: "a page is missing" },
  });
  world.fills({ ...bought("X", "T-1", "10", "100", world.nowMs), side: "sell" });
  await world.advance(120_000);
  assert.equal(positionQty(world.session.book, positionKey("X", "net")), "0");
  assert.deepEqual(
    mirror.held.filter(({ instrument }) => instrument === "X").map(({ qty }) => qty),
    [decimal("10")],
  );
});

test("[R12] a fill on top of a person's word that a position is flat is not written into the mirror before the venue says it", async () => {
  const world = new ToldWorld();
  const mirror = new MemoryMirror({ name: "bot", rows: [row("X", "10")], mayAdd: true });
  world.mirrors = [mirror];
  world.positions(position("X", "10", "100"));
  world.balance("1000");
  world.fills();
  await world.open();
  await world.advance(15_000);
  world.positions();
  await world.advance(15_000);
  const plan = await world.session.plan(null);
  await world.session.apply(plan, { by: "ann", confirm: "test", rows: plan.rows });
  assert.equal(positionQty(world.session.book, positionKey("X", "net")), "0");
  assert.deepEqual(mirror.held, []);
  await world.advance(1_000);
  world.venue.report({ positions: UNREAD });
  world.fills(bought("X", "T-1", "2", "100", world.nowMs));
  await world.advance(120_000);
  assert.equal(positionQty(world.session.book, positionKey("X", "net")), "2");
  assert.deepEqual(mirror.held, []);
  world.positions(position("X", "12", "100"));
  await world.advance(120_000);
  assert.deepEqual(
    mirror.held.map(({ qty }) => qty),
    [decimal("12")],
  );
});
