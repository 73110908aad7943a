// Measures several ways of doing the same work side by side: the ways take turns, so that a noisy machine disturbs
// all of them alike. Medians after a warm-up; the smallest and the largest time say how far to trust them.

/** One way of doing the work. `prepare` is not measured; its result goes to `run`. */
export interface Way<T = unknown> {
  readonly prepare?: () => T | Promise<T>;
  readonly run: (prepared: T) => unknown;
}

/** Times in ms. */
export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

export interface Rounds {
  readonly warmup: number;
  readonly runs: number;
}

/** Keeps results alive, so that no engine may leave the work out. */
let kept: unknown;

export async function sideBySide<Name extends string>(
  ways: Readonly<Record<Name, Way>>,
  { warmup, runs }: Rounds,
): Promise<Record<Name, Figure>> {
  const times = new Map<Name, number[]>();
  const names = Object.keys(ways) as Name[];
  for (let round = 0; round < warmup + runs; round += 1) {
    for (const name of names) {
      const ms = await once(ways[name]);
      if (round >= warmup) times.set(name, [...(times.get(name) ?? []), ms]);
    }
  }
  return Object.fromEntries(names.map((name) => [name, figureOf(times.get(name) ?? [])])) as Record<
    Name,
    Figure
  >;
}

async function once({ prepare, run }: Way): Promise<number> {
  const prepared = await prepare?.();
  kept = undefined;
  collectGarbage();
  const startedMs = performance.now();
  const result = run(prepared);
  kept = result instanceof Promise ? await result : result;
  return performance.now() - startedMs;
}

/** So that nobody pays for what another way left behind; needs `--expose-gc`. */
export function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

export function figureOf(times: readonly number[]): Figure {
  const sorted = [...times].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
  return { median, min: sorted[0] ?? median, max: sorted.at(-1) ?? median, runs: sorted.length };
}

/** The last result, for who wants to look whether the work was done at all. */
export function lastResult(): unknown {
  return kept;
}
