// Exits as values: which are armed for how much, and when they have come to pass. Properties hold for every account that
// can be drawn: the exits of a position never come to more than it, and never to the other side of zero.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { strategyTrade } from "../../../test/support/strategy-trade.ts";
import { admit } from "../admit.ts";
import { emptyBook } from "../book/book.ts";
import { applyRecord } from "../book/fold.ts";
import { positionQty } from "../book/positions.ts";
import { CAPABILITIES_DEFAULT } from "../capabilities.ts";
import { digestOfIntent, type OrderIntent } from "../commands/intent.ts";
import {
  abs,
  add,
  compare,
  type Decimal,
  decimal,
  isZero,
  min,
  negate,
  sign,
  sum,
  ZERO,
} from "../decimal.ts";
import { instrumentOf } from "../instrument.ts";
import { orderKeyOfClientId, positionKey } from "../keys.ts";
import type { Draft, JournalRecord } from "../records.ts";
import { draft } from "../records.ts";
import { armable, floorTo } from "./arm.ts";
import { armingDrafts, closable, exitIntent, exitIntentId } from "./decide.ts";
import { betterOf, closingPrice, isWorthWriting, trailingLevel, triggerOf } from "./evaluate.ts";
import { type ExitPlan, type ExitPolicy, problemOfPlan, problemOfSides } from "./plan.ts";

const d = decimal;
const KEY = positionKey("X", "net");
const OWNED: ExitPolicy = {
  owns: true,
  mode: "managed",
  default: { stop: { ratio: d("0.1") } },
  strategies: {},
};
const LEVELS = {
  side: "long",
  stop: null,
  target: null,
  trailing: null,
  timeStopAtMs: null,
  holdUntilMs: null,
} as const;

test("a long position's exits look at the bid, a short one's at the ask, else at the last price", () => {
  const quote = { last: d("10"), bid: d("9"), ask: d("11") };
  assert.equal(closingPrice("long", quote), "9");
  assert.equal(closingPrice("short", quote), "11");
  assert.equal(closingPrice("short", { last: d("10") }), "10");
  assert.equal(closingPrice("long", { last: d("10"), bid: d("0") }), "10");
  assert.equal(closingPrice("long", { ask: d("10") }), null);
});

test("a level is reached where it lies, and not before", () => {
  const long = { ...LEVELS, stop: d("90"), target: d("110") };
  assert.equal(triggerOf(long, null, d("90.01"), 0), null);
  assert.deepEqual(triggerOf(long, null, d("90"), 0), { condition: "stop", level: "90" });
  assert.deepEqual(triggerOf(long, null, d("110"), 0), { condition: "target", level: "110" });
  const short = { ...LEVELS, side: "short", stop: d("110"), target: d("90") } as const;
  assert.equal(triggerOf(short, null, d("109.99"), 0), null);
  assert.deepEqual(triggerOf(short, null, d("110"), 0), { condition: "stop", level: "110" });
  assert.deepEqual(triggerOf(short, null, d("90"), 0), { condition: "target", level: "90" });
});

test("before the minimum hold only the stop acts", () => {
  const exit = { ...LEVELS, stop: d("90"), target: d("110"), timeStopAtMs: 500, holdUntilMs: 1_000 };
  assert.equal(triggerOf(exit, null, d("111"), 999), null);
  assert.equal(triggerOf(exit, null, d("89"), 999)?.condition, "stop");
  assert.equal(triggerOf(exit, null, d("111"), 1_000)?.condition, "target");
  assert.equal(triggerOf(exit, null, d("100"), 1_000)?.condition, "time");
});

test("without a price that is young enough only a time stop acts", () => {
  const exit = { ...LEVELS, stop: d("90"), timeStopAtMs: 500 };
  assert.equal(triggerOf(exit, null, null, 499), null);
  assert.deepEqual(triggerOf(exit, null, null, 500), { condition: "time", level: null });
});

test("a trailing stop lies behind the best price, whichever side is held", () => {
  const long = { ...LEVELS, trailing: { ratio: d("0.1") } };
  assert.equal(trailingLevel(long, d("200")), "180");
  const short = { ...LEVELS, side: "short", trailing: { distance: d("5") } } as const;
  assert.equal(trailingLevel(short, d("100")), "105");
  assert.equal(betterOf("short", d("100"), d("101")), "100");
  assert.equal(triggerOf(short, d("100"), d("105"), 0)?.condition, "trailing");
});

