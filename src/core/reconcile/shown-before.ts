// Positions that a row of the venue's showed and the book never had, and that this read leaves out (R1): what a row once
// said is no more undone by a list that is silent than what the book holds. It ends by a row, by a witness, or by a person.
import { positionQty } from "../book/positions.ts";
import { add, isZero, ZERO } from "../decimal.ts";
import { BOOK, type Discrepancy } from "../discrepancy.ts";
import { isComplete } from "../facts.ts";
import { type PositionKey, positionKey, splitPositionKey } from "../keys.ts";
import { instrumentIn, type PassContext } from "./context.ts";
import { isVenueQty } from "./equal-qty.ts";
import { positionRows } from "./position-rows.ts";
import { isEmptyBesideValue } from "./witness.ts";

/** Keys that the book does not hold, as they were last shown; a key that this read has a row of is not among them. */
export function shownBefore(context: PassContext): ReadonlyMap<PositionKey, Discrepancy> {
  const shown = new Map<PositionKey, Discrepancy>();
  for (const open of context.book.discrepancies.values()) {
    const { subject, kind } = open;
    if (!wasShown(open) || subject.type !== "position") continue;
    const key = positionKey(subject.instrument, subject.leg);
    const { rows, suspects } = positionRows(context);
    if (rows.has(key) || suspects.some((one) => one.key === key)) continue;
    const { qtyStep } = instrumentIn(context.book, subject.instrument);
    const isHeld = !isVenueQty(positionQty(context.book, key), ZERO, qtyStep);
    if (!isHeld && (kind === "missing_position" || !shown.has(key))) shown.set(key, open);
  }
  return shown;
}

/** Whether a row of the venue's had more or less of a position than the book, and not nothing. */
export function wasShown({ of, kind, venueQty }: Pick<Discrepancy, "of" | "kind" | "venueQty">): boolean {
  const isOfQty = kind === "missing_position" || kind === "position_mismatch";
  return of === BOOK && isOfQty && venueQty !== null && !isZero(venueQty);
}

/** Those of which a complete history tells by now that they were there when they were shown, and have gone since. */
export function toldGone(context: PassContext): Set<PositionKey> {
  const { observation } = context;
  if (!isComplete(observation.fills) || isEmptyBesideValue(observation)) return new Set();
  const gone = [...shownBefore(context)].filter(([key, open]) => isToldGone(context, key, open));
  return new Set(gone.map(([key]) => key));
}

function isToldGone({ book, capabilities }: PassContext, key: PositionKey, open: Discrepancy): boolean {
  const entries = book.ledgers.get(key)?.entries ?? [];
  const last = entries.at(-1);
  if (!last || last.source === "opening" || last.isEstimate || open.venueQty === null) return false;
  const { qtyStep } = instrumentIn(book, splitPositionKey(key).instrument);
  const sinceMs = open.firstSeenMs - capabilities.readAfterFillLagMs;
  let qty = ZERO;
  for (const [index, entry] of entries.entries()) {
    qty = add(qty, entry.qtyDelta);
    const next = entries[index + 1];
    if (next && next.timestamp >= sinceMs && isVenueQty(qty, open.venueQty, qtyStep)) return true;
  }
  return false;
}
