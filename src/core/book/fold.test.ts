// The fold over fills, estimates and lots: order of arrival does not matter, quantities and results are exact.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { add, type Decimal, decimal, subtract, sum, ZERO } from "../decimal.ts";
import { instrumentOf, type Payoff, type Settlement } from "../instrument.ts";
import { fillKeyOf, positionKey } from "../keys.ts";
import { type Draft, draft, type JournalRecord, type Payloads } from "../records.ts";
import { UNATTRIBUTED } from "../words.ts";
import { balanceTotal } from "./balances.ts";
import { type Book, emptyBook } from "./book.ts";
import { applyRecord } from "./fold.ts";
import { historyViews, positionView } from "./positions.ts";
import { fromState, toState } from "./state.ts";

const X = positionKey("X", "net");

function fold(drafts: readonly Draft[], book: Book = emptyBook("test")): Book {
  for (const one of drafts) {
    const record = { ...one, account: book.account, seq: book.seq + 1, tsMs: book.seq + 1, v: 1 };
    applyRecord(book, record as JournalRecord);
  }
  return book;
}

function fill(
  tradeId: string,
  side: "buy" | "sell",
  qty: string,
  price: string,
  more: Partial<Payloads["fill_recorded"]> = {},
): Draft {
  const instrument = more.instrument ?? "X";
  return draft(
    "fill_recorded",
    {
      instrument,
      leg: "net",
      tradeId,
      venueOrderId: "V-1",
      side,
      qty: decimal(qty),
      price: decimal(price),
      timestamp: Number(tradeId.replace(/\D/g, "")),
      fillKey: fillKeyOf(instrument, "V-1", tradeId, side),
      orderKey: null,
      strategy: UNATTRIBUTED,
      cause: null,
      source: "venue",
      isProvisional: false,
      ...more,
    },
    "test",
  );
}

test("a position is the sum of its fills, at average cost, with its exact result", () => {
  const book = fold([
    fill("T1", "buy", "2", "100"),
    fill("T2", "buy", "1", "130"),
    fill("T3", "sell", "1", "140"),
  ]);
  const position = positionView(book, X);
  assert.equal(position?.qty, "2");
  assert.equal(position?.entryPrice, "110");
  assert.equal(position?.realizedPnl, "30");
});

test("a flip through zero ends one life and begins the next", () => {
  const book = fold([fill("T1", "buy", "5", "100"), fill("T2", "sell", "8", "110")]);
  const position = positionView(book, X);
  assert.equal(position?.qty, "-3");
  assert.equal(position?.entryPrice, "110");
  const [life, ...others] = historyViews(book, X);
  assert.equal(others.length, 0);
  assert.deepEqual([life?.side, life?.qty, life?.exitPrice, life?.realizedPnl], ["long", "5", "110", "50"]);
  assert.notEqual(life?.lifeId, position?.lifeId);
});

test("a fill reported twice is counted once", () => {
  const book = fold([fill("T1", "buy", "5", "100"), fill("T1", "buy", "5", "100")]);
  assert.equal(positionView(book, X)?.qty, "5");
});

test("a fill that is reversed leaves no trace in quantity, result or order", () => {
  const book = fold([
    draft(
      "order_state_observed",
      {
        orderKey: "o" as never,
        instrument: "X",
        change: { venueOrderId: "V-1", side: "sell", qty: decimal("2") },
        source: "venue",
      },
      "test",
    ),
    fill("T1", "buy", "5", "100", { venueOrderId: "V-0" }),
    fill("T2", "sell", "2", "130", { orderKey: "o" as never }),
  ]);
  assert.equal(book.orders.get("o" as never)?.fillsQty, "2");
  fold(
    [draft("fill_reversed", { fillKey: fillKeyOf("X", "V-1", "T2", "sell"), reason: "bust" }, "test")],
    book,
  );
  assert.equal(positionView(book, X)?.qty, "5");
  assert.equal(positionView(book, X)?.realizedPnl, "0");
  assert.equal(book.orders.get("o" as never)?.fillsQty, "0");
});

