// R16: after a start nothing is pending any more: whoever waited for those answers is gone, so they are not known.
import { type JournalRecord, orderStatus } from "../../core/index.ts";
import { type Course, nameOf } from "./course.ts";
import type { Watch } from "./world.ts";

export class Forgotten implements Watch {
  private readonly course: Course;

  constructor(course: Course) {
    this.course = course;
  }

  /** The gate's record of a start comes with what the start makes of such orders. */
  onRecord({ kind, causeId, seq }: JournalRecord): void {
    const { world, shadow } = this.course;
    if (kind !== "gate_changed" || causeId !== "boot") return;
    for (const order of shadow.orders.values()) {
      if (order.intentId === null) continue;
      world.check("L2");
      if (orderStatus(order) !== "pending") continue;
      world.violate(
        "L2",
        `${nameOf(order.orderKey, order.clientOrderId)} is pending after the start of record ${seq}; whoever sent it is gone, and its outcome is not known`,
      );
    }
  }
}
