// The fold: the only writer of the book. Each record changes it in one way, whatever came before; two folds of
// the same records are equal, and fills may come in any order.
import { isZero } from "../decimal.ts";
import { BOOK, slotOf } from "../discrepancy.ts";
import { type Gate, stateOf } from "../gate.ts";
import { type FillKey, positionKey } from "../keys.ts";
import { lifeOfEntry, markChanged } from "../ledger/ledger.ts";
import type { JournalRecord, JournalRecordOf, Payloads } from "../records.ts";
import { LEGS } from "../words.ts";
import { type Book, type HistoryGap, type Order, undoneKey } from "./book.ts";
import { applyArmed, applyDisarmed, applyPlan, applyTrailed, applyTriggered } from "./fold-exits.ts";
import { applyInstrument } from "./fold-instrument.ts";
import { applyIntent, applySent, endAmendment } from "./fold-intents.ts";
import {
  adoptOrphans,
  applyAdjustment,
  applyFill,
  applyLedgerEntry,
  applyReattribution,
  applyReplacement,
  applyReversal,
} from "./fold-positions.ts";
import { changeOrder, isActive, newOrder } from "./orders.ts";
import { isAsLeft, noteLeft } from "./returns.ts";
import { nothingTouched, type Touched } from "./touched.ts";

/** Applies one record. `touched` collects what it changed. */
export function applyRecord(book: Book, record: JournalRecord, touched: Touched = nothingTouched()): void {
  book.seq = record.seq;
  book.lastTsMs = record.tsMs;
  switch (record.kind) {
    case "instrument_observed":
      applyInstrument(book, record, touched);
      break;
    case "observation_recorded":
      applyObservation(book, record.payload);
      break;
    case "account_anchored":
      applyAnchor(book, record.payload, record.seq);
      break;
    case "intent_recorded":
      applyIntent(book, record, touched);
      break;
    case "order_sent":
      applySent(book, record, touched);
      break;
    case "order_state_observed":
      applyOrderState(book, record, touched);
      break;
    case "fill_recorded":
      applyFill(book, record, touched);
      break;
    case "fill_reversed":
      applyReversal(book, record, touched);
      break;
    case "ledger_entry_recorded":
      applyLedgerEntry(book, record, touched);
      break;
    case "adjustment_inferred":
      applyAdjustment(book, record, touched);
      break;
    case "adjustment_replaced":
      applyReplacement(book, record, touched);
      break;
    case "lot_reattributed":
      applyReattribution(book, record, touched);
      break;
    case "discrepancy_opened":
    case "discrepancy_changed":
    case "discrepancy_closed":
      applyDiscrepancy(book, record, touched);
      break;
    case "gate_changed":
      applyGate(book, record.payload);
      break;
    case "kill_engaged":
      // Killed again, what was armed since is not let through.
      if (book.kill === null) {
        for (const { facts } of book.exits.values()) book.exitsBeforeKill.add(facts.exitId);
      }
      book.kill = record.payload;
      book.killSeq = record.seq;
      break;
    case "kill_released":
      book.kill = null;
      book.killSeq = null;
      book.exitsBeforeKill.clear();
      break;
    case "note_set":
      applyNote(book, record, touched);
      break;
    case "exit_plan_set":
      applyPlan(book, record);
      break;
    case "exit_armed":
      applyArmed(book, record, touched);
      break;
    case "exit_trailed":
      applyTrailed(book, record, touched);
      break;
    case "exit_triggered":
      applyTriggered(book, record, touched);
      break;
    case "exit_disarmed":
      applyDisarmed(book, record, touched);
      break;
    case "pass_finished":
      book.lastPass = record.payload;
      closeGap(book, record.payload);
      touched.passes.push({ seq: record.seq, pass: record.payload });
      break;
    case "mirror_write_intended":
      book.mirrorIntents.set(record.payload.mirror, record.payload);
      break;
    case "mirror_write_dropped":
      endIntent(book, record.payload);
      break;
    case "mirror_written":
      applyMirrorWrite(book, record, touched);
      break;
    case "repair_undone":
      applyUndo(book, record, touched);
      break;
    case "watch_ended":
      book.undone.delete(
        undoneKey(record.payload.of, positionKey(record.payload.instrument, record.payload.leg)),
      );
      break;
    case "plan_applied":
      book.appliedPlans.set(record.payload.planId, record.tsMs);
      break;
    case "alert_raised":
      applyAlert(book, record.payload);
      break;
    case "flatten_started":
      book.flattenings.set(record.payload.planId, {
        startedAtMs: record.tsMs,
        by: record.payload.by,
        result: null,
      });
      break;
    case "flatten_finished":
      endFlattening(book, record.payload);
      break;
    case "plan_verified":
    case "repair_applied":
      break;
  }
}

