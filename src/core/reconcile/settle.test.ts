// What is in flight for a read: what it may lack, to the millisecond.
import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyBook } from "../book/book.ts";
import { applyRecord } from "../book/fold.ts";
import { decimal, ZERO } from "../decimal.ts";
import type { OrderRow } from "../facts.ts";
import { fillKeyOf, orderKeyOfVenueId } from "../keys.ts";
import { draft, type JournalRecord } from "../records.ts";
import { UNATTRIBUTED } from "../words.ts";
import { instrumentsFilledLate, instrumentsInFlight } from "./settle.ts";

const LAG_MS = 200;
const READ_MS = 10_000;

/** A book with one fill of X, of this venue time. */
function bookWith(timestamp: number) {
  const book = emptyBook("test");
  const facts = {
    instrument: "X",
    leg: "net",
    tradeId: "T-1",
    venueOrderId: "V-1",
    side: "buy",
    qty: decimal("1"),
    price: decimal("5"),
    timestamp,
    fillKey: fillKeyOf("X", "V-1", "T-1", "buy"),
    orderKey: null,
    strategy: UNATTRIBUTED,
    cause: null,
    source: "stream",
    isProvisional: false,
  } as const;
  const place = { account: "test", seq: 1, tsMs: READ_MS, v: 1 };
  applyRecord(book, { ...draft("fill_recorded", facts, "test"), ...place } as JournalRecord);
  return book;
}

test("[R3] a fill of the very millisecond in which a read began is in flight: the answer may lack it (seed 3686869064)", () => {
  const inFlight = (timestamp: number, lagMs: number) =>
    instrumentsInFlight(bookWith(timestamp), READ_MS, lagMs).has("X");
  assert.deepEqual(
    [inFlight(READ_MS - 1, 0), inFlight(READ_MS, 0), inFlight(READ_MS + 1, 0)],
    [false, true, true],
  );
  assert.deepEqual(
    [inFlight(READ_MS - LAG_MS - 1, LAG_MS), inFlight(READ_MS - LAG_MS, LAG_MS)],
    [false, true],
  );
});

test("[R3] an order that shows more filled than was told, by a change since the read began, is in flight (seed 960000198)", () => {
  const book = emptyBook("test");
  const payload = {
    orderKey: orderKeyOfVenueId("X", "V-1"),
    instrument: "X",
    change: { venueOrderId: "V-1", status: "open", side: "buy", qty: decimal("9") },
    source: "venue",
  } as const;
  const place = { account: "test", seq: 1, tsMs: READ_MS, v: 1 };
  applyRecord(book, { ...draft("order_state_observed", payload, "test"), ...place } as JournalRecord);
  const isLate = (more: Partial<OrderRow>) => {
    const row: OrderRow = {
      instrument: "X",
      venueOrderId: "V-1",
      side: "buy",
      qty: decimal("9"),
      filledQty: decimal("9"),
      avgPrice: decimal("38"),
      status: "filled",
      updatedAt: READ_MS,
      ...more,
    };
    return instrumentsFilledLate(book, [row], READ_MS, LAG_MS).has("X");
  };
  assert.deepEqual([isLate({}), isLate({ updatedAt: READ_MS - LAG_MS })], [true, true]);
  assert.deepEqual(
    [isLate({ updatedAt: READ_MS - LAG_MS - 1 }), isLate({ filledQty: ZERO })],
    [false, false],
  );
  assert.equal(isLate({ venueOrderId: "V-2" }), false);
});
