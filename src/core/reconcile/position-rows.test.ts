// Both sides side by side, remembered within a read: what was found to agree is looked at again once the book moved.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Book, emptyBook } from "../book/book.ts";
import { applyRecord } from "../book/fold.ts";
import { CAPABILITIES_DEFAULT } from "../capabilities.ts";
import { decimal } from "../decimal.ts";
import type { PositionRow } from "../facts.ts";
import { fillKeyOf } from "../keys.ts";
import { POLICY_DEFAULT } from "../policy.ts";
import { type Draft, draft, type JournalRecord } from "../records.ts";
import { UNATTRIBUTED } from "../words.ts";
import type { PassContext } from "./context.ts";
import { reconcilePositions } from "./positions.ts";

const NOTHING_ABSENT = { witnesses: new Map(), unwitnessed: [], missing: "" };

function enter(book: Book, one: Draft): void {
  const place = { account: book.account, seq: book.seq + 1, tsMs: book.seq + 1, v: 1 };
  applyRecord(book, { ...one, ...place } as JournalRecord);
}

function bought(instrument: string, tradeId: string, qty: string): Draft {
  const fillKey = fillKeyOf(instrument, "V", tradeId, "buy");
  return draft(
    "fill_recorded",
    {
      instrument,
      leg: "net",
      tradeId,
      venueOrderId: "V",
      side: "buy",
      qty: decimal(qty),
      price: decimal("10"),
      timestamp: 1,
      fillKey,
      orderKey: null,
      strategy: UNATTRIBUTED,
      cause: null,
      source: "venue",
      isProvisional: false,
    },
    "test",
  );
}

function row(instrument: string, qty: string, entryPrice = "10"): PositionRow {
  return { instrument, leg: "net", qty: decimal(qty), entryPrice: decimal(entryPrice) };
}

function contextOf(book: Book, rows: readonly PositionRow[], more: Partial<PassContext> = {}): PassContext {
  return {
    book,
    policy: POLICY_DEFAULT,
    capabilities: CAPABILITIES_DEFAULT,
    positionMode: "net",
    observation: { startedAtMs: 100, finishedAtMs: 100, positions: { quality: "complete", rows } },
    positionLookups: new Map(),
    orderLookups: new Map(),
    lastPrices: new Map(),
    sending: new Set(),
    inFlight: new Set(),
    qtyBefore: new Map(),
    news: new Map(),
    isForced: false,
    nowMs: 100,
    causeId: "test",
    ...more,
  };
}

function found(context: PassContext): string[] {
  const { sighted } = reconcilePositions(context, NOTHING_ABSENT);
  return sighted.map(({ discrepancy: { kind, localQty, venueQty } }) => `${kind} ${localQty} ${venueQty}`);
}

test("what agreed is compared again once the book has moved, and only what moved differs", () => {
  const book = emptyBook("test");
  for (const instrument of ["B", "A"]) enter(book, bought(instrument, "T1", "5"));
  const context = contextOf(book, [row("A", "5"), row("B", "5")]);
  assert.deepEqual(found(context), []);
  assert.deepEqual(found(context), []);
  enter(book, bought("A", "T2", "2"));
  assert.deepEqual(found(context), ["position_mismatch 7 5"]);
  enter(book, draft("fill_reversed", { fillKey: fillKeyOf("A", "V", "T2", "buy"), reason: "bust" }, "test"));
  assert.deepEqual(found(context), []);
  enter(book, bought("C", "T1", "1"));
  assert.deepEqual(found(context), ["phantom_position 1 0"]);
});

test("differences are told in the order of their keys, whatever order either side has", () => {
  const book = emptyBook("test");
  for (const instrument of ["C", "A"]) enter(book, bought(instrument, "T1", "5"));
  const rows = [row("D", "1"), row("C", "4"), row("B", "2"), row("A", "3")];
  const kinds = found(contextOf(book, rows));
  assert.deepEqual(kinds, [
    "position_mismatch 5 3",
    "missing_position 0 2",
    "position_mismatch 5 4",
    "missing_position 0 1",
  ]);
  assert.deepEqual(found(contextOf(book, [...rows].reverse())), kinds);
});

test("the same rows beside another book, or under another tolerance, are compared afresh", () => {
  const rows = [row("A", "5", "10.5")];
  const first = emptyBook("test");
  enter(first, bought("A", "T1", "5"));
  const lax = { ...POLICY_DEFAULT, entryPriceToleranceRatio: decimal("0.5") };
  assert.deepEqual(found(contextOf(first, rows, { policy: lax })), []);
  assert.deepEqual(found(contextOf(first, rows)), ["entry_price_mismatch 5 5"]);
  const second = emptyBook("test");
  enter(second, bought("A", "T1", "6"));
  assert.deepEqual(found(contextOf(second, rows)), ["position_mismatch 6 5"]);
});
