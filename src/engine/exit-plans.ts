// A person's word about when a position is to be closed, as records. It belongs to the life that goes on now; a plan that
// would close at once is refused, as flattening is a command of its own.
import {
  type AccountPolicy,
  type Book,
  canonicalPlan,
  closingPrice,
  currentLife,
  type Decimal,
  type Draft,
  draft,
  type ExitPlan,
  isLess,
  type Leg,
  positionKey,
  problemOfPlan,
  problemOfSides,
  type Quote,
} from "../core/index.ts";
import type { ExitsReport } from "./exit-report.ts";

export interface ExitPlanGiven {
  readonly instrument: string;
  readonly leg: Leg;
  /** Whose share; null for the whole position. */
  readonly strategy: string | null;
  /** `none`: no exit is wanted; null takes the person's word back. */
  readonly plan: ExitPlan | "none" | null;
}

/** What became of it; what is refused is an answer and no error. */
export interface ExitPlanAnswer extends ExitsReport {
  readonly isSet: boolean;
  /** For a person: why it was refused; null when it was not. */
  readonly reason: string | null;
}

export type PlanDecision = { readonly drafts: readonly Draft[] } | { readonly reason: string };

export function decideExitPlan(
  book: Book,
  policy: AccountPolicy,
  { instrument, leg, strategy, plan: given }: ExitPlanGiven,
  quote: Quote | null,
  by: string,
): PlanDecision {
  if (policy.exits?.owns !== true) {
    return {
      reason:
        'trueup does not close positions of this account: mode = "executor" with exits.owns = true is needed',
    };
  }
  const key = positionKey(instrument, leg);
  const ledger = book.ledgers.get(key);
  const life = ledger && currentLife(ledger);
  const plan = given === null || given === "none" ? given : canonicalPlan(given);
  if (!ledger || !life) {
    return {
      reason: `${instrument} is flat: a plan belongs to a position; give it with the order that opens`,
    };
  }
  if (strategy !== null && !ledger.lots.has(strategy)) {
    const names = [...ledger.lots.keys()].join(", ");
    return { reason: `${strategy} holds nothing of ${instrument}; there are: ${names}` };
  }
  const side = life.direction > 0 ? "long" : "short";
  const problem = plan === null || plan === "none" ? null : problemFor(plan, side, quote);
  if (problem !== null) return { reason: problem };
  const known = (book.exitPlans.get(key) ?? []).filter((one) => one.strategy === strategy);
  // Taken back is every word about this share, whichever entry it was hung on.
  const entryIds = plan === null ? known.map(({ entryId }) => entryId) : [life.opener];
  if (entryIds.length === 0) return { reason: `nobody has set a plan for ${instrument}` };
  return {
    drafts: entryIds.map((entryId) =>
      draft("exit_plan_set", { instrument, leg, entryId, strategy, plan, by }, `by:${by}`),
    ),
  };
}

function problemFor(plan: ExitPlan, side: "long" | "short", quote: Quote | null): string | null {
  const problem = problemOfPlan(plan) ?? problemOfSides(plan, side === "long" ? "buy" : "sell", undefined);
  if (problem !== null) return problem;
  const price = quote && closingPrice(side, quote);
  if (!price) return null;
  const { stop, target } = plan;
  const isLong = side === "long";
  const reached = (level: Decimal, isUpward: boolean) =>
    isUpward ? !isLess(price, level) : !isLess(level, price);
  if (stop && "price" in stop && reached(stop.price, !isLong)) {
    return `the stop ${stop.price} is reached already, the price is ${price}: it would close at once; give another one, or close the position`;
  }
  if (target && "price" in target && reached(target.price, isLong)) {
    return `the target ${target.price} is reached already, the price is ${price}: it would close at once; give another one, or close the position`;
  }
  return null;
}
