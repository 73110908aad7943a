// The part of the fold that moves positions: fills, reversals, ledger entries, estimates and what replaces them.
// Called by fold.ts alone.
import { type Decimal, isZero, negate, subtract, sum, ZERO } from "../decimal.ts";
import { type Instrument, instrumentOf, payoffOf } from "../instrument.ts";
import { type FillKey, joinParts, type PositionKey } from "../keys.ts";
import type { Entry } from "../ledger/entry.ts";
import {
  addReattribution,
  followReplacement,
  insertEntry,
  lifeOfEntry,
  markChanged,
  type RealizedChange,
  removeEntry,
} from "../ledger/ledger.ts";
import { termsOf, worthAt } from "../ledger/worth.ts";
import type { JournalRecord, JournalRecordOf, Payloads, PositionAdjustment } from "../records.ts";
import { anchorBalance, type CashMove, moveCash, moveMoney, moveReversed } from "./balances.ts";
import { addLedger, anchorOf, type Book, type BookLedger, type Fill, type Order } from "./book.ts";
import { cashMoves, entryOfFill, entryOfLedgerRow, fillValue } from "./effects.ts";
import { addToOrder } from "./orders.ts";
import type { Touched } from "./touched.ts";

/** A venue tells of nothing before it happens: one whose clock shows this much later than ours is ahead of it. In ms. */
const AHEAD_MS = 60_000;

export function applyFill(book: Book, record: JournalRecordOf<"fill_recorded">, touched: Touched): void {
  const facts = record.payload;
  if (book.fills.has(facts.fillKey)) return;
  const merged = facts.merges === undefined ? undefined : book.fills.get(facts.merges);
  // The canonical row of a fill that was taken back is that fill: it only gives it its name.
  const isReversed = merged?.isReversed ?? false;
  if (merged) {
    if (!isReversed) takeBack(book, merged, record, touched);
    touched.fills.add(merged.facts.fillKey);
    book.fills.delete(merged.facts.fillKey);
  }
  const fill: Fill = {
    facts,
    seq: record.seq,
    orderKey: facts.orderKey,
    isReversed,
    reversedSeq: merged?.reversedSeq ?? null,
    isInOpening: merged?.isInOpening ?? false,
  };
  book.fills.set(facts.fillKey, fill);
  if (facts.joinKey !== undefined) book.fillsByJoin.set(joinKeyOf(facts), facts.fillKey);
  touched.fills.add(facts.fillKey);
  if (isReversed) return;

  const ledger = ledgerOf(book, facts.instrument, facts.leg);
  const changes = insertEntry(ledger, entryOfFill(specOf(book, facts.instrument), facts));
  const realized = realizedCash(book, ledger, changes, record.tsMs);
  move(book, [...realized, ...paidCash(book, facts, record.tsMs)], touched);
  changed(book, ledger.key, record.seq, touched);
  noteNew(book, ledger.key, facts);
  noteAhead(book, ledger.key, facts.timestamp, record);
  if (facts.orderKey === null) addOrphan(book, facts);
  else addFillToOrder(book, fill, touched);
}

function noteAhead(
  book: Book,
  key: PositionKey,
  atMs: number,
  { seq, tsMs }: Pick<JournalRecord, "seq" | "tsMs">,
) {
  if (atMs > tsMs + AHEAD_MS) book.datedAhead.set(key, seq);
}

function noteNew(book: Book, key: PositionKey, { isContained, timestamp }: Payloads["fill_recorded"]): void {
  if (isContained || timestamp >= (anchorOf(book, key)?.asOfMs ?? 0)) return;
  book.newFromMs.set(key, Math.min(timestamp, book.newFromMs.get(key) ?? timestamp));
}

/** What was paid for a fill; what it realised is realizedCash(). */
function paidCash(book: Book, facts: Payloads["fill_recorded"], nowMs: number): CashMove[] {
  if (facts.isContained) return [];
  const { fillKey: id, timestamp } = facts;
  const moves = cashMoves(specOf(book, facts.instrument), facts, ZERO);
  return moves.map(({ asset, delta }) => ({ id, asset, timestamp, delta, nowMs }));
}

