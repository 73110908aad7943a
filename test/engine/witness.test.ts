// What a read leaves out, answers late, or has from somebody else: nothing is closed by it, the gate closes in
// time, and what is proven is not doubted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, type OrderQuestion } from "../../src/core/index.ts";
import { fill, held, never, resting, StubWorld } from "../support/stub-venue.ts";
import { botMirror, row } from "../support/world.ts";

const INTERVAL_MS = 15_000;
const READ_MS = 30_000;

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `S${index}`);
}

/** An account whose venue has listed these, ten of each, until now. */
async function holding(...instruments: string[]): Promise<StubWorld> {
  const world = new StubWorld();
  world.venue.positions = instruments.map((name) => held(name, "10", "10"));
  await world.open();
  await world.advance(INTERVAL_MS);
  assert.deepEqual(world.session.book.gate, { account: [], instruments: {} });
  return world;
}

/** Keys are mixed up: from the next start on another account answers, and it holds nothing. */
async function otherAccount(): Promise<StubWorld> {
  const world = new StubWorld();
  world.venue.venueAccountId = "acc-1";
  world.venue.positions = [held("K", "1")];
  world.venue.orders = [resting("1", "K")];
  await world.open();
  world.venue.venueAccountId = "acc-2";
  world.venue.positions = [];
  world.venue.orders = [];
  for (const name of ["K", "X"]) world.venue.lookups.set(name, { kind: "none" });
  return world;
}

test("[R1] another account is not asked on, and its look-ups close nothing", async () => {
  const world = await otherAccount();
  const rows = [row("K", "1"), row("X", "7", { entry_score: 1 })];
  const mirror = botMirror(rows);
  world.mirrors = [mirror];
  world.venue.lookedUp.length = 0;
  const session = await world.restart();
  await world.advance(3 * INTERVAL_MS);
  await session.pass("operator", true);
  assert.deepEqual(world.venue.lookedUp, []);
  assert.deepEqual((await mirror.read()).rows, rows);
  assert.equal(world.qty("K"), "1");
  assert.equal(session.book.orders.size, 1);
});

test("[R10] another account's answer holds the account for one reason, however often it comes", async () => {
  const world = await otherAccount();
  await world.restart();
  await world.advance(INTERVAL_MS);
  const changes = async () => (await world.records()).filter(({ kind }) => kind === "gate_changed").length;
  const before = await changes();
  await world.advance(20 * INTERVAL_MS);
  assert.deepEqual(
    world.holds().filter((hold) => hold.startsWith("wrong_account")),
    ["wrong_account halted"],
  );
  assert.equal(await changes(), before);
});

test("[R1] what a list too old to count had, and an empty one leaves out, is asked for by name (seed 600261)", async () => {
  const world = new StubWorld();
  const { venue } = world;
  await world.open();
  const snapshot = venue.snapshot.bind(venue);
  const stale = { quality: "stale", rows: [held("K", "6")], problem: "the answer is minutes old" } as const;
  venue.snapshot = async () => ({ ...(await snapshot()), positions: stale });
  await world.session.pass("test", false);
  Object.assign(venue, { snapshot });
  assert.deepEqual(venue.lookedUp, []);
  venue.lookups.set("K", { kind: "row", row: held("K", "6") });
  await world.session.pass("test", false);
  assert.deepEqual(venue.lookedUp, ["K"]);
  assert.deepEqual(world.openMatters(), ["missing_position -"]);
  assert.equal(world.holds().includes("suspect_read reduce_only"), true);
});

test("[R1] an empty list beside totals with a value is doubted and told once, also where nothing was known to be held (seed 3914841371)", async () => {
  const world = new StubWorld();
  const { venue } = world;
  venue.totals = { quality: "complete", positionValue: decimal("1") };
  await world.open();
  await world.advance(2 * INTERVAL_MS);
  assert.deepEqual(world.holds(), ["boot reduce_only", "suspect_read reduce_only"]);
  assert.deepEqual(await world.alerts(), ["suspect_read"]);
  venue.positions = [held("K", "1")];
  await world.advance(2 * INTERVAL_MS);
  assert.deepEqual([world.qty("K"), world.holds()], ["1", []]);
});

