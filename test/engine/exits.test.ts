// Exits at work: armed from what is held, sent when the price or the time says so, once for each quantity, and never on
// the other side of zero.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import {
  decimal,
  type ExitPlan,
  type ExitPolicy,
  type OrderIntent,
  positionKey,
  positionQty,
  toState,
} from "../../src/core/index.ts";
import { Session } from "../../src/engine/index.ts";
import { SILENT } from "../../src/runtime/index.ts";
import type { CommandOutcome } from "../../src/venues/index.ts";
import { buying, EXECUTOR, marketWith, OWNED, openMatters, STOP_2_PERCENT } from "../support/exit-world.ts";
import { TestWorld } from "../support/world.ts";

const market = (exits: Partial<ExitPolicy> = {}) => marketWith({ ...OWNED, ...exits });

/** An account that holds 10 AAPL at 100, bought with this plan. */
async function holding(exit?: ExitPlan, exits: Partial<ExitPolicy> = {}): Promise<TestWorld> {
  const world = await market(exits);
  await world.session.submit(buying("i-1", exit), "bot");
  await world.advance(1_000);
  return world;
}

async function price(world: TestWorld, last: string): Promise<void> {
  world.account.setPrice("AAPL", decimal(last));
  await turns(world);
}

async function turns(world: TestWorld): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await setImmediate();
  await world.advance(1);
}

function qty(world: TestWorld): string {
  return positionQty(world.session.book, positionKey("AAPL", "net"));
}

function armed(world: TestWorld) {
  return [...world.session.book.exits.values()].map(({ facts }) => [facts.strategy, facts.qty, facts.stop]);
}

function sells(world: TestWorld) {
  return world.account.state.orders.filter(({ side }) => side === "sell");
}

async function recorded(world: TestWorld, kind: string) {
  return (await world.records()).filter((record) => record.kind === kind);
}

async function assertFolded(world: TestWorld): Promise<void> {
  await world.session.whenIdle();
  assert.deepEqual(toState(world.session.book), await world.replayed());
}

test("an order that comes with a plan arms it with its fill, and the stop sells what is held, once", async () => {
  const world = await holding(STOP_2_PERCENT);
  assert.deepEqual(armed(world), [["grid", "10", "98"]]);
  await price(world, "98.01");
  assert.equal(sells(world).length, 0);
  await price(world, "98");
  assert.deepEqual(
    sells(world).map(({ qty, reduceOnly, type }) => [qty, reduceOnly, type]),
    [["10", true, "market"]],
  );
  await price(world, "97");
  await world.advance(60_000);
  assert.equal(sells(world).length, 1);
  assert.equal(qty(world), "0");
  assert.deepEqual(armed(world), []);
  assert.deepEqual(openMatters(world), []);
  await assertFolded(world);
});

test("a pass follows right after an exit has sold", async () => {
  const world = await holding(STOP_2_PERCENT);
  await world.advance(30_000);
  const passes = () => world.lines.filter(({ name }) => name === "pass.finished").length;
  const before = passes();
  await price(world, "98");
  assert.ok(passes() > before);
});

test("a target sells when it is reached; a minimum hold keeps it, and never a stop", async () => {
  const plan: ExitPlan = {
    stop: { price: decimal("90") },
    target: { price: decimal("110") },
    minimumHoldMs: 60_000,
  };
  const world = await holding(plan);
  await price(world, "111");
  assert.equal(qty(world), "10");
  await world.advance(61_000);
  assert.equal(qty(world), "0");
  const early = await holding(plan);
  await price(early, "89");
  assert.equal(qty(early), "0");
});

test("a trailing stop follows the best price, and a restart loses at most a tenth of its distance", async () => {
  const world = await holding({ trailing: { distance: decimal("5") } });
  await price(world, "104");
  await price(world, "112");
  await price(world, "112.3");
  await price(world, "109");
  await world.restart();
  await turns(world);
  const [exit] = world.session.book.exits.values();
  assert.equal(exit?.best, "112");
  await price(world, "107.1");
  assert.equal(qty(world), "10");
  await price(world, "107");
  assert.equal(qty(world), "0");
});

test("a trailing stop that is set later begins from the price of that time, not from the entry", async () => {
  const world = await holding(STOP_2_PERCENT);
  await price(world, "99");
  const plan = { trailing: { distance: decimal("1") } };
  await world.session.setExitPlan({ instrument: "AAPL", leg: "net", strategy: null, plan }, "ann");
  await price(world, "98.5");
  assert.equal(qty(world), "10");
  await price(world, "98");
  assert.equal(qty(world), "0");
});

test("a single pass, or a single command, closes nothing: only an account at work does", async () => {
  const world = await holding({ timeStopMs: 60_000 });
  world.runtime.clear();
  world.venue.disconnect();
  await world.runtime.advance(120_000, async () => undefined);
  const alone = await Session.open({
    account: "test",
    journal: world.journal,
    venue: world.venue,
    mirrors: [],
    policy: world.policy,
    positionMode: "net",
    runtime: world.runtime,
    log: SILENT,
  });
  await alone.start({ bootPass: true, timers: false });
  await alone.pass("operator", true);
  await alone.stop();
  assert.equal(sells(world).length, 0);
});

