// Openings: what was held before the journal's history begins. A key is anchored backwards, from the quantity
// that the venue states now, never forwards from zero; a fill from before the anchor is in that quantity already
// and only takes its place inside the opening.
import type { Book, OpenAdjustment } from "../book/book.ts";
import { anchorOf } from "../book/book.ts";
import { positionQty } from "../book/positions.ts";
import { abs, add, type Decimal, divide, isZero, multiply, sign, subtract, sum, ZERO } from "../decimal.ts";
import { deriveId } from "../hash.ts";
import { type FillKey, type PositionKey, positionKey, splitPositionKey } from "../keys.ts";
import type { Entry } from "../ledger/entry.ts";
import { averagePrice, EMPTY, type Holding } from "../ledger/holding.ts";
import { holdingAfter } from "../ledger/split.ts";
import { type Draft, draft, type PositionAdjustment } from "../records.ts";
import { UNATTRIBUTED } from "../words.ts";
import {
  halfUnit,
  type Priced,
  type PriceEvidence,
  plausible,
  priceOfIncrease,
  priceOfOpening,
} from "./price.ts";

/**
 * The opening that makes the key's entries up to `asOfMs` add up to `venueQty`; none when they already do.
 */
export function anchorKey(
  book: Book,
  key: PositionKey,
  venueQty: Decimal,
  asOfMs: number,
  evidence: PriceEvidence,
  causeId: string,
): Draft[] {
  const before = entriesUpTo(book, key, asOfMs);
  const qty = subtract(venueQty, sum(before.map((entry) => entry.qtyDelta)));
  if (isZero(qty)) return [];
  const priced = priceOpening(before, qty, evidence);
  return [opening(book, key, qty, priced, asOfMs, causeId)];
}

/** The records by which an opening gives way to a fill that it contains. */
export function containFill(
  book: Book,
  key: PositionKey,
  fill: { readonly fillKey: FillKey; readonly entry: Entry },
  causeId: string,
): Draft[] {
  const asOfMs = anchorOf(book, key)?.asOfMs ?? fill.entry.timestamp;
  const open = openingOf(book, key);
  const now = entriesUpTo(book, key, asOfMs);
  const target = averagePrice(foldEntries(open ? [openingEntry(open.remaining, open.price), ...now] : now));
  const qty = subtract(open?.remaining ?? ZERO, fill.entry.qtyDelta);
  const evidence: PriceEvidence = {
    localAverage: null,
    venueAverage: target,
    venueAverageScale: null,
    lastPrice: null,
    isAverageBasis: true,
  };
  const entries = [...now, fill.entry].sort((a, b) => a.timestamp - b.timestamp || a.venueSeq - b.venueSeq);
  const priced: Priced = isZero(qty)
    ? { price: null, priceSource: "none" }
    : priceOpening(entries, qty, evidence);
  if (!open) return [opening(book, key, qty, priced, asOfMs, causeId)];
  const { instrument, leg } = splitPositionKey(key);
  return [
    draft(
      "adjustment_replaced",
      {
        adjustmentId: open.facts.adjustmentId,
        instrument,
        leg,
        by: fill.fillKey,
        qtyDelta: qty,
        price: priced.price,
      },
      causeId,
    ),
  ];
}

export function openingOf(book: Book, key: PositionKey): OpenAdjustment | undefined {
  for (const open of book.adjustments.values()) {
    const { basis, instrument, leg } = open.facts;
    if (basis === "opening" && positionKey(instrument, leg) === key) return open;
  }
  return undefined;
}

function opening(
  book: Book,
  key: PositionKey,
  qtyDelta: Decimal,
  priced: Priced,
  asOfMs: number,
  causeId: string,
): Draft {
  const place = splitPositionKey(key);
  const qtyBefore = positionQty(book, key);
  const qtyAfter = add(qtyBefore, qtyDelta);
  const seq = book.lastChange.get(key) ?? 0;
  const payload: PositionAdjustment = {
    subject: "position",
    adjustmentId: deriveId("adj", [
      book.account,
      place.instrument,
      place.leg,
      "opening",
      qtyBefore,
      qtyAfter,
      seq,
    ]),
    basis: "opening",
    ...place,
    qtyDelta,
    ...priced,
    asOfMs,
    venueSeq: 0,
    qtyBefore,
    qtyAfter,
    cause: null,
    strategy: UNATTRIBUTED,
    orderKey: null,
  };
  return draft("adjustment_inferred", payload, causeId);
}

/** Solved so that the average after all entries is the venue's; else as the first thing that tells a price. */
function priceOpening(entries: readonly Entry[], qty: Decimal, evidence: PriceEvidence): Priced {
  const { venueAverage, isAverageBasis } = evidence;
  if (entries.length === 0 || venueAverage === null || !isAverageBasis) return priceOfOpening(evidence);
  const solved = solveOpening(entries, qty, venueAverage, evidence.venueAverageScale);
  if (solved !== null) return { price: solved, priceSource: "solved" };
  const known = averagePrice(foldEntries(entries));
  return priceOfIncrease(ZERO, ZERO, { ...evidence, isAverageBasis: false, localAverage: known });
}

/** The final average is linear in the opening's price as long as the position is never flat in between. */
function solveOpening(
  entries: readonly Entry[],
  qty: Decimal,
  target: Decimal,
  scale: number | null,
): Decimal | null {
  const averageWith = (price: Decimal) => averagePrice(foldEntries([openingEntry(qty, price), ...entries]));
  const low = averageWith(ZERO);
  const high = averageWith(target);
  if (low === null || high === null || isZero(target)) return null;
  const slope = divide(subtract(high, low), target);
  // Below one part in a million the rounding of the average decides the price, not the position.
  if (sign(slope) <= 0 || Number(slope) < 1e-6) return null;
  const price = divide(subtract(target, low), slope);
  return plausible(price, divide(halfUnit(target, scale), slope), target);
}

function entriesUpTo(book: Book, key: PositionKey, asOfMs: number): Entry[] {
  const entries = book.ledgers.get(key)?.entries ?? [];
  return entries.filter((entry) => entry.source !== "opening" && entry.timestamp <= asOfMs);
}

function foldEntries(entries: readonly Entry[]): Holding {
  return entries.reduce<Holding>(holdingAfter, EMPTY);
}

function openingEntry(qtyDelta: Decimal, price: Decimal | null): Entry {
  return {
    id: "opening",
    source: "opening",
    timestamp: 0,
    venueSeq: 0,
    qtyDelta,
    value: price === null ? null : multiply(abs(qtyDelta), price),
    strategy: UNATTRIBUTED,
    isEstimate: true,
    cause: null,
    orderKey: null,
  };
}
