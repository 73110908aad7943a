// Exits that lie at the venue: a wide stop behind a position, or its stop and target. They follow what is held, end with it,
// and never close what something else closes already.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CommandCapabilities,
  decimal,
  type ExitPlan,
  type ExitPolicy,
  historyViews,
  type OrderIntent,
  type OrderRow,
  positionKey,
} from "../../src/core/index.ts";
import { exitsReport } from "../../src/engine/index.ts";
import type { CommandOutcome } from "../../src/venues/index.ts";
import { buying, marketWith, openMatters, STOP_2_PERCENT } from "../support/exit-world.ts";
import { settled } from "../support/stub-venue.ts";
import type { TestWorld } from "../support/world.ts";

const BACKED: ExitPolicy = {
  owns: true,
  mode: "managed+backstop",
  backstop: decimal("0.2"),
  default: null,
  strategies: {},
};
const AT_VENUE: ExitPolicy = { owns: true, mode: "venue", default: null, strategies: {} };
async function holding(
  exits: ExitPolicy,
  commands: Partial<CommandCapabilities> = {},
  plan: ExitPlan = STOP_2_PERCENT,
): Promise<TestWorld> {
  const world = await marketWith(exits, commands);
  await world.session.submit(buying("i-1", plan), "bot");
  await world.advance(5_000);
  return world;
}

async function turns(world: TestWorld): Promise<void> {
  await settled();
  await world.session.whenIdle();
}

/** An order that may have to wait for what lies at the venue. */
async function patiently(world: TestWorld, intent: OrderIntent) {
  const sent = world.session.submit(intent, "bot");
  for (let look = 0; look < 60; look += 1) {
    await settled();
    await world.runtime.advance(100, settled);
  }
  await world.advance(5_000);
  return sent;
}

async function price(world: TestWorld, last: string): Promise<void> {
  world.account.setPrice("AAPL", decimal(last));
  await turns(world);
  await world.advance(1_000);
}

function qty(world: TestWorld): string {
  return world.account.positionRows().find(({ instrument }) => instrument === "AAPL")?.qty ?? "0";
}

/** Stops and limits to sell, each as `type qty at level: status`. */
function lying(world: TestWorld, status: OrderRow["status"] | "all" = "open"): string[] {
  return world.account.state.orders
    .filter((one) => one.side === "sell" && (one.price ?? one.triggerPrice) !== undefined)
    .filter((one) => status === "all" || one.status === status)
    .map((one) => `${one.type} ${one.qty} at ${one.triggerPrice ?? one.price}`);
}

test("a backstop for the whole position lies at the venue, and a managed exit ends it with the position [A15]", async () => {
  const world = await holding(BACKED);
  assert.deepEqual(lying(world), ["stop 10 at 80"]);
  assert.deepEqual(openMatters(world), []);
  await price(world, "97");
  assert.equal(qty(world), "0");
  assert.deepEqual(lying(world), []);
  assert.deepEqual(openMatters(world), []);
});

test("a backstop that trades closes the life with a cause of its own, and the exit ends with it", async () => {
  const world = await holding(BACKED);
  // Nobody watches prices: the process is cut off from the feed.
  world.venue.misbehave({ areFeedsSilent: true });
  world.account.setPrice("AAPL", decimal("79"));
  await world.advance(60_000);
  assert.equal(qty(world), "0");
  assert.equal(world.session.book.exits.size, 0);
  const [life] = historyViews(world.session.book, positionKey("AAPL", "net"));
  assert.equal(life?.closeCause, "backstop");
  assert.deepEqual(openMatters(world), []);
});

test("a backstop follows the quantity in place, and a partial close by hand too", async () => {
  const world = await holding(BACKED);
  await world.session.submit(buying("i-2", STOP_2_PERCENT), "bot");
  await world.advance(5_000);
  assert.deepEqual(lying(world, "all"), ["stop 20 at 80"]);
  world.sell("AAPL", "15");
  await world.advance(120_000);
  assert.deepEqual(lying(world, "all"), ["stop 5 at 80"]);
});

test("where the venue does not amend, the old backstop has ended before the new one leaves", async () => {
  const world = await holding(BACKED, { amend: "none" });
  let most = 0;
  const { submit } = world.venue;
  world.venue.submit = async (command): Promise<CommandOutcome> => {
    if (command.type === "stop") most = Math.max(most, lying(world).length);
    return submit.call(world.venue, command);
  };
  await world.session.submit(buying("i-2", STOP_2_PERCENT), "bot");
  await world.advance(10_000);
  assert.deepEqual(lying(world), ["stop 20 at 80"]);
  assert.equal(most, 0);
  assert.equal(lying(world, "canceled").length, 1);
});

