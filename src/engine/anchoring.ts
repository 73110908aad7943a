// Anchoring: the first complete read of the positions says from where quantities are known, for the whole account
// at once. Keys in flight at that moment are anchored by a later pass.
import {
  anchorKey,
  anchorOf,
  type Draft,
  draft,
  isZero,
  type PassContext,
  type PositionKey,
  positionRows,
  priceEvidence,
  splitPositionKey,
  ZERO,
} from "../core/index.ts";

export function anchorDrafts(context: PassContext): Draft[] {
  const { book, observation } = context;
  if (observation.positions?.quality !== "complete") return [];
  if (book.accountAnchor === null) return anchorAccount(context);
  const ready = [...book.unanchored].filter((key) => !isMoving(context, key)).sort();
  if (ready.length === 0) return [];
  const anchor = { asOfMs: observation.startedAtMs, isWitnessed: isWitnessed(context) };
  return [
    ...ready.flatMap((key) => openingOfKey(context, key)),
    draft("account_anchored", { anchor, keys: ready }, context.causeId),
  ];
}

/** A seeded key that was empty: fills that led there began in the middle, so the rest was there before them. */
export function openingsOfStated(context: PassContext, keys: readonly PositionKey[]): Draft[] {
  return keys.flatMap((key) => {
    const isStated = anchorOf(context.book, key)?.isWitnessed === false;
    return isStated && !isMoving(context, key) && venueSays(context, key) ? openingOfKey(context, key) : [];
  });
}

function anchorAccount(context: PassContext): Draft[] {
  const { book, observation, causeId } = context;
  const { rows } = positionRows(context);
  const keys = new Set([...(rows.keys() as Iterable<PositionKey>), ...book.ledgers.keys()]);
  const moving = [...keys].filter((key) => isMoving(context, key)).sort();
  const ready = [...keys].filter((key) => !moving.includes(key)).sort();
  const anchor = { asOfMs: observation.startedAtMs, isWitnessed: isWitnessed(context) };
  return [
    ...ready.flatMap((key) => openingOfKey(context, key)),
    draft("account_anchored", { anchor, ...(moving.length > 0 && { except: moving }) }, causeId),
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

function isMoving(context: PassContext, key: PositionKey): boolean {
  return context.inFlight.has(splitPositionKey(key).instrument);
}
