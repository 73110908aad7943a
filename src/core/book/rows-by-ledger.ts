// Rows of a venue or a mirror, each beside the ledger that it is about. Where there are very many, building a key for
// each row and looking it up costs more than all that is done with it, so the ledger's place in the book is the index.
import { type PositionKey, positionKey } from "../keys.ts";
import type { Leg } from "../words.ts";
import type { Book, BookLedger } from "./book.ts";

interface Keyed {
  readonly instrument: string;
  readonly leg: Leg;
}

/** At most one row of each key. */
export class RowsByLedger<Row extends Keyed> {
  readonly size: number;
  /** Rows of keys that the book knew nothing of when they were read. */
  readonly beyond: ReadonlyMap<PositionKey, Row>;
  private readonly book: Book;
  private readonly byIndex: readonly (Row | undefined)[];

  private constructor(
    book: Book,
    byIndex: readonly (Row | undefined)[],
    beyond: ReadonlyMap<PositionKey, Row>,
    size: number,
  ) {
    this.book = book;
    this.byIndex = byIndex;
    this.beyond = beyond;
    this.size = size;
  }

  /** Undefined when two rows have the same key. */
  static of<Row extends Keyed>(book: Book, rows: Iterable<Row>): RowsByLedger<Row> | undefined {
    const byIndex = new Array<Row | undefined>(book.ledgers.size).fill(undefined);
    const beyond = new Map<PositionKey, Row>();
    let size = 0;
    let placed = 0;
    for (const row of rows) {
      size += 1;
      const ledger = book.ledgersOf[row.leg].get(row.instrument);
      if (ledger === undefined) beyond.set(positionKey(row.instrument, row.leg), row);
      else if (byIndex[ledger.index] !== undefined) return undefined;
      else {
        byIndex[ledger.index] = row;
        placed += 1;
      }
    }
    return placed + beyond.size === size ? new RowsByLedger(book, byIndex, beyond, size) : undefined;
  }

  /** Rows of which no two have the same key. */
  static ofDistinct<Row extends Keyed>(book: Book, rows: Iterable<Row>): RowsByLedger<Row> {
    const placed = RowsByLedger.of(book, rows);
    if (!placed) throw new Error("two rows have the same key after all doubles were taken out");
    return placed;
  }

  get(key: PositionKey): Row | undefined {
    const ledger = this.book.ledgers.get(key);
    return ledger ? this.ofLedger(ledger) : this.beyond.get(key);
  }

  has(key: PositionKey): boolean {
    return this.get(key) !== undefined;
  }

  ofLedger(ledger: BookLedger): Row | undefined {
    // A ledger that came after the rows were read may be of one that was beyond.
    return this.byIndex[ledger.index] ?? (this.beyond.size > 0 ? this.beyond.get(ledger.key) : undefined);
  }

  /** Of all rows, in the book's order and then that of the read. */
  *keys(): Generator<PositionKey> {
    for (const ledger of this.book.ledgers.values()) {
      if (this.byIndex[ledger.index] !== undefined) yield ledger.key;
    }
    yield* this.beyond.keys();
  }

  /** Rows of keys that the book still knows nothing of. */
  *unknown(): Generator<[PositionKey, Row]> {
    for (const [key, row] of this.beyond) if (!this.book.ledgers.has(key)) yield [key, row];
  }
}
