// I11: the chain of records is whole, without a gap, and each names what it follows from. I16: one writer: what a process
// was told to be durable is what the journal holds, and no sequence number is given twice.
import type { JournalRecord } from "../../core/index.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

/** Restarts at which the whole chain is walked; afterwards every fourth, and in the end. */
const FULL_WALKS = 2;

export class Chain implements Watch {
  private readonly course: Course;
  private readonly told: JournalRecord[] = [];
  private restarts = 0;

  constructor(course: Course) {
    this.course = course;
  }

  onRecord({ seq, kind, causeId }: JournalRecord): void {
    const { world } = this.course;
    world.check("I11");
    if (causeId === "") world.violate("I11", `record ${seq} (${kind}) names no cause`);
  }

  /** A record as a process heard of it, before it is known whether it follows. */
  heard(record: JournalRecord): void {
    const { world, trail } = this.course;
    this.told.push(record);
    if (record.seq > trail.seq) return;
    world.check("I16");
    world.violate(
      "I16",
      `record ${record.seq} (${record.kind}) is told to be durable, and record ${trail.seq} was already: two writers number the same account`,
    );
  }

  async onRestart(): Promise<void> {
    this.restarts += 1;
    await this.compare();
    if (this.restarts <= FULL_WALKS || this.restarts % 4 === 0) await this.walk();
  }

  async judge(): Promise<void> {
    await this.compare();
    await this.walk();
  }

  private async walk(): Promise<void> {
    const { world } = this.course;
    const { problems } = await world.journal.verify(world.account);
    world.check("I11");
    const [first] = problems;
    if (first)
      world.violate(
        "I11",
        `${problems.length} problems in the chain; at record ${first.seq}: ${first.detail}`,
      );
  }

  /** What was told since the last comparison is in the journal, word for word. */
  private async compare(): Promise<void> {
    const { world } = this.course;
    const told = this.told.splice(0);
    const first = told.reduce((least, { seq }) => Math.min(least, seq), Number.MAX_SAFE_INTEGER);
    if (told.length === 0) return;
    const stored = await world.journal.read(world.account, first - 1, Number.MAX_SAFE_INTEGER);
    world.check("I16");
    for (const record of told) {
      const there = stored[record.seq - first];
      if (there && JSON.stringify(there.payload) === JSON.stringify(record.payload)) continue;
      const found = there ? `has another record (${there.kind}) there` : "ends before it";
      world.violate(
        "I16",
        `record ${record.seq} (${record.kind}) was told to be durable, and the journal ${found}`,
      );
      return;
    }
  }
}