test("a time stop closes the position when its time is over, also across a restart", async () => {
  const world = await holding({ timeStopMs: 3_600_000 });
  await world.advance(1_800_000);
  await world.restart();
  await world.advance(1_700_000);
  assert.equal(qty(world), "10");
  await world.advance(120_000);
  assert.equal(qty(world), "0");
  const [trigger] = await recorded(world, "exit_triggered");
  assert.equal(trigger?.kind === "exit_triggered" && trigger.payload.condition, "time");
});

test("a time stop that ran out while trueup was down acts a minute after the start, and not by a clock that is set right by then", async () => {
  const down = await holding({ timeStopMs: 3_600_000 });
  down.runtime.clear();
  down.venue.disconnect();
  await down.runtime.advance(7_200_000, async () => undefined);
  await down.open();
  await down.advance(55_000);
  assert.equal(qty(down), "10");
  await down.advance(10_000);
  assert.equal(qty(down), "0");
  const wrong = await holding({ timeStopMs: 3_600_000 });
  wrong.runtime.jump(7_200_000);
  await wrong.restart();
  await wrong.advance(30_000);
  wrong.runtime.jump(-7_200_000);
  await wrong.advance(600_000);
  assert.equal(qty(wrong), "10");
});

test("a stop is armed for what is held: a fill, a manual change and an adoption change it", async () => {
  const world = await holding(STOP_2_PERCENT);
  world.sell("AAPL", "4");
  await world.advance(60_000);
  assert.deepEqual(armed(world), [["grid", "6", "98"]]);
  await price(world, "97");
  assert.deepEqual(
    sells(world).map(({ qty }) => qty),
    ["4", "6"],
  );
  await assertFolded(world);
});

test("[C6] an adopted position takes the default plan; without one it is unprotected, told, and only reducible", async () => {
  const world = new TestWorld({ ...EXECUTOR, exits: { ...OWNED, default: STOP_2_PERCENT } });
  world.account.setPrice("AAPL", decimal("100"));
  world.buy("AAPL", "3");
  await world.open();
  await world.advance(60_000);
  assert.deepEqual(armed(world), [["unattributed", "3", "98"]]);
  assert.deepEqual(openMatters(world), []);
  const bare = new TestWorld(EXECUTOR);
  bare.account.setPrice("AAPL", decimal("100"));
  bare.buy("AAPL", "3");
  await bare.open();
  await bare.advance(60_000);
  assert.deepEqual(openMatters(bare), ["unprotected_position no_plan"]);
  const refused = await bare.session.submit(buying("i-1"), "bot");
  assert.equal(refused.code, "gate_closed");
  const told = (await recorded(bare, "alert_raised")).map(
    ({ payload }) => (payload as { kind: string }).kind,
  );
  assert.equal(told.filter((kind) => kind === "unprotected_position").length, 1);
  assert.equal(told.includes("gate_closed"), false);
});

test("the age of the price is written down in whole milliseconds, however finely the clock tells it", async () => {
  const world = await holding(STOP_2_PERCENT);
  const { prices } = world.session;
  const told = prices.priceOf.bind(prices);
  prices.priceOf = (instrument) => {
    const view = told(instrument);
    return view && { ...view, ageMs: view.ageMs + 0.4 };
  };
  await price(world, "98");
  const [trigger] = await recorded(world, "exit_triggered");
  assert.equal(trigger?.kind === "exit_triggered" && trigger.payload.priceAgeMs, 0);
});

test("while the positions cannot be read after a start no exit acts, and that is told until they are", async () => {
  const world = await holding({ timeStopMs: 60_000 });
  const snapshot = world.venue.snapshot.bind(world.venue);
  const stale = { quality: "stale", rows: [], problem: "the answer is old" } as const;
  world.venue.snapshot = async () => ({ ...(await snapshot()), positions: stale });
  await world.restart();
  assert.deepEqual(openMatters(world), []);
  await world.advance(120_000);
  assert.equal(qty(world), "10");
  assert.deepEqual(openMatters(world), ["unprotected_position not_read"]);
  world.venue.snapshot = snapshot;
  await world.session.pass("test", true);
  await world.advance(60_000);
  assert.equal(qty(world), "0");
  assert.deepEqual(openMatters(world), []);
});

