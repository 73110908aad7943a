// Rows beside their ledgers, held against the plain map of keys that they stand for.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { positionKey } from "../keys.ts";
import { LINEAR } from "../ledger/worth.ts";
import { LEGS } from "../words.ts";
import { addLedger, type Book, emptyBook } from "./book.ts";
import { RowsByLedger } from "./rows-by-ledger.ts";

const place = fc.record({
  instrument: fc.constantFrom("A", "B", "C", "net:A", ""),
  leg: fc.constantFrom(...LEGS),
});
const places = fc.uniqueArray(place, { selector: ({ instrument, leg }) => positionKey(instrument, leg) });

function addAll(book: Book, list: readonly { instrument: string; leg: (typeof LEGS)[number] }[]): void {
  for (const { instrument, leg } of list) {
    if (!book.ledgersOf[leg].has(instrument)) addLedger(book, instrument, leg, LINEAR);
  }
}

test("a row is found by its key, whether the book knew its ledger before, learned it later, or never did", () => {
  fc.assert(
    fc.property(places, places, places, (before, later, rows) => {
      const book = emptyBook("test");
      addAll(book, before);
      const found = RowsByLedger.of(book, rows);
      assert.ok(found);
      addAll(book, later);
      const plain = new Map(rows.map((row) => [positionKey(row.instrument, row.leg), row]));
      for (const { instrument, leg } of [...before, ...later, ...rows]) {
        const key = positionKey(instrument, leg);
        assert.equal(found.get(key), plain.get(key));
        assert.equal(found.has(key), plain.has(key));
        const ledger = book.ledgers.get(key);
        if (ledger) assert.equal(found.ofLedger(ledger), plain.get(key));
      }
      assert.equal(found.size, plain.size);
      assert.deepEqual([...found.keys()].sort(), [...plain.keys()].sort());
      const unknown = [...plain.keys()].filter((key) => !book.ledgers.has(key)).sort();
      assert.deepEqual([...found.unknown()].map(([key]) => key).sort(), unknown);
    }),
  );
});

test("[R9] two rows of one key are never taken for one", () => {
  fc.assert(
    fc.property(places, fc.array(place, { maxLength: 8 }), (known, rows) => {
      const book = emptyBook("test");
      addAll(book, known);
      const keys = new Set(rows.map(({ instrument, leg }) => positionKey(instrument, leg)));
      assert.equal(RowsByLedger.of(book, rows) !== undefined, keys.size === rows.length);
    }),
  );
});
