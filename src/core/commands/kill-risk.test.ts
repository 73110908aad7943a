// Which stops a kill leaves where no flag of the venue's keeps them from opening a position.
import assert from "node:assert/strict";
import { test } from "node:test";
import { strategyTrade } from "../../../test/support/strategy-trade.ts";
import { emptyBook } from "../book/book.ts";
import { applyRecord } from "../book/fold.ts";
import { decimal } from "../decimal.ts";
import type { JournalRecord } from "../records.ts";
import { type OrderAtRisk, protecting } from "./kill-risk.ts";

function holding(qty: string) {
  const book = emptyBook("test");
  const one = strategyTrade({ side: "buy", qty: decimal(qty), id: "1", timestamp: 1_000 });
  applyRecord(book, { ...one, account: "test", seq: 1, tsMs: 1_000, v: 1 } as JournalRecord);
  return book;
}

function closing(qty: string, trigger: string | null, more: Partial<OrderAtRisk> = {}): OrderAtRisk {
  return {
    instrument: "X",
    venueOrderId: null,
    clientOrderId: null,
    reduceOnly: true,
    leg: "net",
    side: "sell",
    qty: decimal(qty),
    filledQty: decimal("0"),
    notional: null,
    price: null,
    triggerPrice: trigger === null ? null : decimal(trigger),
    ...more,
  };
}

function staying(...orders: readonly OrderAtRisk[]): readonly boolean[] {
  return protecting(holding("10"), orders, { isAll: false, hasReduceOnlyFlag: false });
}

test("[R10] without a flag of the venue's, stops stay as far as they fit together, the one nearest to the price first", () => {
  assert.deepEqual(staying(closing("6", "80"), closing("6", "90")), [false, true]);
  assert.deepEqual(staying(closing("6", "80"), closing("4", "90")), [true, true]);
  // What is too large is passed over; what is no stop comes last.
  assert.deepEqual(staying(closing("4", null), closing("11", "95"), closing("7", "90")), [
    false,
    false,
    true,
  ]);
  assert.deepEqual(staying(closing("4", null), closing("6", "90")), [true, true]);
});

test("[R10] of an order that has filled in part only what is left has to fit", () => {
  assert.deepEqual(staying(closing("12", "90", { filledQty: decimal("8") }), closing("6", "80")), [
    true,
    true,
  ]);
  assert.deepEqual(staying(closing("12", "90", { filledQty: decimal("1") })), [false]);
});

test("[R10] what opens, or has no quantity that is known, stays under no circumstances", () => {
  const opening = closing("1", "120", { side: "buy" });
  assert.deepEqual(staying(opening, closing("1", "90", { qty: null })), [false, false]);
  assert.deepEqual(staying(closing("1", "90", { reduceOnly: null }), closing("1", "90", { side: null })), [
    false,
    false,
  ]);
});

test("[R10] where the venue's flag keeps them from opening, all of them stay", () => {
  const orders = [closing("6", "80"), closing("60", "90"), closing("1", null, { reduceOnly: false })];
  const scope = { isAll: false, hasReduceOnlyFlag: true };
  assert.deepEqual(protecting(holding("10"), orders, scope), [true, true, false]);
});
