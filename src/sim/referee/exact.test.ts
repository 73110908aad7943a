// The referee's own arithmetic, against plain arithmetic on whole numbers and against the spelling that the core reads.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Decimal, decimal, parseDecimal } from "../../core/index.ts";
import { exact, floored, nearly, over, rounded, share, text, times, unitOf } from "./exact.ts";

const written = (value: string) => exact(value as Decimal);

test("[I15] a number is read and written back in its one spelling", () => {
  const numbers = fc.tuple(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.nat({ max: 30 }));
  fc.assert(
    fc.property(numbers, ([digits, scale]) => {
      const one = decimal(`${digits}e-${scale}`);
      assert.equal(text(exact(one)), one);
      assert.equal(parseDecimal(text(exact(one))), one);
    }),
  );
});

test("[I15] what is no canonical decimal is refused, and so is what is too fine", () => {
  const wrong = ["-0", "1.0", "01", "+1", "1e-7", "", " 1", ".5", "1.", "NaN", `0.${"0".repeat(30)}1`];
  for (const value of wrong) assert.throws(() => written(value), RangeError, value);
});

test("sums and products are exact, and a product that would not be is refused", () => {
  const small = fc.integer({ min: -1_000_000, max: 1_000_000 });
  fc.assert(
    fc.property(small, small, (a, b) => {
      const [x, y] = [written(String(a)), written(String(b))];
      assert.equal(text(x + y), String(a + b));
      // A zero has no sign.
      assert.equal(text(times(x, y)), String(a * b === 0 ? 0 : a * b));
    }),
  );
  assert.equal(text(times(written("0.000000000001"), written("-0.3"))), "-0.0000000000003");
  const fine = written(`0.${"0".repeat(20)}1`);
  assert.throws(() => times(fine, fine), /finer than/);
});

test("quotients are rounded half to even, whatever the signs", () => {
  const unit = unitOf(0);
  const halves = { "0.5": "0", "1.5": "2", "2.5": "2", "-0.5": "0", "-1.5": "-2", "-2.5": "-2" };
  for (const [from, to] of Object.entries(halves)) assert.equal(text(rounded(written(from), unit)), to);
  assert.equal(text(rounded(written("2.51"), unit)), "3");
  assert.equal(text(rounded(written("-2.51"), unit)), "-3");
  assert.equal(text(floored(written("-2.99"), unit)), "-2");
  assert.equal(text(over(written("1"), written("3"))), `0.${"3".repeat(30)}`);
  assert.equal(text(over(written("-2"), written("3"))), `-0.${"6".repeat(29)}7`);
  assert.equal(text(share(written("10"), written("1"), written("4"))), "2.5");
  assert.equal(text(nearly(written("-3"), written("0.5"))), "-1.5");
});
