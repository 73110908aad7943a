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
  /**
   * Repairs by their discrepancy, with how often and how long it was seen: too early unless the pass turns out to be
   * forced. The last sighting is written with the end of the discrepancy, which follows its repair.
   */
  private repaired = new Map<string, { readonly name: string; facts: Discrepancy }>();
  /** Repairs that the pass under way means to make in a mirror; a later one may find that the write was made. */
  private meant: string[] = [];
  /** Those that a forced pass meant: one sighting was enough for them. */
  private readonly forced = new Set<string>();
  /** A repair of the book's position that no read has followed yet. */
  private unread: string | null = null;

  constructor(course: Course) {
    this.course = course;
  }

  onRecord({ kind, payload, seq }: JournalRecord): void {
    if (kind === "mirror_write_intended") this.meant.push(...payload.rows.map(({ repairId }) => repairId));
    if (kind === "discrepancy_closed") {
      const repaired = this.repaired.get(payload.id);
      if (repaired) repaired.facts = payload;
    }
    if (kind !== "repair_applied" || payload.planId !== undefined) return;
    const { world, trail } = this.course;
    const facts = trail.open.get(payload.discrepancyId)?.facts;
    if (!facts || trail.isByPlan) return;
    const name = `record ${seq} repairs ${facts.kind} in ${facts.of} (${facts.id})`;
    // An order that is left out ends by its own rule (R5), however often that was seen.
    const isForced = this.forced.has(payload.repairId);
    if (facts.subject.type !== "order" && !isForced) this.repaired.set(facts.id, { name, facts });
    this.isWitnessed(facts, payload, name);
    if (facts.of !== "book" && facts.recurrences >= RETURNS_MAX) {
      world.violate(
        "L5",
        `${name}, which was repaired ${facts.recurrences} times and came back; it is to be watched`,
      );
    }
    if (facts.of === "book" && facts.subject.type === "position") this.unread = name;
  }

  onRequest(request: VenueRequest): void {
    if (request.kind === "read" && request.what === "snapshot") this.unread = null;
  }

  onPass({ isForced, passId }: PassReport): void {
    const { world } = this.course;
    for (const { name, facts } of isForced ? [] : this.repaired.values()) this.isSettled(facts, name);
    this.repaired.clear();
    for (const id of isForced ? this.meant : []) this.forced.add(id);
    this.meant = [];
    if (this.unread === null) return;
    world.check("I10");
    world.violate("I10", `${this.unread}, and pass ${passId} ended without reading the venue again`);
    this.unread = null;
  }

  onRestart(): void {
    this.repaired.clear();
    this.meant = [];
    this.unread = null;
  }

  private isSettled({ sightings, firstSeenMs, lastSeenMs }: Discrepancy, name: string): void {
    const { world, wasClockOff } = this.course;
    const { confirmations, graceMs } = world.policy;
    world.check("I10");
    if (sightings < confirmations) {
      world.violate("I10", `${name} after ${sightings} sightings; ${confirmations} are needed`);
    }
    const lastedMs = lastSeenMs - firstSeenMs;
    if (!wasClockOff && lastedMs < graceMs) {
      world.violate("I10", `${name} after ${lastedMs} ms; ${graceMs} ms are needed`);
    }
  }

  private isWitnessed(
    { witness, subject, of }: Discrepancy,
    { action }: Payloads["repair_applied"],
    name: string,
  ): void {
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
