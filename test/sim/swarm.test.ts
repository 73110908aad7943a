// The whole engine on a venue that lies, seed by seed: faults first, then all is well, and everything is as the venue has
// it. To see one seed again: runSeed({ seed, steps }) of src/sim.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as settle } from "node:timers/promises";
import { FAULT_IDS } from "../../src/sim/index.ts";
import { runSeed, type SeedResult } from "../../src/sim/swarm/run-seed.ts";

const STEPS = 30;
const SEEDS = 120;

function text({ seed, violations, enabled }: SeedResult): string {
  return `runSeed({ seed: ${seed}, steps: ${STEPS} }) with ${enabled.join(", ")}: ${violations.join("; ")}`;
}

test(`after faults of every kind ${SEEDS} accounts are as their venues have them, and nothing was made up`, async () => {
  const fired = new Map<string, number>();
  const broken: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const result = await runSeed({ seed, steps: STEPS, settle });
    for (const [id, count] of Object.entries(result.fired)) fired.set(id, (fired.get(id) ?? 0) + count);
    if (result.violations.length > 0) broken.push(text(result));
  }
  assert.deepEqual(broken, []);
  // A fault that never struck proves nothing.
  assert.deepEqual(
    FAULT_IDS.filter((id) => !fired.has(id)),
    [],
  );
});

/** Seeds that once ended badly. */
const CORPUS: readonly (readonly [number, string])[] = [
  [1247, "an estimate of a clock that was set back since kept its row in flight"],
  [2662, "the same, with fills that came late"],
];

for (const [seed, what] of CORPUS) {
  test(`what once went wrong holds: ${what} (seed ${seed})`, async () => {
    assert.deepEqual((await runSeed({ seed, steps: STEPS, settle })).violations, []);
  });
}

test("a seed is the same run every time", async () => {
  for (const seed of [7, 60, 382]) {
    const [first, second] = [
      await runSeed({ seed, steps: STEPS, settle }),
      await runSeed({ seed, steps: STEPS, settle }),
    ];
    assert.equal(first.traceHash, second.traceHash);
    assert.deepEqual(first, second);
  }
});

test("a simulation in which fills are not told at all sees that the book has none of them", async () => {
  const { violations } = await runSeed({ seed: 1, steps: STEPS, isBlind: true, settle });
  assert.ok(violations.some((one) => one.startsWith("I3")));
});