test("after a restart the same backstop is found again, and no second one is placed", async () => {
  const world = await holding(BACKED);
  await world.restart();
  await world.advance(120_000);
  assert.deepEqual(lying(world, "all"), ["stop 10 at 80"]);
});

test("a backstop whose outcome is not known is waited for, and never doubled", async () => {
  const world = await marketWith(BACKED);
  const { submit } = world.venue;
  let stops = 0;
  world.venue.submit = async (command): Promise<CommandOutcome> => {
    const outcome = await submit.call(world.venue, command);
    if (command.type !== "stop") return outcome;
    stops += 1;
    return { kind: "unknown", reason: "no answer" };
  };
  await world.session.submit(buying("i-1", STOP_2_PERCENT), "bot");
  await world.advance(60_000);
  assert.equal(stops, 1);
  assert.deepEqual(lying(world), ["stop 10 at 80"]);
});

test("a position that turns round by hand has the backstop of its new side, and no other order", async () => {
  const world = await holding(BACKED);
  world.sell("AAPL", "15");
  await world.advance(120_000);
  const working = world.account.state.orders.filter(({ status }) => status === "open");
  assert.deepEqual(
    working.map(({ side, qty: size, triggerPrice }) => [side, size, triggerPrice]),
    [["buy", "5", "120"]],
  );
});

test("a position that turns round has its old backstop cancelled, and nobody tries to change it", async () => {
  const world = await holding(BACKED);
  const asked = () => world.lines.filter(({ name }) => name === "order.refused").length;
  world.sell("AAPL", "11");
  await world.advance(60_000);
  assert.equal(qty(world), "-1");
  assert.deepEqual([lying(world), asked()], [[], 0]);
});

test("a backstop that the venue refuses is tried again ever more rarely, and told", async () => {
  const world = await marketWith(BACKED);
  const { submit } = world.venue;
  let stops = 0;
  world.venue.submit = async (command): Promise<CommandOutcome> => {
    if (command.type !== "stop") return submit.call(world.venue, command);
    stops += 1;
    return { kind: "rejected", sent: true, reason: "no stops today" };
  };
  await world.session.submit(buying("i-1", STOP_2_PERCENT), "bot");
  await world.advance(60_000);
  assert.ok(stops >= 3 && stops <= 7, `${stops} stops were sent`);
  assert.deepEqual(openMatters(world), ["unprotected_position not_placed"]);
  world.venue.submit = submit;
  await world.advance(400_000);
  assert.deepEqual(lying(world), ["stop 10 at 80"]);
  assert.deepEqual(openMatters(world), []);
});

test("[R10] a kill leaves the backstop, one with --all takes it, and while killed none is placed", async () => {
  const world = await holding(BACKED);
  await world.session.kill("look", "ann", false);
  await world.advance(30_000);
  assert.deepEqual(lying(world), ["stop 10 at 80"]);
  const all = await holding(BACKED);
  await all.session.kill("look", "ann", true);
  await all.advance(60_000);
  assert.deepEqual(lying(all), []);
  await all.session.resume("fine", "ann");
  await all.advance(120_000);
  assert.deepEqual(lying(all), ["stop 10 at 80"]);
});

test("a flattening takes the backstop, and none is placed while it goes on", async () => {
  const world = await holding(BACKED, { reduceOnlyFlag: false });
  let stops = 0;
  const { submit } = world.venue;
  world.venue.submit = async (command): Promise<CommandOutcome> => {
    if (command.type === "stop") stops += 1;
    return submit.call(world.venue, command);
  };
  const plan = await world.session.planFlatten(null);
  const done = world.session.flatten(plan, { by: "ann", confirm: "test" });
  await world.runtime.advance(60_000, () => settled());
  assert.equal((await done).isFlat, true);
  assert.equal(stops, 0);
  assert.deepEqual(lying(world), []);
});

