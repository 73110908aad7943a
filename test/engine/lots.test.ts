// Whose the position is, from an order to the rows that people read: attribution, a person's word on it, what bots call
// their orders; and that it all comes back after a restart.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import {
  decimal,
  type LotMove,
  type OrderIntent,
  positionKey,
  positionView,
  strategyLots,
  toState,
  UNLIMITED,
} from "../../src/core/index.ts";
import { verifyViews } from "../../src/engine/index.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/index.ts";
import { MemoryMirror } from "../../src/mirrors/memory/index.ts";
import { realRuntime } from "../../src/runtime/real.ts";
import { TestWorld } from "../support/world.ts";

const INTERVAL_MS = 15_000;
const X = positionKey("X", "net");
const POLICY = {
  mode: "executor",
  strategies: { grid: "grid-", trend: "trend-" },
  limits: UNLIMITED,
} as const;

async function opened(world = new TestWorld(POLICY)): Promise<TestWorld> {
  world.account.setPrice("X", decimal("10"));
  await world.open();
  return world;
}

function order(intentId: string, more: Partial<OrderIntent> = {}): OrderIntent {
  const plain = { leg: "net", type: "market", timeInForce: "day", reduceOnly: false, side: "buy" } as const;
  return { ...plain, intentId, instrument: "X", qty: decimal("4"), strategy: "unattributed", ...more };
}

function move(more: Partial<LotMove> = {}): LotMove {
  const plain = {
    instrument: "X",
    leg: "net",
    from: "unattributed",
    to: "grid",
    reason: "signal 12",
  } as const;
  return { ...plain, by: "ann", ...more };
}

function lotsIn(world: TestWorld): Record<string, string> {
  return Object.fromEntries(strategyLots(world.session.book, X).map(({ strategy, qty }) => [strategy, qty]));
}

test("[R18] a person's word on a lot is a record with their name, and is there after a restart", async () => {
  const world = await opened();
  await world.session.submit(order("one", { strategy: "grid" }), "bot");
  await world.session.submit(order("two"), "bot");
  const told = await world.session.moveLot(move({ qty: decimal("3") }));
  assert.deepEqual(
    [told.from, told.to, told.by],
    [
      { strategy: "unattributed", before: "4", after: "1" },
      { strategy: "grid", before: "4", after: "7" },
      "ann",
    ],
  );
  assert.deepEqual(lotsIn(world), { grid: "7", unattributed: "1" });
  const record = (await world.records()).find(({ kind }) => kind === "lot_reattributed");
  assert.equal(record?.causeId, "by:ann");
  const before = toState(world.session.book);
  assert.deepEqual(await world.replayed(), before);
  await world.session.stop();
  await world.restart();
  assert.deepEqual(lotsIn(world), { grid: "7", unattributed: "1" });
  world.sell("X", "2", "grid-9");
  await world.advance(INTERVAL_MS);
  assert.deepEqual(lotsIn(world), { grid: "5", unattributed: "1" });
});

test("[R18] a word on a lot that cannot be is refused and nothing is written", async () => {
  const world = await opened();
  await world.session.submit(order("one"), "bot");
  const { seq } = world.session.book;
  const refusals: readonly (readonly [Partial<LotMove>, string])[] = [
    [{ qty: decimal("4.1") }, "lot_too_small"],
    [{ from: "trend" }, "no_such_lot"],
    [{ instrument: "Y" }, "no_such_lot"],
    [{ to: "gird" }, "no_such_strategy"],
    [{ to: "unattributed" }, "bad_lot_move"],
    [{ qty: decimal("0") }, "bad_lot_move"],
    [{ by: " " }, "bad_lot_move"],
    [{ reason: "" }, "bad_lot_move"],
  ];
  for (const [wrong, code] of refusals) {
    await assert.rejects(world.session.moveLot(move(wrong)), { name: "ChangeError", code });
  }
  assert.equal(world.session.book.seq, seq);
});

test("[R12] a mirror of one strategy follows what a person said of its lot", async () => {
  const world = new TestWorld(POLICY);
  const scope = { type: "strategy", strategy: "grid" } as const;
  const bot = new MemoryMirror({ name: "bot", rows: [], scope });
  world.mirrors = [bot];
  await opened(world);
  await world.session.submit(order("one", { strategy: "grid" }), "bot");
  await world.session.submit(order("two"), "bot");
  await world.advance(4 * INTERVAL_MS);
  assert.equal((await bot.read()).rows[0]?.qty, "4");
  await world.session.moveLot(move());
  await world.advance(3 * INTERVAL_MS);
  assert.equal((await bot.read()).rows[0]?.qty, "8");
});

