// Any file, any changes: what is not changed is byte for byte as it was and in its order, and reading what was
// written gives what was meant.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MemoryFiles } from "../../../test/support/memory-files.ts";
import { changeTo, jsonMirror } from "../../../test/support/mirror-change.ts";
import { type Decimal, decimal, type MirrorChange, type MirrorRow, parseDecimal } from "../../core/index.ts";
import type { JsonFileOptions } from "./layout.ts";

const space = fc.constantFrom("", "", " ", "  ", "\n", "\r\n  ", "\n\t", " \n\n ");
const number = fc.constantFrom(
  "0",
  "-0",
  "1",
  "-7",
  "2.50",
  "1e3",
  "1E-7",
  "0.1000",
  "12345678901234567890.5",
  "-3.0e+1",
);
const anyText = fc.string({ unit: "binary", maxLength: 8 });
const symbol = anyText.filter((text) => text !== "" && text.trim() === text && !text.startsWith("_"));

/** JSON text of any value, with odd spacing. */
const anyValue: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(number, anyText.map(escaped), fc.constantFrom("true", "false", "null")),
    fc
      .tuple(space, fc.array(tie("value"), { maxLength: 3 }), space)
      .map(([a, items, b]) => `[${a}${items.join(`,${b}`)}${b}]`),
    fc
      .tuple(space, fc.array(fc.tuple(anyText, tie("value")), { maxLength: 3 }), space)
      .map(
        ([a, fields, b]) =>
          `{${b}${fields.map(([name, value]) => `${JSON.stringify(name)}${a}:${b}${value}`).join(`${a},`)}}`,
      ),
  ),
})).value;