test("where the venue has no reduce-only flag the backstop has gone before the exit sells", async () => {
  const world = await holding(BACKED, { reduceOnlyFlag: false });
  const { submit } = world.venue;
  const beside: number[] = [];
  world.venue.submit = async (command): Promise<CommandOutcome> => {
    if (command.side === "sell") beside.push(lying(world).length);
    return submit.call(world.venue, command);
  };
  await price(world, "97");
  await world.advance(5_000);
  assert.equal(qty(world), "0");
  assert.deepEqual(beside, [0]);
  assert.deepEqual(lying(world), []);
});

test("where the venue has no flag, what other working orders may close is left out of the backstop", async () => {
  const world = await holding(BACKED, { reduceOnlyFlag: false });
  const selling = {
    side: "sell",
    type: "limit",
    qty: decimal("4"),
    price: decimal("120"),
    reduceOnly: true,
  } as const;
  const sent = await patiently(world, buying("i-2", undefined, selling));
  assert.equal(sent.outcome, "accepted");
  assert.deepEqual(lying(world), ["limit 4 at 120", "stop 6 at 80"]);
  await price(world, "121");
  await world.advance(10_000);
  assert.deepEqual(lying(world), ["stop 6 at 80"]);
});

test("where the venue has no flag, an exit waits 5 s for the backstop and then sells what it leaves", async () => {
  const world = await holding(BACKED, { reduceOnlyFlag: false });
  world.venue.cancel = async () => ({ kind: "unknown", reason: "no answer" });
  await price(world, "97");
  await world.advance(20_000);
  assert.equal(qty(world), "10");
  assert.deepEqual(lying(world), ["stop 10 at 80"]);
  assert.deepEqual(openMatters(world), ["unprotected_position exit_blocked"]);
});

test("an exit that something blocked is sent as soon as that has ended, and no backstop is placed again in between (seed 1832)", async () => {
  const world = await holding(BACKED, { reduceOnlyFlag: false });
  const { cancel, submit } = world.venue;
  world.venue.cancel = async () => ({ kind: "unknown", reason: "no answer" });
  await price(world, "97");
  await world.advance(8_000);
  assert.deepEqual([qty(world), lying(world)], ["10", ["stop 10 at 80"]]);
  world.venue.cancel = cancel;
  const sent: string[] = [];
  world.venue.submit = (command) => {
    sent.push(command.type);
    return submit.call(world.venue, command);
  };
  const [stop] = [...world.session.book.orders.values()].filter(({ type }) => type === "stop");
  await cancel.call(world.venue, { instrument: "AAPL", clientOrderId: stop?.clientOrderId ?? "" });
  await world.advance(1_000);
  assert.deepEqual([sent, qty(world)], [["market"], "0"]);
});

test("[R10] a bot's reducing order passes reduce_only beside a backstop", async () => {
  for (const reduceOnlyFlag of [true, false]) {
    const world = await holding(BACKED, { reduceOnlyFlag });
    await world.session.setGate("reduce_only", null, "look", "ann");
    const selling = { side: "sell", reduceOnly: true } as const;
    const sent = await patiently(world, buying("i-2", undefined, selling));
    assert.deepEqual(sent.reasons, []);
    assert.equal(qty(world), "0");
    assert.deepEqual(lying(world), []);
  }
});

test("a bot's intent cannot have the name of an exit of trueup's", async () => {
  const world = await marketWith(BACKED);
  const refused = await world.session.submit(buying("backstop_00000000000000000000-1"), "bot");
  assert.equal(refused.code, "bad_order");
});

test("[D4] in mode venue stop and target lie there, and the one's trade ends the other", async () => {
  const plan: ExitPlan = { stop: { price: decimal("90") }, target: { price: decimal("110") } };
  const world = await holding(AT_VENUE, {}, plan);
  assert.deepEqual(lying(world).sort(), ["limit 10 at 110", "stop 10 at 90"]);
  assert.deepEqual(openMatters(world), []);
  await price(world, "111");
  assert.equal(qty(world), "0");
  await world.advance(2_000);
  assert.deepEqual(lying(world), []);
  const down = await holding(AT_VENUE, {}, plan);
  await price(down, "89");
  await down.advance(2_000);
  assert.equal(qty(down), "0");
  assert.deepEqual(lying(down), []);
  const sells = down.account.state.fills.filter(({ side }) => side === "sell");
  assert.equal(sells.length, 1);
});

test("in mode venue without a flag only the stop lies there, and the target is managed", async () => {
  const plan: ExitPlan = { stop: { price: decimal("90") }, target: { price: decimal("110") } };
  const world = await holding(AT_VENUE, { reduceOnlyFlag: false }, plan);
  assert.deepEqual(lying(world), ["stop 10 at 90"]);
  await price(world, "110");
  await world.advance(5_000);
  assert.equal(qty(world), "0");
  assert.deepEqual(lying(world, "filled"), []);
  assert.deepEqual(lying(world), []);
});

