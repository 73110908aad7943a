// Orders that are sent through trueup: written down before they leave, sent once, and found out about where the
// venue's answer is lost, late or wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import {
  type AccountLimits,
  type AccountPolicy,
  clientOrderIdOf,
  decimal,
  type OrderIntent,
  orderStatus,
  POLICY_DEFAULT,
  positionKey,
  positionQty,
  toState,
  UNLIMITED,
} from "../../src/core/index.ts";
import { MemoryMirror } from "../../src/mirrors/memory/index.ts";
import type { CommandOutcome } from "../../src/venues/index.ts";
import { buying as buyingTen } from "../support/exit-world.ts";
import { TestWorld } from "../support/world.ts";

const EXECUTOR: Partial<AccountPolicy> = { mode: "executor", limits: UNLIMITED };

async function market(policy: Partial<AccountPolicy> = {}): Promise<TestWorld> {
  const world = new TestWorld({ ...EXECUTOR, ...policy });
  await world.open();
  world.account.setPrice("AAPL", decimal("100"));
  return world;
}

function buying(intentId: string, more: Partial<OrderIntent> = {}): OrderIntent {
  return buyingTen(intentId, undefined, { qty: decimal("2"), strategy: "unattributed", ...more });
}

const resting = (intentId: string) => buying(intentId, { type: "limit", price: decimal("90") });

async function kinds(world: TestWorld): Promise<string[]> {
  return (await world.records()).map(({ kind }) => kind);
}

function atVenue(world: TestWorld): number {
  return world.account.state.orders.length;
}

async function assertFolded(world: TestWorld): Promise<void> {
  await world.session.whenIdle();
  assert.deepEqual(toState(world.session.book), await world.replayed());
}

test("[R16] an intent is durable before the order leaves, and its client order id follows from it", async () => {
  const world = await market();
  let durable: string[] = [];
  const { submit } = world.venue;
  world.venue.submit = async (command) => {
    durable = await kinds(world);
    assert.equal(command.clientOrderId, clientOrderIdOf("test", world.policy, "i-1", null));
    return submit.call(world.venue, command);
  };
  const result = await world.session.submit(buying("i-1"), "bot");
  assert.equal(durable.includes("intent_recorded"), true);
  assert.deepEqual(
    [result.outcome, result.isSent, result.code, result.isRepeat],
    ["accepted", true, null, false],
  );
  await world.advance(15_000);
  assert.equal(positionQty(world.session.book, positionKey("AAPL", "net")), "2");
  await assertFolded(world);
});

test("the same intent is the same order: said twice, together or after a restart, it is sent once", async () => {
  const world = await market();
  const both = await Promise.all([
    world.session.submit(buying("i-1"), "bot"),
    world.session.submit(buying("i-1"), "bot"),
  ]);
  assert.deepEqual(
    both.map(({ outcome, isRepeat }) => [outcome, isRepeat]),
    [
      ["accepted", false],
      ["accepted", true],
    ],
  );
  const again = await (await world.restart()).submit(buying("i-1"), "bot");
  assert.deepEqual([again.outcome, again.isRepeat, again.order?.status], ["accepted", true, "filled"]);
  assert.equal(atVenue(world), 1);
});

test("an intent id that asks for something else is a conflict, and nothing is sent", async () => {
  const world = await market();
  await world.session.submit(buying("i-1"), "bot");
  for (const other of [{ qty: decimal("3") }, { instrument: "MSFT" }, { side: "sell" as const }]) {
    const result = await world.session.submit(buying("i-1", other), "bot");
    assert.deepEqual([result.outcome, result.code, result.isSent], ["rejected", "intent_conflict", false]);
  }
  assert.equal(atVenue(world), 1);
});

test("[R5] an order whose answer is lost is found by its client order id and never sent again", async () => {
  const world = await market();
  world.venue.misbehave({ isAnswerLost: true });
  const result = await world.session.submit(resting("i-1"), "bot");
  assert.equal(result.outcome, "accepted");
  world.venue.misbehave({});
  await world.advance(60_000);
  assert.equal(atVenue(world), 1);
  assert.deepEqual([...world.session.book.discrepancies.values()], []);
  assert.deepEqual(world.session.book.gate, { account: [], instruments: {} });
  await assertFolded(world);
});

test("[R5] a look-up that is answered with another order's row says nothing of the one that was asked for", async () => {
  for (const change of [{}, { instrument: "MSFT" }, { venueOrderId: "o-9", clientOrderId: "of-somebody" }]) {
    const world = await market();
    const first = await world.session.submit(resting("i-1"), "bot");
    const other = world.account.state.orders[0];
    assert.ok(other);
    world.venue.misbehave({ isRequestLost: true });
    world.venue.order = async () => ({ kind: "row", row: { ...other, ...change } });
    const second = await world.session.submit(resting("i-2"), "bot");
    assert.deepEqual([first.outcome, second.outcome], ["accepted", "unknown"]);
    assert.equal(second.order?.venueOrderId, null);
    await assertFolded(world);
  }
});

