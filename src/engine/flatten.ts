// Flatten: closing positions by a plan that a person confirmed. What is worked on them is cancelled and seen to be gone, then
// each is closed by reduce-only market orders through the order desk, and a complete read after all of it is the proof. What
// cannot be closed is named. A plan counts once: asked again it tells its first result.
import {
  type Decimal,
  type Draft,
  deriveId,
  digestHex,
  draft,
  type FlattenContext,
  type FlattenedLeg,
  type FlattenLeg,
  type FlattenResult,
  filledQty,
  flattenLegs,
  heldKeys,
  isFlat,
  nextStep,
  type Order,
  type OrderIntent,
  ownOrders,
  positionKey,
  positionQty,
  splitPositionKey,
  sum,
  workingOn,
  ZERO,
} from "../core/index.ts";
import type { Timers } from "../runtime/index.ts";
import type { AlertFacts } from "./alerting.ts";
import { PlanError } from "./plan-error.ts";
import type { PassReport } from "./report.ts";

/** How long a plan may be confirmed: what it shows is about to be traded. In ms. */
export const FLATTEN_PLAN_MS = 60_000;
/** Waits between two reads; after the last of them what is still open is named. In ms. */
const WAITS_MS = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000];

/** What a person is shown before anything is traded. Its id is a digest of all the rest. */
export interface FlattenPlan {
  readonly id: string;
  readonly account: string;
  readonly venue: string;
  /** Such as `live` or `paper`, as configured. */
  readonly environment: string;
  readonly venueAccountId: string | null;
  readonly madeAtMs: number;
  readonly expiresAtMs: number;
  /** Null for all. */
  readonly instrument: string | null;
  readonly legs: readonly FlattenLeg[];
  /** What could not be read, or is not settled, in words. */
  readonly problems: readonly string[];
}

/** What came of a plan. Orders and quantities are those of all attempts together. */
export interface Flattened extends FlattenResult {
  readonly account: string;
  /** Whether this plan had its result already: nothing was sent this time. */
  readonly isRepeat: boolean;
  /** What is held besides, where the whole account was to be closed: it came after the plan. */
  readonly others: readonly string[];
}

/** The plan for what is held now. It reads nothing and changes nothing. @param pass Made just now: what it could not read is named as a problem. */
export function makeFlattenPlan(
  facts: Pick<FlattenPlan, "account" | "venue" | "environment" | "instrument"> & { readonly nowMs: number },
  context: FlattenContext,
  pass: PassReport,
): FlattenPlan {
  const { nowMs, ...place } = facts;
  const unread = pass.sections.flatMap(({ section, quality, problem }) =>
    quality === "complete" ? [] : [`${section} ${quality}: ${problem ?? "no reason given"}`],
  );
  const unsettled = [...context.book.discrepancies.values()].flatMap(
    ({ of, kind, subject, localQty, venueQty }) =>
      of === "book" &&
      subject.type === "position" &&
      kind !== "entry_price_mismatch" &&
      (place.instrument === null || subject.instrument === place.instrument)
        ? [`${kind} ${subject.instrument}: local ${localQty ?? "none"}, venue ${venueQty ?? "none"}`]
        : [],
  );
  const plan = {
    ...place,
    venueAccountId: context.book.venueAccountId,
    madeAtMs: nowMs,
    expiresAtMs: nowMs + FLATTEN_PLAN_MS,
    legs: flattenLegs(context, place.instrument),
    problems: [...unread, ...unsettled],
  };
  return { id: flattenIdOf(plan), ...plan };
}

/** @throws PlanError when it is none, or not the one that was made under its id. */
export function checkedFlattenPlan(value: unknown, place: string): FlattenPlan {
  const plan = value as FlattenPlan | null;
  if (typeof plan !== "object" || plan === null || !Array.isArray(plan.legs)) {
    const text = `${place} is no plan to flatten; make one with "trueup flatten"`;
    throw new PlanError("plan_unreadable", text);
  }
  const { id, ...rest } = plan;
  if (flattenIdOf(rest) === id) return plan;
  const text = `${place} is not what was planned: its content does not give the id ${id}. Nothing was done; make a new plan`;
  throw new PlanError("plan_tampered", text);
}

