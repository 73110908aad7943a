// I11: a record's hash covers what it says: the same record with another payload has another hash.
import { MemoryJournal } from "../../journal/memory/index.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

const NOTHING = { rows: [], deletions: [] };

export class Tampering implements Watch {
  private readonly course: Course;

  constructor(course: Course) {
    this.course = course;
  }

  async judge(): Promise<void> {
    const { world, trail } = this.course;
    // Any of them: another one in each run.
    const seq = Math.floor(trail.seq * 0.618);
    const [record] = await world.journal.read(world.account, seq, 1);
    if (!record) return;
    world.check("I11");
    const hashOf = async (payload: object) => {
      const draft = { ...record, payload } as typeof record;
      const journal = new MemoryJournal();
      const entries = [{ draft, tsMs: record.tsMs }];
      await journal.append({ account: world.account, expectedSeq: 0, entries, views: NOTHING });
      return (await journal.head(world.account)).hash;
    };
    const [stored, altered] = [
      await hashOf(record.payload),
      await hashOf({ ...record.payload, isAltered: true }),
    ];
    if (stored !== altered) return;
    world.violate("I11", `record ${record.seq} (${record.kind}) has the same hash with another payload`);
  }
}
