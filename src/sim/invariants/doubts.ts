// L4: each time that a read begins to leave positions out without proof somebody is told, also the second time.
import type { PassReport } from "../../engine/index.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

export class Doubts implements Watch {
  private readonly course: Course;
  private wasDoubted = false;

  constructor(course: Course) {
    this.course = course;
  }

  onRestart(): void {
    this.wasDoubted = false;
  }

  onPass({ passId, discrepancies = [], sections }: PassReport): void {
    const { world, trail } = this.course;
    const left = discrepancies.filter(
      ({ of, code, subject, resolution }) =>
        of === "book" && code === "unwitnessed" && subject.type === "position" && resolution === null,
    );
    // A read may be suspect for another reason: another account answered.
    const isDoubted = sections.some(
      ({ section, quality, problem }) =>
        section === "positions" && quality === "suspect" && left.some(({ detail }) => detail === problem),
    );
    const isOnset = isDoubted && !this.wasDoubted;
    this.wasDoubted = isDoubted;
    if (!isOnset) return;
    world.check("L4");
    const isTold = trail.alerts.some(
      ({ facts }) => facts.kind === "suspect_read" && facts.evidence.includes(passId),
    );
    if (isTold) return;
    world.violate(
      "L4",
      `pass ${passId} was the first to find ${left.length} positions left out without proof, and no alert says so`,
    );
  }
}
