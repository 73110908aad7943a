// I12: no secret is ever shown: not in a record, not in a line of the log, not in an alert.
import type { JournalRecord } from "../../core/index.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

export class Secrets implements Watch {
  private readonly course: Course;
  private lines = 0;
  private alerts = 0;

  constructor(course: Course) {
    this.course = course;
  }

  onRecord({ seq, kind, payload, causeId }: JournalRecord): void {
    this.look(() => `record ${seq} (${kind})`, `${causeId} ${JSON.stringify(payload)}`);
  }

  afterEvent(): void {
    const { world } = this.course;
    const log = world.log();
    for (; this.lines < log.length; this.lines += 1) {
      this.look(() => `line ${this.lines + 1} of the log`, log[this.lines] ?? "");
    }
    const told = world.told();
    for (; this.alerts < told.length; this.alerts += 1) {
      this.look(() => `alert ${this.alerts + 1}`, JSON.stringify(told[this.alerts]));
    }
  }

  async judge(): Promise<void> {
    this.afterEvent();
  }

  private look(where: () => string, text: string): void {
    const { world } = this.course;
    if (world.secrets.length === 0) return;
    world.check("I12");
    for (const [index, secret] of world.secrets.entries()) {
      // The message must not show it either.
      if (text.includes(secret))
        world.violate("I12", `${where()} shows secret ${index + 1} of those that nothing may show`);
    }
  }
}
