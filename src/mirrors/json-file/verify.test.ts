// The last look before a write: a text that does not say what was meant is found out, whatever went wrong with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { changeTo } from "../../../test/support/mirror-change.ts";
import type { MirrorChange } from "../../core/index.ts";
import { composeChanges } from "./compose.ts";
import { type Document, openDocument } from "./document.ts";
import type { Layout } from "./layout.ts";
import { misread } from "./verify.ts";

const LAYOUT: Layout = {
  scope: { type: "account" },
  shape: { kind: "object" },
  at: "p",
  fields: { quantity: "qty", entry_price: "entry" },
  mayAdd: true,
  demandsVenueReference: false,
  onClose: "remove",
};
const TEXT = '{"v": 1, "p": {"A": {"qty": 1, "entry": 2, "x": 1.0}, "B": {"qty": 5}, "C": {"qty": 6}}}';

function documentOf(text: string): Document {
  const opened = openDocument("bot.json", text, LAYOUT);
  assert.equal(opened.kind, "document");
  return opened.document;
}

/** What is said of the composed text after somebody spoiled it. */
function said(changes: readonly MirrorChange[], spoil: (text: string) => string, layout = LAYOUT) {
  const before = documentOf(TEXT);
  const composed = composeChanges(before, changes, layout);
  assert.equal(composed.kind, "composed");
  const content = spoil(composed.content);
  return misread("bot.json", before, { ...composed, content }, layout);
}

const CHANGES = [
  changeTo("corrected", "A", { qty: "3", entryPrice: "4" }),
  changeTo("removed", "B"),
  changeTo("added", "D", { qty: "-7" }),
];

test("a text that says what was meant is let through", () => {
  assert.equal(
    said(CHANGES, (text) => text),
    undefined,
  );
});

test("a text that says anything else is not, and the first difference is named", () => {
  const table: readonly [from: string, to: string, said: RegExp][] = [
    ["}}}", "}}", /ends in the middle/],
    ['"v": 1', '"v": 2', /^what stands around the rows has changed$/],
    ['"v": 1', '"v":  1', /^what stands around the rows has changed$/],
    ['"C": {"qty": 6}, ', "", /^it has 2 entries instead of 3$/],
    ['"C": {"qty": 6}', '"C": {"qty":  6}', /^the entry "C" was not to be changed, and is$/],
    ['"C": {"qty": 6}', '"c": {"qty": 6}', /^the entry "c" was not to be changed, and is$/],
    ['"qty": 3', '"qty": 1', /^the entry "A" would be read as 1 instead of 3$/],
    ['"qty": 3', '"qty": "?"', /^the entry "A" would be refused \(line 1, column 29: the quantity/],
    ['"entry": 4', '"entry": 2', /^the entry "A" would have the entry price 2$/],
    ['"entry": 4, ', "", /^the entry "A" would have the entry price none$/],
    ['"x": 1.0', '"x": 1.5', /^the entry "A" would lose fields of the bot$/],
    [', "x": 1.0', "", /^the entry "A" would lose fields of the bot$/],
    ['"D"', '"E"', /^the entry "E" would be read as net:E instead of net:D$/],
    ['"D"', '"_D"', /^the entry "_D" would not be read as a row of this mirror/],
    ["-7", "7", /^the entry "D" would be read as 7 instead of -7$/],
  ];
  for (const [from, to, expected] of table) {
    const problem = said(CHANGES, (text) => {
      assert.ok(text.includes(from), from);
      return text.replace(from, to);
    });
    assert.match(problem ?? "nothing was said", expected, `${from} -> ${to}`);
  }
});

test("a row that was to be marked as closed and still reads as a position is found out", () => {
  const layout: Layout = { ...LAYOUT, onClose: { set: { status: "closed" } } };
  const problem = said([changeTo("removed", "B")], (text) => text.replace("closed", "close"), layout);
  assert.match(
    problem ?? "",
    /^the entry "B" would still be read as a position after it was marked as closed$/,
  );
});