/** A JSON string in one of its spellings. */
function escaped(text: string): string {
  const plain = JSON.stringify(text);
  return text.length % 2 === 0
    ? plain
    : plain.replace(/^"([a-z])/, (_, char: string) => `"\\u00${char.charCodeAt(0).toString(16)}`);
}

type Fate = "kept" | "removed" | "corrected";

interface Part {
  readonly symbol: string;
  /** The whole row as it stands in the file. */
  readonly raw: string;
  readonly isRow: boolean;
  readonly isReadable: boolean;
  readonly fate: Fate;
}

const own = fc.array(
  fc.tuple(
    anyText.filter((name) => !["qty", "entry", "symbol"].includes(name)),
    anyValue,
  ),
  { maxLength: 3 },
);
const quantity = fc.oneof(
  { weight: 6, arbitrary: number },
  { weight: 2, arbitrary: number.map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: fc.constantFrom("null", '"many"', "1e400", "true") },
);
const fate = fc.constantFrom<Fate>("kept", "kept", "removed", "corrected");

const rowPart = fc.record({
  symbol,
  qty: quantity,
  own,
  gap: space,
  colon: space,
  fate,
  before: fc.nat({ max: 3 }),
});
const otherPart = fc.record({ name: anyText.map((text) => `_${text}`), value: anyValue, colon: space });

const fileCase = fc.record({
  isArray: fc.boolean(),
  isInner: fc.boolean(),
  mark: fc.constantFrom("", "", "\uFEFF"),
  around: anyValue,
  spaces: fc.array(space, { minLength: 8, maxLength: 8 }),
  parts: fc.array(fc.oneof({ weight: 4, arbitrary: rowPart }, { weight: 1, arbitrary: otherPart }), {
    maxLength: 7,
  }),
  added: fc.array(symbol, { maxLength: 3 }),
  qty: fc.constantFrom("5", "-0.25", "123456789012345678901234567890.5"),
});
type FileCase = typeof fileCase extends fc.Arbitrary<infer T> ? T : never;

function partsOf({ parts, isArray }: FileCase): Part[] {
  const seen = new Set<string>();
  return parts.flatMap((part): Part[] => {
    if ("name" in part) {
      const { name, value, colon } = part;
      const raw = isArray ? value : `${JSON.stringify(name)}${colon}:${value}`;
      // In an array there is no such thing as a key that is not a position: an odd element is a refused row.
      return [{ symbol: name, raw, isRow: false, isReadable: false, fate: "kept" as const }];
    }
    if (seen.has(part.symbol)) return [];
    seen.add(part.symbol);
    const names = new Set<string>();
    const fields = part.own.filter(([name]) => !names.has(name) && names.add(name));
    const members = fields.map(([name, value]) => `${JSON.stringify(name)}${part.colon}:${part.gap}${value}`);
    members.splice(part.before, 0, `"qty":${part.gap}${part.qty}`);
    if (isArray) members.push(`"symbol"${part.gap}:${escaped(part.symbol)}`);
    const row = `{${part.gap}${members.join(`,${part.gap}`)}${part.colon}}`;
    const spelled = part.qty.startsWith('"') ? JSON.parse(part.qty) : part.qty;
    const isReadable = parseDecimal(spelled) !== undefined;
    const raw = isArray ? row : `${escaped(part.symbol)}${part.colon}:${row}`;
    return [{ symbol: part.symbol, raw, isRow: true, isReadable, fate: isReadable ? part.fate : "kept" }];
  });
}

function textOf({ isArray, isInner, mark, around, spaces }: FileCase, parts: readonly Part[]) {
  const [a = "", b = "", c = "", d = "", e = ""] = spaces;
  const head = isInner ? `${mark}${a}{"x":${around},${b}"in":{"p"${c}:` : mark + a;
  const tail = isInner ? `${d}}${e},"z":${around}}${b}` : d;
  const inside = parts
    .map(({ raw }, index) => `${spaces[(index * 3) % 8]}${raw}${spaces[(index * 5 + 1) % 8]}`)
    .join(",");
  const [open, close] = isArray ? ["[", "]"] : ["{", "}"];
  return { head: head + open, tail: close + tail, text: `${head}${open}${inside}${close}${tail}` };
}

function changesOf(
  { qty, added }: FileCase,
  parts: readonly Part[],
  rows: readonly MirrorRow[],
): MirrorChange[] {
  const idOf = new Map(rows.map((row) => [row.instrument, row.rowId]));
  const known = new Set(parts.map((part) => part.symbol));
  return [
    ...parts.flatMap(({ symbol, fate }) => {
      if (fate === "kept") return [];
      return [
        changeTo(fate, symbol, { rowId: idOf.get(symbol) ?? "?", qty: fate === "removed" ? "0" : qty }),
      ];
    }),
    ...[...new Set(added)]
      .filter((one) => !known.has(one))
      .map((one) => changeTo("added", one, { qty, metadata: { note: one, deep: [{}] } })),
  ];
}

/** What the mirror is to show afterwards, by symbol. */
function meant(rows: readonly MirrorRow[], changes: readonly MirrorChange[]) {
  const shown = new Map<string, { qty: Decimal | null; metadata: unknown; code: string | undefined }>();
  for (const { instrument, qty, metadata, problem } of rows) {
    if (!problem) shown.set(instrument, { qty, metadata, code: undefined });
  }
  for (const { action, instrument, qty, metadata } of changes) {
    if (action === "removed") shown.delete(instrument);
    else
      shown.set(instrument, { qty, metadata: shown.get(instrument)?.metadata ?? metadata, code: undefined });
  }
  return shown;
}

const layoutOf = ({ isArray, isInner }: FileCase): Partial<JsonFileOptions> => ({
  ...(isArray && { shape: { kind: "array" } }),
  fields: { quantity: "qty", ...(isArray && { instrument: "symbol" }) },
  ...(isInner && { at: "in.p" }),
});

test("[R12] whatever the file and the changes: the rest stays to the byte, and what is read is what was meant", async () => {
  await fc.assert(
    fc.asyncProperty(fileCase, async (given) => {
      const parts = partsOf(given);
      const { head, tail, text } = textOf(given, parts);
      const files = new MemoryFiles();
      files.install("bot.json", text);
      const mirror = jsonMirror(files, layoutOf(given));
      const before = await mirror.read();
      assert.equal(before.quality, "complete", before.problem);
      const changes = changesOf(given, parts, before.rows);
      const result = await mirror.write(changes, before.version);
      assert.equal(result.kind, "written", result.kind === "written" ? "" : result.detail);

      const now = files.read("bot.json")?.text ?? "";
      assert.doesNotThrow(() => JSON.parse(now.replace(/^\uFEFF/, "")));
      if (changes.length === 0) assert.equal(now, text);
      assert.ok(now.startsWith(head) && now.endsWith(tail), "what stands around the rows is as it was");
      let at = head.length;
      for (const { raw, fate } of parts) {
        if (fate !== "kept") continue;
        const found = now.indexOf(raw, at);
        assert.notEqual(found, -1, `${raw} is where it was`);
        at = found + raw.length;
      }

      const after = await mirror.read();
      const readable = after.rows.filter(({ problem }) => !problem);
      const shown = new Map(
        readable.map(({ instrument, qty, metadata }) => [instrument, { qty, metadata, code: undefined }]),
      );
      const expected = meant(before.rows, changes);
      assert.deepEqual([...shown].sort(bySymbol), [...expected].sort(bySymbol));
      const refused = (rows: readonly MirrorRow[]) => rows.filter(({ problem }) => problem).length;
      assert.equal(refused(after.rows), refused(before.rows));
      if (result.kind === "written" && result.backup !== null) {
        assert.equal(files.read(result.backup)?.text, text);
      }
    }),
    { numRuns: 1_500 },
  );
});

function bySymbol([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

test("making the changes and making the opposite ones brings every value back", async () => {
  const qtys = fc.array(
    fc.integer({ min: -1_000, max: 1_000 }).filter((qty) => qty !== 0),
    { minLength: 1, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(qtys, fc.constantFrom(undefined, 1, "\t"), async (list, indent) => {
      const rows = Object.fromEntries(list.map((qty, index) => [`S${index}`, { qty, note: { index } }]));
      const files = new MemoryFiles();
      files.install("bot.json", JSON.stringify({ _v: 1, ...rows }, null, indent));
      const mirror = jsonMirror(files, { fields: { quantity: "qty" } });
      const before = files.read("bot.json")?.text ?? "";
      const write = async (qtyOf: (qty: number) => string) => {
        const { version } = await mirror.read();
        const changes = list.map((qty, index) => changeTo("corrected", `S${index}`, { qty: qtyOf(qty) }));
        assert.equal((await mirror.write(changes, version)).kind, "written");
      };
      await write((qty) => decimal(`${-qty}.5`));
      assert.notEqual(files.read("bot.json")?.text, before);
      await write(String);
      assert.equal(files.read("bot.json")?.text, before);
    }),
    { numRuns: 100 },
  );
});
