// What one ledger entry becomes: a record, and what it takes the place of. Venues report these before, with or long
// after the position moves, and often dated by the day alone (a split, an assignment, a fee in kind); so a row of
// the venue's, not the date, tells whether the quantity has the entry. An entry that it does not have yet waits.
import type { Book } from "../book/book.ts";
import { anchorOf } from "../book/book.ts";
import { entryOfLedgerRow } from "../book/effects.ts";
import { positionQty } from "../book/positions.ts";
import { abs, add, compare, type Decimal, isZero, min, sign, subtract, sum, ZERO } from "../decimal.ts";
import type { LedgerRow } from "../facts.ts";
import { type PositionKey, positionKey, splitPositionKey } from "../keys.ts";
import { type Draft, draft } from "../records.ts";
import { UNATTRIBUTED } from "../words.ts";
import { instrumentIn } from "./context.ts";
import { openEstimates, readByOf, shrink } from "./estimates.ts";
import { openingOf, replaceOpening } from "./opening.ts";

/** What a position has not followed by then was in it before it was told. As long as venues post late. In ms. */
export const AWAITED_MS_MAX = 7 * 24 * 3_600_000;

export interface LedgerContext {
  readonly book: Book;
  readonly lagMs: number;
  readonly nowMs: number;
  readonly causeId: string;
  /** What a row of this read says of a key; undefined where there is none: absence decides nothing here. */
  readonly venueQty?: (key: PositionKey) => Decimal | undefined;
  /** All that there is something to decide about, in venue order: what came after an entry may hide that the quantity has it. */
  readonly undecided?: readonly LedgerRow[];
}

export interface LedgerDecision {
  readonly drafts: readonly Draft[];
  /** The key whose quantity it explains; undefined where it moves none, not yet, or one that was there before. */
  readonly key: PositionKey | undefined;
}

/** The rows that there is something to decide about, in venue order: new ones, and those that wait. */
export function undecidedEntries(book: Book, rows: readonly LedgerRow[]): LedgerRow[] {
  const open = new Map([...book.awaited.values()].map(({ row }) => [row.id, row]));
  for (const row of rows) if (!open.has(row.id) && !book.ledgerIds.has(row.id)) open.set(row.id, row);
  return [...open.values()].sort((a, b) => a.timestamp - b.timestamp);
}

export function decideLedgerEntry(row: LedgerRow, context: LedgerContext): LedgerDecision {
  const { book, nowMs, causeId } = context;
  const { qtyDelta, ...money } = row;
  const record = (facts: LedgerRow, isAwaited = false) =>
    draft(
      "ledger_entry_recorded",
      { ...facts, strategy: UNATTRIBUTED, ...(isAwaited && { isAwaited }) },
      causeId,
    );
  if (row.instrument === undefined || qtyDelta === undefined)
    return { drafts: [record(row)], key: undefined };
  const key = positionKey(row.instrument, row.leg ?? "net");
  const place = placeOf(row, key, qtyDelta, context);
  if (place.kind === "applied") return { drafts: [...place.replaced, record(row)], key };
  if (place.kind === "contained") return { drafts: [record(money)], key: undefined };
  if (place.kind === "in_opening") return { drafts: [...place.replaced, record(row)], key: undefined };
  const waiting = book.awaited.get(row.id);
  if (!waiting) return { drafts: [record(row, true)], key: undefined };
  const isOver = nowMs - waiting.sinceMs > AWAITED_MS_MAX;
  return { drafts: isOver ? [record(money)] : [], key: undefined };
}

type Place =
  | { readonly kind: "applied"; readonly replaced: readonly Draft[] }
  /** The quantity had it before it was told. */
  | { readonly kind: "contained" }
  /** It too had it before; the opening that stood for it gives way. */
  | { readonly kind: "in_opening"; readonly replaced: readonly Draft[] }
  | { readonly kind: "awaited" };

const APPLIED: Place = { kind: "applied", replaced: [] };

function placeOf(row: LedgerRow, key: PositionKey, qtyDelta: Decimal, context: LedgerContext): Place {
  const { book, lagMs, nowMs } = context;
  const anchor = anchorOf(book, key);
  // Nobody knows yet what is held: an opening will make up for whatever this is not.
  if (!anchor) return APPLIED;
  // An anchor ahead of our clock was noted before that was set back: nothing is older than it by time.
  const isTimed = anchor.isWitnessed && anchor.asOfMs <= nowMs;
  const isOlder = isTimed && row.timestamp < anchor.asOfMs - lagMs;
  const now = positionQty(book, key);
  const venue = context.venueQty?.(key);
  if (venue !== undefined && isAskedFor(book, key, { venue, now, qtyDelta, isOlder })) return APPLIED;
  const replaced = replaceAll(row, key, qtyDelta, isOlder, context);
  // They stand for it, or it is new: by its date it is, and only a row tells whether the date is when it happened.
  if (replaced?.isDatedLater && venue === undefined) return { kind: "awaited" };
  if (replaced) return { kind: "applied", replaced: replaced.drafts };
  if (isOlder) return containedIn(row, key, qtyDelta, context);
  if (venue !== undefined) return hasWithNext(row, key, venue, context) ? APPLIED : { kind: "awaited" };
  // The venue does not say: a fact that is new counts, one that waits only where it ends what is held.
  const isEnd = !isZero(now) && isZero(add(now, qtyDelta));
  return book.awaited.has(row.id) && !isEnd ? { kind: "awaited" } : APPLIED;
}

