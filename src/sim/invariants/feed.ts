// The price feed as a copy: it follows what the book holds, nothing more and nothing less, and no price counts as fresh that
// the market did not have within the time that is allowed.
import { heldKeys, splitPositionKey } from "../../core/index.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

/** A change of the book is followed within the same moment; this is for what is under way in it. In ms. */
const FOLLOWED_MS = 1_000;

export class Feed implements Watch {
  private readonly course: Course;
  private differsSinceMs: number | null = null;

  constructor(course: Course) {
    this.course = course;
  }

  onRestart(): void {
    this.differsSinceMs = null;
  }

  afterEvent(): void {
    const { world } = this.course;
    const session = world.session();
    const report = session && !session.hasStopped ? session.prices.report() : null;
    if (!session || !report) {
      this.differsSinceMs = null;
      return;
    }
    this.lookAtHeld(
      new Set(heldKeys(session.book).map((key) => splitPositionKey(key).instrument)),
      new Set(report.held),
    );
    // By a clock that is behind, no price can be seen to be old.
    if (world.nowMs() < world.monotonicMs()) return;
    for (const instrument of report.held) {
      const view = session.prices.priceOf(instrument);
      if (!view?.isFresh || view.tick.last === undefined) continue;
      const sinceMs = world.monotonicMs() - world.policy.priceAgeMaxMs - FOLLOWED_MS;
      if (world.wasPrice?.(instrument, view.tick.last, sinceMs) === false) {
        world.violate(
          "oracle",
          `the price ${view.tick.last} of ${instrument} counts as ${view.ageMs} ms old, and the market has not had it for ${world.policy.priceAgeMaxMs} ms`,
        );
      }
    }
  }

  private lookAtHeld(held: ReadonlySet<string>, wanted: ReadonlySet<string>): void {
    const { world } = this.course;
    const nowMs = world.monotonicMs();
    const isSame = held.size === wanted.size && [...held].every((one) => wanted.has(one));
    if (isSame) this.differsSinceMs = null;
    else this.differsSinceMs ??= nowMs;
    if (this.differsSinceMs === null || nowMs - this.differsSinceMs <= FOLLOWED_MS) return;
    this.differsSinceMs = null;
    world.violate(
      "oracle",
      `the price feed should follow ${[...wanted].join(", ") || "nothing"}, and the book holds ${[...held].join(", ") || "nothing"}`,
    );
  }
}
