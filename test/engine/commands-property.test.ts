// Orders under every accident at once: whatever is lost, late, doubled or cut off by a crash, in the end each intent
// has at most one order, each fill counts once, the book is what the journal says and what the venue holds.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type AccountPolicy,
  type AmendIntent,
  clientOrderIdOf,
  decimal,
  type OrderIntent,
  orderStatus,
  positionKey,
  positionQty,
  subtract,
  toState,
} from "../../src/core/index.ts";
import type { CommandResult } from "../../src/engine/index.ts";
import { type Accident, DELAY_MS_MAX, FaultyWorld, QUEUED_MS } from "../support/faulty-world.ts";

const INSTRUMENTS = ["AAPL", "MSFT"] as const;
const PRICES = ["89", "100", "111"] as const;
const VALUE_MAX = decimal("1000");
const POLICY: Partial<AccountPolicy> = {
  mode: "executor",
  limits: {
    orderValueMax: null,
    positionValueMax: VALUE_MAX,
    exposureMax: null,
    openOrdersMax: null,
    ordersPerMinuteMax: null,
  },
};

type Step =
  | { readonly kind: "submit"; readonly order: Omit<OrderIntent, "intentId">; readonly isTwice: boolean }
  | { readonly kind: "amend"; readonly which: number; readonly qty?: number; readonly price?: string }
  | { readonly kind: "cancel"; readonly which: number }
  | { readonly kind: "again"; readonly which: number }
  | { readonly kind: "price"; readonly instrument: string; readonly price: string }
  | { readonly kind: "accident"; readonly accident: Accident }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "gate"; readonly set: "open" | "reduce_only" | "halted" }
  | { readonly kind: "kill"; readonly isAll: boolean }
  | { readonly kind: "resume" }
  | { readonly kind: "hang"; readonly appends: number; readonly isStored: boolean }
  | { readonly kind: "crash" };

const instrument = fc.constantFrom(...INSTRUMENTS);
/** Counted from the latest intent back. */
const which = fc.nat(3);
const delay = fc.constantFrom(0, 0, 1, 800, 3_000, 16_000, DELAY_MS_MAX);
const requestMs = fc.constantFrom(0, 0, 0, 1, 800, 3_000, 16_000, DELAY_MS_MAX, QUEUED_MS);

const beside = (away: number) => decimal(String(100 + away));

const order = fc
  .record({
    instrument,
    side: fc.constantFrom("buy" as const, "sell" as const),
    qty: fc.integer({ min: 1, max: 7 }),
    type: fc.constantFrom("market" as const, "limit" as const, "limit" as const, "stop" as const),
    /** Away from the market; below zero it crosses. */
    away: fc.constantFrom(11, 5, 5, -5),
    reduceOnly: fc.constantFrom(false, false, true),
    timeInForce: fc.constantFrom("day" as const, "gtc" as const, "gtc" as const, "ioc" as const),
  })
  .map(({ qty, away, ...one }) => ({
    ...one,
    qty: decimal(String(qty)),
    leg: "net" as const,
    referencePrice: decimal("100"),
    strategy: "unattributed",
    ...(one.type === "limit" && { price: beside(one.side === "buy" ? -away : away) }),
    ...(one.type === "stop" && { triggerPrice: beside(one.side === "buy" ? away : -away) }),
  }));

const accident: fc.Arbitrary<Accident> = fc.record({
  isLost: fc.constantFrom(false, false, false, false, true),
  isAnswerLost: fc.constantFrom(false, false, true),
  isDoubled: fc.constantFrom(false, false, true),
  requestMs,
  answerMs: delay,
  readMs: fc.constantFrom(0, 0, 500, 4_000),
  isStreamDoubled: fc.boolean(),
  isStreamSilent: fc.constantFrom(false, false, true),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("submit" as const), order, isTwice: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record(
      {
        kind: fc.constant("amend" as const),
        which,
        qty: fc.integer({ min: 1, max: 9 }),
        price: fc.constantFrom(...PRICES, "95"),
      },
      { requiredKeys: ["kind", "which"] },
    ),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cancel" as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("again" as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("price" as const),
      instrument,
      price: fc.constantFrom(...PRICES),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("accident" as const), accident }) },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(0, 0, 0, 1, 700, 2_500, 9_000, 16_000, 40_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("gate" as const),
      set: fc.constantFrom("open" as const, "open" as const, "reduce_only" as const, "halted" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("kill" as const), isAll: fc.boolean() }) },
  { weight: 7, arbitrary: fc.record({ kind: fc.constant("resume" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("hang" as const), appends: fc.nat(4), isStored: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const) }) },
);

