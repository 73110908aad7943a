// The engine at work on a paper account: what it knows at once, what it finds by looking, what survives a crash.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  decimal,
  type MirrorChange,
  orderStatus,
  positionKey,
  positionView,
  toState,
} from "../../src/core/index.ts";
import { type KillLatch, releaseOffline, restoreBook, verifyCheckpoint } from "../../src/engine/index.ts";
import { JournalError } from "../../src/journal/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import type { MirrorWrite } from "../../src/mirrors/index.ts";
import { MemoryMirror } from "../../src/mirrors/memory/index.ts";
import { botMirror, row, TestWorld } from "../support/world.ts";

const AAPL = positionKey("AAPL", "net");

async function market(policy = {}): Promise<TestWorld> {
  const world = new TestWorld(policy);
  for (const symbol of ["AAPL", "MSFT", "NVDA"]) world.account.setPrice(symbol, decimal("100"));
  return world;
}

test("[G17] the first pass runs at boot, and only a complete one opens the gate", async () => {
  const world = await market();
  world.venue.misbehave({ isDown: true });
  const session = await world.open();
  assert.equal(
    session.book.gate.account.some(({ code }) => code === "boot"),
    true,
  );
  world.venue.misbehave({});
  await world.advance(15_000);
  assert.deepEqual(session.book.gate, { account: [], instruments: {} });
});

test("[D1] a fill from the stream is durable at once, without a pass", async () => {
  const world = await market();
  const session = await world.open();
  const before = (await world.records()).length;
  world.buy("AAPL", "10", "o-1");
  await session.whenDurable();
  const records = (await world.records()).slice(before);
  assert.deepEqual(
    records.map(({ kind }) => kind),
    ["instrument_observed", "fill_recorded"],
  );
  assert.equal(positionView(session.book, AAPL)?.qty, "10");
});

test("[D2] a position that opens and closes while the stream is silent is in history, with its fills", async () => {
  const world = await market();
  const session = await world.open();
  world.venue.misbehave({ isStreamSilent: true });
  world.buy("NVDA", "3");
  await world.runtime.advance(4_000, async () => undefined);
  world.account.setPrice("NVDA", decimal("104"));
  world.sell("NVDA", "3");
  await world.advance(15_000);
  const [life] = await world.journal.view("position_history", "test");
  assert.equal(life?.instrument, "NVDA");
  assert.equal(life?.realized_pnl, "12");
  assert.equal(life?.hold_ms, 4_000);
  assert.equal(JSON.parse(String(life?.entries)).length, 2);
  assert.equal(session.book.discrepancies.size, 0);
});

test("[E4] a process that dies comes back from its journal with all it knew, and a pass closes the gap", async () => {
  const world = await market();
  await world.open();
  world.buy("AAPL", "10", "o-1");
  world.account.submit({
    instrument: "AAPL",
    side: "sell",
    type: "limit",
    qty: decimal("4"),
    price: decimal("120"),
  });
  await world.advance(15_000);
  const before = toState(world.session.book);
  assert.deepEqual(await world.replayed(), before);
  world.venue.misbehave({ isStreamSilent: true });
  world.sell("AAPL", "3");
  world.venue.misbehave({});
  const session = await world.restart();
  assert.equal(positionView(session.book, AAPL)?.qty, "7");
  const open = [...session.book.orders.values()].filter((order) => orderStatus(order) === "open");
  assert.equal(open.length, 1);
});

