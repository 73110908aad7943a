// The demo's dice and prices: all of their future is in the seed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal } from "../../core/index.ts";
import { newPaperState, PaperAccount } from "../../venues/paper/index.ts";
import { Market } from "./market.ts";
import { Random } from "./random.ts";

test("the same seed throws the same, another one something else", () => {
  const throws = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.between(1, 1_000));
  };
  assert.deepEqual(throws(7), throws(7));
  assert.notDeepEqual(throws(7), throws(8));
  // A generator that was changed would tell every story anew: the README shows one of them.
  assert.deepEqual(throws(11).slice(0, 3), [512, 530, 609]);
});

test("what is thrown stays within its ends, and a shuffled list has everything once", () => {
  const random = new Random(1);
  const thrown = Array.from({ length: 500 }, () => random.between(3, 5));
  assert.deepEqual([...new Set(thrown)].sort(), [3, 4, 5]);
  assert.deepEqual(random.shuffled(["a", "b", "c", "d"]).sort(), ["a", "b", "c", "d"]);
  assert.throws(() => random.pick([]), /nothing to pick from/);
});

test("prices wander by the seed, stay above zero and have two digits", () => {
  const walk = (seed: number) => {
    const account = new PaperAccount({
      state: newPaperState("p", "USD", decimal("0")),
      feeRatio: decimal("0"),
      nowMs: () => 0,
    });
    const market = new Market(account, new Random(seed), { AAPL: "189.2", PENNY: "0.01" });
    for (let step = 0; step < 50; step += 1) market.step();
    market.nudge("PENNY", -5);
    return account.state.prices;
  };
  assert.deepEqual(walk(3), walk(3));
  assert.notDeepEqual(walk(3), walk(4));
  assert.match(walk(3).AAPL ?? "", /^[12]\d\d(\.\d{1,2})?$/);
  assert.equal(walk(3).PENNY, "0.01");
});
