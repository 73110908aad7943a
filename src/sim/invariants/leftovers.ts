// L1 at the end: when all has long been well and people have released what only they may, nothing is open that holds the
// gate, the gate is open, and no write into a mirror waits to be found out about.
import type { Course } from "./course.ts";
import { isOfExits } from "./trail.ts";
import type { Watch } from "./world.ts";

/** Why a position may stay without an exit, or an exit of somebody else at the venue, however well all is. */
const LEFT_TO_PEOPLE: ReadonlySet<string> = new Set([
  "foreign",
  "no_plan",
  "no_stop",
  "declined",
  "bad_plan",
  "entry_price_unknown",
  "split_since",
  "exit_blocked",
  "price_stale",
  "stop_reached",
  // Whether that is so is L7's.
  "not_placed",
]);

export class Leftovers implements Watch {
  private readonly course: Course;

  constructor(course: Course) {
    this.course = course;
  }

  async judge(): Promise<void> {
    const { world, trail } = this.course;
    const book = world.session()?.book;
    if (!book || !world.isHealed()) return;
    world.check("L1");
    const refused = new Set<string>();
    for (const { facts } of trail.open.values()) {
      const { policy, kind, of, id, stage, code, detail } = facts;
      if (policy === "watch") continue;
      // A row that goes on contradicting itself is refused as often as it is told (R9). What nobody gave a plan stays open
      // until somebody does, and another bot's exit until it is cancelled.
      if (code === "contradictory_row" || (isOfExits(facts) && this.isLeftToPeople(code))) {
        refused.add(id);
        continue;
      }
      world.violate(
        "L1",
        `long after all was well, ${kind} in ${of} is open (${id}, ${policy}, ${stage}${code === null ? "" : `, ${code}: ${detail}`})`,
      );
    }
    const { account, instruments } = book.gate;
    for (const { code, state, text, evidence } of [...account, ...Object.values(instruments).flat()]) {
      if (evidence.some((id) => refused.has(id))) continue;
      world.violate("L1", `long after all was well, the gate is ${state} by ${code}: ${text}`);
    }
    for (const { mirror, writeId } of book.mirrorIntents.values()) {
      world.violate(
        "L1",
        `long after all was well, nobody knows whether write ${writeId} into ${mirror} was made`,
      );
    }
  }

  /** Where trueup can close nothing at all, its configuration is what has to change. */
  private isLeftToPeople(code: string | null): boolean {
    const { policy, capabilities } = this.course.world;
    const { submit, types } = capabilities.commands;
    const canClose = policy.mode === "executor" && !policy.observe && submit && types.includes("market");
    return LEFT_TO_PEOPLE.has(code ?? "") || (code === "not_possible" && !canClose);
  }
}