test("[R5][R7] a look-up that tells of an end and of fills that are not booked yet does not end the order (seed 972000870)", async () => {
  for (const [filledQty, status] of [
    ["1", "open"],
    ["0", "canceled"],
  ] as const) {
    const world = await market();
    world.venue.misbehave({ isRequestLost: true });
    world.venue.order = async ({ instrument, clientOrderId = "" }) => ({
      kind: "row",
      row: {
        instrument,
        clientOrderId,
        venueOrderId: "o-9",
        side: "buy",
        type: "limit",
        qty: decimal("2"),
        filledQty: decimal(filledQty),
        status: "canceled",
      },
    });
    const { order } = await world.session.submit(resting("i-1"), "bot");
    assert.deepEqual([order?.venueOrderId, order?.status], ["o-9", status]);
    await assertFolded(world);
  }
});

test("[R5] an order that never arrived ends by look-ups after its time, and until then counts and gates", async () => {
  const world = await market({ limits: { ...UNLIMITED, positionValueMax: decimal("300") } });
  world.venue.misbehave({ isRequestLost: true });
  const result = await world.session.submit(buying("i-1"), "bot");
  assert.deepEqual([result.outcome, result.order?.status], ["unknown", "unknown"]);
  world.venue.misbehave({});
  // 2 of i-1 may still be bought: 4 would be worth more than the owner allows.
  const next = await world.session.submit(buying("i-2"), "bot");
  assert.deepEqual([next.outcome, next.code], ["rejected", "limit_exceeded"]);
  await world.advance(500);
  assert.equal((await world.session.submit(buying("i-1"), "bot")).outcome, "unknown");
  await world.advance(30_000);
  const ended = await world.session.submit(buying("i-1"), "bot");
  assert.deepEqual([ended.outcome, ended.isRepeat, ended.order?.status], ["rejected", true, "rejected"]);
  assert.equal(ended.code, "never_arrived");
  assert.match(ended.reasons.join("; "), /^the venue never had it: /);
  assert.equal(atVenue(world), 0);
  await assertFolded(world);
});

test("[R3] the pass that finds an order never to have arrived compares what was in flight for it", async () => {
  const mirror = new MemoryMirror({ name: "bot", rows: [] });
  const world = new TestWorld(EXECUTOR);
  world.mirrors = [mirror];
  world.account.setPrice("AAPL", decimal("100"));
  world.buy("AAPL", "2");
  await world.open();
  await world.advance(60_000);
  assert.equal(mirror.held.length, 1);
  mirror.set([]);
  world.venue.misbehave({ isRequestLost: true });
  const { order: sent } = await world.session.submit(resting("i-1"), "bot");
  world.venue.misbehave({});
  const seen = () => [...world.session.book.discrepancies.values()].map(({ of, kind }) => [of, kind]);
  assert.deepEqual(seen(), [], "nobody knows yet what the order has done");
  await world.advance(15_000);
  const ended = [...world.session.book.orders.values()].find(
    ({ clientOrderId }) => clientOrderId === sent?.clientOrderId,
  );
  assert.equal(ended && orderStatus(ended), "rejected");
  assert.deepEqual(seen(), [["bot", "missing_position"]]);
  await assertFolded(world);
});

test("[R5] an acceptance that comes after the order was given up adopts it", async () => {
  const world = await market();
  const late = Promise.withResolvers<CommandOutcome>();
  world.venue.submit = () => late.promise;
  const submitted = world.session.submit(resting("i-1"), "bot");
  await world.advance(20_000);
  assert.equal((await submitted).outcome, "unknown");
  // On its way for a minute at most; then two look-ups that find nothing end it.
  await world.advance(240_000);
  assert.equal((await world.session.submit(resting("i-1"), "bot")).order?.status, "rejected");
  const clientOrderId = clientOrderIdOf("test", world.policy, "i-1", null);
  late.resolve(
    world.account.submit({
      instrument: "AAPL",
      side: "buy",
      type: "limit",
      qty: decimal("2"),
      price: decimal("90"),
      clientOrderId,
    }),
  );
  await world.advance(30_000);
  const adopted = await world.session.submit(resting("i-1"), "bot");
  assert.deepEqual([adopted.outcome, adopted.order?.status], ["accepted", "open"]);
  await assertFolded(world);
});

test("a late acceptance does not bring back an order that has filled or was cancelled meanwhile", async () => {
  for (const end of ["fill", "cancel"]) {
    const world = await market();
    const { submit } = world.venue;
    const held = Promise.withResolvers<void>();
    world.venue.submit = async (command) => {
      const outcome = await submit.call(world.venue, command);
      await held.promise;
      return outcome;
    };
    const submitted = world.session.submit(resting("i-1"), "bot");
    await world.advance(1_000);
    const id = world.account.state.orders[0]?.venueOrderId ?? "";
    if (end === "fill") world.account.setPrice("AAPL", decimal("89"));
    else world.account.cancel({ venueOrderId: id });
    await world.session.pass("test", false);
    held.resolve();
    const result = await submitted;
    assert.equal(result.order?.status, end === "fill" ? "filled" : "canceled");
    await assertFolded(world);
  }
});

