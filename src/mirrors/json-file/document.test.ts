// What a file is worth as a whole: read, or refused in one sentence that names the place and what to do; and which
// of its rows are refused alone.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryFiles } from "../../../test/support/memory-files.ts";
import { changeTo, jsonMirror } from "../../../test/support/mirror-change.ts";
import { FileError } from "../../runtime/index.ts";
import type { MirrorRead } from "../mirror.ts";
import { FILE_CHARS_MAX, openDocument } from "./document.ts";
import type { JsonFileOptions, Layout } from "./layout.ts";

async function readText(text: string | null, options: Partial<JsonFileOptions> = {}): Promise<MirrorRead> {
  const files = new MemoryFiles();
  if (text !== null) files.install("bot.json", text);
  const mirror = jsonMirror(files, options);
  const read = await mirror.read();
  if (read.quality === "unavailable") {
    // What cannot be read is not written either, and stays as it is.
    const result = await mirror.write([changeTo("added", "NVDA", { qty: "1" })], read.version);
    assert.notEqual(result.kind, "written");
    assert.deepEqual(files.names(), text === null ? [] : ["bot.json"]);
    assert.equal(files.read("bot.json")?.text ?? null, text);
  }
  return read;
}

const LAYOUT: Layout = {
  scope: { type: "account" },
  shape: { kind: "object" },
  fields: {},
  mayAdd: false,
  demandsVenueReference: false,
  onClose: "remove",
};

const ARRAY: Partial<JsonFileOptions> = {
  shape: { kind: "array" },
  fields: { instrument: "symbol", quantity: "qty" },
};

describe("a file that cannot be read", () => {
  const table: readonly [
    what: string,
    text: string | null,
    problem: RegExp,
    options?: Partial<JsonFileOptions>,
  ][] = [
    [
      "is missing",
      null,
      /^there is no file bot\.json; correct the path of the mirror, or start the bot once/,
    ],
    [
      "is empty",
      "",
      /^bot\.json is empty; a store without positions is \{\} or \[\]: let the bot write it again/,
    ],
    ["is only white space", " \n\t", /^bot\.json has nothing but spaces in it;/],
    ["is only a byte order mark", "\uFEFF", /^bot\.json is empty;/],
    [
      "is not JSON",
      "positions = 5",
      /^bot\.json, line 1, column 1: "positions"; only strict JSON is read: let/,
    ],
    [
      "has a comment",
      '{\n  "A": {"qty": 1} // mine\n}',
      /^bot\.json, line 2, column 19: a comment; only strict/,
    ],
    [
      "has a trailing comma",
      '{"A": {"qty": 1},\n}',
      /^bot\.json, line 2, column 1: a comma with nothing after it;/,
    ],
    ["has NaN in it", '{"A": {"qty": NaN}}', /^bot\.json, line 1, column 15: "NaN"/],
    [
      "is half written",
      '{"A": {"qty": 1}, "B": {"q',
      /^bot\.json ends in the middle, at line 1, column 25: it may/,
    ],
    [
      "breaks off between rows",
      '{"A": {"qty": 1},',
      /^bot\.json ends in the middle, at line 1, column 18: it may/,
    ],
    ["is nested too deep", "[".repeat(5_000), /nesting of more than 200 levels/],
    [
      "is an array and not an object",
      "[]",
      /line 1, column 1: the file is an array, and an object with one key a position was expected; correct `shape` or `at`/,
    ],
    [
      "is an object and not an array",
      '{"a": 1}',
      /the file is an object, and an array of rows was expected/,
      ARRAY,
    ],
    ["is a text", '"AAPL"', /the file is the text "AAPL", and an object/],
    ["is null", "null", /the file is null, and an object/],
    [
      "has no such container",
      '{"v": 1, "pos": {}}',
      /there is no "positions" \(the keys there are "v", "pos"\); correct `at`/,
      { at: "positions" },
    ],
    [
      "has no such inner container",
      '{"a": {}}',
      /there is no "a\.b" \(the object is empty\)/,
      { at: "a.b.c" },
    ],
    ["has a container in a number", '{"a": 5}', /there is no "a\.b" \(it is the number "5"\)/, { at: "a.b" }],
    ["has a container that is null", '{"a": null}', /"a" is null, and an object/, { at: "a" }],
    [
      "has two containers",
      '{"a": {}, "a": {}}',
      /the key "a" stands 2 times, and the rows may be in any of them; leave one/,
      { at: "a" },
    ],
    ["has no such element", '[{"p": {}}]', /there is no "1" \(it is an array\)/, { at: "1.p" }],
  ];
  for (const [what, text, problem, options] of table) {
    test(`${what}: it is unavailable, says why, and stays as it is`, async () => {
      const read = await readText(text, options);
      assert.equal(read.quality, "unavailable");
      assert.deepEqual(read.rows, []);
      assert.match(read.problem ?? "", problem);
    });
  }

  test("is longer than any store of positions: it is refused without being parsed", () => {
    const opened = openDocument("bot.json", "[".repeat(FILE_CHARS_MAX + 1), LAYOUT);
    assert.equal(opened.kind, "unreadable");
    assert.match(
      opened.problem,
      /^bot\.json has 33554433 characters, and at most 33554432 are read; .* Check the path$/,
    );
  });

  test("for want of rights is unavailable with the system's reason", async () => {
    const files = new MemoryFiles();
    files.install("bot.json", "{}");
    files.read = () => {
      throw new FileError("EACCES", "could not read bot.json: EACCES: permission denied");
    };
    const read = await jsonMirror(files).read();
    assert.equal(read.quality, "unavailable");
    assert.match(read.problem ?? "", /permission denied; trueup changes nothing and looks again/);
  });

  test("an error of ours is not taken for trouble with the file", async () => {
    const files = new MemoryFiles();
    files.read = () => {
      throw new TypeError("a mistake of ours");
    };
    await assert.rejects(jsonMirror(files).read(), TypeError);
    await assert.rejects(jsonMirror(files).write([], ""), TypeError);
  });
});

