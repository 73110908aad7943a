// Undo (R13): the bot's row is what it was, and nobody touches it again until the venue's changes or a person
// releases it; what the venue proves is not undone; and no crash in between forgets what was done.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromState, toState } from "../../src/core/index.ts";
import { PlanError, restoreBook } from "../../src/engine/index.ts";
import { fill, held, StubWorld } from "../support/stub-venue.ts";
import { botMirror, row } from "../support/world.ts";

const INTERVAL_MS = 15_000;

const GONE = row("GONE", "2", { note: "mine" });

/** A world in which trueup has taken a phantom out of the bot's file and corrected another row. */
async function repaired() {
  const world = new StubWorld({ policy: { confirmations: 1, graceMs: 0 } });
  const bot = botMirror([row("K", "1", { score: 7 }), GONE], true);
  world.mirrors = [bot];
  world.venue.positions = [held("K", "3")];
  await world.open();
  const rows = async () => (await bot.read()).rows;
  assert.deepEqual(await rows(), [row("K", "3", { score: 7 })]);
  const repairs = (await world.records()).flatMap((one) =>
    one.kind === "repair_applied" ? [one.payload] : [],
  );
  const idOf = (action: string) => repairs.find((one) => one.action === action)?.repairId ?? "";
  return { world, bot, rows, removed: idOf("removed"), corrected: idOf("corrected") };
}

const code =
  (expected: PlanError["code"], text = /./) =>
  (error: unknown) =>
    error instanceof PlanError && error.code === expected && text.test(error.message);

const history = async (world: StubWorld) =>
  (await world.journal.view("position_history", "test")).map(
    ({ instrument, source }) => `${instrument} ${source}`,
  );

describe("[R13] an undone repair", () => {
  test("is told when it is made again: while it was watched nobody was told of it", async () => {
    const { world, removed } = await repaired();
    await world.session.undo(removed, "ann");
    await world.advance(2 * INTERVAL_MS);
    const count = (await world.records()).length;
    await world.session.release(removed, "bob");
    await world.advance(INTERVAL_MS);
    const since = (await world.records()).slice(count);
    assert.deepEqual(
      since.flatMap((one) => (one.kind === "alert_raised" ? [one.payload.kind] : [])),
      ["phantom_position"],
    );
  });

  test("gives the row its content back, with the bot's own fields, and is not made again", async () => {
    const { world, rows, removed, corrected } = await repaired();
    assert.deepEqual(await history(world), ["GONE bot"]);
    const undone = await world.session.undo(removed, "ann");
    assert.deepEqual(
      [undone.action, undone.instrument, undone.by, undone.isWatched],
      ["removed", "GONE", "ann", true],
    );
    assert.deepEqual(await rows(), [row("K", "3", { score: 7 }), GONE]);
    assert.deepEqual(await history(world), [], "it has not ended");
    await world.session.undo(corrected, "ann");
    const before = [row("K", "1", { score: 7 }), GONE];
    assert.deepEqual(await rows(), before);
    await world.session.pass("operator", true);
    await world.advance(8 * INTERVAL_MS);
    assert.deepEqual(await rows(), before);
    assert.deepEqual(world.openMatters().sort(), ["phantom_position undone", "position_mismatch undone"]);
    assert.deepEqual(world.holds(), [], "what is watched does not hold the gate");
    await world.restart();
    await world.session.pass("operator", true);
    assert.deepEqual(await rows(), before, "a restart remembers it");
  });

  test("is repaired again when what the venue has of it changes", async () => {
    const { world, rows, corrected } = await repaired();
    await world.session.undo(corrected, "ann");
    world.venue.positions = [held("K", "4")];
    await world.elapse(1_000);
    await world.session.pass("test", true);
    await world.session.pass("test", true);
    assert.deepEqual(await rows(), [row("K", "4", { score: 7 })]);
    const ended = (await world.records()).flatMap((one) =>
      one.kind === "watch_ended" ? [one.payload.why] : [],
    );
    assert.deepEqual(ended, ["venue_changed"]);
  });

  test("is repaired again when the venue closes the position and opens another of the same size", async () => {
    const { world, rows, corrected } = await repaired();
    await world.session.undo(corrected, "ann");
    await world.elapse(60_000);
    world.venue.fills = [
      fill("K", "1", "sell", "3", "5", world.nowMs - 20_000),
      fill("K", "2", "buy", "3", "5", world.nowMs - 10_000),
    ];
    await world.session.pass("test", true);
    assert.deepEqual(
      (await rows()).map(({ qty }) => qty),
      ["3"],
    );
  });

  test("is repaired again when a person releases it, once", async () => {
    const { world, rows, removed } = await repaired();
    await world.session.undo(removed, "ann");
    const { by, why, instrument } = await world.session.release(removed, "bob");
    assert.deepEqual([by, why, instrument], ["bob", "released", "GONE"]);
    await world.session.pass("operator", true);
    assert.deepEqual(await rows(), [row("K", "3", { score: 7 })]);
    await assert.rejects(world.session.release(removed, "bob"), code("nothing_to_release"));
  });

  test("is found by the beginning of its id and by the difference that it closed", async () => {
    const { world, removed, corrected } = await repaired();
    assert.equal((await world.session.undo(removed.slice(0, 12), "ann")).repairId, removed);
    const closed = (await world.records()).find(
      (one) => one.kind === "discrepancy_closed" && one.payload.repairId === corrected,
    );
    const id = closed?.kind === "discrepancy_closed" ? closed.payload.id : "";
    assert.equal((await world.session.undo(id, "ann")).repairId, corrected);
  });

  test("is in the journal with who did it, and a checkpoint keeps it", async () => {
    const { world, removed } = await repaired();
    await world.session.undo(removed, "ann");
    const undone = (await world.records()).find(({ kind }) => kind === "repair_undone");
    assert.equal(undone?.causeId, "by:ann");
    const folded = toState(await restoreBook(world.journal, "test"));
    assert.deepEqual(folded, toState(world.session.book));
    assert.deepEqual(toState(fromState(folded)), folded);
  });
});

