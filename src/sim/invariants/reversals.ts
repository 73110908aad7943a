// An execution that the venue takes back is taken back in the book as soon as a living process is told: what the stream tells
// of executions is journaled at once, and no later read has to find it out.
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

/** Until what was told is durable, also where a write takes its time. In ms. */
const DURABLE_MS_MAX = 7_000;

export class Reversals implements Watch {
  private readonly course: Course;
  /** When each was told to the process at work, monotonic ms, by trade id; null where that is settled. */
  private readonly told = new Map<string, number | null>();

  constructor(course: Course) {
    this.course = course;
  }

  /** What the dead process had heard, the next one finds out from the venue. */
  onRestart(): void {
    for (const id of this.told.keys()) this.told.set(id, null);
  }

  afterEvent(): void {
    const { world, shadow } = this.course;
    const session = world.session();
    if (!world.reversalsTold || !session || session.hasStopped) return;
    const nowMs = world.monotonicMs();
    for (const id of world.reversalsTold()) if (!this.told.has(id)) this.told.set(id, nowMs);
    for (const [id, atMs] of this.told) {
      if (atMs === null) continue;
      const fill = [...shadow.fills.values()].find(({ facts }) => facts.tradeId === id);
      // One that is booked later than its reversal is told is the next read's business.
      if (!fill || fill.isReversed) this.told.set(id, null);
      else if (nowMs - atMs > DURABLE_MS_MAX) {
        this.told.set(id, null);
        world.check("I3");
        world.violate(
          "I3",
          `the venue said ${nowMs - atMs} ms ago that it took ${fill.facts.fillKey} back, and the book still has it`,
        );
      }
    }
  }
}
