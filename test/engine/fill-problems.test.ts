// Fills that contradict what is booked, or that cannot be booked: they stay a matter for a person, also when the
// venue stops telling of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, held, type StubOptions, StubWorld } from "../support/stub-venue.ts";

const INTERVAL_MS = 15_000;
/** Longer than a fill may come late, so that no read overlaps the moment any more. */
const LATER_MS = 120_000;

async function resolutions(world: StubWorld, kind: string): Promise<(string | null)[]> {
  return (await world.records()).flatMap((record) =>
    record.kind === "discrepancy_closed" && record.payload.kind === kind ? [record.payload.resolution] : [],
  );
}

/** A fill is booked as 5, and told as 6 by the next read. */
async function conflicting(): Promise<StubWorld> {
  const world = new StubWorld();
  world.venue.positions = [held("X", "5", "10")];
  await world.open();
  await world.advance(INTERVAL_MS);
  const atMs = world.nowMs - 1_000;
  world.venue.positions = [held("X", "10", "10")];
  world.venue.fills = [fill("X", "1", "buy", "5", "10", atMs)];
  await world.advance(INTERVAL_MS);
  world.venue.fills = [fill("X", "1", "buy", "6", "10", atMs)];
  await world.advance(INTERVAL_MS);
  return world;
}

/** A sale on a hedging account, of which nothing says from which leg. */
async function refused(): Promise<{ readonly world: StubWorld; readonly atMs: number }> {
  const options: StubOptions = { positionMode: "hedge" };
  const world = new StubWorld(options);
  world.venue.positions = [held("X", "5", "10", "long"), held("X", "-5", "10", "short")];
  await world.open();
  await world.advance(INTERVAL_MS);
  const atMs = world.nowMs - 1_000;
  world.venue.fills = [fill("X", "1", "sell", "2", "10", atMs)];
  await world.advance(INTERVAL_MS);
  return { world, atMs };
}

function holdsOf(world: StubWorld, instrument: string): string[] {
  return (world.session.book.gate.instruments[instrument] ?? []).map(({ code, state }) => `${code} ${state}`);
}

test("[R6] a conflict stays open, and the instrument held, when the venue's window has moved on", async () => {
  const world = await conflicting();
  await world.advance(LATER_MS);
  assert.deepEqual(world.openMatters(), ["fill_conflict -"]);
  assert.deepEqual(holdsOf(world, "X"), ["discrepancy reduce_only"]);
  assert.deepEqual(await resolutions(world, "fill_conflict"), []);
  assert.equal(world.qty("X"), "10");
});

test("a pass tells of a conflict that is open, also when the venue did not repeat it", async () => {
  const world = await conflicting();
  await world.advance(LATER_MS);
  const { discrepancies } = await world.session.pass("operator", false);
  assert.deepEqual(
    discrepancies.map(({ kind, closedMs }) => [kind, closedMs]),
    [["fill_conflict", null]],
  );
});

test("[R6][R10] a person who opens the instrument releases its conflict, and it does not come back", async () => {
  const world = await conflicting();
  await world.advance(LATER_MS);
  await world.session.setGate("open", "Y", "another one", "ann");
  assert.deepEqual(world.openMatters(), ["fill_conflict -"]);
  await world.session.setGate("open", "X", "asked the venue, five it is", "ann");
  assert.deepEqual(await resolutions(world, "fill_conflict"), ["released"]);
  await world.advance(4 * INTERVAL_MS);
  assert.deepEqual(world.openMatters(), []);
  assert.deepEqual(world.session.book.gate, { account: [], instruments: {} });
});

