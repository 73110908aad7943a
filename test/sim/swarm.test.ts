// The whole engine on a venue that lies, seed by seed: faults first, then all is well, and everything is as the venue has
// it. To see one seed again: trueup simulate --seed N --trace.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { FAULT_IDS, runSeed, type SeedResult } from "../../src/sim/index.ts";

const SEEDS = 300;
const settle = () => turn();

function text({ seed, profile, violations }: SeedResult): string {
  const found = violations.map(({ invariant, text }) => `${invariant}: ${text}`).join("; ");
  return `trueup simulate --profile ${profile} --seed ${seed} --trace: ${found}`;
}

test(`after faults of every kind ${SEEDS} accounts are as their venues have them, and nothing was made up`, async () => {
  const fired = new Set<string>();
  const broken: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const result = await runSeed({ seed, settle });
    for (const id of Object.keys(result.fired)) fired.add(id);
    if (result.violations.length > 0) broken.push(text(result));
  }
  assert.deepEqual(broken, []);
  // A fault that never struck proves nothing.
  assert.deepEqual(
    FAULT_IDS.filter((id) => !fired.has(id)),
    [],
  );
});