test("in mode venue without a flag a share that has no stop takes nothing from the stops of others", async () => {
  const onlyTarget: ExitPlan = { target: { price: decimal("130") } };
  const world = await holding(AT_VENUE, { reduceOnlyFlag: false }, onlyTarget);
  await world.session.submit(buying("i-2", STOP_2_PERCENT, { strategy: "momentum" }), "bot");
  await world.advance(5_000);
  const selling = { side: "sell", type: "limit", price: decimal("120"), strategy: "other" } as const;
  await patiently(world, buying("i-3", undefined, { ...selling, qty: decimal("4") }));
  assert.deepEqual(lying(world), ["limit 4 at 120", "stop 10 at 98"]);
});

test("in mode venue a time stop is managed: what lies there goes first", async () => {
  const plan: ExitPlan = { stop: { price: decimal("90") }, timeStopMs: 60_000 };
  const world = await holding(AT_VENUE, {}, plan);
  await world.advance(70_000);
  assert.equal(qty(world), "0");
  assert.deepEqual(lying(world), []);
});

test("in mode venue a stop that the venue refuses is watched by trueup itself", async () => {
  const world = await marketWith(AT_VENUE);
  const { submit } = world.venue;
  world.venue.submit = async (command): Promise<CommandOutcome> =>
    command.type === "stop"
      ? { kind: "rejected", sent: true, reason: "no stops today" }
      : submit.call(world.venue, command);
  await world.session.submit(buying("i-1", STOP_2_PERCENT), "bot");
  await world.advance(30_000);
  assert.deepEqual(openMatters(world), ["unprotected_position not_placed"]);
  await price(world, "97");
  assert.equal(qty(world), "0");
});

test("where the venue has no flag, an exit whose order was refused sells in the end, whatever lay there meanwhile", async () => {
  const world = await holding(BACKED, { reduceOnlyFlag: false });
  const { submit } = world.venue;
  let sells = 0;
  world.venue.submit = async (command): Promise<CommandOutcome> => {
    if (command.type !== "market") return submit.call(world.venue, command);
    sells += 1;
    return sells <= 3
      ? { kind: "rejected", sent: true, reason: "not just now" }
      : submit.call(world.venue, command);
  };
  await price(world, "97");
  for (let look = 0; look < 40; look += 1) await price(world, "97");
  assert.equal(qty(world), "0");
  assert.equal(sells, 4);
  assert.deepEqual(lying(world), []);
});

test("an order whose end is not known is told, and the next one lies there soon after its end is", async () => {
  const world = await holding(BACKED, { amend: "none" });
  const { cancel } = world.venue;
  world.venue.cancel = async () => ({ kind: "rejected", sent: true, reason: "not just now" });
  await world.session.submit(buying("i-2", STOP_2_PERCENT), "bot");
  await world.advance(90_000);
  assert.deepEqual(lying(world), ["stop 10 at 80"]);
  assert.deepEqual(openMatters(world), ["unprotected_position not_placed"]);
  const known = world.account.state.orders.find(({ status }) => status === "open");
  await cancel.call(world.venue, { instrument: "AAPL", venueOrderId: known?.venueOrderId ?? "" });
  await world.advance(4_000);
  assert.deepEqual(lying(world), ["stop 20 at 80"]);
  await world.advance(120_000);
  assert.deepEqual(openMatters(world), []);
});

test("in mode venue a stop that the venue lists no more is told, and trueup acts on its level itself", async () => {
  const world = await holding(AT_VENUE);
  const { capabilities } = world.venue;
  Object.assign(world.venue, { capabilities: { ...capabilities, orderLookup: "none" }, order: undefined });
  const stop = world.account.state.orders.find(({ type }) => type === "stop");
  const { clientOrderId = "", venueOrderId = "" } = stop ?? {};
  const { cancel } = world.venue;
  world.venue.misbehave({ forgottenOrders: [clientOrderId], isStreamSilent: true });
  await cancel.call(world.venue, { instrument: "AAPL", venueOrderId });
  await world.advance(120_000);
  assert.ok(openMatters(world).includes("unprotected_position not_placed"), openMatters(world).join());
  for (let look = 0; look < 20; look += 1) await price(world, "97");
  assert.equal(qty(world), "0");
});

