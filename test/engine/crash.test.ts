// Power that goes at the worst moment: what is durable is enough to come back to the same caution.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JournalRecord } from "../../src/core/index.ts";
import { fill, held, never, StubWorld, settled } from "../support/stub-venue.ts";
import { botMirror, row } from "../support/world.ts";

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

test("[R12] a crash right after a mirror was written keeps what the bot had noted on the row that went", async () => {
  const world = new StubWorld({ policy: { confirmations: 1, graceMs: 0 } });
  const bot = botMirror([row("K", "1"), row("GONE", "2", { note: "mine" })]);
  world.mirrors = [bot];
  world.venue.positions = [held("K", "1")];
  world.journal.diesAfter = "mirror_write_intended";
  await assert.rejects(world.open(), /the power is gone/);
  assert.deepEqual(
    (await bot.read()).rows,
    [row("K", "1")],
    "the store is written, the journal does not say so",
  );
  assert.equal(await count(world, "mirror_written"), 0);

  await world.restart();
  const [gone] = await world.journal.view("position_history", "test");
  assert.deepEqual([gone?.instrument, gone?.source, gone?.metadata], ["GONE", "bot", '{"note":"mine"}']);
  const written = (await world.records()).filter((one) => one.kind === "mirror_written");
  assert.deepEqual(
    written.map(({ payload }) => [payload.isRecovered, payload.rows.map(({ action }) => action)]),
    [[true, ["removed"]]],
  );
  assert.equal(await count(world, "repair_applied"), 1);
  assert.deepEqual(world.openMatters(), []);
  await world.advance(4 * INTERVAL_MS);
  assert.equal(await count(world, "mirror_written"), 1);
});

test("[R12] a crash right before a mirror is written leaves nothing behind: the next pass writes it", async () => {
  const world = new StubWorld({ policy: { confirmations: 1, graceMs: 0 } });
  const bot = botMirror([row("K", "1"), row("GONE", "2", { note: "mine" })]);
  const write = bot.write.bind(bot);
  bot.write = async () => {
    throw new Error("the power is gone");
  };
  world.mirrors = [bot];
  world.venue.positions = [held("K", "1")];
  await world.open();
  await world.advance(4 * INTERVAL_MS);
  assert.equal(await count(world, "mirror_write_intended"), 1, "an intent that is tried again is one record");
  bot.write = write;
  await world.restart();
  assert.deepEqual((await bot.read()).rows, [row("K", "1")]);
  const written = (await world.records()).filter((one) => one.kind === "mirror_written");
  assert.deepEqual(
    written.map(({ payload }) => payload.isRecovered),
    [undefined],
  );
  assert.equal(world.session.book.mirrorIntents.size, 0);
});

test("[R12] an intent is dropped when the bot has written something else meanwhile", async () => {
  const world = new StubWorld({ policy: { confirmations: 1, graceMs: 0 } });
  const bot = botMirror([row("K", "1"), row("GONE", "2", { note: "mine" })]);
  const write = bot.write.bind(bot);
  bot.write = async () => {
    throw new Error("the power is gone");
  };
  world.mirrors = [bot];
  world.venue.positions = [held("K", "1")];
  await world.open();
  bot.write = write;
  bot.set([row("K", "1"), row("GONE", "3", { note: "newer" })]);
  await world.restart();
  assert.equal(await count(world, "mirror_write_dropped"), 1);
  const [gone] = await world.journal.view("position_history", "test");
  assert.equal(gone?.metadata, '{"note":"newer"}');
});

test("an account whose journal refuses what a person sets stops at once, and not with its next pass", async () => {
  const world = new StubWorld();
  world.venue.positions = [held("K", "1")];
  const session = await world.open();
  assert.equal(session.hasStopped, false);
  world.journal.diesAfter = "gate_changed";
  await session.setGate("reduce_only", "K", "drill", "ann");
  await assert.rejects(session.setGate("open", "K", "drilled", "ann"), /the power is gone/);
  assert.equal(session.hasStopped, true);
  assert.match(session.stoppedBy?.message ?? "", /the power is gone/);
});

