// The rows of this read by key, and both sides of each key side by side. A pass asks for them in many of its steps,
// so they are brought together once for each read: building keys and looking them up costs more than comparing.
import type { Book } from "../book/book.ts";
import { RowsByLedger } from "../book/rows-by-ledger.ts";
import { type Deduplicated, deduplicate } from "../diff.ts";
import type { PositionRow } from "../facts.ts";
import { type PositionKey, positionKey } from "../keys.ts";
import type { Holding } from "../ledger/holding.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { PassContext } from "./context.ts";

const NO_ROWS: readonly PositionRow[] = [];

/** One row of each key, and what was wrong where there were several. */
export interface PositionRows extends Omit<Deduplicated<PositionRow>, "rows"> {
  readonly book: Book;
  readonly rows: RowsByLedger<PositionRow>;
}

const ROWS = new WeakMap<readonly PositionRow[] | PassContext, PositionRows>();

/** Rows of this read by key: the list, and what single look-ups found beyond it. */
export function positionRows(context: PassContext): PositionRows {
  const { book, observation, positionLookups } = context;
  const listed = observation.positions?.rows ?? NO_ROWS;
  const found = [...positionLookups.values()].flatMap((answer) =>
    answer.kind === "row" ? [answer.row] : [],
  );
  const of = found.length === 0 ? listed : context;
  const known = ROWS.get(of);
  if (known?.book === book) return known;
  const rows = oneOfEachKey(book, found.length === 0 ? listed : [...listed, ...found]);
  ROWS.set(of, rows);
  return rows;
}

function oneOfEachKey(book: Book, all: readonly PositionRow[]): PositionRows {
  const single = RowsByLedger.of(book, all);
  if (single) return { book, rows: single, duplicates: new Map(), suspects: [] };
  const { rows, duplicates, suspects } = deduplicate(
    all,
    (row) => positionKey(row.instrument, row.leg),
    (a, b) => a.qty === b.qty && a.entryPrice === b.entryPrice,
    (a, b) => {
      if (a.updatedAt === undefined || b.updatedAt === undefined || a.updatedAt === b.updatedAt)
        return undefined;
      return a.updatedAt > b.updatedAt ? a : b;
    },
  );
  return { book, rows: RowsByLedger.ofDistinct(book, rows.values()), duplicates, suspects };
}

/** What the book and the read have of one key; the ledger may be flat. */
export interface PositionPair {
  readonly key: PositionKey;
  readonly ledger: Ledger | undefined;
  readonly row: PositionRow | undefined;
  /** The holding that the row was found to agree with: while the ledger has it, nothing is to be compared again. */
  verified: Holding | undefined;
}

interface Paired {
  /** What the pairs, and what they were found to be, depend on beside the rows. */
  readonly of: Pick<PassContext, "book" | "policy" | "capabilities">;
  readonly ledgers: number;
  readonly pairs: readonly PositionPair[];
}

const PAIRED = new WeakMap<PositionRows, Paired>();

/** Every key that the book or the read has, in no order; but for those whose rows contradict each other (R9). */
export function positionPairs(context: PassContext): readonly PositionPair[] {
  const { book, policy, capabilities } = context;
  const rows = positionRows(context);
  const known = PAIRED.get(rows);
  // Ledgers are changed in place and never leave the book, so that pairs hold until a new one comes.
  if (known && known.ledgers === book.ledgers.size && isOf(known, context)) return known.pairs;
  const pairs = pair(book, rows);
  PAIRED.set(rows, { of: { book, policy, capabilities }, ledgers: book.ledgers.size, pairs });
  return pairs;
}

function isOf({ of }: Paired, { book, policy, capabilities }: PassContext): boolean {
  return of.book === book && of.policy === policy && of.capabilities === capabilities;
}

function pair({ ledgers }: Book, { rows, suspects }: PositionRows): PositionPair[] {
  const suspect = new Set(suspects.map(({ key }) => key));
  const pairs: PositionPair[] = [];
  for (const ledger of ledgers.values()) {
    const row = rows.ofLedger(ledger);
    if (row || suspect.size === 0 || !suspect.has(ledger.key)) {
      pairs.push({ key: ledger.key, ledger, row, verified: undefined });
    }
  }
  for (const [key, row] of rows.unknown()) pairs.push({ key, ledger: undefined, row, verified: undefined });
  return pairs;
}