test("[R16] what a crash left without an answer is unknown after the start, and is looked up, not sent", async () => {
  const world = await market();
  world.venue.submit = async (command) => {
    const { qty, ...order } = command;
    world.account.submit({ ...order, qty: qty ?? decimal("0") });
    return Promise.withResolvers<CommandOutcome>().promise;
  };
  world.session.submit(resting("i-1"), "bot").catch(() => undefined);
  await world.advance(100);
  const session = await world.restart();
  const found = await session.submit(resting("i-1"), "bot");
  assert.deepEqual([found.outcome, found.isRepeat, found.order?.status], ["accepted", true, "open"]);
  assert.equal(atVenue(world), 1);
});

test("[R16] an intent that took too long to become durable is not sent", async () => {
  const world = await market();
  const { append } = world.journal;
  world.journal.append = async (request) => {
    const result = await append.call(world.journal, request);
    if (request.entries.some(({ draft }) => draft.kind === "intent_recorded")) {
      await new Promise<void>((resolve) => {
        world.runtime.timers.after(2_001, resolve);
      });
    }
    return result;
  };
  const submitted = world.session.submit(buying("i-1"), "bot");
  await world.runtime.advance(3_000, () => setImmediate());
  const result = await submitted;
  assert.deepEqual([result.outcome, result.code, result.isSent], ["rejected", "too_late", false]);
  world.journal.append = append;
  const again = await world.session.submit(buying("i-1"), "bot");
  assert.deepEqual([again.code, again.isSent, again.isRepeat], ["never_arrived", false, true]);
  assert.equal(atVenue(world), 0);
});

test("[R10] a kill between the decision and the sending keeps the order back, and has nothing to cancel", async () => {
  const world = await market();
  const submitted = world.session.submit(buying("i-1"), "bot");
  const killed = world.session.kill("stop", "ann", false);
  const result = await submitted;
  assert.deepEqual((await killed).canceled, []);
  assert.deepEqual([result.outcome, result.code, result.isSent], ["rejected", "gate_closed", false]);
  assert.equal(atVenue(world), 0);
});

test("[R10] a closed gate lets through what surely reduces, and nothing else", async () => {
  const world = await market();
  await world.session.submit(buying("i-1"), "bot");
  await world.advance(15_000);
  await world.session.setGate("reduce_only", null, "careful", "ann");
  const opening = await world.session.submit(buying("i-2"), "bot");
  assert.deepEqual([opening.outcome, opening.code], ["rejected", "gate_closed"]);
  const reducing = buying("i-3", { side: "sell", qty: decimal("1"), reduceOnly: true });
  assert.equal((await world.session.submit(reducing, "bot")).outcome, "accepted");
  const crossing = buying("i-4", { side: "sell", qty: decimal("5"), reduceOnly: true });
  assert.equal((await world.session.submit(crossing, "bot")).code, "gate_closed");
});

test("limits that are missing are an error, not infinity", async () => {
  const world = await market({ limits: null });
  const result = await world.session.submit(buying("i-1"), "bot");
  assert.deepEqual([result.outcome, result.code, result.isSent], ["rejected", "limits_missing", false]);
  assert.equal((await kinds(world)).includes("intent_recorded"), false);
});

const LIMITS: readonly [string, Partial<AccountLimits>, readonly Partial<OrderIntent>[], string | null][] = [
  ["an order that is worth more than allowed", { orderValueMax: decimal("199") }, [{}], "limit_exceeded"],
  ["an order that is worth just what is allowed", { orderValueMax: decimal("200") }, [{}], null],
  [
    "a position that would be worth more than allowed",
    { positionValueMax: decimal("399") },
    [{}, {}],
    "limit_exceeded",
  ],
  [
    "an exposure over several instruments",
    { exposureMax: decimal("399") },
    [{}, { instrument: "MSFT", referencePrice: decimal("100") }],
    "limit_exceeded",
  ],
  [
    "an instrument whose price nobody knows",
    { orderValueMax: decimal("1000") },
    [{ instrument: "MSFT" }],
    "no_price",
  ],
  [
    "open orders beyond the allowed number",
    { openOrdersMax: 1 },
    [
      { type: "limit", price: decimal("90") },
      { type: "limit", price: decimal("90") },
    ],
    "limit_exceeded",
  ],
  ["orders beyond the allowed number in a minute", { ordersPerMinuteMax: 2 }, [{}, {}, {}], "limit_exceeded"],
];

for (const [what, limits, orders, code] of LIMITS) {
  test(`the limits ${code === null ? "allow" : "refuse"} ${what}`, async () => {
    const world = await market({ limits: { ...UNLIMITED, ...limits } });
    let last: string | null = "none";
    for (const [index, order] of orders.entries()) {
      const result = await world.session.submit(buying(`i-${index}`, order), "bot");
      last = result.code;
      if (index < orders.length - 1) assert.equal(result.outcome, "accepted");
    }
    assert.equal(last, code);
  });
}

