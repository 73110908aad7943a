// The kill switch against an account that goes on moving: what is learned later, what is not known, who resumes
// too early, and a process that dies in the middle.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CAPABILITIES_DEFAULT, decimal, NO_COMMANDS } from "../../src/core/index.ts";
import { held, never, resting, type StubOptions, StubWorld, settled } from "../support/stub-venue.ts";

const INTERVAL_MS = 15_000;

/** An account with one order that rests, seen by two passes. */
async function trading(options: StubOptions = {}): Promise<StubWorld> {
  const world = new StubWorld(options);
  world.venue.positions = [held("X", "10")];
  world.venue.orders = [resting("1")];
  await world.open();
  await world.advance(INTERVAL_MS);
  return world;
}

async function killAlerts(world: StubWorld): Promise<string[]> {
  return (await world.records()).flatMap((one) =>
    one.kind === "alert_raised" && one.payload.kind === "killed" ? [one.payload.text] : [],
  );
}

test("[R10] kill cancels at once what was placed since the last pass, too", async () => {
  const world = await trading();
  world.venue.orders = [resting("1"), resting("2")];
  const report = await world.session.kill("rehearsal", "ann", false);
  assert.deepEqual(world.venue.canceled, ["1", "2"]);
  assert.deepEqual(
    report.canceled.map(({ outcome }) => outcome.kind),
    ["accepted", "accepted"],
  );
});

test("[R10] while it is killed, what a pass learns of is cancelled; what its row says is gone is left alone", async () => {
  const world = await trading();
  await world.session.kill("rehearsal", "ann", false);
  world.venue.orders = [resting("3")];
  world.venue.canceled.length = 0;
  await world.advance(INTERVAL_MS);
  assert.equal(world.venue.canceled.includes("3"), true);
  world.venue.orders = [resting("1"), resting("3")].map((order) => ({ ...order, status: "canceled" }));
  await world.advance(INTERVAL_MS);
  world.venue.canceled.length = 0;
  await world.advance(4 * INTERVAL_MS);
  assert.deepEqual(world.venue.canceled, []);
});

test("[R10] kill leaves reduce-only orders that it learns of later, unless all is asked for", async () => {
  for (const isAll of [false, true]) {
    const world = await trading();
    await world.session.kill("rehearsal", "ann", isAll);
    world.venue.canceled.length = 0;
    world.venue.orders = [{ ...resting("3"), side: "sell", reduceOnly: true }];
    await world.advance(INTERVAL_MS);
    assert.equal(world.venue.canceled.includes("3"), isAll);
  }
});

test("[R10] a second kill asks again for all that the first one has go, whatever it leaves itself (seed 9300)", async () => {
  const world = await trading();
  world.venue.orders = [{ ...resting("3"), side: "sell", reduceOnly: true }];
  await world.advance(INTERVAL_MS);
  await world.session.kill("rehearsal", "ann", true);
  world.venue.canceled.length = 0;
  world.venue.beforeSnapshot = never;
  world.session.kill("once more", "bob", false).catch(assert.fail);
  await settled();
  assert.equal(world.venue.canceled.includes("3"), true);
});

test("[R10] a cancel whose outcome is not known is asked for again by the next pass", async () => {
  const world = await trading();
  world.venue.outcome = async () => ({ kind: "unknown", reason: "no answer" });
  const report = await world.session.kill("rehearsal", "ann", false);
  assert.deepEqual(
    report.canceled.map(({ outcome }) => outcome.kind),
    ["unknown"],
  );
  world.venue.canceled.length = 0;
  world.venue.outcome = async () => ({ kind: "accepted" });
  await world.advance(INTERVAL_MS);
  assert.equal(world.venue.canceled[0], "1");
});

test("[R10] what may still be open after a kill is told once, however often it is tried", async () => {
  const world = await trading();
  world.venue.outcome = async () => ({ kind: "unknown", reason: "no answer" });
  await world.session.kill("rehearsal", "ann", false);
  await world.advance(10 * INTERVAL_MS);
  assert.equal(world.venue.canceled.length > 10, true);
  const [engaged, stillOpen, ...others] = await killAlerts(world);
  assert.match(engaged ?? "", /^killed by ann: rehearsal$/);
  assert.match(stillOpen ?? "", /may still be open.*: 1$/);
  assert.deepEqual(others, []);
});

test("[R10] a pass that began before a kill was released does not open the gate; the next one does", async () => {
  const world = await trading();
  const { session, venue } = world;
  await session.kill("rehearsal", "ann", false);
  await world.advance(INTERVAL_MS);
  const answer = Promise.withResolvers<void>();
  venue.beforeSnapshot = () => answer.promise;
  const under = session.pass("test", false);
  await settled();
  await session.resume("looked at it", "ann");
  venue.beforeSnapshot = async () => undefined;
  answer.resolve();
  await under;
  assert.deepEqual(world.holds(), ["boot reduce_only"]);
  await world.advance(INTERVAL_MS);
  assert.deepEqual(world.holds(), []);
});