function flattenIdOf(plan: Omit<FlattenPlan, "id">): string {
  const { account, venue, environment, venueAccountId, madeAtMs, expiresAtMs, instrument, legs, problems } =
    plan;
  const facts = [account, venue, environment, venueAccountId, madeAtMs, expiresAtMs, instrument, problems];
  const rows = legs.map((one) => [
    one.instrument,
    one.leg,
    one.side,
    one.qty,
    one.price,
    one.notional,
    one.orders,
  ]);
  return deriveId("flat", [digestHex(JSON.stringify([facts, rows]))]);
}

/** Who confirms, and how. */
export interface FlattenGiven {
  readonly by: string;
  /** The account's name, typed; null where it was not given. */
  readonly confirm: string | null;
}

/** @throws PlanError when this plan may not be carried out now; nothing was done then. */
export function assertMayFlatten(
  plan: FlattenPlan,
  given: FlattenGiven,
  facts: {
    readonly account: string;
    readonly nowMs: number;
    readonly isObserving: boolean;
    readonly isKnown: boolean;
  },
): void {
  const { account, nowMs, isObserving, isKnown } = facts;
  if (plan.account !== account) {
    const text = `the plan ${plan.id} is of account ${plan.account}, not of ${account}; nothing was done`;
    throw new PlanError("plan_of_other_account", text);
  }
  if (given.confirm !== account) {
    const found = given.confirm === null ? "no name was given" : `"${given.confirm}" was given`;
    const text = `to flatten, confirm with the account's name: --confirm ${account} (${found}). Nothing was done`;
    throw new PlanError("plan_not_confirmed", text);
  }
  if (isObserving) {
    const text = `account ${account} only observes (observe = true): nothing is traded; set observe = false first`;
    throw new PlanError("observing", text);
  }
  // One that has begun is finished, however late it is asked for again.
  if (isKnown || nowMs < plan.expiresAtMs) return;
  const age = Math.ceil((nowMs - plan.expiresAtMs) / 1_000);
  const text = `the plan ${plan.id} expired ${age} s ago; nothing was done. Make a new one with "trueup flatten"`;
  throw new PlanError("plan_expired", text);
}

/** That a plan was taken up, with what it was about to close: durable before the first order. */
export function flattenStartedDraft({ id, madeAtMs, instrument, legs }: FlattenPlan, by: string): Draft {
  return draft("flatten_started", { planId: id, by, madeAtMs, instrument, legs }, `by:${by}`);
}

/** What carrying out a plan needs of the account's session. */
export interface FlattenParts {
  /** As it is now, each time. */
  readonly context: () => FlattenContext;
  readonly pass: () => Promise<PassReport>;
  readonly submit: (intent: OrderIntent) => Promise<{ readonly reasons: readonly string[] }>;
  readonly cancel: (order: Order) => Promise<unknown>;
  readonly timers: Timers;
  readonly nowMs: () => number;
  /** @throws when nobody is at work any more: what has begun is finished after the next start. */
  readonly assertAtWork: () => void;
}