test("the first order in an option is worth its multiplier, before the book has ever seen the option", async () => {
  const world = new TestWorld({ ...EXECUTOR, limits: { ...UNLIMITED, orderValueMax: decimal("1000") } });
  const { instrument } = world.venue;
  world.venue.instrument = (symbol) => ({
    ...instrument.call(world.venue, symbol),
    multiplier: decimal("100"),
  });
  await world.open();
  world.account.setPrice("OPT", decimal("10"));
  const option = (qty: string) => ({ instrument: "OPT", qty: decimal(qty) });
  assert.equal((await world.session.submit(buying("i-1", option("2")), "bot")).code, "limit_exceeded");
  assert.equal((await world.session.submit(buying("i-2", option("1")), "bot")).outcome, "accepted");
});

const WORTHLESS: readonly [string, string | null, Partial<OrderIntent>, string][] = [
  ["a negative reference price", null, { referencePrice: decimal("-100") }, "bad_order"],
  ["a reference price of zero", null, { referencePrice: decimal("0") }, "bad_order"],
  ["a last price of zero", "0", {}, "no_price"],
  ["a last price below zero", "-37", {}, "no_price"],
  ["a limit to sell far below", null, { side: "sell", type: "limit", price: decimal("0.01") }, "no_price"],
  ["a trigger to buy far below", null, { type: "stop", triggerPrice: decimal("0.01") }, "no_price"],
];

for (const [what, last, order, code] of WORTHLESS) {
  test(`the limits are not got round with ${what}`, async () => {
    const limits = { ...UNLIMITED, orderValueMax: decimal("200"), exposureMax: decimal("200") };
    const world = await market({ limits });
    if (last !== null) world.session.price("MSFT", decimal(last));
    const result = await world.session.submit(
      buying("i-1", { instrument: "MSFT", qty: decimal("9999"), ...order }),
      "bot",
    );
    assert.deepEqual([result.outcome, result.code, atVenue(world)], ["rejected", code, 0]);
  });
}

test("orders that are sent together see each other: their sum passes the limits, or does not", async () => {
  const world = await market({ limits: { ...UNLIMITED, positionValueMax: decimal("500") } });
  const results = await Promise.all(["a", "b", "c"].map((id) => world.session.submit(buying(id), "bot")));
  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    ["accepted", "accepted", "rejected"],
  );
});

const BAD: readonly [string, Partial<OrderIntent>, RegExp][] = [
  ["neither a quantity nor a notional", { qty: undefined as never }, /exactly one of qty and notional/],
  ["a quantity of zero", { qty: decimal("0") }, /not above zero/],
  ["a limit order without a price", { type: "limit" }, /needs a price/],
  ["a market order with a price", { price: decimal("1") }, /no price of its own/],
  ["a stop without a trigger", { type: "stop" }, /needs a trigger price/],
  ["a leg in an account that nets", { leg: "long" }, /the account nets/],
  ["an empty intent id", { intentId: "" }, /intent id has 0 characters/],
];

for (const [what, fields, expected] of BAD) {
  test(`an order with ${what} is refused with what is allowed`, async () => {
    const world = await market();
    const result = await world.session.submit(buying("i-1", fields), "bot");
    assert.deepEqual([result.outcome, result.code, result.isSent], ["rejected", "bad_order", false]);
    assert.match(result.reasons.join(), expected);
  });
}

test("[R11] beside a bot, and while observing, nothing is sent", async () => {
  for (const [policy, code] of [
    [{ mode: "beside" }, "not_executor"],
    [{ observe: true }, "observing"],
  ] as const) {
    const world = await market(policy);
    assert.equal((await world.session.submit(buying("i-1"), "bot")).code, code);
    assert.equal(atVenue(world), 0);
  }
});

test("a strategy's orders carry its prefix, and its fills are its own", async () => {
  const world = await market({ strategies: { momentum: "mom-" } });
  const result = await world.session.submit(buying("i-1", { strategy: "momentum" }), "bot");
  assert.match(result.order?.clientOrderId ?? "", /^mom-[0-9a-f]{24}$/);
  await world.advance(15_000);
  const [fill] = [...world.session.book.fills.values()];
  assert.equal(fill?.facts.strategy, "momentum");
  const typo = await world.session.submit(buying("i-2", { strategy: "momentun" }), "bot");
  assert.match(typo.reasons.join(), /there is no strategy "momentun"; there are: momentum/);
});

test("a rejection of the venue's is told with its reason, and the order has ended", async () => {
  const world = await market();
  const sell = buying("i-1", { side: "sell", reduceOnly: true });
  const result = await world.session.submit(sell, "bot");
  assert.deepEqual([result.outcome, result.code, result.isSent], ["rejected", "venue_rejected", true]);
  assert.match(result.reasons.join(), /would open a position/);
  assert.equal(result.order?.status, "rejected");
});

