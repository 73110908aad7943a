// One row: how its fields are read, and in which words it is refused. A refused row never takes others with it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryFiles } from "../../../test/support/memory-files.ts";
import { jsonMirror } from "../../../test/support/mirror-change.ts";
import type { MirrorRow } from "../../core/index.ts";
import type { FieldNames, JsonFileOptions } from "./layout.ts";

const GOOD = { rowId: "GOOD", instrument: "GOOD", leg: "net", metadata: {} };

async function rowsOf(text: string, options: Partial<JsonFileOptions>): Promise<readonly MirrorRow[]> {
  const files = new MemoryFiles();
  files.install("bot.json", text);
  const read = await jsonMirror(files, options).read();
  assert.equal(read.quality, "complete", read.problem);
  return read.rows;
}

/** The row "A" with the given value, beside a good one that must always be read. */
async function rowWith(value: string, fields: FieldNames = { quantity: "qty" }): Promise<MirrorRow> {
  const good = '{"qty": 1, "side": "long", "leg": "net", "symbol": "GOOD"}';
  const [row, other] = await rowsOf(`{"A": ${value},\n"GOOD": ${good}}`, { fields });
  assert.ok(row && other);
  assert.deepEqual({ ...other, metadata: {} }, { ...GOOD, qty: fields.quantity ? "1" : null });
  return row;
}

async function qtyOf(value: string, fields?: FieldNames): Promise<string | null> {
  const row = await rowWith(value, fields);
  assert.equal(row.problem, undefined, row.problem?.detail);
  return row.qty;
}

describe("a quantity", () => {
  test("is read exactly as it is spelled, from a number or a text", async () => {
    for (const [spelling, expected] of [
      ["5", "5"],
      ["5.0", "5"],
      ["-0.1000", "-0.1"],
      ["1e-7", "0.0000001"],
      ["1.5E+3", "1500"],
      ["-0", "0"],
      ["12345678901234567890.5", "12345678901234567890.5"],
      ["0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"],
      ['"12345678901234567890.500"', "12345678901234567890.5"],
      ['" 7 "', "7"],
      ['"-1e3"', "-1000"],
    ] as const) {
      assert.equal(await qtyOf(`{"qty": ${spelling}}`), expected, spelling);
    }
  });

  test("that is missing, no number or larger than any real one refuses the row and no other", async () => {
    const table: readonly [value: string, detail: RegExp][] = [
      ["{}", /^line 1, column 7: the quantity "qty" is missing; it is a number, or a text with one/],
      ['{"qty": null}', /^line 1, column 15: the quantity "qty" is null;/],
      ['{"qty": true}', /the quantity "qty" is true;/],
      ['{"qty": "five"}', /the quantity "qty" is "five";/],
      ['{"qty": ""}', /the quantity "qty" is "";/],
      ['{"qty": "0x10"}', /the quantity "qty" is "0x10";/],
      ['{"qty": "1,5"}', /the quantity "qty" is "1,5";/],
      ['{"qty": [1]}', /the quantity "qty" is an array;/],
      ['{"qty": {}}', /the quantity "qty" is an object;/],
      [
        '{"qty": 1e400}',
        /the quantity "qty" is "1e400"; .* at most 96 digits before the point and 60 after it/,
      ],
      ['{"qty": 1e-400}', /the quantity "qty" is "1e-400";/],
      [`{"qty": ${"9".repeat(97)}}`, /the quantity "qty" is "9{24}…";/],
    ];
    for (const [value, detail] of table) {
      const { problem, qty, instrument } = await rowWith(value);
      assert.equal(problem?.code, "row_quantity", value);
      assert.match(problem.detail, detail);
      assert.deepEqual([instrument, qty], ["A", null]);
    }
  });

  test("takes its sign from the side, in any case, and must not have one itself then", async () => {
    const fields = { quantity: "qty", side: "side" };
    for (const [side, expected] of [
      ["long", "5"],
      ["Short", "-5"],
      ["BUY", "5"],
      ["sell", "-5"],
    ] as const) {
      assert.equal(await qtyOf(`{"qty": 5, "side": "${side}"}`, fields), expected);
    }
    assert.equal(await qtyOf('{"qty": -0.0, "side": "short"}', fields), "0");
    assert.equal(await qtyOf('{"qty": 0, "side": null}', fields), "0");
    assert.equal(await qtyOf('{"qty": 0}', fields), "0");
    const negative = await rowWith('{"qty": -5, "side": "short"}', fields);
    assert.equal(negative.problem?.code, "row_quantity");
    assert.match(
      negative.problem.detail,
      /is "-5"; where a side or leg says the direction it must not be negative/,
    );
  });

  test("without a readable side is refused", async () => {
    for (const [value, found] of [
      ['{"qty": 5}', /the side "side" is missing; it is one of long, short, buy, sell/],
      ['{"qty": 5, "side": ""}', /is "";/],
      ['{"qty": 5, "side": "flat"}', /is "flat";/],
      ['{"qty": 5, "side": 1}', /is "1";/],
      ['{"qty": 5, "side": "constructor"}', /is "constructor";/],
    ] as const) {
      const { problem } = await rowWith(value, { quantity: "qty", side: "side" });
      assert.equal(problem?.code, "row_side", value);
      assert.match(problem.detail, found);
    }
  });
});