describe("[R13] an undo is refused, and changes nothing", () => {
  test("of a repair that nobody knows, or of several at once", async () => {
    const { world } = await repaired();
    await assert.rejects(world.session.undo("rep_00000000", "ann"), code("no_such_repair"));
    await assert.rejects(world.session.undo("rep_", "ann"), code("no_such_repair"));
  });

  test("a second time", async () => {
    const { world, rows, removed } = await repaired();
    await world.session.undo(removed, "ann");
    const before = await rows();
    await assert.rejects(world.session.undo(removed, "bob"), code("already_undone", /by ann at 2026/));
    assert.deepEqual(await rows(), before);
  });

  test("of a row that the bot has changed since", async () => {
    const { world, bot, rows, corrected, removed } = await repaired();
    const now = [row("K", "3", { score: 8 }), row("GONE", "5")];
    bot.set(now);
    await assert.rejects(world.session.undo(corrected, "ann"), code("row_changed", /not as it was left/));
    await assert.rejects(world.session.undo(removed, "ann"), code("row_changed"));
    assert.deepEqual(await rows(), now);
    assert.equal(world.session.book.mirrorIntents.size, 0);
    assert.equal(world.session.book.undone.size, 0);
  });

  test("of a mirror that is not there any more, or cannot be read", async () => {
    const { world, bot, removed } = await repaired();
    bot.read = async () => ({ quality: "unavailable", rows: [], version: "", problem: "half written" });
    await assert.rejects(world.session.undo(removed, "ann"), code("cannot_restore", /half written/));
    world.mirrors = [];
    await world.restart();
    await assert.rejects(
      world.session.undo(removed, "ann"),
      code("cannot_restore", /no mirror "bot" any more/),
    );
  });

  test("of what a read of the venue proves in the book", async () => {
    const world = new StubWorld({ policy: { confirmations: 1, graceMs: 0 } });
    world.venue.positions = [held("K", "1"), held("L", "1")];
    await world.open();
    world.venue.positions = [held("K", "2")];
    await world.session.pass("test", true);
    const repairs = (await world.records()).flatMap((one) =>
      one.kind === "repair_applied" ? [one.payload] : [],
    );
    assert.deepEqual(
      repairs.map(({ action, witness }) => [action, witness]),
      [
        ["adjusted", null],
        ["adjusted", "absence"],
      ],
    );
    for (const { repairId } of repairs) {
      await assert.rejects(
        world.session.undo(repairId, "ann"),
        code("repair_proven", /the book follows the venue/),
      );
    }
    assert.deepEqual([world.qty("K"), world.qty("L")], ["2", undefined]);
  });
});