test("a cancel goes out whatever the gate says, and the order is cancelled when the venue shows it", async () => {
  const world = await market();
  const open = await world.session.submit(resting("i-1"), "bot");
  await world.session.setGate("halted", null, "careful", "ann");
  const handle = { instrument: "AAPL", clientOrderId: open.order?.clientOrderId ?? "" };
  const canceled = await world.session.cancel(handle, "bot");
  assert.deepEqual([canceled.outcome, canceled.isSent], ["accepted", true]);
  await world.advance(15_000);
  const again = await world.session.cancel(handle, "bot");
  assert.deepEqual([again.outcome, again.code, again.order?.status], ["rejected", "not_active", "canceled"]);
});

test("a cancel whose answer is lost is unknown, and a pass tells what became of it", async () => {
  const world = await market();
  const open = await world.session.submit(resting("i-1"), "bot");
  const handle = { instrument: "AAPL", clientOrderId: open.order?.clientOrderId ?? "" };
  world.venue.misbehave({ isAnswerLost: true });
  assert.equal((await world.session.cancel(handle, "bot")).outcome, "unknown");
  world.venue.misbehave({});
  await world.advance(15_000);
  assert.equal((await world.session.submit(resting("i-1"), "bot")).order?.status, "canceled");
});

test("an amendment changes the order in place, once, and counts with the larger quantity while it is not known", async () => {
  const world = await market({ limits: { ...UNLIMITED, positionValueMax: decimal("900") } });
  const open = await world.session.submit(resting("i-1"), "bot");
  const handle = { instrument: "AAPL", clientOrderId: open.order?.clientOrderId ?? "" };
  const amendment = { ...handle, intentId: "a-1", qty: decimal("6") };
  const amended = await world.session.amend(amendment, "bot");
  assert.deepEqual([amended.outcome, amended.order?.qty], ["accepted", "6"]);
  assert.equal((await world.session.amend(amendment, "bot")).isRepeat, true);
  world.venue.misbehave({ isRequestLost: true });
  const lost = await world.session.amend({ ...handle, intentId: "a-2", qty: decimal("8") }, "bot");
  assert.deepEqual([lost.outcome, lost.order?.isAmending, lost.order?.qty], ["unknown", true, "6"]);
  // 8 may be open: 2 more would be worth 1000.
  assert.equal((await world.session.submit(buying("i-2"), "bot")).code, "limit_exceeded");
  world.venue.misbehave({});
  await world.advance(60_000);
  assert.deepEqual(
    [...world.session.book.orders.values()].map(({ qty, amendment: left }) => [qty, left]),
    [["6", null]],
  );
  await assertFolded(world);
});

test("amendments count among the orders of a minute, but for those that only make an order smaller", async () => {
  const world = await market({ limits: { ...UNLIMITED, ordersPerMinuteMax: 3 } });
  const placed = await world.session.submit(buying("i-1", { type: "limit", price: decimal("90") }), "bot");
  const handle = { instrument: "AAPL", clientOrderId: String(placed.order?.clientOrderId) };
  const amend = async (intentId: string, qty: string) =>
    (await world.session.amend({ ...handle, intentId, qty: decimal(qty) }, "bot")).code;
  assert.deepEqual([await amend("a-1", "8"), await amend("a-2", "9")], [null, null]);
  assert.equal(await amend("a-3", "10"), "limit_exceeded");
  assert.equal((await world.session.submit(buying("i-2", {}), "bot")).code, "limit_exceeded");
  assert.equal(await amend("a-4", "5"), null);
  await world.restart();
  assert.equal(await amend("a-5", "10"), "limit_exceeded");
  await world.advance(60_000);
  assert.equal(await amend("a-6", "10"), null);
});

test("an amendment that leaves nothing, or is of an order that has ended, is refused", async () => {
  const world = await market();
  const open = await world.session.submit(buying("i-1"), "bot");
  await world.advance(1_000);
  const handle = { instrument: "AAPL", clientOrderId: open.order?.clientOrderId ?? "" };
  const ended = await world.session.amend({ ...handle, intentId: "a-1", qty: decimal("6") }, "bot");
  assert.deepEqual([ended.code, ended.reasons], ["not_amendable", ["the order is filled"]]);
  const none = await world.session.amend(
    { instrument: "AAPL", clientOrderId: "x", intentId: "a-2", qty: decimal("1") },
    "bot",
  );
  assert.equal(none.code, "no_order");
});

test("[R5] an order that a bot sent itself and got no answer for is taken up and found out about", async () => {
  const world = new TestWorld({ ...POLICY_DEFAULT, strategies: { bot: "bot-" } });
  world.account.setPrice("AAPL", decimal("100"));
  await world.open();
  world.buy("AAPL", "2", "bot-7");
  const report = { instrument: "AAPL", clientOrderId: "bot-7", side: "buy" as const, qty: decimal("2") };
  assert.equal((await world.session.resolve(report, "bot")).outcome, "accepted");
  const lost = { ...report, clientOrderId: "bot-8" };
  assert.equal((await world.session.resolve(lost, "bot")).outcome, "unknown");
  await world.advance(40_000);
  const ended = await world.session.resolve(lost, "bot");
  assert.deepEqual([ended.outcome, ended.order?.status], ["rejected", "rejected"]);
  await assertFolded(world);
});