for (const reduceOnlyFlag of [true, false]) {
  const what = reduceOnlyFlag
    ? "stays, as it can only reduce"
    : "is cancelled before another one could trade beside it";
  test(`a backstop that the venue lists no more and still has ${what} (seed 972001599)`, async () => {
    const world = await holding(BACKED, { reduceOnlyFlag });
    const { capabilities } = world.venue;
    Object.assign(world.venue, { capabilities: { ...capabilities, orderLookup: "none" }, order: undefined });
    const stop = world.account.state.orders.find(({ type }) => type === "stop");
    world.venue.misbehave({ forgottenOrders: [stop?.clientOrderId ?? ""], isStreamSilent: true });
    await world.advance(60_000);
    const now = world.account.state.orders.find(({ venueOrderId }) => venueOrderId === stop?.venueOrderId);
    assert.equal(now?.status, reduceOnlyFlag ? "open" : "canceled");
  });
}

for (const reduceOnlyFlag of [true, false]) {
  test(`[R10] under a kill that lets no exit act, a stop over what is held ${reduceOnlyFlag ? "stays where the venue keeps it from opening a position" : "goes where it could open a position"} (seed 917121090)`, async () => {
    const plan: ExitPlan = { stop: { price: decimal("90") }, timeStopMs: 60_000 };
    const world = await holding(AT_VENUE, { reduceOnlyFlag }, plan);
    await world.session.kill("look", "ann", false, true);
    await world.advance(120_000);
    world.sell("AAPL", "2");
    await world.advance(30_000);
    const stops = lying(world).filter((text) => text.startsWith("stop"));
    assert.deepEqual([qty(world), stops], ["8", reduceOnlyFlag ? ["stop 10 at 90"] : []]);
  });
}

test("[R10] under a kill that lets no exit act, an exit that is reached takes away nothing that lies at the venue", async () => {
  for (const reduceOnlyFlag of [true, false]) {
    const plan: ExitPlan = { stop: { price: decimal("90") }, timeStopMs: 60_000 };
    const world = await holding(AT_VENUE, { reduceOnlyFlag }, plan);
    await world.session.kill("look", "ann", false, true);
    await world.advance(120_000);
    assert.deepEqual(lying(world), ["stop 10 at 90"]);
    const why = reduceOnlyFlag ? "exit_failing" : "exit_blocked";
    assert.deepEqual(openMatters(world), [`unprotected_position ${why}`]);
    await world.session.resume("fine", "ann");
    await world.advance(10_000);
    assert.equal(qty(world), "0");
    assert.deepEqual(lying(world), []);
  }
});

test("what lies at the venue is listed with its level, and an exit of somebody else as foreign", async () => {
  const world = await holding(BACKED);
  const stop = { instrument: "AAPL", side: "sell", type: "stop", qty: decimal("3") } as const;
  world.account.submit({ ...stop, triggerPrice: decimal("70"), clientOrderId: "by-hand" });
  await world.advance(60_000);
  const listed = exitsReport(world.session.book).atVenue;
  assert.deepEqual(
    listed.map(({ role, qty: size, triggerPrice, status }) => [role, size, triggerPrice, status]),
    [
      ["backstop", "10", "80", "open"],
      ["foreign", "3", "70", "open"],
    ],
  );
  assert.equal(listed[1]?.clientOrderId, "by-hand");
});

/** At this venue no stop ever trades, whatever the price. */
function stuckStops(world: TestWorld): void {
  const account = world.account as unknown as { work: (order: OrderRow, ...more: unknown[]) => void };
  const { work } = account;
  account.work = (order, ...more) => {
    if (order.type !== "stop") work.call(account, order, ...more);
  };
}

const ROUND_THE_CLOCK: Partial<CommandCapabilities> = { timesInForce: ["gtc", "ioc"] };
const STOP_AT_90: ExitPlan = { stop: { price: decimal("90") } };

async function stuck(commands: Partial<CommandCapabilities>): Promise<TestWorld> {
  const world = await marketWith(AT_VENUE, commands);
  stuckStops(world);
  const timeInForce = commands.timesInForce ? "gtc" : "day";
  await world.session.submit(buying("i-1", STOP_AT_90, { timeInForce }), "bot");
  await world.advance(5_000);
  assert.deepEqual(lying(world), ["stop 10 at 90"]);
  return world;
}