test("the best price is written down when it has moved by a tenth of the distance", () => {
  const exit = { ...LEVELS, trailing: { distance: d("10") } };
  assert.equal(isWorthWriting(exit, d("100"), d("100.9")), false);
  assert.equal(isWorthWriting(exit, d("100"), d("101")), true);
  assert.equal(isWorthWriting(exit, null, d("100")), true);
  assert.equal(isWorthWriting(LEVELS, null, d("100")), false);
});

test("a plan that closes nothing, or could not be meant, is refused with what is allowed", () => {
  assert.match(problemOfPlan({}) ?? "", /closes nothing/);
  assert.match(problemOfPlan({ stop: { ratio: d("2") } }) ?? "", /ratio 2 is not below 1; 2 % is 0.02/);
  assert.match(problemOfPlan({ stop: { price: d("-1") } }) ?? "", /not above zero/);
  assert.match(problemOfPlan({ timeStopMs: 0 }) ?? "", /time stop of 0 ms/);
  assert.match(problemOfPlan({ timeStopMs: 5, minimumHoldMs: 6 }) ?? "", /longer than the time stop/);
  assert.equal(problemOfPlan({ target: { ratio: d("2") } }), null);
});

test("a stop on the wrong side of the entry, or beyond the target, is refused when the order is sent", () => {
  const stop: ExitPlan = { stop: { price: d("101") } };
  assert.match(problemOfSides(stop, "buy", d("100")) ?? "", /must be below its entry, about 100/);
  assert.equal(problemOfSides(stop, "sell", d("100")), null);
  assert.match(problemOfSides({ target: { price: d("99") } }, "buy", d("100")) ?? "", /above its entry/);
  const crossed: ExitPlan = { stop: { price: d("9") }, target: { price: d("8") } };
  assert.match(problemOfSides(crossed, "buy", undefined) ?? "", /below its target 8/);
});

test("an intent without a plan has the digest it always had; one with a plan does not depend on its order of words", () => {
  const plain: OrderIntent = {
    intentId: "i",
    instrument: "X",
    leg: "net",
    side: "buy",
    type: "market",
    qty: d("1"),
    timeInForce: "day",
    reduceOnly: false,
    strategy: "grid",
  };
  assert.equal(digestOfIntent(plain), "2a54b5a85fb8d31d894a928e9069f5c26d4bf301777d7bd17e1adf5e6d4f860a");
  const one = { ...plain, exit: { stop: { price: d("9") }, timeStopMs: 5 } };
  const two = { ...plain, exit: { timeStopMs: 5, stop: { price: d("9") } } };
  assert.equal(digestOfIntent(one), digestOfIntent(two));
  assert.notEqual(digestOfIntent(one), digestOfIntent(plain));
});

test("an exit's intent follows from the exit and the attempt alone", () => {
  assert.equal(exitIntentId("exit_ab", 2), exitIntentId("exit_ab", 2));
  assert.notEqual(exitIntentId("exit_ab", 2), exitIntentId("exit_ab", 1));
});

test("a quantity is cut down to whole steps, never up", () => {
  assert.equal(floorTo(d("1.999"), d("0.01")), "1.99");
  assert.equal(floorTo(d("10"), d("3")), "9");
  assert.equal(floorTo(d("0.5"), d("1")), "0");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 1, max: 1e5 }), (units, step) => {
      const qty = d((units / 1e4).toFixed(4));
      const size = d((step / 1e3).toFixed(3));
      const cut = floorTo(qty, size);
      assert.ok(compare(cut, qty) <= 0 && compare(add(cut, size), qty) > 0);
    }),
  );
});

/** A book, and the records that lead to it. */
class Account {
  readonly book = emptyBook("test");
  private seq = 0;

  enter(...drafts: readonly Draft[]): void {
    for (const one of drafts) {
      this.seq += 1;
      const record = { ...one, account: "test", seq: this.seq, tsMs: this.seq * 1_000, v: 1 };
      applyRecord(this.book, record as JournalRecord);
    }
  }

  trade(strategy: string, delta: Decimal): void {
    const side = sign(delta) > 0 ? "buy" : "sell";
    const id = String(this.seq);
    this.enter(strategyTrade({ side, qty: abs(delta), id, timestamp: this.seq * 1_000, strategy }));
  }

