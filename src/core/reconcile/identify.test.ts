// One fill, one key (R6): stream only, history only, both in either order, with and without ids.
import assert from "node:assert/strict";
import { test } from "node:test";
import { balanceTotal } from "../book/balances.ts";
import { type Book, emptyBook } from "../book/book.ts";
import { applyRecord } from "../book/fold.ts";
import { positionQty } from "../book/positions.ts";
import { decimal } from "../decimal.ts";
import type { FillRow } from "../facts.ts";
import { instrumentOf } from "../instrument.ts";
import { positionKey } from "../keys.ts";
import { POLICY_DEFAULT } from "../policy.ts";
import { type Draft, draft, type JournalRecord } from "../records.ts";
import { decideFill, type FillDecision } from "./fills.ts";
import { reversedFill } from "./identify.ts";

const X = positionKey("X", "net");

/** As history has it: the canonical trade id and the join key. */
const canonical: FillRow = {
  instrument: "X",
  tradeId: "20260105::a1",
  joinKey: "5",
  venueOrderId: "V-1",
  side: "buy",
  qty: decimal("5"),
  price: decimal("10"),
  timestamp: 1_000,
};
/** As the stream has it: no trade id, the same order and cumulative quantity. */
const { tradeId: _, ...streamed } = canonical;

function enter(book: Book, row: FillRow, occurrence = 0): FillDecision {
  const decision = decideFill(row, {
    book,
    policy: POLICY_DEFAULT,
    positionMode: "net",
    lagMs: 0,
    source: "venue",
    nowMs: 2_000,
    causeId: "test",
    occurrence,
  });
  if (decision.kind === "recorded") {
    for (const one of decision.drafts) {
      applyRecord(book, { ...one, account: "test", seq: book.seq + 1, tsMs: 1, v: 1 } as JournalRecord);
    }
  }
  return decision;
}

test("[R6][B13] stream only, history only, both in either order: one fill", () => {
  const orders: readonly (readonly FillRow[])[] = [
    [streamed],
    [canonical],
    [streamed, canonical],
    [canonical, streamed],
    [streamed, streamed, canonical, canonical, streamed],
  ];
  for (const rows of orders) {
    const book = emptyBook("test");
    for (const row of rows) enter(book, row);
    assert.equal(positionQty(book, X), "5");
    assert.equal(book.fills.size, 1);
    const [fill] = book.fills.values();
    assert.equal(fill?.facts.isProvisional, !rows.includes(canonical));
  }
});

test("[R6] two fills of one order with different cumulative quantities are two fills", () => {
  const book = emptyBook("test");
  enter(book, streamed);
  enter(book, { ...streamed, joinKey: "8", qty: decimal("3") });
  assert.equal(positionQty(book, X), "8");
});

test("[R6] the same key with other content is a conflict and is not booked", () => {
  const book = emptyBook("test");
  enter(book, canonical);
  const decision = enter(book, { ...canonical, qty: decimal("6") });
  assert.equal(decision.kind, "conflict");
  const other = enter(book, { ...canonical, tradeId: "20260105::b2" });
  assert.equal(other.kind, "conflict");
  assert.equal(positionQty(book, X), "5");
});

test("[R6] rows without any id get a substitute from their own facts, the same at every reading", () => {
  const { tradeId: __, joinKey: ___, venueOrderId: ____, ...bare } = canonical;
  const book = emptyBook("test");
  for (let reading = 0; reading < 2; reading += 1) {
    enter(book, bare, 0);
    enter(book, bare, 1);
    enter(book, { ...bare, price: decimal("11") }, 0);
  }
  assert.equal(positionQty(book, X), "15");
  for (const key of book.fills.keys()) assert.match(key, /X\|none\|forced:1000:5:1[01]:[01]\|buy/);
});

/** The venue takes a fill back, as it names it. */
function reverse(book: Book, row: FillRow): boolean {
  const fill = reversedFill(book, row);
  if (!fill) return false;
  const one = draft("fill_reversed", { fillKey: fill.facts.fillKey, reason: "bust" }, "test");
  applyRecord(book, { ...one, account: "test", seq: book.seq + 1, tsMs: 1, v: 1 } as JournalRecord);
  return true;
}

test("[R6] a fill that was taken back stays so when a history that lags still lists it", () => {
  for (const [first, second] of [
    [streamed, canonical],
    [canonical, streamed],
    [canonical, canonical],
  ] as const) {
    const book = emptyBook("test");
    enter(book, first);
    assert.equal(reverse(book, streamed), true);
    assert.equal(enter(book, second).kind, "known");
    assert.equal(enter(book, second).kind, "known");
    assert.equal(positionQty(book, X), "0");
  }
});

