// The chain of positions that a stream's fills state: where a fill says what the position was after it, the next one
// must begin there. A link that does not hold says exactly how much was traded in between and not told, without a read
// of the venue. It only makes a pass look at once; what is true, the pass finds out.
import {
  add,
  type Decimal,
  type FillRow,
  isZero,
  negate,
  type PositionKey,
  positionKey,
  subtract,
} from "../core/index.ts";

interface Anchor {
  readonly after: Decimal;
  readonly timestamp: number;
  readonly venueSeq: number;
}

export interface BrokenLink {
  readonly instrument: string;
  /** Signed: what was traded between the last fill that was told and this one. */
  readonly missingQty: Decimal;
  /** Venue time of the fill before it and of the fill that shows it, in ms. */
  readonly afterMs: number;
  readonly beforeMs: number;
}

/** Anchors by leg of an instrument, of the connection that is live. */
export type AnchorChain = Map<PositionKey, Anchor>;

/**
 * Adds a fill that is told for the first time. Null where the chain holds, where it begins, or where the fill is older than
 * the chain's end: fills may come late, and out of order.
 */
export function linkFill(chain: AnchorChain, row: FillRow): BrokenLink | null {
  const { instrument, leg = "net", side, qty, positionAfter, timestamp, venueSeq = 0 } = row;
  const key = positionKey(instrument, leg);
  if (positionAfter === undefined) {
    // One that says nothing ends what can be said: the next begins anew.
    chain.delete(key);
    return null;
  }
  const before = chain.get(key);
  const isOlder =
    before !== undefined &&
    (timestamp < before.timestamp || (timestamp === before.timestamp && venueSeq <= before.venueSeq));
  if (isOlder) return null;
  chain.set(key, { after: positionAfter, timestamp, venueSeq });
  if (!before) return null;
  const signed = side === "buy" ? qty : negate(qty);
  const missingQty = subtract(positionAfter, add(before.after, signed));
  if (isZero(missingQty)) return null;
  return { instrument, missingQty, afterMs: before.timestamp, beforeMs: timestamp };
}
