// What comes back after a repair is somebody else's writing; what is as it was left, and only outdated, is not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal } from "../decimal.ts";
import { emptyBook } from "./book.ts";
import { isAsLeft, noteLeft } from "./returns.ts";

const subject = { type: "position", instrument: "X", leg: "net" } as const;
const facts = (
  kind: "missing_position" | "position_mismatch" | "phantom_position",
  local: string | null,
  venue: string | null,
) => ({
  of: "bot",
  kind,
  subject,
  localQty: local === null ? null : decimal(local),
  venueQty: venue === null ? null : decimal(venue),
});

test("[R12] a row that is as the last repair left it is outdated, not overwritten", () => {
  const book = emptyBook("a");
  assert.equal(isAsLeft(book, facts("position_mismatch", "5", "8")), false);
  noteLeft(book, facts("missing_position", null, "5"));
  assert.equal(isAsLeft(book, facts("position_mismatch", "5", "8")), true);
  assert.equal(isAsLeft(book, facts("position_mismatch", "4", "8")), false);
  noteLeft(book, facts("phantom_position", "5", "0"));
  assert.equal(isAsLeft(book, facts("missing_position", null, "3")), true);
  assert.equal(isAsLeft(book, facts("phantom_position", "5", "0")), false);
});

test("[R12] a row without a quantity is as it was left when it is there, and not when it was taken away", () => {
  const book = emptyBook("a");
  noteLeft(book, facts("missing_position", null, "5"));
  assert.equal(isAsLeft(book, facts("phantom_position", null, "0")), true);
  noteLeft(book, facts("phantom_position", null, "0"));
  assert.equal(isAsLeft(book, facts("phantom_position", null, "0")), false);
});
