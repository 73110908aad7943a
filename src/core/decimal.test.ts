// Decimals: canonical form, exact arithmetic, and what is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import BigJs from "big.js";
import fc from "fast-check";
import {
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  halfLastUnit,
  multiply,
  negate,
  parseDecimal,
  sign,
  subtract,
} from "./decimal.ts";

test("[E02] a decimal has one spelling however it was written", () => {
  const spellings: [string, string][] = [
    ["5.0", "5"],
    [" 1", "1"],
    ["+1", "1"],
    ["-0", "0"],
    ["0E-8", "0"],
    ["1e-7", "0.0000001"],
    ["1.5E3", "1500"],
    [".5", "0.5"],
    ["5.", "5"],
    ["0010.0100", "10.01"],
    ["-0.000", "0"],
    ["12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678"],
  ];
  for (const [written, expected] of spellings) assert.equal(parseDecimal(written), expected, written);
});

test("what is not a number, or larger than any quantity, is not a decimal", () => {
  const refused = [
    "",
    " ",
    ".",
    "-",
    "abc",
    "1,5",
    "1e400",
    "1e-99",
    "NaN",
    "Infinity",
    "0x10",
    "1 2",
    "--1",
  ];
  for (const text of refused) assert.equal(parseDecimal(text), undefined, text);
  for (const value of [1, null, undefined, 5n, {}]) assert.equal(parseDecimal(value), undefined);
  assert.throws(() => decimal("five"), /"five" is not a decimal number/);
});

test("digits with a point or a minus read as the same digits with an exponent do", () => {
  const digits = fc.string({
    unit: fc.constantFrom("0", "0", "1", "5", "9", ".", "-", "+", " "),
    maxLength: 44,
  });
  const written = fc.oneof(digits, fc.stringMatching(/^-?0{0,2}[0-9]{0,20}(\.[0-9]{0,12}0{0,9})?$/));
  fc.assert(
    // The exponent changes nothing but the way: a text that has one is never taken for a common one.
    fc.property(written, (text) => assert.equal(parseDecimal(text), parseDecimal(`${text.trimEnd()}e0`))),
    { numRuns: 2_000 },
  );
});

const anyDecimal: fc.Arbitrary<Decimal> = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 18 }))
  .map(([digits, scale]) => decimal(`${digits}e-${scale}`));

test("[E01] arithmetic is exact: nothing is lost and nothing appears", () => {
  fc.assert(
    fc.property(anyDecimal, anyDecimal, (a, b) => {
      assert.equal(subtract(add(a, b), b), a);
      assert.equal(add(a, negate(a)), "0");
      assert.equal(compare(a, b), sign(subtract(a, b)));
      if (b !== "0") assert.equal(divide(multiply(a, b), b), a);
    }),
  );
  assert.equal(add(decimal("0.1"), decimal("0.2")), "0.3");
});

test("arithmetic agrees with a library of decimals, for small numbers and for large ones", () => {
  const Big = BigJs();
  Big.RM = BigJs.roundHalfEven;
  const shortDecimal = fc
    .tuple(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.integer({ min: 0, max: 9 }))
    .map(([digits, scale]) => decimal(`${digits}e-${scale}`));
  // Around what a double holds exactly, where a fast way would go wrong first.
  const edgeDecimal = fc
    .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 15 }))
    .map(([digits, scale]) => decimal(`${digits}e-${scale}`));
  const some = fc.oneof(anyDecimal, shortDecimal, edgeDecimal);
  fc.assert(
    fc.property(some, some, (a, b) => {
      const [x, y] = [new Big(a), new Big(b)];
      assert.equal(add(a, b), decimal(x.plus(y).toFixed()));
      assert.equal(subtract(a, b), decimal(x.minus(y).toFixed()));
      assert.equal(multiply(a, b), decimal(x.times(y).toFixed()));
      assert.equal(compare(a, b), x.cmp(y));
      if (b === "0") return;
      Big.DP = Math.min(60, Math.max(0, 34 - (x.e - y.e)));
      assert.equal(divide(a, b), decimal(x.div(y).toFixed()));
    }),
    { numRuns: 3_000 },
  );
});

test("a quotient just between two numbers goes to the even one", () => {
  const half = (digits: string) => divide(decimal(`${digits}e-60`), decimal("2"));
  assert.equal(half("1"), "0");
  assert.equal(half("3"), decimal("2e-60"));
  assert.equal(half("-3"), decimal("-2e-60"));
  assert.equal(half("5"), decimal("2e-60"));
});

test("a quotient that does not come out even is rounded to 34 significant digits", () => {
  assert.equal(divide(decimal("1"), decimal("3")), `0.${"3".repeat(34)}`);
  assert.equal(divide(decimal("2e-20"), decimal("3")), `0.${"0".repeat(20)}${"6".repeat(33)}7`);
  assert.throws(() => divide(decimal("1"), decimal("0")), /division by zero/);
});

test("half a unit of the last decimal follows how the number was written", () => {
  assert.equal(halfLastUnit("0.5599"), "0.00005");
  assert.equal(halfLastUnit("60000"), "0.5");
});