test("[R6] a conflict that only the stream tells is settled by the passes after it, and told as every conflict", async () => {
  const world = new StubWorld();
  world.venue.positions = [held("X", "5", "10")];
  await world.open();
  await world.advance(INTERVAL_MS);
  world.venue.positions = [held("X", "10", "10")];
  const booked = fill("X", "1", "buy", "5", "10", world.nowMs);
  world.venue.emit({ kind: "fill", fill: booked });
  world.venue.emit({ kind: "fill", fill: fill("X", "1", "buy", "6", "10", world.nowMs) });
  await world.session.whenDurable();
  assert.deepEqual(world.openMatters(), ["fill_conflict -"]);
  assert.equal(
    (await world.alerts()).includes("fill_conflict"),
    false,
    "the history may agree with what is booked",
  );
  await world.advance(2 * INTERVAL_MS);
  const [conflict] = world.session.book.discrepancies.values();
  assert.deepEqual([conflict?.kind, conflict?.stage], ["fill_conflict", "confirmed"]);
  // Until the venue reports what is booked.
  world.venue.fills = [booked];
  await world.advance(INTERVAL_MS);
  assert.deepEqual(await resolutions(world, "fill_conflict"), ["explained"]);
  assert.deepEqual(
    (await world.alerts()).filter((kind) => kind === "fill_conflict"),
    ["fill_conflict"],
  );
});

test("[R6] a fill that only the stream tells and that cannot be booked is told at once", async () => {
  const world = new StubWorld({ positionMode: "hedge" });
  world.venue.positions = [held("X", "5", "10", "long"), held("X", "-5", "10", "short")];
  await world.open();
  await world.advance(INTERVAL_MS);
  world.venue.emit({ kind: "fill", fill: fill("X", "1", "sell", "2", "10", world.nowMs) });
  await world.session.whenDurable();
  assert.deepEqual(world.openMatters(), ["missing_fill leg_unknown"]);
  assert.deepEqual(await world.alerts(), ["missing_fill"]);
  await world.advance(4 * INTERVAL_MS);
  assert.deepEqual(
    (await world.alerts()).filter((kind) => kind === "missing_fill"),
    ["missing_fill"],
  );
});

test("[R6] a refused fill stays open when the venue's window has moved on, and the history is read back to it", async () => {
  const { world, atMs } = await refused();
  await world.advance(LATER_MS);
  assert.deepEqual(world.openMatters(), ["missing_fill leg_unknown"]);
  assert.deepEqual(holdsOf(world, "X"), ["discrepancy reduce_only"]);
  assert.equal(world.session.book.fills.size, 0);
  assert.equal((world.venue.historyFrom.at(-1) ?? Number.NaN) <= atMs, true);
  // Also where the venue itself forgets it.
  world.venue.fills = [];
  await world.advance(LATER_MS);
  assert.deepEqual(world.openMatters(), ["missing_fill leg_unknown"]);
});

test("[R6] a refused fill is booked as soon as the venue says what was missing, however late", async () => {
  const { world, atMs } = await refused();
  await world.advance(LATER_MS);
  world.venue.fills = [{ ...fill("X", "1", "sell", "2", "10", atMs), leg: "long" }];
  world.venue.positions = [held("X", "3", "10", "long"), held("X", "-5", "10", "short")];
  await world.advance(4 * INTERVAL_MS);
  assert.equal(world.session.book.fills.size, 1);
  assert.equal(world.qty("X", "long"), "3");
  assert.deepEqual(world.openMatters(), []);
  assert.deepEqual(world.session.book.gate, { account: [], instruments: {} });
});

test("[R6][R10] a person who opens the instrument releases its refused fill, and it is not read for again", async () => {
  const { world, atMs } = await refused();
  await world.advance(LATER_MS);
  await world.session.setGate("open", "X", "it was a transfer", "ann");
  assert.deepEqual(await resolutions(world, "missing_fill"), ["released"]);
  await world.advance(4 * INTERVAL_MS);
  assert.deepEqual(world.openMatters(), []);
  assert.deepEqual(world.session.book.gate, { account: [], instruments: {} });
  assert.equal((world.venue.historyFrom.at(-1) ?? Number.NaN) > atMs, true);
});