test("[R6] the canonical row of a fill that was taken back moves nothing, on position, order or balance", () => {
  const spec = instrumentOf("X", { quote: "USD", settlement: "cash" });
  const orderKey = "o" as never;
  const change = { venueOrderId: "V-1", side: "buy" as const, qty: decimal("9") };
  const provisional = fill("T1", "buy", "3", "10", { orderKey, isProvisional: true, joinKey: "3" });
  const { fillKey } = provisional.payload as Payloads["fill_recorded"];
  const book = fold([
    draft("instrument_observed", { instrument: spec }, "test"),
    draft("order_state_observed", { orderKey, instrument: "X", change, source: "venue" }, "test"),
    provisional,
    draft("fill_reversed", { fillKey, reason: "bust" }, "test"),
    fill("T2", "buy", "3", "10", { orderKey, joinKey: "3", merges: fillKey }),
  ]);
  const usd = book.balances.get("USD");
  assert.equal(positionView(book, X), undefined);
  assert.equal(book.orders.get(orderKey)?.fillsQty, "0");
  assert.equal(usd && balanceTotal(usd), "0");
  assert.deepEqual(
    [...book.fills.values()].map(({ facts, isReversed }) => [facts.tradeId, isReversed]),
    [["T2", true]],
  );
});

test("a fill that came before its order is counted on it when the order is learned", () => {
  const book = fold([
    fill("T1", "buy", "5", "100"),
    draft(
      "order_state_observed",
      {
        orderKey: "o" as never,
        instrument: "X",
        change: { venueOrderId: "V-1", side: "buy", qty: decimal("10") },
        source: "venue",
      },
      "test",
    ),
  ]);
  assert.equal(book.orders.get("o" as never)?.fillsQty, "5");
});

test("a fee in the base asset reduces the position, one in another asset its balance", () => {
  const spot = draft("instrument_observed", { instrument: instrumentOf("BTC/USDT") }, "test");
  const more = { instrument: "BTC/USDT", fee: decimal("0.001"), feeCurrency: "BTC" };
  const inKind = fold([spot, fill("T1", "buy", "1", "50000", more)]);
  assert.equal(positionView(inKind, positionKey("BTC/USDT", "net"))?.qty, "0.999");
  const inCash = fold([
    spot,
    fill("T1", "buy", "1", "50000", { ...more, fee: decimal("5"), feeCurrency: "USDT" }),
  ]);
  assert.equal(positionView(inCash, positionKey("BTC/USDT", "net"))?.qty, "1");
  const usdt = inCash.balances.get("USDT");
  assert.equal(usdt && balanceTotal(usdt), "-50005");
});

test("what a contract realises moves the balance it settles in", () => {
  const swap = draft("instrument_observed", { instrument: instrumentOf("BTC/USDT:USDT") }, "test");
  const on = { instrument: "BTC/USDT:USDT" };
  const book = fold([swap, fill("T1", "buy", "2", "100", on), fill("T2", "sell", "1", "130", on)]);
  const usdt = book.balances.get("USDT");
  assert.equal(usdt && balanceTotal(usdt), "30");
});

const SWAP = { instrument: "BTC/USDT:USDT" } as const;
const SWAP_KNOWN: Draft = draft("instrument_observed", { instrument: instrumentOf(SWAP.instrument) }, "test");

function usdt(book: Book): Decimal | undefined {
  const balance = book.balances.get("USDT");
  return balance && balanceTotal(balance);
}

function settled(at: number, qty: string, price: string, amount: string): Draft {
  const row = {
    id: "L-1",
    cause: "settlement",
    timestamp: at,
    asset: "USDT",
    amount: decimal(amount),
  } as const;
  const moved = { ...SWAP, qtyDelta: decimal(qty), price: decimal(price), strategy: UNATTRIBUTED };
  return draft("ledger_entry_recorded", { ...row, ...moved }, "test");
}

function stated(asset: string, total: string, asOfMs: number): Draft {
  return draft(
    "adjustment_inferred",
    {
      subject: "balance",
      adjustmentId: `${asset} ${asOfMs}`,
      asset,
      totalBefore: null,
      totalAfter: decimal(total),
      freeAfter: null,
      asOfMs,
      isWitnessed: true,
      cause: null,
    },
    "test",
  );
}

test("what is dated far ahead of our clock is noted, a trade as well as a ledger entry: the first read may have had it (seed 2509)", () => {
  const ahead = 10 * 60_000;
  const noted = (change: Draft) => [...fold([SWAP_KNOWN, change]).datedAhead.keys()];
  assert.deepEqual(noted(settled(ahead, "-1", "100", "0")), ["net:BTC/USDT:USDT"]);
  assert.deepEqual(noted(fill("T1", "buy", "2", "100", { ...SWAP, timestamp: ahead })), [
    "net:BTC/USDT:USDT",
  ]);
  assert.deepEqual(noted(settled(0, "-1", "100", "0")), []);
});

