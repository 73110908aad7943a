// How a kill's cancels leave: the most dangerous first, all within a second whatever is answered, by one call where the venue
// has one and nothing goes that must stay, and again and again while it is not known what came of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CAPABILITIES_DEFAULT, decimal, type OrderRow } from "../../src/core/index.ts";
import { accountStatus, unconfirmed } from "../../src/engine/index.ts";
import { held, never, resting, type StubOptions, StubWorld, settled } from "../support/stub-venue.ts";

const INTERVAL_MS = 15_000;

const reaching = (cancelAll: "account" | "instrument"): StubOptions => ({
  capabilities: { commands: { ...CAPABILITIES_DEFAULT.commands, cancelAll } },
  policy: { mode: "executor" },
});

async function trading(orders: readonly OrderRow[], options: StubOptions = {}): Promise<StubWorld> {
  const world = new StubWorld(options);
  world.venue.positions = [held("X", "10", "9")];
  world.venue.orders = orders;
  await world.open();
  await world.advance(INTERVAL_MS);
  return world;
}

const worth = (id: string, qty: string, price: string, more: Partial<OrderRow> = {}): OrderRow => ({
  ...resting(id),
  qty: decimal(qty),
  price: decimal(price),
  ...more,
});
const stop = (id: string, instrument = "X"): OrderRow => ({
  ...resting(id, instrument),
  side: "sell",
  type: "stop",
  triggerPrice: decimal("5"),
  reduceOnly: true,
});
function many(count: number): OrderRow[] {
  return Array.from({ length: count }, (_, index) => worth(`N${index}`, "1", String(1_000 - index)));
}

/** A copy: what is asserted of the array itself narrows its type. */
function canceledNow({ venue }: StubWorld): string[] {
  return [...venue.canceled];
}

function statusOf(world: StubWorld) {
  const { session } = world;
  const { book, tail } = session;
  const facts = { book, tail, venue: "stub", intervalMs: INTERVAL_MS, nowMs: world.nowMs, isLive: true };
  return accountStatus(facts);
}

test("[R10] kill cancels what could add the most exposure first, and before that what nobody can put a value on", async () => {
  const { price: _, qty: __, ...unsized } = resting("unsized");
  const world = await trading([
    worth("small", "1", "9"),
    worth("closing", "5", "9", { side: "sell" }),
    worth("large", "100", "9"),
    worth("flip", "40", "9", { side: "sell" }),
    unsized,
  ]);
  await world.session.kill("rehearsal", "ann", false);
  assert.deepEqual(world.venue.canceled, ["unsized", "large", "flip", "small", "closing"]);
});

test("[R10][L3] 500 cancels have left within a second of the kill, with no answer to one of five, and the first at once", async () => {
  const world = await trading(many(500));
  world.venue.beforeSnapshot = never;
  let asked = 0;
  world.venue.outcome = async () => {
    asked += 1;
    return asked % 5 === 0 ? never() : { kind: "accepted" };
  };
  const sinceMs = world.nowMs;
  const killing = world.session.kill("rehearsal", "ann", false);
  assert.ok(world.venue.canceled.length > 0, "the first leave in the same tick");
  await world.elapse(1_000);
  assert.equal(new Set(world.venue.canceled).size, 500);
  assert.equal(world.venue.canceled[0], "N0");
  assert.ok(world.nowMs - sinceMs <= 1_000);
  await world.elapse(60_000);
  const { canceled } = await killing;
  assert.equal(canceled.filter(({ outcome }) => outcome.kind === "unknown").length, 100);
});

test("[R10][D01] a cancel that the rate held back leaves as soon as it may, and not with the next pass", async () => {
  const world = await trading([worth("1", "1", "9"), worth("2", "2", "9")]);
  let left = 1;
  world.venue.outcome = async () => {
    left -= 1;
    return left >= 0 ? { kind: "accepted" } : { kind: "rejected", sent: false, reason: "rate limited" };
  };
  world.venue.beforeSnapshot = never;
  world.session.kill("rehearsal", "ann", false).catch(assert.fail);
  await settled();
  assert.deepEqual(world.venue.canceled, ["2", "1"]);
  left = 1;
  await world.elapse(1_000);
  assert.deepEqual(world.venue.canceled, ["2", "1", "1"]);
  await world.elapse(10_000);
  assert.equal(world.venue.canceled.length, 3, "what was taken is asked about by reads alone");
});

