// The whole engine on a venue that lies, seed by seed: faults first, then all is well, and everything is as the venue has
// it. To see one seed again: trueup simulate --seed N --trace.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Crew } from "../../src/cli/simulate/crew.ts";
import { realRuntime } from "../../src/runtime/real.ts";
import { type Attempt, FAULT_IDS, type SeedResult } from "../../src/sim/index.ts";

const SEEDS = 300;

function text({ seed, profile, violations }: SeedResult): string {
  const found = violations.map(({ invariant, text }) => `${invariant}: ${text}`).join("; ");
  return `trueup simulate --profile ${profile} --seed ${seed} --trace: ${found}`;
}

/** The seeds from 1 on, as workers are given them. */
function inTurn(): () => Attempt | undefined {
  let seed = 0;
  return () => {
    seed += 1;
    return seed <= SEEDS ? { seed, profile: "swarm" } : undefined;
  };
}

test(`after faults of every kind ${SEEDS} accounts are as their venues have them, and nothing was made up`, async () => {
  const fired = new Set<string>();
  const broken: string[] = [];
  let told = 0;
  // In a thread of its own: the test runner watches every promise of a test, and a simulation makes millions.
  const crew = new Crew(1, realRuntime);
  try {
    for await (const { attempt, answer } of crew.run(inTurn())) {
      told += 1;
      if (answer.kind === "lost") broken.push(`seed ${attempt.seed} has no result: ${answer.text}`);
      else {
        for (const id of Object.keys(answer.result.fired)) fired.add(id);
        if (answer.result.violations.length > 0) broken.push(text(answer.result));
      }
    }
  } finally {
    await crew.close();
  }
  assert.deepEqual(broken, []);
  assert.equal(told, SEEDS);
  // A fault that never struck proves nothing.
  assert.deepEqual(
    FAULT_IDS.filter((id) => !fired.has(id)),
    [],
  );
});
