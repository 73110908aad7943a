// The price feed as a copy: it follows what the book holds, nothing more and nothing less, and no price counts as fresh that
// the market did not have within the time that is allowed.
import { heldKeys, splitPositionKey } from "../../core/index.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

/** A change of the book is followed within the same moment; this is for what is under way in it. In ms. */
const FOLLOWED_MS = 1_000;
/** A feed that broke is back after this, and what was said in vain is said again. In ms. */
const AGAIN_MS = 90_000;

export class Feed implements Watch {
  private readonly course: Course;
  private differsSinceMs: number | null = null;
  /** Since when the venue has followed something else than it should. */
  private untrackedSinceMs: number | null = null;

  constructor(course: Course) {
    this.course = course;
  }

  onRestart(): void {
    this.differsSinceMs = null;
    this.untrackedSinceMs = null;
  }

  afterEvent(): void {
    const { world } = this.course;
    const session = world.session();
    const report = session && !session.hasStopped ? session.prices.report() : null;
    if (!session || !report) {
      this.onRestart();
      return;
    }
    const isTracked = report.missing.length === 0 && report.extra.length === 0;
    this.untrackedSinceMs = isTracked ? null : (this.untrackedSinceMs ?? world.monotonicMs());
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

  /** When all has been well for long enough for a pass to have said it again, the venue must follow what is held. */
  async judge(): Promise<void> {
    this.afterEvent();
    const { world } = this.course;
    if (this.untrackedSinceMs === null || !world.isHealed()) return;
    const sinceMs = world.monotonicMs() - this.untrackedSinceMs;
    if (sinceMs <= 2 * world.policy.intervalMs + AGAIN_MS) return;
    const report = world.session()?.prices.report();
    world.violate(
      "oracle",
      `for ${sinceMs} ms the price feed has not followed what is held: missing ${report?.missing.join(", ")}, not held ${report?.extra.join(", ")}`,
    );
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