  order(id: number, side: "buy" | "sell", size: Decimal, strategy: string, isByNotional = false): void {
    const orderKey = orderKeyOfClientId("X", `c-${id}`);
    const intent = {
      action: "submit",
      clientOrderId: `c-${id}`,
      intentId: `i-${id}`,
      instrument: "X",
      leg: "net",
      side,
      type: "limit",
      price: d("100"),
      ...(isByNotional ? { notional: size } : { qty: size }),
      timeInForce: "gtc",
      reduceOnly: false,
      strategy,
    } as const;
    this.enter(draft("intent_recorded", { orderKey, by: "test", intent }, "test"));
  }
}

const units = fc.integer({ min: 1, max: 400 }).map((n) => d((n / 10).toString()));
const strategy = fc.constantFrom("unattributed", "grid", "trend");
const step = fc.oneof(
  fc.record({ kind: fc.constant("trade" as const), strategy, qty: units, isBuy: fc.boolean() }),
  fc.record({ kind: fc.constant("order" as const), strategy, qty: units, isBuy: fc.boolean() }),
);
const stepOrNotional = fc.oneof(
  { weight: 4, arbitrary: step },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("notional" as const),
      strategy,
      qty: units,
      isBuy: fc.boolean(),
    }),
  },
);
const venueSays = fc.option(
  fc.integer({ min: -600, max: 600 }).map((n) => d((n / 10).toString())),
  { nil: null },
);

test("[R10] exits never come to more than is held under every quantity that is possible, and none opens the other side", () => {
  fc.assert(
    fc.property(fc.array(stepOrNotional, { maxLength: 14 }), venueSays, (steps, said) => {
      const account = new Account();
      steps.forEach((one, index) => {
        const delta = one.isBuy ? one.qty : negate(one.qty);
        if (one.kind === "trade") account.trade(one.strategy, delta);
        else {
          const side = one.isBuy ? "buy" : "sell";
          account.order(index, side, one.qty, one.strategy, one.kind === "notional");
        }
      });
      const { book } = account;
      const context = { book, exits: OWNED, venueQty: () => said, notPossible: null };
      const wanted = armable(context);
      account.enter(...armingDrafts(book, wanted, "test"));
      const qty = positionQty(book, KEY);
      const exits = [...book.exits.values()];
      const possible = said === null ? [qty] : [qty, said];
      const least = possible
        .map((one) => (sign(one) === sign(qty) ? abs(one) : ZERO))
        .reduce((a, b) => min(a, b));
      assert.ok(compare(sum(exits.map(({ facts }) => facts.qty)), least) <= 0);
      for (const exit of exits) {
        const { facts } = exit;
        assert.equal(facts.side, sign(qty) > 0 ? "long" : "short");
        const { qty: size } = closable(book, exit, said);
        assert.ok(compare(size, facts.qty) <= 0);
        if (isZero(size)) continue;
        // What may be sent passes the gate's own question, whatever else is still working.
        const intent = exitIntent(exit, size, 1, CAPABILITIES_DEFAULT.commands);
        const question = { ...intent, hasReduceOnlyFlag: true, exit: { mayPassKill: false } };
        assert.equal(admit(book, question, said).isReducing, true);
      }
    }),
    { numRuns: 400 },
  );
});

test("orders of all exits of a position, sent one after another, never come to more than it", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), venueSays, (steps, said) => {
      const account = new Account();
      steps.forEach((one, index) => {
        if (one.kind === "order") account.order(index, one.isBuy ? "buy" : "sell", one.qty, one.strategy);
        else account.trade(one.strategy, one.isBuy ? one.qty : negate(one.qty));
      });
      const { book } = account;
      const wanted = armable({ book, exits: OWNED, venueQty: () => said, notPossible: null });
      account.enter(...armingDrafts(book, wanted, "test"));
      const held = positionQty(book, KEY);
      let rest = held;
      [...book.exits.values()].forEach((exit, index) => {
        const { qty } = closable(book, exit, said);
        if (isZero(qty)) return;
        account.order(1_000 + index, sign(held) > 0 ? "sell" : "buy", qty, exit.facts.strategy);
        rest = add(rest, sign(held) > 0 ? negate(qty) : qty);
      });
      assert.ok(isZero(rest) || sign(rest) === sign(held));
    }),
    { numRuns: 300 },
  );
});

