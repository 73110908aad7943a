// I18: an exit acts on what is so. A stop, a trailing stop and a target act where the market really had a price beyond
// their level within the age that a price may have, and that level follows from the plan; a time stop acts at its time,
// and nothing but a stop acts before the minimum hold is over, neither of them by a clock that was set a moment ago.
import type { JournalRecord, Payloads } from "../../core/index.ts";
import { exact, magnitude, plain, times, UNIT } from "../oracle/exact.ts";
import type { Course } from "./course.ts";
import type { ArmedRecord, TriggerRecord } from "./exit-trail.ts";
import type { Watch } from "./world.ts";

/** From the price to the record of it, at most: a slow journal takes seconds. In ms. */
const WRITTEN_MS = 12_000;
/** So long after our clock was set nothing may act by it, less what a look at it takes. In ms. */
const STEADY_MS = 50_000;

export class ExitTruth implements Watch {
  private readonly course: Course;
  /** When each exit was first armed, monotonic ms. */
  private readonly armedAtMs = new Map<string, number>();
  /** The best price of each, as it was written down last. */
  private readonly bests = new Map<string, string>();

  constructor(course: Course) {
    this.course = course;
  }

  onRecord(record: JournalRecord): void {
    const { world, trail } = this.course;
    if (record.kind === "exit_armed" && !this.armedAtMs.has(record.payload.exitId)) {
      this.armedAtMs.set(record.payload.exitId, world.monotonicMs());
    }
    if (record.kind === "exit_trailed") this.trailed(record.payload);
    if (record.kind !== "exit_triggered") return;
    const { payload, seq, tsMs } = record;
    const armed = trail.exits.triggers.get(payload.intentId)?.armed;
    if (!armed) {
      world.violate(
        "I18",
        `record ${seq} says that exit ${payload.exitId} has come to pass, and it is not armed`,
      );
      return;
    }
    // A later order of the same exit carries out what has come to pass before.
    if (payload.attempt > 1) return;
    world.check("I18");
    const problem =
      payload.condition === "time"
        ? this.problemOfTime(armed, tsMs)
        : (this.problemOfLevel(armed, payload) ??
          this.problemOfPrice(armed, payload) ??
          this.problemOfHold(armed, payload, tsMs));
    if (problem === null) return;
    const name = `record ${seq} says that the ${payload.condition} of ${armed.side} ${payload.qty} ${payload.instrument} has come to pass`;
    world.violate("I18", `${name}; ${problem}`);
  }

  /** The best price so far only becomes better. */
  private trailed({ exitId, best, instrument }: Payloads["exit_trailed"]): void {
    const { world, trail } = this.course;
    const side = trail.exits.armed.get(exitId)?.facts.side;
    const before = this.bests.get(exitId);
    this.bests.set(exitId, best);
    if (before === undefined || side === undefined) return;
    world.check("I18");
    const isBetter = side === "long" ? exact(best) >= exact(before) : exact(best) <= exact(before);
    if (isBetter) return;
    world.violate(
      "I18",
      `the best price of the ${side} exit ${exitId} in ${instrument} was ${before}, and is ${best}`,
    );
  }

  /** Follows from the plan: its price, or a part of the entry price on the side that it is for. */
  private problemOfLevel(armed: ArmedRecord, { condition, level }: TriggerRecord): string | null {
    if (level === null) return "it names no level";
    if (condition === "trailing") return this.problemOfTrail(armed, exact(level));
    if (condition === "time") return null;
    const wanted = armed.plan[condition];
    if (wanted === undefined) return `its plan has no ${condition}`;
    if ("price" in wanted)
      return wanted.price === level ? null : `its plan says ${wanted.price}, not ${level}`;
    if (armed.entryPrice === null) return "no entry price is known";
    const isAbove = (condition === "target") === (armed.side === "long");
    const ratio = exact(wanted.ratio);
    const is = times(exact(armed.entryPrice), isAbove ? UNIT + ratio : UNIT - ratio);
    const step = exact(this.stepOf(armed.instrument));
    if (magnitude(is - exact(level)) <= step) return null;
    return `by its plan and the entry price ${armed.entryPrice} it lies at ${plain(is)}, not at ${level}`;
  }