test("on margin a settlement's money counts once, however late the fills are that it settled", () => {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [2, 0, 1],
    [2, 1, 0],
  ] as const;
  for (const order of orders) {
    const told = [
      fill("T1", "buy", "5", "100", SWAP),
      fill("T2", "buy", "5", "110", SWAP),
      settled(3, "-10", "120", "150"),
    ] as const;
    const book = fold([SWAP_KNOWN, ...order.map((at) => told[at])]);
    assert.equal(usdt(book), "150", `told in the order ${order.join(", ")}`);
  }
});

test("a settlement comes after the fills of its own millisecond", () => {
  const last = fill("T2", "sell", "2", "110", { ...SWAP, timestamp: 3, venueSeq: 7 });
  const book = fold([SWAP_KNOWN, fill("T1", "buy", "5", "100", SWAP), settled(3, "-3", "120", "60"), last]);
  assert.equal(usdt(book), "80");
  const [life, ...others] = historyViews(book, positionKey(SWAP.instrument, "net"));
  assert.deepEqual([life?.realizedPnl, life?.closeCause, others.length], ["80", "settlement", 0]);
});

test("a late fill from before a balance was stated puts right what the fills after it realised, and nothing else", () => {
  const book = fold([
    SWAP_KNOWN,
    fill("T1", "buy", "1", "100", SWAP),
    fill("T3", "sell", "1", "130", SWAP),
    stated("USDT", "1000", 5),
    fill("T6", "sell", "1", "150", SWAP),
    // Bought before: the statement has what T3 realised then, but T6 closed a long and opened no short.
    fill("T2", "buy", "1", "120", SWAP),
  ]);
  // 130 and 150 for what cost 110 on average: 20 is in the statement.
  assert.equal(usdt(book), "1040");
});

test("a price that nobody knows takes nothing of what was realised before", () => {
  const unpriced = { ...SWAP, price: undefined } as unknown as Partial<Payloads["fill_recorded"]>;
  const book = fold([
    SWAP_KNOWN,
    fill("T1", "buy", "2", "100", SWAP),
    fill("T2", "sell", "1", "130", SWAP),
    fill("T3", "buy", "1", "0", unpriced),
    fill("T4", "sell", "1", "130", SWAP),
  ]);
  assert.equal(usdt(book), "30");
});

test("an instrument that is learned after its first fills gives the same book as one that was known before", () => {
  const options = (multiplier: string, settlement: Settlement, payoff: Payoff = "linear"): Draft => {
    const quote = settlement === "none" ? null : "USD";
    const stated = { multiplier: decimal(multiplier), quote, settlement, payoff };
    return draft("instrument_observed", { instrument: instrumentOf("X", stated) }, "test");
  };
  const statement = stated("USD", "1000", 2);
  fc.assert(
    fc.property(trades, fc.constantFrom("cash", "margin", "inverse"), fc.nat(40), (list, kind, at) => {
      const [settlement, payoff] =
        kind === "inverse" ? (["margin", "inverse"] as const) : ([kind, "linear"] as const);
      const fills = fillsOf(list).map((one, index) => ({
        ...one,
        payload: { ...one.payload, timestamp: index },
      })) as Draft[];
      const known = fold([options("100", settlement, payoff), statement, ...fills]);
      const late = fold([options("1", "none"), statement, ...fills.slice(0, at)]);
      fold([options("100", settlement, payoff), ...fills.slice(at)], late);
      assert.deepEqual(positionView(late, X), positionView(known, X));
      assert.deepEqual(historyViews(late, X), historyViews(known, X));
      const totals = [late, known].map((book) => book.balances.get("USD"));
      const [a, b] = totals.map((usd) => (usd ? balanceTotal(usd) : ZERO));
      assert.ok(Math.abs(Number(subtract(a ?? ZERO, b ?? ZERO))) < 1e-20, `${a} and ${b}`);
      const restored = fromState(JSON.parse(JSON.stringify(toState(late))));
      assert.deepEqual(positionView(restored, X), positionView(late, X));
    }),
  );
});

test("the unattributed part of a reduction goes to the only strategy that it can mean", () => {
  const book = fold([
    fill("T1", "buy", "5", "100", { strategy: "momentum" }),
    fill("T2", "sell", "2", "110"),
  ]);
  assert.deepEqual(positionView(book, X)?.lots, [{ strategy: "momentum", qty: "3", entryPrice: "100" }]);
});

