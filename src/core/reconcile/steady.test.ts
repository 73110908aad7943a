// Durations across jumps of the clock: never longer than they were, never lost.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { elapsedMs, latestMoment } from "./steady.ts";

const HOUR_MS = 3_600_000;
const PASS_MS = 180_000;

test("without a jump a duration is what the clock shows", () => {
  const steady = { sinceMs: 1_000, byMs: 0, seq: 5 };
  assert.equal(elapsedMs(500, 3_000, steady), 2_500);
  assert.equal(elapsedMs(500, 3_000, undefined), 2_500);
});

test("a duration is never longer than it was, nor forgotten, whenever the clock jumps and however far", () => {
  const jump = fc.oneof(fc.integer({ min: -HOUR_MS, max: -2_001 }), fc.integer({ min: 2_001, max: HOUR_MS }));
  fc.assert(
    fc.property(fc.nat(60_000), fc.nat(60_000), jump, (beforeMs, afterMs, byMs) => {
      const noted = 10 * HOUR_MS;
      const sinceMs = noted + beforeMs + byMs;
      const elapsed = elapsedMs(noted, sinceMs + afterMs, { sinceMs, byMs, seq: 1 });
      assert.ok(elapsed <= beforeMs + afterMs, `${elapsed} of ${beforeMs} + ${afterMs}`);
      // Set back by less than has passed since, only what the clock shows counts; else what came after the jump, unless
      // the moment is so little ahead that it may have been noted just now.
      const aheadMs = -(beforeMs + byMs + afterMs);
      if (byMs > 0 || aheadMs > PASS_MS) assert.equal(elapsed, afterMs);
      assert.ok(elapsed >= 0);
    }),
  );
});

test("where its record is known a duration is what has passed since the jump, also while the clock shows less", () => {
  const back = { sinceMs: 100_000, byMs: -15_000, seq: 7 };
  assert.equal(elapsedMs(105_000, 133_000, back, 7), 33_000);
  assert.equal(elapsedMs(140_000, 133_000, back, 7), 33_000);
  assert.equal(elapsedMs(105_000, 133_000, back, 8), 28_000, "noted since");
  assert.equal(elapsedMs(105_000, 133_000, { ...back, byMs: 0 }, 7), 28_000, "by an earlier process");
});

test("what was noted since a pass began is not old, however long the process has lived (ambiguity seed 43)", () => {
  for (const byMs of [0, -HOUR_MS]) {
    const steady = { sinceMs: 1_000, byMs, seq: 5 };
    assert.equal(elapsedMs(500_210, 500_000, steady), 0);
  }
});

test("what was booked before a jump was over by then, and is as old as it was", () => {
  const back = { sinceMs: 5_000, byMs: -HOUR_MS, seq: 7 };
  assert.equal(latestMoment(5_000 + HOUR_MS, 7, back), 5_000);
  assert.equal(latestMoment(1_000, 7, back), 1_000);
  assert.equal(latestMoment(9_000, 8, back), 9_000, "booked after it");
  const ahead = { sinceMs: 5_000 + HOUR_MS, byMs: HOUR_MS, seq: 7 };
  assert.equal(latestMoment(4_999, 7, ahead), 4_999 + HOUR_MS);
});

test("what an earlier process booked was over when this one began, also where our clock is far behind", () => {
  const steady = { sinceMs: 5_000, byMs: 0, seq: 7 };
  assert.equal(latestMoment(5_000 + HOUR_MS, 7, steady), 5_000);
  assert.equal(latestMoment(1_000, 7, steady), 1_000);
  assert.equal(latestMoment(9_000, 8, steady), 9_000, "booked by this one");
});