test("[R10] an order that the venue says has ended before its cancel is confirmed, and not asked for again", async () => {
  const world = await trading([resting("1")]);
  world.venue.outcome = async () => ({
    kind: "rejected",
    sent: false,
    reason: "it is canceled",
    ended: "canceled",
  });
  world.venue.beforeSnapshot = never;
  const killing = world.session.kill("rehearsal", "ann", false);
  await world.elapse(10_000);
  assert.deepEqual(world.venue.canceled, ["1"]);
  await world.elapse(60_000);
  const report = await killing;
  assert.deepEqual([report.canceled.length, unconfirmed(report)], [1, []]);
});

test("[R10][X05] while killed an unanswered cancel is asked for again, less and less often, until a person resumes", async () => {
  const world = await trading([resting("1")]);
  world.venue.outcome = async () => ({ kind: "unknown", reason: "the connection was reset" });
  await world.session.kill("rehearsal", "ann", false);
  world.venue.canceled.length = 0;
  await world.elapse(14_000);
  assert.ok(world.venue.canceled.length >= 4, `only ${world.venue.canceled.length} more tries`);
  assert.ok(world.venue.canceled.length <= 10, `${world.venue.canceled.length} tries in 14 s`);
  await world.session.resume("looked at it", "ann");
  await world.advance(10_000);
  world.venue.canceled.length = 0;
  await world.elapse(60_000);
  assert.deepEqual(world.venue.canceled, []);
});

test("[R10] one call cancels all where the account's orders all went through trueup; rows are the proof", async () => {
  const world = await trading([resting("1"), resting("2", "Y")], reaching("account"));
  const report = await world.session.kill("rehearsal", "ann", false);
  assert.deepEqual(world.venue.canceledAll, [""]);
  assert.deepEqual(canceledNow(world), []);
  assert.deepEqual(report.canceledAll, [{ instrument: null, outcome: { kind: "accepted" } }]);
  assert.deepEqual(
    report.canceled.map(({ outcome }) => outcome.kind),
    ["accepted", "accepted"],
  );
  world.venue.orders = [resting("2", "Y")];
  await world.advance(INTERVAL_MS);
  assert.equal(canceledNow(world).includes("2"), true, "what a row still shows is cancelled by itself");
});

test("[R10] no call for all where it would take a stop that has to stay, unless all is asked for", async () => {
  for (const isAll of [false, true]) {
    const world = await trading([resting("1"), resting("2"), stop("3")], reaching("account"));
    await world.session.kill("rehearsal", "ann", isAll);
    assert.deepEqual(world.venue.canceledAll, isAll ? [""] : []);
    assert.deepEqual(world.venue.canceled.sort(), isAll ? [] : ["1", "2"]);
  }
});

test("[R10] where one call reaches an instrument, each without a stop of its own gets one", async () => {
  const orders = [resting("1"), resting("2"), stop("3"), resting("4", "Y"), resting("5", "Y")];
  const world = await trading(orders, reaching("instrument"));
  await world.session.kill("rehearsal", "ann", false);
  assert.deepEqual(world.venue.canceledAll, ["Y"]);
  assert.deepEqual(world.venue.canceled.sort(), ["1", "2"]);
});

test("[R10] beside a bot, whose stops trueup may not know of yet, only --all cancels by one call", async () => {
  for (const isAll of [false, true]) {
    const { capabilities = {} } = reaching("account");
    const world = await trading([resting("1"), resting("2")], { capabilities });
    await world.session.kill("rehearsal", "ann", isAll);
    assert.deepEqual(world.venue.canceledAll, isAll ? [""] : []);
  }
});

