// An exit plan: when a position is to be closed, as its owner stated it. Values and their checks only; what a plan comes
// to for the quantity that is held is arm.ts, whether it has come to pass is evaluate.ts.
import { compare, type Decimal, isLess, ONE, sign } from "../decimal.ts";
import { digestHex } from "../hash.ts";
import type { Side } from "../words.ts";

/** A price, or a part of the entry price: a stop of ratio 0.02 lies 2 % on the losing side of it. */
export type Level = { readonly price: Decimal } | { readonly ratio: Decimal };
/** How far a trailing stop lies behind the best price: in units of the price, or as a part of that best price. */
export type Distance = { readonly distance: Decimal } | { readonly ratio: Decimal };

/** When a position is to be closed. At least one of stop, target, trailing and time stop is there (`problemOfPlan`). */
export interface ExitPlan {
  readonly stop?: Level;
  readonly target?: Level;
  readonly trailing?: Distance;
  /** The lot is closed this long after it was opened. In ms. */
  readonly timeStopMs?: number;
  /** Target, trailing stop and time stop do not act before that; a stop always does. In ms. */
  readonly minimumHoldMs?: number;
  /** What would prove the idea wrong, for people; trueup does not read it. */
  readonly invalidation?: string;
}

/**
 * `managed`: trueup watches prices and sends plain orders; no stop lies at the venue. `managed+backstop`: the same, and one
 * wide stop lies there in case everything dies. `venue`: stop and target lie there.
 */
export const EXIT_MODES = ["managed", "managed+backstop", "venue"] as const;
export type ExitMode = (typeof EXIT_MODES)[number];

/** Who closes this account's positions, and by what. */
export interface ExitPolicy {
  /** Whether trueup closes them. Where not, what lacks an exit at the venue is only watched. */
  readonly owns: boolean;
  readonly mode: ExitMode;
  /** How far the backstop lies from the entry price, as a part of it; of that mode alone. */
  readonly backstop?: Decimal;
  /** Of every lot that has no plan of its own, such as an adopted one; null where there is none. */
  readonly default: ExitPlan | null;
  readonly strategies: Readonly<Record<string, ExitPlan>>;
}

/** Longest time that a plan may name: ten years. In ms. */
const DURATION_MS_MAX = 315_360_000_000;
const INVALIDATION_LENGTH_MAX = 1_000;

/** The same plan always as the same text: digests and records do not depend on who wrote it down. */
export function canonicalPlan(plan: ExitPlan): ExitPlan {
  const { stop, target, trailing, timeStopMs, minimumHoldMs, invalidation } = plan;
  return {
    ...(stop !== undefined && { stop: canonicalLevel(stop) }),
    ...(target !== undefined && { target: canonicalLevel(target) }),
    ...(trailing !== undefined && { trailing: canonicalDistance(trailing) }),
    ...(timeStopMs !== undefined && { timeStopMs }),
    ...(minimumHoldMs !== undefined && { minimumHoldMs }),
    ...(invalidation !== undefined && { invalidation }),
  };
}

/** The same for the same plan, however it was written. Hex. */
export function digestOfPlan(plan: ExitPlan): string {
  return digestHex(JSON.stringify(canonicalPlan(plan)));
}

function canonicalLevel(level: Level): Level {
  return "price" in level ? { price: level.price } : { ratio: level.ratio };
}

function canonicalDistance(distance: Distance): Distance {
  return "distance" in distance ? { distance: distance.distance } : { ratio: distance.ratio };
}

/** Why this is no plan that could be carried out, with what is allowed; null when it is one. */
export function problemOfPlan(plan: ExitPlan): string | null {
  const { stop, target, trailing, timeStopMs, minimumHoldMs, invalidation } = plan;
  if (stop === undefined && target === undefined && trailing === undefined && timeStopMs === undefined) {
    return "the exit plan closes nothing; give a stop, a target, a trailing stop or a time stop";
  }
  return (
    problemOfLevel("stop", stop, ONE) ??
    problemOfLevel("target", target, null) ??
    problemOfDistance(trailing) ??
    problemOfDuration("time stop", timeStopMs, 1) ??
    problemOfDuration("minimum hold", minimumHoldMs, 0) ??
    problemOfTimes(plan) ??
    (invalidation !== undefined && invalidation.length > INVALIDATION_LENGTH_MAX
      ? `the invalidation has ${invalidation.length} characters; give at most ${INVALIDATION_LENGTH_MAX}`
      : null)
  );
}

