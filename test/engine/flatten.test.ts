// Closing positions by a person's plan: what it shows, whom it takes the word of, what it sends through every gate, what it
// never sends, and that only a read is proof.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, type OrderIntent } from "../../src/core/index.ts";
import type { Flattened, FlattenPlan } from "../../src/engine/index.ts";
import { settled } from "../support/stub-venue.ts";
import { TestWorld } from "../support/world.ts";

const ANN = { by: "ann", confirm: "test" };

/** Ten shares of X and minus four of Y, in an account beside a bot: it has no limits and sends no orders through trueup. */
async function holding(policy: ConstructorParameters<typeof TestWorld>[0] = {}): Promise<TestWorld> {
  const world = new TestWorld(policy);
  world.account.setPrice("X", decimal("100"));
  world.account.setPrice("Y", decimal("50"));
  world.buy("X", "10");
  world.sell("Y", "4");
  await world.open();
  await world.advance(30_000);
  return world;
}

/** Runs it while time goes by. */
async function ended<T>(world: TestWorld, work: Promise<T>): Promise<T> {
  let isOver = false;
  const watched = work.finally(() => {
    isOver = true;
  });
  watched.catch(() => undefined);
  for (let turn = 0; turn < 400 && !isOver; turn += 1)
    await world.runtime.advance(250, async () => undefined);
  return watched;
}

async function flatten(world: TestWorld, plan: FlattenPlan, given = ANN): Promise<Flattened> {
  return ended(world, world.session.flatten(plan, given));
}

const heldAtVenue = (world: TestWorld) =>
  world.account.positionRows().map(({ instrument, qty }) => `${instrument} ${qty}`);
const sent = async (world: TestWorld) =>
  (await world.records()).flatMap(({ kind, payload }) =>
    kind === "intent_recorded" && payload.intent.action === "submit"
      ? [`${payload.intent.side} ${payload.intent.qty} ${payload.intent.instrument}`]
      : [],
  );
const resting = (world: TestWorld, side: "buy" | "sell", price: string, reduceOnly = false) =>
  world.account.submit({
    instrument: "X",
    side,
    type: "limit",
    qty: decimal("10"),
    price: decimal(price),
    ...(reduceOnly && { reduceOnly }),
  });

