// A person's word (R2, R5): what a plan lets a pass do beyond its own rules, and beside which nothing else is
// repaired. It takes the place of a missing witness, of an order's missing outcome, of a policy that holds back;
// never of a read's quality, of waiting for what moves, or of a row that contradicts itself.
import { type Copy, type Discrepancy, slotOf } from "../discrepancy.ts";
import { type PositionKey, splitPositionKey } from "../keys.ts";
import type { PassContext } from "./context.ts";

export interface Word {
  readonly by: string;
  readonly planId: string;
  /** The differences that the plan is about, by slot, as it saw them; null for whatever a plan could be about. */
  readonly steps: ReadonlyMap<string, StepFacts> | null;
  /** Only these copies; null for all. */
  readonly copies: ReadonlySet<Copy> | null;
}

export type StepFacts = Pick<Discrepancy, "localQty" | "venueQty">;

export interface Remark {
  readonly code: string;
  readonly detail: string;
}

/** How a difference is told that is repaired on nothing but a person's word. @param missing What proof is missing. */
export function declared(missing: string): Remark {
  return { code: "declared", detail: missing };
}

/** Whether the plan is about this difference as it is now. */
export function isInPlan(
  word: Word,
  {
    of,
    kind,
    subject,
    localQty,
    venueQty,
  }: Pick<Discrepancy, "of" | "kind" | "subject" | "localQty" | "venueQty">,
): boolean {
  if (word.copies && !word.copies.has(of)) return false;
  if (word.steps === null) return true;
  const step = word.steps.get(slotOf(of, kind, subject));
  return step !== undefined && step.localQty === localQty && step.venueQty === venueQty;
}

/** How a copy's difference is seen that holds what the read leaves out. */
export type AbsenceSeen = Pick<Discrepancy, "kind" | "localQty" | "venueQty">;

/**
 * Of the positions that a copy holds and the read leaves out, those that the person says are flat, as long as the copy
 * says of them what the plan saw.
 */
export function declaredFlat(
  { word, policy, capabilities }: Pick<PassContext, "word" | "policy" | "capabilities">,
  of: Copy,
  held: ReadonlyMap<PositionKey, AbsenceSeen>,
): ReadonlySet<PositionKey> {
  // Where nothing is repaired, nothing is declared: what is open must go on being told as unwitnessed.
  if (!word || policy.observe || !capabilities.heals) return new Set();
  const declared = [...held].filter(([key, seen]) => {
    const subject = { type: "position", ...splitPositionKey(key) } as const;
    return isInPlan(word, { of, subject, ...seen });
  });
  return new Set(declared.map(([key]) => key));
}
