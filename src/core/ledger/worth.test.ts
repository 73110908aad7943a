// Inverse contracts against big.js, which knows nothing of worths: costs, averages and results of whole lives, and where
// they may be off by rounding.
import assert from "node:assert/strict";
import { test } from "node:test";
import BigJs from "big.js";
import fc from "fast-check";
import { abs, add, type Decimal, decimal, isZero, negate, sum, ZERO } from "../decimal.ts";
import type { Entry } from "./entry.ts";
import { emptyLedger, entryPriceOf, insertEntry, type Ledger, setTerms } from "./ledger.ts";
import { averageOf } from "./life.ts";
import { LINEAR, priceAt, type Terms, worthAt } from "./worth.ts";

const Big = BigJs();
Big.DP = 60;

const HUNDREDS: Terms = { multiplier: decimal("100"), payoff: "inverse" };
const ONES: Terms = { multiplier: decimal("1"), payoff: "inverse" };

function entry(index: number, qtyDelta: Decimal, price: Decimal | null): Entry {
  return {
    id: `F${index}`,
    source: "fill",
    timestamp: index,
    venueSeq: 0,
    qtyDelta,
    value: price === null ? null : decimal(new Big(abs(qtyDelta)).times(price).toFixed()),
    price,
    strategy: "a",
    isEstimate: false,
    cause: null,
    orderKey: null,
  };
}

function ledgerOf(terms: Terms, trades: readonly (readonly [string, string | null])[]): Ledger {
  const ledger = emptyLedger(terms);
  for (const [index, [qty, price]] of trades.entries()) {
    insertEntry(ledger, entry(index, decimal(qty), price === null ? null : decimal(price)));
  }
  return ledger;
}

test("a long inverse contract earns quantity × (1 ÷ entry − 1 ÷ exit) coins, a short one the opposite", () => {
  // 6000 USD are 0.12 coins at 50000, and 0.1 at 60000.
  const long = ledgerOf(ONES, [
    ["6000", "50000"],
    ["-6000", "60000"],
  ]);
  const short = ledgerOf(ONES, [
    ["-6000", "50000"],
    ["6000", "60000"],
  ]);
  assert.deepEqual([long.realizedPnl, short.realizedPnl], ["0.02", "-0.02"]);
  const contracts = ledgerOf(HUNDREDS, [
    ["60", "50000"],
    ["-60", "60000"],
  ]);
  assert.equal(contracts.realizedPnl, "0.02");
});

test("the average entry price of an inverse contract is the harmonic one, and its cost is in coins", () => {
  const ledger = ledgerOf(ONES, [
    ["5000", "40000"],
    ["5000", "50000"],
  ]);
  assert.equal(ledger.holding.cost, "0.225");
  assert.match(entryPriceOf(ledger) ?? "", /^44444\.4{29,}$/);
  // Half of it leaves with half of the cost, and the average stays.
  insertEntry(ledger, entry(9, decimal("-5000"), decimal("62500")));
  assert.deepEqual([ledger.holding.cost, ledger.realizedPnl], ["0.1125", "0.0325"]);
  assert.match(entryPriceOf(ledger) ?? "", /^44444\.4{29,}$/);
});

test("a flip of an inverse contract ends one life and begins the next at its price", () => {
  const ledger = ledgerOf(ONES, [
    ["1000", "50000"],
    ["-3000", "40000"],
  ]);
  const [first, second] = ledger.lives;
  assert.deepEqual([first?.realizedPnl, second?.realizedPnl], ["-0.005", "0"]);
  assert.deepEqual(
    [ledger.holding.qty, ledger.holding.cost, entryPriceOf(ledger)],
    ["-2000", "0.05", "40000"],
  );
  assert.equal(averageOf(decimal("1000"), first?.closedValue ?? null, "inverse"), "40000");
});

