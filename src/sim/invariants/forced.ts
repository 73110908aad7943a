// R10: a liquidation or an ADL halts the account in the same write that books it, and only a person opens it again.
import type { JournalRecord } from "../../core/index.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

const FORCED: ReadonlySet<string | null> = new Set(["liquidation", "adl"]);

export class ForcedTrades implements Watch {
  private readonly course: Course;
  /** What was booked, and has not been looked at by a person yet. */
  private booked: string | null = null;
  /** Booked by the last write: its gate comes with it. */
  private isNew = false;

  constructor(course: Course) {
    this.course = course;
  }

  onRecord({ kind, payload, seq, causeId }: JournalRecord): void {
    const isFact = kind === "fill_recorded" || kind === "ledger_entry_recorded";
    if (isFact && FORCED.has(payload.cause)) {
      const isKnown = kind === "fill_recorded" && (payload.merges !== undefined || payload.isContained);
      if (isKnown) return;
      this.booked = `the ${payload.cause} in ${payload.instrument} (record ${seq})`;
      this.isNew = true;
    } else if (kind === "gate_changed" && payload.scope.type === "account") {
      const isByPerson = causeId.startsWith("by:");
      if (isByPerson && !this.isNew && payload.reasons.every(({ code }) => code !== "forced_trade")) {
        this.booked = null;
      }
    }
  }

  afterEvent(): void {
    this.isNew = false;
    if (this.booked === null) return;
    const { world, trail } = this.course;
    world.check("I7");
    if (trail.gateOfAccount.some(({ code }) => code === "forced_trade")) return;
    const { booked } = this;
    this.booked = null;
    world.violate("I7", `the account is not halted after ${booked}, and no person has opened it`);
  }
}
