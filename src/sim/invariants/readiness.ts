// I7, apart from the gate's own reasons: what the gate must hold is reckoned from what passes found, so that a gate that is
// wrongly open is wrong. Nothing that adds risk leaves before a pass of this process has read everything, while the last
// one could not, or while something that its instrument is about is open since a pass.
import type { JournalRecord, Payloads } from "../../core/index.ts";
import type { PassReport } from "../../engine/index.ts";
import type { Course } from "./course.ts";

export class Readiness {
  private readonly course: Course;
  /** Whether a pass of this process, begun after the last release of a kill, has read all; a start takes it back. */
  private isRead = true;
  /** Whether the gate is held because nothing has been read, and the pass that lifted that. */
  private wasUnread = false;
  private openedBy: string | null = null;
  private doubt: string | null = null;
  /** When a kill was last released, our clock. */
  private releasedAtMs = 0;
  /** Discrepancies that hold the gate since the end of a pass: by id. */
  private held = new Set<string>();

  constructor(course: Course) {
    this.course = course;
  }

  onRecord({ kind, payload, causeId, tsMs }: JournalRecord): void {
    if (kind === "gate_changed" && causeId === "boot") {
      this.isRead = false;
      this.wasUnread = true;
      this.doubt = null;
      this.held = new Set();
    } else if (kind === "kill_released") {
      this.isRead = false;
      this.releasedAtMs = tsMs;
    } else if (kind === "gate_changed" && payload.scope.type === "account") {
      const isUnread = payload.reasons.some(({ code }) => code === "boot");
      if (this.wasUnread && !isUnread) this.openedBy = causeId;
      this.wasUnread = isUnread;
    } else if (kind === "pass_finished") this.finished(payload);
  }

  /** A pass that found nothing new leaves no record: then all is as the one before it left it. */
  onPass({ sections, isComplete, passId }: PassReport): void {
    const { world } = this.course;
    const short = sections.find(({ quality }) => quality !== "complete");
    if (!short || !isComplete) return;
    world.check("I7");
    world.violate(
      "I7",
      `pass ${passId} counts as complete and read ${short.section} as ${short.quality} (${short.problem ?? "no reason"})`,
    );
  }

  /** Why nothing that adds risk may leave for this instrument; null where it may. */
  reason(instrument: string): string | null {
    if (!this.isRead) return "no pass of this process has read everything yet";
    if (this.doubt !== null) return this.doubt;
    const { open } = this.course.trail;
    for (const id of this.held) {
      const facts = open.get(id)?.facts;
      if (!facts || facts.policy === "watch") continue;
      const { subject } = facts;
      if (subject.type === "balance" || subject.instrument === instrument) {
        return `discrepancy ${id} (${facts.kind} in ${facts.of}, ${facts.policy}) is open since a pass`;
      }
    }
    return null;
  }

  private finished({ isComplete, startedAtMs, passId }: Payloads["pass_finished"]): void {
    const isLater = this.course.wasClockOff || startedAtMs >= this.releasedAtMs;
    this.isRead ||= isComplete && isLater;
    if (this.openedBy === passId) {
      const { world } = this.course;
      world.check("I7");
      if (!this.isRead) {
        const found = isComplete ? "it began before a kill was released" : "it could not read everything";
        world.violate("I7", `pass ${passId} takes the account for read, and ${found}`);
      }
    }
    this.openedBy = null;
    this.doubt = isComplete ? null : `pass ${passId} could not read everything for certain`;
    const { open } = this.course.trail;
    this.held = new Set([...open].flatMap(([id, { facts }]) => (facts.policy === "watch" ? [] : [id])));
  }
}