test("a pass that arms what was bought while the positions cannot be read tells at once that it is not acted on", async () => {
  const world = await market({ default: { timeStopMs: 60_000 } });
  const snapshot = world.venue.snapshot.bind(world.venue);
  const stale = { quality: "stale", rows: [], problem: "the answer is old" } as const;
  world.venue.snapshot = async () => ({ ...(await snapshot()), positions: stale });
  await world.restart();
  await world.advance(120_000);
  assert.deepEqual(openMatters(world), []);
  // The trade is told by the history alone, and later.
  world.venue.disconnect();
  const history = world.venue.history.bind(world.venue);
  world.venue.history = async () => ({});
  world.buy("AAPL", "10");
  await world.advance(30_000);
  assert.deepEqual(armed(world), []);
  world.venue.history = history;
  await world.session.pass("test", false);
  assert.deepEqual(armed(world), [["unattributed", "10", null]]);
  assert.deepEqual(openMatters(world), ["unprotected_position not_read"]);
});

test("a price that is too old is not acted on, and that is told; a time stop needs none", async () => {
  const world = await holding({ stop: { ratio: decimal("0.02") }, timeStopMs: 300_000 });
  const { prices } = world.session;
  prices.priceOf = () => ({
    tick: { instrument: "AAPL", last: decimal("90") },
    ageMs: 60_000,
    isFresh: false,
  });
  await world.advance(60_000);
  assert.equal(sells(world).length, 0);
  assert.deepEqual(openMatters(world), ["unprotected_position price_stale"]);
  await world.advance(260_000);
  assert.equal(qty(world), "0");
});

test("[R10] a kill that forbids exits keeps them back, and what is armed after a kill too", async () => {
  const forbidden = await holding(STOP_2_PERCENT);
  await forbidden.session.kill("look", "ann", false, true);
  await price(forbidden, "98");
  await forbidden.advance(60_000);
  assert.equal(qty(forbidden), "10");
  await forbidden.session.resume("fine", "ann");
  await forbidden.advance(120_000);
  assert.equal(qty(forbidden), "0");
  const later = await holding();
  await later.session.kill("look", "ann", false);
  const plan = { stop: { price: decimal("99") } };
  await later.session.setExitPlan({ instrument: "AAPL", leg: "net", strategy: null, plan }, "ann");
  await price(later, "98");
  await later.advance(30_000);
  assert.equal(qty(later), "10");
});

test("a person's plan stands above the order's, and taken back the order's counts again", async () => {
  const world = await holding(STOP_2_PERCENT);
  const given = { instrument: "AAPL", leg: "net", strategy: null } as const;
  const set = (plan: ExitPlan | "none" | null) => world.session.setExitPlan({ ...given, plan }, "ann");
  assert.equal((await set({ stop: { price: decimal("95") } })).isSet, true);
  assert.deepEqual(armed(world), [["grid", "10", "95"]]);
  assert.equal((await set("none")).isSet, true);
  await world.advance(60_000);
  assert.deepEqual(armed(world), []);
  assert.deepEqual(openMatters(world), ["unprotected_position declined"]);
  assert.equal((await set(null)).isSet, true);
  assert.deepEqual(armed(world), [["grid", "10", "98"]]);
  const reached = await set({ stop: { price: decimal("101") } });
  assert.match(reached.reason ?? "", /the stop 101 is reached already, the price is 100/);
  assert.match((await set({ stop: { ratio: decimal("2") } })).reason ?? "", /2 % is 0.02/);
  await assertFolded(world);
});

test("a person's plan survives a restart and ends with the position", async () => {
  const world = await holding(STOP_2_PERCENT);
  const plan = { stop: { price: decimal("95") } };
  await world.session.setExitPlan({ instrument: "AAPL", leg: "net", strategy: "grid", plan }, "ann");
  await world.restart();
  assert.deepEqual(armed(world), [["grid", "10", "95"]]);
  await price(world, "94");
  await world.advance(30_000);
  assert.equal(qty(world), "0");
  await price(world, "100");
  await world.session.submit(buying("i-2", STOP_2_PERCENT), "bot");
  await world.advance(1_000);
  assert.deepEqual(armed(world), [["grid", "10", "98"]]);
});

test("a strategy's exit sells its own share and leaves the other's", async () => {
  const world = await market();
  await world.session.submit(buying("i-1", { stop: { price: decimal("95") } }), "bot");
  const trend = { strategy: "trend", qty: decimal("5") };
  await world.session.submit(buying("i-2", { stop: { price: decimal("90") } }, trend), "bot");
  await world.advance(1_000);
  assert.deepEqual(armed(world), [
    ["grid", "10", "95"],
    ["trend", "5", "90"],
  ]);
  await price(world, "94");
  assert.equal(qty(world), "5");
  assert.deepEqual(armed(world), [["trend", "5", "90"]]);
  await price(world, "89");
  assert.equal(qty(world), "0");
});

test("what a person gives to another strategy is not sold by the exit of the one that had it", async () => {
  const world = await holding(STOP_2_PERCENT);
  const move = { instrument: "AAPL", leg: "net", from: "grid", to: "unattributed" } as const;
  await world.session.moveLot({ ...move, reason: "it is mine", by: "ann" });
  // The same moment: no pass has come between.
  await price(world, "98");
  assert.equal(sells(world).length, 0);
  assert.deepEqual(armed(world), []);
  await world.advance(60_000);
  assert.deepEqual(openMatters(world), ["unprotected_position no_plan"]);
  await assertFolded(world);
});