test("where two strategies could be meant, the reduction stays unattributed and the lots still sum", () => {
  const book = fold([
    fill("T1", "buy", "3", "100", { strategy: "a" }),
    fill("T2", "buy", "2", "100", { strategy: "b" }),
    fill("T3", "sell", "1", "110"),
  ]);
  const lots = positionView(book, X)?.lots.map((lot) => [lot.strategy, lot.qty]);
  assert.deepEqual(lots, [
    ["a", "3"],
    ["b", "2"],
    [UNATTRIBUTED, "-1"],
  ]);
  fold([fill("T4", "sell", "4", "110")], book);
  assert.equal(positionView(book, X), undefined);
  assert.equal(book.ledgers.get(X)?.lots.size, 0);
});

interface Trade {
  readonly side: "buy" | "sell";
  readonly qty: Decimal;
  readonly price: Decimal;
  readonly strategy: string;
}

const trades: fc.Arbitrary<readonly Trade[]> = fc.array(
  fc.record({
    side: fc.constantFrom("buy" as const, "sell" as const),
    qty: fc.integer({ min: 1, max: 400 }).map((n) => decimal(`${n}e-2`)),
    price: fc.integer({ min: 1, max: 99_999 }).map((n) => decimal(`${n}e-3`)),
    strategy: fc.constantFrom("a", "b", UNATTRIBUTED),
  }),
  { maxLength: 40 },
);

function fillsOf(list: readonly Trade[]): Draft[] {
  return list.map(({ side, qty, price, strategy }, index) =>
    fill(`T${index + 1}`, side, qty, price, {
      strategy,
      timestamp: 1000 + Math.floor(index / 2),
      venueSeq: index,
    }),
  );
}

test("the order in which fills arrive does not matter, nor do doubles", () => {
  const shuffled = trades.chain((list) =>
    fc.tuple(
      fc.constant(list),
      fc.shuffledSubarray([...list.keys()], { minLength: list.length, maxLength: list.length }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([list, order]) => {
      const drafts = fillsOf(list);
      const straight = fold(drafts);
      const mixed = fold(
        order.flatMap((index) => [drafts[index], drafts[index]].filter((one) => one !== undefined)),
      );
      assert.deepEqual(positionView(mixed, X), positionView(straight, X));
      assert.deepEqual(historyViews(mixed, X), historyViews(straight, X));
      assert.deepEqual(mixed.ledgers.get(X)?.lots, straight.ledgers.get(X)?.lots);
      assert.equal(mixed.ledgers.get(X)?.realizedPnl, straight.ledgers.get(X)?.realizedPnl);
    }),
  );
});

test("[R14] strategy lots and the unattributed lot always sum to the quantity", () => {
  fc.assert(
    fc.property(trades, (list) => {
      const book = emptyBook("test");
      for (const one of fillsOf(list)) {
        fold([one], book);
        const ledger = book.ledgers.get(X);
        assert.equal(sum([...(ledger?.lots.values() ?? [])].map((lot) => lot.qty)), ledger?.holding.qty);
      }
    }),
  );
});

test("over whole lives the result is proceeds minus cost to the last digit", () => {
  fc.assert(
    fc.property(trades, (list) => {
      const qty = list.reduce<Decimal>(
        (q, t) => (t.side === "buy" ? add(q, t.qty) : subtract(q, t.qty)),
        ZERO,
      );
      const closing: Trade[] =
        qty === ZERO
          ? []
          : [
              {
                side: qty.startsWith("-") ? "buy" : "sell",
                qty: decimal(qty.replace("-", "")),
                price: decimal("7"),
                strategy: "a",
              },
            ];
      const all = [...list, ...closing];
      const book = fold(fillsOf(all));
      const flows = fold(
        [
          draft(
            "instrument_observed",
            { instrument: instrumentOf("X", { quote: "USD", settlement: "cash" }) },
            "test",
          ),
        ].concat(fillsOf(all)),
      );
      const usd = flows.balances.get("USD");
      const difference = subtract(book.ledgers.get(X)?.realizedPnl ?? ZERO, usd ? balanceTotal(usd) : ZERO);
      // Costs leave in proportion and are rounded at the 34th digit; nothing coarser may be lost.
      assert.ok(Math.abs(Number(difference)) < 1e-25, difference);
    }),
  );
});

test("a book that goes through a checkpoint is the same book", () => {
  fc.assert(
    fc.property(trades, (list) => {
      const book = fold(fillsOf(list));
      const restored = fromState(JSON.parse(JSON.stringify(toState(book))));
      assert.deepEqual(toState(restored), toState(book));
      assert.deepEqual(historyViews(restored, X), historyViews(book, X));
      assert.deepEqual(restored.ledgers.get(X)?.lots, book.ledgers.get(X)?.lots);
    }),
  );
});
