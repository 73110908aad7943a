// L4: what must be told is told within five seconds of the record that it is about, and nothing is told that the journal
// does not have. What a pass finds it tells at its end: where the venue takes longer than that to answer the rest of its
// questions, the end of the pass counts. Delivery is the channel's: an alert that it did not take is kept in the journal.
import type { Discrepancy, JournalRecord } from "../../core/index.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

const TOLD_WITHIN_MS = 5_000;
/** No pass lasts longer. In ms. */
const PASS_MS_MAX = 180_000;

interface Due {
  readonly seq: number;
  readonly untilMs: number;
  readonly about: string;
  /** Whether a pass has ended since. */
  isOld: boolean;
}

export class Alerts implements Watch {
  private readonly course: Course;
  /** By the id that an alert must name. */
  private readonly due = new Map<string, Due>();
  private readonly counted = new Set<string>();
  private seen = 0;

  constructor(course: Course) {
    this.course = course;
  }

  onRecord({ kind, payload, seq }: JournalRecord): void {
    const { world } = this.course;
    if (kind === "discrepancy_opened" || kind === "discrepancy_changed") this.onset(payload, seq);
    else if (kind === "discrepancy_closed") {
      this.counted.delete(payload.id);
      // What was found and repaired at once is told all the same; what a later pass closed needs no telling any more.
    } else if (kind === "kill_engaged") {
      this.due.set("kill", {
        seq,
        untilMs: world.monotonicMs() + TOLD_WITHIN_MS,
        about: "the kill",
        isOld: false,
      });
    } else if (kind === "alert_raised") this.told(payload.kind, payload.evidence);
  }

  /** An alert that the dead process had not raised yet is due from now on. */
  onRestart(): void {
    const untilMs = this.course.world.monotonicMs() + TOLD_WITHIN_MS;
    for (const [id, due] of this.due) this.due.set(id, { ...due, untilMs });
  }

  afterEvent(): void {
    const { world } = this.course;
    this.delivered();
    if (this.due.size === 0) return;
    const session = world.session();
    if (!session || session.hasStopped) return;
    const nowMs = world.monotonicMs();
    for (const [id, due] of this.due) {
      const lateMs = nowMs - due.untilMs;
      if (lateMs > (id === "kill" ? 0 : PASS_MS_MAX)) this.untold(id, due, nowMs);
    }
  }

  /** The pass that found it, or one after it, has ended. */
  onPass(): void {
    const nowMs = this.course.world.monotonicMs();
    for (const [id, due] of this.due) {
      if (due.isOld && nowMs > due.untilMs) this.untold(id, due, nowMs);
      due.isOld = true;
    }
  }

  private untold(id: string, { seq, untilMs, about }: Due, nowMs: number): void {
    const { world } = this.course;
    this.due.delete(id);
    world.check("L4");
    world.violate(
      "L4",
      `${about} (record ${seq}) is told by no alert at ${nowMs} ms, and a pass has ended since; it was due by ${untilMs} ms, ${TOLD_WITHIN_MS} ms after it`,
    );
  }

  async judge(): Promise<void> {
    this.delivered();
  }

  private onset(facts: Discrepancy, seq: number): void {
    const { id, stage, policy, kind, of, code } = facts;
    if (stage === "seen" || policy === "watch" || this.counted.has(id)) return;
    this.counted.add(id);
    // A doubted read is one message for all that it left out.
    const name = of === "book" && code === "unwitnessed" ? "suspect_read" : id;
    if (name === id && this.course.trail.alertsOf.has(id)) return;
    const untilMs = this.course.world.monotonicMs() + TOLD_WITHIN_MS;
    if (name === "suspect_read" && this.course.trail.alerts.some((one) => one.facts.kind === name)) return;
    this.due.set(name, { seq, untilMs, about: `discrepancy ${id} (${kind} in ${of})`, isOld: false });
  }

  private told(kind: string, evidence: readonly string[]): void {
    const { world } = this.course;
    const names = [
      ...evidence,
      ...(kind === "suspect_read" ? [kind] : []),
      ...(kind === "killed" ? ["kill"] : []),
    ];
    for (const name of names) if (this.due.delete(name)) world.check("L4");
  }

  private delivered(): void {
    const { world, trail } = this.course;
    const told = world.told();
    for (; this.seen < told.length; this.seen += 1) {
      const one = told[this.seen];
      if (!one) continue;
      world.check("L4");
      const { kind, text } = one.alert;
      if (trail.alerts.some(({ facts }) => facts.kind === kind && facts.text === text)) continue;
      world.violate(
        "L4",
        `a person was told at ${one.atMs} ms what no durable record says: ${kind}: ${text}`,
      );
    }
  }
}
