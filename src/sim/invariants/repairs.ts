// L5: nothing is repaired for ever: more than twenty repairs of one matter within ten minutes mean that something else
// writes it, and that it is only watched from then on.
import { type Discrepancy, type JournalRecord, slotOf } from "../../core/index.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

const REPAIRS_MAX = 20;
const WINDOW_MS = 600_000;

export class Repairs implements Watch {
  private readonly course: Course;
  /** Of open and just closed discrepancies, by id. */
  private readonly slots = new Map<string, string>();
  /** When the matter of each slot was repaired, within the window, monotonic ms. */
  private readonly made = new Map<string, number[]>();

  constructor(course: Course) {
    this.course = course;
  }

  onRecord({ kind, payload, seq }: JournalRecord): void {
    if (kind === "discrepancy_opened") this.note(payload);
    else if (kind === "repair_applied") this.repaired(payload.discrepancyId, payload.repairId, seq);
  }

  private note({ id, of, kind, subject }: Discrepancy): void {
    // An order's own rows correct it as often as it changes.
    const name =
      subject.type === "order" ? `${of} ${kind} ${subject.orderKey ?? id}` : slotOf(of, kind, subject);
    this.slots.set(id, name);
  }

  private repaired(discrepancyId: string, repairId: string, seq: number): void {
    const { world } = this.course;
    const slot = this.slots.get(discrepancyId);
    if (slot === undefined) {
      world.violate(
        "oracle",
        `record ${seq}: repair ${repairId} is of discrepancy ${discrepancyId}, which was never opened`,
      );
      return;
    }
    const nowMs = world.monotonicMs();
    const recent = [...(this.made.get(slot) ?? []), nowMs].filter((atMs) => nowMs - atMs <= WINDOW_MS);
    this.made.set(slot, recent);
    // A first repair cannot be one too many.
    if (recent.length > 1) world.check("L5");
    if (recent.length !== REPAIRS_MAX + 1) return;
    world.violate(
      "L5",
      `record ${seq}: repair ${repairId} is the ${recent.length}th of "${slot}" within ${WINDOW_MS} ms; after ${REPAIRS_MAX} it is watched`,
    );
  }
}
