// The worst price of an order that is to trade at once, in Hyperliquid's digits.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, type Side } from "../../../core/index.ts";
import { boundOf } from "./price.ts";

const CASES: readonly (readonly [string, Side, string, boolean, string])[] = [
  // 5 % away; five significant figures.
  ["30000", "buy", "0.00001", false, "31500"],
  ["30000", "sell", "0.00001", false, "28500"],
  ["30001", "buy", "0.00001", false, "31501"],
  ["30001", "sell", "0.00001", false, "28501"],
  ["2000.1", "buy", "0.0001", false, "2100.1"],
  ["2000.1", "sell", "0.0001", false, "1900.1"],
  ["0.0123456", "buy", "1", false, "0.012962"],
  ["0.0123456", "sell", "1", false, "0.011729"],
  // No more digits after the point than the size leaves: 6 less 4 of a perpetual, 8 less 4 on spot.
  ["1.23456", "buy", "0.0001", false, "1.29"],
  ["1.23456", "buy", "0.0001", true, "1.2962"],
  // A whole number is always taken.
  ["123456", "buy", "0.001", false, "129628"],
];

for (const [price, side, step, isSpot, bound] of CASES) {
  test(`a ${side} at ${price} with steps of ${step}${isSpot ? " on spot" : ""} accepts ${bound} at worst`, () => {
    assert.equal(boundOf(decimal(price), side, decimal(step), isSpot), bound);
  });
}