test("[R10] a process that dies while it cancels holds the kill and cancels again when it is back", async () => {
  const world = await trading();
  world.venue.outcome = never;
  world.session.kill("rehearsal", "ann", true).catch(assert.fail);
  await settled();
  assert.deepEqual(world.venue.canceled, ["1"]);
  world.venue.outcome = async () => ({ kind: "accepted" });
  world.venue.canceled.length = 0;
  await world.restart();
  assert.deepEqual([...new Set(world.venue.canceled)], ["1"]);
  assert.deepEqual(world.holds(), ["kill killed"]);
  assert.equal(world.session.book.kill?.isAll, true);
});

test("[R10] an account that starts killed cancels what it knows before any pass has ended (seed 39)", async () => {
  const world = await trading();
  world.die();
  world.venue.beforeSnapshot = never;
  world.latch = { reason: "stop", by: "ann", atMs: world.nowMs, isAll: false };
  world.open().catch(assert.fail);
  await settled();
  assert.deepEqual(world.venue.canceled, ["1"]);
  assert.deepEqual(world.holds()[0], "kill killed");
});

test("[R10][R11] observing, a kill cancels what the book does not have: at once, and what is placed later", async () => {
  const world = new StubWorld({ policy: { observe: true } });
  await world.open();
  world.venue.orders = [resting("1")];
  await world.session.kill("rehearsal", "ann", false);
  assert.deepEqual(world.venue.canceled, ["1"]);
  world.venue.orders = [resting("2")];
  await world.advance(INTERVAL_MS);
  assert.equal(world.venue.canceled.includes("2"), true);
});

test("[R10] an adapter that cannot cancel lists what a person has to, and tells it once", async () => {
  const world = await trading({ capabilities: { commands: NO_COMMANDS } });
  const report = await world.session.kill("rehearsal", "ann", false);
  assert.deepEqual([report.canceled, report.uncancelable], [[], ["1"]]);
  await world.advance(4 * INTERVAL_MS);
  const texts = await killAlerts(world);
  assert.equal(texts.length, 2);
  assert.match(texts[1] ?? "", /cancel them at the venue: 1$/);
});

test("[R10] without a flag of the venue's, kill keeps a reduce-only stop while its position is there, and no longer", async () => {
  const commands = { ...CAPABILITIES_DEFAULT.commands, reduceOnlyFlag: false };
  const world = await trading({ capabilities: { commands } });
  const stop = { ...resting("2"), side: "sell" as const, reduceOnly: true };
  world.venue.orders = [stop];
  await world.advance(INTERVAL_MS);
  // Its rows do not say again what was asked for.
  const { reduceOnly: _, ...row } = stop;
  world.venue.orders = [row];
  await world.session.kill("rehearsal", "ann", false);
  await world.advance(INTERVAL_MS);
  assert.equal(world.venue.canceled.includes("2"), false);
  world.venue.positions = [held("X", "4")];
  await world.advance(4 * INTERVAL_MS);
  assert.equal(world.venue.canceled.includes("2"), true);
});

test("[R10] without a flag of the venue's, a stop that only the list shows takes its part of the position too", async () => {
  const commands = { ...CAPABILITIES_DEFAULT.commands, reduceOnlyFlag: false };
  const world = await trading({ capabilities: { commands } });
  const stop = (id: string, trigger: string) => ({
    ...resting(id),
    side: "sell" as const,
    type: "stop" as const,
    qty: decimal("6"),
    triggerPrice: decimal(trigger),
    reduceOnly: true,
  });
  world.venue.orders = [stop("2", "5")];
  await world.advance(INTERVAL_MS);
  world.venue.orders = [stop("2", "5"), stop("3", "4")];
  await world.session.kill("rehearsal", "ann", false);
  assert.deepEqual([world.venue.canceled.includes("2"), world.venue.canceled.includes("3")], [false, true]);
});

test("[R10] a kill's cancels wait for no journal (seed 100263)", async () => {
  const world = await trading();
  world.venue.orders = [resting("1"), resting("2")];
  world.journal.append = never;
  world.session.kill("rehearsal", "ann", false).catch(assert.fail);
  await settled();
  assert.deepEqual(world.venue.canceled, ["1", "2"]);
  assert.equal(world.session.book.gate.account.at(-1)?.code, "kill");
});

test("[R10] a kill that the journal does not take cancels all the same, and reports what may still be open", async () => {
  for (const failsAt of ["kill", "before"]) {
    const world = await trading();
    const { session, venue } = world;
    world.journal.append = () => Promise.reject(new Error("the disk is full"));
    if (failsAt === "before") await session.setGate("halted", null, "look", "ann").catch(() => undefined);
    venue.orders = [resting("1"), resting("2")];
    venue.outcome = async () => ({ kind: "unknown", reason: "no answer" });
    const report = await session.kill("rehearsal", "ann", false);
    assert.deepEqual(venue.canceled, ["1", "2"]);
    assert.equal(report.isEngaged, false);
    assert.deepEqual(
      report.canceled.map(({ order, outcome }) => [order, outcome.kind]),
      [
        ["1", "unknown"],
        ["2", "unknown"],
      ],
    );
  }
});

test("[R10] a kill cancels no orders that another account lists", async () => {
  const world = new StubWorld();
  world.venue.venueAccountId = "ours";
  await world.open();
  world.venue.venueAccountId = "theirs";
  world.venue.orders = [resting("1")];
  const report = await world.session.kill("rehearsal", "ann", false);
  assert.deepEqual(world.venue.canceled, []);
  assert.match(report.problem ?? "", /answered for account theirs/);
});
