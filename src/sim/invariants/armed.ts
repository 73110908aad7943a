// I19: no held position is left without an exit in silence. Where trueup closes positions, every position that complete
// passes have seen is armed for all that is held of it, or an unprotected_position says why not; what is armed is never
// more than what is held; and a person's plan stands above every other.
import { type JournalRecord, type PositionKey, positionKey, splitPositionKey } from "../../core/index.ts";
import type { PassReport } from "../../engine/index.ts";
import { exact, magnitude, plain, signOf } from "../oracle/exact.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

/** Complete passes in a row that may end with it. */
const PASSES_MAX = 5;

/** Passes running for which trueup may take an instrument for in flight and say nothing of it; then that is told (R3). */
const IN_FLIGHT_PASSES_MAX = 10;

/** After our clock was set everything rests again. In ms. */
const STEADY_MS = 60_000;

/** `times`: passes that count. `moving`: the last ones running of which each may have been too early for the last trade. */
type Found = { readonly times: number; readonly moving: number; readonly sinceMs: number };

/** `untold`: the instrument, where what is wrong is only that nobody was told. */
type Problem = { readonly text: string; readonly untold: string | null };

/** `knownMs`: the venue's time of the last trade that was known when it was set. */
type Plan = {
  readonly seq: number;
  readonly knownMs: number;
  readonly strategy: string | null;
  readonly isSet: boolean;
};

export class ArmedOrTold implements Watch {
  private readonly course: Course;
  /** In how many complete passes, one after the other, each of these was found. */
  private readonly found = new Map<string, Found>();
  /** Since which record each position has been on its side. */
  private readonly sideSince = new Map<PositionKey, { readonly seq: number; readonly side: number }>();
  private readonly plans = new Map<PositionKey, Plan[]>();

  constructor(course: Course) {
    this.course = course;
  }

  private get isOwner(): boolean {
    const { policy, capabilities } = this.course.world;
    return policy.exits?.owns === true && policy.mode === "executor" && !policy.observe && capabilities.heals;
  }

  onRecord({ kind, payload, seq }: JournalRecord): void {
    const { moved, quantities } = this.course.trail;
    if (moved !== undefined) {
      const side = signOf(quantities.qty(moved));
      if (this.sideSince.get(moved)?.side !== side) this.sideSince.set(moved, { seq, side });
    }
    if (kind !== "exit_plan_set") return;
    const key = positionKey(payload.instrument, payload.leg);
    const { strategy } = payload;
    const knownMs = this.course.shadow.ledgers.get(key)?.entries.at(-1)?.timestamp ?? 0;
    const before = (this.plans.get(key) ?? []).filter((one) => one.strategy !== strategy);
    this.plans.set(key, [
      ...before,
      { seq, knownMs, strategy, isSet: payload.plan !== null && payload.plan !== "none" },
    ]);
  }

  onRestart(): void {
    this.found.clear();
  }

  onPass({ isComplete, startedAtMs }: PassReport): void {
    const book = this.course.book();
    if (!this.isOwner || !book) return;
    // While our clock is off, what happened is dated ahead of it and counts as in flight; that is told as such.
    if (!isComplete || this.course.isWaited(book) || !this.isClockSteady()) {
      this.found.clear();
      return;
    }
    const problems = this.problems();
    for (const text of [...this.found.keys()]) if (!problems.has(text)) this.found.delete(text);
    for (const [name, { text, untold }] of problems) {
      const nowMs = this.course.world.monotonicMs();
      const before = this.found.get(name) ?? { times: 0, moving: 0, sinceMs: nowMs };
      const { sinceMs } = before;
      // What has just traded is not judged by a pass (R3); what is armed, and by which plan, has no such excuse.
      const isMoving = untold !== null && this.hasJustTraded(untold, startedAtMs);
      const moving = isMoving ? before.moving + 1 : 0;
      const times = before.times + (isMoving && moving <= IN_FLIGHT_PASSES_MAX ? 0 : 1);
      this.found.set(name, { times, moving, sinceMs });
      // A price that is missing is told after its grace, however many passes there are in it; nothing else has one.
      const isLate =
        nowMs - sinceMs > 2 * this.course.world.policy.graceMs + this.course.world.policy.intervalMs;
      if (times < PASSES_MAX || (untold !== null && !isLate)) continue;
      this.found.delete(name);
      this.course.world.violate("I19", `${text}, after ${times} complete passes`);
    }
  }