test("both strategies' exits at once sell each its own, and no more than is held", async () => {
  const world = await market();
  await world.session.submit(buying("i-1", { stop: { price: decimal("95") } }), "bot");
  await world.session.submit(buying("i-2", { stop: { price: decimal("96") } }, { strategy: "trend" }), "bot");
  await world.advance(1_000);
  await price(world, "80");
  await world.advance(60_000);
  assert.deepEqual(
    sells(world).map(({ qty }) => qty),
    ["10", "10"],
  );
  assert.equal(qty(world), "0");
});

test("an order whose outcome is not known is waited for, and no second one leaves", async () => {
  const world = await holding(STOP_2_PERCENT);
  const { submit } = world.venue;
  let sent = 0;
  world.venue.submit = async (command): Promise<CommandOutcome> => {
    sent += 1;
    await submit.call(world.venue, { ...command, qty: decimal("4") });
    return { kind: "unknown", reason: "no answer" };
  };
  world.venue.disconnect();
  world.venue.order = async () => ({ kind: "unknown", problem: "no answer" });
  await price(world, "98");
  world.session.price("AAPL", decimal("97"));
  await turns(world);
  assert.equal(sent, 1);
  const told = (await recorded(world, "alert_raised")).map(
    ({ payload }) => (payload as { kind: string }).kind,
  );
  assert.equal(told.includes("unprotected_position"), false);
});

test("an order that a look-up finds cancelled, perhaps filled in part, is followed by none before a read", async () => {
  const world = await holding(STOP_2_PERCENT);
  const { submit, snapshot, order } = world.venue;
  const asked: string[] = [];
  world.venue.disconnect();
  world.venue.snapshot = async () => Promise.reject(new Error("the venue is down"));
  world.venue.submit = async (command): Promise<CommandOutcome> => {
    asked.push(command.qty ?? "");
    if (asked.length > 1) return submit.call(world.venue, command);
    await submit.call(world.venue, { ...command, qty: decimal("4") });
    return { kind: "unknown", reason: "no answer" };
  };
  world.venue.order = async (query) => {
    const found = await order.call(world.venue, query);
    return found.kind === "row"
      ? { ...found, row: { ...found.row, qty: decimal("10"), status: "canceled" } }
      : found;
  };
  world.account.setPrice("AAPL", decimal("98"));
  world.session.price("AAPL", decimal("98"));
  await turns(world);
  await world.advance(30_000);
  assert.deepEqual(asked, ["10"]);
  Object.assign(world.venue, { snapshot, order });
  await world.advance(60_000);
  assert.deepEqual(asked, ["10", "6"]);
  assert.equal(world.account.positionRows().length, 0);
});

test("an order that is refused is tried again after a back-off, told, and not in the meantime", async () => {
  const world = await holding(STOP_2_PERCENT);
  const { submit } = world.venue;
  let sent = 0;
  world.venue.submit = async () => {
    sent += 1;
    return { kind: "rejected", sent: true, reason: "market is closed" };
  };
  await price(world, "98");
  await price(world, "97");
  assert.equal(sent, 1);
  await world.advance(40_000);
  assert.ok(sent >= 3 && sent <= 6, `${sent} orders were sent`);
  assert.deepEqual(openMatters(world), ["unprotected_position exit_failing"]);
  world.venue.submit = submit;
  await world.advance(120_000);
  assert.equal(qty(world), "0");
  assert.equal(sells(world).length, 1);
  assert.deepEqual(openMatters(world), []);
  await assertFolded(world);
});

test("a target whose orders were refused is not said to fail any more once the price has come back", async () => {
  const plan = { stop: { price: decimal("90") }, target: { price: decimal("105") } };
  const world = await holding(plan);
  const { submit } = world.venue;
  world.venue.submit = async () => ({ kind: "rejected", sent: true, reason: "market is closed" });
  await price(world, "106");
  await world.advance(40_000);
  assert.deepEqual(openMatters(world), ["unprotected_position exit_failing"]);
  await price(world, "104");
  await world.advance(60_000);
  assert.deepEqual(openMatters(world), []);
  world.venue.submit = submit;
  await price(world, "105");
  await world.advance(5_000);
  assert.equal(qty(world), "0");
  assert.equal(sells(world).length, 1);
  await assertFolded(world);
});

test("an exit that takes the place of one that failed neither waits for its back-off nor is said to fail (seed 960000005)", async () => {
  const world = await holding(STOP_2_PERCENT);
  const { submit } = world.venue;
  world.venue.submit = async () => ({ kind: "rejected", sent: true, reason: "market is closed" });
  await price(world, "97");
  await world.advance(40_000);
  assert.deepEqual(openMatters(world), ["unprotected_position exit_failing"]);
  world.venue.submit = submit;
  const plan = { stop: { price: decimal("90") } };
  await world.session.setExitPlan({ instrument: "AAPL", leg: "net", strategy: null, plan }, "ann");
  await turns(world);
  assert.deepEqual(armed(world), [["grid", "10", "90"]]);
  await price(world, "97.1");
  await price(world, "89");
  assert.equal(qty(world), "0");
  await world.advance(40_000);
  assert.deepEqual(openMatters(world), []);
  await assertFolded(world);
});

