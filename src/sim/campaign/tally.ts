// What many seeds' runs say together. It is fed in the order of the seeds, so that it is the same however many workers ran them.
import { digestHex } from "../../core/index.ts";
import type { SeedResult, Violation } from "../swarm/result.ts";

/** Failures kept with all that is known of them; beyond they are only counted. */
const FAILURES_KEPT_MAX = 100;

export interface FailedSeed {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** Null where the run ended without a result: whatever ran it died. */
  readonly result: SeedResult | null;
}

export interface FaultCounts {
  /** Seeds that drew it. */
  readonly drawn: number;
  /** How often it struck, and how often it was answered as its row says. */
  readonly fired: number;
  readonly answered: number;
}

export class Tally {
  /** Seeds that were run to their end, or ended their worker. */
  seeds = 0;
  /** Those with a violation. */
  failed = 0;
  events = 0;
  records = 0;
  virtualMs = 0;
  /** Seeds that never agreed after everything healed. */
  neverAgreed = 0;
  readonly failures: FailedSeed[] = [];
  /** Seeds by what they violated. */
  readonly violated = new Map<string, number>();
  readonly checked = new Map<string, number>();
  readonly counts = new Map<string, number>();
  readonly habits = new Map<string, number>();
  private readonly drawn = new Map<string, number>();
  private readonly fired = new Map<string, number>();
  private readonly answered = new Map<string, number>();
  /** Seeds by the number of passes that they took to agree. */
  private readonly cycles = new Map<number, number>();
  private hash = "";

  add(result: SeedResult): void {
    const { seed, violations, enabled, fired, answered, checked, counts, habits, cycles } = result;
    this.seeds += 1;
    this.events += result.events;
    this.records += result.records;
    this.virtualMs += result.virtualMs;
    for (const id of enabled) increase(this.drawn, id, 1);
    for (const id of habits) increase(this.habits, id, 1);
    increaseAll(this.fired, fired);
    increaseAll(this.answered, answered);
    increaseAll(this.checked, checked);
    increaseAll(this.counts, counts);
    if (cycles === null) this.neverAgreed += 1;
    else increase(this.cycles, cycles, 1);
    this.hash = digestHex(`${this.hash}|${seed}|${result.traceHash}`);
    if (violations.length > 0) this.fail({ seed, violations, result });
  }

  /** A seed whose run never gave a result. */
  addLost(seed: number, text: string): void {
    this.seeds += 1;
    this.hash = digestHex(`${this.hash}|${seed}|lost`);
    this.fail({ seed, violations: [{ invariant: "stopped", text, atMs: 0 }], result: null });
  }

  /** By name, in the order of names. */
  get faults(): ReadonlyMap<string, FaultCounts> {
    const names = new Set([...this.drawn.keys(), ...this.fired.keys(), ...this.answered.keys()]);
    return new Map([...names].sort().map((name) => [name, this.fault(name)]));
  }

  fault(name: string): FaultCounts {
    const of = (counts: ReadonlyMap<string, number>) => counts.get(name) ?? 0;
    return { drawn: of(this.drawn), fired: of(this.fired), answered: of(this.answered) };
  }

  /** Passes within which 99 of 100 of the seeds that agreed did so. */
  get cyclesP99(): number {
    return this.cyclesWithin(0.99);
  }

  get cyclesMost(): number {
    return this.cyclesWithin(1);
  }

  /** Of all runs in the order of their seeds. */
  get traceHash(): string {
    return this.hash;
  }

  private cyclesWithin(share: number): number {
    const total = sum(this.cycles.values());
    let within = 0;
    for (const [cycles, seeds] of [...this.cycles].sort(([a], [b]) => a - b)) {
      within += seeds;
      if (within >= total * share) return cycles;
    }
    return 0;
  }

  private fail(failed: FailedSeed): void {
    this.failed += 1;
    for (const name of new Set(failed.violations.map(({ invariant }) => invariant))) {
      increase(this.violated, name, 1);
    }
    if (this.failures.length < FAILURES_KEPT_MAX) this.failures.push(failed);
  }
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function increase<T>(counts: Map<T, number>, name: T, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

function increaseAll(counts: Map<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(more)) increase(counts, name, count);
}