  /** A trailing stop lies behind the best price that there was, no further ahead. */
  private problemOfTrail(armed: ArmedRecord, level: bigint): string | null {
    const { trailing, side, entryPrice, exitId, instrument } = armed;
    if (trailing === null) return "its plan trails nothing";
    const sinceMs = (this.armedAtMs.get(exitId) ?? 0) - this.course.world.policy.priceAgeMaxMs - WRITTEN_MS;
    const isLong = side === "long";
    const market = this.course.world.extremePrice?.(instrument, isLong, sinceMs);
    if (market === undefined) return null;
    const ends = [market, ...(entryPrice === null ? [] : [entryPrice])].map(exact);
    const best = ends.reduce((a, b) => (a > b === isLong ? a : b));
    const distance = "distance" in trailing ? exact(trailing.distance) : times(best, exact(trailing.ratio));
    const furthest = isLong ? best - distance : best + distance;
    // An entry price that does not come out even is rounded, and so is what follows from it.
    const step = exact(this.stepOf(instrument));
    const isWithin = isLong ? level <= furthest + step : level >= furthest - step;
    return isWithin
      ? null
      : `behind the best price ${plain(best)} it lies at ${plain(furthest)} at the nearest`;
  }

  private problemOfPrice(
    armed: ArmedRecord,
    { condition, level, price, priceAgeMs }: TriggerRecord,
  ): string | null {
    const { world } = this.course;
    const { priceAgeMaxMs } = world.policy;
    if (price === null || level === null) return "it names no price";
    if (priceAgeMs !== null && priceAgeMs > priceAgeMaxMs) return `its price was ${priceAgeMs} ms old`;
    const isUpward = (condition === "target") === (armed.side === "long");
    const isBeyond = isUpward ? exact(price) >= exact(level) : exact(price) <= exact(level);
    if (!isBeyond) return `${price} is not beyond ${level}`;
    // By a clock that is behind, no price can be seen to be old.
    if (world.nowMs() < world.monotonicMs()) return null;
    const sinceMs = world.monotonicMs() - priceAgeMaxMs - WRITTEN_MS;
    if (world.wasPrice?.(armed.instrument, price, sinceMs) !== false) return null;
    return `the market has not had ${price} for ${priceAgeMaxMs} ms`;
  }

  private problemOfTime({ timeStopAtMs }: ArmedRecord, tsMs: number): string | null {
    if (timeStopAtMs === null) return "its plan has no time stop";
    if (tsMs < timeStopAtMs) return `it is ${timeStopAtMs - tsMs} ms too early`;
    return this.problemOfClock(timeStopAtMs);
  }

  private problemOfHold(
    { holdUntilMs }: ArmedRecord,
    { condition }: TriggerRecord,
    tsMs: number,
  ): string | null {
    if (condition === "stop" || holdUntilMs === null) return null;
    if (tsMs < holdUntilMs) return `its minimum hold lasts ${holdUntilMs - tsMs} ms more`;
    return this.problemOfClock(holdUntilMs);
  }

  /** A time that has come only by a clock that was set a moment ago has not come. */
  private problemOfClock(atMs: number): string | null {
    const { world, wasClockOff, clockSetAtMs, aliveSinceMs } = this.course;
    const nowMs = world.monotonicMs();
    // A process that starts finds the clock as it is.
    if (aliveSinceMs >= clockSetAtMs || nowMs >= atMs || !wasClockOff || nowMs - clockSetAtMs > STEADY_MS)
      return null;
    return `its time comes in ${atMs - nowMs} ms, and our clock was set ${nowMs - clockSetAtMs} ms ago`;
  }

  private stepOf(symbol: string): string {
    const known = this.course.world.referee.instruments.find((one) => one.symbol === symbol);
    return known?.priceStep ?? "0.01";
  }
}
