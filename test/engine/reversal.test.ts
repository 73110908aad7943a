// What a venue takes back, and what it says twice: nothing of it counts twice, nothing else is touched.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, type FillRow, positionKey, positionQty } from "../../src/core/index.ts";
import { bought, position, START_MS, ToldWorld } from "../support/told-world.ts";

test("[R6] a reversal takes back the fill of its own instrument, whatever ids others have", async () => {
  const world = new ToldWorld();
  world.positions(position("X", "5"), position("Y", "5"));
  const { book } = await world.open();
  const x = bought("X", "1", "5", "10", START_MS);
  const y = bought("Y", "1", "3", "10", START_MS);
  for (const fill of [x, y]) world.venue.emit({ kind: "fill", fill });
  world.venue.emit({ kind: "fillReversed", fill: y, reason: "bust" });
  assert.deepEqual(
    ["X", "Y"].map((symbol) => positionQty(book, positionKey(symbol, "net"))),
    ["10", "5"],
  );
});

test("[R6] a fill that was taken back before its canonical row came moves neither position nor money", async () => {
  const world = new ToldWorld();
  world.positions(position("X", "5", "10"));
  world.balance("1000");
  const { book } = await world.open();
  const { tradeId: _, ...streamed } = {
    ...bought("X", "1", "3", "10", world.nowMs + 1_000),
    joinKey: "3",
  };
  await world.advance(1_000);
  world.venue.emit({ kind: "fill", fill: streamed });
  world.venue.emit({ kind: "fillReversed", fill: streamed, reason: "bust" });
  world.fills({ ...streamed, tradeId: "1" });
  await world.advance(45_000);
  assert.equal(positionQty(book, positionKey("X", "net")), "5");
  assert.deepEqual(await world.closed(), []);
  assert.deepEqual(book.gate, { account: [], instruments: {} });
  assert.equal(await world.isWhatIsFolded(), true);
});

test("[R10] a liquidation that a person has seen does not halt again when its canonical row comes", async () => {
  const world = new ToldWorld();
  world.positions(position("X", "10"), position("Y", "1"));
  const session = await world.open();
  await world.advance(15_000);
  const streamed: FillRow = {
    instrument: "X",
    joinKey: "10",
    venueOrderId: "V-1",
    side: "sell",
    qty: decimal("10"),
    price: decimal("5"),
    timestamp: world.nowMs,
    forced: "liquidation",
  };
  world.venue.emit({ kind: "fill", fill: streamed });
  world.positions(position("Y", "1"));
  await world.advance(15_000);
  assert.deepEqual(
    session.book.gate.account.map(({ code }) => code),
    ["forced_trade"],
  );
  await session.setGate("open", null, "seen", "ann");
  world.fills({ ...streamed, tradeId: "T-1" });
  await world.advance(15_000);
  assert.equal(session.book.fills.size, 1);
  assert.deepEqual(session.book.gate, { account: [], instruments: {} });
});
