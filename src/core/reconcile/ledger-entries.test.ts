// Ledger entries that come long after what they did: counted once, whatever their date says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Book, emptyBook } from "../book/book.ts";
import { applyRecord } from "../book/fold.ts";
import { historyViews, positionQty, positionView } from "../book/positions.ts";
import { fromState, toState } from "../book/state.ts";
import { type Decimal, decimal } from "../decimal.ts";
import type { LedgerRow } from "../facts.ts";
import { positionKey } from "../keys.ts";
import { type Draft, draft, type JournalRecord, type PositionAdjustment } from "../records.ts";
import { AWAITED_MS_MAX, decideLedgerEntry, undecidedEntries } from "./ledger-entries.ts";
import { anchorKey } from "./opening.ts";

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

const ANCHORED_MS = 1_000;

/** Something is held, and it is known since when. */
function holding(qty: string, ...more: readonly Draft[]): Book {
  const book = emptyBook("test");
  const anchor = { asOfMs: ANCHORED_MS, isWitnessed: true };
  enter(book, [
    adjustment("opening", "opening", qty),
    draft("account_anchored", { anchor }, "test"),
    ...more,
  ]);
  return book;
}

/** A fee in kind, dated at the end of its day: after the estimate that stands for it. */
const FEE: LedgerRow = {
  id: "CFEE-1",
  cause: "fee",
  timestamp: 86_400_000,
  instrument: "BTC/USD",
  qtyDelta: decimal("-0.001"),
};

const SPLIT: LedgerRow = {
  id: "SPLIT-1",
  cause: "split",
  timestamp: 2_000,
  instrument: "BTC/USD",
  qtyDelta: decimal("10"),
};

const NOW_MS = 100_000_000;

/** One pass: whatever is undecided is decided. Gives what it explains. */
function decide(book: Book, rows: readonly LedgerRow[], venue: string | undefined, nowMs = NOW_MS): string[] {
  const venueQty = (): Decimal | undefined => (venue === undefined ? undefined : decimal(venue));
  const undecided = undecidedEntries(book, rows);
  return undecided.flatMap((row) => {
    const context = { book, lagMs: 0, nowMs, causeId: "test", venueQty, undecided };
    const { drafts, key } = decideLedgerEntry(row, context);
    enter(book, drafts);
    return key ? [row.id] : [];
  });
}

function held(book: Book): unknown[] {
  const view = positionView(book, COIN);
  return [view?.qty, view?.costBasis];
}

test("[R8][E13] a late fee in kind takes the place of the estimate that stood for it: quantity does not change twice", () => {
  const book = holding("1", adjustment("est", "estimate", "-0.001"));
  decide(book, [FEE], "0.999");
  assert.equal(positionQty(book, COIN), "0.999");
  assert.equal(book.adjustments.has("est"), false);
});

test("an entry that the venue's quantity asks for is booked, once", () => {
  const book = holding("1");
  assert.deepEqual(decide(book, [FEE], "0.999"), ["CFEE-1"]);
  assert.equal(positionQty(book, COIN), "0.999");
  assert.deepEqual(decide(book, [FEE], "0.999"), []);
  assert.equal(positionQty(book, COIN), "0.999");
});

test("[R8] an entry that the venue's quantity does not have yet moves only money, and waits", () => {
  const book = holding("10");
  const paid = { ...SPLIT, asset: "USD", amount: decimal("-1") };
  assert.deepEqual(decide(book, [paid], "10"), []);
  assert.deepEqual(held(book), ["10", "1000"]);
  // The history may not list it again.
  assert.deepEqual(decide(book, [], "10"), []);
  assert.deepEqual(decide(book, [], undefined), []);
  assert.deepEqual(decide(book, [], "20"), ["SPLIT-1"]);
  assert.deepEqual(held(book), ["20", "1000"]);
  assert.deepEqual(
    book.balances.get("USD")?.moves.map(({ delta }) => delta),
    ["-1"],
  );
});

test("[R8] a book in which an entry waits is the same after a checkpoint", () => {
  const book = holding("10");
  decide(book, [SPLIT], "10");
  const restored = fromState(JSON.parse(JSON.stringify(toState(book))));
  decide(restored, [], "20");
  assert.deepEqual(held(restored), ["20", "1000"]);
});