test("[R1] an empty list beside totals with a value is no doubt where the account's positions were known once", async () => {
  const world = new StubWorld();
  const { venue } = world;
  await world.open();
  venue.fills = [
    fill("K", "1", "buy", "1", "5", world.nowMs + 1),
    fill("K", "2", "sell", "1", "5", world.nowMs + 2),
  ];
  venue.totals = { quality: "complete", positionValue: decimal("1") };
  await world.advance(3 * INTERVAL_MS);
  assert.deepEqual(world.holds(), []);
});

test("[R1] beside totals with a value what was traded is asked for by name, a few at a time, and held if it is there (seed 7842)", async () => {
  const world = new StubWorld();
  const { venue } = world;
  await world.open();
  const traded = names(12);
  venue.fills = traded.flatMap((name) => [
    fill(name, "1", "buy", "1", "5", world.nowMs + 1),
    fill(name, "2", "sell", "1", "5", world.nowMs + 2),
  ]);
  for (const name of traded) venue.lookups.set(name, { kind: "none" });
  await world.advance(INTERVAL_MS);
  venue.lookedUp.length = 0;
  await world.advance(INTERVAL_MS);
  assert.deepEqual(venue.lookedUp, []);
  venue.totals = { quality: "complete", positionValue: decimal("1") };
  await world.advance(INTERVAL_MS);
  assert.equal(venue.lookedUp.length, 5);
  assert.deepEqual(world.holds(), []);
  // A trade that closed one of them was taken back unheard.
  venue.lookups.set("S7", { kind: "row", row: held("S7", "1", "5") });
  await world.advance(3 * INTERVAL_MS);
  assert.equal(new Set(venue.lookedUp).size, 12);
  assert.deepEqual([world.qty("S7"), world.holds()], ["1", ["suspect_read reduce_only"]]);
});

/** A position that one read showed, and that an empty list leaves out before anything of it is booked. */
async function shownOnce(): Promise<StubWorld> {
  const world = new StubWorld();
  const { venue } = world;
  await world.open();
  venue.positions = [held("K", "2", "10")];
  await world.session.pass("test", false);
  assert.deepEqual(world.openMatters(), ["missing_position -"]);
  venue.positions = [];
  await world.advance(INTERVAL_MS);
  return world;
}

const openGate = { account: [], instruments: {} };

test("[R1] what a row showed and an empty list leaves out holds the gate until a witness says where it is (seed 7908)", async () => {
  const world = await shownOnce();
  const { venue } = world;
  await world.restart();
  await world.advance(3 * INTERVAL_MS);
  assert.deepEqual(world.openMatters(), ["missing_position unwitnessed"]);
  assert.deepEqual(world.holds(), ["boot reduce_only", "suspect_read reduce_only"]);
  assert.equal((await world.alerts()).includes("suspect_read"), true);
  assert.equal((await world.alerts()).includes("missing_position"), false);
  venue.positions = [held("K", "2", "10")];
  await world.advance(2 * INTERVAL_MS);
  assert.deepEqual([world.qty("K"), world.session.book.gate], ["2", openGate]);
  assert.equal((await world.alerts()).includes("missing_position"), true);
});

test("[R1] what a row showed is gone by a look-up, by totals, by a flat row, by a list with others, or by its fills", async () => {
  const witnesses: Record<string, (world: StubWorld) => void> = {
    "look-up": ({ venue }) => venue.lookups.set("K", { kind: "none" }),
    totals: ({ venue }) => Object.assign(venue, { totals: { quality: "complete", positionValue: "0" } }),
    "flat row": ({ venue }) => Object.assign(venue, { positions: [held("K", "0")] }),
    others: ({ venue }) => Object.assign(venue, { positions: [held("X", "1", "10")] }),
    fills: ({ venue, nowMs }) =>
      Object.assign(venue, {
        fills: [
          fill("K", "1", "buy", "2", "10", nowMs - INTERVAL_MS - 1),
          fill("K", "2", "sell", "2", "10", nowMs - 1_000),
        ],
      }),
  };
  for (const [name, give] of Object.entries(witnesses)) {
    const world = await shownOnce();
    assert.deepEqual(world.openMatters(), ["missing_position unwitnessed"], name);
    give(world);
    await world.advance(3 * INTERVAL_MS);
    assert.deepEqual([world.openMatters(), world.session.book.gate], [[], openGate], name);
    assert.equal(world.qty("K") ?? "0", "0", name);
  }
});

