// Ledger entries that come long after what they did: counted once, whatever their date says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Book, emptyBook } from "../book/book.ts";
import { applyRecord } from "../book/fold.ts";
import { positionQty, positionView } from "../book/positions.ts";
import { type Decimal, decimal } from "../decimal.ts";
import type { LedgerRow } from "../facts.ts";
import { positionKey } from "../keys.ts";
import { type Draft, draft, type JournalRecord, type PositionAdjustment } from "../records.ts";
import { decideLedgerEntry } from "./ledger-entries.ts";

const COIN = positionKey("BTC/USD", "net");

function enter(book: Book, drafts: readonly Draft[]): void {
  for (const one of drafts) {
    applyRecord(book, { ...one, account: "test", seq: book.seq + 1, tsMs: 1, v: 1 } as JournalRecord);
  }
}

function adjustment(id: string, basis: PositionAdjustment["basis"], qty: string): Draft {
  return draft(
    "adjustment_inferred",
    {
      subject: "position",
      adjustmentId: id,
      basis,
      instrument: "BTC/USD",
      leg: "net",
      qtyDelta: decimal(qty),
      price: decimal("100"),
      priceSource: "last_price",
      asOfMs: 5_000,
      venueSeq: 0,
      qtyBefore: decimal("0"),
      qtyAfter: decimal(qty),
      cause: null,
      strategy: "unattributed",
      orderKey: null,
    },
    "test",
  );
}

/** A fee in kind, dated at the end of its day: after the estimate that stands for it. */
const FEE: LedgerRow = {
  id: "CFEE-1",
  cause: "fee",
  timestamp: 86_400_000,
  instrument: "BTC/USD",
  qtyDelta: decimal("-0.001"),
};

function decide(book: Book, row: LedgerRow, venue: string | undefined): void {
  const venueQty = (): Decimal | undefined => (venue === undefined ? undefined : decimal(venue));
  enter(book, decideLedgerEntry(row, { book, lagMs: 0, causeId: "test", venueQty }).drafts);
}

test("[R8] a late fee in kind takes the place of the estimate that stood for it: quantity does not change twice", () => {
  const book = emptyBook("test");
  enter(book, [adjustment("opening", "opening", "1"), adjustment("est", "estimate", "-0.001")]);
  decide(book, FEE, "0.999");
  assert.equal(positionQty(book, COIN), "0.999");
  assert.equal(book.adjustments.has("est"), false);
});

test("an entry that the venue's quantity asks for is booked", () => {
  const book = emptyBook("test");
  enter(book, [adjustment("opening", "opening", "1")]);
  decide(book, FEE, "0.999");
  assert.equal(positionQty(book, COIN), "0.999");
  decide(book, FEE, "0.999");
  assert.equal(positionQty(book, COIN), "0.999");
});

test("an entry that nothing stands for, on a quantity that is the venue's already, moves only money", () => {
  const book = emptyBook("test");
  enter(book, [adjustment("opening", "opening", "0.999")]);
  decide(book, { ...FEE, asset: "USD", amount: decimal("-1") }, "0.999");
  assert.equal(positionQty(book, COIN), "0.999");
  assert.equal(book.balances.get("USD")?.moves[0]?.delta, "-1");
});

test("where the venue does not say, the entry counts", () => {
  const book = emptyBook("test");
  enter(book, [adjustment("opening", "opening", "1")]);
  decide(book, FEE, undefined);
  assert.equal(positionQty(book, COIN), "0.999");
  assert.equal(positionView(book, COIN)?.qty, "0.999");
});