/**
 * On margin what a fill realises is its cash, and whatever comes late before it changes that: each fill's change moves
 * money at that fill's own time. A ledger entry tells its money itself, and an estimate has none.
 */
function realizedCash(
  book: Book,
  ledger: BookLedger,
  changes: readonly RealizedChange[],
  nowMs: number,
): CashMove[] {
  const { settlement, quote } = specOf(book, ledger.instrument);
  if (settlement !== "margin" || quote === null) return [];
  return changes.flatMap(({ entry: { id, source, timestamp }, delta }) => {
    const fill = source === "fill" ? book.fills.get(id as FillKey) : undefined;
    return !fill || fill.facts.isContained ? [] : [{ id, asset: quote, timestamp, delta, nowMs }];
  });
}

/** Moves it; tells what the venue's statements had already, as far as anybody knows. */
function move(book: Book, cash: readonly CashMove[], touched: Touched): CashMove[] {
  return cash.filter((one) => {
    const moved = moveCash(book, one);
    if (moved === "counted") touched.balances.add(one.asset);
    return moved === "contained";
  });
}

function addFillToOrder(book: Book, fill: Fill, touched: Touched): void {
  const order = fill.orderKey === null ? undefined : book.orders.get(fill.orderKey);
  if (!order) return;
  bookOnOrder(book, order, fill.facts.qty, fill.facts.price);
  if (fill.facts.backs !== undefined) order.unbackedQty = subtract(order.unbackedQty, fill.facts.backs);
  touched.orders.add(order.orderKey);
}

function addOrphan(book: Book, facts: Payloads["fill_recorded"]): void {
  if (facts.venueOrderId === undefined) return;
  const ref = joinParts([facts.instrument, facts.venueOrderId]);
  book.orphans.set(ref, [...(book.orphans.get(ref) ?? []), facts.fillKey]);
}

/** Gives an order the fills that were there before it. */
export function adoptOrphans(book: Book, order: Order, touched: Touched): void {
  const ids = [...order.previousVenueOrderIds, ...(order.venueOrderId === null ? [] : [order.venueOrderId])];
  for (const id of ids) {
    const ref = joinParts([order.instrument, id]);
    for (const fillKey of book.orphans.get(ref) ?? []) {
      const fill = book.fills.get(fillKey);
      if (!fill || fill.isReversed) continue;
      fill.orderKey = order.orderKey;
      addFillToOrder(book, fill, touched);
      touched.fills.add(fillKey);
      relabel(book, fill, touched);
    }
    book.orphans.delete(ref);
  }
}

/** The life that it opened is called as its order is. */
function relabel(book: Book, { facts }: Fill, touched: Touched): void {
  const ledger = book.ledgersOf[facts.leg].get(facts.instrument);
  const life = ledger && lifeOfEntry(ledger, facts.fillKey);
  if (!ledger || life?.opener !== facts.fillKey) return;
  markChanged(ledger, life);
  touched.positions.add(ledger.key);
}

/**
 * Undoes what a fill did to its position, its order and the balances. Tells the cash that goes back of what the venue's
 * statements had already.
 */
function takeBack(
  book: Book,
  fill: Fill,
  { seq, tsMs }: Pick<JournalRecord, "seq" | "tsMs">,
  touched: Touched,
): CashMove[] {
  const { facts } = fill;
  const ledger = ledgerOf(book, facts.instrument, facts.leg);
  const realized = realizedCash(book, ledger, removeEntry(ledger, facts.fillKey), tsMs);
  changed(book, ledger.key, seq, touched);
  touched.fills.add(facts.fillKey);
  const order = fill.orderKey === null ? undefined : book.orders.get(fill.orderKey);
  if (order) {
    bookOnOrder(book, order, negate(facts.qty), facts.price);
    touched.orders.add(order.orderKey);
  }
  const paid = paidCash(book, facts, tsMs).map((one) => ({ ...one, delta: negate(one.delta) }));
  return move(book, [...realized, ...paid], touched);
}

