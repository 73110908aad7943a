// One planted bug as data, and how it is put into the text of its file. Nothing in src/ knows of it.

/** A small wrong change of the real source: a mistake that a programmer might make. */
export interface PlantedBug {
  readonly id: string;
  /** What is wrong then, in one sentence. */
  readonly what: string;
  /** From the root of the project. */
  readonly file: string;
  /** Exact text of the file, there exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** How a bug is known to be seen: found by hunt.ts, kept in seeds.json. */
export interface KnownSeed {
  readonly profile: string;
  readonly seed: number;
  /** The invariant that it broke, or what else was wrong. */
  readonly caughtBy: string;
  /** How many seeds of the profile, counted from 1, it took. */
  readonly seedsNeeded: number;
}

/** @throws Error when the text is not there exactly once: the code has moved on, and the bug must follow it. */
export function plantedIn(source: string, { id, file, find, replace }: PlantedBug): string {
  const count = source.split(find).length - 1;
  if (count === 1) return source.replace(find, () => replace);
  throw new Error(
    `the planted bug "${id}" no longer fits the code: its text is in ${file} ${count} times, and must be there once. Bring test/sim/planted/bugs.ts in line with the file`,
  );
}

/** What a violation names as broken, without its own words: "I3", "L1", "stopped", "threw". */
export function kindOfViolation(violation: string): string {
  return violation.slice(0, Math.max(0, violation.indexOf(":")));
}
