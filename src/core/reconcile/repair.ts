// A repair as records: what was changed, and the end of the difference that it was about. Its id is told with both,
// so that whoever reads of a repair can ask for it, or undo it.
import type { Discrepancy } from "../discrepancy.ts";
import { deriveId } from "../hash.ts";
import { type Draft, draft, type Payloads } from "../records.ts";
import type { Cause } from "../words.ts";
import type { PassContext } from "./context.ts";
import { closeDiscrepancy } from "./sight.ts";

export interface Repairing {
  readonly action: Payloads["repair_applied"]["action"];
  readonly before: unknown;
  readonly after: unknown;
  readonly cause: Cause | null;
}

export function repaired(
  context: PassContext,
  discrepancy: Discrepancy,
  { action, before, after, cause }: Repairing,
): Draft[] {
  const { book, nowMs, causeId } = context;
  const repairId = deriveId("rep", [discrepancy.id, book.seq]);
  const { id, of, witness } = discrepancy;
  return [
    draft(
      "repair_applied",
      { repairId, discrepancyId: id, of, action, before, after, witness, ...byWhom(context) },
      id,
    ),
    closeDiscrepancy({ ...discrepancy, cause }, "repaired", nowMs, causeId, repairId),
  ];
}

/** The person whose plan a pass carries out, for the records of what it does. */
export function byWhom({ word }: Pick<PassContext, "word">): {
  readonly by?: string;
  readonly planId?: string;
} {
  return word ? { by: word.by, planId: word.planId } : {};
}
