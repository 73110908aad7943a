// Openings: what was held before the journal's history begins. A key is anchored backwards, from the quantity
// that the venue states now, never forwards from zero; a fill from before the anchor is in that quantity already
// and only takes its place inside the opening.
import type { Book, OpenAdjustment } from "../book/book.ts";
import { anchorOf } from "../book/book.ts";
import { positionQty } from "../book/positions.ts";
import {
  abs,
  add,
  type Decimal,
  divide,
  isZero,
  multiply,
  ONE,
  sign,
  subtract,
  sum,
  ZERO,
} from "../decimal.ts";
import { deriveId } from "../hash.ts";
import { type Payoff, payoffOf } from "../instrument.ts";
import { type FillKey, type PositionKey, positionKey, splitPositionKey } from "../keys.ts";
import type { Entry } from "../ledger/entry.ts";
import { averagePrice, EMPTY, type Holding } from "../ledger/holding.ts";
import { holdingAfter } from "../ledger/split.ts";
import { worthAt } from "../ledger/worth.ts";
import { type Draft, draft, type PositionAdjustment } from "../records.ts";
import { UNATTRIBUTED } from "../words.ts";
import { instrumentIn } from "./context.ts";
import {
  errorOf,
  type Priced,
  type PriceEvidence,
  plausible,
  priceOfIncrease,
  priceOfOpening,
} from "./price.ts";

/**
 * The opening that makes all of the key's entries add up to `venueQty`; none when they already do. Those that are dated
 * after `asOfMs` too: no fill is in flight then, and of a ledger entry the row tells what the date does not.
 */
export function anchorKey(
  book: Book,
  key: PositionKey,
  venueQty: Decimal,
  asOfMs: number,
  evidence: PriceEvidence,
  causeId: string,
): Draft[] {
  const entries = entriesUpTo(book, key, Number.POSITIVE_INFINITY);
  const qty = subtract(venueQty, sum(entries.map((entry) => entry.qtyDelta)));
  if (isZero(qty)) return [];
  const priced = priceOpening(entries, qty, evidence);
  return [draft("adjustment_inferred", openingFacts(book, key, qty, priced, asOfMs), causeId)];
}

export interface Contained {
  /** The fill's key, or a ledger entry's id. */
  readonly id: FillKey | string;
  readonly entry: Entry;
}

/**
 * The records by which an opening gives way to what it contains, in the order of time. Fills may be booked already, as if
 * they were new.
 */
export function replaceOpening(
  book: Book,
  key: PositionKey,
  fills: readonly Contained[],
  causeId: string,
): Draft[] {
  const first = fills[0];
  if (!first) return [];
  const asOfMs = anchorOf(book, key)?.asOfMs ?? first.entry.timestamp;
  const open = openingOf(book, key);
  const ids = new Set(fills.map(({ entry }) => entry.id));
  const others = entriesUpTo(book, key, asOfMs).filter(({ id }) => !ids.has(id));
  const payoff = payoffOf(instrumentIn(book, splitPositionKey(key).instrument));
  const held = open ? openingHolding(open.remaining, worthAt(payoff, open.remaining, open.price)) : EMPTY;
  const target = averagePrice(foldEntries(others, payoff, held), payoff);
  const evidence: PriceEvidence = {
    localAverage: null,
    venueAverage: target,
    venueAverageScale: null,
    lastPrice: null,
    isAverageBasis: true,
    payoff,
  };
  const place = splitPositionKey(key);
  const drafts: Draft[] = [];
  const entries = [...others];
  let qty = open?.remaining ?? ZERO;
  let adjustmentId = open?.facts.adjustmentId;
  const known = fills.flatMap(({ id }) => book.fills.get(id as FillKey)?.facts.fillKey ?? []);
  for (const [index, { id, entry }] of fills.entries()) {
    qty = subtract(qty, entry.qtyDelta);
    entries.push(entry);
    entries.sort((a, b) => a.timestamp - b.timestamp || a.venueSeq - b.venueSeq);
    // Nothing left would end the opening, and the rest of the fills may need it.
    const isLast = index === fills.length - 1;
    if (isZero(qty) && !isLast) continue;
    const gaveWay = isLast && known.length > 0 ? { gaveWayTo: known } : {};
    const priced: Priced = isZero(qty)
      ? { price: null, priceSource: "none" }
      : priceOpening(entries, qty, evidence);
    if (adjustmentId === undefined) {
      const facts = { ...openingFacts(book, key, qty, priced, asOfMs), ...gaveWay };
      adjustmentId = facts.adjustmentId;
      drafts.push(draft("adjustment_inferred", facts, causeId));
    } else {
      const left = { adjustmentId, ...place, by: id, qtyDelta: qty, price: priced.price, ...gaveWay };
      drafts.push(draft("adjustment_replaced", left, causeId));
    }
  }
  return drafts;
}

