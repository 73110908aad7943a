// Exits at work: armed from what is held, sent when the price or the time says so, once for each quantity, and never on
// the other side of zero.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import {
  type AccountPolicy,
  decimal,
  type ExitPlan,
  type ExitPolicy,
  type OrderIntent,
  POLICY_DEFAULT,
  positionKey,
  positionQty,
  toState,
} from "../../src/core/index.ts";
import type { CommandOutcome } from "../../src/venues/index.ts";
import { TestWorld } from "../support/world.ts";

const OWNED: ExitPolicy = {
  owns: true,
  mode: "managed",
  default: null,
  strategies: {},
  backstopRatio: null,
};
const NO_LIMITS = {
  orderValueMax: null,
  positionValueMax: null,
  exposureMax: null,
  openOrdersMax: null,
  ordersPerMinuteMax: null,
};
const EXECUTOR: Partial<AccountPolicy> = {
  mode: "executor",
  limits: NO_LIMITS,
  exits: OWNED,
  kinds: {
    ...POLICY_DEFAULT.kinds,
    unprotected_position: "escalate",
    foreign_exit_order: "escalate",
  },
};
const STOP_2_PERCENT: ExitPlan = { stop: { ratio: decimal("0.02") } };

async function market(exits: Partial<ExitPolicy> = {}): Promise<TestWorld> {
  const world = new TestWorld({ ...EXECUTOR, exits: { ...OWNED, ...exits } });
  await world.open();
  world.account.setPrice("AAPL", decimal("100"));
  return world;
}

function buying(intentId: string, exit?: ExitPlan, more: Partial<OrderIntent> = {}): OrderIntent {
  return {
    intentId,
    instrument: "AAPL",
    leg: "net",
    side: "buy",
    type: "market",
    qty: decimal("10"),
    timeInForce: "day",
    reduceOnly: false,
    strategy: "grid",
    ...(exit && { exit }),
    ...more,
  };
}

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

function open(world: TestWorld): string[] {
  return [...world.session.book.discrepancies.values()].map(({ kind, code }) => `${kind} ${code}`);
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
  assert.deepEqual(open(world), []);
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
  assert.deepEqual(open(world), []);
  const bare = new TestWorld(EXECUTOR);
  bare.account.setPrice("AAPL", decimal("100"));
  bare.buy("AAPL", "3");
  await bare.open();
  await bare.advance(60_000);
  assert.deepEqual(open(bare), ["unprotected_position no_plan"]);
  const refused = await bare.session.submit(buying("i-1"), "bot");
  assert.equal(refused.code, "gate_closed");
  const told = (await recorded(bare, "alert_raised")).map(
    ({ payload }) => (payload as { kind: string }).kind,
  );
  assert.deepEqual(told, ["unprotected_position"]);
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
  assert.deepEqual(open(world), ["unprotected_position no_plan"]);
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
  assert.deepEqual(open(world), ["unprotected_position exit_failing"]);
  world.venue.submit = submit;
  await world.advance(120_000);
  assert.equal(qty(world), "0");
  assert.equal(sells(world).length, 1);
  assert.deepEqual(open(world), []);
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

test("[D4] a bracket's child that somebody else placed is named, and nothing is done to it", async () => {
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
  assert.deepEqual(open(world), ["foreign_exit_order foreign"]);
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
