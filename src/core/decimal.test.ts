// Decimals: canonical form, exact arithmetic, and what is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
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

test("a decimal has one spelling however it was written", () => {
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

test("arithmetic is exact: nothing is lost and nothing appears", () => {
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

test("a quotient that does not come out even is rounded to 34 significant digits", () => {
  assert.equal(divide(decimal("1"), decimal("3")), `0.${"3".repeat(34)}`);
  assert.equal(divide(decimal("2e-20"), decimal("3")), `0.${"0".repeat(20)}${"6".repeat(33)}7`);
  assert.throws(() => divide(decimal("1"), decimal("0")), /division by zero/);
});

test("half a unit of the last decimal follows how the number was written", () => {
  assert.equal(halfLastUnit("0.5599"), "0.00005");
  assert.equal(halfLastUnit("60000"), "0.5");
});