test("[R1] fills that never led to what a row showed do not say that it is gone", async () => {
  const world = await shownOnce();
  world.venue.fills = [
    fill("K", "1", "buy", "1", "10", world.nowMs - 2_000),
    fill("K", "2", "sell", "1", "10", world.nowMs - 1_000),
  ];
  await world.advance(3 * INTERVAL_MS);
  assert.deepEqual(world.openMatters(), ["missing_position unwitnessed"]);
});

test("[R1] a mirror's row of what the venue showed once stays, whatever older trades of it netted to", async () => {
  const world = new StubWorld({ capabilities: { absentRowMeansFlat: "no" } });
  const { venue } = world;
  const mirror = botMirror([row("X", "1")]);
  world.mirrors = [mirror];
  venue.positions = [held("X", "1", "10")];
  await world.open();
  venue.fills = [
    fill("K", "1", "buy", "1", "5", world.nowMs + 1_000),
    fill("K", "2", "sell", "1", "5", world.nowMs + 2_000),
  ];
  await world.advance(2 * INTERVAL_MS);
  const rows = [row("X", "1"), row("K", "2")];
  mirror.set(rows);
  venue.positions = [held("X", "1", "10"), held("K", "2", "10")];
  await world.session.pass("test", false);
  venue.positions = [held("X", "1", "10")];
  await world.advance(4 * INTERVAL_MS);
  assert.deepEqual(mirror.held, rows);
});

test("[R1] a person who opens the instrument ends what a row showed once; the account's own gate does not", async () => {
  const world = await shownOnce();
  const { session } = world;
  const open = [...session.book.discrepancies.values()][0];
  assert.match(open?.detail ?? "", /listed 2 of it .* trueup gate --set open --instrument K$/);
  await session.setGate("open", null, "looked", "ann");
  assert.deepEqual(world.openMatters(), ["missing_position unwitnessed"]);
  await session.setGate("open", "K", "looked", "ann");
  await world.advance(INTERVAL_MS);
  assert.deepEqual([world.openMatters(), session.book.gate], [[], openGate]);
});

test("[R1] a doubted list stays doubted while what it leaves out moves (seed 584)", async () => {
  const world = await holding("K");
  const { venue } = world;
  venue.positions = [];
  venue.lookups.set("K", { kind: "row", row: held("K", "10") });
  await world.session.pass("test", false);
  const isDoubted = () => world.holds().includes("suspect_read reduce_only");
  assert.equal(isDoubted(), true);
  venue.fills = [fill("K", "1", "buy", "1", "5", world.nowMs + 1)];
  venue.lookups.set("K", { kind: "row", row: held("K", "11") });
  await world.session.pass("test", false);
  assert.equal(isDoubted(), true);
  venue.positions = [held("K", "11")];
  await world.advance(2 * INTERVAL_MS);
  assert.equal(isDoubted(), false);
});

test("[R1] what is asked for by name and is flat holds nothing up", async () => {
  const world = new StubWorld();
  const { venue } = world;
  venue.orders = [resting("1", "K")];
  venue.lookups.set("K", { kind: "none" });
  await world.open();
  await world.session.pass("test", false);
  assert.deepEqual(new Set(venue.lookedUp), new Set(["K"]));
  assert.deepEqual([world.openMatters(), world.holds()], [[], []]);
  // A list that has something speaks for what it leaves out, as far as the venue declares.
  venue.positions = [held("X", "1")];
  await world.session.pass("test", true);
  venue.lookedUp.length = 0;
  await world.session.pass("test", false);
  assert.deepEqual(venue.lookedUp, []);
});