/** The first result counts. */
function endFlattening(book: Book, result: Payloads["flatten_finished"]): void {
  const known = book.flattenings.get(result.planId);
  if (known?.result === null) book.flattenings.set(result.planId, { ...known, result });
}

function applyObservation(book: Book, facts: Payloads["observation_recorded"]): void {
  if (facts.venueAccountId !== undefined) book.venueAccountId ??= facts.venueAccountId;
  for (const [name, section] of Object.entries(facts.sections)) {
    if (!section) continue;
    const known = book.sections.get(name as "positions");
    // How far the history is proven does not become less by an answer that proves nothing.
    const coverage = section.coverage ?? known?.coverage;
    const { gap, ...rest } = section;
    book.sections.set(name as "positions", {
      ...rest,
      ...(coverage && { coverage }),
      asOfMs: facts.startedAtMs,
    });
    if (gap) applyGap(book, { ...gap, seenAtMs: facts.startedAtMs });
  }
}

/** What is known of every open order may lack a fill from here on, until the venue shows it again. */
function applyGap(book: Book, gap: HistoryGap): void {
  const fromMs = Math.min(gap.fromMs, book.historyGap?.fromMs ?? gap.fromMs);
  book.historyGap = { ...gap, fromMs };
  for (const order of book.orders.values()) if (isActive(order)) order.unheardSinceMs ??= gap.fromMs;
}

/** Once every position was read and compared, what the gap did is in the book, or open as a difference. */
function closeGap(book: Book, { isComplete, startedAtMs, summaries }: Payloads["pass_finished"]): void {
  const gap = book.historyGap;
  const ofBook = summaries.find(({ of }) => of === BOOK);
  // A pass from before the gap was seen may be written down later.
  if (gap && isComplete && startedAtMs >= gap.seenAtMs && ofBook?.inFlight === 0) book.historyGap = null;
}

function applyAnchor(book: Book, facts: Payloads["account_anchored"], seq: number): void {
  const anchor = { ...facts.anchor, seq };
  if (facts.keys === undefined) {
    book.accountAnchor = anchor;
    book.newFromMs.clear();
    for (const key of facts.except ?? []) book.unanchored.add(key);
    return;
  }
  for (const key of facts.keys) {
    book.keyAnchors.set(key, anchor);
    book.newFromMs.delete(key);
    book.unanchored.delete(key);
  }
}

function applyOrderState(
  book: Book,
  record: JournalRecordOf<"order_state_observed">,
  touched: Touched,
): void {
  const { payload, tsMs } = record;
  const order = book.orders.get(payload.orderKey) ?? newOrder(payload.orderKey, payload.instrument, tsMs);
  book.orders.set(payload.orderKey, order);
  const before = order.amendment && { ...order };
  const parent = order.parentVenueOrderId;
  changeOrder(book, order, payload.change, payload.source);
  if (before && order.amendment === null) endAmendment(book, order, before, record);
  adoptOrphans(book, order, touched);
  if (order.parentVenueOrderId !== parent) touchLives(book, order, touched);
  touched.orders.add(payload.orderKey);
}

/** Whose exit an order is tells why the lives ended that its fills closed, also those that were told before. */
function touchLives(book: Book, { instrument, fillsQty }: Order, touched: Touched): void {
  if (isZero(fillsQty)) return;
  for (const leg of LEGS) {
    const ledger = book.ledgersOf[leg].get(instrument);
    if (!ledger) continue;
    ledger.changedFrom = 0;
    touched.positions.add(ledger.key);
  }
}

function applyDiscrepancy(
  book: Book,
  { kind, payload }: JournalRecordOf<"discrepancy_opened" | "discrepancy_changed" | "discrepancy_closed">,
  touched: Touched,
): void {
  touched.discrepancies.add(payload.id);
  const slot = slotOf(payload.of, payload.kind, payload.subject);
  if (kind !== "discrepancy_closed") {
    book.discrepancies.set(payload.id, payload);
    book.openSlots.set(slot, payload.id);
    return;
  }
  book.discrepancies.delete(payload.id);
  book.openSlots.delete(slot);
  if (payload.resolution !== "repaired") return;
  const nowMs = payload.closedMs ?? payload.lastSeenMs;
  const known = book.repairsBySlot.get(slot);
  const isReturn =
    known !== undefined && nowMs - known.lastMs <= RETURN_WINDOW_MS && !isAsLeft(book, payload);
  noteLeft(book, payload);
  book.repairsBySlot.set(slot, { count: isReturn ? known.count + 1 : 1, lastMs: nowMs });
}

