// Anchoring: the first complete read of the positions says from where quantities are known, for the whole account
// at once. Keys in flight at that moment are anchored by a later pass.
import {
  type AbsenceVerdict,
  type Anchor,
  anchorKey,
  anchorOf,
  type Draft,
  draft,
  isZero,
  listedRow,
  type PassContext,
  type PositionKey,
  positionQty,
  positionRows,
  priceEvidence,
  splitPositionKey,
  ZERO,
} from "../core/index.ts";

/**
 * @param absence What proves that a key which the read leaves out is flat. Without proof such a key is not anchored:
 *   its history stands for itself, and the comparison says that it is unwitnessed (R1).
 */
export function anchorDrafts(context: PassContext, absence: AbsenceVerdict): Draft[] {
  const { book, observation } = context;
  if (observation.positions?.quality !== "complete") return [];
  if (book.accountAnchor === null) return anchorAccount(context, absence);
  const ready = [...book.unanchored].filter((key) => mayAnchor(context, key, absence)).sort();
  if (ready.length === 0) return [];
  const anchor = { asOfMs: observation.startedAtMs, isWitnessed: isWitnessed(context) };
  const others = anchor.isWitnessed ? ready : ready.filter((key) => !isHeldByRow(context, key));
  return [
    ...ready.flatMap((key) => openingOfKey(context, key)),
    ...(others.length > 0 ? [draft("account_anchored", { anchor, keys: others }, context.causeId)] : []),
    ...anchorsOfRows(context, ready, anchor),
  ];
}

/** What a row says is read, also where the list was empty and a single look-up found it. */
function anchorsOfRows(
  context: PassContext,
  ready: readonly PositionKey[],
  { asOfMs, isWitnessed }: Anchor,
): Draft[] {
  const keys = isWitnessed ? [] : ready.filter((key) => isHeldByRow(context, key));
  const anchor = { asOfMs, isWitnessed: true };
  return keys.length === 0 ? [] : [draft("account_anchored", { anchor, keys }, context.causeId)];
}

/** A seeded key that was empty: fills that led there began in the middle, so the rest was there before them. */
export function openingsOfStated(context: PassContext, keys: readonly PositionKey[]): Draft[] {
  return keys.flatMap((key) => {
    const isStated = anchorOf(context.book, key)?.isWitnessed === false;
    return isStated && !isMoving(context, key) && venueSays(context, key) ? openingOfKey(context, key) : [];
  });
}

function anchorAccount(context: PassContext, absence: AbsenceVerdict): Draft[] {
  const { book, observation, causeId } = context;
  const { rows } = positionRows(context);
  const keys = new Set([...(rows.keys() as Iterable<PositionKey>), ...book.ledgers.keys()]);
  const ready = [...keys].filter((key) => mayAnchor(context, key, absence)).sort();
  const anchored = new Set(ready);
  const later = [...keys].filter((key) => !anchored.has(key)).sort();
  const anchor = { asOfMs: observation.startedAtMs, isWitnessed: isWitnessed(context) };
  return [
    ...ready.flatMap((key) => openingOfKey(context, key)),
    draft("account_anchored", { anchor, ...(later.length > 0 && { except: later }) }, causeId),
    ...anchorsOfRows(context, ready, anchor),
  ];
}

/** An empty list proves nothing by itself (R1); beside totals without a position value it does. */
function isWitnessed({ observation }: PassContext): boolean {
  const { positions, totals } = observation;
  const isListed = positions?.rows.some((row) => !isZero(row.qty)) ?? false;
  const value = totals?.quality === "complete" ? totals.positionValue : undefined;
  return isListed || (value !== undefined && isZero(value));
}

function venueSays(context: PassContext, key: PositionKey): boolean {
  return positionRows(context).rows.has(key);
}

/** A list with nothing but flat rows is as good as an empty one. */
function isHeldByRow(context: PassContext, key: PositionKey): boolean {
  return !isZero(positionRows(context).rows.get(key)?.qty ?? ZERO);
}

function openingOfKey(context: PassContext, key: PositionKey): Draft[] {
  const row = positionRows(context).rows.get(key);
  const { book, observation, causeId } = context;
  return anchorKey(
    book,
    key,
    row?.qty ?? ZERO,
    observation.startedAtMs,
    priceEvidence(context, key, row),
    causeId,
  );
}

/** Whether this read says what the key's quantity is: its row, nothing held by either side, or a proven zero. */
function mayAnchor(context: PassContext, key: PositionKey, absence: AbsenceVerdict): boolean {
  if (isMoving(context, key) || positionRows(context).suspects.some((one) => one.key === key)) return false;
  const isNothing = isZero(positionQty(context.book, key));
  return listedRow(context, key) !== undefined || isNothing || absence.witnesses.has(key);
}

function isMoving(context: PassContext, key: PositionKey): boolean {
  return context.inFlight.has(splitPositionKey(key).instrument);
}
