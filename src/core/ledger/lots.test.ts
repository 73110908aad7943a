// Lots beside the position: the short way for a position of one strategy gives what the long way gives.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Decimal, decimal, isZero, sum } from "../decimal.ts";
import { type Cause, UNATTRIBUTED } from "../words.ts";
import type { Entry, EntrySource } from "./entry.ts";
import {
  addReattribution,
  emptyLedger,
  followReplacement,
  insertEntry,
  type Ledger,
  removeEntry,
} from "./ledger.ts";
import { type Lots, NO_LOTS, tradeLots } from "./lots.ts";
import type { Reattribution } from "./reattribution.ts";
import { LINEAR } from "./worth.ts";

test("[R14] a position's lots are what trading each lot by itself makes of them", () => {
  const owners = fc.constantFrom([UNATTRIBUTED], ["a"], ["a", "b", UNATTRIBUTED]);
  const entries = owners.chain((names) =>
    fc.array(
      fc.record({
        qty: fc.integer({ min: -300, max: 300 }).filter((qty) => qty !== 0),
        price: fc.integer({ min: 1, max: 9_999 }),
        strategy: fc.constantFrom(...names),
      }),
      { maxLength: 30 },
    ),
  );
  fc.assert(
    fc.property(entries, (list) => {
      const ledger = emptyLedger(LINEAR);
      let lots: Lots = NO_LOTS;
      for (const [index, { qty, price, strategy }] of list.entries()) {
        const qtyDelta = decimal(`${qty}e-1`);
        // No multiple of the quantity, as after a fee in kind: then parts of it do not come out even.
        const value = decimal(`${price}e-2`);
        const entry: Entry = {
          id: `F${index}`,
          source: "fill",
          timestamp: index,
          venueSeq: 0,
          qtyDelta,
          value,
          price: null,
          strategy,
          isEstimate: false,
          cause: null,
          orderKey: null,
        };
        insertEntry(ledger, entry);
        lots = tradeLots(lots, strategy, qtyDelta, value, isZero(ledger.holding.qty));
        assert.deepEqual(ledger.lots, lots);
      }
    }),
    { numRuns: 500 },
  );
});

/** A ledger of one-unit steps: who traded how much, at prices of 10. */
function ledgerOf(...trades: readonly (readonly [string, string])[]): Ledger {
  const ledger = emptyLedger(LINEAR);
  for (const [index, [strategy, qty]] of trades.entries()) {
    insertEntry(ledger, entryAt(index + 1, { qty: decimal(qty), strategy }));
  }
  return ledger;
}

interface Given {
  readonly qty: Decimal;
  readonly strategy?: string;
  readonly source?: EntrySource;
  readonly cause?: Cause | null;
  readonly id?: string;
  readonly value?: Decimal | null;
}

function entryAt(timestamp: number, given: Given): Entry {
  const {
    qty,
    strategy = UNATTRIBUTED,
    source = "fill",
    cause = null,
    id = `F${timestamp}`,
    value = decimal("10"),
  } = given;
  const isEstimate = source === "adjustment" || source === "opening";
  return {
    id,
    source,
    timestamp,
    venueSeq: 0,
    qtyDelta: qty,
    value,
    price: null,
    strategy,
    isEstimate,
    cause,
    orderKey: null,
  };
}

function say(ledger: Ledger, timestamp: number, from: string, to: string, qty: string): void {
  addReattribution(ledger, { id: `R${timestamp}`, timestamp, from, to, qty: decimal(qty) });
}

function lotsIn(ledger: Ledger): Record<string, string> {
  return Object.fromEntries([...ledger.lots].map(([name, { qty }]) => [name, qty]));
}

test("[R18] what nobody claims leaves the unattributed lot first, then the only strategy it can mean, else it stays", () => {
  assert.deepEqual(lotsIn(ledgerOf([UNATTRIBUTED, "2"], ["grid", "3"], [UNATTRIBUTED, "-4"])), { grid: "1" });
  assert.deepEqual(lotsIn(ledgerOf(["grid", "3"], ["trend", "3"], [UNATTRIBUTED, "-2"])), {
    grid: "3",
    trend: "3",
    [UNATTRIBUTED]: "-2",
  });
  assert.deepEqual(lotsIn(ledgerOf(["grid", "3"], ["trend", "-1"], [UNATTRIBUTED, "-2"])), {
    grid: "1",
    trend: "-1",
  });
  // Liquidated in whole: nobody's lot outlives the position.
  assert.deepEqual(lotsIn(ledgerOf(["grid", "3"], ["trend", "3"], [UNATTRIBUTED, "-6"])), {});
});

test("[R18] a part of a lot that a person gives to another strategy goes over with its cost", () => {
  const ledger = ledgerOf([UNATTRIBUTED, "4"], ["grid", "1"]);
  say(ledger, 2, UNATTRIBUTED, "grid", "3");
  assert.deepEqual(
    [...ledger.lots],
    [
      [UNATTRIBUTED, { qty: "1", cost: "2.5" }],
      ["grid", { qty: "4", cost: "17.5" }],
    ],
  );
  assert.deepEqual(ledger.holding, { qty: "5", cost: "20" });
});

