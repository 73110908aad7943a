// What a person is told: one message where many things have one cause.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gateFor, POLICY_DEFAULT } from "../../src/core/index.ts";
import { MemoryMirror } from "../../src/mirrors/memory/index.ts";
import { fill, held, never, StubWorld } from "../support/stub-venue.ts";
import { botMirror, row } from "../support/world.ts";

const INTERVAL_MS = 15_000;

test("[X09] many positions that differ at once are one alert of each kind, with ten names and the number of the others", async () => {
  const world = new StubWorld();
  await world.open();
  const names = Array.from({ length: 300 }, (_, index) => `S${index}`);
  world.venue.positions = names.map((name) => held(name, "10", "10"));
  await world.advance(4 * INTERVAL_MS);
  assert.equal(world.session.book.ledgers.size, 300);
  const alerts = (await world.records()).flatMap((one) => (one.kind === "alert_raised" ? [one.payload] : []));
  const kinds = alerts.map(({ kind, subject }) => `${kind} of ${subject}`);
  assert.deepEqual(kinds, ["gate_closed of null", "missing_position of null", "gate_released of null"]);
  const [closed, missing] = alerts;
  assert.match(missing?.text ?? "", /^missing_position in book: (S\d+, ){9}S\d+ and 290 more$/);
  assert.match(closed?.text ?? "", /^the gate is reduce_only: (missing_position: [^;]+; ){10}and 290 more$/);
  assert.equal(closed?.evidence.length, 10);
});

test("[X09] fills of one instrument that were missing are one alert, which names the instrument once and each of them as evidence", async () => {
  const world = new StubWorld({ policy: { mode: "executor" } });
  await world.open();
  await world.advance(1_000);
  const fills = Array.from({ length: 12 }, (_, n) => fill("X", `t-${n}`, "buy", "1", "10", world.nowMs + n));
  world.venue.fills = fills;
  world.venue.positions = [held("X", "12", "10")];
  await world.advance(INTERVAL_MS);
  const [alert] = (await world.records()).flatMap((one) =>
    one.kind === "alert_raised" && one.payload.kind === "missing_fill" ? [one.payload] : [],
  );
  assert.equal(alert?.text, "missing_fill in book: 12 of X");
  assert.equal(alert?.evidence.length, 12);
});

/** A bot's store that takes a change, and never says so. */
class Mute extends MemoryMirror {
  override write = () => never<never>();
}

test("[L4] what was found in the book is told before a venue that has gone mute is read again", async () => {
  const world = new StubWorld({ policy: { confirmations: 1, graceMs: 0 } });
  world.venue.positions = [held("X", "2", "10")];
  await world.open();
  world.venue.positions = [held("X", "5", "10")];
  let answers = 1;
  world.venue.beforeSnapshot = async () => {
    answers -= 1;
    if (answers < 0) await never();
  };
  await world.elapse(INTERVAL_MS + 5_000);
  assert.equal(world.qty("X"), "5");
  assert.equal(answers, -1, "it is being read again");
  assert.deepEqual(await world.alerts(), ["position_mismatch"]);
});

test("[L4] what was found in a bot's store is told before the store is written", async () => {
  const world = new StubWorld({ policy: { confirmations: 1, graceMs: 0 } });
  world.mirrors = [new Mute({ name: "bot", rows: [row("GONE", "2")] })];
  world.venue.positions = [held("K", "3")];
  void world.open();
  await world.elapse(INTERVAL_MS);
  assert.deepEqual(await world.alerts(), ["phantom_position", "missing_position"]);
});

test("[L4] a difference that was only watched is told when it counts again", async () => {
  const world = new StubWorld({ policy: { confirmations: 1, graceMs: 0 } });
  world.mirrors = [botMirror([row("K", "1")])];
  world.venue.positions = [held("K", "3")];
  await world.open();
  const repair = (await world.records()).find(({ kind }) => kind === "repair_applied");
  assert.equal(repair?.kind, "repair_applied");
  const { repairId } = repair.payload;
  await world.session.undo(repairId, "ann");
  await world.advance(2 * INTERVAL_MS);
  assert.deepEqual(await world.alerts(), ["position_mismatch"]);
  await world.session.release(repairId, "ann");
  await world.advance(2 * INTERVAL_MS);
  assert.deepEqual(await world.alerts(), ["position_mismatch", "position_mismatch"]);
  assert.deepEqual(world.openMatters(), []);
});

test("[R10] an instrument of which the book is not right is held before a bot's store is written that does not answer", async () => {
  const kinds = { ...POLICY_DEFAULT.kinds, position_mismatch: "escalate" } as const;
  const world = new StubWorld({ policy: { confirmations: 1, graceMs: 0, kinds } });
  const bot = new Mute({ name: "bot", rows: [row("K", "3"), row("X", "2")] });
  world.mirrors = [bot];
  world.venue.positions = [held("K", "3"), held("X", "2")];
  await world.open();
  assert.deepEqual(world.session.book.gate, { account: [], instruments: {} });
  bot.set([row("K", "3"), row("X", "2"), row("GONE", "1")]);
  world.venue.positions = [held("K", "3"), held("X", "5")];
  await world.elapse(INTERVAL_MS + 5_000);
  assert.equal(world.reports.length, 1, "the pass has not ended");
  assert.equal(gateFor(world.session.book.gate, "X"), "reduce_only");
  assert.equal(gateFor(world.session.book.gate, "K"), "open");
});
