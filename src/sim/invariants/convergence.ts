// L1: once nothing goes wrong any more, no copy differs without a reason within a few passes. A pass counts when it ends
// and leaves a difference that no rule makes it wait for: one that is not being confirmed, that was not refused and
// brought to a person, of no order whose outcome is awaited, and not left as it is on purpose.
import { BOOK, type Book, type JournalRecord, type Leg } from "../../core/index.ts";
import type { PassReport } from "../../engine/index.ts";
import {
  balanceDifferences,
  type Difference,
  legsOf,
  mirrorDifferences,
  positionDifferences,
  textOf,
} from "./compare.ts";
import type { Course } from "./course.ts";
import { isOfExits } from "./trail.ts";
import type { Watch } from "./world.ts";

const CYCLES_MAX = 5;

export class Convergence implements Watch {
  private readonly course: Course;
  /** Passes that it took; null until all agrees. */
  private taken: number | null = null;
  private counted = 0;
  private healedMs: number | null = null;
  /** Since when a balance has differed with nothing else to wait for, monotonic ms, by asset. */
  private readonly sinceMs = new Map<string, number>();
  /** When the book last took over what nobody told it, monotonic ms, by key. */
  private readonly inferredMs = new Map<string, number>();
  private passBeganMs = 0;

  constructor(course: Course) {
    this.course = course;
  }

  get cycles(): number | null {
    return this.taken;
  }

  onRecord({ kind, payload }: JournalRecord): void {
    if (kind !== "adjustment_inferred" || payload.subject !== "position") return;
    this.inferredMs.set(`${payload.leg}:${payload.instrument}`, this.course.world.monotonicMs());
  }

  afterEvent(): void {
    if (this.healedMs === null && this.course.world.isHealed()) {
      this.healedMs = this.course.world.monotonicMs();
    }
  }

  /** A process that dies in the middle of it forgets what it has seen confirmed: a crash that was under way is a fault, too. */
  onRestart(): void {
    if (this.healedMs === null || this.taken !== null) return;
    this.healedMs = this.course.world.monotonicMs();
    this.counted = 0;
  }

  onPass(report: PassReport): void {
    this.afterEvent();
    const book = this.course.book();
    if (this.healedMs === null || this.taken !== null || !book) return;
    const { beganMs } = this.course.ended(report);
    // What a pass read before all was well again may still be a lie.
    if (beganMs < this.healedMs) return;
    this.passBeganMs = beganMs;
    const left = this.differences(book);
    const waiting = left.filter((one) => this.isByRule(one, book, beganMs) || this.mayBeTold(one, beganMs));
    for (const asset of this.sinceMs.keys()) {
      if (!left.some(({ key }) => key === asset)) this.sinceMs.delete(asset);
    }
    if (left.length > 0 && waiting.length === left.length) return;
    this.counted += 1;
    if (left.length === 0) this.taken = this.counted;
  }

  async judge(): Promise<void> {
    const { world } = this.course;
    const book = world.session()?.book;
    if (!book) return;
    world.check("L1");
    const left = this.differences(book).filter((one) => !this.isLeftOnPurpose(one));
    for (const one of left) {
      world.violate("L1", `long after all was well, ${textOf(one)} (record ${book.seq})`);
    }
    if (this.taken === null && left.length === 0) this.taken = this.counted;
    if (this.taken !== null && this.taken > CYCLES_MAX) {
      world.violate("L1", `it took ${this.taken} passes until all agreed; ${CYCLES_MAX} are allowed`);
    }
  }

  private differences(book: Book): Difference[] {
    const { world } = this.course;
    const all = [
      ...positionDifferences(world, book),
      ...mirrorDifferences(world),
      ...balanceDifferences(world, book),
    ];
    return all.filter((one) => !this.isLeftOnPurpose(one));
  }

