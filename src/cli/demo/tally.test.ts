// The tally: sides that are equal add up, and each kind of difference is seen and said.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Decimal, decimal } from "../../core/index.ts";
import { newPaperState, type PaperState } from "../../venues/paper/index.ts";
import type { BookLook, CopyLook } from "./look.ts";
import { money, type TallyFacts, tallyOf } from "./tally.ts";
import { tallyLines } from "./tally-text.ts";

const parties = [
  { name: "momo", strategy: "momo", prefix: "momo-" },
  { name: "owner", strategy: "unattributed", prefix: null },
];
const lot = (strategy: string, qty: string) => ({ strategy, qty: decimal(qty), entryPrice: null });
const fill = (id: number, clientOrderId?: string) =>
  ({ instrument: "AAPL", tradeId: `t${id}`, ...(clientOrderId !== undefined && { clientOrderId }) }) as never;

/** momo bought 10 at 100, the owner sold 3 of them at 110: 30 realised, 2 paid in fees, 500 taken out. */
const venue: PaperState = {
  ...newPaperState("p", "USD", decimal("8828")),
  positions: { AAPL: { qty: decimal("7"), entryPrice: decimal("100") } },
  fills: [fill(1, "momo-1"), fill(2)],
  ledger: [{ id: "l1", cause: "transfer", timestamp: 0, asset: "USD", amount: decimal("-500") }],
};
const book: BookLook = {
  positions: [
    { instrument: "AAPL", qty: decimal("7"), lots: [lot("momo", "10"), lot("unattributed", "-3")] },
  ],
  fills: new Map([
    ["momo", 1],
    ["unattributed", 1],
  ]),
  realized: decimal("30"),
  fees: decimal("2"),
  cash: decimal("8828"),
};
const copy = (strategy: string | null, qty: string | null): CopyLook => ({
  name: "momo",
  file: "momo.json",
  strategy,
  rows: [{ instrument: "AAPL", qty: qty as Decimal | null }],
  problem: null,
});
const facts: TallyFacts = {
  scenario: { cash: "10000", parties },
  look: { copies: [copy("momo", "10"), copy(null, "7"), copy(null, null)], venue, book },
  discrepancies: [
    { kind: "phantom_position", localQty: null, venueQty: null, cause: null, resolution: "repaired" },
    { kind: "phantom_position", localQty: null, venueQty: null, cause: null, resolution: "vanished" },
  ],
  problems: [],
};

function textOf(changed: TallyFacts): string {
  return tallyLines(tallyOf(changed))
    .map(({ text }) => text)
    .join("\n");
}

function withLook(look: Partial<TallyFacts["look"]>): TallyFacts {
  return { ...facts, look: { ...facts.look, ...look } };
}

test("where both sides agree everything adds up, with every number in its place", () => {
  const tally = tallyOf(facts);
  assert.equal(tally.isOk, true, textOf(facts));
  assert.equal(tally.positions[0]?.text, "momo 10 + unattributed -3 = venue 7");
  assert.equal(
    tally.money[0]?.text,
    "10000.00 start + 30.00 realised - 2.00 fees - 500.00 transfers = 9528.00 = 8828.00 cash + 700.00 positions at cost",
  );
  assert.match(textOf(facts), /^It adds up:\n {2}positions {6}AAPL: momo 10/);
  assert.match(textOf(facts), /2 found = 1 repaired \+ 0 explained \+ 1 gone by themselves \+ 0 open/);
});

test("money that nobody explained is a term of its own", () => {
  const changed: TallyFacts = {
    ...facts,
    look: {
      ...facts.look,
      venue: { ...venue, cash: decimal("8800") },
      book: { ...book, cash: decimal("8800") },
    },
    discrepancies: [
      {
        kind: "balance_mismatch",
        localQty: decimal("8828"),
        venueQty: decimal("8800"),
        cause: "unexplained",
        resolution: "repaired",
      },
    ],
  };
  assert.equal(tallyOf(changed).isOk, true, textOf(changed));
  assert.match(textOf(changed), /- 28.00 unexplained = 9500.00 =/);
});

const differences: readonly (readonly [string, TallyFacts, RegExp])[] = [
  [
    "lots that do not sum to the venue's quantity",
    withLook({
      book: { ...book, positions: [{ instrument: "AAPL", qty: decimal("7"), lots: [lot("momo", "10")] }] },
    }),
    /AAPL: momo 10 IS NOT venue 7/,
  ],
  [
    "a position that only the venue has",
    withLook({ book: { ...book, positions: [] }, copies: [] }),
    /AAPL: nothing IS NOT venue 7/,
  ],
  ["a file that is not its lot", withLook({ copies: [copy("momo", "9")] }), /AAPL 9 IS NOT its lot: AAPL 10/],
  [
    "a file that cannot be read",
    withLook({ copies: [{ ...copy("momo", "10"), problem: "no such file" }] }),
    /momo.json: no such file/,
  ],
  [
    "a fill that the journal lacks",
    withLook({ book: { ...book, fills: new Map([["momo", 1]]) } }),
    /owner: 0 in the journal IS NOT 1 at the venue/,
  ],
  [
    "money that went without a word",
    withLook({ venue: { ...venue, cash: decimal("8827.99") } }),
    /= 9528.00 IS NOT 9527.99 = 8827.99 cash/,
  ],
  [
    "a balance that was never read",
    withLook({ book: { ...book, cash: null } }),
    /unknown in the journal IS NOT/,
  ],
  [
    "a discrepancy that is open",
    {
      ...facts,
      discrepancies: [
        { kind: "missing_fill", localQty: null, venueQty: null, cause: null, resolution: null },
      ],
    },
    /1 found = 0 repaired \+ 0 explained \+ 0 gone by themselves \+ 1 open/,
  ],
  ["a story that went otherwise", { ...facts, problems: ["a thing was not found"] }, /PROBLEM {8}a thing/],
];

for (const [name, changed, expected] of differences) {
  test(`the tally does not add up with ${name}`, () => {
    assert.equal(tallyOf(changed).isOk, false);
    assert.match(textOf(changed), /^It does NOT add up:/);
    assert.match(textOf(changed), expected);
  });
}

test("money is written with two digits and rounded, never cut", () => {
  const texts = ["0", "1.5", "1.005", "-0.004", "-2.999", "12.3449"].map((text) => money(decimal(text)));
  assert.deepEqual(texts, ["0.00", "1.50", "1.01", "0.00", "-3.00", "12.34"]);
});
