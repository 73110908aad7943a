// The gate's answer to one order (R10): reducing means smaller and not across zero, whatever may still be true.
import assert from "node:assert/strict";
import { test } from "node:test";
import { admit, type OrderQuestion } from "./admit.ts";
import { type Book, emptyBook } from "./book/book.ts";
import { applyRecord } from "./book/fold.ts";
import { decimal } from "./decimal.ts";
import type { GateReason } from "./gate.ts";
import { type Draft, draft, type JournalRecord } from "./records.ts";
import type { GateState } from "./words.ts";

function bookWith(qty: string, gate: GateState, orders: readonly Draft[] = []): Book {
  const book = emptyBook("test");
  const opening = draft(
    "adjustment_inferred",
    {
      subject: "position",
      adjustmentId: "a",
      basis: "opening",
      instrument: "X",
      leg: "net",
      qtyDelta: decimal(qty),
      price: null,
      priceSource: "none",
      asOfMs: 0,
      venueSeq: 0,
      qtyBefore: decimal("0"),
      qtyAfter: decimal(qty),
      cause: null,
      strategy: "s",
      orderKey: null,
    },
    "test",
  );
  for (const one of [opening, ...orders]) {
    applyRecord(book, { ...one, account: "test", seq: book.seq + 1, tsMs: 1, v: 1 } as JournalRecord);
  }
  const reason: GateReason = {
    code: "t",
    state: "halted",
    text: "held",
    evidence: [],
    sinceMs: 0,
    deadlineMs: null,
  };
  book.gate = { account: gate === "open" ? [] : [{ ...reason, state: gate }], instruments: {} };
  return book;
}

const sell = (qty: string, more: Partial<OrderQuestion> = {}): OrderQuestion => ({
  instrument: "X",
  leg: "net",
  side: "sell",
  qty: decimal(qty),
  hasReduceOnlyFlag: false,
  ...more,
});

function resting(side: "buy" | "sell", qty: string): Draft {
  const change = { side, qty: decimal(qty), status: "open" as const, clientOrderId: `r-${side}` };
  return draft(
    "order_state_observed",
    { orderKey: side as never, instrument: "X", change, source: "venue" },
    "test",
  );
}

test("[R10] open admits everything, halted and killed nothing", () => {
  assert.equal(admit(bookWith("5", "open"), sell("50"), null).isAdmitted, true);
  for (const gate of ["halted", "killed"] as const) {
    const answer = admit(bookWith("5", gate), sell("5"), null);
    assert.equal(answer.isAdmitted, false);
    assert.deepEqual(answer.reasons, [`${gate}: held`]);
  }
});

test("[R10] reduce_only lets risk go down and nothing else", () => {
  const table: readonly [string, OrderQuestion, boolean][] = [
    ["5", sell("5"), true],
    ["5", sell("3"), true],
    ["5", sell("6"), false],
    ["5", sell("3", { side: "buy" }), false],
    ["-5", sell("3", { side: "buy" }), true],
    ["0", sell("1"), false],
  ];
  for (const [qty, order, expected] of table) {
    assert.equal(
      admit(bookWith(qty, "reduce_only"), order, null).isAdmitted,
      expected,
      `${qty} ${order.side} ${order.qty}`,
    );
  }
});

test("[R10] every quantity that is still possible counts: the venue's last one, and what orders in flight may do", () => {
  assert.equal(admit(bookWith("5", "reduce_only"), sell("5"), decimal("3")).isAdmitted, false);
  assert.equal(admit(bookWith("5", "reduce_only"), sell("3"), decimal("3")).isAdmitted, true);
  assert.equal(
    admit(bookWith("5", "reduce_only", [resting("sell", "4")]), sell("3"), null).isAdmitted,
    false,
  );
  assert.equal(admit(bookWith("5", "reduce_only", [resting("sell", "4")]), sell("1"), null).isAdmitted, true);
});

test("[R10] while an order by notional is open on the same side, or on a side not known, nothing is certain to reduce", () => {
  const besides = (side: "buy" | "sell" | null, notional: string | null = "100") => {
    const change = { side, qty: null, notional: notional && decimal(notional), status: "open" };
    const byNotional = draft(
      "order_state_observed",
      { orderKey: "n" as never, instrument: "X", change, source: "venue" } as never,
      "test",
    );
    return [
      admit(bookWith("5", "reduce_only", [byNotional]), sell("1"), null).isAdmitted,
      admit(bookWith("-5", "reduce_only", [byNotional]), { ...sell("1"), side: "buy" }, null).isAdmitted,
    ];
  };
  assert.deepEqual(besides("sell"), [false, true]);
  assert.deepEqual(besides("buy"), [true, false]);
  assert.deepEqual(besides(null), [false, false]);
  assert.deepEqual(besides("buy", null), [false, false]);
});

test("[R10] where the venue has a reduce-only flag an order without it counts as opening", () => {
  const flagged = { hasReduceOnlyFlag: true };
  const bare = admit(bookWith("5", "reduce_only"), sell("3", flagged), null);
  assert.deepEqual([bare.isAdmitted, bare.isReducing], [false, false]);
  assert.match(bare.reasons.join("; "), /would make the position smaller; .*reduceOnly/);
  assert.match(
    admit(bookWith("5", "reduce_only"), sell("6", flagged), null).reasons.join("; "),
    /is not certain/,
  );
  assert.equal(
    admit(bookWith("5", "reduce_only"), sell("3", { ...flagged, reduceOnly: true }), null).isAdmitted,
    true,
  );
});

test("[R10] an order by notional has no known quantity and counts as opening", () => {
  const { qty: _, ...byNotional } = sell("1");
  assert.equal(admit(bookWith("5", "reduce_only"), byNotional, null).isAdmitted, false);
});