  /** What policy, or a person's undo, leaves as it is. */
  private isLeftOnPurpose({ of, key, instrument }: Difference): boolean {
    const { trail } = this.course;
    for (const { facts } of trail.open.values()) {
      if (facts.of !== of || facts.policy === "repair" || isOfExits(facts)) continue;
      const { subject } = facts;
      if (instrument === null ? subject.type === "balance" && subject.asset === key : false) return true;
      if (subject.type === "position" && `${subject.leg}:${subject.instrument}` === key) return true;
    }
    return false;
  }

  private isByRule({ of, key, instrument }: Difference, book: Book, beganMs: number): boolean {
    const { world, trail } = this.course;
    if (this.course.isWaited(book, instrument ?? undefined)) return true;
    const lagMs = world.capabilities.readAfterFillLagMs + world.policy.intervalMs;
    // A balance moves with its instruments (R3): while one of them may still be on its way into a read, so may its money.
    const symbols = world.referee.instruments.map(({ symbol }) => symbol);
    const moved = instrument === null ? symbols : [instrument];
    if (moved.some((one) => this.hasJustMoved(one, lagMs))) return true;
    // So it does with whatever else moved it.
    if (instrument === null && this.hasMoneyJustMoved(key, lagMs)) return true;
    // What has just moved the bot may still write down itself (R3).
    const isMirror = of !== BOOK && instrument !== null;
    if (isMirror && this.hasMovedSince(instrument, beganMs - world.policy.graceMs)) return true;
    for (const { facts } of trail.open.values()) {
      const { subject } = facts;
      const isAbout =
        subject.type === "balance"
          ? instrument === null && subject.asset === key
          : subject.instrument === instrument;
      // Being confirmed, or refused and brought to a person; a mirror waits for the book.
      const isAhead = facts.of === of || facts.of === "book";
      if (isAbout && isAhead && !isOfExits(facts) && facts.stage !== "confirmed") return true;
    }
    return of !== "book" && this.isJustInferred(key);
  }

  /** A mirror waits its grace from where the book moved (R3): the bot may be about to hear of it by itself. */
  private isJustInferred(key: string): boolean {
    const atMs = this.inferredMs.get(key);
    return atMs !== undefined && this.passBeganMs - atMs < this.course.world.policy.graceMs;
  }

  /** What moved money may be told within the grace (R3): so long a balance's difference is in flight, and no longer. */
  private mayBeTold({ instrument, key }: Difference, beganMs: number): boolean {
    if (instrument !== null) return false;
    const sinceMs = this.sinceMs.get(key) ?? beganMs;
    this.sinceMs.set(key, sinceMs);
    return beganMs - sinceMs < this.course.world.policy.graceMs;
  }

  private hasJustMoved(instrument: string, withinMs: number): boolean {
    return this.hasMovedSince(instrument, this.course.world.monotonicMs() - withinMs);
  }

  private hasMovedSince(instrument: string, sinceMs: number): boolean {
    const { referee } = this.course.world;
    // The first of them is what was held at the beginning: nothing moved then.
    const lastMoveMs = (leg: Leg) => referee.quantities(instrument, leg).slice(1).at(-1)?.atMs;
    return legsOf(this.course.world).some((leg) => this.isSince(lastMoveMs(leg), sinceMs));
  }

  private hasMoneyJustMoved(asset: string, withinMs: number): boolean {
    const { referee, monotonicMs } = this.course.world;
    const sinceMs = monotonicMs.call(this.course.world) - withinMs;
    return referee.ledger().some((row) => row.asset === asset && this.isSince(row.timestamp, sinceMs));
  }

  /** What was over when our clock was set is in flight from there on (R3): by then at the latest it had happened. */
  private isSince(atMs: number | undefined, sinceMs: number): boolean {
    if (atMs === undefined) return false;
    const { wasClockOff, clockKnownAtMs } = this.course;
    return (wasClockOff ? Math.max(atMs, clockKnownAtMs) : atMs) > sinceMs;
  }
}