  async judge(): Promise<void> {
    const book = this.course.book();
    if (!this.isOwner || !book || !this.course.world.isHealed()) return;
    for (const { text } of this.problems().values()) {
      this.course.world.violate("I19", `long after all was well, ${text}`);
    }
  }

  /** What is wrong now, each under a name that stays the same while it lasts. */
  private problems(): Map<string, Problem> {
    const { trail, world } = this.course;
    const problems = new Map<string, Problem>();
    const keys = new Set<PositionKey>(trail.quantities.positions.keys() as Iterable<PositionKey>);
    for (const key of keys) {
      const { instrument, leg } = splitPositionKey(key);
      const held = trail.quantities.qty(key);
      const exits = trail.exits.of(instrument, leg);
      if (held === 0n && exits.length === 0) continue;
      // What the venue does not have yet, or has already, is being compared.
      if (exact(world.referee.qty(instrument, leg)) !== held) continue;
      world.check("I19");
      const armed = exits.reduce((sum, { facts }) => sum + exact(facts.qty), 0n);
      const isSide = exits.every(({ facts }) => signOf(held) === (facts.side === "long" ? 1 : -1));
      if (armed > magnitude(held) || !isSide) {
        const text = exits.map(({ facts }) => `${facts.side} ${facts.qty} of ${facts.strategy}`).join(", ");
        const more = `exits of ${key} are armed for ${text}, and ${plain(held)} is held`;
        problems.set(`${key} more`, { text: more, untold: null });
      }
      const step = exact(
        world.referee.instruments.find(({ symbol }) => symbol === instrument)?.qtyStep ?? "1",
      );
      const lots = this.course.shadow.ledgers.get(key)?.lots.size ?? 1;
      // Of each lot less than a step may be left over.
      const isCovered = magnitude(held) - armed < step * BigInt(Math.max(1, lots));
      if (!isCovered && !this.isTold(instrument, leg)) {
        const text = `${plain(held)} of ${key} is held, ${plain(armed)} of it has an exit, and no unprotected_position is open`;
        problems.set(`${key} less`, { text, untold: instrument });
      }
      for (const { facts } of exits) {
        if (facts.source === "person" || !this.hasPersons(key, facts.strategy)) continue;
        const text = `the exit of ${facts.strategy} in ${key} is of source ${facts.source}, and a person has set a plan for it`;
        problems.set(`${key} ${facts.strategy} plan`, { text, untold: null });
      }
    }
    return problems;
  }

  /** Whether a known fill is so late that what a pass of then read may lack it. */
  private hasJustTraded(instrument: string, beganMs: number): boolean {
    const sinceMs = beganMs - this.course.world.capabilities.readAfterFillLagMs;
    for (const fill of this.course.trail.fills.values()) {
      if (fill.instrument === instrument && fill.timestamp >= sinceMs) return true;
    }
    return false;
  }

  private isTold(instrument: string, leg: string): boolean {
    const { trail } = this.course;
    const isStuck = trail.gates.get(instrument)?.some(({ code }) => code === "stuck_in_flight");
    const open = trail.exitProblemsOf(instrument);
    return isStuck === true || open.some(({ subject }) => subject.type === "position" && subject.leg === leg);
  }

  private isClockSteady(): boolean {
    const { world, clockSetAtMs, wasClockOff } = this.course;
    if (world.nowMs() !== world.monotonicMs()) return false;
    return !wasClockOff || world.monotonicMs() - clockSetAtMs > STEADY_MS;
  }

  /** Whether a person has set a plan for this lot since the position is on its side. */
  private hasPersons(key: PositionKey, strategy: string): boolean {
    const since = this.sideSince.get(key)?.seq ?? 0;
    const known = (this.plans.get(key) ?? []).filter(
      (one) => one.seq > since && !this.hasEndedSince(key, one.knownMs),
    );
    const own = known.find((one) => one.strategy === strategy);
    return (own ?? known.find((one) => one.strategy === null))?.isSet === true;
  }

  /**
   * Whether the venue's position was flat, or on its other side, after this: the word was about that one. What ended it may
   * be known only once it is open again, and then no record has it flat.
   */
  private hasEndedSince(key: PositionKey, sinceMs: number): boolean {
    const { instrument, leg } = splitPositionKey(key);
    const { referee } = this.course.world;
    const side = signOf(exact(referee.qty(instrument, leg)));
    return referee
      .quantities(instrument, leg)
      .some(({ atMs, qty }) => atMs > sinceMs && signOf(exact(qty)) !== side);
  }
}
