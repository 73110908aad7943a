// I8: absence never becomes zero, nor any quantity that the venue did not have. Each estimate, and each row of a mirror
// that was written or taken away, must be a quantity that the venue's leg had while the read behind it may have been made.
import type { Decimal, JournalRecord, Leg, MirrorRowWritten, Payloads } from "../../core/index.ts";
import { exact, magnitude } from "../oracle/exact.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

/** From a read to the record that rests on it: the read, the history and all look-ups, 30 s each. In ms. */
const READ_TO_RECORD_MS = 120_000;

type Estimate = Extract<Payloads["adjustment_inferred"], { readonly subject: "position" }>;

export class Absence implements Watch {
  private readonly course: Course;
  /** An estimate to zero that may be the first half of a flip. */
  private waiting: { readonly estimate: Estimate; readonly seq: number; readonly atMs: number } | undefined;

  constructor(course: Course) {
    this.course = course;
  }

  onRecord({ kind, payload, seq }: JournalRecord): void {
    const { world, trail } = this.course;
    const half = this.waiting;
    this.waiting = undefined;
    const isSecondHalf =
      half !== undefined &&
      kind === "adjustment_inferred" &&
      payload.subject === "position" &&
      payload.venueSeq === 1 &&
      payload.instrument === half.estimate.instrument &&
      payload.leg === half.estimate.leg;
    if (half && !isSecondHalf) this.hadIt(half.estimate, half.seq, half.atMs);
    // What a person said by plan stands above what evidence proves.
    if (trail.isByPlan) return;
    if (kind === "observation_recorded") this.absent(payload);
    else if (kind === "adjustment_inferred" && payload.subject === "position") {
      if (payload.basis !== "estimate") return;
      const atMs = world.monotonicMs();
      if (payload.qtyAfter === "0") this.waiting = { estimate: payload, seq, atMs };
      else this.hadIt(payload, seq, atMs);
    } else if (kind === "mirror_written") {
      // How long ago a write that a later process found was made, nobody knows.
      if (!payload.isRecovered) for (const row of payload.rows) this.wrote(payload.mirror, row, seq);
    }
  }

  afterEvent(): void {
    const half = this.waiting;
    this.waiting = undefined;
    if (half) this.hadIt(half.estimate, half.seq, half.atMs);
  }

  /** A list that is shorter than the account is: from here on it could go wrong. */
  private absent({ sections }: Payloads["observation_recorded"]): void {
    const { world } = this.course;
    const positions = sections.positions;
    if (positions?.quality !== "complete") return;
    if (positions.rows < world.referee.positionRows().length) world.check("I8");
  }

  private hadIt({ instrument, leg, qtyBefore, qtyAfter, adjustmentId }: Estimate, seq: number, atMs: number) {
    const { world } = this.course;
    world.check("I8");
    const had = this.hadSince(instrument, leg, atMs);
    if (had.includes(qtyAfter)) return;
    world.violate(
      "I8",
      `record ${seq} (${adjustmentId}) estimates ${leg}:${instrument} from ${qtyBefore} to ${qtyAfter}; in the ${this.windowMs()} ms before it the venue had ${had.join(", ")}`,
    );
  }

  private wrote(mirror: string, { action, instrument, leg, after }: MirrorRowWritten, seq: number): void {
    const { world } = this.course;
    const { name, scope } = world.mirror;
    // A mirror of one strategy holds a part of the leg.
    if (mirror !== name || scope.type !== "account" || action === "restored") return;
    world.check("I8");
    const had = this.hadSince(instrument, leg, world.monotonicMs());
    const qty = action === "removed" || after === null ? "0" : after.qty;
    if (qty === null || qty === undefined || this.isEqualToOneOf(qty as Decimal, had, instrument)) return;
    world.violate(
      "I8",
      `record ${seq}: ${leg}:${instrument} in ${mirror} is ${action}${action === "removed" ? "" : ` as ${String(qty)}`}; in the ${this.windowMs()} ms before it the venue had ${had.join(", ")}`,
    );
  }

  /** A mirror gets what the book holds, which is equal to the venue's below a step (R9). */
  private isEqualToOneOf(qty: Decimal, had: readonly Decimal[], instrument: string): boolean {
    const listed = this.course.world.referee.instruments.find(({ symbol }) => symbol === instrument);
    const step = exact(listed?.qtyStep ?? "0");
    return had.some((one) => one === qty || magnitude(exact(one) - exact(qty)) < step);
  }

  private windowMs(): number {
    return READ_TO_RECORD_MS + this.course.world.capabilities.readAfterFillLagMs;
  }

  /** Quantities that the venue's leg had in the window, oldest first. */
  private hadSince(instrument: string, leg: Leg, atMs: number): readonly Decimal[] {
    const moments = this.course.world.referee.quantities(instrument, leg);
    const sinceMs = atMs - this.windowMs();
    const had: Decimal[] = [];
    for (let index = moments.length - 1; index >= 0; index -= 1) {
      const moment = moments[index];
      if (!moment) break;
      had.unshift(moment.qty);
      if (moment.atMs <= sinceMs) return had;
    }
    // Before its first moment there was nothing.
    return had[0] === "0" ? had : ["0" as Decimal, ...had];
  }
}
