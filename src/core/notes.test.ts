// Notes of people, and the files in which bots mixed them with position data.
import assert from "node:assert/strict";
import { test } from "node:test";
import { meaningOf, problemOfFields } from "./notes.ts";
import { exitWishOf, readNotes } from "./notes-import.ts";

test("a state file gives its notes, and every field that is none is refused by name with the reason", () => {
  const { entries, refused } = readNotes({
    updated: "2026-11-22",
    cash: 12.5,
    _version: 3,
    positions: {
      "0xabc": {
        shares: 120,
        entryPrice: 0.41,
        cost_basis: 49.2,
        currentPrice: 0.5,
        unrealizedPnl: 10.8,
        thesis: "the vote is late",
        invalidation: ["a recount", "a court"],
        time_stop: "2026-12-01",
        customStop: 0.3,
        "Take Profit": "0.85",
        notes: "small",
        mood: "good",
        sl: "0.2",
        _seen: 1,
      },
      _meta: { qty: 1 },
    },
  });
  assert.deepEqual(entries, [
    {
      instrument: "0xabc",
      leg: null,
      notes: {
        thesis: "the vote is late",
        invalidation: "a recount\na court",
        timeStop: "2026-12-01",
        stop: "0.3",
        target: "0.85",
        text: "small",
      },
      refused: [
        { field: "shares", code: "position_data", reason: "a quantity; trueup positions has it" },
        { field: "entryPrice", code: "position_data", reason: "a price paid; trueup positions has it" },
        { field: "cost_basis", code: "position_data", reason: "what it cost; trueup positions has it" },
        {
          field: "currentPrice",
          code: "position_data",
          reason: "a price of the market; trueup positions has it",
        },
        { field: "unrealizedPnl", code: "position_data", reason: "a result; trueup positions has it" },
        {
          field: "mood",
          code: "unknown_field",
          reason: "no field of a note (thesis, invalidation, timeStop, stop, target, text); put it into text",
        },
        { field: "sl", code: "twice", reason: "another field of the entry is its stop already" },
      ],
    },
  ]);
  assert.deepEqual(
    refused.map(({ at, code }) => [at, code]),
    [
      ["updated", "unknown_field"],
      ["cash", "position_data"],
    ],
  );
});

test("positions are read from a list, from under several names, and from a file that is nothing else", () => {
  const notes = { thesis: "cheap" };
  const ofList = { instrument: "X", leg: null, notes, refused: [] };
  assert.deepEqual(readNotes([{ symbol: "X", ...notes }]).entries, [ofList]);
  assert.deepEqual(readNotes({ holdings: [{ asset_id: "X", ...notes }] }).entries, [ofList]);
  assert.deepEqual(readNotes({ X: notes }).entries, [ofList]);
  assert.deepEqual(readNotes([{ symbol: "X", leg: "short", ...notes }]).entries, [
    { ...ofList, leg: "short" },
  ]);
  const { entries, refused } = readNotes({ positions: [{ thesis: "whose?" }, "X"] });
  assert.deepEqual(
    [entries, refused.map(({ at, code }) => [at, code])],
    [
      [],
      [
        ["positions[0]", "no_instrument"],
        ["positions[1]", "no_instrument"],
      ],
    ],
  );
  for (const wrong of ["text", 3, null]) assert.throws(() => readNotes(wrong), RangeError);
  assert.throws(() => readNotes(Array.from({ length: 2_001 }, () => ({ symbol: "X" }))), /2001 positions/);
});

test("text that is too long, or none, is refused field by field and the rest is taken", () => {
  const [entry] = readNotes([
    { symbol: "X", thesis: { a: 1 }, stop: "s".repeat(2_001), target: "", text: "fine" },
  ]).entries;
  assert.deepEqual(entry?.notes, { text: "fine" });
  assert.deepEqual(
    entry?.refused.map(({ field, code }) => [field, code]),
    [
      ["thesis", "bad_note"],
      ["stop", "bad_note"],
    ],
  );
});

test("a note has words under its own names, within bounds, and nothing that moves a cursor", () => {
  assert.equal(problemOfFields({ thesis: "lines\nand\ttabs", stop: null }), null);
  assert.match(problemOfFields({}) ?? "", /name a field/);
  assert.match(problemOfFields({ qty: "3" } as never) ?? "", /"qty" cannot be noted: it is a quantity/);
  assert.match(problemOfFields({ stop_loss: "3" } as never) ?? "", /"stop_loss" is written stop/);
  assert.match(problemOfFields({ thesis: "x".repeat(2_001) }) ?? "", /2001 characters/);
  assert.match(problemOfFields({ thesis: "" }) ?? "", /0 characters/);
  for (const hidden of ["\u001b[2J", "\u0007", "\r", "\u202e", "\u2066"]) {
    assert.match(problemOfFields({ thesis: `a${hidden}b` }) ?? "", /control character/);
  }
  assert.equal(meaningOf("__proto__").kind, "refused");
});

test("what notes say of an exit is kept together for whoever makes a plan of it", () => {
  assert.equal(exitWishOf({ thesis: "cheap" }), null);
  assert.deepEqual(exitWishOf({ thesis: "cheap", stop: "8", timeStop: "48h" }), {
    stop: "8",
    timeStop: "48h",
  });
});