/**
 * Why a plan cannot belong to a position that is opened on this side: its stop would close it at once, or its target.
 * @param price What the position is expected to cost; without it only stop and target are held against each other.
 */
export function problemOfSides(plan: ExitPlan, side: Side, price: Decimal | undefined): string | null {
  const { stop, target } = plan;
  const isLong = side === "buy";
  const held = isLong ? "long" : "short";
  if (stop && "price" in stop && target && "price" in target && !isBefore(stop.price, target.price, isLong)) {
    return `the stop ${stop.price} of a ${held} position must be ${isLong ? "below" : "above"} its target ${target.price}`;
  }
  if (price === undefined) return null;
  if (stop && "price" in stop && !isBefore(stop.price, price, isLong)) {
    return `the stop ${stop.price} of a ${held} position must be ${isLong ? "below" : "above"} its entry, about ${price}`;
  }
  if (target && "price" in target && !isBefore(price, target.price, isLong)) {
    return `the target ${target.price} of a ${held} position must be ${isLong ? "above" : "below"} its entry, about ${price}`;
  }
  return null;
}

/**
 * Why a plan would close at once what an order opens now.
 * @param price At what the position could be closed now.
 */
export function problemOfPriceNow(plan: ExitPlan, side: Side, price: Decimal): string | null {
  const isLong = side === "buy";
  const held = isLong ? "long" : "short";
  const at = `the price now, ${price}: it would be closed as soon as it is opened`;
  const { stop, target } = plan;
  if (stop && "price" in stop && !isBefore(stop.price, price, isLong)) {
    return `the stop ${stop.price} of a ${held} position must be ${isLong ? "below" : "above"} ${at}`;
  }
  if (target && "price" in target && !isBefore(price, target.price, isLong)) {
    return `the target ${target.price} of a ${held} position must be ${isLong ? "above" : "below"} ${at}`;
  }
  return null;
}

/** Whether one price comes before another on the way to profit. */
function isBefore(a: Decimal, b: Decimal, isLong: boolean): boolean {
  return isLong ? isLess(a, b) : isLess(b, a);
}

function problemOfLevel(name: string, level: Level | undefined, ratioBelow: Decimal | null): string | null {
  if (level === undefined) return null;
  if ("price" in level) {
    return sign(level.price) > 0 ? null : `a ${name} at ${level.price} is not above zero`;
  }
  return problemOfRatio(name, level.ratio, ratioBelow);
}

function problemOfDistance(distance: Distance | undefined): string | null {
  if (distance === undefined) return null;
  if ("ratio" in distance) return problemOfRatio("trailing stop", distance.ratio, ONE);
  return sign(distance.distance) > 0
    ? null
    : `a trailing stop of distance ${distance.distance} is not above zero`;
}

function problemOfRatio(name: string, ratio: Decimal, below: Decimal | null): string | null {
  if (sign(ratio) <= 0) return `a ${name} of ratio ${ratio} is not above zero`;
  if (below === null || compare(ratio, below) < 0) return null;
  return `a ${name} of ratio ${ratio} is not below ${below}; 2 % is 0.02`;
}

function problemOfDuration(name: string, ms: number | undefined, least: number): string | null {
  if (ms === undefined) return null;
  const isFine = Number.isSafeInteger(ms) && ms >= least && ms <= DURATION_MS_MAX;
  return isFine ? null : `a ${name} of ${ms} ms is not from ${least} ms to 10 years (${DURATION_MS_MAX} ms)`;
}

function problemOfTimes({ timeStopMs, minimumHoldMs }: ExitPlan): string | null {
  if (timeStopMs === undefined || minimumHoldMs === undefined || minimumHoldMs <= timeStopMs) return null;
  return `the minimum hold of ${minimumHoldMs} ms is longer than the time stop of ${timeStopMs} ms`;
}