export function applyReversal(book: Book, record: JournalRecordOf<"fill_reversed">, touched: Touched): void {
  const fill = book.fills.get(record.payload.fillKey);
  if (!fill || fill.isReversed) return;
  const contained = takeBack(book, fill, record, touched);
  fill.isReversed = true;
  fill.reversedSeq = record.seq;
  book.lastReversals.set(fill.facts.instrument, { atMs: record.tsMs, seq: record.seq });
  for (const asset of new Set(contained.map((one) => one.asset))) {
    const deltas = contained.flatMap((one) => (one.asset === asset ? [one.delta] : []));
    moveReversed(book, asset, fill.facts.fillKey, sum(deltas), record.tsMs);
  }
}

export function applyLedgerEntry(
  book: Book,
  { payload, seq, tsMs }: JournalRecordOf<"ledger_entry_recorded">,
  touched: Touched,
): void {
  if (book.ledgerIds.has(payload.id)) return;
  // The money of one that waited has been counted.
  if (!book.awaited.has(payload.id) && moveMoney(book, payload, tsMs)) {
    touched.balances.add(payload.asset ?? "");
  }
  if (payload.isAwaited) {
    const { isAwaited: _, strategy: __, ...row } = payload;
    book.awaited.set(payload.id, { row, sinceMs: tsMs });
    return;
  }
  book.awaited.delete(payload.id);
  book.ledgerIds.add(payload.id);
  if (payload.instrument === undefined || payload.qtyDelta === undefined) return;
  const leg = payload.leg ?? "net";
  const ledger = ledgerOf(book, payload.instrument, leg);
  const entry = entryOfLedgerRow({ ...payload, qtyDelta: payload.qtyDelta }, payload.strategy);
  const changes = insertEntry(ledger, entry);
  move(book, realizedCash(book, ledger, changes, tsMs), touched);
  changed(book, ledger.key, seq, touched);
  noteAhead(book, ledger.key, payload.timestamp, { seq, tsMs });
}

export function applyAdjustment(
  book: Book,
  { payload, seq, tsMs }: JournalRecordOf<"adjustment_inferred">,
  touched: Touched,
): void {
  if (payload.subject === "balance") {
    anchorBalance(book, payload, tsMs);
    touched.balances.add(payload.asset);
    return;
  }
  if (book.adjustments.has(payload.adjustmentId)) return;
  markInOpening(book, payload.gaveWayTo);
  book.adjustments.set(payload.adjustmentId, {
    facts: payload,
    seq,
    remaining: payload.qtyDelta,
    price: payload.price,
  });
  const ledger = ledgerOf(book, payload.instrument, payload.leg);
  const { key } = ledger;
  const changes = insertEntry(ledger, entryOfAdjustment(payload));
  move(book, realizedCash(book, ledger, changes, tsMs), touched);
  changed(book, key, seq, touched);
  addEstimateToOrder(book, payload, payload.qtyDelta, touched);
  if (payload.metadata) {
    const note = { entryId: payload.adjustmentId, source: "seed", fields: payload.metadata, tsMs };
    book.notes.set(key, [...(book.notes.get(key) ?? []), note]);
    touched.notes.add(key);
  }
}

export function applyReplacement(
  book: Book,
  { payload, seq, tsMs }: JournalRecordOf<"adjustment_replaced">,
  touched: Touched,
): void {
  const open = book.adjustments.get(payload.adjustmentId);
  if (!open) return;
  markInOpening(book, payload.gaveWayTo);
  const ledger = ledgerOf(book, payload.instrument, payload.leg);
  const changes = [...removeEntry(ledger, payload.adjustmentId)];
  addEstimateToOrder(book, open.facts, subtract(payload.qtyDelta, open.remaining), touched);
  if (isZero(payload.qtyDelta)) {
    book.adjustments.delete(payload.adjustmentId);
    book.successors.set(payload.adjustmentId, payload.by);
    if (!book.predecessors.has(payload.by)) book.predecessors.set(payload.by, payload.adjustmentId);
  } else {
    open.remaining = payload.qtyDelta;
    open.price = payload.price;
    const left = entryOfAdjustment({ ...open.facts, qtyDelta: payload.qtyDelta, price: payload.price });
    changes.push(...insertEntry(ledger, left));
  }
  followReplacement(ledger, open.facts.asOfMs, payload.by);
  move(book, realizedCash(book, ledger, changes, tsMs), touched);
  changed(book, ledger.key, seq, touched);
}