/** Carries it out. @throws what stops the account. */
export async function flattenLegsNow(
  plan: FlattenPlan,
  by: string,
  parts: FlattenParts,
): Promise<FlattenResult> {
  const { context, pass, cancel } = parts;
  const ownIds = () =>
    new Set(
      plan.legs.flatMap((leg) => ownOrders(context().book, plan.id, leg)).map(({ orderKey }) => orderKey),
    );
  const own = ownIds();
  const inTheWay = plan.legs
    .flatMap(({ instrument, leg }) => workingOn(context().book, instrument, leg))
    .filter(({ orderKey }) => !own.has(orderKey));
  await Promise.all([...new Set(inTheWay)].map(cancel));
  const whys = new Map<FlattenLeg, string>();
  for (const [round, waitMs] of [...WAITS_MS, 0].entries()) {
    parts.assertAtWork();
    const { isComplete } = await pass();
    const steps = plan.legs.map((leg) => ({ leg, step: nextStep(context(), plan.id, leg) }));
    for (const { leg, step } of steps) {
      if (step.kind === "flat") whys.delete(leg);
      // Why the last order was not taken stays told while another one could be sent.
      else if (step.kind !== "send") whys.set(leg, step.why);
    }
    const isOver = steps.every(({ step }) => step.kind === "give_up" || step.kind === "flat");
    if (isOver && (isComplete || steps.every(({ step }) => step.kind === "give_up"))) {
      return resultOf(plan, by, { parts, whys, isProven: isComplete });
    }
    if (round === WAITS_MS.length) return resultOf(plan, by, { parts, whys, isProven: isComplete });
    await Promise.all(
      steps.map(async ({ leg, step }) => {
        if (step.kind === "cancel") await Promise.all(step.orders.map(cancel));
        if (step.kind !== "send") return;
        const { reasons } = await parts.submit(step.intent);
        whys.set(leg, reasons.join("; "));
      }),
    );
    await new Promise<void>((resolve) => {
      parts.timers.after(waitMs, resolve);
    });
  }
  throw new Error("a plan to flatten ends with its last read");
}

function resultOf(
  { id, legs }: FlattenPlan,
  by: string,
  facts: {
    readonly parts: FlattenParts;
    readonly whys: ReadonlyMap<FlattenLeg, string>;
    readonly isProven: boolean;
  },
): FlattenResult {
  const { parts, whys, isProven } = facts;
  const context = parts.context();
  const { book } = context;
  const ended = legs.map((planned): FlattenedLeg => {
    const { instrument, leg, qty } = planned;
    const key = positionKey(instrument, leg);
    const sent = ownOrders(book, id, planned);
    const isClosed = isFlat(context, key) && isProven;
    const why = whys.get(planned) ?? "";
    const unproven = isProven ? "it is still held" : "no complete read shows it closed";
    return {
      instrument,
      leg,
      plannedQty: qty,
      closedQty: sum(sent.map(filledQty)),
      heldQty: positionQty(book, key),
      orders: sent.map(({ clientOrderId }) => clientOrderId ?? ""),
      isFlat: isClosed,
      why: isClosed ? null : why === "" ? unproven : why,
    };
  });
  const isAllFlat = isProven && ended.every((one) => one.isFlat);
  return { planId: id, by, isFlat: isAllFlat, legs: ended, finishedAtMs: parts.nowMs() };
}

/** What a person wanted closed and is not proven to be: whoever asked may have gone. */
export function unflatAlert({ planId, legs }: FlattenResult): AlertFacts {
  const held = legs.filter((one) => !one.isFlat);
  const texts = held.map(({ instrument, heldQty, why }) => `${heldQty} ${instrument} (${why})`);
  const only = held.length === 1 ? (held[0]?.instrument ?? null) : null;
  const text = `a plan to close positions has ended, and not all is proven flat: ${texts.join(", ") || "no complete read shows it"}`;
  return { kind: "persistent_desync", subject: only, text, evidence: [planId] };
}

/** What is held and not in the plan, where the plan was for the whole account. */
export function heldBesides(context: FlattenContext, { instrument, legs }: FlattenPlan): string[] {
  if (instrument !== null) return [];
  const planned = new Set(legs.map((one) => positionKey(one.instrument, one.leg)));
  return heldKeys(context.book)
    .filter((key) => !planned.has(key) && !isFlat(context, key))
    .map((key) => `${splitPositionKey(key).instrument} ${positionQty(context.book, key)}`);
}

/** Of what is planned, in the quote currency; null where a price is not known. */
export function notionalOf({ legs }: Pick<FlattenPlan, "legs">): Decimal | null {
  return legs.some(({ notional }) => notional === null)
    ? null
    : sum(legs.map(({ notional }) => notional ?? ZERO));
}
