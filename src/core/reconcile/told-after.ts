// What was told after a quantity was estimated, or read for the first time, that had it already: a late fill, a fill that
// the venue had taken back, or both of one fill (R8). Nothing but the venue's quantity tells; here is looked for what it says.
import { anchorOf, type Book, type Fill, type NotedAnchor, type OpenAdjustment } from "../book/book.ts";
import { fillQtyDelta, fillValue } from "../book/effects.ts";
import {
  abs,
  add,
  compare,
  type Decimal,
  isZero,
  min,
  negate,
  sign,
  subtract,
  sum,
  ZERO,
} from "../decimal.ts";
import { type FillKey, type PositionKey, positionKey, splitPositionKey } from "../keys.ts";
import type { Entry } from "../ledger/entry.ts";
import type { Draft } from "../records.ts";
import { instrumentIn, type PassContext } from "./context.ts";
import { isUncertain, openEstimates, readByOf, shrink } from "./estimates.ts";
import { openingOf, READ_MS_MAX, replaceOpening } from "./opening.ts";

/** One thing that was told, and what the quantity lacks if it had it before. */
interface Told {
  readonly fill: Fill;
  readonly entry: Entry;
  readonly qtyDelta: Decimal;
  readonly atMs: number;
}

/** Records by which what stood for the told gives way to it, and by how much the book's quantity changes with them. */
export interface GivingWay {
  readonly drafts: readonly Draft[];
  readonly qtyDelta: Decimal;
}

/** What of a key gives way without a change of its quantity. */
export interface GivingKey {
  readonly key: PositionKey;
  readonly drafts: readonly Draft[];
}

/**
 * What gives way where that is exactly what the venue's quantity asks for; else whole estimates, or a whole opening, that are
 * just what was told around them, if without them less is left to explain.
 * @param change What the venue has more than the book.
 */
export function givingWay(context: PassContext, key: PositionKey, change: Decimal): GivingWay | undefined {
  const exact = ofEstimates(context, key, change) ?? ofOpening(context, key, change);
  if (exact) return { drafts: exact, qtyDelta: change };
  return ofWholeEstimates(context, key, change) ?? ofWholeOpening(context, key, change);
}

/**
 * The same where nothing differs: estimates of what was bought and of what was sold that are both what was told around them
 * count twice, and net to zero.
 */
export function nettedOut(context: PassContext): GivingKey[] {
  const { book } = context;
  const keys = new Set<PositionKey>();
  for (const { facts } of book.adjustments.values())
    if (facts.basis !== "opening") keys.add(positionKey(facts.instrument, facts.leg));
  return [...keys].sort().flatMap((key) => {
    const signs = new Set(estimatesOf(book, key).map(({ remaining }) => sign(remaining)));
    const given = signs.size > 1 ? ofWholeEstimates(context, key, ZERO) : undefined;
    return given ? [{ key, drafts: given.drafts }] : [];
  });
}

/** A fill inside the read lag of an estimate, or inside its very read, and a reversal since, waited for this read. */
function ofEstimates(context: PassContext, key: PositionKey, change: Decimal): Draft[] | undefined {
  const { book, causeId } = context;
  const all = estimatesOf(book, key);
  if (all.length === 0) return undefined;
  const { fills, reversals } = toldOf(book, key);
  // One that was known when the estimate was made, and was taken back since it.
  const since: MayHave = ({ fill }, { seq }) => fill.seq < seq && (fill.reversedSeq ?? 0) > seq;
  for (const [told, mayHave, isTimed] of [
    [fills, around(context), true],
    [reversals, since, false],
  ] as const) {
    const candidates = told.filter((one) => all.some((open) => mayHave(one, open)));
    for (const [from, first] of candidates.entries()) {
      const open = enough(openFor(book, key, negate(change), first, mayHave), abs(change));
      if (!open) continue;
      // One order's parts come together: as many as were inside it, one after the other.
      const untilMs = isTimed ? untilOf(open) : Number.POSITIVE_INFINITY;
      const run = runOf(candidates.slice(from), change, untilMs);
      if (!run) continue;
      const ofEach = sidesOf(run).flatMap((side) => enoughFor(book, key, side, mayHave) ?? []);
      const isOfEach = ofEach.length === sidesOf(run).length;
      const given = isOfEach ? ofEach : [{ open, qty: abs(change), by: first.entry.id }];
      return given.flatMap((one) => shrinkAll(one, causeId));
    }
  }
  return undefined;
}