test("a back-off that is over wakes nobody where the price has come back", async () => {
  const world = await holding(STOP_2_PERCENT);
  world.venue.submit = async () => ({ kind: "rejected", sent: true, reason: "market is closed" });
  await price(world, "98");
  const exit = { target: { price: decimal("150") } };
  const given = { instrument: "AAPL", leg: "net", strategy: null, plan: exit } as const;
  await world.session.setExitPlan(given, "ann");
  await world.advance(10_000);
  const { timers } = world.runtime;
  const { after } = timers;
  let begun = 0;
  timers.after = (ms, work) => {
    begun += 1;
    return after.call(timers, ms, work);
  };
  await world.advance(10_000);
  assert.ok(begun < 100, `${begun} timers were begun within ten seconds`);
});

test("what an order left is closed by another one, after a read, and no more than that", async () => {
  const world = await holding(STOP_2_PERCENT);
  const { submit } = world.venue;
  const asked: string[] = [];
  world.venue.submit = (command) => {
    asked.push(command.qty ?? "");
    const part = asked.length === 1 ? { ...command, qty: decimal("4") } : command;
    return submit.call(world.venue, part);
  };
  await price(world, "98");
  await world.advance(60_000);
  assert.deepEqual(asked, ["10", "6"]);
  assert.equal(qty(world), "0");
  const attempts = (await recorded(world, "exit_triggered")).map(
    ({ payload }) => (payload as { attempt: number }).attempt,
  );
  assert.deepEqual(attempts, [1, 2]);
  await assertFolded(world);
});

test("[R10] an exit passes a halted gate, and a kill that came after it was armed; not one that says no exits", async () => {
  const halted = await holding(STOP_2_PERCENT);
  await halted.session.setGate("halted", null, "look", "ann");
  await price(halted, "98");
  assert.equal(qty(halted), "0");
  const killed = await holding(STOP_2_PERCENT);
  await killed.session.kill("look", "ann", false);
  await price(killed, "98");
  assert.equal(qty(killed), "0");
});

test("a working order of the same strategy gives way before its exit sells", async () => {
  const world = await holding(STOP_2_PERCENT);
  await world.session.submit(
    buying("i-2", undefined, { side: "sell", type: "limit", price: decimal("120"), reduceOnly: true }),
    "bot",
  );
  await world.advance(30_000);
  await price(world, "98");
  await world.advance(30_000);
  assert.deepEqual(
    sells(world).map(({ status, qty }) => [status, qty]),
    [
      ["canceled", "10"],
      ["filled", "10"],
    ],
  );
  assert.equal(qty(world), "0");
});

test("[A15] [D4] a bracket's child that somebody else placed is named, and nothing is done to it", async () => {
  const world = await holding(STOP_2_PERCENT);
  world.account.submit({
    instrument: "AAPL",
    side: "sell",
    type: "stop",
    qty: decimal("10"),
    triggerPrice: decimal("95"),
    reduceOnly: true,
    parentVenueOrderId: "po-77",
  });
  await world.advance(60_000);
  assert.deepEqual(openMatters(world), ["foreign_exit_order foreign"]);
  const [one] = world.session.book.discrepancies.values();
  assert.match(one?.detail ?? "", /stop po-\d+, child of po-77 at 95 would close 10 of 10/);
  assert.equal(sells(world)[0]?.status, "open");
});

test("after a crash between the trigger and its order, the same order leaves, once", async () => {
  const world = await holding(STOP_2_PERCENT);
  const { submit } = world.venue;
  // The process dies while the order is on its way: nobody hears the answer.
  world.venue.submit = async (command) => {
    await submit.call(world.venue, command);
    return new Promise(() => undefined);
  };
  world.account.setPrice("AAPL", decimal("98"));
  for (let turn = 0; turn < 30; turn += 1) await setImmediate();
  world.venue.submit = submit;
  await world.restart();
  await world.advance(60_000);
  assert.equal(sells(world).length, 1);
  assert.equal(qty(world), "0");
});

test("[R10] while another account answers no exit leaves: there it would open", async () => {
  const world = await holding(STOP_2_PERCENT);
  world.venue.misbehave({ isOtherAccount: true });
  await world.advance(20_000);
  await price(world, "90");
  await world.advance(20_000);
  assert.equal(sells(world).length, 0);
});

