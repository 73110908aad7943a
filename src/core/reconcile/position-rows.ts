// The rows of this read by key, and both sides of each key side by side. A pass asks for them in many of its steps,
// so they are brought together once for each read: building keys and looking them up costs more than comparing.
import type { Book } from "../book/book.ts";
import { type Deduplicated, deduplicate } from "../diff.ts";
import type { PositionRow } from "../facts.ts";
import { type PositionKey, positionKey } from "../keys.ts";
import type { Holding } from "../ledger/holding.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { PassContext } from "./context.ts";

const NO_ROWS: readonly PositionRow[] = [];
const ROWS = new WeakMap<readonly PositionRow[] | PassContext, Deduplicated<PositionRow>>();

/** Rows of this read by key: the list, and what single look-ups found beyond it. */
export function positionRows(context: PassContext): Deduplicated<PositionRow> {
  const listed = context.observation.positions?.rows ?? NO_ROWS;
  const found = [...context.positionLookups.values()].flatMap((answer) =>
    answer.kind === "row" ? [answer.row] : [],
  );
  const of = found.length === 0 ? listed : context;
  const known = ROWS.get(of);
  if (known) return known;
  const rows = oneOfEachKey(found.length === 0 ? listed : [...listed, ...found]);
  ROWS.set(of, rows);
  return rows;
}

function oneOfEachKey(rows: readonly PositionRow[]): Deduplicated<PositionRow> {
  return deduplicate(
    rows,
    (row) => positionKey(row.instrument, row.leg),
    (a, b) => a.qty === b.qty && a.entryPrice === b.entryPrice,
    (a, b) => {
      if (a.updatedAt === undefined || b.updatedAt === undefined || a.updatedAt === b.updatedAt)
        return undefined;
      return a.updatedAt > b.updatedAt ? a : b;
    },
  );
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

const PAIRED = new WeakMap<Deduplicated<PositionRow>, Paired>();

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

function pair({ ledgers }: Book, { rows, suspects }: Deduplicated<PositionRow>): PositionPair[] {
  const suspect = new Set(suspects.map(({ key }) => key));
  const pairs: PositionPair[] = [];
  let paired = 0;
  for (const [key, ledger] of ledgers) {
    const row = rows.get(key);
    if (row) paired += 1;
    if (row || !suspect.has(key)) pairs.push({ key, ledger, row, verified: undefined });
  }
  if (paired === rows.size) return pairs;
  for (const [key, row] of rows as ReadonlyMap<PositionKey, PositionRow>) {
    if (!ledgers.has(key)) pairs.push({ key, ledger: undefined, row, verified: undefined });
  }
  return pairs;
}