test("[R1] the gate is closed before the look-ups are answered", async () => {
  const world = await holding(...names(20));
  world.venue.positions = [];
  world.venue.beforeLookup = never;
  world.session.wake("test");
  await world.elapse(0);
  assert.deepEqual(world.holds(), ["suspect_read reduce_only"]);
  assert.equal(world.venue.lookedUp.length > 0, true);
  const durable = (await world.records()).findLast(({ kind }) => kind === "gate_changed");
  assert.equal(durable?.kind === "gate_changed" && durable.payload.to, "reduce_only");
});

test("[R1] a list that leaves out what a look-up finds is not the whole account: the gate stays closed until it is whole", async () => {
  const world = await holding("K");
  world.venue.positions = [];
  world.venue.lookups.set("K", { kind: "row", row: held("K", "10", "10") });
  const short = await world.session.pass("operator", false);
  assert.equal(short.isComplete, false);
  assert.deepEqual(world.holds(), ["suspect_read reduce_only"]);
  assert.equal(world.qty("K"), "10");
  world.venue.positions = [held("K", "10", "10")];
  const whole = await world.session.pass("operator", false);
  assert.equal(whole.isComplete, true);
  assert.deepEqual(world.session.book.gate, { account: [], instruments: {} });
});

test("[R1] fifty look-ups that hang end within the time of one read", async () => {
  const world = await holding(...names(50));
  world.venue.positions = [];
  world.venue.beforeLookup = never;
  const before = world.reports.length;
  world.session.wake("test");
  await world.elapse(READ_MS);
  assert.equal(world.reports.length, before + 1);
  assert.equal(world.session.book.discrepancies.size, 50);
  assert.equal(world.qty("S49"), "10");
});

test("[R1] look-ups that answer late, and orders beside them, end within the time of one read too", async () => {
  const world = new StubWorld();
  world.venue.positions = names(50).map((name) => held(name, "10", "10"));
  world.venue.orders = names(20).map((name, index) => resting(String(index), name));
  await world.open();
  await world.advance(INTERVAL_MS);
  world.venue.positions = [];
  world.venue.orders = [];
  let asked = 0;
  world.venue.beforeLookup = () => {
    asked += 1;
    // The first of them come just in time; those that are asked after them have almost no time left.
    return asked > 8
      ? never()
      : new Promise((resolve) => world.runtime.timers.after(READ_MS - 1_000, resolve));
  };
  world.venue.beforeOrder = never;
  const before = world.reports.length;
  world.session.wake("test");
  await world.elapse(READ_MS);
  assert.equal(world.reports.length, before + 1);
  assert.equal(asked, 16);
  assert.equal(world.qty("S49"), "10");
  assert.equal(world.session.book.orders.size, 20);
});

test("[R4] a section that the account has and the answer lacks is unavailable: the pass is not complete", async () => {
  const world = new StubWorld();
  world.venue.positions = [held("X", "10", "10")];
  world.venue.balances = [{ asset: "USD", total: decimal("5") }];
  await world.open();
  world.venue.positions = undefined;
  world.venue.balances = undefined;
  await world.restart();
  const report = world.reports.at(-1);
  assert.equal(report?.isComplete, false);
  assert.deepEqual(
    report?.sections.filter(({ quality }) => quality !== "complete").map(({ section }) => section),
    ["positions", "balances"],
  );
  assert.deepEqual(world.holds(), [
    "boot reduce_only",
    "incomplete_read reduce_only",
    "incomplete_read reduce_only",
  ]);
  assert.equal(world.qty("X"), "10");
});

const EXIT: OrderQuestion = {
  instrument: "X",
  leg: "net",
  side: "sell",
  qty: decimal("5"),
  hasReduceOnlyFlag: false,
};

