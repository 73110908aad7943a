// A checkpoint is a help and no must: an account whose book cannot be one goes on without.
import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyBook } from "../../src/core/index.ts";
import { saveCheckpoint } from "../../src/engine/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";

/** Throws as JSON.stringify does, once it is written down. */
function unwritable(error: Error): never {
  const value = {
    toJSON() {
      throw error;
    },
  };
  return value as never;
}

test("a book whose text would be longer than a string may be is left without a newer checkpoint", async () => {
  const journal = new MemoryJournal();
  const book = emptyBook("test");
  book.lastPass = unwritable(new RangeError("Invalid string length"));
  await saveCheckpoint(journal, book, 0);
  assert.equal(await journal.loadCheckpoint("test"), undefined);
  book.lastPass = unwritable(new TypeError("a mistake of ours"));
  await assert.rejects(saveCheckpoint(journal, book, 0), /a mistake of ours/);
});