/**
 * Estimates that are to the last unit what was told around them after they were made: they were that, whatever else the venue has
 * done since. Of several readings the one that leaves the least to explain.
 */
function ofWholeEstimates(context: PassContext, key: PositionKey, change: Decimal): GivingWay | undefined {
  const { book, causeId } = context;
  const all = estimatesOf(book, key);
  if (all.length === 0) return undefined;
  const isAround = around(context);
  const mayHave: MayHave = (told, open) =>
    isAround(told, open) && told.fill.seq > open.seq && told.atMs <= untilOf([open]);
  const { fills } = toldOf(book, key);
  const candidates = fills.filter((one) => !one.fill.isReversed && all.some((open) => mayHave(one, open)));
  let best: GivingWay | undefined;
  let left = abs(change);
  for (const from of candidates.keys()) {
    let qtyDelta = ZERO;
    const run: Told[] = [];
    for (const one of candidates.slice(from, from + RUN_MAX)) {
      run.push(one);
      qtyDelta = subtract(qtyDelta, one.qtyDelta);
      const rest = abs(subtract(change, qtyDelta));
      const isNetted = isZero(change) && isZero(rest);
      if (!isNetted && compare(rest, left) >= 0) continue;
      const given = sidesOf(run).flatMap((side) => enoughFor(book, key, side, mayHave) ?? []);
      if (given.length < sidesOf(run).length || !given.every(isAll)) continue;
      best = { drafts: given.flatMap((giving) => shrinkAll(giving, causeId)), qtyDelta };
      left = rest;
    }
  }
  return best;
}

/** One estimate is of so many fills at most; more are not tried. */
const RUN_MAX = 200;

/** Whether the read behind an estimate may have had what was told. */
type MayHave = (told: Told, open: OpenAdjustment) => boolean;

function around({ capabilities, nowMs }: PassContext): MayHave {
  const lagMs = capabilities.readAfterFillLagMs;
  return ({ fill, atMs }, open) =>
    isUncertain(open, atMs, lagMs, nowMs) && (!fill.isReversed || fill.seq > open.seq);
}

function estimatesOf(book: Book, key: PositionKey): OpenAdjustment[] {
  return [...book.adjustments.values()].filter(
    ({ facts }) => facts.basis !== "opening" && positionKey(facts.instrument, facts.leg) === key,
  );
}

/** Estimates of this direction that may have had it. */
function openFor(
  book: Book,
  key: PositionKey,
  qtyDelta: Decimal,
  told: Told,
  mayHave: MayHave,
): OpenAdjustment[] {
  const late = { fillKey: "", key, qtyDelta, timestamp: 0, orderKey: told.entry.orderKey };
  return openEstimates(book, late).filter((open) => mayHave(told, open));
}

/** Estimates, what of them gives way, not signed, and what to. */
interface Giving {
  readonly open: readonly OpenAdjustment[];
  readonly qty: Decimal;
  readonly by: string;
}

/** What was bought and what was sold, each apart: estimates of the one are none of the other. */
function sidesOf(run: readonly Told[]): (readonly Told[])[] {
  const sides = [1, -1].map((side) => run.filter(({ qtyDelta }) => sign(qtyDelta) === side));
  return sides.filter(({ length }) => length > 0);
}

function enoughFor(
  book: Book,
  key: PositionKey,
  side: readonly Told[],
  mayHave: MayHave,
): Giving | undefined {
  const [first] = side;
  if (!first) return undefined;
  const qty = abs(sum(side.map((one) => one.qtyDelta)));
  const open = enough(openFor(book, key, first.qtyDelta, first, mayHave), qty);
  return open && { open, qty, by: first.entry.id };
}

function isAll({ open, qty }: Giving): boolean {
  return isZero(subtract(sum(open.map(({ remaining }) => abs(remaining))), qty));
}

/** The first of them that stand for all of it together. */
function enough(open: readonly OpenAdjustment[], qty: Decimal): OpenAdjustment[] | undefined {
  const found: OpenAdjustment[] = [];
  for (const one of open) {
    found.push(one);
    if (compare(sum(found.map(({ remaining }) => abs(remaining))), qty) >= 0) return found;
  }
  return undefined;
}