test("[R10] an exit's order that left after a kill of all orders is not cancelled by it", async () => {
  const world = await holding(STOP_2_PERCENT);
  await world.session.kill("runaway", "ann", true);
  await world.advance(1_000);
  let sent = 0;
  world.venue.submit = async (command) => {
    sent += 1;
    const rests = { ...command, type: "limit", price: decimal("500"), timeInForce: "gtc" } as const;
    return world.account.submit({ ...rests, qty: command.qty ?? decimal("0") });
  };
  await price(world, "97");
  await world.advance(120_000);
  assert.equal(sent, 1);
  await assertFolded(world);
});

test("an exit's order that the gate holds back is tried ever more rarely, and told no more often than that", async () => {
  const world = await holding(STOP_2_PERCENT);
  await world.session.kill("look", "ann", false, true);
  await price(world, "97");
  const count = (name: string) => world.lines.filter((line) => line.name === name).length;
  const passesBefore = count("pass.finished");
  await world.advance(600_000);
  const told = (await recorded(world, "alert_raised")).filter(
    ({ payload }) => (payload as { kind: string }).kind === "unprotected_position",
  );
  assert.ok(told.length <= 8, `told ${told.length} times`);
  // Of what is quoted by the gate that refuses it, no refusal is told within another.
  for (const { payload } of told) {
    assert.equal((payload as { text: string }).text.split("of its exit was not taken").length, 2);
  }
  const [found] = world.session.book.discrepancies.values();
  assert.equal(found?.detail?.split("of its exit was not taken").length, 2);
  assert.ok(count("order.refused") <= 20, `${count("order.refused")} refusals`);
  assert.ok(count("pass.finished") - passesBefore <= 45, `${count("pass.finished") - passesBefore} passes`);
  await world.session.resume("fine", "ann");
  await turns(world);
  assert.equal(qty(world), "0");
});

test("an order that stands in the way of an exit is cancelled again where the first cancel did not get through", async () => {
  const world = await holding(STOP_2_PERCENT);
  const resting = { side: "sell", type: "limit", price: decimal("120"), reduceOnly: true } as const;
  await world.session.submit(buying("i-2", undefined, resting), "bot");
  await world.advance(30_000);
  const { cancel } = world.venue;
  let asked = 0;
  world.venue.cancel = async (command) => {
    asked += 1;
    const busy: CommandOutcome = { kind: "rejected", sent: false, reason: "the rate limit is used up" };
    return asked < 3 ? busy : cancel.call(world.venue, command);
  };
  await price(world, "97");
  await world.advance(60_000);
  assert.equal(qty(world), "0");
  assert.equal(asked, 3);
});

test("a plan of a person that would close at once is refused, whatever it is that has come to pass", async () => {
  const world = await holding({ stop: { price: decimal("50") } });
  await world.advance(10_800_000);
  await price(world, "95");
  const given = { instrument: "AAPL", leg: "net", strategy: null } as const;
  const set = (plan: ExitPlan) => world.session.setExitPlan({ ...given, plan }, "ann");
  const late = await set({ stop: { price: decimal("50") }, timeStopMs: 7_200_000 });
  assert.match(
    late.reason ?? "",
    /time stop is over already, as the share of grid was opened at 2026-01-05T15:00/,
  );
  assert.match((await set(STOP_2_PERCENT)).reason ?? "", /the stop 98 is reached already, the price is 95/);
  const beyond: ExitPlan = { stop: { price: decimal("94") }, target: { ratio: decimal("0.01") } };
  assert.equal((await set(beyond)).isSet, true);
  const crossed: ExitPlan = { stop: { ratio: decimal("0.2") }, target: { price: decimal("70") } };
  assert.match((await set(crossed)).reason ?? "", /lies beyond its target/);
  await turns(world);
  assert.equal(qty(world), "10");
});

test("where trueup is told to close no positions any more, what it had armed is shown as ended", async () => {
  for (const exits of [{ ...OWNED, owns: false }, null]) {
    const world = await holding(STOP_2_PERCENT);
    Object.assign(world.policy, { exits });
    await world.restart();
    assert.deepEqual(armed(world), []);
    const [ended] = await recorded(world, "exit_disarmed");
    assert.equal(ended?.kind === "exit_disarmed" && ended.payload.why, "not_possible");
    await assertFolded(world);
  }
});

test("a strategy's exit sells nothing of another's where a manual trade was set off against its own share", async () => {
  const world = await market();
  await world.session.submit(buying("i-1", { stop: { price: decimal("80") } }), "bot");
  await world.session.submit(buying("i-2", { stop: { price: decimal("95") } }, { strategy: "trend" }), "bot");
  await world.advance(1_000);
  world.sell("AAPL", "3");
  await world.advance(30_000);
  await price(world, "94");
  await world.advance(120_000);
  assert.deepEqual(
    sells(world).map((order) => order.qty),
    ["3", "7"],
  );
  assert.equal(qty(world), "10");
  assert.deepEqual(armed(world), [["grid", "10", "80"]]);
  assert.deepEqual(openMatters(world), []);
});

