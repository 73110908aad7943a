// Seeing a discrepancy: the record that opens it, changes it or closes it. A slot (copy, kind, subject) has one
// open discrepancy at a time, whose id is derived from the slot and the moment of the journal at which it opened.
import type { Book } from "../book/book.ts";
import { isAsLeft } from "../book/returns.ts";
import type { Decimal } from "../decimal.ts";
import {
  type Copy,
  type Discrepancy,
  type Explanation,
  type Resolution,
  type Stage,
  type Subject,
  slotOf,
} from "../discrepancy.ts";
import { deriveId } from "../hash.ts";
import { type Draft, draft } from "../records.ts";
import type { Cause, DiscrepancyKind, Policy } from "../words.ts";
import { type Awaited, type SettleContext, settle } from "./settle.ts";
import { wasShown } from "./shown-before.ts";
import { isInPlan } from "./word.ts";

export interface Seen {
  readonly of: Copy;
  readonly kind: DiscrepancyKind;
  readonly subject: Subject;
  readonly localQty: Decimal | null;
  readonly venueQty: Decimal | null;
  readonly fields?: Discrepancy["fields"];
  readonly cause?: Cause | null;
  readonly explanation?: Explanation | null;
  readonly witness?: string | null;
  /** What R1, R2 or R9 asks for and is missing; the difference is then refused whatever the policy. */
  readonly refusal?: { readonly code: string; readonly detail: string } | null;
  /** Overrides the policy of the kind: a cause that halts, an undone repair that is watched. */
  readonly policy?: Policy;
  /** Something else to be told, with its code, that refuses nothing. */
  readonly remark?: { readonly code: string; readonly detail: string } | null;
  /** What an earlier pass saw of it and took for in flight. */
  readonly awaited?: Awaited | undefined;
  /** No plan repairs it either. */
  readonly isPinned?: boolean;
}

export interface Sighted {
  readonly discrepancy: Discrepancy;
  /** Whether it counts now: settled, not refused, and the policy is to repair. */
  readonly mayRepair: boolean;
  readonly isNew: boolean;
  /** Whether it counts from now on, settled or no longer only watched: the moment for an alert. */
  readonly isOnset: boolean;
  readonly drafts: readonly Draft[];
}

/** How often the same matter may be repaired and return before it is only watched (R12). */
export const RETURNS_MAX = 3;

export function sight(book: Book, seen: Seen, context: SettleContext, causeId: string): Sighted {
  const slot = slotOf(seen.of, seen.kind, seen.subject);
  const known = openIn(book, slot);
  const values = { localQty: seen.localQty, venueQty: seen.venueQty, fields: seen.fields ?? {} };
  const { sightings, firstSeenMs, isSettled } = settle(known, values, context, seen.awaited);
  const policy = seen.policy ?? context.policy.kinds[seen.kind];
  const refusal = seen.refusal ?? null;
  const { word } = context;
  const isPlanned = word != null && !seen.isPinned && isInPlan(word, { ...seen, ...values });
  // A plan is a person's decision: it stands above what the policy leaves to a person.
  const stage = stageOf(isPlanned ? "repair" : policy, isSettled, refusal !== null);
  const told = refusal ?? seen.remark ?? null;
  const discrepancy: Discrepancy = {
    id: known?.id ?? deriveId("dis", [book.account, slot, book.seq]),
    of: seen.of,
    kind: seen.kind,
    subject: seen.subject,
    ...values,
    cause: seen.cause ?? known?.cause ?? null,
    explanation: seen.explanation ?? known?.explanation ?? null,
    witness: seen.witness ?? null,
    policy,
    stage,
    code: told?.code ?? null,
    detail: told?.detail ?? null,
    firstSeenMs,
    lastSeenMs: context.nowMs,
    sightings,
    closedMs: null,
    resolution: null,
    recurrences: isAsLeft(book, seen) ? 0 : (book.repairsBySlot.get(slot)?.count ?? 0),
  };
  return {
    discrepancy,
    mayRepair: stage === "confirmed" && mayAct(policy, isPlanned, context),
    isNew: known === undefined,
    isOnset: stage !== "seen" && (!hasCounted(known, policy) || isShownAgain(known, discrepancy)),
    drafts: draftsFor(known, discrepancy, causeId),
  };
}

export function closeDiscrepancy(
  discrepancy: Discrepancy,
  resolution: Resolution,
  nowMs: number,
  causeId: string,
  repairId?: string,
): Draft {
  const closed = { ...discrepancy, closedMs: nowMs, resolution, ...(repairId !== undefined && { repairId }) };
  return draft("discrepancy_closed", closed, causeId);
}

export function openIn(book: Book, slot: string): Discrepancy | undefined {
  const id = book.openSlots.get(slot);
  return id === undefined ? undefined : book.discrepancies.get(id);
}

/** Whether it counted before as it does now; what was only watched told nobody. */
function hasCounted(known: Discrepancy | undefined, policy: Policy): boolean {
  if (known === undefined || known.stage === "seen") return false;
  return known.policy !== "watch" || policy === "watch";
}

/** That a read left it out was told as a doubt of the read, not by its name. */
function isShownAgain(known: Discrepancy | undefined, { code }: Discrepancy): boolean {
  return known?.code === "unwitnessed" && wasShown(known) && code !== known.code;
}

/** A pass that carries out a plan does that, and nothing beside it. */
function mayAct(policy: Policy, isPlanned: boolean, context: SettleContext): boolean {
  if (context.policy.observe) return false;
  return context.word ? isPlanned : policy === "repair";
}

function stageOf(policy: Policy, isSettled: boolean, isRefused: boolean): Stage {
  if (isRefused) return "refused";
  if (!isSettled) return "seen";
  return policy === "watch" ? "watched" : "confirmed";
}

/** A sighting that changes nothing but its count is worth a record only until it is settled. */
function draftsFor(known: Discrepancy | undefined, now: Discrepancy, causeId: string): Draft[] {
  if (!known) return [draft("discrepancy_opened", now, causeId)];
  const isSame = JSON.stringify(essence(known)) === JSON.stringify(essence(now));
  if (isSame && known.stage !== "seen") return [];
  return [draft("discrepancy_changed", now, causeId)];
}

function essence({ lastSeenMs: _, sightings: __, ...rest }: Discrepancy): unknown {
  return rest;
}
