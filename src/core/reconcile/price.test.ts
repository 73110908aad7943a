// Prices of what is inferred (R7): solved only where both averages are exact enough, never zero, never made up.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { add, compare, type Decimal, decimal, sign } from "../decimal.ts";
import type { Payoff } from "../instrument.ts";
import { priceAt, worthAt } from "../ledger/worth.ts";
import {
  type PriceEvidence,
  priceOfIncrease,
  priceOfOpening,
  priceOfOrderFill,
  priceOfReduction,
} from "./price.ts";

const d = (text: string | null) => (text === null ? null : decimal(text));

function evidence(
  local: string | null,
  venue: string | null,
  last: string | null = null,
  payoff: Payoff = "linear",
): PriceEvidence {
  const scale = venue === null ? null : (venue.split(".")[1]?.length ?? 0);
  return {
    localAverage: d(local),
    venueAverage: d(venue),
    venueAverageScale: scale,
    lastPrice: d(last),
    isAverageBasis: true,
    payoff,
  };
}

test("[R7] an increase is solved from both averages where their rounding allows", () => {
  const solved = priceOfIncrease(decimal("5"), decimal("8"), evidence("10", "10.75"));
  assert.deepEqual(solved, { price: "12", priceSource: "solved" });
});

test("[R7] a solved price that the average's rounding could have made is discarded", () => {
  const rounded = priceOfIncrease(decimal("100"), decimal("100.02"), evidence("0.56", "0.5599"));
  assert.deepEqual(rounded, { price: "0.56", priceSource: "local_average" });
});

test("[R7] a solved price of zero or less is discarded", () => {
  const negative = priceOfIncrease(decimal("10"), decimal("11"), evidence("100", "50.00"));
  assert.equal(negative.priceSource, "local_average");
});

test("[R7] where the basis is not an average nothing is solved", () => {
  const fifo = { ...evidence("10", "10.75"), isAverageBasis: false };
  assert.deepEqual(priceOfIncrease(decimal("5"), decimal("8"), fifo), {
    price: "10",
    priceSource: "local_average",
  });
});

test("[R7] the order of fall-backs is local average, venue average, last price, none", () => {
  const grown = (facts: PriceEvidence) =>
    priceOfIncrease(decimal("5"), decimal("8"), { ...facts, isAverageBasis: false });
  assert.equal(grown(evidence("10", "11", "12")).price, "10");
  assert.equal(grown(evidence(null, "11", "12")).price, "11");
  assert.equal(grown(evidence(null, null, "12")).price, "12");
  assert.deepEqual(grown(evidence(null, null)), { price: null, priceSource: "none" });
  assert.equal(priceOfOpening(evidence("10", "11", "12")).price, "11");
  assert.equal(priceOfReduction(evidence("10", "11", "12")).price, "12");
  assert.equal(priceOfReduction(evidence("10", "11")).price, "10");
  assert.equal(priceOfReduction(evidence(null, "11")).price, null);
});

test("[R7] an order's fill is priced only by the average that the venue states for that order", () => {
  const known = { qty: decimal("4"), value: decimal("400") };
  const stated = priceOfOrderFill(known, decimal("6"), { price: decimal("101"), scale: 2 }, "linear");
  assert.deepEqual(stated, { price: "103", priceSource: "solved" });
  const none = priceOfOrderFill(known, decimal("6"), { price: undefined, scale: undefined }, "linear");
  assert.deepEqual(none, { price: null, priceSource: "none" });
});

test("[R7] of an inverse contract the averages are harmonic, and what is missing is solved by them", () => {
  // 100 USD at 10 and 100 USD at 30 are 10 and 3.33 coins: 200 USD at 15.
  const solved = priceOfIncrease(decimal("100"), decimal("200"), evidence("10", "15.0000", null, "inverse"));
  assert.equal(solved.priceSource, "solved");
  assert.ok(Math.abs(Number(solved.price) - 30) < 1e-9, String(solved.price));
  const known = { qty: decimal("100"), value: decimal("10") };
  const stated = { price: decimal("15"), scale: 4 };
  const ofOrder = priceOfOrderFill(known, decimal("200"), stated, "inverse");
  assert.equal(ofOrder.priceSource, "solved");
  assert.ok(Math.abs(Number(ofOrder.price) - 30) < 1e-9, String(ofOrder.price));
});

test("[R7] a price of an inverse contract that the average's rounding could have made is discarded", () => {
  const rounded = priceOfIncrease(
    decimal("100"),
    decimal("100.02"),
    evidence("0.56", "0.5599", null, "inverse"),
  );
  assert.deepEqual(rounded, { price: "0.56", priceSource: "local_average" });
  // An average this high would take less than no coins for the rest.
  const impossible = priceOfIncrease(decimal("10"), decimal("11"), evidence("50", "100", null, "inverse"));
  assert.equal(impossible.priceSource, "local_average");
});

test("[R7] what is solved gives the venue's average again, and no inferred price is ever zero or less", () => {
  const positive = fc.integer({ min: 1, max: 1_000_000 }).map((n): Decimal => decimal(`${n}e-3`));
  const payoffs = fc.constantFrom<Payoff>("linear", "inverse");
  fc.assert(
    fc.property(
      positive,
      positive,
      positive,
      positive,
      payoffs,
      (localQty, more, localAverage, price, payoff) => {
        const venueQty = add(localQty, more);
        const averageWith = (priceOfMore: Decimal) => {
          const worths = [
            worthAt(payoff, localQty, localAverage),
            worthAt(payoff, more, priceOfMore),
          ] as const;
          return priceAt(payoff, venueQty, add(worths[0] ?? decimal("0"), worths[1] ?? decimal("0")));
        };
        const average = averageWith(price);
        const facts = { ...evidence(localAverage, average, null, payoff), venueAverageScale: 34 };
        const found = priceOfIncrease(localQty, venueQty, facts);
        assert.ok(found.price !== null && sign(found.price) > 0);
        if (found.priceSource !== "solved" || average === null) return;
        const again = averageWith(found.price) ?? decimal("0");
        const isSame = compare(again, average) === 0 || Math.abs(Number(again) / Number(average) - 1) < 1e-20;
        assert.equal(isSame, true);
      },
    ),
  );
});