test("fold(journal) equals memory, with a checkpoint and without one, whatever happened", async () => {
  const action = fc.oneof(
    fc.record({
      kind: fc.constant("trade" as const),
      symbol: fc.constantFrom("AAPL", "MSFT"),
      side: fc.constantFrom("buy" as const, "sell" as const),
      qty: fc.integer({ min: 1, max: 20 }),
    }),
    fc.record({ kind: fc.constant("advance" as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
    fc.record({ kind: fc.constant("stream" as const), isSilent: fc.boolean() }),
    fc.record({ kind: fc.constant("down" as const), isDown: fc.boolean() }),
    fc.record({ kind: fc.constant("empty" as const), isEmpty: fc.boolean() }),
    fc.record({ kind: fc.constant("price" as const), price: fc.integer({ min: 50, max: 150 }) }),
    fc.record({ kind: fc.constant("transfer" as const), amount: fc.integer({ min: -500, max: 500 }) }),
    fc.record({ kind: fc.constant("restart" as const) }),
    fc.record({ kind: fc.constant("checkpoint" as const) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 25 }),
      fc.constantFrom("beside", "executor"),
      async (actions, mode) => {
        const world = await market({ mode });
        await world.open();
        for (const one of actions) {
          if (one.kind === "trade") {
            if (one.side === "buy") world.buy(one.symbol, String(one.qty));
            else world.sell(one.symbol, String(one.qty));
          } else if (one.kind === "advance") await world.advance(one.ms);
          else if (one.kind === "stream") world.venue.misbehave({ isStreamSilent: one.isSilent });
          else if (one.kind === "down") world.venue.misbehave({ isDown: one.isDown });
          else if (one.kind === "empty") world.venue.misbehave({ isEmpty: one.isEmpty });
          else if (one.kind === "price") world.account.setPrice("AAPL", decimal(String(one.price)));
          else if (one.kind === "transfer") world.account.transfer(decimal(String(one.amount)), "test");
          else if (one.kind === "checkpoint") {
            await world.session.stop();
            await world.restart();
          } else await world.restart();
        }
        world.venue.misbehave({});
        await world.advance(45_000);
        assert.equal(world.failure, undefined);
        await world.session.whenIdle();
        const memory = toState(world.session.book);
        assert.deepEqual(await world.replayed(), memory);
        // Healed: the book is the venue, to the last share and the last cent.
        const held = (await world.journal.view("positions", "test")).map((one) => [one.instrument, one.qty]);
        assert.deepEqual(
          held,
          world.account.positionRows().map(({ instrument, qty }) => [instrument, qty]),
        );
        const [usd] = await world.journal.view("balances", "test");
        assert.equal(usd?.total, world.account.state.cash);
        assert.deepEqual(world.session.book.gate, { account: [], instruments: {} });
        await world.session.stop();
        assert.equal(await verifyCheckpoint(world.journal, "test"), undefined);
      },
    ),
    { numRuns: 60 },
  );
});

test("[R15] passes that see nothing new are one record with their count and last time", async () => {
  const world = await market();
  await world.open();
  await world.advance(15_000);
  const before = (await world.records()).length;
  await world.advance(15_000 * 20);
  assert.equal((await world.records()).length, before);
  world.buy("AAPL", "1");
  await world.advance(15_000);
  const quiet = (await world.records())
    .filter(({ kind }) => kind === "pass_finished")
    .map(({ payload }) => (payload as { count: number }).count);
  assert.ok(Math.max(...quiet) >= 20, `counts of passes: ${quiet.join(", ")}`);
});

test("[R15] quiet passes that a crash kept from being written are written at the next boot", async () => {
  const world = await market();
  await world.open();
  await world.advance(15_000 * 10);
  await world.restart();
  const counts = (await world.records()).flatMap((record) =>
    record.kind === "pass_finished" ? [record.payload.count] : [],
  );
  assert.equal(Math.max(...counts) >= 9, true, counts.join(", "));
});

test("another account's answer is not believed: nothing changes and the account is halted until a person looks", async () => {
  const world = await market();
  world.buy("AAPL", "5");
  const session = await world.open();
  world.venue.misbehave({ isOtherAccount: true });
  await world.advance(15_000);
  assert.equal(positionView(session.book, AAPL)?.qty, "5");
  assert.deepEqual(session.book.gate.account.map(({ code, state }) => [code, state]).sort(), [
    ["incomplete_read", "reduce_only"],
    ["incomplete_read", "reduce_only"],
    ["incomplete_read", "reduce_only"],
    ["incomplete_read", "reduce_only"],
    ["incomplete_read", "reduce_only"],
    ["wrong_account", "halted"],
  ]);
  world.venue.misbehave({});
  await world.advance(15_000);
  assert.equal(session.book.gate.account[0]?.code, "wrong_account");
  await session.setGate("open", null, "keys were mixed up, put right", "ann");
  await world.advance(15_000);
  assert.deepEqual(session.book.gate.account, []);
});

test("a journal that refuses a record stops the account, and says so", async () => {
  const journal = new MemoryJournal();
  const world = new TestWorld({}, journal);
  world.account.setPrice("AAPL", decimal("100"));
  const session = await world.open();
  const foreign = {
    account: "test",
    expectedSeq: session.book.seq,
    entries: [],
    views: { deletions: [], rows: [] },
  };
  journal.append = async () => ({ kind: "conflict", head: { seq: foreign.expectedSeq + 1, hash: "x" } });
  world.buy("AAPL", "1");
  await assert.rejects(session.whenDurable(), JournalError);
  await assert.rejects(session.pass("operator", true), /has stopped: Another writer is at work/);
  assert.match(world.failure?.message ?? "", /Another writer is at work/);
});

test("the mirror follows: a manual close takes the row away, with the cause, and its fields go into history", async () => {
  const world = await market();
  world.buy("AAPL", "10", "o-1");
  const mirror = botMirror([row("AAPL", "10", { entry_score: 0.8 })]);
  world.mirrors = [mirror];
  const session = await world.open();
  await world.advance(15_000);
  world.sell("AAPL", "10");
  await world.advance(45_000);
  assert.deepEqual((await mirror.read()).rows, []);
  const [life] = await world.journal.view("position_history", "test");
  assert.deepEqual(JSON.parse(String(life?.metadata)), { entry_score: 0.8 });
  assert.equal(session.book.discrepancies.size, 0);
});

test("[R12] a mirror that says it wrote and did not fails the verify read, and the report says so", async () => {
  class Liar extends MemoryMirror {
    override async write(_changes: readonly MirrorChange[], _version: string): Promise<MirrorWrite> {
      return { kind: "written", backup: null };
    }
  }
  const world = await market();
  world.buy("AAPL", "10");
  world.mirrors = [new Liar({ name: "bot", rows: [row("AAPL", "10"), row("MSFT", "5")] })];
  const session = await world.open();
  const report = await session.pass("operator", true);
  const [found] = report.discrepancies;
  assert.deepEqual([found?.kind, found?.code, found?.closedMs], ["phantom_position", "verify_failed", null]);
  assert.match(report.mirrors[0]?.problem ?? "", /not as they were written/);
  assert.equal(report.summaries.find(({ of }) => of === "bot")?.refused, 1);
});

test("[R12] a mirror that changes while it is repaired is left alone, and repaired by the next pass", async () => {
  class Busy extends MemoryMirror {
    writes = 0;
    override async write(changes: readonly MirrorChange[], version: string): Promise<MirrorWrite> {
      this.writes += 1;
      return super.write(changes, this.writes === 1 ? `${version}-older` : version);
    }
  }
  const world = await market();
  const mirror = new Busy({ name: "bot", rows: [row("AAPL", "10"), row("MSFT", "5")] });
  world.buy("AAPL", "10");
  world.mirrors = [mirror];
  const session = await world.open();
  const report = await session.pass("operator", true);
  assert.match(report.mirrors[0]?.problem ?? "", /wrote in between/);
  await session.pass("operator", true);
  assert.deepEqual(
    (await mirror.read()).rows.map(({ instrument }) => instrument),
    ["AAPL"],
  );
});

test("[R12] a row that comes back after three repairs is only watched, and an alert says who else writes", async () => {
  const world = await market();
  world.buy("AAPL", "10");
  const stale = [row("AAPL", "10"), row("MSFT", "5")];
  const mirror = botMirror(stale);
  world.mirrors = [mirror];
  const session = await world.open();
  for (let time = 0; time < 4; time += 1) {
    mirror.set(stale);
    await session.pass("operator", true);
  }
  assert.deepEqual(
    (await mirror.read()).rows.map(({ instrument }) => instrument),
    ["AAPL", "MSFT"],
  );
  const alerts = (await world.records()).flatMap((record) =>
    record.kind === "alert_raised" ? [record.payload.kind] : [],
  );
  assert.equal(alerts.filter((kind) => kind === "mirror_overwritten").length, 1);
  assert.equal([...session.book.discrepancies.values()][0]?.stage, "watched");
});

test("[E2] every pass ends with one event that has the counts of orders, positions, balances and repairs", async () => {
  const world = await market({ mode: "executor" });
  world.buy("AAPL", "10");
  await world.open();
  world.lines.length = 0;
  world.venue.misbehave({ isStreamSilent: true });
  world.buy("AAPL", "5");
  await world.advance(15_000);
  const [result, ...others] = world.lines.filter(({ name }) => name === "pass.finished");
  assert.equal(others.length, 0);
  const { positions, orders, balances, repairs, discrepancies } = result?.fields ?? {};
  // The order is the one that the missed fill belongs to.
  assert.deepEqual([positions, orders, balances, repairs], [1, 1, 1, 0]);
  const [mismatch] = (discrepancies as Record<string, unknown>[]).filter(
    ({ kind }) => kind === "position_mismatch",
  );
  assert.deepEqual([mismatch?.localQty, mismatch?.venueQty, mismatch?.cause], ["10", "15", "manual_trade"]);
});

test("[R10] kill is latched across a restart and keeps a person's reason; resume opens with the next clean pass", async () => {
  const world = await market();
  world.buy("AAPL", "1");
  world.account.submit({
    instrument: "AAPL",
    side: "buy",
    type: "limit",
    qty: decimal("1"),
    price: decimal("90"),
  });
  world.account.submit({
    instrument: "AAPL",
    side: "sell",
    type: "limit",
    qty: decimal("1"),
    price: decimal("150"),
    reduceOnly: true,
  });
  const session = await world.open();
  const report = await session.kill("rehearsal", "ann", false);
  assert.deepEqual(
    report.canceled.map(({ outcome }) => outcome.kind),
    ["accepted"],
  );
  assert.deepEqual(
    world.account.state.orders.map(({ status }) => status),
    ["filled", "canceled", "open"],
  );
  const again = await world.restart();
  assert.equal(again.book.kill?.reason, "rehearsal");
  assert.equal(again.book.gate.account.find(({ code }) => code === "kill")?.state, "killed");
  await again.resume("rehearsal is over", "ann");
  await world.advance(15_000);
  assert.deepEqual(again.book.gate, { account: [], instruments: {} });
});

const LATCH: KillLatch = { reason: "at night", by: "ann", atMs: 1_000, isAll: false };

function restingBuy(world: TestWorld): void {
  const order = { instrument: "AAPL", side: "buy", type: "limit" } as const;
  world.account.submit({ ...order, qty: decimal("1"), price: decimal("90") });
}

test("[R10] a kill that was latched while nothing ran holds from the start, and cancels what adds risk", async () => {
  const world = await market();
  restingBuy(world);
  const session = await world.open(true, LATCH);
  assert.equal(session.book.kill?.reason, "at night");
  assert.equal(session.book.gate.account.find(({ code }) => code === "kill")?.state, "killed");
  assert.deepEqual(
    world.account.state.orders.map(({ status }) => status),
    ["canceled"],
  );
  const alerts = (await world.records()).filter(({ kind }) => kind === "alert_raised");
  assert.equal(alerts.length, 1);
});

test("[R10] a kill is released where no session runs, and the journal tells of both", async () => {
  const world = await market();
  const { journal } = world;
  const { clock } = world.runtime;
  const release = { account: "test", journal, clock, reason: "looked at it", by: "ann" };
  assert.equal(await releaseOffline({ ...release, latch: null }), false);
  assert.equal(await releaseOffline({ ...release, latch: LATCH }), true);
  const kinds = (await world.records()).map(({ kind }) => kind);
  assert.equal(kinds.indexOf("kill_engaged") < kinds.indexOf("kill_released"), true);
  const book = await restoreBook(journal, "test");
  assert.equal(book.kill, null);
  assert.deepEqual(
    book.gate.account.map(({ code, state }) => [code, state]),
    [["boot", "reduce_only"]],
  );
});

test("[R10] in reduce_only the venue's last quantity counts too, not only the book's", async () => {
  const world = await market();
  const session = await world.open();
  world.buy("AAPL", "4");
  await world.advance(15_000);
  // The stream brings more, and no read has shown it yet.
  world.buy("AAPL", "6");
  await session.setGate("reduce_only", null, "careful", "ann");
  const sell = { instrument: "AAPL", leg: "net", side: "sell", hasReduceOnlyFlag: false } as const;
  assert.equal(session.admit({ ...sell, qty: decimal("10") }).isAdmitted, false);
  assert.equal(session.admit({ ...sell, qty: decimal("4") }).isAdmitted, true);
});

test("passes that leave no record have ids of their own, also within one millisecond", async () => {
  const world = new TestWorld();
  await world.open();
  await world.advance(60_000);
  const first = await world.session.pass("interval", false);
  const second = await world.session.pass("stream", false);
  assert.equal(second.startedAtMs, first.startedAtMs);
  assert.notEqual(second.passId, first.passId);
});