test("[R5] asking to cancel an order of unknown outcome again and again does not put off its end", async () => {
  const world = await market();
  world.venue.misbehave({ isDown: true });
  const { order } = await world.session.submit(resting("i-1"), "bot");
  const handle = { instrument: "AAPL", clientOrderId: order?.clientOrderId ?? "" };
  const sentAtMs = [...world.session.book.orders.values()][0]?.sentAtMs;
  for (let second = 0; second < 40; second += 10) {
    await world.session.cancel(handle, "bot");
    await world.advance(10_000);
  }
  assert.equal([...world.session.book.orders.values()][0]?.sentAtMs, sentAtMs);
  const open = [...world.session.book.discrepancies.values()].map(({ kind }) => kind);
  assert.deepEqual(open, ["unknown_order"]);
});

test("[R5] an order whose outcome nobody can learn is told within 30 s, not at whichever look comes next", async () => {
  const world = await market();
  world.venue.misbehave({ isDown: true });
  await world.session.submit(resting("i-1"), "bot");
  const open = () => [...world.session.book.discrepancies.values()].map(({ kind }) => kind);
  await world.advance(27_000);
  assert.deepEqual(open(), []);
  await world.advance(3_000);
  assert.deepEqual(open(), ["unknown_order"]);
});

test("[R5] an order of unknown outcome is told in time when our clock was set back by a little meanwhile (seed 1503864217)", async () => {
  const world = await market();
  world.venue.misbehave({ isDown: true });
  await world.session.submit(resting("i-1"), "bot");
  world.runtime.jump(-60_000);
  await world.advance(60_000);
  const open = [...world.session.book.discrepancies.values()].map(({ kind }) => kind);
  assert.deepEqual(open, ["unknown_order"]);
});

test("[R10] a gate that closes between the decision and the sending keeps a larger amendment back", async () => {
  const world = await market();
  const { order } = await world.session.submit(resting("i-1"), "bot");
  const handle = { instrument: "AAPL", clientOrderId: order?.clientOrderId ?? "" };
  const larger = world.session.amend({ ...handle, intentId: "a-1", qty: decimal("9") }, "bot");
  const held = world.session.setGate("reduce_only", null, "careful", "ann");
  const result = await larger;
  await held;
  assert.deepEqual([result.outcome, result.code, result.isSent], ["rejected", "gate_closed", false]);
  assert.equal(world.account.state.orders[0]?.qty, "2");
  const smaller = await world.session.amend({ ...handle, intentId: "a-2", qty: decimal("1") }, "bot");
  assert.equal(smaller.outcome, "accepted");
});

test("an amendment that is still on its way counts, however long the venue shows the order as it was", async () => {
  const world = await market({ limits: { ...UNLIMITED, positionValueMax: decimal("900") } });
  const { order } = await world.session.submit(resting("i-1"), "bot");
  const handle = { instrument: "AAPL", clientOrderId: order?.clientOrderId ?? "" };
  const { amend } = world.venue;
  const arrives = Promise.withResolvers<void>();
  world.venue.amend = async (command) => {
    await arrives.promise;
    return amend.call(world.venue, command);
  };
  const amending = world.session.amend({ ...handle, intentId: "a-1", qty: decimal("8") }, "bot");
  await world.advance(20_000);
  assert.equal((await amending).outcome, "unknown");
  assert.equal((await world.session.submit(resting("i-2"), "bot")).code, "limit_exceeded");
  arrives.resolve();
  await world.advance(20_000);
  assert.equal([...world.session.book.orders.values()][0]?.qty, "8");
  await assertFolded(world);
});

test("a late answer to one amendment says nothing of the next", async () => {
  const world = await market();
  const { order } = await world.session.submit(resting("i-1"), "bot");
  const handle = { instrument: "AAPL", clientOrderId: order?.clientOrderId ?? "" };
  const first = Promise.withResolvers<CommandOutcome>();
  const second = Promise.withResolvers<CommandOutcome>();
  world.venue.amend = () => first.promise;
  const lost = world.session.amend({ ...handle, intentId: "a-1", qty: decimal("3") }, "bot");
  await world.advance(120_000);
  assert.equal((await lost).outcome, "unknown");
  world.venue.amend = () => second.promise;
  const next = world.session.amend({ ...handle, intentId: "a-2", qty: decimal("9") }, "bot");
  await setImmediate();
  first.resolve({ kind: "accepted" });
  await setImmediate();
  const [held] = [...world.session.book.orders.values()];
  assert.deepEqual([held?.qty, held?.amendment?.qty], ["2", "9"]);
  second.resolve({ kind: "rejected", sent: true, reason: "too large" });
  assert.equal((await next).outcome, "rejected");
});