describe("a leg", () => {
  const fields = { quantity: "qty", leg: "leg" };

  test("is net, long or short, and gives an unsigned quantity its sign", async () => {
    for (const [word, leg, qty] of [
      ["net", "net", "5"],
      ["BOTH", "net", "5"],
      ["LONG", "long", "5"],
      ["Short", "short", "-5"],
      ["sell", "short", "-5"],
    ] as const) {
      const row = await rowWith(`{"qty": 5, "leg": "${word}"}`, fields);
      assert.deepEqual([row.leg, row.qty], [leg, qty], word);
    }
    assert.equal((await rowWith('{"qty": -5, "leg": "net"}', fields)).qty, "-5");
  });

  test("may be the same field as the side", async () => {
    const row = await rowsOf('{"A": {"qty": 5, "side": "short"}}', {
      fields: { quantity: "qty", side: "side", leg: "side" },
    });
    assert.deepEqual(row[0], { rowId: "A", instrument: "A", leg: "short", qty: "-5", metadata: {} });
  });

  test("that is missing or not known, or that the side contradicts, refuses the row", async () => {
    const missing = await rowWith('{"qty": 5}', fields);
    assert.equal(missing.problem?.code, "row_leg");
    assert.match(missing.problem.detail, /the leg "leg" is missing; it is one of net, both, long/);
    assert.equal((await rowWith('{"qty": 5, "leg": 1}', fields)).problem?.code, "row_leg");
    const both = await rowWith('{"qty": 5, "leg": "long", "side": "sell"}', { ...fields, side: "side" });
    assert.equal(both.problem?.code, "row_side");
    assert.match(both.problem.detail, /the side "side" is "sell"; the row's leg is long/);
  });
});

describe("a row", () => {
  test("that is no object is refused, and says what it is", async () => {
    for (const [value, what] of [
      ["true", "true"],
      ["null", "null"],
      ['"held"', 'the text "held"'],
      ["5", 'the number "5"'],
      ["[]", "an array"],
    ] as const) {
      for (const fields of [{ quantity: "qty" }, {}]) {
        const { problem, instrument } = await rowWith(value, fields);
        assert.equal(problem?.code, "row_not_object");
        assert.equal(
          problem.detail,
          `line 1, column 7: the row is ${what}; it must be an object with fields`,
        );
        assert.equal(instrument, "A");
      }
    }
  });

  test("with a symbol that is empty, has spaces around it or is no text is refused", async () => {
    for (const value of ['""', '" "', '"AAPL "', "5", "null", "[]"]) {
      const [row] = await rowsOf(`[{"symbol": ${value}, "qty": 1}]`, {
        shape: { kind: "array" },
        fields: { instrument: "symbol", quantity: "qty" },
      });
      assert.equal(row?.problem?.code, "row_symbol", value);
      assert.match(
        row.problem.detail,
        /^line 1, column 13: the field "symbol" is .*; a symbol is a text that is not empty/,
      );
      assert.equal(row.instrument, "[0]");
    }
    const [missing] = await rowsOf('{"k": {"qty": 1}}', {
      fields: { instrument: "symbol", quantity: "qty" },
      mayAdd: false,
    });
    assert.match(missing?.problem?.detail ?? "", /the field "symbol" is missing/);
    const [empty] = await rowsOf('{"": {"qty": 1}}', {});
    assert.match(empty?.problem?.detail ?? "", /^line 1, column 2: the key is "";/);
  });

  test("with one field twice is refused, whatever the two say", async () => {
    for (const value of [
      '{"qty": 5, "qty": 6}',
      '{"qty": 5, "qty": 5}',
      '{"note": 1, "qty": 5, "note": 2}',
    ]) {
      const { problem } = await rowWith(value);
      assert.equal(problem?.code, "row_field_twice");
      assert.match(problem.detail, /the row has the field "(qty|note)" twice; leave one of them/);
    }
  });

  test("that is refused tells its place in a long file", async () => {
    const rows = Array.from(
      { length: 50 },
      (_, index) => `  "S${index}": {"qty": ${index === 41 ? '"?"' : index}}`,
    );
    const read = await rowsOf(`{\n${rows.join(",\n")}\n}`, {});
    const refused = read.filter(({ problem }) => problem);
    assert.deepEqual(
      refused.map(({ instrument }) => instrument),
      ["S41"],
    );
    assert.match(refused[0]?.problem?.detail ?? "", /^line 43, column 18: the quantity/);
  });

  test("[R9] has an entry price only where one above zero can be read; it never stands in the way", async () => {
    const fields = { quantity: "qty", entry_price: "entry" };
    for (const [entry, expected] of [
      ["187.250", "187.25"],
      ['"0.1"', "0.1"],
      ["0", undefined],
      ["-5", undefined],
      ["null", undefined],
      ['"n/a"', undefined],
      ["1e400", undefined],
    ] as const) {
      const row = await rowWith(`{"qty": 5, "entry": ${entry}}`, fields);
      assert.deepEqual([row.qty, row.entryPrice, row.problem], ["5", expected, undefined], entry);
    }
  });

  test("[A4] has all other fields as the bot's own, as plain values", async () => {
    const fields: FieldNames = {
      quantity: "qty",
      side: "side",
      entry_price: "entry",
      venue_order_id: "order",
      opened_at: "at",
      strategy: "owner",
    };
    const value =
      '{"order": "v-1", "qty": 5, "entry_score": 0.10, "tags": ["a", {"b": null}], "side": "long", "owner": "grid", "at": 1, "ok": true, "__proto__": {"x": 1}, "entry": 2}';
    const { metadata } = await rowWith(value, fields);
    assert.deepEqual(Object.keys(metadata), ["entry_score", "tags", "owner", "ok", "__proto__"]);
    assert.equal(
      JSON.stringify(metadata),
      '{"entry_score":0.1,"tags":["a",{"b":null}],"owner":"grid","ok":true,"__proto__":{"x":1}}',
    );
    assert.equal(Object.getPrototypeOf(metadata), Object.prototype);
  });

  test("keeps numbers of the bot's that a double cannot hold as texts, in their spelling", async () => {
    const { metadata } = await rowWith(
      '{"qty": 1, "id": 12345678901234567891, "far": 1e400, "near": 0.30, "deep": [9007199254740993]}',
    );
    assert.deepEqual(metadata, {
      id: "12345678901234567891",
      far: "1e400",
      near: 0.3,
      deep: ["9007199254740993"],
    });
  });
});
