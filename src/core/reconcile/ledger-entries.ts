// What one ledger entry becomes: a record, and what it takes the place of. Venues report these late and dated by
// the day (a fee in kind, an assignment, a split), long after the position and the balance have moved; so the
// venue's quantity, not the date, tells whether the book has its quantity already.
import type { Book } from "../book/book.ts";
import { anchorOf } from "../book/book.ts";
import { positionQty } from "../book/positions.ts";
import { abs, add, compare, type Decimal, min, subtract, sum, ZERO } from "../decimal.ts";
import type { LedgerRow } from "../facts.ts";
import { type PositionKey, positionKey } from "../keys.ts";
import { type Draft, draft } from "../records.ts";
import { UNATTRIBUTED } from "../words.ts";
import { instrumentIn } from "./context.ts";
import { openEstimates, shrink } from "./estimates.ts";

export interface LedgerContext {
  readonly book: Book;
  readonly lagMs: number;
  readonly causeId: string;
  /** The venue's quantity of a key in this read; undefined when it does not say. */
  readonly venueQty?: (key: PositionKey) => Decimal | undefined;
}

export interface LedgerDecision {
  readonly drafts: readonly Draft[];
  /** The key whose quantity it explains; undefined where it moves none, or one that was there before. */
  readonly key: PositionKey | undefined;
}

export function decideLedgerEntry(row: LedgerRow, context: LedgerContext): LedgerDecision {
  const { qtyDelta, ...money } = row;
  const record = (facts: LedgerRow) =>
    draft("ledger_entry_recorded", { ...facts, strategy: UNATTRIBUTED }, context.causeId);
  if (row.instrument === undefined || qtyDelta === undefined)
    return { drafts: [record(row)], key: undefined };
  const key = positionKey(row.instrument, row.leg ?? "net");
  const anchor = anchorOf(context.book, key);
  const isInAnchor = anchor?.isWitnessed === true && row.timestamp < anchor.asOfMs - context.lagMs;
  if (isInAnchor) return { drafts: [record(money)], key: undefined };
  if (!isAlreadyIn(key, qtyDelta, context)) return { drafts: [record(row)], key };
  const replaced = replaceAll(row, key, qtyDelta, context);
  // Nothing stands for it, and still the quantity is the venue's: booking it would only undo that.
  return replaced === undefined
    ? { drafts: [record(money)], key }
    : { drafts: [...replaced, record(row)], key };
}

/** Whether the book without the entry is where the venue is, and with it would not be. */
function isAlreadyIn(key: PositionKey, qtyDelta: Decimal, { book, venueQty }: LedgerContext): boolean {
  const venue = venueQty?.(key);
  if (venue === undefined) return false;
  const { qtyStep } = instrumentIn(book, key.slice(key.indexOf(":") + 1));
  const isEqual = (qty: Decimal) => compare(abs(subtract(venue, qty)), qtyStep) < 0;
  const now = positionQty(book, key);
  return isEqual(now) && !isEqual(add(now, qtyDelta));
}

/** The estimates that stood for it give way, if they stand for all of it. */
function replaceAll(
  row: LedgerRow,
  key: PositionKey,
  qtyDelta: Decimal,
  { book, causeId }: LedgerContext,
): Draft[] | undefined {
  const late = { fillKey: row.id, key, qtyDelta, timestamp: row.timestamp, orderKey: null };
  const open = openEstimates(book, late);
  if (compare(sum(open.map(({ remaining }) => abs(remaining))), abs(qtyDelta)) < 0) return undefined;
  const drafts: Draft[] = [];
  let rest = abs(qtyDelta);
  for (const one of open) {
    const taken = min(abs(one.remaining), rest);
    if (taken === ZERO) break;
    rest = subtract(rest, taken);
    drafts.push(shrink(one, taken, row.id, causeId));
  }
  return drafts;
}