test("an amendment that is said again tells what became of it, not of its order", async () => {
  const world = await market();
  const { order } = await world.session.submit(resting("i-1"), "bot");
  const handle = { instrument: "AAPL", clientOrderId: order?.clientOrderId ?? "" };
  const asked = (intentId: string, qty: string) => ({ ...handle, intentId, qty: decimal(qty) });
  const { amend } = world.venue;
  world.venue.amend = async () => ({ kind: "rejected", sent: true, reason: "too large" });
  await world.session.amend(asked("a-1", "9"), "bot");
  world.venue.amend = amend;
  await world.session.amend(asked("a-2", "5"), "bot");
  world.venue.misbehave({ isRequestLost: true });
  await world.session.amend(asked("a-3", "7"), "bot");
  const told = async (intentId: string, qty: string) => {
    const { outcome, isRepeat } = await world.session.amend(asked(intentId, qty), "bot");
    return [outcome, isRepeat];
  };
  assert.deepEqual(await told("a-1", "9"), ["rejected", true]);
  assert.deepEqual(await told("a-2", "5"), ["accepted", true]);
  assert.deepEqual(await told("a-3", "7"), ["unknown", true]);
  world.venue.misbehave({});
  await world.restart();
  await world.advance(60_000);
  assert.deepEqual(await told("a-1", "9"), ["rejected", true]);
  assert.deepEqual(await told("a-2", "5"), ["accepted", true]);
  assert.deepEqual(await told("a-3", "7"), ["rejected", true]);
});

test("a read that began before an amendment was accepted does not take it back", async () => {
  const world = await market();
  const { order } = await world.session.submit(resting("i-1"), "bot");
  const handle = { instrument: "AAPL", clientOrderId: order?.clientOrderId ?? "" };
  const { snapshot } = world.venue;
  const answers = Promise.withResolvers<void>();
  world.venue.snapshot = async () => {
    const seen = await snapshot.call(world.venue);
    await answers.promise;
    return seen;
  };
  const pass = world.session.pass("test", false);
  await world.runtime.advance(1_000, () => setImmediate());
  const amended = await world.session.amend({ ...handle, intentId: "a-1", qty: decimal("9") }, "bot");
  assert.equal(amended.order?.qty, "9");
  answers.resolve();
  await pass;
  assert.equal([...world.session.book.orders.values()][0]?.qty, "9");
  await assertFolded(world);
});

test("a late acceptance does not bring back an order that a look-up found cancelled", async () => {
  const world = await market({ intervalMs: 60_000 });
  world.venue.misbehave({ isStreamSilent: true });
  const { submit } = world.venue;
  const late = Promise.withResolvers<CommandOutcome>();
  world.venue.submit = async (command) => {
    const outcome = await submit.call(world.venue, command);
    if (outcome.kind === "accepted") world.account.cancel({ clientOrderId: command.clientOrderId });
    return late.promise.then(() => outcome);
  };
  const submitted = world.session.submit(resting("i-1"), "bot");
  await world.runtime.advance(15_001, () => setImmediate());
  assert.equal((await submitted).order?.status, "canceled");
  late.resolve({ kind: "accepted" });
  await setImmediate();
  assert.equal([...world.session.book.orders.values()][0]?.observedStatus, "canceled");
});

test("whether an order has left is told as it is: kept back, refused here, or sent before a crash", async () => {
  const world = await market();
  const { submit } = world.venue;
  world.venue.submit = async () => ({ kind: "rejected", sent: false, reason: "nobody took the connection" });
  const refused = await world.session.submit(buying("i-1"), "bot");
  assert.deepEqual([refused.outcome, refused.isSent], ["rejected", false]);
  // The process dies after the order has left and before the record of that is durable.
  const { append } = world.journal;
  world.venue.submit = (command) => {
    submit.call(world.venue, command).catch(() => undefined);
    return Promise.withResolvers<CommandOutcome>().promise;
  };
  world.journal.append = (request) =>
    request.entries.some(({ draft }) => draft.kind === "order_sent")
      ? Promise.withResolvers<never>().promise
      : append.call(world.journal, request);
  world.session.submit(resting("i-2"), "bot").catch(() => undefined);
  await world.runtime.advance(100, () => setImmediate());
  assert.equal(atVenue(world), 1);
  world.journal.append = append;
  await world.restart();
  const found = await world.session.submit(resting("i-2"), "bot");
  assert.deepEqual([found.outcome, found.isSent, found.isRepeat], ["accepted", true, true]);
});