test("[R10] a call for all that is refused, lost or late is followed by each order's own cancel within a second", async () => {
  const answers = [
    async () => ({ kind: "rejected", sent: true, reason: "not today" }) as const,
    async () => ({ kind: "unknown", reason: "the connection was reset" }) as const,
    never,
    () => {
      throw new Error("the adapter broke");
    },
  ];
  for (const answer of answers) {
    const world = await trading([resting("1"), resting("2", "Y")], reaching("account"));
    world.venue.outcomeOfAll = answer;
    world.venue.beforeSnapshot = never;
    world.session.kill("rehearsal", "ann", false).catch(assert.fail);
    await settled();
    assert.deepEqual(world.venue.canceledAll, [""]);
    await world.elapse(1_000);
    assert.deepEqual([...new Set(world.venue.canceled)].sort(), ["1", "2"]);
  }
});

test("[R10] no call for all leaves before the account that answers is known to be this one", async () => {
  const world = await trading([resting("1"), resting("2")], reaching("account"));
  world.die();
  world.venue.canceled.length = 0;
  world.venue.beforeSnapshot = never;
  world.latch = { reason: "stop", by: "ann", atMs: world.nowMs, isAll: true };
  world.open().catch(assert.fail);
  await settled();
  assert.deepEqual(world.venue.canceledAll, []);
  assert.deepEqual(world.venue.canceled.sort(), ["1", "2"]);
});

test("[R10] whoever kills again after a release is told again of what may still be open", async () => {
  const world = await trading([resting("1")]);
  world.venue.outcome = async () => ({ kind: "unknown", reason: "no answer" });
  const told = async () => {
    const records = await world.journal.read(world.session.name, 0, 10_000);
    return records.filter(
      ({ kind, payload }) => kind === "alert_raised" && JSON.stringify(payload).includes("unconfirmed"),
    ).length;
  };
  await world.session.kill("rehearsal", "ann", false);
  await world.advance(INTERVAL_MS);
  assert.equal(await told(), 1);
  await world.session.resume("fine", "ann");
  await world.advance(INTERVAL_MS);
  await world.session.kill("rehearsal", "ann", false);
  await world.advance(INTERVAL_MS);
  assert.equal(await told(), 2);
});

test("[R10][X05] the status counts what is unconfirmed, and says whether the venue was read since", async () => {
  const world = await trading([resting("1"), stop("3")]);
  assert.deepEqual([statusOf(world).unconfirmed, statusOf(world).isKillRead], [null, null]);
  world.venue.outcome = async () => ({ kind: "unknown", reason: "no answer" });
  await world.session.kill("rehearsal", "ann", true);
  const { unconfirmed, isKillRead } = statusOf(world);
  assert.deepEqual([unconfirmed, isKillRead], [["1", "3"], false]);
  await world.advance(INTERVAL_MS);
  assert.deepEqual([statusOf(world).unconfirmed, statusOf(world).isKillRead], [["1", "3"], true]);
  world.venue.orders = [resting("1"), stop("3")].map((row) => ({ ...row, status: "canceled" }));
  await world.advance(2 * INTERVAL_MS);
  assert.deepEqual([statusOf(world).unconfirmed, statusOf(world).isKillRead], [[], true]);
});

test("[R10] a cancel that the rate alone refused is asked for again when it may be, and not before", async () => {
  for (const isSent of [false, true]) {
    const world = await trading([resting("1"), resting("2")]);
    world.venue.beforeSnapshot = never;
    world.venue.outcome = async () => ({
      kind: "rejected",
      sent: isSent,
      reason: "rate limited",
      retryAfterMs: 8_000,
    });
    world.session.kill("rehearsal", "ann", false).catch(assert.fail);
    await settled();
    assert.deepEqual(canceledNow(world), ["1", "2"]);
    await world.elapse(7_900);
    assert.deepEqual(canceledNow(world), ["1", "2"], "asked for before it may be");
    world.venue.outcome = async () => ({ kind: "accepted" });
    await world.elapse(200);
    assert.deepEqual(canceledNow(world), ["1", "2", "1", "2"]);
    await world.elapse(30_000);
    assert.deepEqual(canceledNow(world).length, 4);
  }
});