function untilOf(open: readonly OpenAdjustment[]): number {
  return Math.max(...open.map(({ facts }) => Math.max(readByOf(facts), facts.asOfMs + READ_MS_MAX)));
}

function shrinkAll({ open, qty, by }: Giving, causeId: string): Draft[] {
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
  const { book, causeId } = context;
  const around = aroundAnchor(context, key);
  const booked = around.filter(({ fill }) => !fill.isReversed);
  const reversed = around.filter(({ fill }) => fill.isReversed);
  const found =
    runOf(booked, change, Number.POSITIVE_INFINITY) ??
    runOf(around, change, Number.POSITIVE_INFINITY) ??
    reversed
      .flatMap((_, from) => [runOf(reversed.slice(from), change, Number.POSITIVE_INFINITY) ?? []])
      .find(({ length }) => length > 0);
  if (!found) return undefined;
  return replaceOpening(book, key, containedIn(found), causeId);
}

/** An opening that is to the last unit what was told around its read is that, whatever else the venue has done since. */
function ofWholeOpening(context: PassContext, key: PositionKey, change: Decimal): GivingWay | undefined {
  const { book, causeId } = context;
  const qty = openingOf(book, key)?.remaining ?? ZERO;
  if (isZero(qty) || compare(abs(add(change, qty)), abs(change)) >= 0) return undefined;
  const booked = aroundAnchor(context, key).filter(({ fill }) => !fill.isReversed);
  for (const from of booked.keys()) {
    const found = runOf(booked.slice(from), negate(qty), Number.POSITIVE_INFINITY);
    if (!found) continue;
    return { drafts: replaceOpening(book, key, containedIn(found), causeId), qtyDelta: negate(qty) };
  }
  return undefined;
}

/** Fills that were booked as new although the read behind the key's anchor may have had them, in the order of time. */
function aroundAnchor({ book, capabilities }: PassContext, key: PositionKey): Told[] {
  const anchor = anchorOf(book, key);
  if (!anchor) return [];
  return toldOf(book, key).fills.filter(({ fill, atMs }) => {
    if (fill.seq <= anchor.seq || fill.isInOpening || fill.facts.isContained) return false;
    return isAround(anchor, atMs, capabilities.readAfterFillLagMs);
  });
}

function containedIn(told: readonly Told[]) {
  return told.map(({ fill, entry }) => ({ id: fill.facts.fillKey, entry }));
}

/** Whether nobody can tell by its time if the read behind the anchor had it. */
function isAround({ isWitnessed, asOfMs }: NotedAnchor, atMs: number, lagMs: number): boolean {
  return isWitnessed && atMs >= asOfMs - lagMs && atMs <= asOfMs + READ_MS_MAX;
}

/**
 * Whether a fill that was booked as new may be in the key's opening too: told after the first read, dated around it (or,
 * by a venue whose clock is far ahead of ours, or where ours was ahead at the first read, so that no time tells), and the
 * positions have not been read and compared since.
 */
export function isPerhapsTwice(context: PassContext, key: PositionKey): boolean {
  const { book, capabilities, lastRead } = context;
  const anchor = anchorOf(book, key);
  if (!anchor) return false;
  const isCompared = lastRead !== undefined && !lastRead.inFlight.has(splitPositionKey(key).instrument);
  const aheadSeq = anchor.isWitnessed ? (book.datedAhead.get(key) ?? 0) : 0;
  if (aheadSeq > anchor.seq && !(isCompared && aheadSeq <= lastRead.seq)) return true;
  // An anchor ahead of our clock: whether what was told since was in it was decided by a clock that has been set back since.
  const isUnordered = anchor.isWitnessed && anchor.asOfMs > context.nowMs;
  for (const { id, source, timestamp } of book.ledgers.get(key)?.entries ?? []) {
    if (source === "opening") continue;
    if (timestamp > anchor.asOfMs + READ_MS_MAX) break;
    const fill = source === "fill" ? book.fills.get(id as FillKey) : undefined;
    if (!fill || fill.seq <= anchor.seq || (isCompared && fill.seq <= lastRead.seq)) continue;
    if (isUnordered) return true;
    if (fill.isInOpening || fill.facts.isContained) continue;
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