/** What was repaired and comes back within this time has returned; later it is a new matter. In ms. */
const RETURN_WINDOW_MS = 3_600_000;

function applyMirrorWrite(
  book: Book,
  { payload, tsMs }: JournalRecordOf<"mirror_written">,
  touched: Touched,
): void {
  endIntent(book, payload);
  for (const row of payload.rows) {
    if (row.claim === undefined) continue;
    const key = positionKey(row.instrument, row.leg);
    const { repairId } = row;
    const removed = {
      mirror: payload.mirror,
      removedAtMs: tsMs,
      ...(repairId !== undefined && { repairId }),
    };
    const claim = { ...row.claim, ...removed };
    book.claims.set(key, [...(book.claims.get(key) ?? []), claim]);
    touched.claims.add(key);
  }
}

function endIntent(
  book: Book,
  { mirror, writeId }: { readonly mirror: string; readonly writeId?: string },
): void {
  if (book.mirrorIntents.get(mirror)?.writeId === writeId) book.mirrorIntents.delete(mirror);
}

/** The row is there again: it has not ended, and what the pass found wrong in it is left to the person. */
function applyUndo(book: Book, { payload, tsMs }: JournalRecordOf<"repair_undone">, touched: Touched): void {
  const { repairId, of, instrument, leg, watch, by } = payload;
  if (instrument === null || leg === null) return;
  const key = positionKey(instrument, leg);
  if (watch !== null) book.undone.set(undoneKey(of, key), { of, key, repairId, watch, by, sinceMs: tsMs });
  const claims = book.claims.get(key);
  if (!claims?.some((claim) => claim.repairId === repairId)) return;
  book.claims.set(
    key,
    claims.map((claim) => (claim.repairId === repairId ? { ...claim, isUndone: true } : claim)),
  );
  touched.claims.add(key);
}

/** Of what was told only what is still held needs to be known: then it is not told again. */
function applyAlert(book: Book, { evidence }: Payloads["alert_raised"]): void {
  const entries = evidence.filter((id) => isHeldBy(book, id));
  if (entries.length === 0) return;
  for (const id of book.toldExposure) if (!isHeldBy(book, id)) book.toldExposure.delete(id);
  for (const id of entries) book.toldExposure.add(id);
}

function isHeldBy(book: Book, entryId: string): boolean {
  const facts = book.fills.get(entryId as FillKey)?.facts ?? book.adjustments.get(entryId)?.facts;
  const ledger = facts && book.ledgersOf[facts.leg].get(facts.instrument);
  return ledger !== undefined && !isZero(ledger.holding.qty);
}

function applyGate(book: Book, facts: Payloads["gate_changed"]): void {
  if (facts.scope.type === "account") {
    book.gate = { ...book.gate, account: facts.reasons };
    return;
  }
  // In place: a pass may change thousands of instruments, and copying all for each would take for ever.
  const instruments = book.gate.instruments as Record<string, Gate["instruments"][string]>;
  if (stateOf(facts.reasons) === "open") delete instruments[facts.scope.instrument];
  else instruments[facts.scope.instrument] = facts.reasons;
}

function applyNote(book: Book, { payload, tsMs }: JournalRecordOf<"note_set">, touched: Touched): void {
  const ledger = book.ledgersOf[payload.leg].get(payload.instrument);
  const key = ledger?.key ?? positionKey(payload.instrument, payload.leg);
  const { entryId, source, fields } = payload;
  // A source's later note takes the place of its earlier one on the same entry.
  const others = (book.notes.get(key) ?? []).filter(
    (note) => note.entryId !== entryId || note.source !== source,
  );
  book.notes.set(key, [...others, { entryId, source, fields, tsMs }]);
  const life = ledger && lifeOfEntry(ledger, book.successors.get(entryId) ?? entryId);
  if (ledger && life) markChanged(ledger, life);
  touched.notes.add(key);
  touched.positions.add(key);
}
