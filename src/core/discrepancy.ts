// A discrepancy: one difference between a copy and the venue, from first sight to resolution. Values only.
import type { Decimal } from "./decimal.ts";
import type { FillKey, OrderKey } from "./keys.ts";
import type { Cause, DiscrepancyKind, Leg, Policy } from "./words.ts";

/** The book, or a mirror by name: which copy is compared with the venue. */
export type Copy = string;
/** The name of trueup's own copy. No mirror may have it. */
export const BOOK: Copy = "book";

/** What a discrepancy is about; exactly one of instrument (with its leg), order, fill or asset. */
export type Subject =
  | { readonly type: "position"; readonly instrument: string; readonly leg: Leg }
  | {
      readonly type: "order";
      readonly instrument: string;
      readonly orderKey: OrderKey | null;
      readonly clientOrderId: string | null;
      readonly venueOrderId: string | null;
    }
  | { readonly type: "fill"; readonly instrument: string; readonly fillKey: FillKey }
  | { readonly type: "balance"; readonly asset: string };

/** One cause with what it accounts for. */
export interface ExplanationPart {
  readonly cause: Cause;
  /** Signed: the change of local quantity (or balance) that it accounts for. */
  readonly qty: Decimal;
  /** Ids of the fills, ledger entries or orders that show it. */
  readonly evidence: readonly string[];
  /** `certain`: the venue said so. `likely`: the only reading of what the venue said. */
  readonly confidence: "certain" | "likely";
}

export interface Explanation {
  readonly parts: readonly ExplanationPart[];
  /** Signed remainder for which nothing was found; "0" when all is explained. */
  readonly unexplained: Decimal;
}

/**
 * Where it stands: `seen` but not yet settled, `confirmed`, `refused` (something that R1, R2 or R9 asks for is
 * missing), or `watched` because the policy says so.
 */
export type Stage = "seen" | "confirmed" | "refused" | "watched";

export type Resolution = "repaired" | "explained" | "vanished" | "released";

export interface Discrepancy {
  readonly id: string;
  readonly of: Copy;
  readonly kind: DiscrepancyKind;
  readonly subject: Subject;
  /** Quantity of the position or order, or total of the balance, on either side; null where it has no such row. */
  readonly localQty: Decimal | null;
  readonly venueQty: Decimal | null;
  /** Other fields that differ, by name, as local and venue have them. */
  readonly fields: Readonly<Record<string, { readonly local: string | null; readonly venue: string | null }>>;
  readonly cause: Cause | null;
  readonly explanation: Explanation | null;
  /** What proves that the venue does not hold it (R1): `row`, `lookup`, `fills`, `totals` or `absence`. */
  readonly witness: string | null;
  readonly policy: Policy;
  readonly stage: Stage;
  /** Why it was refused, as a stable code; null otherwise. */
  readonly code: string | null;
  /** The same in words, with what to do next. */
  readonly detail: string | null;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** How many passes in a row saw exactly this difference. */
  readonly sightings: number;
  readonly closedMs: number | null;
  readonly resolution: Resolution | null;
  /** How often this same difference was repaired and came back. */
  readonly recurrences: number;
  /** The repair that closed it; absent while it is open, and where something else ended it. */
  readonly repairId?: string;
}

type Sides = Pick<Discrepancy, "of" | "kind" | "localQty" | "venueQty" | "code">;

/** The local side for a person: a mirror that keeps no quantities still holds the row. */
export function localText({ of, kind, localQty }: Omit<Sides, "venueQty" | "code">): string {
  return localQty ?? (of !== BOOK && kind === "phantom_position" ? "held" : "none");
}

/** Both sides for a person. A position that nobody has proven flat is not one of quantity 0 (R1). */
export function sidesText(one: Sides): string {
  const isShown = one.of === BOOK && one.venueQty !== null && one.venueQty !== "0";
  const listed = isShown ? `not listed, ${one.venueQty} before` : "not listed";
  const venue = one.code === "unwitnessed" ? listed : (one.venueQty ?? "none");
  return `local ${localText(one)}, venue ${venue}`;
}

/** What was found, for a person: both sides, or what is missing where the sides do not differ. */
export function foundText(one: Sides & Pick<Discrepancy, "detail">): string {
  const isOfExits = one.kind === "unprotected_position" || one.kind === "foreign_exit_order";
  return isOfExits && one.detail !== null ? one.detail : sidesText(one);
}

/** Two discrepancies with the same slot are the same matter: one of them is open at a time. */
export function slotOf(of: Copy, kind: DiscrepancyKind, subject: Subject): string {
  return [of, kind, subjectText(subject)].join(" ");
}

function subjectText(subject: Subject): string {
  switch (subject.type) {
    case "position":
      return `${subject.leg}:${subject.instrument}`;
    case "order":
      return (
        subject.orderKey ?? `${subject.instrument}|${subject.venueOrderId ?? subject.clientOrderId ?? ""}`
      );
    case "fill":
      return subject.fillKey;
    case "balance":
      return subject.asset;
  }
}