test("[R10][H09] a plan shows account, venue, environment and each position with side, quantity and notional; nothing is traded", async () => {
  const world = await holding();
  resting(world, "sell", "120", true);
  await world.advance(15_000);
  const plan = await world.session.planFlatten(null);
  const { account, venue, environment, venueAccountId, legs, problems } = plan;
  assert.deepEqual([account, venue, environment, venueAccountId], ["test", "paper", "paper", "paper-1"]);
  assert.deepEqual(
    legs.map(({ instrument, side, qty, notional, orders }) => [
      instrument,
      side,
      qty,
      notional,
      orders.length,
    ]),
    [
      ["X", "sell", "10", "1000", 1],
      ["Y", "buy", "4", "200", 0],
    ],
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(heldAtVenue(world), ["X 10", "Y -4"]);
  assert.deepEqual(await sent(world), []);
  assert.deepEqual(
    (await world.session.planFlatten("Y")).legs.map(({ instrument }) => instrument),
    ["Y"],
  );
});

test("[R10] a plan that a person confirmed closes everything in any gate, and a complete read is the proof", async () => {
  for (const gate of ["open", "reduce_only", "halted", "killed"] as const) {
    const world = await holding();
    if (gate === "killed") await world.session.kill("runaway", "ann", false);
    else if (gate !== "open") await world.session.setGate(gate, null, "look", "ann");
    const done = await flatten(world, await world.session.planFlatten(null));
    assert.equal(done.isFlat, true, gate);
    assert.deepEqual([done.isRepeat, done.others], [false, []]);
    assert.deepEqual(
      done.legs.map(({ instrument, closedQty, heldQty, why }) => [instrument, closedQty, heldQty, why]),
      [
        ["X", "10", "0", null],
        ["Y", "4", "0", null],
      ],
    );
    assert.deepEqual(heldAtVenue(world), [], gate);
    assert.deepEqual((await sent(world)).sort(), ["buy 4 Y", "sell 10 X"]);
  }
});

test("[R10] a bot's order is still held back while a plan closes positions", async () => {
  const world = await holding({ mode: "executor" });
  await world.session.kill("runaway", "ann", false);
  const intent: OrderIntent = {
    intentId: "bot-1",
    instrument: "X",
    leg: "net",
    side: "sell",
    type: "market",
    qty: decimal("10"),
    timeInForce: "gtc",
    reduceOnly: true,
    strategy: "unattributed",
  };
  const plan = await world.session.planFlatten("Y");
  const [bot] = await Promise.all([world.session.submit(intent, "bot"), flatten(world, plan)]);
  assert.equal(bot.code, "gate_closed");
  assert.deepEqual(heldAtVenue(world), ["X 10"]);
});

test("[H09] without the account's own name nothing is closed; nor where the account only observes, nor after a minute", async () => {
  const world = await holding();
  const plan = await world.session.planFlatten(null);
  for (const confirm of [null, "", "other", "TEST"]) {
    await assert.rejects(world.session.flatten(plan, { by: "ann", confirm }), { code: "plan_not_confirmed" });
  }
  await assert.rejects(
    world.session.flatten({ ...plan, account: "other" }, { by: "ann", confirm: "other" }),
    {
      code: "plan_of_other_account",
    },
  );
  await world.advance(61_000);
  await assert.rejects(world.session.flatten(plan, ANN), { code: "plan_expired" });
  const observed = await holding({ observe: true });
  const other = await observed.session.planFlatten(null);
  await assert.rejects(observed.session.flatten(other, ANN), { code: "observing" });
  assert.deepEqual([heldAtVenue(world).length, heldAtVenue(observed).length], [2, 2]);
});

test("[X04] the same plan twice, at once or later, is carried out once and tells its first result", async () => {
  const world = await holding();
  const plan = await world.session.planFlatten(null);
  const [first, second] = await ended(
    world,
    Promise.all([world.session.flatten(plan, ANN), world.session.flatten(plan, ANN)]),
  );
  assert.deepEqual([first.isRepeat, second.isRepeat], [false, true]);
  world.buy("X", "3");
  await world.advance(3_600_000);
  const third = await world.session.flatten(plan, ANN);
  assert.deepEqual(third, { ...first, isRepeat: true });
  assert.deepEqual(heldAtVenue(world), ["X 3"]);
  await world.restart();
  assert.deepEqual(await world.session.flatten(plan, ANN), { ...first, isRepeat: true });
  assert.equal((await sent(world)).length, 2);
});

test("[R10] orders that work on a position go first, stops too, and are seen to be gone before it is closed", async () => {
  const world = await holding();
  resting(world, "sell", "120", true);
  resting(world, "buy", "80");
  await world.advance(15_000);
  const done = await flatten(world, await world.session.planFlatten("X"));
  assert.equal(done.isFlat, true);
  const kinds = (await world.records()).flatMap(({ kind, payload }) =>
    kind === "order_sent" ? [payload.action] : [],
  );
  assert.deepEqual(kinds, ["cancel", "cancel", "submit"]);
  assert.deepEqual(heldAtVenue(world), ["Y -4"]);
});

test("[R10] while an order that may still trade cannot be cancelled nothing is sent, and it is named", async () => {
  const world = await holding();
  resting(world, "sell", "120", true);
  await world.advance(15_000);
  const plan = await world.session.planFlatten("X");
  world.venue.cancel = async () => ({ kind: "unknown", reason: "no answer" });
  const done = await flatten(world, plan);
  assert.equal(done.isFlat, false);
  assert.match(done.legs[0]?.why ?? "", /may still trade on it$/);
  assert.deepEqual(await sent(world), []);
  assert.deepEqual(heldAtVenue(world), ["X 10", "Y -4"]);
});

test("[X15] a plan that ends with something held is told, with what is held and why; one that ends flat is not", async () => {
  const world = await holding();
  const told = async () =>
    (await world.records()).flatMap((record) =>
      record.kind === "alert_raised" && record.payload.kind === "persistent_desync" ? [record.payload] : [],
    );
  await flatten(world, await world.session.planFlatten("Y"));
  assert.deepEqual(await told(), []);
  resting(world, "sell", "120", true);
  await world.advance(15_000);
  const plan = await world.session.planFlatten("X");
  world.venue.cancel = async () => ({ kind: "unknown", reason: "no answer" });
  await flatten(world, plan);
  const [alert, ...others] = await told();
  assert.deepEqual([alert?.subject, alert?.evidence, others], ["X", [plan.id], []]);
  assert.match(alert?.text ?? "", /not all is proven flat: 10 X \(.*may still trade on it\)/);
});

test("[R5] an order of the plan whose outcome is not known is not sent a second time", async () => {
  const world = await holding();
  const plan = await world.session.planFlatten("X");
  world.venue.misbehave({ isRequestLost: true, isDown: false });
  world.venue.order = async () => ({ kind: "unknown", problem: "no answer" });
  const done = await flatten(world, plan);
  assert.equal(done.isFlat, false);
  assert.match(done.legs[0]?.why ?? "", /is unknown$/);
  assert.deepEqual(await sent(world), ["sell 10 X"]);
});

test("[R10] an answer that is lost is found by reading: flat is flat", async () => {
  const world = await holding();
  const plan = await world.session.planFlatten(null);
  world.venue.misbehave({ isAnswerLost: true });
  const done = await flatten(world, plan);
  assert.equal(done.isFlat, true);
  assert.deepEqual(heldAtVenue(world), []);
});

test("[R10] what was sold meanwhile is not sold again, and what was bought since is not part of the plan", async () => {
  const world = await holding();
  const plan = await world.session.planFlatten("X");
  world.sell("X", "7");
  const less = await flatten(world, plan);
  assert.deepEqual([less.isFlat, await sent(world)], [true, ["sell 3 X"]]);
  const more = await holding();
  const before = await more.session.planFlatten("X");
  more.buy("X", "5");
  const done = await flatten(more, before);
  assert.equal(done.isFlat, false);
  assert.match(done.legs[0]?.why ?? "", /more is held than was planned/);
  assert.deepEqual([await sent(more), heldAtVenue(more)], [["sell 10 X"], ["X 5", "Y -4"]]);
});

test("[R10] a position that has turned round since is left alone: no order ever crosses zero", async () => {
  const world = await holding();
  const plan = await world.session.planFlatten("X");
  world.sell("X", "12");
  const done = await flatten(world, plan);
  assert.equal(done.isFlat, false);
  assert.match(done.legs[0]?.why ?? "", /turned round/);
  assert.deepEqual([await sent(world), heldAtVenue(world)], [[], ["X -2", "Y -4"]]);
});

test("[R10] what the venue refuses is named, and tried no further than a few times", async () => {
  const world = await holding();
  const plan = await world.session.planFlatten("X");
  world.venue.submit = async () => ({ kind: "rejected", sent: true, reason: "the market is closed" });
  const done = await flatten(world, plan);
  assert.equal(done.isFlat, false);
  assert.match(done.legs[0]?.why ?? "", /refused 4 orders, the last: the market is closed/);
  assert.equal((await sent(world)).length, 4);
});

test("[R10] closed without a complete read is not proven", async () => {
  const world = await holding();
  const plan = await world.session.planFlatten("X");
  const submit = world.venue.submit.bind(world.venue);
  world.venue.submit = async (command) => {
    const answer = await submit(command);
    world.venue.misbehave({ isDown: true });
    return answer;
  };
  const done = await flatten(world, plan);
  assert.deepEqual([done.isFlat, done.legs[0]?.isFlat], [false, false]);
  assert.match(done.legs[0]?.why ?? "", /no complete read shows it/);
});

test("[R10] what was opened elsewhere since the plan was made is named beside it", async () => {
  const world = await holding();
  const plan = await world.session.planFlatten(null);
  world.account.setPrice("Z", decimal("7"));
  world.buy("Z", "2");
  const done = await flatten(world, plan);
  assert.deepEqual([done.isFlat, done.others], [true, ["Z 2"]]);
});

test("[R10] a plan that a crash cut off is finished when it is asked for again, with no order sent twice", async () => {
  const world = await holding();
  const plan = await world.session.planFlatten(null);
  const submit = world.venue.submit.bind(world.venue);
  world.venue.submit = () => Promise.withResolvers<never>().promise;
  world.session.flatten(plan, ANN).catch(() => undefined);
  await world.runtime.advance(2_000, settled);
  assert.equal((await sent(world)).length, 2);
  world.venue.submit = submit;
  await ended(world, world.restart());
  await world.advance(120_000);
  const done = await flatten(world, plan);
  assert.deepEqual([done.isFlat, done.isRepeat], [true, false]);
  assert.deepEqual(heldAtVenue(world), []);
  const ids = (await world.records()).flatMap(({ kind, payload }) =>
    kind === "intent_recorded" && payload.intent.action === "submit" ? [payload.intent.intentId] : [],
  );
  assert.equal(new Set(ids).size, ids.length);
});

test("[R10] while another account answers nothing is closed: there the order would open", async () => {
  const world = await holding();
  world.venue.misbehave({ isOtherAccount: true });
  await world.advance(20_000);
  const done = await flatten(world, await world.session.planFlatten("X"));
  assert.equal(done.isFlat, false);
  assert.match(done.legs[0]?.why ?? "", /answered for account paper-1-other/);
  assert.deepEqual(await sent(world), []);
});

test("[R10] a venue without reduce-only orders is sent nothing by a book that no read has confirmed", async () => {
  const world = await holding();
  const { commands } = world.venue.capabilities;
  const capabilities = { ...world.venue.capabilities, commands: { ...commands, reduceOnlyFlag: false } };
  Object.assign(world.venue, { capabilities });
  world.runtime.clear();
  world.venue.disconnect();
  world.sell("X", "10");
  const [snapshot, history] = [world.venue.snapshot.bind(world.venue), world.venue.history.bind(world.venue)];
  const failed = { quality: "unavailable", rows: [], problem: "HTTP 500" } as const;
  world.venue.snapshot = async () => ({ ...(await snapshot()), positions: failed });
  world.venue.history = async (fromMs) => ({ ...(await history(fromMs)), fills: failed });
  await world.open();
  const plan = await world.session.planFlatten("X");
  const done = await flatten(world, plan);
  assert.equal(done.isFlat, false);
  assert.match(done.legs[0]?.why ?? "", /the venue has not said what is held/);
  assert.deepEqual(await sent(world), []);
  assert.deepEqual(heldAtVenue(world), ["Y -4"]);
});

test("[R10] what closes positions after a kill of all orders is not cancelled by it, however long it works", async () => {
  const world = await holding();
  await world.session.kill("runaway", "ann", true);
  await world.advance(1_000);
  world.venue.submit = async (command) => {
    const rests = { ...command, type: "limit", price: decimal("500"), timeInForce: "gtc" } as const;
    return world.account.submit({ ...rests, qty: command.qty ?? decimal("0") });
  };
  const done = await flatten(world, await world.session.planFlatten("X"));
  assert.equal(done.isFlat, false);
  assert.deepEqual(await sent(world), ["sell 10 X"]);
  assert.deepEqual(
    world.account.state.orders.filter(({ status }) => status === "open").map(({ side }) => side),
    ["sell"],
  );
  // Killed once more, it goes with all the others.
  await world.session.kill("still", "ann", true);
  await world.advance(1_000);
  assert.deepEqual(
    world.account.state.orders.filter(({ status }) => status === "open"),
    [],
  );
});
