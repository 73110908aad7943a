// What was told after a quantity was estimated, or read for the first time, that had it already: a late fill, a fill that
// the venue had taken back, or both of one fill (R8). Nothing but the venue's quantity tells; here is looked for what it says.
import { anchorOf, type Book, type Fill, type NotedAnchor, type OpenAdjustment } from "../book/book.ts";
import { fillQtyDelta, fillValue } from "../book/effects.ts";
import { abs, add, compare, type Decimal, isZero, min, negate, subtract, sum } from "../decimal.ts";
import { type FillKey, type PositionKey, positionKey, splitPositionKey } from "../keys.ts";
import type { Entry } from "../ledger/entry.ts";
import type { Draft } from "../records.ts";
import { instrumentIn, type PassContext } from "./context.ts";
import { isUncertain, openEstimates, readByOf, shrink } from "./estimates.ts";
import { READ_MS_MAX, replaceOpening } from "./opening.ts";

/** One thing that was told, and what the quantity lacks if it had it before. */
interface Told {
  readonly fill: Fill;
  readonly entry: Entry;
  readonly qtyDelta: Decimal;
  readonly atMs: number;
}

/**
 * The records by which what stood for the told gives way to it, where that is exactly what the venue's quantity asks for.
 * @param change What the venue has more than the book.
 */
export function givingWay(context: PassContext, key: PositionKey, change: Decimal): Draft[] | undefined {
  return ofEstimates(context, key, change) ?? ofOpening(context, key, change);
}

/** A fill inside the read lag of an estimate, or inside its very read, and a reversal since, waited for this read. */
function ofEstimates(context: PassContext, key: PositionKey, change: Decimal): Draft[] | undefined {
  const { book, capabilities, causeId, nowMs } = context;
  const lagMs = capabilities.readAfterFillLagMs;
  const late = { fillKey: "", key, qtyDelta: negate(change), timestamp: 0, orderKey: null };
  const all = [...book.adjustments.values()].filter(
    ({ facts }) => facts.basis !== "opening" && positionKey(facts.instrument, facts.leg) === key,
  );
  if (all.length === 0) return undefined;
  const { fills, reversals } = toldOf(book, key);
  const around = (told: Told) => (open: OpenAdjustment) =>
    isUncertain(open, told.atMs, lagMs, nowMs) && (!told.fill.isReversed || told.fill.seq > open.seq);
  // One that was known when the estimate was made, and was taken back since it.
  const since = (told: Told) => (open: OpenAdjustment) =>
    told.fill.seq < open.seq && (told.fill.reversedSeq ?? 0) > open.seq;
  for (const [told, mayHave, isTimed] of [
    [fills, around, true],
    [reversals, since, false],
  ] as const) {
    const candidates = told.filter((one) => all.some(mayHave(one)));
    for (const [from, first] of candidates.entries()) {
      const { id, orderKey } = first.entry;
      const open = enough(openEstimates(book, { ...late, orderKey }).filter(mayHave(first)), change);
      if (!open) continue;
      // One order's parts come together: as many as were inside it, one after the other.
      const untilMs = isTimed ? untilOf(open) : Number.POSITIVE_INFINITY;
      if (runOf(candidates.slice(from), change, untilMs)) return shrinkAll(open, abs(change), id, causeId);
    }
  }
  return undefined;
}

/** The first of them that stand for all of it together. */
function enough(open: readonly OpenAdjustment[], change: Decimal): OpenAdjustment[] | undefined {
  const found: OpenAdjustment[] = [];
  for (const one of open) {
    found.push(one);
    if (compare(sum(found.map(({ remaining }) => abs(remaining))), abs(change)) >= 0) return found;
  }
  return undefined;
}

function untilOf(open: readonly OpenAdjustment[]): number {
  return Math.max(...open.map(({ facts }) => Math.max(readByOf(facts), facts.asOfMs + READ_MS_MAX)));
}

function shrinkAll(open: readonly OpenAdjustment[], qty: Decimal, by: string, causeId: string): Draft[] {
  let left = qty;
  return open.map((one) => {
    const part = min(abs(one.remaining), left);
    left = subtract(left, part);
    return shrink(one, part, by, causeId);
  });
}

/** So many of them, one after the other from the first on, that without them the quantity is the venue's. */
function runOf(told: readonly Told[], change: Decimal, untilMs: number): Told[] | undefined {
  let rest = change;
  for (const [index, { atMs, qtyDelta }] of told.entries()) {
    if (atMs > untilMs) break;
    rest = add(rest, qtyDelta);
    if (isZero(rest)) return told.slice(0, index + 1);
  }
  return undefined;
}

