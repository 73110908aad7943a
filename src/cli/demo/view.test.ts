// The live view as a pure function: whatever the size, no row is wider and there are no more rows than there is room
// for; everything that matters is in it; ASCII where nothing else can be shown.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal } from "../../core/index.ts";
import { newPaperState } from "../../venues/paper/index.ts";
import { Output } from "../output.ts";
import { fit, widthOf, wrap } from "./layout.ts";
import { render, type ViewState } from "./view.ts";

const plainOf = (lang: string) =>
  new Output(
    { stdout: () => undefined, stderr: () => undefined, env: { LANG: lang }, cwd: "/", isTty: true },
    {},
  );

const state: ViewState = {
  title: "two strategies and a human on one account — a day",
  seed: 11,
  speed: 4,
  elapsedMs: 83_400,
  waiting: "waiting for both sides to agree: 2 passes, 1 open",
  passes: 12,
  open: ["phantom_position MSFT"],
  found: 9,
  repairs: ["missing_fill GOOG in trueup's book: explained cause missed_fill, by GOOG|po-30|pt-31|buy"],
  log: [
    {
      text: "4. A manual close: the owner sells momo's 5 MSFT by hand; momo.json still has them.",
      tone: "bold",
    },
    { text: "   found     phantom_position MSFT in momo.json: local 5, venue 0 …", tone: "warn" },
  ],
  look: {
    gate: "reduce_only",
    reasons: ["phantom_position MSFT in momo: local 5, venue 0"],
    copies: [
      {
        name: "momo",
        file: "momo.json",
        strategy: "momo",
        rows: [
          { instrument: "AAPL", qty: decimal("10") },
          { instrument: "MSFT", qty: decimal("5") },
        ],
        problem: null,
      },
      { name: "dip", file: "dip.json", strategy: "dip", rows: [], problem: null },
    ],
    venue: {
      ...newPaperState("p", "USD", decimal("98108.5")),
      positions: {
        AAPL: { qty: decimal("10"), entryPrice: decimal("189.2") },
        NVDA: { qty: decimal("3"), entryPrice: decimal("131.4") },
      },
      prices: { AAPL: decimal("190.1"), NVDA: decimal("131.4") },
    },
    book: {
      positions: [
        {
          instrument: "AAPL",
          qty: decimal("10"),
          lots: [{ strategy: "momo", qty: decimal("10"), entryPrice: null }],
        },
      ],
      fills: new Map(),
      realized: decimal("0"),
      fees: decimal("0"),
      cash: decimal("98108.5"),
    },
  },
};

function drawn(columns: number, rows: number, lang = "C.UTF-8"): string[] {
  const out = plainOf(lang);
  const drawing = render(state, {
    columns,
    rows,
    isUnicode: out.isUnicode,
    plain: (text) => out.plain(text),
  });
  return drawing.map((row) => row.map(({ text }) => text).join(""));
}

test("at 80 by 24 three blocks are beside each other, with belief, venue, gate, repair, clock and log", () => {
  const lines = drawn(80, 24);
  const text = lines.join("\n");
  assert.equal(lines.length, 24);
  assert.match(text, /THE BOTS BELIEVE +│ THE VENUE HOLDS +│ TRUEUP/);
  assert.match(text, /AAPL 10 +│ AAPL 10 @190.1/);
  assert.match(text, /MSFT 5 \(really none\)/);
  assert.match(text, /NVDA 3 @131.4 new/);
  assert.match(text, /gate reduce_only/);
  assert.match(text, /12 passes, 9 found, 1 open/);
  assert.match(text, /open: phantom_position MSFT/);
  assert.match(text, /missing_fill GOOG in/);
  assert.match(text, /seed 11 {2}speed 4 {2}01:23/);
  assert.match(text, /4\. A manual close/);
  assert.match(lines.at(-1) ?? "", /^waiting for both sides to agree.*Ctrl-C ends$/);
});

test("no row is wider and no drawing higher than its terminal, from the smallest to a wide one", () => {
  for (const columns of [1, 8, 20, 40, 71, 72, 80, 100, 200]) {
    for (const rows of [1, 2, 4, 5, 8, 12, 24, 60]) {
      const lines = drawn(columns, rows);
      const size = `${columns} by ${rows}`;
      assert.ok(lines.length <= rows, `${size} has ${lines.length} rows`);
      for (const line of lines) assert.ok(widthOf(line) <= columns, `${size}: "${line}"`);
    }
  }
});

test("a narrow terminal has the blocks below each other, each with something of its own", () => {
  const text = drawn(40, 30).join("\n");
  for (const wanted of ["THE BOTS BELIEVE", "THE VENUE HOLDS", "TRUEUP", "gate reduce_only", "4. A manual"]) {
    assert.ok(text.includes(wanted), `${wanted} is missing in\n${text}`);
  }
  assert.doesNotMatch(text, /│/);
});

test("with LANG=C every letter is ASCII, and the rows are as wide as before", () => {
  for (const columns of [40, 80]) {
    const lines = drawn(columns, 24, "C");
    assert.deepEqual(lines.join("").match(/[^ -~]/g), null);
    for (const line of lines) assert.ok(widthOf(line) <= columns);
  }
});

test("nothing is drawn of a look that is still to come", () => {
  const out = plainOf("C.UTF-8");
  const options = { columns: 80, rows: 24, isUnicode: true, plain: (text: string) => out.plain(text) };
  const text = render({ ...state, look: null }, options)
    .map((row) => row.map((span) => span.text).join(""))
    .join("\n");
  // An account that was not read yet is not open.
  assert.match(text, /gate halted/);
});

test("text is wrapped at spaces, keeps its indent, and what has no space is cut", () => {
  assert.deepEqual(wrap("   one two three", 9), ["   one", "   two", "   three"]);
  assert.deepEqual(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
  assert.deepEqual(wrap("", 4), [""]);
  assert.deepEqual(wrap("x", 0), []);
});

test("what is cut is marked, so that no number looks like another one", () => {
  assert.deepEqual(
    [fit("AAPL 12", 7), fit("AAPL 12", 6), fit("AAPL 12", 9), fit("AAPL 12", 0)],
    ["AAPL 12", "AAPL ~", "AAPL 12  ", ""],
  );
});