test("a stop order's plan is held against its trigger, where it has no price", async () => {
  const world = await holding(STOP_2_PERCENT);
  const more = { type: "stop", triggerPrice: decimal("105") } as const;
  const refused = await world.session.submit(buying("i-2", { stop: { price: decimal("106") } }, more), "bot");
  assert.equal(refused.code, "bad_order");
  assert.match(refused.reasons.join(), /must be below its entry, about 105/);
});

test("[R10] killed once more, nothing passes that the first kill held back", async () => {
  const world = await holding(STOP_2_PERCENT);
  await world.session.kill("look", "ann", false, true);
  await world.session.kill("look", "bea", false);
  await price(world, "97");
  await world.advance(60_000);
  assert.equal(qty(world), "10");
  const later = await holding();
  await later.session.kill("look", "ann", false);
  const plan = { stop: { price: decimal("99") } };
  await later.session.setExitPlan({ instrument: "AAPL", leg: "net", strategy: null, plan }, "ann");
  await later.session.kill("look", "bea", false);
  await price(later, "98");
  await later.advance(30_000);
  assert.equal(qty(later), "10");
});

/** An account that held 3 AAPL, bought at 100 by hand, when trueup first looked at it; the price is 90 by then. */
async function adopting(plan: ExitPlan): Promise<TestWorld> {
  const world = new TestWorld({ ...EXECUTOR, exits: { ...OWNED, default: plan } });
  world.account.setPrice("AAPL", decimal("100"));
  world.buy("AAPL", "3");
  world.account.setPrice("AAPL", decimal("90"));
  await world.open();
  await world.advance(60_000);
  return world;
}

test("an adopted position that is beyond the default stop already is not sold for that, and told once", async () => {
  const world = await adopting(STOP_2_PERCENT);
  assert.equal(qty(world), "3");
  assert.deepEqual(openMatters(world), ["unprotected_position stop_reached"]);
  await world.restart();
  await price(world, "85");
  await world.advance(600_000);
  assert.equal(qty(world), "3");
  const told = (await recorded(world, "alert_raised")).map(
    ({ payload }) => (payload as { kind: string }).kind,
  );
  assert.equal(told.filter((kind) => kind === "unprotected_position").length, 1);
  const plan = { stop: { price: decimal("80") } };
  await world.session.setExitPlan({ instrument: "AAPL", leg: "net", strategy: null, plan }, "ann");
  assert.deepEqual(armed(world), [["unattributed", "3", "80"]]);
  await price(world, "79");
  assert.equal(qty(world), "0");
});

test("an adopted position's default stop is armed when the price is back, and sells from then on", async () => {
  const world = await adopting(STOP_2_PERCENT);
  await price(world, "99");
  await world.advance(60_000);
  assert.deepEqual(armed(world), [["unattributed", "3", "98"]]);
  assert.deepEqual(openMatters(world), []);
  await world.restart();
  await price(world, "97");
  assert.equal(qty(world), "0");
});

test("an adopted position is not sold either for a default target that is reached, or a time that is over", async () => {
  const target = await adopting({ stop: { ratio: decimal("0.5") }, target: { ratio: decimal("0.01") } });
  assert.deepEqual(armed(target), [["unattributed", "3", "50"]]);
  const world = new TestWorld({
    ...EXECUTOR,
    exits: { ...OWNED, default: { stop: { ratio: decimal("0.5") }, target: { ratio: decimal("0.01") } } },
  });
  world.account.setPrice("AAPL", decimal("100"));
  world.buy("AAPL", "3");
  world.account.setPrice("AAPL", decimal("120"));
  await world.open();
  await world.advance(60_000);
  assert.equal(qty(world), "3");
  assert.deepEqual(openMatters(world), ["unprotected_position stop_reached"]);
});

test("a stop that was armed sells after a gap while trueup was down, and a default one on an own order's position too", async () => {
  const world = new TestWorld({ ...EXECUTOR, exits: { ...OWNED, default: STOP_2_PERCENT } });
  await world.open();
  world.account.setPrice("AAPL", decimal("100"));
  await world.session.submit(buying("i-1"), "bot");
  await world.advance(1_000);
  assert.deepEqual(armed(world), [["grid", "10", "98"]]);
  world.runtime.clear();
  world.venue.disconnect();
  world.account.setPrice("AAPL", decimal("90"));
  await world.restart();
  await world.advance(30_000);
  assert.equal(qty(world), "0");
});

test("while no price is known an adopted position's default stop waits, and that is told when it lasts", async () => {
  const world = new TestWorld({ ...EXECUTOR, exits: { ...OWNED, default: STOP_2_PERCENT } });
  world.account.setPrice("AAPL", decimal("100"));
  world.buy("AAPL", "3");
  world.account.setPrice("AAPL", decimal("90"));
  const session = await world.open(false);
  session.prices.priceOf = () => undefined;
  await world.session.pass("test", true);
  assert.deepEqual(openMatters(world), []);
  await world.advance(60_000);
  assert.deepEqual(armed(world), []);
  assert.deepEqual(openMatters(world), ["unprotected_position price_stale"]);
});