/** How long one read of the positions may take: what happened meanwhile may be in it. In ms. */
export const READ_MS_MAX = 30_000;

export function openingOf(book: Book, key: PositionKey): OpenAdjustment | undefined {
  for (const open of book.adjustments.values()) {
    const { basis, instrument, leg } = open.facts;
    if (basis === "opening" && positionKey(instrument, leg) === key) return open;
  }
  return undefined;
}

function openingFacts(
  book: Book,
  key: PositionKey,
  qtyDelta: Decimal,
  priced: Priced,
  asOfMs: number,
): PositionAdjustment {
  const place = splitPositionKey(key);
  const qtyBefore = positionQty(book, key);
  const qtyAfter = add(qtyBefore, qtyDelta);
  const seq = book.lastChange.get(key) ?? 0;
  return {
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
}

/** Solved so that the average after all entries is the venue's; else as the first thing that tells a price. */
function priceOpening(entries: readonly Entry[], qty: Decimal, evidence: PriceEvidence): Priced {
  const { venueAverage, venueAverageScale, isAverageBasis, payoff } = evidence;
  if (entries.length === 0 || venueAverage === null || !isAverageBasis) return priceOfOpening(evidence);
  const solved = solveOpening(entries, qty, payoff, { price: venueAverage, scale: venueAverageScale });
  if (solved !== null) return { price: solved, priceSource: "solved" };
  const known = averagePrice(foldEntries(entries, payoff), payoff);
  return priceOfIncrease(ZERO, ZERO, { ...evidence, isAverageBasis: false, localAverage: known });
}

/** What one is worth on average at the end is linear in what one of the opening is, as long as the position is never flat in between. */
function solveOpening(
  entries: readonly Entry[],
  qty: Decimal,
  payoff: Payoff,
  average: { readonly price: Decimal; readonly scale: number | null },
): Decimal | null {
  const eachWith = (each: Decimal) => {
    const { qty: held, cost } = foldEntries(entries, payoff, openingHolding(qty, multiply(qty, each)));
    return isZero(held) || cost === null ? null : divide(cost, abs(held));
  };
  const target = worthAt(payoff, ONE, average.price);
  if (target === null || isZero(target)) return null;
  const low = eachWith(ZERO);
  const high = eachWith(target);
  if (low === null || high === null) return null;
  const slope = divide(subtract(high, low), target);
  // Below one part in a million the rounding of the average decides the price, not the position.
  if (sign(slope) <= 0 || Number(slope) < 1e-6) return null;
  const each = divide(subtract(target, low), slope);
  return plausible(payoff, each, divide(errorOf(payoff, average.price, average.scale), slope), average.price);
}

function entriesUpTo(book: Book, key: PositionKey, asOfMs: number): Entry[] {
  const entries = book.ledgers.get(key)?.entries ?? [];
  return entries.filter((entry) => entry.source !== "opening" && entry.timestamp <= asOfMs);
}

function foldEntries(entries: readonly Entry[], payoff: Payoff, opening = EMPTY): Holding {
  return entries.reduce<Holding>((held, entry) => holdingAfter(held, entry, payoff), opening);
}

/** @param worth Signed like the quantity. */
function openingHolding(qty: Decimal, worth: Decimal | null): Holding {
  return isZero(qty) ? EMPTY : { qty, cost: worth === null ? null : abs(worth) };
}