test("[R10] an order by notional that adds leaves an exit's quantity free; one that closes leaves nothing certain", () => {
  const freeBeside = (side: "buy" | "sell") => {
    const account = new Account();
    account.trade("grid", d("5"));
    const context = { book: account.book, exits: OWNED, venueQty: () => null, notPossible: null };
    account.enter(...armingDrafts(account.book, armable(context), "test"));
    account.order(1, side, d("100"), "trend", true);
    return [...account.book.exits.values()].map((exit) => closable(account.book, exit, null).qty);
  };
  assert.deepEqual(freeBeside("buy"), ["5"]);
  assert.deepEqual(freeBeside("sell"), ["0"]);
});

test("a lot that opposite ones set off has nothing to close and is in no doubt; the others are armed for what is held", () => {
  const account = new Account();
  account.trade("grid", d("5"));
  account.trade("trend", d("3"));
  const context = { book: account.book, exits: OWNED, venueQty: () => null, notPossible: null };
  account.enter(...armingDrafts(account.book, armable(context), "test"));
  account.trade("carry", d("-3"));
  const { exits, unarmed } = armable(context);
  assert.deepEqual(
    exits.map(({ strategy, qty }) => [strategy, qty]),
    [["grid", "5"]],
  );
  assert.deepEqual(unarmed, []);
  account.enter(...armingDrafts(account.book, armable(context), "test"));
  assert.equal(account.book.exits.size, 1);
});

test("arming twice changes nothing, and a fold of the records is the same book", () => {
  const account = new Account();
  account.trade("grid", d("10"));
  account.trade("trend", d("4"));
  const context = { book: account.book, exits: OWNED, venueQty: () => null, notPossible: null };
  account.enter(...armingDrafts(account.book, armable(context), "test"));
  assert.deepEqual(armingDrafts(account.book, armable(context), "test"), []);
  account.trade("grid", d("-10"));
  const drafts = armingDrafts(account.book, armable(context), "test");
  assert.deepEqual(
    drafts.map(({ kind }) => kind),
    ["exit_disarmed"],
  );
});

test("a short position's stop lies above its entry and buys", () => {
  const account = new Account();
  account.trade("grid", d("-10"));
  const { exits } = armable({ book: account.book, exits: OWNED, venueQty: () => null, notPossible: null });
  assert.deepEqual(
    exits.map(({ side, stop, qty }) => [side, stop, qty]),
    [["short", "110", "10"]],
  );
});

test("prices that were named before a split are not acted on after it; parts of the entry price are", () => {
  for (const [plan, code] of [
    [{ stop: { price: d("90") } }, "split_since"],
    [{ stop: { ratio: d("0.1") } }, undefined],
  ] as const) {
    const account = new Account();
    account.trade("grid", d("10"));
    const entryId = account.book.ledgers.get(KEY)?.entries[0]?.id ?? "";
    const of = { instrument: "X", leg: "net", entryId, strategy: null, by: "ann" } as const;
    account.enter(draft("exit_plan_set", { ...of, plan }, "test"));
    const split = { id: "L-1", cause: "split", instrument: "X", leg: "net", qtyDelta: d("10") } as const;
    account.enter(
      draft(
        "ledger_entry_recorded",
        { ...split, timestamp: 10_000, strategy: "unattributed" } as never,
        "test",
      ),
    );
    const wanted = armable({ book: account.book, exits: OWNED, venueQty: () => null, notPossible: null });
    assert.equal(wanted.unarmed[0]?.code, code);
    if (!code)
      assert.deepEqual(
        wanted.exits.map(({ stop, qty }) => [stop, qty]),
        [["45", "20"]],
      );
  }
});

test("what fractions of several lots come to in whole steps has an exit too", () => {
  const lots = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(lots, (tenths) => {
      const account = new Account();
      const instrument = { ...instrumentOf("X"), qtyStep: d("1") };
      account.enter(draft("instrument_observed", { instrument }, "test"));
      tenths.forEach((one, index) => {
        account.trade(`s${index}`, d((one / 10).toString()));
      });
      const { book } = account;
      const { exits, unarmed } = armable({ book, exits: OWNED, venueQty: () => null, notPossible: null });
      assert.deepEqual(unarmed, []);
      assert.equal(sum(exits.map(({ qty }) => qty)), floorTo(positionQty(book, KEY), d("1")));
    }),
  );
});