describe("a file that can be read", () => {
  test("with no positions has no rows and is complete", async () => {
    for (const [text, options] of [
      ["{}", {}],
      [' { "_meta": 1 } ', {}],
      ["[]", ARRAY],
      ['{"a": {"b": {}}}', { at: "a.b" }],
      ['[{"p": {}}]', { at: "0.p" }],
    ] as const) {
      const read = await readText(text, options);
      assert.deepEqual([read.quality, read.rows], ["complete", []], text);
    }
  });

  test("may begin with a byte order mark", async () => {
    const read = await readText('\uFEFF{"A": {"qty": 1}}');
    assert.deepEqual([read.quality, read.rows[0]?.qty], ["complete", "1"]);
  });

  test("has keys that begin with _ and are not positions, or with another prefix, or with none", async () => {
    const text = '{"_a": {"qty": 1}, "#b": {"qty": 2}, "C": {"qty": 3}}';
    const symbols = async (ignorePrefix?: string) => {
      const { rows } = await readText(text, { shape: { kind: "object", ignorePrefix } });
      return rows.map(({ instrument }) => instrument);
    };
    assert.deepEqual(await symbols(), ["#b", "C"]);
    assert.deepEqual(await symbols("#"), ["_a", "C"]);
    assert.deepEqual(await symbols(""), ["_a", "#b", "C"]);
  });

  test("[R9] with one key twice gives both rows, with ids of their own", async () => {
    const read = await readText('{"A": {"qty": 1}, "A": {"qty": 2}, "A (2)": {"qty": 5}, "A": {"qty": 1}}');
    assert.deepEqual(
      read.rows.map(({ rowId, instrument, qty }) => [rowId, instrument, qty]),
      [
        ["A", "A", "1"],
        ["A (3)", "A", "2"],
        ["A (2)", "A (2)", "5"],
        ["A (4)", "A", "1"],
      ],
    );
  });

  test("[R12] only has the rows that `where` lets through, by text, number or truth value", async () => {
    const text =
      '[{"symbol":"A","qty":1,"x":"bybit","n":1.0,"live":true},{"symbol":"B","qty":1,"x":"okx"},{"symbol":"C","qty":"bad"},{"symbol":"D","qty":1,"x":["bybit"]}]';
    const symbols = async (where: Record<string, string>) => {
      const { rows } = await readText(text, { ...ARRAY, where });
      return rows.map(({ instrument }) => instrument);
    };
    assert.deepEqual(await symbols({ x: "bybit" }), ["A"]);
    assert.deepEqual(await symbols({ n: "1.0", live: "true" }), ["A"]);
    assert.deepEqual(await symbols({ x: "bybit", live: "false" }), []);
    assert.deepEqual(await symbols({}), ["A", "B", "C", "D"]);
  });

  test("[R12] in the scope of a strategy only has that strategy's rows, and keeps the name as the bot's field", async () => {
    const text = '{"A": {"qty": 1, "owner": "momentum"}, "B": {"qty": 2, "owner": "grid"}, "C": {"qty": 3}}';
    const fields = { quantity: "qty", strategy: "owner" };
    const scope = { type: "strategy", strategy: "momentum" } as const;
    const { rows } = await readText(text, { fields, scope });
    assert.deepEqual(
      rows.map(({ instrument, metadata }) => [instrument, metadata]),
      [["A", { owner: "momentum" }]],
    );
    assert.equal((await readText(text, { fields })).rows.length, 3);
  });

  test("does not show rows that are marked as closed", async () => {
    const text =
      '{"A": {"qty": 1, "status": "closed", "n": 1}, "B": {"qty": 1, "status": "open"}, "C": {"qty": 1}}';
    const { rows } = await readText(text, { onClose: { set: { status: "closed", n: 1 } } });
    assert.deepEqual(
      rows.map(({ instrument }) => instrument),
      ["B", "C"],
    );
  });

  test("names the venue's symbol where the bot's is another", async () => {
    const symbols = { BTC: "BTC/USDT:USDT" };
    const { rows } = await readText('{"BTC": {"qty": 1}, "ETH": {"qty": 1}, "constructor": {"qty": 1}}', {
      symbols,
    });
    assert.deepEqual(
      rows.map(({ rowId, instrument }) => [rowId, instrument]),
      [
        ["BTC", "BTC/USDT:USDT"],
        ["ETH", "ETH"],
        ["constructor", "constructor"],
      ],
    );
  });

  test("may be a plain list of symbols: a feed's subscriptions", async () => {
    const list: Partial<JsonFileOptions> = { shape: { kind: "array" }, fields: {}, at: "feed" };
    const { rows } = await readText('{"feed": ["AAPL", 5, "MSFT"]}', list);
    assert.deepEqual(
      rows.map(({ rowId, instrument, qty, problem }) => [rowId, instrument, qty, problem?.code]),
      [
        ["[0]", "AAPL", null, undefined],
        ["[1]", "[1]", null, "row_symbol"],
        ["[2]", "MSFT", null, undefined],
      ],
    );
  });
});
