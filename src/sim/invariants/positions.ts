// I5: openings, fills, adjustments and ledger entries add up to the position, exactly; and so do its lots. Looked at for
// each key that a record moved, as soon as the book is what the records say.
import { type PositionKey, positionQty } from "../../core/index.ts";
import { exact, plain } from "../oracle/exact.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

export class Positions implements Watch {
  private readonly course: Course;
  private readonly moved = new Set<PositionKey>();

  constructor(course: Course) {
    this.course = course;
  }

  onRecord(): void {
    const { moved } = this.course.trail;
    if (moved !== undefined) this.moved.add(moved);
  }

  afterEvent(): void {
    if (this.moved.size > 0) this.compare(this.moved);
  }

  onRestart(): void {
    this.compare(this.all());
  }

  async judge(): Promise<void> {
    this.compare(this.all());
  }

  private all(): ReadonlySet<PositionKey> {
    const held = this.course.world.session()?.book.ledgers.keys() ?? [];
    return new Set([...held, ...(this.course.trail.quantities.positions.keys() as Iterable<PositionKey>)]);
  }

  private compare(keys: ReadonlySet<PositionKey>): void {
    const { world, trail } = this.course;
    const book = this.course.book();
    if (!book) return;
    for (const key of keys) {
      world.check("I5");
      const wanted = trail.quantities.qty(key);
      const found = positionQty(book, key);
      if (exact(found) !== wanted) {
        world.violate(
          "I5",
          `${key} is ${found} in the book at record ${book.seq}; its openings, fills, adjustments and ledger entries add up to ${plain(wanted)}`,
        );
      }
      const lots = [...(book.ledgers.get(key)?.lots ?? [])];
      const inLots = lots.reduce((total, [, { qty }]) => total + exact(qty), 0n);
      if (inLots === exact(found)) continue;
      const text = lots.map(([strategy, { qty }]) => `${strategy} ${qty}`).join(", ");
      world.violate(
        "I5",
        `the lots of ${key} at record ${book.seq} (${text || "none"}) add up to ${plain(inLots)}; the position is ${found}`,
      );
    }
    this.moved.clear();
  }
}
