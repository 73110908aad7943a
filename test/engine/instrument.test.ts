// An instrument that the venue tells of only after the first fills: costs are worked out again, once, for good.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decimal,
  fromState,
  instrumentOf,
  positionKey,
  positionView,
  toState,
} from "../../src/core/index.ts";
import { restoreBook } from "../../src/engine/index.ts";
import { bought, position, START_MS, ToldWorld } from "../support/told-world.ts";

const OPTION = positionKey("OPT", "net");

test("[E03] a multiplier that is learned late counts for what was bought before, and is not forgotten by a restart", async () => {
  const world = new ToldWorld();
  const first = bought("OPT", "1", "1", "5", START_MS - 1_000);
  world.positions(position("OPT", "1", "5"));
  world.fills(first);
  await world.open();
  assert.equal(positionView(world.session.book, OPTION)?.costBasis, "5");
  world.venue.known.set("OPT", instrumentOf("OPT", { multiplier: decimal("100") }));
  world.positions(position("OPT", "2", "5"));
  world.fills(first, bought("OPT", "2", "1", "5", world.nowMs));
  await world.advance(30_000);
  const { book } = world.session;
  const restored = fromState(JSON.parse(JSON.stringify(toState(book))));
  const folded = await restoreBook(world.journal, "test");
  for (const one of [book, restored, folded]) assert.equal(positionView(one, OPTION)?.costBasis, "1000");
  // An adapter that has not read its list of instruments yet takes nothing back.
  world.venue.known.delete("OPT");
  await world.advance(30_000);
  assert.equal(positionView(book, OPTION)?.costBasis, "1000");
  const [row] = await world.journal.view("positions", "test");
  assert.equal(row?.cost_basis, "1000");
  assert.equal(await world.isWhatIsFolded(), true);
});
