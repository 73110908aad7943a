// One thing that changed the quantity of one position key, and the order in which such things happened at the
// venue. That order, not the order of arrival, makes the fold indifferent to late and doubled reports.
import type { Decimal } from "../decimal.ts";
import type { OrderKey } from "../keys.ts";
import type { Cause } from "../words.ts";

/**
 * - `opening`: what was held before the journal's history begins; always comes first.
 * - `fill`: an execution. `ledger`: a change without one (split, expiry, fee in kind).
 * - `adjustment`: an estimate that stands for fills which nobody reported.
 */
export type EntrySource = "opening" | "fill" | "ledger" | "adjustment";

export interface Entry {
  /** Fill key, adjustment id or ledger id. */
  readonly id: string;
  readonly source: EntrySource;
  /** Venue time in ms; for an adjustment the start of the observation behind it. */
  readonly timestamp: number;
  /** Order within one millisecond. */
  readonly venueSeq: number;
  /** Signed change of the position, a fee in the base asset already taken off. */
  readonly qtyDelta: Decimal;
  /** Quantity × price, not signed, without the multiplier. Null when the price is not known. */
  readonly value: Decimal | null;
  /** What an inverse contract's worth follows from. Null when it is not known, or nothing was paid. */
  readonly price: Decimal | null;
  readonly strategy: string;
  readonly isEstimate: boolean;
  /** Why it happened, when it was not the strategy's own doing. */
  readonly cause: Cause | null;
  readonly orderKey: OrderKey | null;
}

/** In one millisecond: what settles, expires or is assigned is what the fills of it have left; estimates are last. */
const SOURCE_RANK: Readonly<Record<EntrySource, number>> = { opening: 0, fill: 1, ledger: 2, adjustment: 3 };

/** Venue order: openings first, then by time. */
export function compareEntries(a: Entry, b: Entry): number {
  const isOpeningFirst = Number(b.source === "opening") - Number(a.source === "opening");
  if (isOpeningFirst !== 0) return isOpeningFirst;
  if (a.timestamp !== b.timestamp) return a.timestamp - b.timestamp;
  if (SOURCE_RANK[a.source] !== SOURCE_RANK[b.source]) return SOURCE_RANK[a.source] - SOURCE_RANK[b.source];
  if (a.venueSeq !== b.venueSeq) return a.venueSeq - b.venueSeq;
  return compareIds(a.id, b.id);
}

/** Numbers that are ids grow in length before they grow in digits: "9" comes before "10". */
function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