test("[R8] an entry that waits takes the place of the estimate that was made meanwhile", () => {
  const book = holding("10");
  decide(book, [SPLIT], "10");
  enter(book, [adjustment("est", "estimate", "10")]);
  assert.deepEqual(decide(book, [], "20"), ["SPLIT-1"]);
  assert.deepEqual(held(book), ["20", "1000"]);
});

test("[R8] what the position has not followed within a week was in it before", () => {
  const book = holding("10");
  decide(book, [SPLIT], "10");
  assert.deepEqual(decide(book, [], "10", NOW_MS + AWAITED_MS_MAX + 1), []);
  assert.equal(book.awaited.size, 0);
  assert.deepEqual(decide(book, [SPLIT], "20", NOW_MS + AWAITED_MS_MAX + 2), []);
  assert.deepEqual(held(book), ["10", "1000"]);
});

test("[R8] an entry that waits does not follow another change of the quantity", () => {
  const book = holding("10");
  decide(book, [SPLIT], "10");
  assert.deepEqual(decide(book, [], "13"), []);
  assert.equal(positionQty(book, COIN), "10");
});

test("[R8] of two entries that are told together each is booked, whichever way they point", () => {
  const book = holding("10");
  decide(book, [SPLIT, FEE], "10");
  decide(book, [], "19.999");
  decide(book, [], "19.999");
  assert.deepEqual(held(book), ["19.999", "999.95"]);
});

test("[R8] a split and what has closed all of it since are booked together, and neither without the other (seed 978000187)", () => {
  const settled = (qty: string): LedgerRow => ({
    ...SPLIT,
    id: "SETTLED-1",
    cause: "settlement",
    timestamp: 3_000,
    qtyDelta: decimal(qty),
    price: decimal("10"),
  });
  const book = holding("1");
  assert.deepEqual(decide(book, [SPLIT, settled("-11")], "0"), ["SPLIT-1", "SETTLED-1"]);
  assert.deepEqual([positionQty(book, COIN), historyViews(book, COIN)[0]?.realizedPnl], ["0", "10"]);
  const other = holding("1");
  assert.deepEqual(decide(other, [SPLIT, settled("-11")], "0.5"), []);
  assert.deepEqual(decide(other, [], "1"), []);
  assert.equal(positionQty(other, COIN), "1");
});

test("[R1] absence does not say that a quantity has an entry: where no row does, the entry counts", () => {
  const book = holding("1");
  decide(book, [FEE], undefined);
  assert.equal(positionQty(book, COIN), "0.999");
});

test("[R1] an entry that waits and ends what is held needs no row to end it", () => {
  const book = holding("10");
  const expiry: LedgerRow = { ...SPLIT, id: "EXP-1", cause: "expiry", qtyDelta: decimal("-10") };
  decide(book, [expiry], "10");
  assert.deepEqual(decide(book, [], undefined), ["EXP-1"]);
  assert.equal(positionQty(book, COIN), "0");
});

test("[R8] a date before the anchor is no more than a date: the estimate of exactly that quantity gives way", () => {
  const book = holding("10", adjustment("est", "estimate", "10"));
  assert.deepEqual(held(book), ["20", "2000"]);
  assert.deepEqual(decide(book, [{ ...SPLIT, timestamp: 0 }], "20"), ["SPLIT-1"]);
  assert.deepEqual(held(book), ["20", "1000"]);
});

test("[R8] an entry from before the anchor that nothing asks for was in the quantity", () => {
  for (const venue of ["10", "13", undefined]) {
    const book = holding("10", adjustment("est", "estimate", "25"), adjustment("back", "estimate", "-25"));
    assert.deepEqual(decide(book, [{ ...SPLIT, timestamp: 0 }], venue), []);
    assert.equal(positionQty(book, COIN), "10");
    assert.equal(book.ledgerIds.has("SPLIT-1"), true);
  }
  const book = holding("10");
  assert.deepEqual(decide(book, [{ ...SPLIT, timestamp: 0 }], "20"), ["SPLIT-1"]);
});

