// Lots beside the position: the short way for a position of one strategy gives what the long way gives.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decimal, isZero } from "../decimal.ts";
import { UNATTRIBUTED } from "../words.ts";
import type { Entry } from "./entry.ts";
import { emptyLedger, insertEntry } from "./ledger.ts";
import { type Lots, NO_LOTS, tradeLots } from "./lots.ts";
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
