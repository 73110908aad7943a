// What a venue takes back, and what it says twice: nothing of it counts twice, nothing else is touched.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, type FillRow, positionKey, positionQty } from "../../src/core/index.ts";
import { fill, held, never, StubWorld, settled } from "../support/stub-venue.ts";
import { bought, position, START_MS, ToldWorld } from "../support/told-world.ts";
import { botMirror, row } from "../support/world.ts";

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

const LATE_MS = 60_000;

/** A venue that may take fills back and tells of it by its history alone; X and Y are held from the start. */
async function revisable(
  isRevisable = true,
  isStreamed = false,
  mirrors: StubWorld["mirrors"] = [],
  lateArrivalMs = LATE_MS,
): Promise<StubWorld> {
  const world = new StubWorld({
    capabilities: { fills: { lateArrivalMs, revisable: isRevisable } },
  });
  world.mirrors = mirrors;
  world.venue.positions = [held("X", "10", "100"), held("Y", "1", "100")];
  await world.open();
  await world.advance(60_000);
  const traded = fill("X", "1", "buy", "5", "100", world.nowMs);
  world.venue.fills = [traded, fill("Y", "2", "buy", "1", "100", world.nowMs)];
  if (isStreamed) world.venue.emit({ kind: "fill", fill: traded });
  world.venue.positions = [held("X", "15", "100"), held("Y", "2", "100")];
  await world.advance(15_000);
  assert.equal(world.qty("X"), "15");
  return world;
}

function bust(world: StubWorld): void {
  world.venue.fills = world.venue.fills?.filter(({ instrument }) => instrument !== "X");
  world.venue.positions = [held("X", "10", "100"), held("Y", "2", "100")];
}

async function estimates(world: StubWorld): Promise<number> {
  return (await world.records()).filter(
    ({ kind, payload }) =>
      kind === "adjustment_inferred" && payload.subject === "position" && payload.basis === "estimate",
  ).length;
}

function reversed(world: StubWorld): string[] {
  return [...world.session.book.fills.values()].flatMap(({ facts, isReversed }) =>
    isReversed ? [`${facts.instrument} ${facts.tradeId}`] : [],
  );
}

for (const told of ["history", "stream"]) {
  for (const isDead of [true, false]) {
    const when = isDead ? "while the process was dead" : "without a word";
    test(`[R6][A14] a fill of the ${told} that was taken back ${when} is taken back, not estimated`, async () => {
      const world = await revisable(true, told === "stream");
      await world.advance(600_000);
      if (isDead) world.die();
      bust(world);
      if (isDead) await world.restart();
      await world.advance(60_000);
      assert.equal(world.qty("X"), "10");
      assert.deepEqual(reversed(world), ["X 1"]);
      assert.equal(await estimates(world), 0);
      assert.deepEqual(world.openMatters(), []);
      assert.deepEqual(world.holds(), []);
      // The history is read back for it, and not for longer than that.
      assert.ok(Math.min(...world.venue.historyFrom.slice(-1)) >= world.nowMs - LATE_MS - 60_000);
    });
  }
}

test("[R6][R8] an estimate that was made for a fill that was taken back gives way to that", async () => {
  const world = await revisable();
  // So young that the history might only be late.
  bust(world);
  await world.advance(30_000);
  assert.equal(await estimates(world), 1);
  assert.deepEqual(reversed(world), []);
  await world.advance(120_000);
  assert.deepEqual(reversed(world), ["X 1"]);
  assert.equal(world.qty("X"), "10");
  assert.deepEqual(
    [...world.session.book.adjustments.values()].map(({ facts }) => facts.basis),
    ["opening", "opening"],
  );
  assert.deepEqual(world.openMatters(), []);
});

