// A repair rests on what its rules ask for: it was confirmed often and long enough (R2), a look-up that proved it was
// answered so (R1), a row that keeps coming back is only watched (R12), and afterwards the venue is read again.
import type { Discrepancy, JournalRecord, Payloads } from "../../core/index.ts";
import type { PassReport } from "../../engine/index.ts";
import type { Course } from "./course.ts";
import type { VenueRequest, Watch } from "./world.ts";

/** How often the same row may be repaired and return (R12). */
const RETURNS_MAX = 3;
/** From a look-up's answer to the record that rests on it, at most. In ms. */
const ASKED_MS_MAX = 120_000;

export class Settled implements Watch {
  private readonly course: Course;
  /** What was repaired too early unless the pass turns out to be forced. */
  private early: string[] = [];
  /** A repair of the book's position that no read has followed yet. */
  private unread: string | null = null;
  /** The last record of the last pass that ended, or of the last process. */
  private passedSeq = 0;
  /** When the pass under way read the venue, monotonic ms. */
  private readAtMs = 0;
  /** Differences whose repair this pass has announced; its word is the decision. */
  private readonly announced = new Set<string>();
  /** Repairs that were found made already: decided when they were announced, by whatever pass that was. */
  private readonly foundMade = new Set<string>();

  constructor(course: Course) {
    this.course = course;
  }

  onRecord({ kind, payload, seq }: JournalRecord): void {
    if (kind === "mirror_write_intended") this.intended(payload, seq);
    else if (kind === "mirror_written" && payload.isRecovered === true) {
      for (const { repairId = null } of payload.rows) if (repairId !== null) this.foundMade.add(repairId);
    } else if (kind === "repair_applied") this.repaired(payload, seq);
  }

  private intended({ mirror, rows }: Payloads["mirror_write_intended"], seq: number): void {
    for (const { action, undoes, discrepancyId } of rows) {
      // What is put back for a person is their decision.
      if (action === "restored" || undoes !== undefined) continue;
      this.announced.add(discrepancyId);
      this.decided(discrepancyId, action, `record ${seq} writes`, mirror);
    }
  }

  private repaired(
    { discrepancyId, repairId, planId, action, of }: Payloads["repair_applied"],
    seq: number,
  ): void {
    const isDecided = this.foundMade.delete(repairId) || this.announced.has(discrepancyId);
    if (planId !== undefined) return;
    const facts = this.course.trail.open.get(discrepancyId)?.facts;
    if (!isDecided) this.decided(discrepancyId, action, `record ${seq} repairs`, of);
    if (this.course.trail.isByPlan || facts?.of !== "book" || facts.subject.type !== "position") return;
    this.unread = `record ${seq} repairs ${facts.kind} in ${facts.of} (${facts.id})`;
  }

  private decided(discrepancyId: string, action: string, does: string, of: string): void {
    const { world, trail } = this.course;
    const noted = trail.open.get(discrepancyId);
    if (!noted || trail.isByPlan) return;
    const { facts } = noted;
    const name = `${does} ${facts.kind} in ${of} (${facts.id})`;
    // An order that is left out ends by its own rule (R5), however often that was seen.
    if (facts.subject.type !== "order") this.isSettled(facts, noted.seq, name);
    this.isWitnessed(facts, action, name);
    if (of !== "book" && facts.recurrences >= RETURNS_MAX) {
      world.violate(
        "L5",
        `${name}, which was repaired ${facts.recurrences} times and came back; it is to be watched`,
      );
    }
  }

  onRequest(request: VenueRequest): void {
    if (request.kind !== "read" || request.what !== "snapshot") return;
    this.unread = null;
    this.readAtMs = request.atMs;
  }

  onPass({ isForced, passId }: PassReport): void {
    const { world } = this.course;
    for (const text of isForced ? [] : this.early) world.violate("I10", text);
    this.ended();
    if (this.unread === null) return;
    world.check("I10");
    world.violate("I10", `${this.unread}, and pass ${passId} ended without reading the venue again`);
    this.unread = null;
  }

  onRestart(): void {
    this.ended();
    this.unread = null;
  }

  private ended(): void {
    this.early = [];
    this.announced.clear();
    this.passedSeq = this.course.trail.seq;
  }

  private isSettled({ stage, sightings, firstSeenMs, lastSeenMs }: Discrepancy, seq: number, name: string) {
    const { world, wasClockOff } = this.course;
    const { confirmations, graceMs } = world.policy;
    world.check("I10");
    // One that an earlier pass confirmed and this one sees again is not worth a record (only a forced one has that early).
    const isAgain = stage === "confirmed" && seq <= this.passedSeq;
    const seen = isAgain ? sightings + 1 : sightings;
    if (seen < confirmations) {
      this.early.push(`${name} after ${seen} sightings; ${confirmations} are needed`);
    }
    const lastMs = isAgain ? world.nowMs() - (world.monotonicMs() - this.readAtMs) : lastSeenMs;
    const lastedMs = lastMs - firstSeenMs;
    if (!wasClockOff && lastedMs < graceMs) {
      this.early.push(`${name} after ${lastedMs} ms; ${graceMs} ms are needed`);
    }
  }

  private isWitnessed({ witness, subject, of }: Discrepancy, action: string, name: string): void {
    const { world } = this.course;
    if (witness !== "lookup" || subject.type !== "position" || world.deniedAtMs === undefined) return;
    world.check("I8");
    const key = `${subject.leg}:${subject.instrument}`;
    const sinceMs = world.monotonicMs() - ASKED_MS_MAX;
    if (world.deniedAtMs(`position ${key}`).some((atMs) => atMs >= sinceMs)) return;
    world.violate(
      "I8",
      `${name} (${action} in ${of}) by a look-up of ${key}; none has answered that it is flat`,
    );
  }
}
