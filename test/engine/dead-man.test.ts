// The venue's dead-man switch as an account keeps it: set before the first order leaves, set anew in time, told when that
// fails, turned off only where nothing is left to guard. What it took is told, and not placed again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AccountPolicy, decimal, type OrderIntent, UNLIMITED } from "../../src/core/index.ts";
import type { DeadManCommand } from "../../src/venues/index.ts";
import { TestWorld } from "../support/world.ts";

const GUARDED: Partial<AccountPolicy> = {
  mode: "executor",
  limits: UNLIMITED,
  deadMan: { timeoutMs: 60_000 },
};

class Guarded {
  readonly world: TestWorld;
  /** What was asked of the switch. */
  readonly asked: (DeadManCommand & { readonly atMs: number })[] = [];
  isRefused = false;

  constructor(
    policy: Partial<AccountPolicy> = GUARDED,
    scope: "account" | "instrument" = "account",
    turnsOff = true,
  ) {
    this.world = new TestWorld(policy);
    const { venue, runtime, account } = this.world;
    const { commands } = venue.capabilities;
    const deadMan = { scope, timeoutMs: { min: 1_000, max: 3_600_000 }, turnsOff };
    Object.assign(venue, { capabilities: { ...venue.capabilities, commands: { ...commands, deadMan } } });
    const real = venue.deadMan.bind(venue);
    venue.deadMan = async (command) => {
      this.asked.push({ ...command, atMs: runtime.clock.monotonicMs() });
      if (this.isRefused) return { kind: "rejected", sent: true, reason: "not now" };
      // Of one instrument it is only counted: the paper account has one switch.
      return scope === "account" ? real(command) : { kind: "accepted" };
    };
    account.setPrice("X", decimal("100"));
    account.setPrice("Y", decimal("50"));
  }

  async place(intentId: string, change: Partial<OrderIntent> = { price: decimal("90") }) {
    const order: OrderIntent = {
      intentId,
      instrument: "X",
      leg: "net",
      side: "buy",
      type: "limit",
      qty: decimal("1"),
      timeInForce: "gtc",
      reduceOnly: false,
      ...change,
    } as OrderIntent;
    return this.world.session.submit(order, "bot");
  }

  async alerts(kind: string): Promise<string[]> {
    return (await this.world.records()).flatMap((record) =>
      record.kind === "alert_raised" && record.payload.kind === kind ? [record.payload.text] : [],
    );
  }

  get open(): number {
    return this.world.account.state.orders.filter(({ status }) => status === "open").length;
  }
}

test("[D13] the switch is set when the account starts, and three times in its time from then on", async () => {
  const guarded = new Guarded();
  await guarded.world.open();
  await guarded.world.advance(60_000);
  const times = guarded.asked.map(({ timeoutMs, atMs }) => [timeoutMs, atMs - (guarded.asked[0]?.atMs ?? 0)]);
  assert.deepEqual(times, [
    [60_000, 0],
    [60_000, 20_000],
    [60_000, 40_000],
    [60_000, 60_000],
  ]);
  const report = guarded.world.session.deadManReport;
  assert.deepEqual([report?.isSet, report?.problem, report?.instruments], [true, null, []]);
});

test("[D13] beside a bot, without the wish, or while observing, no switch is set", async () => {
  for (const change of [{ mode: "beside" }, { observe: true }, { deadMan: null }] as const) {
    const guarded = new Guarded({ ...GUARDED, ...change });
    await guarded.world.open();
    await guarded.world.advance(60_000);
    assert.deepEqual([guarded.asked, guarded.world.session.deadManReport], [[], null]);
  }
});

test("[D13] an order that adds does not leave before the switch is set; one that only reduces does", async () => {
  const guarded = new Guarded();
  guarded.isRefused = true;
  await guarded.world.open();
  const refused = await guarded.place("one");
  assert.deepEqual([refused.outcome, refused.isSent], ["rejected", false]);
  assert.match(refused.reasons.join(), /dead-man switch is wanted and could not be set: not now/);
  assert.equal(guarded.open, 0);
  guarded.world.buy("X", "2");
  await guarded.world.advance(30_000);
  const reduced = await guarded.place("two", { side: "sell", type: "market", reduceOnly: true });
  assert.equal(reduced.outcome, "accepted", reduced.reasons.join());
  guarded.isRefused = false;
  assert.equal((await guarded.place("three")).outcome, "accepted");
});

test("[D13] where the switch is an instrument's, it is set for each before its first order, and turned off after its last", async () => {
  const guarded = new Guarded(GUARDED, "instrument");
  await guarded.world.open();
  assert.deepEqual(guarded.asked, []);
  await guarded.place("one");
  await guarded.place("two", { instrument: "Y", price: decimal("40") });
  assert.deepEqual(
    guarded.asked.map(({ instrument, timeoutMs }) => [instrument, timeoutMs]),
    [
      ["X", 60_000],
      ["Y", 60_000],
    ],
  );
  const [order] = guarded.world.account.state.orders;
  await guarded.world.session.cancel({ instrument: "X", venueOrderId: order?.venueOrderId ?? "" }, "bot");
  await guarded.world.advance(30_000);
  const later = guarded.asked.slice(2).map(({ instrument, timeoutMs }) => `${instrument} ${timeoutMs}`);
  assert.ok(later.includes("X 0"), later.join());
  assert.ok(!later.includes("X 60000") && later.includes("Y 60000"), later.join());
  assert.deepEqual(guarded.world.session.deadManReport?.instruments, ["Y"]);
});