test("[R8] of fills of both directions that were taken back each has its own estimate give way (seed 920006332)", async () => {
  const world = await revisable(true, false, [], 10 * LATE_MS);
  const y = world.venue.fills?.filter(({ instrument }) => instrument === "Y") ?? [];
  const sold = fill("X", "3", "sell", "2", "100", world.nowMs - 15_000);
  world.venue.fills = [...(world.venue.fills ?? []), sold];
  world.venue.positions = [held("X", "13", "100"), held("Y", "2", "100")];
  await world.advance(15_000);
  // So young that the history might only be late: each is estimated for itself.
  world.venue.fills = [...y, sold];
  world.venue.positions = [held("X", "8", "100"), held("Y", "2", "100")];
  await world.advance(60_000);
  world.venue.fills = y;
  world.venue.positions = [held("X", "10", "100"), held("Y", "2", "100")];
  await world.advance(60_000);
  assert.deepEqual([await estimates(world), reversed(world), world.qty("X")], [2, [], "10"]);
  await world.advance(15 * LATE_MS);
  assert.deepEqual([reversed(world), world.qty("X")], [["X 1", "X 3"], "10"]);
  const left = [...world.session.book.adjustments.values()].map(({ facts }) => facts.basis);
  assert.deepEqual(left, ["opening", "opening"]);
});

for (const isRevisable of [true, false]) {
  const asks = isRevisable
    ? "is asked for by name"
    : "is asked for by nobody where a venue takes no fills back";
  test(`[R1][R6] what a fill closed that the history lists no more ${asks} (seed 9674)`, async () => {
    const world = new StubWorld({
      capabilities: { fills: { lateArrivalMs: LATE_MS, revisable: isRevisable } },
    });
    const { venue } = world;
    venue.positions = [held("X", "5", "100")];
    await world.open();
    await world.advance(15_000);
    venue.fills = [fill("X", "1", "sell", "5", "100", world.nowMs)];
    venue.positions = [];
    await world.advance(30_000);
    assert.equal(world.qty("X") ?? "0", "0");
    assert.deepEqual(world.holds(), []);
    // It is taken back, nobody says so, and the list goes on leaving the position out.
    venue.lookedUp.length = 0;
    venue.fills = [];
    venue.lookups.set("X", { kind: "row", row: held("X", "5", "100") });
    await world.advance(15_000);
    assert.deepEqual(venue.lookedUp, isRevisable ? ["X"] : []);
    assert.deepEqual(world.openMatters(), isRevisable ? ["missing_position -"] : []);
    assert.deepEqual(world.holds(), isRevisable ? ["suspect_read reduce_only"] : []);
    if (!isRevisable) return;
    await world.advance(2 * LATE_MS);
    assert.deepEqual([world.qty("X"), reversed(world), await estimates(world)], ["5", ["X 1"], 0]);
  });
}

test("[R1][C01] an empty history takes nothing back while the positions are as they were", async () => {
  const world = await revisable();
  await world.advance(45_000);
  world.venue.fills = [];
  await world.advance(600_000);
  assert.deepEqual(reversed(world), []);
  assert.equal(world.qty("X"), "15");
});

test("[R1][C01] an empty history beside an empty list of positions takes nothing back", async () => {
  const world = await revisable();
  await world.advance(45_000);
  world.venue.fills = [];
  world.venue.positions = [];
  await world.advance(600_000);
  assert.deepEqual(reversed(world), []);
  assert.equal(world.qty("X"), "15");
});

test("[R6] where a venue takes no fills back a difference is estimated, and no history is read again for it", async () => {
  const world = await revisable(false);
  await world.advance(600_000);
  bust(world);
  const before = world.venue.historyFrom.length;
  await world.advance(60_000);
  assert.deepEqual(reversed(world), []);
  assert.equal(await estimates(world), 1);
  assert.ok(Math.min(...world.venue.historyFrom.slice(before)) >= world.nowMs - 150_000);
});

test("[R2] force estimates a difference without reading further back for it first", async () => {
  const world = await revisable();
  await world.advance(600_000);
  bust(world);
  await world.session.pass("test", true);
  assert.equal(await estimates(world), 1);
});

