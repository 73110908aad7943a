// L1, before anything differs: a process that lives passes again and again, whatever the venue does not answer; and it
// notices when its clock is set.
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

/** All that one pass may ask, and a moment for what it writes. In ms. */
const PASS_MS_MAX = 150_000;
/** A smaller jump is none. In ms. */
const JUMP_MS = 2_000;

export class Pulse implements Watch {
  private readonly course: Course;
  private beatMs: number;
  private isTold = false;
  private offsetMs: number;
  /** What has been looked at of what the process at work has noticed. */
  private noticed = 0;
  /** A jump of our clock that the process at work has not spoken of yet: when, and how our clock stood before. */
  private jumped: { readonly atMs: number; readonly offsetMs: number } | null = null;

  constructor(course: Course) {
    this.course = course;
    this.beatMs = course.world.monotonicMs();
    this.offsetMs = this.offset();
  }

  onPass(): void {
    this.beatMs = this.course.world.monotonicMs();
    this.isTold = false;
  }

  onRestart(): void {
    this.onPass();
    this.jumped = null;
    this.offsetMs = this.offset();
    this.noticed = this.course.world.jumpsNoticed();
  }

  afterEvent(): void {
    const { world } = this.course;
    const session = world.session();
    // While another process is still beside it, nothing is due of the one at work; how our clock stood when it began stays known.
    if (!session || session.hasStopped) {
      this.onPass();
      return;
    }
    this.look();
    const nowMs = world.monotonicMs();
    const sinceMs = nowMs - this.beatMs;
    if (this.isTold || sinceMs <= 3 * world.policy.intervalMs + PASS_MS_MAX) return;
    this.isTold = true;
    world.check("L1");
    world.violate(
      "L1",
      `no pass has ended for ${sinceMs} ms of a living process; one is due every ${world.policy.intervalMs} ms, and takes ${PASS_MS_MAX} ms at most`,
    );
  }

  private look(): void {
    const { world } = this.course;
    const offsetMs = this.offset();
    if (Math.abs(offsetMs - this.offsetMs) > JUMP_MS) {
      this.jumped ??= { atMs: world.monotonicMs(), offsetMs: this.offsetMs };
    }
    this.offsetMs = offsetMs;
    const isNoticed = this.hasNoticed();
    // Set and set right again before anybody looked: nothing has happened.
    if (this.jumped && Math.abs(offsetMs - this.jumped.offsetMs) <= JUMP_MS) this.jumped = null;
    if (!this.jumped) return;
    const waitedMs = world.monotonicMs() - this.jumped.atMs;
    const isDue = waitedMs > world.policy.intervalMs + PASS_MS_MAX;
    if (!isNoticed && !isDue) return;
    this.jumped = null;
    world.check("L1");
    if (isNoticed) return;
    world.violate("L1", `our clock was set ${waitedMs} ms ago, and the process at work has not noticed`);
  }

  /** Whether it has noticed a jump since this was last asked; whoever notices at once says so before this watch looks. */
  private hasNoticed(): boolean {
    const noticed = this.course.world.jumpsNoticed();
    const isMore = noticed > this.noticed;
    this.noticed = noticed;
    return isMore;
  }

  private offset(): number {
    const { world } = this.course;
    return world.nowMs() - world.monotonicMs();
  }
}