test("[R6] after a reversal the same cumulative quantity at a later time is another execution", () => {
  const book = emptyBook("test");
  enter(book, streamed);
  reverse(book, streamed);
  enter(book, { ...canonical, timestamp: 1_500 });
  assert.equal(positionQty(book, X), "5");
  assert.equal(book.fills.size, 2);
});

test("[R6] after a reversal other content under the join key is what the fill was corrected to", () => {
  const book = emptyBook("test");
  enter(book, streamed);
  reverse(book, streamed);
  enter(book, { ...canonical, price: decimal("11") });
  assert.equal(positionQty(book, X), "5");
});

test("[R6] a reversal finds its fill as a report does: by instrument, order, trade id, side and join", () => {
  const book = emptyBook("test");
  enter(book, canonical);
  assert.equal(reverse(book, { ...canonical, instrument: "Y" }), false);
  assert.equal(reverse(book, { ...canonical, venueOrderId: "V-2" }), false);
  assert.equal(reverse(book, { ...canonical, side: "sell" }), false);
  assert.equal(reverse(book, { ...canonical, tradeId: "20260105::b2" }), false);
  assert.equal(positionQty(book, X), "5");
  // A venue that only names the fill need not repeat what was in it.
  const { price: __, ...named } = canonical;
  assert.equal(reverse(book, { ...named, qty: decimal("1") }), true);
  assert.equal(reverse(book, canonical), false);
  assert.equal(positionQty(book, X), "0");
});

test("[R6] of fills without any id that are alike, each reversal takes back one", () => {
  const { tradeId: __, joinKey: ___, ...bare } = canonical;
  const book = emptyBook("test");
  enter(book, bare, 0);
  enter(book, bare, 1);
  assert.deepEqual([reverse(book, bare), positionQty(book, X)], [true, "5"]);
  assert.deepEqual([reverse(book, bare), positionQty(book, X)], [true, "0"]);
  assert.equal(reverse(book, bare), false);
});

test("[R6] the canonical row moves money exactly if its provisional one did, whatever was anchored in between", () => {
  const book = emptyBook("test");
  const record = (one: Draft) =>
    applyRecord(book, { ...one, account: "test", seq: book.seq + 1, tsMs: 1, v: 1 } as JournalRecord);
  const spec = instrumentOf("X", { quote: "USD", settlement: "cash" });
  record(draft("instrument_observed", { instrument: spec }, "test"));
  enter(book, streamed);
  const anchor = { asOfMs: 1_900, isWitnessed: true };
  record(draft("account_anchored", { anchor }, "test"));
  enter(book, canonical);
  const usd = book.balances.get("USD");
  assert.equal(usd && balanceTotal(usd), "-50");
  assert.equal(positionQty(book, X), "5");
});

test("[R6] an id that is an empty string is no id", () => {
  const book = emptyBook("test");
  const { joinKey: __, ...unjoined } = canonical;
  enter(book, { ...unjoined, tradeId: "", clientOrderId: "" });
  enter(book, { ...unjoined, tradeId: "", clientOrderId: "", qty: decimal("3") });
  enter(book, { ...unjoined, tradeId: "T-1", venueOrderId: "" });
  enter(book, { ...streamed, joinKey: "", timestamp: 1_400 });
  assert.equal(positionQty(book, X), "18");
  for (const { facts } of book.fills.values()) {
    assert.equal(Object.values(facts).includes("" as never), false, JSON.stringify(facts));
  }
});

test("[R6] the canonical row keeps what the provisional one said of the venue's own trade", () => {
  const book = emptyBook("test");
  enter(book, { ...streamed, forced: "liquidation" });
  enter(book, canonical);
  const [fill] = book.fills.values();
  assert.deepEqual([fill?.facts.isProvisional, fill?.facts.cause], [false, "liquidation"]);
});

test("a fill that cannot be believed is refused with what was wrong", () => {
  const book = emptyBook("test");
  const future = enter(book, { ...canonical, timestamp: 1_000_000_000_000_000 });
  assert.deepEqual(
    [future.kind, future.kind === "refused" && future.code],
    ["refused", "timestamp_out_of_range"],
  );
  const empty = enter(book, { ...canonical, qty: decimal("0") });
  assert.deepEqual([empty.kind, empty.kind === "refused" && empty.code], ["refused", "bad_quantity"]);
  assert.equal(positionQty(book, X), "0");
});