test("[R8] the opening that was made of what a split had added gives way to it, at no cost (seed 207412)", () => {
  const book = emptyBook("test");
  enter(book, [bought("1", "10", "100", "a")]);
  const evidence = {
    localAverage: null,
    venueAverage: decimal("50"),
    venueAverageScale: null,
    lastPrice: null,
    isAverageBasis: false,
    payoff: "linear" as const,
  };
  enter(book, anchorKey(book, COIN, decimal("20"), 5_000, evidence, "test"));
  enter(book, [draft("account_anchored", { anchor: { asOfMs: 5_000, isWitnessed: true } }, "test")]);
  assert.deepEqual(held(book), ["20", "1500"]);
  // It explains no change: the quantity had it.
  assert.deepEqual(decide(book, [SPLIT], "20"), []);
  assert.deepEqual(held(book), ["20", "1000"]);
  assert.equal(book.adjustments.size, 0);
  decide(book, [SPLIT], "20");
  assert.deepEqual(held(book), ["20", "1000"]);
});

test("[R8] of an opening that is of more than the split, the rest stays, and the average is what it was", () => {
  const book = emptyBook("test");
  enter(book, [bought("1", "10", "100", "a"), adjustment("opening", "opening", "15")]);
  enter(book, [draft("account_anchored", { anchor: { asOfMs: 5_000, isWitnessed: true } }, "test")]);
  assert.deepEqual(held(book), ["25", "2500"]);
  assert.deepEqual(decide(book, [SPLIT], "25"), []);
  assert.deepEqual(held(book), ["25", "2500"]);
  assert.equal(book.adjustments.get("opening")?.remaining, "5");
});

function bought(tradeId: string, qty: string, price: string, strategy: string): Draft {
  return draft(
    "fill_recorded",
    {
      instrument: "BTC/USD",
      leg: "net",
      tradeId,
      side: "buy",
      qty: decimal(qty),
      price: decimal(price),
      timestamp: 1_000,
      fillKey: tradeId as never,
      strategy,
      orderKey: null,
      cause: null,
      source: "venue",
      isProvisional: false,
    },
    "test",
  );
}

test("[R7] a split changes the quantity and neither cost, nor result, nor the shares of the lots", () => {
  for (const [qtyDelta, lots] of [
    [
      "10",
      [
        ["a", "12"],
        ["b", "8"],
      ],
    ],
    [
      "-9",
      [
        ["a", "0.6"],
        ["b", "0.4"],
      ],
    ],
  ] as const) {
    const book = emptyBook("test");
    enter(book, [bought("1", "6", "100", "a"), bought("2", "4", "50", "b")]);
    decide(book, [{ ...SPLIT, qtyDelta: decimal(qtyDelta) }], undefined);
    const view = positionView(book, COIN);
    assert.deepEqual([view?.costBasis, view?.realizedPnl, view?.isEstimate], ["800", "0", false]);
    assert.deepEqual(
      view?.lots.map(({ strategy, qty }) => [strategy, qty]),
      lots,
    );
  }
});

test("[R7] after a reverse split the result of the whole life is what was paid and what came back", () => {
  const book = holding("10");
  decide(book, [{ ...SPLIT, qtyDelta: decimal("-9") }], "1");
  const sold: LedgerRow = {
    ...SPLIT,
    id: "OUT-1",
    cause: "redemption",
    timestamp: 3_000,
    qtyDelta: decimal("-1"),
    price: decimal("1200"),
  };
  decide(book, [sold], "0");
  const [life] = historyViews(book, COIN);
  assert.deepEqual([life?.realizedPnl, life?.entryPrice, life?.exitPrice], ["200", "1000", "1200"]);
});

test("[R7] an opening from before a reverse split is priced so that the venue's average comes out", () => {
  const book = emptyBook("test");
  enter(book, [bought("1", "10", "100", "a")]);
  decide(book, [{ ...SPLIT, qtyDelta: decimal("-9") }], "3");
  const evidence = {
    localAverage: null,
    venueAverage: decimal("1000"),
    venueAverageScale: 8,
    lastPrice: null,
    isAverageBasis: true,
    payoff: "linear" as const,
  };
  enter(book, anchorKey(book, COIN, decimal("3"), 5_000, evidence, "test"));
  assert.deepEqual(held(book), ["3", "3000"]);
});
