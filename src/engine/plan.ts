// A plan: what trueup would do to an account's copies now, what it refuses, and which of it needs a person's word.
// Plain values. Its id is derived from all of it, so that a plan that somebody altered is not that plan any more.

import type { Cause, Copy, Decimal, DiscrepancyKind, Explanation, Leg, Payloads } from "../core/index.ts";
import { deriveId, digestHex } from "../core/index.ts";
import { PlanError } from "./plan-error.ts";

/** How long a plan may be applied. Long enough to read it and to look at the venue. In ms. */
export const PLAN_MS = 900_000;

/** Why a step needs a person's word: no witness, an order without an outcome, or a policy that leaves it to a person. */
export type Need = "witness" | "outcome" | "policy";

export interface PlanStep {
  readonly of: Copy;
  readonly kind: DiscrepancyKind;
  readonly action: Payloads["repair_applied"]["action"];
  readonly instrument: string | null;
  readonly leg: Leg | null;
  readonly asset: string | null;
  readonly clientOrderId: string | null;
  readonly venueOrderId: string | null;
  readonly localQty: Decimal | null;
  readonly venueQty: Decimal | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly cause: Cause | null;
  readonly explanation: Explanation | null;
  readonly witness: string | null;
  readonly needs: Need | null;
  /** In words, what is missing; null where nothing is. */
  readonly missing: string | null;
  /** Which matter it is: one copy, one kind, one subject. */
  readonly slot: string;
}

/** What no plan does: something is missing that a person's word does not take the place of. */
export interface PlanRefusal {
  readonly of: Copy;
  readonly kind: DiscrepancyKind;
  readonly instrument: string | null;
  readonly asset: string | null;
  readonly localQty: Decimal | null;
  readonly venueQty: Decimal | null;
  readonly code: string | null;
  readonly detail: string | null;
}

/** What the plan saw, by copy and key, each in words: what must be the same when it is applied. */
export type World = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Plan {
  readonly id: string;
  readonly account: string;
  readonly madeAtMs: number;
  readonly expiresAtMs: number;
  /** What it was made of: the journal's last record, a digest of what the venue said, one of each mirror's rows. */
  readonly madeOf: {
    readonly seq: number;
    readonly observation: string;
    readonly mirrors: Readonly<Record<string, string>>;
  };
  /** Only these copies; null for all. */
  readonly copies: readonly Copy[] | null;
  readonly steps: readonly PlanStep[];
  /** Steps that need a person's word: the number that the person types. */
  readonly rows: number;
  readonly refused: readonly PlanRefusal[];
  /** What could not be read, in words. */
  readonly problems: readonly string[];
  /** Rows that were left out because something about them moves. */
  readonly inFlight: number;
  /** False where the configuration says that nothing is repaired: the plan is for reading. */
  readonly mayApply: boolean;
  readonly isReadable: boolean;
  readonly world: World;
}

export function withId(plan: Omit<Plan, "id">): Plan {
  return { id: idOf(plan), ...plan };
}

/** @throws PlanError when it is no plan, or not the one that was made under its id. */
export function checkedPlan(value: unknown, place: string): Plan {
  const plan = value as Plan | null;
  const isPlan =
    typeof plan === "object" &&
    plan !== null &&
    typeof plan.id === "string" &&
    typeof plan.account === "string" &&
    Array.isArray(plan.steps);
  if (!isPlan) {
    throw new PlanError(
      "plan_unreadable",
      `${place} is not a plan of trueup; make one with "trueup plan --out FILE"`,
    );
  }
  const { id, ...rest } = plan;
  if (idOf(rest) === id) return plan;
  throw new PlanError(
    "plan_tampered",
    `${place} is not what was planned: its content does not give the id ${id}. Nothing was done; make a new plan`,
  );
}

function idOf(plan: Omit<Plan, "id">): string {
  return deriveId("plan", [digestHex(JSON.stringify(sorted(plan)))]);
}

/** The same text whatever order the keys are in: a file may have been through other hands' JSON. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item)]));
}

/** What is not as the plan saw it, old and new, each in one line; empty when the world stands still. */
export function movedSince(
  before: Pick<Plan, "world" | "steps">,
  now: Pick<Plan, "world" | "steps">,
): string[] {
  const places = new Set([...Object.keys(before.world), ...Object.keys(now.world)]);
  const moved = [...places].sort().flatMap((place) => {
    const [old, fresh] = [before.world[place] ?? {}, now.world[place] ?? {}];
    const keys = new Set([...Object.keys(old), ...Object.keys(fresh)]);
    return [...keys].sort().flatMap((key) => {
      const [was, is] = [old[key] ?? "none", fresh[key] ?? "none"];
      return was === is ? [] : [`${place}, ${key}: was ${was}, is ${is}`];
    });
  });
  if (moved.length > 0) return moved;
  // The rows are the same; is what would be done, and what proves it?
  const found = new Map(now.steps.map((step) => [step.slot, step]));
  return before.steps.flatMap((step) => {
    const fresh = found.get(step.slot);
    if (!fresh) return [`${step.slot}: was to be ${step.action}, is not to be repaired now`];
    const [was, is] = [essence(step), essence(fresh)];
    return was === is ? [] : [`${step.slot}: was ${was}, is ${is}`];
  });
}

function essence({ action, localQty, venueQty, witness, needs, after }: PlanStep): string {
  const proof = witness === null ? "" : `, witness ${witness}`;
  const word = needs === null ? "" : `, needs a person's word (${needs})`;
  return `${action} from ${localQty ?? "none"} to ${JSON.stringify(after)} with venue ${venueQty ?? "none"}${proof}${word}`;
}
