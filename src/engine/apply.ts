// Applying a plan: the person's word is checked, the world is read afresh and compared with what the plan saw, then
// one pass does exactly what the plan says, and another reads again. Whatever is not as it was planned ends it before
// anything is changed.
import { type Draft, draft, type Metrics, slotOf, type Word } from "../core/index.ts";
import { movedSince, type Plan, type PlanStep } from "./plan.ts";
import { PlanError } from "./plan-error.ts";
import type { PassReport } from "./report.ts";

/** What a person gives with a plan. */
export interface Confirmation {
  readonly by: string;
  /** The account's name, typed; null where it was not given. */
  readonly confirm: string | null;
  /** The number of rows that need the person's word, typed. */
  readonly rows: number | null;
}

export interface AppliedStep extends PlanStep {
  /** Null where it was not made: see `code` and `detail`. */
  readonly repairId: string | null;
  readonly code: string | null;
  readonly detail: string | null;
}

export interface Applied {
  readonly planId: string;
  readonly account: string;
  readonly by: string;
  readonly steps: readonly AppliedStep[];
  /** Counts before the plan was applied, and after all was read again. */
  readonly metrics: { readonly before: Metrics; readonly after: Metrics };
  /** The pass that applied it. */
  readonly pass: PassReport;
  /** The pass that read everything again. */
  readonly verified: PassReport;
}

/** @throws PlanError when this plan may not be applied now, for reasons that need no look at the world. */
export function assertMayApply(
  plan: Plan,
  facts: {
    readonly account: string;
    readonly nowMs: number;
    readonly isApplied: boolean;
    readonly isObserving: boolean;
    readonly given: Confirmation;
  },
): void {
  const { account, nowMs, isApplied, isObserving, given } = facts;
  if (plan.account !== account) {
    const text = `the plan ${plan.id} is of account ${plan.account}, not of ${account}; nothing was done`;
    throw new PlanError("plan_of_other_account", text);
  }
  if (isApplied) {
    const text = `the plan ${plan.id} was applied already; a plan counts once. Nothing was done; make a new one with "trueup plan"`;
    throw new PlanError("plan_applied", text);
  }
  if (isObserving) {
    const text = `account ${account} only observes (observe = true, or a venue that may not heal): nothing is changed, by no plan either; set observe = false first`;
    throw new PlanError("observing", text);
  }
  if (nowMs >= plan.expiresAtMs) {
    const age = Math.ceil((nowMs - plan.expiresAtMs) / 1_000);
    const text = `the plan ${plan.id} expired ${age} s ago, at ${new Date(plan.expiresAtMs).toISOString()}; nothing was done. Make a new one with "trueup plan"`;
    throw new PlanError("plan_expired", text);
  }
  if (plan.steps.length === 0) {
    throw new PlanError("plan_empty", `the plan ${plan.id} has no step; there is nothing to apply`);
  }
  if (plan.rows > 0) assertConfirmed(plan, given);
}

function assertConfirmed({ id, account, rows }: Plan, given: Confirmation): void {
  const how = `--confirm ${account} --rows ${rows}`;
  const what = `${rows} step${rows === 1 ? "" : "s"} of the plan ${id} rest${rows === 1 ? "s" : ""} on a person's word`;
  if (given.confirm !== account) {
    const found = given.confirm === null ? "no name was given" : `"${given.confirm}" was given`;
    const text = `${what}: type the account's name and the number of those rows, ${how} (${found}). Nothing was done`;
    throw new PlanError("plan_not_confirmed", text);
  }
  if (given.rows !== rows) {
    const found = given.rows === null ? "no number was given" : `${given.rows} was given`;
    throw new PlanError(
      "plan_wrong_rows",
      `${what}: ${how} (${found}). Nothing was done; look at them again`,
    );
  }
}

/** @throws PlanError when what the plan saw is not so any more. */
export function assertUnmoved(plan: Plan, now: Plan): void {
  const moved = movedSince(plan, now);
  if (moved.length === 0) return;
  const shown = moved.slice(0, MOVED_SHOWN);
  const more = moved.length > shown.length ? `; and ${moved.length - shown.length} more` : "";
  const text = `the world has moved since the plan ${plan.id} was made, so nothing was done: ${shown.join("; ")}${more}. Make a new plan`;
  throw new PlanError("plan_moved", text);
}

const MOVED_SHOWN = 10;

export function wordOf({ id, steps, copies }: Plan, by: string): Word {
  const facts = steps.map(({ slot, localQty, venueQty }) => [slot, { localQty, venueQty }] as const);
  return { by, planId: id, steps: new Map(facts), copies: copies && new Set(copies) };
}

/** Durable before anything is changed: a plan that began to be applied is never applied again. */
export function appliedDraft({ id, steps, rows, madeAtMs }: Plan, { by, confirm }: Confirmation): Draft {
  const facts = { planId: id, by, madeAtMs, steps: steps.length, rows, confirmed: rows > 0 ? confirm : null };
  return draft("plan_applied", facts, `by:${by}`);
}

export function verifiedDraft({ planId, steps, metrics, by }: Applied): Draft {
  const repairs = steps.flatMap(({ repairId }) => (repairId === null ? [] : [repairId]));
  return draft(
    "plan_verified",
    { planId, repairs, notMade: steps.length - repairs.length, metrics },
    `by:${by}`,
  );
}

export function appliedSteps({ steps }: Plan, pass: PassReport): AppliedStep[] {
  const bySlot = new Map(pass.discrepancies.map((one) => [slotOf(one.of, one.kind, one.subject), one]));
  return steps.map((step) => {
    const one = bySlot.get(step.slot);
    const repairId = one?.repairId ?? null;
    const isMade = repairId !== null;
    const detail = one?.detail ?? pass.mirrors.find(({ mirror }) => mirror === step.of)?.problem ?? null;
    return {
      ...step,
      repairId,
      code: isMade ? null : (one?.code ?? "not_made"),
      detail: isMade ? null : (detail ?? "it was not as planned any more when it was its turn"),
    };
  });
}
