// Narrows a failing seed down: first to the few faults that matter, then to the fewest things that have to happen. What it tries
// is really run, and counts when the same invariant is violated; it never says more than it saw.
import type { SeedResult } from "../swarm/result.ts";
import type { Attempt } from "./replay.ts";

/** Runs are what it costs. */
export const SHRINKING_RUNS_MAX = 80;

export interface Shrunk {
  /** The smallest run that still fails. */
  readonly attempt: Attempt;
  readonly result: SeedResult;
  readonly runs: number;
  /** False where the bound on runs ended it: something smaller may fail too. */
  readonly isDone: boolean;
}

/** Runs one; null where it gave no result. */
export type Run = (attempt: Attempt) => Promise<SeedResult | null>;

export async function shrink(
  attempt: Attempt,
  found: SeedResult,
  run: Run,
  runsMax: number = SHRINKING_RUNS_MAX,
): Promise<Shrunk> {
  const search = new Search(attempt, found, run, runsMax);
  await search.fewerFaults();
  await search.fewerSteps();
  return search.shrunk();
}

class Search {
  private readonly run: Run;
  private readonly runsMax: number;
  /** What was violated first; the rest mostly follows from it. */
  private readonly violated: string | undefined;
  private best: { readonly attempt: Attempt; readonly result: SeedResult };
  private runs = 0;
  private isCut = false;

  constructor(attempt: Attempt, result: SeedResult, run: Run, runsMax: number) {
    this.run = run;
    this.runsMax = runsMax;
    this.violated = result.violations[0]?.invariant;
    this.best = { attempt, result };
  }

  shrunk(): Shrunk {
    return { ...this.best, runs: this.runs, isDone: !this.isCut };
  }

  /** Delta debugging over the list of faults. @see https://www.st.cs.uni-saarland.de/papers/tse2002/tse2002.pdf */
  async fewerFaults(): Promise<void> {
    const { enabled, fired } = this.best.result;
    const struck = enabled.filter((id) => (fired[id] ?? 0) > 0);
    if (await this.failsWith([])) return;
    let kept = struck.length < enabled.length && (await this.failsWith(struck)) ? struck : [...enabled];
    let pieces = 2;
    while (kept.length > 1) {
      const smaller = await this.firstThatFails(kept, pieces);
      if (smaller) {
        pieces = smaller.length < kept.length / 2 ? 2 : Math.max(2, pieces - 1);
        kept = smaller;
      } else if (pieces >= kept.length) return;
      else pieces = Math.min(kept.length, pieces * 2);
    }
  }

  /** Doubles the number of steps until it fails, then looks between that and the last that did not. */
  async fewerSteps(): Promise<void> {
    const { counts } = this.best.result;
    const known = this.best.attempt.steps ?? counts.steps ?? 1;
    let [most, least] = [1, 0];
    while (!(await this.failsIn(most))) {
      if (this.isCut || most >= known) return;
      [least, most] = [most, Math.min(known, most * 2)];
    }
    while (most - least > 1) {
      const middle = Math.floor((least + most) / 2);
      if (await this.failsIn(middle)) most = middle;
      else least = middle;
    }
  }

  /** One of the pieces, or all but one of them. */
  private async firstThatFails(kept: readonly string[], pieces: number): Promise<string[] | undefined> {
    const parts = split(kept, pieces);
    const others = parts.map((part) => kept.filter((id) => !part.includes(id)));
    // Two halves are each other's rest.
    for (const some of pieces === 2 ? parts : [...parts, ...others]) {
      if (await this.failsWith(some)) return [...some];
    }
    return undefined;
  }

  private failsWith(only: readonly string[]): Promise<boolean> {
    return this.fails({ ...this.best.attempt, only });
  }

  private failsIn(steps: number): Promise<boolean> {
    return this.fails({ ...this.best.attempt, steps });
  }

  private async fails(attempt: Attempt): Promise<boolean> {
    if (this.runs >= this.runsMax) {
      this.isCut = true;
      return false;
    }
    this.runs += 1;
    const result = await this.run(attempt);
    const isSame = result?.violations.some(({ invariant }) => invariant === this.violated) ?? false;
    if (result && isSame) this.best = { attempt, result };
    return isSame;
  }
}

function split(kept: readonly string[], pieces: number): string[][] {
  const parts: string[][] = [];
  for (let n = 0; n < pieces; n += 1) {
    const from = Math.floor((n * kept.length) / pieces);
    const to = Math.floor(((n + 1) * kept.length) / pieces);
    if (to > from) parts.push(kept.slice(from, to));
  }
  return parts;
}