for (const isRevisable of [true, false]) {
  const what = isRevisable ? "is left alone where fills may be taken back" : "follows the fills";
  test(`[R12][A14] while the positions cannot be read a mirror ${what}`, async () => {
    const bot = botMirror([row("X", "15"), row("Y", "2")]);
    const world = await revisable(isRevisable, false, [bot]);
    await world.advance(600_000);
    // The bot has heard of it, and the positions would tell: the history alone does not.
    bust(world);
    world.venue.positions = undefined;
    bot.set([row("X", "10"), row("Y", "2")]);
    await world.advance(60_000);
    const x = (await bot.read()).rows.find(({ instrument }) => instrument === "X");
    assert.equal(x?.qty, isRevisable ? "10" : "15");
  });
}

test("[R6] what the stream tells while the account is being closed is still entered (seed 7008)", async () => {
  const world = new StubWorld();
  world.venue.positions = [held("X", "10")];
  await world.open();
  const bought = fill("X", "1", "buy", "1", "100", world.nowMs + 1);
  await world.elapse(1_000);
  world.venue.emit({ kind: "fill", fill: bought });
  await settled();
  world.venue.outcome = never;
  world.session.cancel({ instrument: "X", venueOrderId: "V-9" }, "bot").catch(() => undefined);
  await settled();
  const stopping = world.session.stop();
  world.venue.emit({ kind: "fillReversed", fill: bought, reason: "bust" });
  await world.elapse(60_000);
  await stopping;
  const kinds = (await world.records()).map(({ kind }) => kind);
  assert.equal(kinds.includes("fill_reversed"), true);
});

test("[R6] a fill that was taken back before it was told stays taken back when a slow read brings it (seed 8019)", async () => {
  const world = new StubWorld();
  world.venue.positions = [held("X", "10")];
  await world.open();
  await world.elapse(1_000);
  const bought = fill("X", "1", "buy", "1", "100", world.nowMs);
  world.venue.emit({ kind: "fillReversed", fill: bought, reason: "bust" });
  world.venue.fills = [bought];
  await world.advance(15_000);
  world.venue.fills = [];
  await world.advance(45_000);
  assert.equal(world.qty("X"), "10");
  assert.deepEqual(
    [...world.session.book.fills.values()].map(({ isReversed }) => isReversed),
    [true],
  );
});

test("[R8] a fill that the first read had, told late and taken back at once, is taken out of the opening (seed 31213)", async () => {
  const world = new StubWorld({ capabilities: { readAfterFillLagMs: 2_000 } });
  world.venue.positions = [held("X", "-2", "100")];
  await world.open();
  const busted = fill("X", "1", "sell", "2", "100", world.nowMs - 1_000);
  await world.advance(30_000);
  world.venue.positions = [held("X", "0")];
  world.venue.emit({ kind: "fillReversed", fill: busted, reason: "bust" });
  await world.advance(60_000);
  assert.equal(world.qty("X"), undefined);
  const { adjustments, ledgers } = world.session.book;
  assert.deepEqual([[...adjustments.keys()], ledgers.get(positionKey("X", "net"))?.entries], [[], []]);
});

test("[R8] an opening gives way to a fill that was taken back once, and not to the next difference of its size", async () => {
  const world = new StubWorld({ capabilities: { readAfterFillLagMs: 2_000 } });
  world.venue.positions = [held("X", "-5", "100")];
  await world.open();
  const busted = fill("X", "1", "sell", "2", "100", world.nowMs - 1_000);
  await world.advance(30_000);
  world.venue.positions = [held("X", "-3", "100")];
  world.venue.emit({ kind: "fillReversed", fill: busted, reason: "bust" });
  await world.advance(60_000);
  const basesOf = () => [...world.session.book.adjustments.values()].map(({ facts }) => facts.basis);
  assert.deepEqual([world.qty("X"), basesOf()], ["-3", ["opening"]]);
  world.venue.positions = [held("X", "-1", "100")];
  await world.advance(60_000);
  assert.deepEqual([world.qty("X"), basesOf()], ["-1", ["opening", "estimate"]]);
});