export function applyReattribution(
  book: Book,
  { payload, seq }: JournalRecordOf<"lot_reattributed">,
  touched: Touched,
): void {
  const { reattributionId: id, instrument, leg, from, to, qty, asOfMs: timestamp } = payload;
  const ledger = ledgerOf(book, instrument, leg);
  addReattribution(ledger, { id, timestamp, from, to, qty });
  changed(book, ledger.key, seq, touched);
}

function markInOpening(book: Book, fillKeys: readonly FillKey[] = []): void {
  for (const fillKey of fillKeys) {
    const fill = book.fills.get(fillKey);
    if (fill) fill.isInOpening = true;
  }
}

/** An order's unreported fill counts on the order as well, by quantity whatever its side. */
function addEstimateToOrder(
  book: Book,
  facts: PositionAdjustment,
  delta: PositionAdjustment["qtyDelta"],
  touched: Touched,
): void {
  const order = facts.orderKey === null ? undefined : book.orders.get(facts.orderKey);
  if (!order) return;
  const qty = order.side === "sell" ? negate(delta) : delta;
  bookOnOrder(book, order, qty, facts.price);
  touched.orders.add(order.orderKey);
}

/** @param qty Signed: a negative one is taken back. */
function bookOnOrder(book: Book, order: Order, qty: Decimal, price: Decimal | null = null): void {
  const payoff = payoffOf(specOf(book, order.instrument));
  addToOrder(order, qty, worthAt(payoff, qty, price), payoff);
}

/** What is booked on the instrument's orders is valued again, by another payoff. */
export function valueOrdersAgain(book: Book, instrument: string, touched: Touched): void {
  const orders = [...book.orders.values()].filter((order) => order.instrument === instrument);
  if (orders.length === 0) return;
  for (const order of orders) {
    Object.assign(order, { fillsQty: ZERO, fillsValue: ZERO });
    touched.orders.add(order.orderKey);
  }
  for (const { facts, orderKey, isReversed } of book.fills.values()) {
    const order = orderKey === null || isReversed ? undefined : book.orders.get(orderKey);
    if (order?.instrument === instrument) bookOnOrder(book, order, facts.qty, facts.price);
  }
  for (const { facts, remaining } of book.adjustments.values()) {
    if (facts.instrument === instrument) addEstimateToOrder(book, facts, remaining, touched);
  }
}

export function joinKeyOf(facts: {
  readonly instrument: string;
  readonly venueOrderId?: string;
  readonly joinKey?: string;
  readonly side: string;
}): string {
  return joinParts([facts.instrument, facts.venueOrderId ?? "", facts.joinKey ?? "", facts.side]);
}

function ledgerOf(book: Book, instrument: string, leg: Payloads["fill_recorded"]["leg"]): BookLedger {
  const known = book.ledgersOf[leg].get(instrument);
  return known ?? addLedger(book, instrument, leg, termsOf(specOf(book, instrument)));
}

export function specOf(book: Book, instrument: string): Instrument {
  return book.instruments.get(instrument) ?? instrumentOf(instrument);
}

function changed(book: Book, key: PositionKey, seq: number, touched: Touched): void {
  book.lastChange.set(key, seq);
  touched.positions.add(key);
}

function entryOfAdjustment(facts: PositionAdjustment): Entry {
  return {
    id: facts.adjustmentId,
    source: facts.basis === "opening" ? "opening" : "adjustment",
    timestamp: facts.asOfMs,
    venueSeq: facts.venueSeq,
    qtyDelta: facts.qtyDelta,
    value: facts.price === null ? null : fillValue({ qty: facts.qtyDelta, price: facts.price }),
    price: facts.price,
    strategy: facts.strategy,
    isEstimate: true,
    cause: facts.cause,
    orderKey: facts.orderKey,
  };
}
