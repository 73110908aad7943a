// Fills that the venue took back while nobody listened (R6): its history does not list them any more. A history that
// leaves a fill out is no witness by itself; that the venue's position is what it would be without the fill is one.
import type { Fill, OpenAdjustment } from "../book/book.ts";
import { fillQtyDelta } from "../book/effects.ts";
import { positionQty } from "../book/positions.ts";
import { abs, add, type Decimal, isZero, min, negate, sign, subtract, sum, ZERO } from "../decimal.ts";
import { isComplete } from "../facts.ts";
import { type FillKey, type PositionKey, positionKey, splitPositionKey } from "../keys.ts";
import { type Draft, draft } from "../records.ts";
import { instrumentIn, type PassContext } from "./context.ts";
import { isVenueQty } from "./equal-qty.ts";
import { openEstimates, shrink } from "./estimates.ts";
import { positionPairs, positionRows } from "./position-rows.ts";
import { provenQty } from "./standing.ts";
import type { AbsenceVerdict } from "./witness.ts";

/** How far back the history is read again for a difference that a reversal may explain. In ms. */
export const REREAD_MS_MAX = 30 * 24 * 3_600_000;

export const REVERSAL_REASON =
  "the venue's history does not list it any more, and its position is without it";

/**
 * Booked fills that a complete history of their moment does not list. Only what the history is sure to have by now: not
 * what may still turn up late, what only another source told, or what has no trade id of its own.
 * @param listed What this read's history did list.
 */
export function unlistedFills(context: PassContext, listed: ReadonlySet<FillKey>): Fill[] {
  const { observation, capabilities } = context;
  const toMs = Math.min(observation.fills?.coverage?.toMs ?? 0, observation.startedAtMs);
  return leftOutOfHistory(context, listed, toMs - capabilities.fills.lateArrivalMs);
}

/**
 * Keys without a row that the book holds nothing of, and of which a fill that the history had to list is not in this one: what
 * it closed may be open again, and a list that leaves it out agrees with the book, so that nobody would miss it.
 */
export function reopenedPerhaps(context: PassContext, listed: ReadonlySet<FillKey>): PositionKey[] {
  const untilMs = context.observation.fills?.coverage?.toMs ?? 0;
  // What another source told first may still be on its way into the history.
  const provenMs = untilMs - context.capabilities.fills.lateArrivalMs;
  const { rows, suspects } = positionRows(context);
  const stated = new Set(suspects.map(({ key }) => key));
  const keys = leftOutOfHistory(context, listed, untilMs)
    .filter(({ facts }) => facts.source === "venue" || facts.timestamp <= provenMs)
    .filter(({ facts }) => !context.inFlight.has(facts.instrument))
    .map(({ facts }) => positionKey(facts.instrument, facts.leg))
    .filter((key) => !rows.has(key) && !stated.has(key) && isZero(positionQty(context.book, key)));
  return [...new Set(keys)].sort();
}

function leftOutOfHistory(
  { book, observation: { fills }, capabilities }: PassContext,
  listed: ReadonlySet<FillKey>,
  untilMs: number,
): Fill[] {
  const coverage = fills?.coverage;
  if (!capabilities.fills.revisable || !isComplete(fills) || !coverage) return [];
  // What differs after a gap may be what happened in it.
  if (book.historyGap !== null) return [];
  const found: Fill[] = [];
  for (const { entries } of book.ledgers.values()) {
    for (let index = entries.length - 1; index >= 0; index -= 1) {
      const entry = entries[index];
      if (!entry || entry.source === "opening" || entry.timestamp < coverage.fromMs) break;
      const fill = entry.source === "fill" ? book.fills.get(entry.id as FillKey) : undefined;
      if (!fill || entry.timestamp > untilMs || listed.has(fill.facts.fillKey)) continue;
      const { isProvisional, tradeId, source } = fill.facts;
      if (!isProvisional && tradeId !== undefined && source !== "seed") found.push(fill);
    }
  }
  return found;
}

/**
 * The records that take fills back which a key's venue quantity is without; none where it does not say so. An estimate
 * that was made meanwhile for what they did gives way.
 * @param fills Unlisted ones, often enough and long enough.
 * @param hasOthers Whether the same history listed other fills that are known: it is not just empty.
 */
export function reversals(
  context: PassContext,
  absence: AbsenceVerdict,
  fills: readonly Fill[],
  hasOthers: boolean,
): Draft[] {
  const byKey = new Map<PositionKey, Fill[]>();
  for (const fill of fills) {
    const key = positionKey(fill.facts.instrument, fill.facts.leg);
    byKey.set(key, [...(byKey.get(key) ?? []), fill]);
  }
  return [...byKey].flatMap(([key, ofKey]) => reversalsOfKey(context, absence, key, ofKey, hasOthers));
}

