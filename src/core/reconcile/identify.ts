// Which fill is this (R6)? One fill has one key however many sources report it, in whatever order: the canonical
// source has its trade id, another has only the join key and stands in for it until the canonical one comes.
import type { Book, Fill } from "../book/book.ts";
import { joinKeyOf } from "../book/fold-positions.ts";
import type { FillRow } from "../facts.ts";
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
  const joined = row.joinKey === undefined ? undefined : book.fillsByJoin.get(joinKeyOf(row));
  const isCanonical = row.tradeId !== undefined || row.joinKey === undefined;
  const venueOrderId = row.venueOrderId ?? "none";
  const tradeId = row.tradeId ?? (isCanonical ? substitute(row, occurrence) : `join:${row.joinKey}`);
  const fillKey = fillKeyOf(row.instrument, venueOrderId, tradeId, row.side);
  const known = book.fills.get(fillKey);
  if (known)
    return isSameFill(known, row) ? { kind: "known", fillKey } : { kind: "conflict", fillKey, known };
  const other = joined && book.fills.get(joined);
  if (!other) return { kind: "new", fillKey, isProvisional: !isCanonical };
  if (!isCanonical) return { kind: "known", fillKey: other.facts.fillKey };
  if (other.facts.isProvisional) {
    return { kind: "new", fillKey, isProvisional: false, merges: other.facts.fillKey };
  }
  return { kind: "conflict", fillKey, known: other };
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
