// I5: openings, fills, adjustments and ledger entries add up to the position, exactly; and so do its lots. Looked at for
// each key that a record moved, as soon as the book is what the records say.
import {
  type JournalRecord,
  type Payloads,
  type PositionKey,
  positionKey,
  positionQty,
} from "../../core/index.ts";
import { exact, plain } from "../oracle/exact.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

export class Positions implements Watch {
  private readonly course: Course;
  private readonly moved = new Set<PositionKey>();
  /** The lots of each key, as the last record that moved them left them. */
  private readonly lots = new Map<PositionKey, ReadonlyMap<string, string>>();

  constructor(course: Course) {
    this.course = course;
  }

  onRecord({ kind, payload, seq }: JournalRecord): void {
    const { moved } = this.course.trail;
    if (moved !== undefined) this.moved.add(moved);
    if (kind === "lot_reattributed") this.given(payload, seq);
    const changed = kind === "lot_reattributed" ? positionKey(payload.instrument, payload.leg) : moved;
    if (changed !== undefined) this.lots.set(changed, this.lotsOf(changed));
  }

  /** A person gives no more of a lot to another than there was. */
  private given({ instrument, leg, from, qty }: Payloads["lot_reattributed"], seq: number): void {
    const { world } = this.course;
    const key = positionKey(instrument, leg);
    const had = exact(this.lots.get(key)?.get(from) ?? "0");
    world.check("I5");
    const isThere = exact(qty) < 0n ? had <= exact(qty) : had >= exact(qty);
    if (isThere) return;
    this.course.world.violate(
      "I5",
      `record ${seq} gives ${qty} of what ${from} has of ${key} to another; it had ${plain(had)}`,
    );
  }

  private lotsOf(key: PositionKey): ReadonlyMap<string, string> {
    const lots = this.course.shadow.ledgers.get(key)?.lots ?? new Map<string, { readonly qty: string }>();
    return new Map([...lots].map(([strategy, { qty }]) => [strategy, qty]));
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
