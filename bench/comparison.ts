// One row of the table: what trueup takes for some work, what a reference takes for the same in the same run, and
// the goal. A ratio is always trueup's time divided by the reference's; smaller is better.
import type { Figure } from "./measure.ts";

export type Goal =
  /** At most this ratio. */
  | { readonly ratioMax: number }
  /** At most this much longer than the reference. In ms. */
  | { readonly longerByMsMax: number }
  /** At most this long, whatever the reference takes. In ms. */
  | { readonly msMax: number }
  /** Nothing was promised; the row is there to be known. */
  | null;

export interface Comparison {
  readonly work: string;
  readonly ours: Figure;
  readonly reference: string;
  readonly theirs: Figure;
  readonly goal: Goal;
}

/** Something counted or weighed that has no reference: bytes of memory, passes a second. */
export interface Fact {
  readonly what: string;
  readonly value: string;
}

export interface Findings {
  readonly comparisons: readonly Comparison[];
  readonly facts: readonly Fact[];
}

export function ratioOf({ ours, theirs }: Comparison): number {
  return ours.median / theirs.median;
}

/** Null where there is no goal. */
export function isMet(one: Comparison): boolean | null {
  const { goal, ours, theirs } = one;
  if (goal === null) return null;
  if ("ratioMax" in goal) return ratioOf(one) <= goal.ratioMax;
  if ("msMax" in goal) return ours.median <= goal.msMax;
  return ours.median - theirs.median <= goal.longerByMsMax;
}

export function goalText(goal: Goal): string {
  if (goal === null) return "–";
  if ("ratioMax" in goal) return `≤ ${goal.ratioMax} ×`;
  if ("msMax" in goal) return `≤ ${goal.msMax} ms`;
  return `≤ ${goal.longerByMsMax} ms more`;
}