test("[C2] signal, tags and the venue's order id are on the order, the position, its history and every execution, in SQL too", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "trueup-lots-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "j.db");
  const journal = openSqliteJournal({ file, timers: realRuntime.timers });
  const world = await opened(new TestWorld(POLICY, journal));
  const labels = { signalId: "wave-3", tags: { wave: "3", desk: "a" } };
  await world.session.submit(order("one", { strategy: "grid", ...labels }), "bot");
  await world.session.submit(order("two", { side: "sell", qty: decimal("1") }), "bot");
  const view = positionView(world.session.book, X);
  assert.deepEqual([view?.signalId, view?.tags, view?.venueOrderId], ["wave-3", labels.tags, "po-1"]);
  const client = new DatabaseSync(file, { readOnly: true });
  const all = (sql: string) =>
    client
      .prepare(sql)
      .all()
      .map((one) => ({ ...one }));
  assert.deepEqual(all("SELECT exchange_order_id, signal_id, tags, qty FROM active_positions"), [
    { exchange_order_id: "po-1", signal_id: "wave-3", tags: '{"wave":"3","desk":"a"}', qty: "3" },
  ]);
  // What no strategy claims is taken from the only lot that it can mean.
  assert.deepEqual(all("SELECT strategy, qty, position_qty FROM lots"), [
    { strategy: "grid", qty: "3", position_qty: "3" },
  ]);
  await world.session.submit(order("three", { side: "sell", qty: decimal("3") }), "bot");
  assert.deepEqual(all("SELECT exchange_order_id, signal_id, venue_order_id FROM position_history"), [
    { exchange_order_id: "po-1", signal_id: "wave-3", venue_order_id: "po-1" },
  ]);
  assert.deepEqual(all("SELECT * FROM active_positions UNION ALL SELECT * FROM active_positions"), []);
  assert.deepEqual(
    all("SELECT intent_id, signal_id, side, qty, exchange_order_id FROM dispatch_executions ORDER BY seq"),
    [
      { intent_id: "one", signal_id: "wave-3", side: "buy", qty: "4", exchange_order_id: "po-1" },
      { intent_id: "two", signal_id: null, side: "sell", qty: "1", exchange_order_id: "po-3" },
      { intent_id: "three", signal_id: null, side: "sell", qty: "3", exchange_order_id: "po-5" },
    ],
  );
  assert.deepEqual(await verifyViews(journal, "test"), []);
  client.close();
  await world.session.stop();
  await journal.close();
});

test("what a sender calls its order, whose it is and when it ends never leave for the venue", async () => {
  const world = await opened();
  const sent: object[] = [];
  const { venue } = world;
  const submit = venue.submit.bind(venue);
  venue.submit = (command) => {
    sent.push(command);
    return submit(command);
  };
  const own = { strategy: "grid", signalId: "wave-3", tags: { wave: "3" }, exit: { timeStopMs: 60_000 } };
  await world.session.submit(order("one", own), "bot");
  const told = ["clientOrderId", "instrument", "leg", "qty", "reduceOnly", "side", "timeInForce", "type"];
  assert.deepEqual(
    sent.map((command) => Object.keys(command).sort()),
    [told],
  );
});

test("what a sender calls its order is bounded, and the same tags in another order are the same intent", async () => {
  const world = await opened();
  const long = { a: "x".repeat(257) };
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`t${index}`, "x"]));
  const wrong = [
    { signalId: "" },
    { signalId: "s".repeat(129) },
    { signalId: "a\nb" },
    { tags: long },
    { tags: many },
  ];
  for (const [index, labels] of [...wrong, { tags: { "a b": "x" } }, { tags: { a: "" } }].entries()) {
    const { code } = await world.session.submit(order(`wrong-${index}`, labels), "bot");
    assert.equal(code, "bad_order", JSON.stringify(labels).slice(0, 60));
  }
  await world.session.submit(order("one", { tags: { a: "1", b: "2" } }), "bot");
  const again = await world.session.submit(order("one", { tags: { b: "2", a: "1" } }), "bot");
  assert.deepEqual([again.outcome, again.isRepeat], ["accepted", true]);
  const other = await world.session.submit(order("one", { tags: { a: "1" } }), "bot");
  assert.equal(other.code, "intent_conflict");
});
