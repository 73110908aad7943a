// I10: no copy differs from the venue for long without somebody having been told why. "Long" is counted in passes, which
// a slow venue cannot stretch: a difference that neither side has moved is known (an open discrepancy, an order whose
// outcome is awaited, a gate that is not open) after two complete passes that began after it and after the venue's own
// lag, in which no leg of its instrument moved; and where a discrepancy has counted for `confirmations` passes and its grace, an alert names it. A mirror comes
// after the book: until the book has rested for the grace and is as the venue has it, the bot may be about to know itself.
//
//   neither side moves -> lag -> pass -> pass: known?  -> confirmations + 2 passes, grace + 2 intervals: told?
import { type Book, type Discrepancy, type JournalRecord, positionKey } from "../../core/index.ts";
import type { PassReport } from "../../engine/index.ts";
import { type Difference, legsOf, mirrorDifferences, positionDifferences, textOf } from "./compare.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

/** Complete passes after which a difference that rests must be known. */
const KNOWN_AFTER_PASSES = 2;
/** While our clock is off, what happened is dated ahead of it and counts as moving: ten passes, then the gate closes. */
const CLOCK_PASSES = 12;

interface Resting {
  readonly difference: Difference;
  /** Since when neither side has moved, monotonic ms. */
  readonly sinceMs: number;
  passes: number;
  /** Whether a pass that may have been under way when it began has ended. */
  isRested: boolean;
  isChecked: boolean;
  isTold: boolean;
}

export class Divergence implements Watch {
  private readonly course: Course;
  private readonly resting = new Map<string, Resting>();
  /** When a record last moved the book's quantity of a key. */
  private readonly movedAtMs = new Map<string, number>();
  /** Keys whose quantity rests on a person's word: a list that says nothing of them contradicts nobody. */
  private readonly stated = new Set<string>();

  constructor(course: Course) {
    this.course = course;
  }

  onRecord({ kind, payload }: JournalRecord): void {
    const { trail, world } = this.course;
    if (trail.moved !== undefined) {
      this.movedAtMs.set(trail.moved, world.monotonicMs());
      if (trail.isByPlan) this.stated.add(trail.moved);
      else this.stated.delete(trail.moved);
    }
    // A person who opens the instrument says that what a row showed once, and nothing proves to be gone, is gone.
    if (kind === "discrepancy_closed" && payload.resolution === "released") {
      const { subject } = payload;
      if (subject.type === "position") this.stated.add(positionKey(subject.instrument, subject.leg));
    }
    // While an order's outcome is awaited nothing is compared: what was seen before it is known does not count.
    const isOfOrder = kind === "order_state_observed" || kind === "order_sent";
    if (!isOfOrder || (kind === "order_state_observed" && payload.change.status === undefined)) return;
    for (const [name, { difference }] of this.resting) {
      if (difference.instrument === payload.instrument) this.resting.delete(name);
    }
  }

  afterEvent(): void {
    const book = this.course.book();
    if (book) this.see(book);
  }

  onRestart(): void {
    this.resting.clear();
  }

  onPass(report: PassReport): void {
    const { world } = this.course;
    const book = this.course.book();
    if (!book) return;
    this.see(book);
    const { beganMs } = this.course.ended(report);
    const lagMs = world.capabilities.readAfterFillLagMs;
    for (const one of this.resting.values()) {
      const isOfBook = one.difference.of === "book";
      const restMs = isOfBook ? lagMs : Math.max(lagMs, world.policy.graceMs);
      // One that could not read all has closed the gate, and compares what it read.
      if (beganMs < one.sinceMs + restMs || !report.isComplete) continue;
      const mayBeOlder = beganMs <= one.sinceMs && !one.isRested;
      one.isRested = true;
      if (mayBeOlder || beganMs < this.movedWithMs(one.difference) + lagMs) continue;
      if (!isOfBook && this.resting.has(`book ${one.difference.key}`)) continue;
      const unread = report.mirrors.some(
        ({ mirror, problem }) => mirror === one.difference.of && problem !== null,
      );
      if (unread || this.stated.has(one.difference.key)) continue;
      one.passes += 1;
      this.known(one, book);
    }
  }

