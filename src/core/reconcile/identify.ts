// Which fill is this (R6)? One fill has one key however many sources report it, in whatever order: the canonical
// source has its trade id, another has only the join key and stands in for it until the canonical one comes.
import type { Book, Fill } from "../book/book.ts";
import { joinKeyOf } from "../book/fold-positions.ts";
import { type FillRow, withoutEmptyIds } from "../facts.ts";
import { type FillKey, fillKeyOf } from "../keys.ts";

export type Identity =
  | {
      readonly kind: "new";
      readonly fillKey: FillKey;
      readonly isProvisional: boolean;
      /** The provisional fill that this canonical one takes the place of. */
      readonly merges?: FillKey;
    }
  | { readonly kind: "known"; readonly fillKey: FillKey }
  /** The same key with other content: recorded as a conflict, never as a second fill. */
  | { readonly kind: "conflict"; readonly fillKey: FillKey; readonly known: Fill };

/**
 * @param occurrence How many identical rows without a trade id came before this one in the same answer.
 */
export function identifyFill(book: Book, row: FillRow, occurrence: number): Identity {
  const other = joinedFill(book, row);
  const isCanonical = row.tradeId !== undefined || row.joinKey === undefined;
  const venueOrderId = row.venueOrderId ?? "none";
  const tradeId = row.tradeId ?? (isCanonical ? substitute(row, occurrence) : `join:${row.joinKey}`);
  const fillKey = fillKeyOf(row.instrument, venueOrderId, tradeId, row.side);
  const known = book.fills.get(fillKey);
  if (known)
    return isSameFill(known, row) ? { kind: "known", fillKey } : { kind: "conflict", fillKey, known };
  if (!other) return { kind: "new", fillKey, isProvisional: !isCanonical };
  if (!isCanonical) return { kind: "known", fillKey: other.facts.fillKey };
  // A history that lags still lists what the stream has taken back. Other content is what it was corrected to.
  if (other.isReversed && isSameFill(other, row)) return { kind: "known", fillKey: other.facts.fillKey };
  if (other.isReversed && other.facts.isProvisional) return { kind: "new", fillKey, isProvisional: false };
  if (other.facts.isProvisional) {
    return { kind: "new", fillKey, isProvisional: false, merges: other.facts.fillKey };
  }
  return { kind: "conflict", fillKey, known: other };
}

/**
 * The fill under the row's join key. Once a fill is taken back, its order may come to the same cumulative quantity
 * again: what happened later is another execution.
 */
function joinedFill(book: Book, row: FillRow): Fill | undefined {
  const fillKey = row.joinKey === undefined ? undefined : book.fillsByJoin.get(joinKeyOf(row));
  const fill = fillKey && book.fills.get(fillKey);
  if (!fill) return undefined;
  return fill.isReversed && row.timestamp > fill.facts.timestamp ? undefined : fill;
}

/** The fill that a venue takes back; undefined when the book has none such, or none that still counts. */
export function reversedFill(book: Book, reported: FillRow): Fill | undefined {
  const row = withoutEmptyIds(reported);
  for (let occurrence = 0; ; occurrence += 1) {
    const identity = identifyFill(book, row, occurrence);
    const fillKey = identity.kind === "new" ? identity.merges : identity.fillKey;
    const fill = fillKey && book.fills.get(fillKey);
    if (!fill) return undefined;
    const { tradeId } = fill.facts;
    const isOther = row.tradeId !== undefined && tradeId !== undefined && row.tradeId !== tradeId;
    if (isOther) return undefined;
    if (!fill.isReversed) return fill;
    // Of several alike without any id the first one that still counts.
    if (row.tradeId !== undefined || row.joinKey !== undefined) return undefined;
  }
}

/** Whether the book has this execution, reversed or not. */
export function isKnownFill(book: Book, reported: FillRow): boolean {
  const identity = identifyFill(book, withoutEmptyIds(reported), 0);
  return identity.kind !== "new" || identity.merges !== undefined;
}

/** A declared stand-in for a trade id that the venue does not give; the same at every reading. */
function substitute(row: FillRow, occurrence: number): string {
  return `forced:${row.timestamp}:${row.qty}:${row.price ?? "none"}:${occurrence}`;
}

/** What two rows would be identical without a trade id by; counts occurrences. */
export function substituteGroup(row: FillRow): string {
  return JSON.stringify([row.instrument, row.venueOrderId, row.side, row.timestamp, row.qty, row.price]);
}

function isSameFill({ facts }: Fill, row: FillRow): boolean {
  const isSamePrice = facts.price === undefined || row.price === undefined || facts.price === row.price;
  return facts.qty === row.qty && isSamePrice;
}
