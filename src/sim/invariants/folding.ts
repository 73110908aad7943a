// I4: the book in memory is a fold of the journal, however it came to be. A shadow book grows with the durable records;
// the process's own is held against it after each restart, now and then, and at the end, where the journal is also folded
// from its first record and through a checkpoint.
import type { Book } from "../../core/index.ts";
import { restoreBook } from "../../engine/index.ts";
import { differences, foldAll, foldThrough, textOfBook } from "../oracle/folds.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

/** Records between two samples. */
const SAMPLE_EVERY = 400;

export class Folding implements Watch {
  private readonly course: Course;
  private readonly shadow: Book;
  private sampledSeq = 0;

  constructor(course: Course) {
    this.course = course;
    this.shadow = course.shadow;
  }

  afterEvent(): void {
    if (this.shadow.seq - this.sampledSeq < SAMPLE_EVERY) return;
    if (this.compare("in memory")) this.sampledSeq = this.shadow.seq;
  }

  onRestart(): void {
    if (this.compare("restored after a restart")) this.sampledSeq = this.shadow.seq;
  }

  async judge(): Promise<void> {
    const { world } = this.course;
    const { account, journal } = world;
    this.compare("in memory");
    const records = await journal.read(account, 0, Number.MAX_SAFE_INTEGER);
    const cold = textOfBook(foldAll(account, records));
    const ways = [
      ["grown record by record", textOfBook(this.shadow)],
      ["restored as at a start", textOfBook(await restoreBook(journal, account))],
      ["from a checkpoint half way", textOfBook(foldThrough(account, records, records.length >> 1))],
    ] as const;
    for (const [way, text] of ways) {
      world.check("I4");
      const found = differences(text, cold);
      if (found.length === 0) continue;
      world.violate(
        "I4",
        `the book ${way} is not the fold of all ${records.length} records: ${found.join("; ")}`,
      );
    }
  }

  /** False where the book has more than is durable, so that there is nothing to compare. */
  private compare(way: string): boolean {
    const { world } = this.course;
    const book = this.course.book();
    if (!book || this.shadow.seq !== book.seq) return false;
    world.check("I4");
    const found = differences(textOfBook(book), textOfBook(this.shadow));
    if (found.length > 0) {
      world.violate(
        "I4",
        `the book ${way} is not the fold of the ${book.seq} durable records: ${found.join("; ")}`,
      );
    }
    return true;
  }
}
