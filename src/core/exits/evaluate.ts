// Has an exit come to pass? The answer follows from the resolved exit, the best price since it was armed, the price now
// and the time. A long position's exits look at the bid where the venue tells one, a short one's at the ask, else at
// the last price: at what the position could be closed for.
import {
  add,
  compare,
  type Decimal,
  isLess,
  isZero,
  max,
  min,
  multiply,
  ONE,
  sign,
  subtract,
} from "../decimal.ts";
import type { Distance } from "./plan.ts";

/** What an exit may be triggered by. Of several at once the first counts, as listed. */
export const EXIT_CONDITIONS = ["stop", "trailing", "target", "time"] as const;
export type ExitCondition = (typeof EXIT_CONDITIONS)[number];

/** What a price feed tells of an instrument. */
export interface Quote {
  readonly last?: Decimal;
  readonly bid?: Decimal;
  readonly ask?: Decimal;
}

/** An exit as it was resolved for the quantity that is held. */
export interface ExitLevels {
  readonly side: "long" | "short";
  readonly stop: Decimal | null;
  readonly target: Decimal | null;
  readonly trailing: Distance | null;
  /** Our clock, ms. */
  readonly timeStopAtMs: number | null;
  /** Before it only the stop acts. Our clock, ms. */
  readonly holdUntilMs: number | null;
}

/** By what an exit has come to pass. */
export interface Triggered {
  readonly condition: ExitCondition;
  /** The level that was reached; null for a time stop. */
  readonly level: Decimal | null;
}

/** At what the position could be closed; null where nothing usable is told. */
export function closingPrice(side: "long" | "short", { last, bid, ask }: Quote): Decimal | null {
  const own = side === "long" ? bid : ask;
  const price = own !== undefined && sign(own) > 0 ? own : last;
  return price !== undefined && sign(price) > 0 ? price : null;
}

/**
 * What has come to pass; null for nothing. Before the minimum hold is over only the stop acts.
 * @param best The best price since, from `betterOf`; null before any: then there is no trailing stop.
 * @param price Null where none is known, or none that is young enough: only a time stop acts then.
 * @param nowMs Our clock, ms.
 */
export function triggerOf(
  exit: ExitLevels,
  best: Decimal | null,
  price: Decimal | null,
  nowMs: number,
): Triggered | null {
  const isLong = exit.side === "long";
  if (price !== null && exit.stop !== null && isReached(price, exit.stop, !isLong)) {
    return { condition: "stop", level: exit.stop };
  }
  if (exit.holdUntilMs !== null && nowMs < exit.holdUntilMs) return null;
  if (price !== null) {
    const trail = trailingLevel(exit, best);
    if (trail !== null && isReached(price, trail, !isLong)) return { condition: "trailing", level: trail };
    if (exit.target !== null && isReached(price, exit.target, isLong)) {
      return { condition: "target", level: exit.target };
    }
  }
  const isOver = exit.timeStopAtMs !== null && nowMs >= exit.timeStopAtMs;
  return isOver ? { condition: "time", level: null } : null;
}

/** Where the trailing stop lies now; null without one, or before any price. */
export function trailingLevel({ side, trailing }: ExitLevels, best: Decimal | null): Decimal | null {
  if (trailing === null || best === null) return null;
  const distance = "distance" in trailing ? trailing.distance : multiply(best, trailing.ratio);
  return side === "long" ? subtract(best, distance) : add(best, distance);
}

/** The best price so far, from the position's point of view. */
export function betterOf(side: "long" | "short", best: Decimal | null, price: Decimal): Decimal {
  if (best === null) return price;
  return side === "long" ? max(best, price) : min(best, price);
}

/**
 * What a trailing stop begins from: the entry price where the plan came with the order that opened; else the first price
 * that is seen, as nobody may close a position at once for what its price was long ago.
 */
export function firstBest({
  source,
  entryPrice,
}: {
  readonly source: string;
  readonly entryPrice: Decimal | null;
}): Decimal | null {
  return source === "intent" ? entryPrice : null;
}

/** A trailing stop's best price is written down when it has moved by this part of the distance. */
const WRITTEN_PER_DISTANCE = "0.1" as Decimal;

/** Whether the best price has moved far enough to be written down: a crash loses at most a tenth of the distance. */
export function isWorthWriting({ trailing }: ExitLevels, written: Decimal | null, best: Decimal): boolean {
  if (trailing === null || written === best) return false;
  if (written === null) return true;
  const distance = "distance" in trailing ? trailing.distance : multiply(written, trailing.ratio);
  const moved = subtract(best, written);
  const least = multiply(distance, WRITTEN_PER_DISTANCE);
  return compare(sign(moved) < 0 ? subtract(written, best) : moved, least) >= 0;
}

/** The price that lies a part of the entry price above it, or below: 0.02 is 2 %. Exact; null where it is not above zero. */
export function levelAt(entryPrice: Decimal, ratio: Decimal, isAbove: boolean): Decimal | null {
  const factor = isAbove ? add(ONE, ratio) : subtract(ONE, ratio);
  const level = multiply(entryPrice, factor);
  return isZero(level) || sign(level) < 0 ? null : level;
}

function isReached(price: Decimal, level: Decimal, isUpward: boolean): boolean {
  return isUpward ? !isLess(price, level) : !isLess(level, price);
}
