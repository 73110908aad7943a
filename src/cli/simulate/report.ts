// A campaign as one document: what --json prints, and what the lines for a person are made of.
import {
  type Attempt,
  type FalseClosings,
  type FaultCounts,
  failureRateMax,
  type Gap,
  type Profile,
  replayLine,
  type Scope,
  type Shrunk,
  type Tally,
  type Violation,
  verdictOf,
} from "../../sim/index.ts";
import type { Shape } from "./request.ts";

const HOUR_MS = 3_600_000;

/** A seed that failed, and what it takes to make it fail. */
export interface Finding {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** The faults that matter; null where it was not narrowed down. */
  readonly faults: readonly string[] | null;
  readonly steps: number | null;
  /** How many runs narrowing it down took; null where it was not. */
  readonly shrinkingRuns: number | null;
  /** What to paste to see it. */
  readonly replay: string;
}

export interface Report {
  readonly isHeld: boolean;
  readonly isInterrupted: boolean;
  readonly profile: Profile;
  readonly only: readonly string[] | null;
  readonly steps: number | null;
  /** The window: `to` is the last seed that was run. */
  readonly from: number;
  readonly to: number | null;
  readonly seeds: number;
  readonly failed: number;
  /** Seeds by what they violated. */
  readonly violated: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  readonly faults: Readonly<Record<string, FaultCounts>>;
  readonly faultsInScope: number;
  readonly invariants: Readonly<Record<string, number>>;
  readonly invariantsInScope: number;
  readonly notCovered: readonly Gap[];
  readonly isCoverageDemanded: boolean;
  readonly cycles: { readonly p99: number; readonly most: number; readonly neverAgreed: number };
  readonly slow: string | null;
  readonly falseClosings: FalseClosings | null;
  readonly restless: string | null;
  /** Highest rate of failing seeds that this leaves plausible, with 95 % confidence. */
  readonly failureRateMax: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly habits: Readonly<Record<string, number>>;
  readonly events: number;
  readonly records: number;
  readonly simulatedHours: number;
  readonly traceHash: string;
  readonly version: string;
  readonly commit: string | null;
  readonly workers: number;
  readonly elapsedMs: number;
  readonly seedsPerMinute: number;
  readonly simulatedHoursPerSecond: number;
}

export interface Run {
  readonly shape: Shape;
  readonly scope: Scope;
  readonly from: number;
  readonly workers: number;
  readonly version: string;
  readonly commit: string | null;
  readonly elapsedMs: number;
  readonly isInterrupted: boolean;
  readonly shrunk: ReadonlyMap<number, Shrunk>;
}

export function reportOf(tally: Tally, run: Run): Report {
  const { shape, from, elapsedMs, version, commit, workers, isInterrupted } = run;
  const { seeds, failed, events, records, virtualMs, traceHash } = tally;
  const verdict = verdictOf(tally, run.scope);
  const seconds = Math.max(1, elapsedMs) / 1000;
  const simulatedHours = virtualMs / HOUR_MS;
  return {
    ...verdict,
    isInterrupted,
    profile: shape.profile,
    only: shape.only ?? null,
    steps: shape.steps ?? null,
    from,
    to: seeds === 0 ? null : from + seeds - 1,
    seeds,
    failed,
    violated: sorted(tally.violated),
    findings: findingsOf(tally, run),
    faults: Object.fromEntries(tally.faults),
    invariants: Object.fromEntries(
      run.scope.invariants.map((id) => [id, 0] as const).concat([...tally.checked] as never),
    ),
    cycles: { p99: tally.cyclesP99, most: tally.cyclesMost, neverAgreed: tally.neverAgreed },
    failureRateMax: failureRateMax(failed, seeds),
    counts: sorted(tally.counts),
    habits: sorted(tally.habits),
    events,
    records,
    simulatedHours,
    traceHash,
    version,
    commit,
    workers,
    elapsedMs: Math.round(elapsedMs),
    seedsPerMinute: Math.round((seeds * 60) / seconds),
    simulatedHoursPerSecond: Math.round((simulatedHours * 10) / seconds) / 10,
  };
}

function findingsOf(tally: Tally, { shape, shrunk }: Run): Finding[] {
  return tally.failures.map(({ seed, violations }) => {
    const small = shrunk.get(seed);
    const attempt: Attempt = small?.attempt ?? { seed, ...shape };
    return {
      seed,
      violations: small ? foremost(small.result.violations, violations[0]) : violations,
      faults: small ? faultsOf(small) : null,
      steps: attempt.steps ?? null,
      shrinkingRuns: small?.runs ?? null,
      replay: replayLine(attempt),
    };
  });
}

/** What the seed was kept for comes first. */
function foremost(violations: readonly Violation[], found: Violation | undefined): Violation[] {
  const isFound = ({ invariant }: Violation) => invariant === found?.invariant;
  return [...violations.filter(isFound), ...violations.filter((one) => !isFound(one))];
}

/** Of the faults that were allowed those that were drawn. */
function faultsOf({ result }: Shrunk): readonly string[] {
  return result.enabled;
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