/**
 * In the quantity since before it was told. Where fills from before it are known, what stands for it is the opening that was
 * made of the rest, at a price that nobody paid for it: that gives way. Else the opening is of more than the entry.
 */
function containedIn(
  row: LedgerRow,
  key: PositionKey,
  qtyDelta: Decimal,
  { book, causeId }: LedgerContext,
): Place {
  const opening = openingOf(book, key);
  if (!opening || !hasAllOf(opening.remaining, qtyDelta)) return { kind: "contained" };
  if (isZero(qtyBefore(book, key, row))) return { kind: "contained" };
  const entry = entryOfLedgerRow({ ...row, qtyDelta }, UNATTRIBUTED);
  return { kind: "in_opening", replaced: replaceOpening(book, key, [{ id: row.id, entry }], causeId) };
}

function hasAllOf(remaining: Decimal, qtyDelta: Decimal): boolean {
  return sign(remaining) === sign(qtyDelta) && compare(abs(remaining), abs(qtyDelta)) >= 0;
}

/** What the facts that are known add up to right before it. */
function qtyBefore(book: Book, key: PositionKey, { timestamp }: LedgerRow): Decimal {
  const entries = book.ledgers.get(key)?.entries ?? [];
  const before = entries.filter((one) => one.source !== "opening" && one.timestamp <= timestamp);
  return sum(before.map((one) => one.qtyDelta));
}

/** Whether the venue's quantity is nearer with the entry; for one from before the anchor, whether it is there exactly. */
function isAskedFor(
  book: Book,
  key: PositionKey,
  facts: {
    readonly venue: Decimal;
    readonly now: Decimal;
    readonly qtyDelta: Decimal;
    readonly isOlder: boolean;
  },
): boolean {
  const { qtyStep } = instrumentIn(book, splitPositionKey(key).instrument);
  const without = abs(subtract(facts.venue, facts.now));
  const within = abs(subtract(facts.venue, add(facts.now, facts.qtyDelta)));
  if (compare(within, without) >= 0) return false;
  return !facts.isOlder || (compare(within, qtyStep) < 0 && compare(without, qtyStep) >= 0);
}

/** Whether the venue's quantity is exactly what this and the next entries make of it: a split, and what closed all of it since. */
function hasWithNext(
  row: LedgerRow,
  key: PositionKey,
  venue: Decimal,
  { book, undecided = [] }: LedgerContext,
): boolean {
  const { qtyStep } = instrumentIn(book, splitPositionKey(key).instrument);
  const isThere = (qty: Decimal) => compare(abs(subtract(venue, qty)), qtyStep) < 0;
  let qty = positionQty(book, key);
  if (isThere(qty)) return false;
  for (const { instrument, leg = "net", qtyDelta } of undecided.slice(undecided.indexOf(row))) {
    if (qtyDelta === undefined || instrument === undefined || positionKey(instrument, leg) !== key) continue;
    qty = add(qty, qtyDelta);
    if (isThere(qty)) return true;
  }
  return false;
}

interface Replaced {
  readonly drafts: readonly Draft[];
  /** Whether it is dated after the read behind each of them. */
  readonly isDatedLater: boolean;
}

/** The estimates that stood for it give way, if they stand for all of it; for an older one, for exactly that. */
function replaceAll(
  row: LedgerRow,
  key: PositionKey,
  qtyDelta: Decimal,
  isOlder: boolean,
  { book, causeId }: LedgerContext,
): Replaced | undefined {
  const late = { fillKey: row.id, key, qtyDelta, timestamp: row.timestamp, orderKey: null };
  const open = openEstimates(book, late);
  const covered = compare(sum(open.map(({ remaining }) => abs(remaining))), abs(qtyDelta));
  if (covered < 0 || (isOlder && covered > 0)) return undefined;
  const drafts: Draft[] = [];
  let rest = abs(qtyDelta);
  let readByMs = Number.NEGATIVE_INFINITY;
  for (const one of open) {
    const taken = min(abs(one.remaining), rest);
    if (taken === ZERO) break;
    rest = subtract(rest, taken);
    readByMs = Math.max(readByMs, readByOf(one.facts));
    drafts.push(shrink(one, taken, row.id, causeId));
  }
  return { drafts, isDatedLater: row.timestamp > readByMs };
}
