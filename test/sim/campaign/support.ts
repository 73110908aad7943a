// Results of seeds as a run would give them, for tests of what is made of many.
import { INVARIANTS, type InvariantId, type SeedResult, type Violation } from "../../../src/sim/index.ts";

export function violation(invariant: Violation["invariant"], text = "it is not so"): Violation {
  return { invariant, text, atMs: 1_000 };
}

/** A seed that held, with everything checked once; what a test is about is given. */
export function result(seed: number, given: Partial<SeedResult> = {}): SeedResult {
  return {
    seed,
    profile: "swarm",
    violations: [],
    enabled: [],
    fired: {},
    answered: {},
    checked: Object.fromEntries(INVARIANTS.map((id): [InvariantId, number] => [id, 1])),
    habits: [],
    counts: {},
    cycles: 1,
    traceHash: `trace-${seed}`,
    events: 10,
    records: 20,
    virtualMs: 60_000,
    ...given,
  };
}
