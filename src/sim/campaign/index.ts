// Many seeds together, by name.
export { failureRateMax, percentText } from "./confidence.ts";
export { fine, grouped, rounded } from "./numbers.ts";
export {
  type Reliability,
  readReliability,
  readSuite,
  reliabilityPage,
  type SuiteOutcome,
} from "./reliability.ts";
export { type Attempt, NO_FAULTS, replayLine } from "./replay.ts";
export { type Run, SHRINKING_RUNS_MAX, type Shrunk, shrink } from "./shrink.ts";
export { type FailedSeed, type FaultCounts, sum, Tally } from "./tally.ts";
export {
  CYCLES_MAX,
  CYCLES_P99_MAX,
  DAYS_DEMANDING,
  FALSE_CLOSINGS_PER_DAY_MAX,
  type FalseClosings,
  type Gap,
  type Scope,
  SEEDS_DEMANDING,
  scopeOf,
  type Verdict,
  verdictOf,
} from "./verdict.ts";