test("a share that was set off against another's keeps its order's plan when the position turns to its side", async () => {
  const world = await holding({ stop: { price: decimal("90") } });
  const short = { side: "sell", qty: decimal("4"), strategy: "trend" } as const;
  await world.session.submit(buying("i-2", { stop: { price: decimal("110") } }, short), "bot");
  await world.advance(1_000);
  assert.deepEqual(armed(world), [["grid", "6", "90"]]);
  await world.session.submit(buying("i-3", undefined, { side: "sell" }), "bot");
  await world.advance(30_000);
  assert.deepEqual(openMatters(world), []);
  assert.deepEqual(armed(world), [["trend", "4", "110"]]);
  await assertFolded(world);
  await price(world, "110");
  assert.equal(qty(world), "0");
});

test("the times of a plan that came with an addition count from the addition's own fill", async () => {
  const world = await holding({ timeStopMs: 36_000_000 });
  await world.advance(7_300_000);
  await world.session.submit(buying("i-2", { timeStopMs: 7_200_000 }), "bot");
  await world.advance(1_000);
  assert.equal(qty(world), "20");
  await world.advance(7_180_000);
  assert.equal(qty(world), "20");
  await world.advance(20_000);
  assert.equal(qty(world), "0");
});

test("a market order whose stop, or target, the price has reached already is refused while a fresh price is known", async () => {
  const world = await holding({ stop: { price: decimal("90") } });
  const sent = async (intentId: string, exit: ExitPlan, more: Partial<OrderIntent> = {}) => {
    const { code, reasons } = await world.session.submit(
      buying(intentId, exit, { strategy: "trend", ...more }),
      "bot",
    );
    return { code, reason: reasons.join() };
  };
  const beyond = { stop: { price: decimal("110") } };
  const refused = await sent("i-2", beyond);
  assert.equal(refused.code, "bad_order");
  assert.match(refused.reason, /stop 110 of a long position must be below the price now, 100/);
  assert.equal((await sent("i-3", { target: { price: decimal("100") } })).code, "bad_order");
  assert.equal((await sent("i-4", { stop: { price: decimal("100") } }, { side: "sell" })).code, "bad_order");
  // A stop order trades at its trigger, not now.
  const waiting = { type: "stop", triggerPrice: decimal("120") } as const;
  assert.equal((await sent("i-5", beyond, waiting)).code, null);
  world.session.prices.priceOf = () => undefined;
  assert.equal((await sent("i-6", beyond)).code, null);
});

test("an exit whose order the venue shows as filled in part, and never tells what for, is told: nothing closes the rest", async () => {
  const world = await holding(STOP_2_PERCENT);
  const { venue } = world;
  const history = venue.history.bind(venue);
  venue.history = async (from) => {
    const { fills, ...rest } = await history(from);
    const { coverage: _, ...told } = fills ?? { quality: "complete" as const, rows: [] };
    return { ...rest, fills: { ...told, rows: told.rows.filter(({ side }) => side === "buy") } };
  };
  venue.misbehave({ isStreamSilent: true });
  const submit = venue.submit.bind(venue);
  venue.submit = (command) => submit({ ...command, qty: decimal("4") });
  const order = venue.order.bind(venue);
  venue.order = async (query) => {
    const found = await order(query);
    if (found.kind !== "row" || found.row.side !== "sell") return found;
    const { avgPrice: _, ...row } = found.row;
    return { kind: "row", row: { ...row, qty: decimal("10"), status: "canceled" } };
  };
  await price(world, "97");
  assert.ok(!openMatters(world).includes("unprotected_position exit_blocked"));
  await world.advance(60_000);
  assert.equal(sells(world).length, 1);
  assert.deepEqual(openMatters(world).sort(), [
    "order_mismatch no_price",
    "unprotected_position exit_blocked",
  ]);
  const told = async () =>
    (await recorded(world, "alert_raised")).filter(({ payload }) =>
      /has come to no end/.test((payload as { text?: string }).text ?? ""),
    ).length;
  const first = await told();
  assert.ok(first > 0);
  await world.advance(600_000);
  assert.ok((await told()) < first + 4);
  assert.equal(sells(world).length, 1);
});

test("an exit of a strategy that the configuration no longer has sells its own share, not what is nobody's", async () => {
  const world = await holding({ stop: { price: decimal("90") } });
  world.buy("AAPL", "5");
  await world.advance(30_000);
  Object.assign(world.policy, { strategies: { trend: "t-" } });
  await world.restart();
  await world.advance(30_000);
  assert.deepEqual(armed(world), [["grid", "10", "90"]]);
  await price(world, "90");
  await world.advance(30_000);
  const lots = world.session.book.ledgers.get(positionKey("AAPL", "net"))?.lots ?? new Map();
  assert.deepEqual(
    [...lots].map(([strategy, { qty: held }]) => [strategy, held]),
    [["unattributed", "5"]],
  );
  assert.equal(sells(world).length, 1);
});