test("[D13] two failures running are told once, and what fired meanwhile is told and not placed again", async () => {
  const guarded = new Guarded();
  await guarded.world.open();
  for (const name of ["a", "b", "c"]) await guarded.place(name);
  await guarded.world.advance(15_000);
  assert.deepEqual(await guarded.alerts("channel_down"), []);
  guarded.isRefused = true;
  await guarded.world.advance(40_000);
  const told = await guarded.alerts("channel_down");
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /could not be set 2 times running: not now; unless it can be set within \d+ s/);
  assert.equal(guarded.open, 3, "it has not fired yet");
  await guarded.world.advance(60_000);
  assert.equal(guarded.open, 0, "it has fired");
  const together = (await guarded.alerts("order_mismatch")).filter((text) => /nobody here asked/.test(text));
  assert.equal(together.length, 1);
  assert.match(
    together[0] ?? "",
    /^3 orders were cancelled .*the dead-man switch was not set anew in its time/,
  );
  await guarded.world.advance(120_000);
  assert.equal(guarded.world.account.state.orders.length, 3, "something was placed again");
  assert.equal((await guarded.alerts("channel_down")).length, 1);
});

test("[D13] one that is refused for longer than its time is tried ever less, and kept as before once an order has set it", async () => {
  const guarded = new Guarded({ ...GUARDED, deadMan: { timeoutMs: 30_000 } });
  guarded.isRefused = true;
  await guarded.world.open();
  await guarded.world.advance(600_000);
  assert.ok(guarded.asked.length > 9 && guarded.asked.length < 25, String(guarded.asked.length));
  guarded.isRefused = false;
  assert.equal((await guarded.place("a")).outcome, "accepted");
  await guarded.world.advance(120_000);
  assert.equal(guarded.open, 1, "it has fired");
});

test("[D13] a switch that fires by mistake is told as a cancellation of which nobody here knows", async () => {
  const guarded = new Guarded();
  await guarded.world.open();
  for (const name of ["a", "b"]) await guarded.place(name);
  await guarded.world.advance(20_000);
  for (const { venueOrderId = "" } of guarded.world.account.state.orders)
    guarded.world.account.cancel({ venueOrderId });
  await guarded.world.advance(60_000);
  const together = (await guarded.alerts("order_mismatch")).filter((text) => /nobody here asked/.test(text));
  assert.equal(together.length, 1, "told once for all");
  assert.match(together[0] ?? "", /a dead-man switch, a person, or the venue itself/);
});

test("[D13] what a bot or a kill cancels is no news", async () => {
  const guarded = new Guarded();
  const { world } = guarded;
  await world.open();
  for (const name of ["a", "b", "c"]) await guarded.place(name);
  await world.advance(20_000);
  await world.session.kill("enough", "ann", false);
  await world.advance(60_000);
  assert.equal(guarded.open, 0);
  assert.deepEqual(
    (await guarded.alerts("order_mismatch")).filter((text) => /nobody/.test(text)),
    [],
  );
});

test("[D13] an orderly stop turns the switch off where nothing is open, and leaves it to fire where something is", async () => {
  const idle = new Guarded();
  await idle.world.open();
  await idle.world.session.stop();
  assert.deepEqual(idle.asked.at(-1)?.timeoutMs, 0);
  const busy = new Guarded();
  await busy.world.open();
  await busy.place("a");
  await busy.world.session.stop();
  assert.equal(busy.asked.at(-1)?.timeoutMs, 60_000);
  await busy.world.runtime.advance(61_000, async () => undefined);
  busy.world.account.lapse();
  assert.equal(busy.open, 0);
});

test("[D13] an orderly stop asks nothing of a switch that cannot be turned off", async () => {
  const guarded = new Guarded(GUARDED, "account", false);
  await guarded.world.open();
  await guarded.world.session.stop();
  assert.deepEqual(
    guarded.asked.map(({ timeoutMs }) => timeoutMs),
    [60_000],
  );
  await guarded.world.runtime.advance(120_000, async () => undefined);
  assert.equal(guarded.asked.length, 1, "it is set anew after the stop");
});

test("[D13] a command of its own, without anybody who stays at work, sets no switch", async () => {
  const guarded = new Guarded();
  await guarded.world.open();
  await guarded.world.session.stop();
  guarded.asked.length = 0;
  const session = await guarded.world.open(true, null, false);
  assert.equal((await guarded.place("alone")).outcome, "accepted");
  await session.stop();
  assert.deepEqual(guarded.asked, []);
});

test("[D13] a process that dies leaves the switch to fire; one that comes back in time sets it anew", async () => {
  const guarded = new Guarded();
  await guarded.world.open();
  await guarded.place("a");
  await guarded.world.restart();
  await guarded.world.advance(120_000);
  assert.equal(guarded.open, 1, "it is set anew by the next process");
});