test("no price, zero or less of one says nothing of what an inverse contract is worth", () => {
  for (const price of [null, "0", "-1"]) {
    const ledger = ledgerOf(ONES, [
      ["1000", price],
      ["-500", "40000"],
    ]);
    assert.deepEqual([ledger.holding.qty, ledger.holding.cost], ["500", null]);
    assert.deepEqual(
      [ledger.realizedPnl, ledger.lives[0]?.realizedPnl, entryPriceOf(ledger)],
      ["0", null, null],
    );
  }
  assert.equal(worthAt("inverse", decimal("5"), ZERO), null);
  assert.equal(priceAt("inverse", decimal("5"), ZERO), null);
});

test("terms that are learned later are those that count from the first entry on", () => {
  const trades = [
    ["5000", "40000"],
    ["5000", "50000"],
    ["-2500", "62500"],
  ] as const;
  const late = ledgerOf(LINEAR, trades);
  assert.equal(entryPriceOf(late), "45000");
  setTerms(late, HUNDREDS);
  const known = ledgerOf(HUNDREDS, trades);
  assert.equal(entryPriceOf(late), entryPriceOf(known));
  assert.deepEqual({ ...late, changedFrom: 0 }, { ...known, changedFrom: 0 });
});

const trade = fc.record({
  qty: fc.integer({ min: -9_999, max: 9_999 }).filter((qty) => qty !== 0),
  price: fc.integer({ min: 1, max: 99_999_999 }),
});
/** One part in 10^30 of all that was traded: far above 34 digits, far below what any venue states. */
const PARTS = new Big("1e-30");

test("over lives from flat to flat the results are the sum of what was sold less the sum of what was bought", () => {
  fc.assert(
    fc.property(
      fc.array(trade, { minLength: 1, maxLength: 30 }),
      fc.constantFrom(ONES, HUNDREDS),
      (list, terms) => {
        const ledger = emptyLedger(terms);
        const entries = list.map(({ qty, price }, index) =>
          entry(index, decimal(String(qty)), decimal(`${price}e-2`)),
        );
        const rest = negate(sum(entries.map(({ qtyDelta }) => qtyDelta)));
        if (!isZero(rest)) entries.push(entry(99, rest, decimal("60000.5")));
        for (const one of entries) insertEntry(ledger, one);
        // Long and short at once: whoever bought at p owes qty ÷ p less than nothing, whoever sold the opposite.
        const coins = entries.reduce(
          (total, { qtyDelta, price }) => total.plus(new Big(qtyDelta).div(price ?? "1")),
          new Big(0),
        );
        const traded = entries.reduce(
          (total, { qtyDelta, price }) => total.plus(new Big(qtyDelta).div(price ?? "1").abs()),
          new Big(0),
        );
        const expected = coins.times(terms.multiplier);
        const tolerance = traded.times(terms.multiplier).times(PARTS);
        assert.ok(
          new Big(ledger.realizedPnl).minus(expected).abs().lte(tolerance),
          `${ledger.realizedPnl} and ${expected}`,
        );
        assert.deepEqual(ledger.holding, { qty: ZERO, cost: ZERO });
        // What each entry realised is all that was realised, to the last digit.
        assert.equal(sum(ledger.realized), ledger.realizedPnl);
        assert.equal(
          ledger.lives.reduce<Decimal>((total, life) => add(total, life.realizedPnl ?? ZERO), ZERO),
          ledger.realizedPnl,
        );
      },
    ),
  );
});

test("a position that only grew has the harmonic mean of its prices, to 30 digits", () => {
  const bought = fc.array(trade, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(bought, fc.boolean(), (list, isShort) => {
      const ledger = emptyLedger(HUNDREDS);
      let [qty, coins] = [new Big(0), new Big(0)];
      for (const [index, one] of list.entries()) {
        const size = Math.abs(one.qty);
        const price = decimal(`${one.price}e-2`);
        insertEntry(ledger, entry(index, decimal(String(isShort ? -size : size)), price));
        qty = qty.plus(size);
        coins = coins.plus(new Big(size).div(price));
      }
      const expected = qty.div(coins);
      const average = new Big(entryPriceOf(ledger) ?? "0");
      assert.ok(average.minus(expected).abs().lte(expected.times(PARTS)), `${average} and ${expected}`);
    }),
  );
});