async function below(world: TestWorld, last: string, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1_000) await price(world, last);
}

for (const reduceOnlyFlag of [true, false]) {
  test(`a stop at the venue that is reached for 30 s and does not trade is cancelled, has ended, and trueup sells: ${reduceOnlyFlag ? "with" : "without"} the flag`, async () => {
    const world = await stuck({ ...ROUND_THE_CLOCK, reduceOnlyFlag });
    const beside: number[] = [];
    const { submit } = world.venue;
    world.venue.submit = async (command): Promise<CommandOutcome> => {
      beside.push(lying(world).length);
      return submit.call(world.venue, command);
    };
    await below(world, "89", 28_000);
    assert.equal(qty(world), "10");
    await below(world, "89", 12_000);
    assert.equal(qty(world), "0");
    assert.deepEqual(beside, [0]);
    await world.advance(60_000);
    assert.deepEqual([lying(world), openMatters(world)], [[], []]);
  });
}

test("a price that comes back in time leaves the stop to the venue", async () => {
  const world = await stuck(ROUND_THE_CLOCK);
  await below(world, "89", 20_000);
  await below(world, "91", 5_000);
  await below(world, "89", 20_000);
  assert.deepEqual([qty(world), lying(world, "all")], ["10", ["stop 10 at 90"]]);
});

test("a stop that does not trade and is not seen to end is told, and nothing is sent beside it", async () => {
  const world = await stuck(ROUND_THE_CLOCK);
  world.venue.cancel = async () => ({ kind: "unknown", reason: "no answer" });
  await below(world, "89", 90_000);
  assert.deepEqual(lying(world, "all"), ["stop 10 at 90"]);
  assert.deepEqual([qty(world), openMatters(world)], ["10", ["unprotected_position exit_blocked"]]);
  await below(world, "91", 30_000);
  assert.deepEqual(openMatters(world), []);
});

test("a stop that trades while it is being cancelled leaves nothing to sell", async () => {
  const world = await stuck(ROUND_THE_CLOCK);
  const { cancel } = world.venue;
  world.venue.cancel = async (command): Promise<CommandOutcome> => {
    delete (world.account as unknown as { work?: unknown }).work;
    world.account.setPrice("AAPL", decimal("89"));
    return cancel.call(world.venue, command);
  };
  await below(world, "89", 60_000);
  const sold = world.account.state.fills.filter(({ side }) => side === "sell");
  assert.deepEqual([qty(world), sold.length, openMatters(world)], ["0", 1, []]);
});

test("where shares trade in sessions, a stop that does not trade is only told", async () => {
  const world = await stuck({});
  await below(world, "89", 60_000);
  assert.deepEqual([qty(world), lying(world, "all")], ["10", ["stop 10 at 90"]]);
  assert.deepEqual(openMatters(world), ["unprotected_position exit_failing"]);
  await below(world, "91", 30_000);
  assert.deepEqual(openMatters(world), []);
});

test("a backstop that is reached and does not trade is told", async () => {
  const world = await marketWith(BACKED);
  stuckStops(world);
  await world.session.submit(buying("i-1", { stop: { price: decimal("70") } }), "bot");
  await world.advance(5_000);
  await below(world, "79", 60_000);
  assert.deepEqual([qty(world), openMatters(world)], ["10", ["unprotected_position exit_failing"]]);
});

for (const hasLeft of [false, true]) {
  test(`[R10] where the venue has no flag, a kill ${hasLeft ? "ends a stop that may have become too large" : "leaves a stop whose change has not left"}`, async () => {
    const world = await holding(BACKED, { reduceOnlyFlag: false });
    const { venue, session } = world;
    const { amend } = venue;
    venue.amend = async (command): Promise<CommandOutcome> => {
      await amend?.call(venue, command);
      return { kind: "unknown", reason: "no answer" };
    };
    const stop = world.account.state.orders.find(({ triggerPrice }) => triggerPrice !== undefined);
    const change = { intentId: "a-1", instrument: "AAPL", venueOrderId: stop?.venueOrderId ?? "" };
    const changing = session.amend({ ...change, qty: decimal("12") }, "bot");
    if (hasLeft) await turns(world);
    const killing = session.kill("stop", "ann", false);
    await turns(world);
    await Promise.all([changing, killing]);
    assert.deepEqual(lying(world), hasLeft ? [] : ["stop 10 at 80"]);
  });
}