class Story {
  readonly faulty = new FaultyWorld(POLICY, { valueMax: VALUE_MAX, priceMin: decimal("89") });
  readonly intents: OrderIntent[] = [];
  readonly amendments: AmendIntent[] = [];
  /** What a command ended with that nobody of us may end with. */
  private readonly broken: unknown[] = [];

  get world() {
    return this.faulty.world;
  }

  async begin(): Promise<void> {
    await this.faulty.open();
    for (const name of INSTRUMENTS) this.world.account.setPrice(name, decimal("100"));
  }

  async tell(one: Step): Promise<void> {
    if (this.faulty.hasHung) await this.faulty.restart();
    this.act(one);
    if (one.kind === "accident") this.faulty.accident = one.accident;
    if (one.kind === "crash") await this.faulty.restart();
    // All steps between two waits happen at once.
    if (one.kind === "wait") await this.faulty.advance(one.ms);
    if (this.broken.length > 0) throw this.broken[0];
    assert.equal(this.world.failure, undefined);
  }

  /** Faults stop, and time passes. */
  async calm(): Promise<void> {
    this.faulty.accident = {};
    if (this.faulty.hasHung) await this.faulty.restart();
    await this.faulty.advance(DELAY_MS_MAX + 5_000);
    if (this.broken.length > 0) throw this.broken[0];
    await this.faulty.restart();
    await this.faulty.advance(1_000);
    this.keep(this.faulty.session.resume("calm", "ann"));
    this.keep(this.faulty.session.setGate("open", null, "calm", "ann"));
    await this.faulty.advance(180_000);
  }

  private act(one: Step): void {
    const { session } = this.faulty;
    switch (one.kind) {
      case "submit": {
        const intent = { ...one.order, intentId: `i-${this.intents.length}` };
        this.intents.push(intent);
        for (let n = 0; n < (one.isTwice ? 2 : 1); n += 1) this.keep(session.submit(intent, "bot"));
        break;
      }
      case "again": {
        const intent = this.intents.at(-1 - one.which);
        if (intent) this.keep(session.submit(intent, "bot"));
        break;
      }
      case "amend": {
        const handle = this.handle(one.which);
        if (!handle) break;
        const { qty, price } = one;
        const intent = {
          ...handle,
          intentId: `a-${this.amendments.length}`,
          ...(qty !== undefined && { qty: decimal(String(qty)) }),
          ...(price !== undefined && { price: decimal(price) }),
        };
        this.amendments.push(intent);
        this.keep(session.amend(intent, "bot"));
        break;
      }
      case "cancel": {
        const handle = this.handle(one.which);
        if (handle) this.keep(session.cancel(handle, "bot"));
        break;
      }
      case "price":
        this.world.account.setPrice(one.instrument, decimal(one.price));
        break;
      case "gate":
        this.keep(session.setGate(one.set, null, "test", "ann"));
        break;
      case "kill":
        this.keep(session.kill("test", "ann", one.isAll));
        break;
      case "resume":
        this.keep(session.resume("test", "ann"));
        this.keep(session.setGate("open", null, "test", "ann"));
        break;
      case "hang":
        this.faulty.hangSoon(one.appends, one.isStored);
        break;
    }
  }

  clientId(intentId: string): string {
    return clientOrderIdOf("test", this.world.policy, intentId, null);
  }