function reversalsOfKey(
  context: PassContext,
  absence: AbsenceVerdict,
  key: PositionKey,
  fills: readonly Fill[],
  hasOthers: boolean,
): Draft[] {
  const { book, causeId } = context;
  const { instrument } = splitPositionKey(key);
  const venueQty = provenQty(context, key, absence) ?? flatQty(context, key);
  if (venueQty === undefined || context.inFlight.has(instrument)) return [];
  const spec = instrumentIn(book, instrument);
  const taken = sum(fills.map(({ facts }) => fillQtyDelta(spec, facts)));
  const difference = subtract(venueQty, positionQty(book, key));
  // What estimates must give back so that the quantity without the fills is the venue's.
  const rest = add(difference, taken);
  const without = subtract(positionQty(book, key), taken);
  const isOver = isVenueQty(without, venueQty, spec.qtyStep);
  // A round trip that was taken back moves nothing: then the history itself must be beyond doubt.
  if (isOver && isZero(taken) && !hasOthers) return [];
  const replaced = isOver ? [] : estimatesFor(context, key, fills, rest);
  if (!replaced) return [];
  const reversed = fills.map(({ facts: { fillKey } }) =>
    draft("fill_reversed", { fillKey, reason: REVERSAL_REASON }, causeId),
  );
  return [...replaced, ...reversed];
}

/**
 * Estimates of what the reversals did: made after the first of the fills, in the other direction. Where fills of both
 * directions were taken back, each has its own: what they have in common is no reason to leave two beside each other.
 */
function estimatesFor(
  { book, causeId }: PassContext,
  key: PositionKey,
  fills: readonly Fill[],
  rest: Decimal,
): Draft[] | undefined {
  const timestamp = Math.min(...fills.map(({ facts }) => facts.timestamp));
  const by = fills[0]?.facts.fillKey ?? "";
  const { instrument } = splitPositionKey(key);
  const traded = (of: number) => {
    const deltas = fills.map(({ facts }) => fillQtyDelta(instrumentIn(book, instrument), facts));
    return abs(sum(deltas.filter((delta) => sign(delta) === of)));
  };
  const estimated = (qtyDelta: Decimal) =>
    openEstimates(book, { fillKey: by, key, qtyDelta, timestamp, orderKey: null }).filter(
      ({ facts }) => facts.asOfMs >= timestamp,
    );
  const [open, others] = [estimated(negate(rest)), estimated(rest)];
  const left = subtract(qtyOf(open), abs(rest));
  if (sign(left) < 0) return undefined;
  const beyond = subtract(traded(sign(rest)), abs(rest));
  const both = [left, beyond, traded(-sign(rest)), qtyOf(others)].reduce(min);
  const common = sign(both) > 0 ? both : ZERO;
  const take = (from: readonly OpenAdjustment[], qty: Decimal) => {
    let due = qty;
    return from.flatMap((one) => {
      const part = min(abs(one.remaining), due);
      due = subtract(due, part);
      return isZero(part) ? [] : [shrink(one, part, by, causeId)];
    });
  };
  return [...take(open, add(abs(rest), common)), ...take(others, common)];
}

function qtyOf(open: readonly OpenAdjustment[]): Decimal {
  return sum(open.map(({ remaining }) => abs(remaining)));
}

/** Both hold nothing: there is nothing to be left out. */
function flatQty(context: PassContext, key: PositionKey): Decimal | undefined {
  return isComplete(context.observation.positions) && isZero(positionQty(context.book, key))
    ? ZERO
    : undefined;
}

/** Keys whose quantity differs from what the venue says of it. */
export function differingKeys(
  context: PassContext,
  absence: AbsenceVerdict,
): ReadonlyMap<PositionKey, Decimal> {
  const differing = new Map<PositionKey, Decimal>();
  for (const { key, ledger, row } of positionPairs(context)) {
    const local = ledger?.holding.qty ?? ZERO;
    if (row?.qty === local) continue;
    const venue = provenQty(context, key, absence);
    const { instrument } = splitPositionKey(key);
    if (venue === undefined || context.inFlight.has(instrument)) continue;
    const { qtyStep } = instrumentIn(context.book, instrument);
    if (!isVenueQty(local, venue, qtyStep)) differing.set(key, venue);
  }
  return differing;
}

/** From where a key's fills would have to be listed for a reversal to be seen; undefined where it never had any. */
export function reversibleFrom({ book, observation, capabilities }: PassContext, key: PositionKey) {
  const ledger = book.ledgers.get(key);
  const life = ledger?.lives.at(-1);
  if (!life) return undefined;
  // What an opening holds is older than the opening's own time.
  const second = ledger?.entries[life.firstIndex + 1]?.timestamp ?? life.openedAt;
  const backMs = Math.min(REREAD_MS_MAX, capabilities.fills.retentionMs ?? REREAD_MS_MAX);
  return Math.max(0, Math.min(life.openedAt, second), observation.startedAtMs - backMs);
}
