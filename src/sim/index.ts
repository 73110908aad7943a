// The simulation, by name: the real engine under a virtual clock.
export * from "./campaign/index.ts";
export type { Failure } from "./scenario/expect.ts";
export { type Loaded, loadScenario } from "./scenario/load.ts";
export { runScenario, type ScenarioResult } from "./scenario/run.ts";
export type { Scenario } from "./scenario/schema.ts";
export { FAULT_IDS, FAULTS, type FaultId } from "./swarm/faults.ts";
export {
  INVARIANTS,
  type InvariantId,
  PROFILES,
  type Profile,
  type SeedOptions,
  type SeedResult,
  UNASKED_CLOSINGS,
  UNKNOWN_IN_TIME,
  UNKNOWN_LATER,
  type Violation,
} from "./swarm/result.ts";
export { runSeed } from "./swarm/run-seed.ts";
export { VirtualRuntime } from "./virtual-runtime.ts";
