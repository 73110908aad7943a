// A person's word about when a position is to be closed, as records. It belongs to the life that goes on now; a plan that
// would close at once is refused, as flattening is a command of its own.
import {
  type AccountPolicy,
  armable,
  type Book,
  type BookLedger,
  canonicalPlan,
  closingPrice,
  currentLife,
  type Decimal,
  type Draft,
  digestOfPlan,
  draft,
  type ExitLevels,
  type ExitPlan,
  isZero,
  type Leg,
  type Life,
  type PositionKey,
  positionKey,
  problemOfPlan,
  problemOfSides,
  type Quote,
  type Triggered,
  triggerOf,
} from "../core/index.ts";
import type { ExitsReport } from "./exit-report.ts";

/** So many names stand in a sentence. */
const NAMED_MAX = 12;

/** A person's word about one position. */
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
  /** For a person: what could not be told of a plan that was set; null where nothing is to be looked at. */
  readonly caution: string | null;
}

/** Whether something of a plan is at a price, or from one. */
export function needsPrice(plan: ExitPlanGiven["plan"]): boolean {
  if (plan === null || plan === "none") return false;
  return plan.stop !== undefined || plan.target !== undefined;
}

export function unpriced(instrument: string): string {
  return `no price of ${instrument} is known that is young enough to tell whether a level is reached already: one that is closes the position as soon as there is a price`;
}

/** The records that it makes, or why it is refused, for a person. */
export type PlanDecision = { readonly drafts: readonly Draft[] } | { readonly reason: string };

/** Decides from the book alone; nothing is written. @param quote The price now, where one is known that is young enough. */
export function decideExitPlan(
  book: Book,
  policy: AccountPolicy,
  asked: ExitPlanGiven,
  { quote, by, nowMs }: Pick<PlanCase, "quote" | "by" | "nowMs">,
): PlanDecision {
  const { instrument, leg, strategy, plan: given } = asked;
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
  if (!ledger || !life) return { reason: notHeld(book, instrument, leg) };
  if (strategy !== null && !ledger.lots.has(strategy)) {
    const names = [...ledger.lots.keys()].join(", ");
    return { reason: `${strategy} holds nothing of ${instrument}; there are: ${names}` };
  }
  const facts = { book, policy, ledger, life, given: asked, quote, by, nowMs };
  const problem = plan === null || plan === "none" ? null : problemFor(plan, facts);
  if (problem !== null) return { reason: problem };
  const known = (book.exitPlans.get(key) ?? []).filter((one) => one.strategy === strategy);
  // Taken back is every word about this share, whichever entry it was hung on.
  const entryIds = plan === null ? known.map(({ entryId }) => entryId) : [latestOf(ledger, life)];
  if (entryIds.length === 0) return { reason: nothingToClear(book, key, asked) };
  return {
    drafts: entryIds.map((entryId) =>
      draft("exit_plan_set", { instrument, leg, entryId, strategy, plan, by }, `by:${by}`),
    ),
  };
}

/** What is told late may split this life: the word is about what is held now, which its latest entry stays a part of. */
function latestOf({ entries }: BookLedger, life: Life): string {
  return entries[life.lastIndex]?.id ?? life.opener;
}

function notHeld(book: Book, instrument: string, leg: Leg): string {
  const held = [...book.ledgers.values()]
    .filter(({ holding }) => !isZero(holding.qty))
    .map((one) => (one.leg === "net" ? one.instrument : `${one.instrument} ${one.leg}`))
    .sort();
  const names = held.slice(0, NAMED_MAX).join(", ");
  const more = held.length > NAMED_MAX ? ` and ${held.length - NAMED_MAX} more` : "";
  const what = leg === "net" ? instrument : `${instrument} ${leg}`;
  const instead = held.length === 0 ? "nothing is held" : `held: ${names}${more}`;
  return `${what} is flat: a plan belongs to a position; give it with the order that opens. Now ${instead}`;
}

function nothingToClear(book: Book, key: PositionKey, { instrument, strategy }: ExitPlanGiven): string {
  const whose = strategy === null ? `all of ${instrument}` : `the share of ${strategy} of ${instrument}`;
  const others = (book.exitPlans.get(key) ?? []).map((one) => one.strategy);
  const hint = others.map((one) => (one === null ? "without --strategy" : `with --strategy ${one}`));
  const instead = hint.length === 0 ? "" : `; somebody has: clear it ${[...new Set(hint)].join(", or ")}`;
  return `nobody has set a plan for ${whose}${instead}`;
}

/** Why it cannot be set: it is no plan, or it would close at once what it is set for. */
function problemFor(
  plan: ExitPlan,
  { book, policy, ledger, life, given, quote, by, nowMs }: PlanCase,
): string | null {
  const side = life.direction > 0 ? "buy" : "sell";
  const problem = problemOfPlan(plan) ?? problemOfSides(plan, side, undefined);
  if (problem !== null || policy.exits === null) return problem;
  const key = positionKey(given.instrument, given.leg);
  const { strategy } = given;
  const set = { entryId: latestOf(ledger, life), strategy, plan, by, tsMs: nowMs };
  const exitPlans = new Map(book.exitPlans).set(key, [...(book.exitPlans.get(key) ?? []), set]);
  // Armed as if it were set: parts of the entry price and times are held against what they come to.
  const { exits, unarmed } = armable({
    book: { ...book, exitPlans, ledgers: new Map([[key, ledger]]) },
    exits: policy.exits,
    venueQty: () => null,
    notPossible: null,
  });
  const digest = digestOfPlan(plan);
  const isMeant = (one: { readonly strategy: string }) => strategy === null || one.strategy === strategy;
  const bad = unarmed.find((one) => one.code === "bad_plan" && isMeant(one));
  if (bad) return bad.text;
  for (const exit of exits.filter((one) => digestOfPlan(one.plan) === digest && isMeant(one))) {
    const price = quote && closingPrice(exit.side, quote);
    const reached = triggerOf(exit, null, price, nowMs);
    if (reached) return reachedText(exit, reached, price);
  }
  return null;
}

function reachedText(
  { strategy, timeStopAtMs, plan }: Pick<ExitLevels, "timeStopAtMs"> & { strategy: string; plan: ExitPlan },
  { condition, level }: Triggered,
  price: Decimal | null,
): string {
  const end = "it would close at once; give another one, or close the position";
  if (condition !== "time")
    return `the ${condition} ${level} is reached already, the price is ${price}: ${end}`;
  const opened = new Date((timeStopAtMs ?? 0) - (plan.timeStopMs ?? 0)).toISOString();
  return `the time stop is over already, as the share of ${strategy} was opened at ${opened}: ${end}`;
}

interface PlanCase {
  readonly book: Book;
  readonly policy: AccountPolicy;
  readonly ledger: BookLedger;
  readonly life: Life;
  readonly given: ExitPlanGiven;
  readonly quote: Quote | null;
  readonly by: string;
  readonly nowMs: number;
}