  /** An order that rests at the venue, where there is one: others can hardly be amended. */
  private handle(index: number) {
    const resting = this.world.account.state.orders.filter(({ status }) => status === "open");
    const row = resting.at(-1 - index);
    if (row) return { instrument: row.instrument, clientOrderId: row.clientOrderId ?? "" };
    const intent = this.intents.at(-1 - index);
    return intent && { instrument: intent.instrument, clientOrderId: this.clientId(intent.intentId) };
  }

  private keep(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.broken.push(error));
  }
}

async function assertTrue(story: Story): Promise<void> {
  const { faulty, world, intents } = story;
  const { book } = faulty.session;
  const { state } = world.account;
  // I2: at most one order for an intent, and none for anything else.
  for (const [id, count] of faulty.sent) assert.equal(count, 1, `${id} was sent ${count} times`);
  const ids = new Set(intents.map(({ intentId }) => story.clientId(intentId)));
  for (const { clientOrderId } of state.orders) assert.equal(ids.has(clientOrderId ?? ""), true);
  assert.equal(new Set(state.orders.map((row) => row.clientOrderId)).size, state.orders.length);
  // I3, and the position is the venue's.
  const booked = [...book.fills.values()].filter(({ isReversed }) => !isReversed);
  assert.deepEqual(
    booked.map(({ facts: { tradeId, qty } }) => `${tradeId} ${qty}`).sort(),
    state.fills.map(({ tradeId, qty }) => `${tradeId} ${qty}`).sort(),
  );
  for (const name of INSTRUMENTS) {
    assert.equal(positionQty(book, positionKey(name, "net")), state.positions[name]?.qty ?? "0", name);
  }
  assert.deepEqual([...book.discrepancies.values()], []);
  // L2: nothing is left unknown, and every order is as the venue has it.
  for (const known of book.orders.values()) {
    const row = world.account.find({ clientOrderId: known.clientOrderId ?? "" });
    const { orderKey, qty, price } = known;
    assert.equal(orderStatus(known), row?.status ?? "rejected", orderKey);
    assert.equal(known.amendment, null);
    if (row?.status === "open") assert.deepEqual([qty, price], [row.qty, row.price ?? null]);
  }
  assert.equal(
    state.orders.every((row) =>
      [...book.orders.values()].some((one) => one.venueOrderId === row.venueOrderId),
    ),
    true,
  );
  // I4.
  await faulty.session.whenIdle();
  assert.deepEqual(toState(book), await world.replayed());
}

async function assertToldTrue(story: Story): Promise<void> {
  const { faulty, world, intents, amendments } = story;
  const { session } = faulty;
  for (const intent of intents) {
    if (!session.book.intents.has(intent.intentId)) continue;
    const told: CommandResult = await session.submit(intent, "bot");
    const row = world.account.find({ clientOrderId: story.clientId(intent.intentId) });
    const status = row?.status ?? "rejected";
    assert.deepEqual(
      [told.isRepeat, told.outcome, told.order?.status],
      [true, row ? "accepted" : "rejected", status],
      intent.intentId,
    );
    if (row) assert.equal(told.isSent, true);
    if (status === "filled")
      assert.equal(
        subtract(row?.qty ?? intent.qty ?? ("0" as never), told.order?.filledQty ?? decimal("0")),
        "0",
      );
  }
  for (const intent of amendments) {
    if (!session.book.intents.has(intent.intentId)) continue;
    const told = await session.amend(intent, "bot");
    const isDone = faulty.amended.has(story.clientId(intent.intentId));
    assert.equal(told.isRepeat, true);
    assert.notEqual(told.outcome, "unknown", intent.intentId);
    if (isDone) assert.equal(told.outcome, "accepted", `${intent.intentId} was carried out`);
  }
}

test("[R5] [R16] whatever is lost, late, doubled or cut off, each intent is one order, counted once and told truly", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 40, size: "max" }), async (steps) => {
      const story = new Story();
      await story.begin();
      for (const one of steps) await story.tell(one);
      await story.calm();
      await assertTrue(story);
      await assertToldTrue(story);
    }),
    { numRuns: 150 },
  );
});