test("an order that fills while a larger amendment is unanswered is not over until the venue says so", async () => {
  const world = await market({ limits: { ...UNLIMITED, positionValueMax: decimal("900") } });
  const { order } = await world.session.submit(resting("i-1"), "bot");
  await world.advance(15_000);
  const handle = { instrument: "AAPL", clientOrderId: order?.clientOrderId ?? "" };
  // The venue fills the old quantity, takes the new one, and nobody is told of that.
  world.venue.amend = async () => {
    world.account.setPrice("AAPL", decimal("89"));
    return { kind: "unknown", reason: "no answer" };
  };
  const { snapshot } = world.venue;
  world.venue.snapshot = async () => {
    const [row] = world.account.state.orders;
    const { orders, ...seen } = await snapshot.call(world.venue);
    if (row?.status !== "filled" || !orders) return { orders, ...seen } as never;
    const amended = { ...row, qty: decimal("8"), status: "partially_filled" as const };
    return { ...seen, orders: { ...orders, rows: [amended] } };
  };
  const result = await world.session.amend({ ...handle, intentId: "a-1", qty: decimal("8") }, "bot");
  assert.deepEqual([result.outcome, result.order?.status], ["unknown", "partially_filled"]);
  assert.equal((await world.session.submit(resting("i-2"), "bot")).outcome, "accepted");
  assert.equal((await world.session.submit(resting("i-3"), "bot")).code, "limit_exceeded");
  await world.advance(60_000);
  const [held] = [...world.session.book.orders.values()];
  assert.deepEqual([held?.qty, held && orderStatus(held), held?.amendment], ["8", "partially_filled", null]);
});

test("an order that someone made larger at the venue is open again, though all that was known of it is filled", async () => {
  const world = await market();
  world.account.submit({
    instrument: "AAPL",
    side: "buy",
    type: "limit",
    qty: decimal("2"),
    price: decimal("90"),
  });
  await world.session.pass("test", false);
  const { snapshot } = world.venue;
  world.venue.snapshot = async () => {
    const { orders, ...seen } = await snapshot.call(world.venue);
    const rows = world.account.state.orders.map((row) => ({
      ...row,
      qty: decimal("8"),
      status: "partially_filled" as const,
    }));
    return { ...seen, orders: { quality: "complete" as const, ...orders, rows } };
  };
  world.account.setPrice("AAPL", decimal("89"));
  await world.advance(30_000);
  const [held] = [...world.session.book.orders.values()];
  assert.deepEqual([held?.qty, held && orderStatus(held)], ["8", "partially_filled"]);
});

test("a stop waits for every command that is under way, also for a look-up", async () => {
  const world = await market();
  const answers = Promise.withResolvers<void>();
  const { order, cancel } = world.venue;
  world.venue.order = async (query) => {
    await answers.promise;
    return order.call(world.venue, query);
  };
  world.venue.cancel = async (command) => {
    await answers.promise;
    return cancel.call(world.venue, command);
  };
  const ended: string[] = [];
  const note = (name: string) => () => ended.push(name);
  const lookedUp = world.session.resolve({ instrument: "AAPL", clientOrderId: "bot-7" }, "bot");
  const canceled = world.session.cancel({ instrument: "AAPL", clientOrderId: "bot-8" }, "bot");
  const stopped = world.session.stop().then(note("stop"));
  const told = [lookedUp.then(note("resolve")), canceled.then(note("cancel"))];
  await setImmediate();
  answers.resolve();
  await Promise.all([...told, stopped]);
  assert.equal(ended.at(-1), "stop");
  assert.deepEqual(toState(world.session.book), await world.replayed());
});

test("a late answer to an order does not let go of an amendment of it that is still on its way", async () => {
  const world = await market();
  const { submit, amend } = world.venue;
  const late = Promise.withResolvers<void>();
  world.venue.submit = async (command) => {
    const outcome = await submit.call(world.venue, command);
    await late.promise;
    return outcome;
  };
  const arrives = Promise.withResolvers<void>();
  world.venue.amend = async (command) => {
    await arrives.promise;
    return amend.call(world.venue, command);
  };
  const submitted = world.session.submit(resting("i-1"), "bot");
  await world.advance(16_000);
  const { order } = await submitted;
  const handle = { instrument: "AAPL", clientOrderId: order?.clientOrderId ?? "" };
  const amending = world.session.amend({ ...handle, intentId: "a-1", qty: decimal("8") }, "bot");
  await world.advance(1_000);
  late.resolve();
  await world.advance(20_000);
  assert.equal((await amending).order?.isAmending, true);
  assert.equal([...world.session.book.orders.values()][0]?.amendment?.qty, "8");
  arrives.resolve();
  await world.advance(20_000);
  assert.equal([...world.session.book.orders.values()][0]?.qty, "8");
});

test("an amendment to what the order is already is refused: nothing could show that it is still on its way", async () => {
  const world = await market();
  const { order } = await world.session.submit(resting("i-1"), "bot");
  const handle = { instrument: "AAPL", clientOrderId: order?.clientOrderId ?? "" };
  const same = { ...handle, intentId: "a-1", qty: decimal("2"), price: decimal("90") };
  const result = await world.session.amend(same, "bot");
  assert.deepEqual([result.outcome, result.code, result.isSent], ["rejected", "not_amendable", false]);
});
