// A fill that the venue takes back while the account is being read: what was read may have it still.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, filledQty, type OrderRow } from "../../src/core/index.ts";
import { fill, held, resting, StubWorld } from "../support/stub-venue.ts";

const INTERVAL_MS = 15_000;

test("[R3] a row that was read before a fill of it was taken back makes no estimate of that fill (seeds 571, 597)", async () => {
  const world = new StubWorld({ policy: { confirmations: 1, graceMs: 0 } });
  const executed = { filledQty: decimal("10"), avgPrice: decimal("9"), avgPriceScale: 2 };
  const filled: OrderRow = { ...resting("V-1"), ...executed, status: "filled" };
  world.venue.orders = [filled];
  world.venue.positions = [held("X", "10", "9")];
  world.venue.fills = [fill("X", "1", "buy", "10", "9", world.nowMs - 60_000)];
  await world.open();
  const [fillKey] = world.session.book.fills.keys();
  const [row] = world.venue.fills;
  if (!row || fillKey === undefined) throw new Error("the fill is not known");
  // The history is read after the positions and the orders.
  const history = world.venue.history.bind(world.venue);
  world.venue.history = async (fromMs) => {
    world.venue.history = history;
    world.venue.emit({ kind: "fillReversed", fill: row, reason: "busted" });
    return history(fromMs);
  };
  world.venue.fills = [];
  await world.session.pass("test", false);
  world.venue.orders = [{ ...resting("V-1"), filledQty: decimal("0"), status: "canceled" }];
  world.venue.positions = [];
  world.venue.lookups.set("X", { kind: "none" });
  await world.advance(3 * INTERVAL_MS);
  const kinds = (await world.records()).map(({ kind }) => kind);
  assert.equal(kinds.includes("fill_reversed"), true);
  assert.equal(kinds.filter((kind) => kind === "adjustment_inferred").length, 0);
  assert.deepEqual([...world.session.book.orders.values()].map(filledQty), ["0"]);
  assert.equal(world.qty("X"), undefined);
});