test("[R18] what is said in the very millisecond that opened the position counts, also when it is folded again", () => {
  const ledger = ledgerOf([UNATTRIBUTED, "4"]);
  say(ledger, 1, UNATTRIBUTED, "grid", "3");
  assert.deepEqual(lotsIn(ledger), { [UNATTRIBUTED]: "1", grid: "3" });
  insertEntry(ledger, entryAt(9, { id: "last", qty: decimal("1") }));
  insertEntry(ledger, entryAt(5, { id: "late", qty: decimal("1") }));
  assert.deepEqual(lotsIn(ledger), { [UNATTRIBUTED]: "3", grid: "3" });
});

test("[R18] what was said of an estimate holds for the fill that takes its place, also one dated a little later", () => {
  const ledger = emptyLedger(LINEAR);
  insertEntry(ledger, entryAt(10, { id: "E", qty: decimal("3"), source: "adjustment" }));
  say(ledger, 10, UNATTRIBUTED, "grid", "3");
  insertEntry(ledger, entryAt(12, { id: "late", qty: decimal("3") }));
  removeEntry(ledger, "E");
  followReplacement(ledger, 10, "late");
  assert.deepEqual(lotsIn(ledger), { grid: "3" });
});

test("[R18] a lot that a late fill shows to be smaller gives no more than it has, and one of the other side nothing", () => {
  const ledger = ledgerOf([UNATTRIBUTED, "3"]);
  say(ledger, 5, UNATTRIBUTED, "grid", "3");
  insertEntry(ledger, entryAt(2, { id: "late", qty: decimal("-1") }));
  assert.deepEqual(lotsIn(ledger), { grid: "2" });
  insertEntry(ledger, entryAt(3, { id: "later", qty: decimal("-6") }));
  assert.deepEqual(lotsIn(ledger), { [UNATTRIBUTED]: "-4" });
  // What comes after it is not touched by it.
  insertEntry(ledger, entryAt(6, { id: "next", qty: decimal("9") }));
  assert.deepEqual(lotsIn(ledger), { [UNATTRIBUTED]: "5" });
});

test("[R18] lots and the unattributed one sum to the quantity, exactly, whatever comes in whatever order", () => {
  const names = fc.constantFrom(UNATTRIBUTED, "a", "b", "c");
  const given = fc.record({
    timestamp: fc.integer({ min: 1, max: 12 }),
    qty: fc.integer({ min: -9_999, max: 9_999 }).filter((qty) => qty !== 0),
    price: fc.option(fc.integer({ min: 1, max: 999 }), { freq: 5 }),
    strategy: names,
    kind: fc.constantFrom("fill", "fill", "fill", "ledger", "split", "adjustment", "opening", "said", "said"),
    to: names,
    isTakenBack: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(given, { maxLength: 25 }), fc.infiniteStream(fc.nat()), (list, order) => {
      const steps = list.map(({ timestamp, qty, price, strategy, kind, to }, index) => {
        const id = `${kind}-${String(index).padStart(3, "0")}`;
        if (kind === "said") {
          const said: Reattribution = { id, timestamp, from: strategy, to, qty: decimal(`${qty}e-3`) };
          return (ledger: Ledger) => addReattribution(ledger, said);
        }
        const source = kind === "split" ? "ledger" : (kind as EntrySource);
        const cause = kind === "split" ? ("split" as const) : null;
        const value = price === null ? null : decimal(`${price}e-2`);
        const qtyDelta = decimal(`${qty}e-${kind === "split" ? 5 : 3}`);
        const entry = entryAt(timestamp, { id, qty: qtyDelta, strategy, source, cause, value });
        return (ledger: Ledger) => void insertEntry(ledger, entry);
      });
      const ledger = emptyLedger(LINEAR);
      for (const step of steps) {
        step(ledger);
        assertSum(ledger);
      }
      // Later entries of one id are one and the same; what people said keeps the order in which they said it.
      const shuffled = steps
        .map((step, index) => ({ step, at: list[index]?.kind === "said" ? 1 : 0, key: order.next().value }))
        .sort((a, b) => a.at - b.at || (a.at === 1 ? 0 : a.key - b.key));
      const other = emptyLedger(LINEAR);
      for (const { step } of shuffled) step(other);
      assert.deepEqual(sorted(other.lots), sorted(ledger.lots));
      for (const [index, { isTakenBack, kind }] of list.entries()) {
        if (!isTakenBack) continue;
        removeEntry(ledger, `${kind}-${String(index).padStart(3, "0")}`);
        assertSum(ledger);
      }
    }),
    { numRuns: 1_000 },
  );
});

function assertSum({ lots, holding }: Ledger): void {
  const all = [...lots.values()].map(({ qty }) => qty);
  assert.equal(sum(all), holding.qty, JSON.stringify([...lots]));
  assert.equal(all.some(isZero), false, "a lot of nothing is kept");
}

function sorted(lots: Lots): unknown {
  return [...lots].sort(([a], [b]) => (a < b ? -1 : 1));
}