async function count(world: StubWorld, kind: JournalRecord["kind"]): Promise<number> {
  return (await world.records()).filter((record) => record.kind === kind).length;
}

test("a process that dies right after it decided to repair a mirror's row has told of it", async () => {
  const world = new StubWorld({ policy: { confirmations: 1, graceMs: 0 } });
  world.mirrors = [botMirror([row("K", "1"), row("GONE", "2")], true)];
  world.venue.positions = [held("K", "1")];
  world.journal.diesAfter = "mirror_write_intended";
  await assert.rejects(world.open(), /the power is gone/);
  await world.restart();
  await world.advance(2 * INTERVAL_MS);
  assert.deepEqual(await toldOf(world), ["phantom_position"]);
});

test("a process that dies right after it brought the book in line has told of it", async () => {
  const world = new StubWorld({ policy: { confirmations: 1, graceMs: 0 } });
  world.venue.positions = [held("K", "1")];
  await world.open();
  world.venue.positions = [held("K", "4")];
  world.journal.diesAfter = "repair_applied";
  await world.elapse(1_000);
  await assert.rejects(world.session.pass("test", false), /the power is gone/);
  await world.restart();
  await world.advance(2 * INTERVAL_MS);
  assert.deepEqual(await toldOf(world), ["position_mismatch"]);
});

/** Alerts that are about a difference. */
async function toldOf(world: StubWorld): Promise<string[]> {
  const kinds = ["phantom_position", "position_mismatch", "missing_position"];
  return (await world.records()).flatMap((one) =>
    one.kind === "alert_raised" && kinds.includes(one.payload.kind) ? [one.payload.kind] : [],
  );
}

test("[R15] quiet passes that were written are not written again after a crash before the tail knew (seed 4130)", async () => {
  const world = new StubWorld();
  world.venue.positions = [held("X", "10")];
  await world.open();
  await world.advance(10 * INTERVAL_MS);
  // What ends the quiet is durable, and so are the quiet passes before it; the tail is not any more.
  world.journal.setTail = never;
  world.venue.fills = [fill("X", "1", "buy", "1", "100", world.nowMs + 1_000)];
  world.venue.positions = [held("X", "11")];
  await world.elapse(2 * INTERVAL_MS);
  Reflect.deleteProperty(world.journal, "setTail");
  await world.restart();
  const passes = (await world.records()).flatMap((one) =>
    one.kind === "pass_finished" ? [one.payload.passId] : [],
  );
  assert.deepEqual(passes, [...new Set(passes)]);
});

test("[R12][C07] a mirror does not follow fills of which some are no longer told, until the positions are read", async () => {
  const world = new StubWorld();
  const bot = botMirror([row("X", "10"), row("K", "1")], true);
  world.mirrors = [bot];
  world.venue.positions = [held("K", "1")];
  await world.open();
  await world.advance(60_000);
  world.venue.fills = [fill("X", "1", "buy", "10", "100", world.nowMs)];
  world.venue.positions = [held("X", "10", "100"), held("K", "1")];
  await world.advance(60_000);
  world.die();
  // Away for longer than the venue remembers: X was sold meanwhile, the bot knows it, and the positions cannot be read.
  await world.runtime.advance(3_600_000, async () => undefined);
  const sinceMs = world.nowMs - 1_200_000;
  world.venue.history = async () => ({
    fills: { quality: "complete", rows: [], coverage: { fromMs: sinceMs, toMs: world.nowMs } },
  });
  world.venue.positions = undefined;
  bot.set([row("K", "1")]);
  await world.open();
  await world.advance(60_000);
  assert.deepEqual((await bot.read()).rows, [row("K", "1")]);
});