test("[R10] an empty list that nothing proves does not block an exit", async () => {
  const world = await holding("A", "B", "C", "D", "X");
  world.venue.positions = [];
  await world.advance(INTERVAL_MS);
  assert.deepEqual(world.holds(), ["suspect_read reduce_only"]);
  const { isAdmitted, isReducing } = world.session.admit(EXIT);
  assert.deepEqual([isAdmitted, isReducing], [true, true]);
});

test("[R10] a zero that is proven and not yet booked blocks an exit", async () => {
  const world = await holding("A", "B", "C", "D", "X");
  await world.session.setGate("reduce_only", null, "careful", "ann");
  assert.equal(world.session.admit(EXIT).isAdmitted, true);
  world.venue.positions = ["A", "B", "C", "D"].map((name) => held(name, "10", "10"));
  await world.advance(INTERVAL_MS);
  assert.equal(world.qty("X"), "10");
  assert.equal(world.session.admit(EXIT).isAdmitted, false);
});

test("a read after the repair that shows a closed phantom again raises persistent_desync", async () => {
  const world = await holding("K", "X");
  const { positions } = world.venue;
  world.venue.positions = [held("K", "10", "10")];
  let reads = 0;
  world.venue.beforeSnapshot = async () => {
    reads += 1;
    if (reads === 2) world.venue.positions = positions;
  };
  await world.session.pass("operator", true);
  assert.equal(reads, 2);
  assert.deepEqual(await world.alerts(), ["phantom_position", "persistent_desync"]);
});

test("[E11] a repair beside dust that the venue leaves out raises no persistent_desync", async () => {
  const world = new StubWorld();
  world.venue.positions = [held("X", "10", "10"), held("D", "0.0000000004", "10")];
  await world.open();
  world.venue.positions = [held("X", "12", "10")];
  await world.session.pass("operator", true);
  assert.equal(world.qty("X"), "12");
  assert.equal(world.qty("D"), "0.0000000004");
  assert.deepEqual(await world.alerts(), ["position_mismatch"]);
});

test("a repair beside positions that stay for want of a witness raises no persistent_desync", async () => {
  const world = await holding("A", "B", "C", "D", "E", "X");
  world.venue.positions = [held("X", "12", "10")];
  await world.session.pass("operator", true);
  assert.equal(world.qty("X"), "12");
  assert.equal(world.qty("A"), "10");
  assert.deepEqual((await world.alerts()).sort(), ["position_mismatch", "suspect_read"]);
});

test("[R5] orders that nobody answers for do not keep others from being looked up", async () => {
  const world = new StubWorld({ policy: { witnessLookups: 5 } });
  const ids = Array.from({ length: 12 }, (_, index) => `o-${index}`);
  world.venue.orders = ids.map((id) => resting(id));
  await world.open();
  world.venue.orders = [];
  await world.advance(6 * INTERVAL_MS);
  const asked = new Set(world.venue.lookedUp.filter((one) => one.startsWith("X o-")));
  assert.equal(asked.size, ids.length);
});

test("[R1] a doubted list stays doubted while the positions that it leaves out are in flight (seed 584)", async () => {
  const world = new StubWorld({ capabilities: { readAfterFillLagMs: 2_000, absentRowMeansFlat: "no" } });
  world.venue.positions = [held("X", "10", "10")];
  await world.open();
  await world.advance(INTERVAL_MS);
  world.venue.positions = [];
  await world.advance(INTERVAL_MS);
  assert.deepEqual(world.holds(), ["suspect_read reduce_only"]);
  world.venue.fills = [fill("X", "1", "buy", "1", "10", world.nowMs + INTERVAL_MS - 1_000)];
  await world.advance(INTERVAL_MS);
  assert.equal(world.reports.at(-1)?.summaries[0]?.inFlight, 1);
  assert.deepEqual(world.holds(), ["suspect_read reduce_only"]);
  world.venue.positions = [held("X", "11", "10")];
  await world.advance(2 * INTERVAL_MS);
  assert.deepEqual(world.holds(), []);
});