/**
 * Fills that were booked as new although the read behind the key's anchor had them: told after that read and dated around
 * it, in the order of time. One of them may have been taken back since, which that read cannot have had.
 */
function ofOpening(context: PassContext, key: PositionKey, change: Decimal): Draft[] | undefined {
  const { book, capabilities, causeId } = context;
  const anchor = anchorOf(book, key);
  if (!anchor) return undefined;
  const around = toldOf(book, key).fills.filter(({ fill, atMs }) => {
    if (fill.seq <= anchor.seq || fill.isInOpening || fill.facts.isContained) return false;
    return isAround(anchor, atMs, capabilities.readAfterFillLagMs);
  });
  const booked = around.filter(({ fill }) => !fill.isReversed);
  const reversed = around.filter(({ fill }) => fill.isReversed);
  const found =
    runOf(booked, change, Number.POSITIVE_INFINITY) ??
    runOf(around, change, Number.POSITIVE_INFINITY) ??
    reversed
      .flatMap((_, from) => [runOf(reversed.slice(from), change, Number.POSITIVE_INFINITY) ?? []])
      .find(({ length }) => length > 0);
  if (!found) return undefined;
  const contained = found.map(({ fill, entry }) => ({ id: fill.facts.fillKey, entry }));
  return replaceOpening(book, key, contained, causeId);
}

/** Whether nobody can tell by its time if the read behind the anchor had it. */
function isAround({ isWitnessed, asOfMs }: NotedAnchor, atMs: number, lagMs: number): boolean {
  return isWitnessed && atMs >= asOfMs - lagMs && atMs <= asOfMs + READ_MS_MAX;
}

/**
 * Whether a fill that was booked as new may be in the key's opening too: told after the first read, dated around it, and
 * the positions have not been read and compared since.
 */
export function isPerhapsTwice(context: PassContext, key: PositionKey): boolean {
  const { book, capabilities, lastRead } = context;
  const anchor = anchorOf(book, key);
  if (!anchor) return false;
  const isCompared = lastRead !== undefined && !lastRead.inFlight.has(splitPositionKey(key).instrument);
  for (const { id, source, timestamp } of book.ledgers.get(key)?.entries ?? []) {
    if (source === "opening") continue;
    if (timestamp > anchor.asOfMs + READ_MS_MAX) break;
    const fill = source === "fill" ? book.fills.get(id as FillKey) : undefined;
    if (!fill || fill.seq <= anchor.seq || fill.isInOpening || fill.facts.isContained) continue;
    if (isCompared && fill.seq <= lastRead.seq) continue;
    if (isAround(anchor, timestamp, capabilities.readAfterFillLagMs)) return true;
  }
  return false;
}

/** The key's fills in venue order, those that were taken back among them; and the reversals in the order of their records. */
function toldOf(book: Book, key: PositionKey): { readonly fills: Told[]; readonly reversals: Told[] } {
  const fills: Told[] = [];
  for (const entry of book.ledgers.get(key)?.entries ?? []) {
    const fill = entry.source === "fill" ? book.fills.get(entry.id as FillKey) : undefined;
    if (fill) fills.push({ fill, entry, qtyDelta: entry.qtyDelta, atMs: entry.timestamp });
  }
  const reversed: Told[] = [];
  for (const fill of book.fills.values()) {
    const { facts } = fill;
    if (!fill.isReversed || positionKey(facts.instrument, facts.leg) !== key) continue;
    const entry = entryOf(book, fill);
    reversed.push({ fill, entry, qtyDelta: entry.qtyDelta, atMs: entry.timestamp });
  }
  fills.push(...reversed);
  fills.sort(({ entry: a }, { entry: b }) => a.timestamp - b.timestamp || a.venueSeq - b.venueSeq);
  reversed.sort((a, b) => (a.fill.reversedSeq ?? 0) - (b.fill.reversedSeq ?? 0));
  const reversals = reversed.map((one) => ({ ...one, qtyDelta: negate(one.qtyDelta) }));
  return { fills, reversals };
}

/** As it would stand in the ledger. */
function entryOf(book: Book, { facts, orderKey }: Fill): Entry {
  return {
    id: facts.fillKey,
    source: "fill",
    timestamp: facts.timestamp,
    venueSeq: facts.venueSeq ?? 0,
    qtyDelta: fillQtyDelta(instrumentIn(book, facts.instrument), facts),
    value: fillValue(facts),
    price: facts.price ?? null,
    strategy: facts.strategy,
    isEstimate: false,
    cause: facts.cause,
    orderKey,
  };
}