  /** When a record last moved any leg of its instrument: none of them is compared while one is in flight (R3). */
  private movedWithMs({ instrument }: Difference): number {
    const keys = legsOf(this.course.world).map((leg) => positionKey(instrument ?? "", leg));
    return Math.max(...keys.map((key) => this.movedAtMs.get(key) ?? 0));
  }

  private see(book: Book): void {
    const { world } = this.course;
    const now = [...positionDifferences(world, book), ...mirrorDifferences(world)];
    const seen = new Set<string>();
    const atMs = world.monotonicMs();
    for (const difference of now) {
      const name = `${difference.of} ${difference.key}`;
      seen.add(name);
      const known = this.resting.get(name);
      const isSame =
        known?.difference.local === difference.local && known.difference.venue === difference.venue;
      const movedMs = Math.max(this.course.clockSetAtMs, this.movedAtMs.get(difference.key) ?? 0);
      if (isSame && known.sinceMs >= movedMs) continue;
      this.resting.set(name, {
        difference,
        sinceMs: atMs,
        passes: 0,
        isRested: false,
        isChecked: false,
        isTold: false,
      });
    }
    for (const [name, one] of this.resting) {
      if (seen.has(name)) continue;
      this.resting.delete(name);
      // It was seen by a pass, and is gone: that is what should become of it.
      if (one.passes > 0) world.check("I10");
    }
  }

  private known(one: Resting, book: Book): void {
    const { world, trail } = this.course;
    const { difference, sinceMs, passes } = one;
    const instrument = difference.instrument ?? "";
    const passesMax = this.isClockSteady() ? KNOWN_AFTER_PASSES : CLOCK_PASSES;
    if (passes < passesMax) return;
    const open = trail.openOf(instrument);
    const lastedMs = world.monotonicMs() - sinceMs;
    const isHeld = !trail.isOpen(instrument) || this.course.isWaited(book, instrument);
    if (open.length > 0 || isHeld) {
      if (!one.isChecked) world.check("I10");
      one.isChecked = true;
      this.told(one, open, lastedMs);
      return;
    }
    if (one.isTold) return;
    one.isTold = true;
    world.check("I10");
    world.violate(
      "I10",
      `${textOf(difference)} for ${lastedMs} ms and ${passes} passes (record ${book.seq}): no discrepancy of ${instrument} is open, no order of it is awaited, and its gate is open; ${passesMax} passes are allowed`,
    );
  }

  /** The account learns of a clock that was set with one of its next passes, and then lets everything rest again. */
  private isClockSteady(): boolean {
    const { world, clockSetAtMs, wasClockOff } = this.course;
    if (world.nowMs() !== world.monotonicMs()) return false;
    return !wasClockOff || world.monotonicMs() - clockSetAtMs > 60_000;
  }

  /** A discrepancy that counts is told; one that is only watched, or not settled yet, is not. */
  private told(one: Resting, open: readonly Discrepancy[], lastedMs: number): void {
    const { world, trail } = this.course;
    const { policy } = world;
    if (one.isTold || one.passes < policy.confirmations + 2) return;
    if (lastedMs < policy.graceMs + 2 * policy.intervalMs) return;
    for (const { id, of, kind, policy: doing, stage, code, firstSeenMs } of open) {
      const isAbout = of === one.difference.of && doing !== "watch" && stage !== "seen";
      if (!isAbout) continue;
      const isNamed =
        trail.alertsOf.has(id) || (code === "unwitnessed" && this.toldSince("suspect_read", firstSeenMs));
      if (isNamed) continue;
      one.isTold = true;
      world.violate(
        "I10",
        `${textOf(one.difference)} for ${lastedMs} ms and ${one.passes} passes: discrepancy ${id} (${kind}, ${stage}, ${doing}) is open and no alert names it`,
      );
    }
  }

  private toldSince(kind: string, sinceMs: number): boolean {
    return this.course.trail.alerts.some(({ facts }) => facts.kind === kind) && sinceMs > 0;
  }
}