describe("[R13] what a person said", () => {
  async function declared() {
    const world = new StubWorld();
    world.venue.positions = [held("A", "1"), held("B", "2")];
    await world.open();
    world.venue.positions = [];
    await world.session.pass("test", true);
    const given = { by: "ann", confirm: "test", rows: 2 };
    const { steps } = await world.session.apply(await world.session.plan(null), given);
    const idOf = (name: string) => steps.find(({ instrument }) => instrument === name)?.repairId ?? "";
    return { world, idOf };
  }

  test("is taken back: the position is there again, unwitnessed, and holds the gate", async () => {
    const { world, idOf } = await declared();
    assert.equal(world.qty("A"), undefined);
    const undone = await world.session.undo(idOf("A"), "bob");
    assert.deepEqual([undone.of, undone.isWatched], ["book", false]);
    assert.deepEqual([world.qty("A"), world.qty("B")], ["1", undefined]);
    assert.deepEqual(world.openMatters(), ["phantom_position unwitnessed"]);
    assert.deepEqual(world.holds(), ["suspect_read reduce_only"]);
    await assert.rejects(world.session.undo(idOf("A"), "bob"), code("already_undone"));
    assert.deepEqual(toState(await restoreBook(world.journal, "test")), toState(world.session.book));
  });

  test("is not taken back when the position has changed since", async () => {
    const { world, idOf } = await declared();
    world.venue.positions = [held("A", "5")];
    await world.session.pass("test", true);
    await assert.rejects(world.session.undo(idOf("A"), "bob"), code("row_changed", /it is 5 now/));
    assert.equal(world.qty("A"), "5");
  });
});

test("[R13] a crash right after the row was put back: it is undone, and stays so", async () => {
  const { world, rows, removed } = await repaired();
  world.journal.diesAfter = "mirror_write_intended";
  await assert.rejects(world.session.undo(removed, "ann"), /the power is gone/);
  const before = await rows();
  assert.deepEqual(before, [row("K", "3", { score: 7 }), GONE]);
  await world.restart();
  await world.session.pass("operator", true);
  assert.deepEqual(await rows(), before);
  await assert.rejects(world.session.undo(removed, "ann"), code("already_undone", /by ann/));
  assert.deepEqual(await history(world), []);
});

test("[R13] a crash right before the row was put back: nothing is undone, and it can be undone again", async () => {
  const { world, bot, rows, removed } = await repaired();
  const restore = bot.restore.bind(bot);
  bot.restore = async () => {
    throw new Error("the power is gone");
  };
  await assert.rejects(world.session.undo(removed, "ann"), code("row_changed", /the power is gone/));
  bot.restore = restore;
  await world.restart();
  assert.deepEqual(await rows(), [row("K", "3", { score: 7 })]);
  await world.session.undo(removed, "ann");
  assert.deepEqual(await rows(), [row("K", "3", { score: 7 }), GONE]);
});

test("[R12][R13] a write of which nobody knows whether it was made is found out before another is undone (seed 204356)", async () => {
  const { world, bot, rows, removed } = await repaired();
  const read = bot.read.bind(bot);
  const write = bot.write.bind(bot);
  bot.write = async (changes, version) => {
    bot.read = async () => {
      throw new Error("the store is locked");
    };
    return write(changes, version);
  };
  world.venue.positions = [held("K", "5")];
  await world.elapse(1_000);
  await world.session.pass("operator", true);
  Object.assign(bot, { read, write });
  const count = (await world.records()).length;
  await world.session.undo(removed, "ann");
  const since = (await world.records()).slice(count);
  assert.deepEqual(
    since.flatMap(({ kind, payload }) => (kind === "mirror_written" ? [payload.isRecovered ?? false] : [])),
    [true, false],
  );
  assert.deepEqual(
    since.flatMap(({ kind, payload }) => (kind === "repair_applied" ? [payload.after] : [])),
    [{ qty: "5" }],
  );
  assert.deepEqual(await rows(), [row("K", "5", { score: 7 }), GONE]);
});
