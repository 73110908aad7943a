// Narrowing a failing seed down, on runs whose reason is known.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Attempt, replayLine, type SeedResult, shrink } from "../../../src/sim/index.ts";
import { result, violation } from "./support.ts";

const FAULTS = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
const FOUND: Attempt = { seed: 8812, profile: "swarm" };

/** A run that fails where all these faults are on and so many things happen; with what was tried. */
function world(needs: readonly string[], stepsLeast: number) {
  const tried: Attempt[] = [];
  const of = ({ only = FAULTS, steps = 60 }: Pick<Attempt, "only" | "steps">): SeedResult => {
    const isBroken = needs.every((id) => only.includes(id)) && steps >= stepsLeast;
    return result(8812, {
      enabled: only,
      fired: Object.fromEntries(only.map((id) => [id, 1])),
      counts: { steps },
      violations: isBroken ? [violation("I3")] : [],
    });
  };
  const run = async (attempt: Attempt) => {
    tried.push(attempt);
    return of(attempt);
  };
  return { found: of({}), run, tried };
}

test("of many faults the few that matter are left, and as few steps as it takes", async () => {
  for (const needs of [["c"], ["c", "h"], ["a", "e", "j"], FAULTS]) {
    for (const stepsLeast of [1, 2, 13, 47, 60]) {
      const { found, run } = world(needs, stepsLeast);
      const { attempt, result: smallest, isDone } = await shrink(FOUND, found, run, 1_000);
      assert.deepEqual([attempt.only ?? FAULTS, attempt.steps, isDone], [needs, stepsLeast, true]);
      assert.deepEqual(smallest.violations, [violation("I3")]);
    }
  }
});

test("a failure that takes no fault at all is found out with the first run", async () => {
  const { found, run, tried } = world([], 5);
  const { attempt } = await shrink(FOUND, found, run);
  assert.deepEqual([tried[0]?.only, attempt.only, attempt.steps], [[], [], 5]);
});

test("the number of runs is bounded, and an end by that bound is told", async () => {
  const { found, run, tried } = world(["a", "e", "j"], 13);
  const { attempt, runs, isDone } = await shrink(FOUND, found, run, 9);
  assert.deepEqual([tried.length, runs, isDone], [9, 9, false]);
  // What is handed back was really seen to fail.
  assert.ok(["a", "e", "j"].every((id) => (attempt.only ?? FAULTS).includes(id)));
});

test("another violation, or a run without a result, is not the failure that was found", async () => {
  const { found } = world(["c"], 1);
  const other = async (attempt: Attempt) =>
    attempt.only?.length === 1 ? null : result(8812, { ...attempt, violations: [violation("L2")] });
  const { attempt, result: smallest } = await shrink(FOUND, found, other);
  assert.deepEqual([attempt, smallest], [FOUND, found]);
});

test("faults that never struck are left out at once", async () => {
  const { found, run, tried } = world(["c"], 1);
  await shrink(FOUND, { ...found, fired: { c: 4, d: 1 } }, run);
  assert.deepEqual(tried[1]?.only, ["c", "d"]);
});

test("the line that runs it again has what it takes and nothing else", () => {
  assert.equal(replayLine(FOUND), "trueup simulate --seed 8812 --trace");
  assert.equal(
    replayLine({ seed: 7, profile: "absence", only: ["a", "b"], steps: 12 }),
    "trueup simulate --seed 7 --trace --profile absence --faults a,b --steps 12",
  );
  assert.equal(replayLine({ ...FOUND, only: [] }), "trueup simulate --seed 8812 --trace --faults none");
});
