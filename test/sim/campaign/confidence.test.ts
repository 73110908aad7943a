// Bounds on how often something may fail, against figures that are known.
import assert from "node:assert/strict";
import { test } from "node:test";
import { failureRateMax, percentText } from "../../../src/sim/index.ts";

test("without a failure the bound is three over the number of tries", () => {
  assert.equal(failureRateMax(0, 10_000), 0.0003);
  assert.equal(failureRateMax(0, 1), 1);
  assert.equal(failureRateMax(0, 0), 1);
});

test("with failures the bound is that of Clopper and Pearson", () => {
  // Found by halving on exact sums of fractions.
  const known: readonly (readonly [number, number, number])[] = [
    [1, 10, 0.394163],
    [1, 100, 0.04656],
    [2, 1_000, 0.006282],
    [50, 100, 0.586378],
  ];
  for (const [failures, tries, bound] of known) {
    assert.ok(Math.abs(failureRateMax(failures, tries) - bound) < 1e-5, `${failures} of ${tries}`);
  }
  assert.equal(failureRateMax(7, 7), 1);
});

test("the bound falls with more tries and rises with more failures", () => {
  assert.ok(failureRateMax(1, 10_000) > failureRateMax(0, 10_000));
  assert.ok(failureRateMax(3, 10_000) > failureRateMax(3, 20_000));
  assert.ok(failureRateMax(2_000, 100_000) < 0.021);
});

test("a rate is told with two digits, rounded up", () => {
  const told = [0, 0.0003, 3 / 7, 0.05, 1, 0.003201, 3 / 1_000_000, 2.9999e-9, 0.1].map(percentText);
  assert.deepEqual(told, [
    "0 %",
    "0.03 %",
    "43 %",
    "5 %",
    "100 %",
    "0.33 %",
    "0.0003 %",
    "0.0000003 %",
    "10 %",
  ]);
});
