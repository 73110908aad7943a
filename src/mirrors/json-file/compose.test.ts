// Edits to the byte: what the file is before and after a change, in the ways that bots set their files.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryFiles } from "../../../test/support/memory-files.ts";
import { changeTo, jsonMirror, NOON_MS } from "../../../test/support/mirror-change.ts";
import type { MirrorChange } from "../../core/index.ts";
import type { MirrorWrite } from "../mirror.ts";
import type { JsonFileOptions } from "./layout.ts";

async function write(
  text: string,
  changes: readonly MirrorChange[],
  options: Partial<JsonFileOptions> = {},
): Promise<{ readonly result: MirrorWrite; readonly text: string | undefined }> {
  const files = new MemoryFiles();
  files.install("bot.json", text);
  const mirror = jsonMirror(files, options);
  const { version, quality, problem } = await mirror.read();
  assert.equal(quality, "complete", problem);
  const result = await mirror.write(changes, version);
  if (result.kind !== "written") {
    assert.deepEqual(files.names(), ["bot.json"], "a write that was not made leaves nothing behind");
    assert.equal(files.read("bot.json")?.text, text, "a write that was not made changes nothing");
  }
  return { result, text: files.read("bot.json")?.text };
}

async function becomes(
  before: string,
  changes: readonly MirrorChange[],
  after: string,
  options: Partial<JsonFileOptions> = {},
): Promise<void> {
  const { result, text } = await write(before, changes, options);
  assert.equal(result.kind, "written", result.kind === "written" ? "" : result.detail);
  assert.equal(text, after);
}

async function fails(
  before: string,
  changes: readonly MirrorChange[],
  detail: RegExp,
  options: Partial<JsonFileOptions> = {},
): Promise<void> {
  const { result } = await write(before, changes, options);
  assert.equal(result.kind, "failed");
  assert.match(result.detail, /^bot\.json was not changed: /);
  assert.match(result.detail, detail);
}

const removed = (...symbols: string[]) => symbols.map((symbol) => changeTo("removed", symbol));
const ARRAY: Partial<JsonFileOptions> = {
  shape: { kind: "array" },
  fields: { instrument: "symbol", quantity: "qty" },
};

describe("removing rows", () => {
  const tall = '{\n  "A": {"qty": 1},\n  "B": {"qty": 2},\n  "C": {"qty": 3}\n}\n';
  const flat = '{"A": {"qty": 1}, "B": {"qty": 2}, "C": {"qty": 3}}';
  const odd = '{\r\n\t"A" : {"qty":1}\r\n\t,"B" : {"qty":2} ,\r\n\r\n\t"C" : {"qty":3}\r\n}\r\n\r\n';

  test("takes the comma that is theirs: the first, a middle, the last, neighbours, all", async () => {
    await becomes(tall, removed("A"), '{\n  "B": {"qty": 2},\n  "C": {"qty": 3}\n}\n');
    await becomes(tall, removed("B"), '{\n  "A": {"qty": 1},\n  "C": {"qty": 3}\n}\n');
    await becomes(tall, removed("C"), '{\n  "A": {"qty": 1},\n  "B": {"qty": 2}\n}\n');
    await becomes(tall, removed("A", "B"), '{\n  "C": {"qty": 3}\n}\n');
    await becomes(tall, removed("C", "B"), '{\n  "A": {"qty": 1}\n}\n');
    await becomes(tall, removed("A", "C"), '{\n  "B": {"qty": 2}\n}\n');
    await becomes(tall, removed("B", "C", "A"), "{}\n");
    await becomes(flat, removed("A"), '{"B": {"qty": 2}, "C": {"qty": 3}}');
    await becomes(flat, removed("B"), '{"A": {"qty": 1}, "C": {"qty": 3}}');
    await becomes(flat, removed("C"), '{"A": {"qty": 1}, "B": {"qty": 2}}');
    await becomes(flat, removed("A", "B", "C"), "{}");
    await becomes(odd, removed("A"), '{\r\n\t"B" : {"qty":2} ,\r\n\r\n\t"C" : {"qty":3}\r\n}\r\n\r\n');
    await becomes(odd, removed("B"), '{\r\n\t"A" : {"qty":1}\r\n\t,"C" : {"qty":3}\r\n}\r\n\r\n');
    await becomes(odd, removed("C"), '{\r\n\t"A" : {"qty":1}\r\n\t,"B" : {"qty":2}\r\n}\r\n\r\n');
    await becomes('\uFEFF{"A": {"qty": 1}}', removed("A"), "\uFEFF{}");
  });

  test("does the same in an array, where the row ids are places", async () => {
    const array =
      '{"at": 1.0, "p": [\n {"symbol": "A", "qty": 1},\n {"symbol": "B", "qty": 2},\n null\n], "z": []}';
    const options = { ...ARRAY, at: "p" };
    const of = (place: number, symbol: string) => changeTo("removed", symbol, { rowId: `[${place}]` });
    await becomes(
      array,
      [of(0, "A")],
      '{"at": 1.0, "p": [\n {"symbol": "B", "qty": 2},\n null\n], "z": []}',
      options,
    );
    await becomes(
      array,
      [of(1, "B")],
      '{"at": 1.0, "p": [\n {"symbol": "A", "qty": 1},\n null\n], "z": []}',
      options,
    );
    await becomes(array, [of(1, "B"), of(0, "A")], '{"at": 1.0, "p": [\n null\n], "z": []}', options);
    await becomes('[["x"],{"symbol":"A","qty":1}]', [of(1, "A")], '[["x"]]', ARRAY);
  });

  test("leaves keys that are not positions where and as they are", async () => {
    const text =
      '{\n  "_a": {"x":  1.50},\n  "A": {"qty": 1},\n  "_b": [ ],\n  "B": {"qty": 2},\n  "_c": "\\u00e4"\n}';
    await becomes(text, removed("A", "B"), '{\n  "_a": {"x":  1.50},\n  "_b": [ ],\n  "_c": "\\u00e4"\n}');
  });

  test("removes a symbol from a plain list", async () => {
    const list: Partial<JsonFileOptions> = { shape: { kind: "array" }, fields: {} };
    await becomes('["A", "B"]', [changeTo("removed", "B", { rowId: "[1]" })], '["A"]', list);
  });
});

describe("marking rows as closed", () => {
  const onClose = { set: { status: "closed", n: 0 } };

  test("sets the fields and keeps the row with all else", async () => {
    const text =
      '{\n  "A": {\n    "qty": 1,\n    "status": "open",\n    "n":  9.0\n  },\n  "B": {"qty": 2}\n}';
    const after =
      '{\n  "A": {\n    "qty": 1,\n    "status": "closed",\n    "n":  0\n  },\n  "B": {"qty": 2, "status": "closed", "n": 0}\n}';
    await becomes(text, removed("A", "B"), after, { onClose });
  });

  test("puts new fields on lines of their own where the row has such, and into an empty row", async () => {
    const text = '{"A":{\r\n  "note":1\r\n},"B":{},"C":{ "x":1 }}';
    const after =
      '{"A":{\r\n  "note":1,\r\n  "status":"closed",\r\n  "n":0\r\n},"B":{"status":"closed","n":0},"C":{ "x":1,"status":"closed","n":0 }}';
    await becomes(text, removed("A", "B", "C"), after, { onClose, fields: {} });
  });

  test("keeps the spelling of a field that has the value already", async () => {
    const text = '{"A": {"qty": 1, "n": 0.00, "status": "\\u0063losing"}}';
    const after = '{"A": {"qty": 1, "n": 0.00, "status": "closed"}}';
    await becomes(text, removed("A"), after, { onClose });
  });

  test("works with a filter that the closed row no longer matches", async () => {
    const options = { onClose: { set: { status: "closed" } }, where: { status: "open" } };
    const text = '{"A": {"qty": 1, "status": "open"}, "B": {"qty": 1, "status": "stopped"}}';
    const after = '{"A": {"qty": 1, "status": "closed"}, "B": {"qty": 1, "status": "stopped"}}';
    await becomes(text, removed("A"), after, options);
  });

  test("gives the key of a closed row to a new one of that symbol", async () => {
    const text = '{\n  "A": {"qty": 1, "status": "closed", "why": "stop"},\n  "B": {"qty": 2}\n}';
    const added = [changeTo("added", "A", { qty: "7", metadata: { score: 1 } })];
    const after = '{\n  "A": {"qty": 7, "entry": null, "score": 1},\n  "B": {"qty": 2}\n}';
    await becomes(text, added, after, { onClose: { set: { status: "closed" } } });
  });
});

describe("correcting a row", () => {
  test("changes the text of the quantity and nothing else", async () => {
    const text = '{ "A" :{"x": 1.0e0 , "qty" :  5.00 ,"y":[ ]}, "B": {"qty":1} }';
    const after = '{ "A" :{"x": 1.0e0 , "qty" :  -7.25 ,"y":[ ]}, "B": {"qty":1} }';
    await becomes(text, [changeTo("corrected", "A", { qty: "-7.25" })], after);
  });

  test("writes a text where there was a text, and a number where there was a number", async () => {
    const text =
      '{"A": {"qty": "5", "entry": 1}, "B": {"qty": 5, "entry": "1"}, "C": {"qty": 5, "entry": null}}';
    const after =
      '{"A": {"qty": "6", "entry": 2.5}, "B": {"qty": 6, "entry": "2.5"}, "C": {"qty": 6, "entry": 2.5}}';
    const parts = { qty: "6", entryPrice: "2.5" };
    const changes = ["A", "B", "C"].map((symbol) => changeTo("corrected", symbol, parts));
    await becomes(text, changes, after);
  });

  test("writes every digit of a number that a double cannot hold", async () => {
    const qty = "12345678901234567890.123456789";
    await becomes('{"A": {"qty": 1}}', [changeTo("corrected", "A", { qty })], `{"A": {"qty": ${qty}}}`);
  });

  test("keeps the spelling of what is right already", async () => {
    const text = '{"A": {"qty": 5.00, "entry": 100.10}}';
    const change = changeTo("corrected", "A", { qty: "6", entryPrice: "100.1" });
    await becomes(text, [change], '{"A": {"qty": 6, "entry": 100.10}}');
  });

  test("writes no price into a row that has none, and none where none is known", async () => {
    const change = changeTo("corrected", "A", { qty: "6", entryPrice: "100.1" });
    await becomes('{"A": {"qty": 5}}', [change], '{"A": {"qty": 6}}');
    const unknown = changeTo("corrected", "A", { qty: "6" });
    await becomes('{"A": {"qty": 5, "entry": 9}}', [unknown], '{"A": {"qty": 6, "entry": 9}}');
  });

  test("turns the side with the bot's own word, and leaves it where it is right", async () => {
    const fields = { quantity: "qty", side: "side" };
    for (const [word, turned] of [
      ["long", "short"],
      ["BUY", "SELL"],
      ["Sell", "Buy"],
      ["Short", "Long"],
    ] as const) {
      const isLong = /long|buy/i.test(word);
      const text = `{"A": {"side": "${word}", "qty": 5}}`;
      const same = [changeTo("corrected", "A", { qty: isLong ? "6" : "-6" })];
      await becomes(text, same, `{"A": {"side": "${word}", "qty": 6}}`, { fields });
      const other = [changeTo("corrected", "A", { qty: isLong ? "-6" : "6" })];
      await becomes(text, other, `{"A": {"side": "${turned}", "qty": 6}}`, { fields });
    }
  });

  test("leaves the spelling of a quantity of which only the side was wrong", async () => {
    const fields = { quantity: "qty", side: "side" };
    const change = [changeTo("corrected", "A", { qty: "-5" })];
    await becomes('{"A": {"qty": 5.00, "side": "buy"}}', change, '{"A": {"qty": 5.00, "side": "sell"}}', {
      fields,
    });
  });

  test("says the side of a row that was flat and had none", async () => {
    const fields = { quantity: "qty", side: "side" };
    const change = [changeTo("corrected", "A", { qty: "-2" })];
    await becomes('{"A": {"qty": 0, "side": null}}', change, '{"A": {"qty": 2, "side": "short"}}', {
      fields,
    });
    await becomes('{"A": {"qty": 0}}', change, '{"A": {"qty": 2, "side": "short"}}', { fields });
    await becomes('{"A": {"qty": 0, "side": ""}}', change, '{"A": {"qty": 2, "side": "short"}}', { fields });
    await becomes('{"A": {"qty": 0, "side": "FLAT"}}', change, '{"A": {"qty": 2, "side": "SHORT"}}', {
      fields,
    });
    const flat = [changeTo("corrected", "A", { qty: "0" })];
    await becomes('{"A": {"qty": 2, "side": "buy"}}', flat, '{"A": {"qty": 0, "side": "buy"}}', { fields });
  });

  test("writes the quantity of a short leg without a sign", async () => {
    const fields = { quantity: "qty", leg: "leg" };
    const text = '{"A": {"qty": 1, "leg": "SHORT"}, "B": {"qty": 1, "leg": "BOTH"}}';
    const changes = [
      changeTo("corrected", "A", { leg: "short", qty: "-4" }),
      changeTo("corrected", "B", { qty: "-4" }),
    ];
    await becomes(text, changes, '{"A": {"qty": 4, "leg": "SHORT"}, "B": {"qty": -4, "leg": "BOTH"}}', {
      fields,
    });
  });

  test("writes the bot's symbol nowhere and finds the row by the venue's", async () => {
    const options = { symbols: { BTC: "BTC/USDT:USDT" } };
    const change = changeTo("corrected", "BTC/USDT:USDT", { rowId: "BTC", qty: "2" });
    await becomes('{"BTC": {"qty": 1}}', [change], '{"BTC": {"qty": 2}}', options);
  });
});

describe("adding a row", () => {
  const added = (symbol: string, qty = "2") => changeTo("added", symbol, { qty });

  test("sets it as the others are set", async () => {
    await becomes('{"A": {"qty": 1}}', [added("B")], '{"A": {"qty": 1}, "B": {"qty": 2, "entry": null}}');
    await becomes(
      '{"A":{"qty":1},"B":{"qty":1}}',
      [added("C")],
      '{"A":{"qty":1},"B":{"qty":1},"C":{"qty":2,"entry":null}}',
    );
    await becomes(
      '{\n  "A": {"qty": 1}\n}\n',
      [added("B"), added("C", "-3")],
      '{\n  "A": {"qty": 1},\n  "B": {"qty": 2, "entry": null},\n  "C": {"qty": -3, "entry": null}\n}\n',
    );
    await becomes(
      '{\r\n\t"A": {\r\n\t\t"qty": "1"\r\n\t}\r\n}',
      [added("B")],
      '{\r\n\t"A": {\r\n\t\t"qty": "1"\r\n\t},\r\n\t"B": {\r\n\t\t"qty": "2",\r\n\t\t"entry": null\r\n\t}\r\n}',
    );
    await becomes(
      '{\n    "p": {\n        "A" : {\n            "qty" : 1\n        }\n    },\n    "z": 1\n}',
      [added("B")],
      '{\n    "p": {\n        "A" : {\n            "qty" : 1\n        },\n        "B" : {\n            "qty" : 2,\n            "entry" : null\n        }\n    },\n    "z": 1\n}',
      { at: "p" },
    );
  });

  test("does not take over a colon on a line of its own", async () => {
    const after = '{"A"\n:\n{"qty"\n:\n1}, "B": {"qty": 2, "entry": null}}';
    await becomes('{"A"\n:\n{"qty"\n:\n1}}', [added("B")], after);
  });

  test("puts it after the last row, before keys that are not positions", async () => {
    const text = '{\n  "A": {"qty": 1},\n  "_meta": {"n": 1},\n  "_tail": 0\n}';
    const row = '{"qty": 2, "entry": null}';
    await becomes(
      text,
      [added("B")],
      `{\n  "A": {"qty": 1},\n  "B": ${row},\n  "_meta": {"n": 1},\n  "_tail": 0\n}`,
    );
    const only = '{\n  "_meta": {"n": 1}\n}';
    await becomes(only, [added("B")], `{\n  "_meta": {"n": 1},\n  "B": ${row}\n}`);
    const both = [changeTo("removed", "A"), added("B")];
    await becomes(text, both, `{\n  "_meta": {"n": 1},\n  "_tail": 0,\n  "B": ${row}\n}`);
  });

  test("fills a store that is empty, or becomes so", async () => {
    const tall = '{\n  "B": {\n    "qty": 2,\n    "entry": null\n  }\n}';
    await becomes("{}", [added("B")], tall);
    await becomes("{\n}\n", [added("B")], `${tall}\n`);
    await becomes('{"v": 1, "p": {}}', [added("B")], '{"v": 1, "p": {"B": {"qty": 2, "entry": null}}}', {
      at: "p",
    });
    await becomes('{"v":1,"p":{}}', [added("B")], '{"v":1,"p":{"B":{"qty":2,"entry":null}}}', { at: "p" });
    await becomes(
      '{\n    "v": 1,\n    "p": {}\n}',
      [added("B")],
      '{\n    "v": 1,\n    "p": {\n        "B": {\n            "qty": 2,\n            "entry": null\n        }\n    }\n}',
      { at: "p" },
    );
    const swap = [changeTo("removed", "A"), added("B")];
    await becomes('{\n  "A": {"qty": 1}\n}', swap, '{\n  "B": {"qty": 2, "entry": null}\n}');
    await becomes('{ "A": {"qty": 1} }', swap, '{"B": {"qty": 2, "entry": null}}');
    await becomes('["A"]', [changeTo("removed", "A", { rowId: "[0]" }), added("B")], '["B"]', {
      shape: { kind: "array" },
      fields: {},
    });
  });

  test("adds to an array and to a plain list", async () => {
    await becomes(
      '[{"symbol": "A", "qty": 1}]',
      [added("B")],
      '[{"symbol": "A", "qty": 1}, {"symbol": "B", "qty": 2}]',
      ARRAY,
    );
    await becomes("[]", [added("B")], '[\n  {\n    "symbol": "B",\n    "qty": 2\n  }\n]', ARRAY);
    await becomes('["A",\n "B"]', [added("C")], '["A",\n "B",\n "C"]', {
      shape: { kind: "array" },
      fields: {},
    });
  });

  test("fills the mapped fields in the bot's spelling, and all of the template's", async () => {
    const options: Partial<JsonFileOptions> = {
      shape: { kind: "array" },
      fields: {
        instrument: "symbol",
        quantity: "qty",
        side: "side",
        entry_price: "entry",
        venue_order_id: "order",
        opened_at: "at",
        strategy: "owner",
      },
      scope: { type: "strategy", strategy: "grid" },
      where: { exchange: "bybit" },
      symbols: { BTC: "BTC/USDT:USDT" },
      template: {
        status: "open",
        note: "{instrument} {side} {qty}/{net_qty} @ {entry_price}, {unknown}",
        order: "{venue_order_id}",
        qty: 0,
        stop: null,
        nested: { ids: ["{venue_order_id}", 1, true], day: new Date(NOON_MS) },
      },
    };
    const text =
      '[{"symbol": "X", "qty": "1", "side": "BUY", "at": 1700000000.5, "owner": "grid", "exchange": "bybit"}]';
    const change = changeTo("added", "BTC/USDT:USDT", {
      qty: "-0.5",
      entryPrice: "64000.10",
      venueOrderId: "v-9",
      openedAt: NOON_MS + 250,
      metadata: { score: 0.5, status: "held", qty: "never" },
    });
    const row =
      '{"status": "held", "note": "BTC SELL 0.5/-0.5 @ 64000.1, {unknown}", "order": "v-9", "qty": "0.5", "stop": null, ' +
      '"nested": {"ids": ["v-9", 1, true], "day": "2026-01-05T12:00:00.000Z"}, "symbol": "BTC", "side": "SELL", "entry": 64000.1, ' +
      '"at": 1767614400.25, "exchange": "bybit", "owner": "grid", "score": 0.5}';
    await becomes(text, [change], `${text.slice(0, -1)}, ${row}]`, options);
  });

  test("[R7] writes null, or what the template says, for what is not known; never zero or a made-up reference", async () => {
    const fields = { quantity: "qty", entry_price: "entry", venue_order_id: "order", opened_at: "at" };
    const row = '{"qty": 2, "entry": null, "order": null, "at": null}';
    await becomes('{"A": {"qty": 1}}', [added("B")], `{"A": {"qty": 1}, "B": ${row}}`, { fields });
    const template = { entry: "unknown", order: "{venue_order_id}", tag: "at {entry_price}" };
    const told = '{"entry": "unknown", "order": null, "tag": "at ", "qty": 2, "at": null}';
    await becomes('{"A": {"qty": 1}}', [added("B")], `{"A": {"qty": 1}, "B": ${told}}`, { fields, template });
  });

  test("spells as a row that can be read does, else as the template's own values do", async () => {
    const bad = '{"A": {"qty": "bad"}, "B": {"qty": 1}';
    await becomes(`${bad}}`, [added("C")], `${bad}, "C": {"qty": 2}}`, { fields: { quantity: "qty" } });
    const fields = { quantity: "qty", venue_order_id: "order", opened_at: "at" };
    const change = changeTo("added", "C", { qty: "2", venueOrderId: "77", openedAt: NOON_MS });
    const _x = '{"_x": {"y": 1}';
    const texts = { qty: "0", order: "", at: "never" };
    const asTexts = '{"qty": "2", "order": "77", "at": "2026-01-05T12:00:00.000Z"}';
    await becomes(`${_x}}`, [change], `${_x}, "C": ${asTexts}}`, { fields, template: texts });
    const numbers = { qty: 0, order: 0, at: 0 };
    const asNumbers = '{"qty": 2, "order": 77, "at": 1767614400}';
    await becomes(`${_x}}`, [change], `${_x}, "C": ${asNumbers}}`, { fields, template: numbers });
    const template = { qty: "{qty}", why: "{constructor}" };
    const plain = { fields: { quantity: "qty" }, template };
    await becomes(`${_x}}`, [change], `${_x}, "C": {"qty": 2, "why": "{constructor}"}}`, plain);
  });

  test("[R12] says what makes a row this mirror's as the bot does: a number, a truth value or a text", async () => {
    const options: Partial<JsonFileOptions> = {
      fields: { quantity: "qty" },
      where: { n: "1.0", on: "true", ex: "okx" },
    };
    const text = '{"A": {"qty": 1, "n": 1.0, "on": true, "ex": "okx"}';
    const after = `${text}, "B": {"qty": 2, "n": 1.0, "on": true, "ex": "okx"}}`;
    await becomes(`${text}}`, [added("B")], after, options);
    const template = { n: "2", on: true };
    const first = '{"_x": {}, "B": {"n": "1.0", "on": true, "qty": 2, "ex": "okx"}}';
    await becomes('{"_x": {}}', [added("B")], first, { ...options, template });
  });

  test("writes times as the bot does: ISO, seconds or milliseconds", async () => {
    const fields = { quantity: "qty", opened_at: "at" };
    const change = changeTo("added", "B", { qty: "1", openedAt: NOON_MS });
    for (const [like, expected] of [
      ['"2025-12-01 00:00"', '"2026-01-05T12:00:00.000Z"'],
      ["1764547200", "1767614400"],
      ["1764547200000", "1767614400000"],
      ["null", '"2026-01-05T12:00:00.000Z"'],
    ] as const) {
      const text = `{"A": {"qty": 1, "at": ${like}}`;
      await becomes(`${text}}`, [change], `${text}, "B": {"qty": 1, "at": ${expected}}}`, { fields });
    }
  });

  test("writes a venue's number as a number where the bot does", async () => {
    const fields = { quantity: "qty", venue_order_id: "order" };
    const change = changeTo("added", "B", { qty: "1", venueOrderId: "9007199254740993" });
    const text = '{"A": {"qty": 1, "order": 77}';
    await becomes(`${text}}`, [change], `${text}, "B": {"qty": 1, "order": 9007199254740993}}`, { fields });
  });

  test("takes the key that the configuration says, where it is not the symbol", async () => {
    const options: Partial<JsonFileOptions> = {
      shape: { kind: "object", key: "{instrument}:{leg}" },
      fields: { instrument: "s", quantity: "qty", leg: "leg" },
    };
    const changes = [
      changeTo("added", "X", { qty: "1", leg: "long" }),
      changeTo("added", "X", { qty: "-2", leg: "short" }),
    ];
    const after =
      '{"n": {"s": "Y", "leg": "net", "qty": 1}, "X:long": {"s": "X", "leg": "long", "qty": 1}, "X:short": {"s": "X", "leg": "short", "qty": 2}}';
    const before = '{"n": {"s": "Y", "leg": "net", "qty": 1}}';
    const { text } = await write(before, changes, options);
    assert.deepEqual(JSON.parse(text ?? ""), JSON.parse(after));
  });

  test("writes symbols and fields of any characters so that they are read back", async () => {
    const metadata = { 'a"b\\': "\ud800", ["__proto__"]: 1, "": " \u2028" };
    const change = changeTo("added", '["\u0000"]', { qty: "1", metadata });
    const { result, text } = await write('{"A": {"qty": 1}}', [change]);
    assert.equal(result.kind, "written");
    assert.equal(JSON.parse(text ?? "")['["\u0000"]']['a"b\\'], "\ud800");
    assert.match(text ?? "", /"__proto__": 1, "": /);
    assert.ok(text?.isWellFormed());
  });
});

describe("a write that cannot be made", () => {
  const one = '{"A": {"qty": 1}, "_x": 1, "K": {"qty": 1, "ex": "okx"}}';

  test("says why, and changes nothing", async () => {
    const added = (symbol: string, parts = {}) => [changeTo("added", symbol, { qty: "2", ...parts })];
    await fails(one, removed("B"), /there is no readable row "B" for net:B/);
    await fails('{"A": {"qty": null}}', removed("A"), /there is no readable row "A" for net:A/);
    await fails(one, [changeTo("removed", "A", { leg: "long" })], /no readable row "A" for long:A/);
    await fails(one, [...removed("A"), ...removed("A")], /there are two changes for net:A/);
    await fails(one, added("A"), /net:A has a row already/);
    await fails(one, added("_y"), /the key "_y" of the new row begins with what marks a key as no position/);
    await fails(one, added("K"), /the key "K" of the new row is that of a row that is not of this mirror/, {
      where: { ex: "bybit" },
    });
    await fails('{"A": {"qty": null}}', added("A"), /is that of another row of this mirror/);
    await fails(one, added("B"), /only be added where the configuration says add = true/, { mayAdd: false });
    await fails(one, added("B"), /needs the venue order id that opened it/, { demandsVenueReference: true });
    await fails(one, [changeTo("corrected", "A", { qty: "1" })], /keeps no quantity/, { fields: {} });
    const fixed = {
      shape: { kind: "object", key: "new" },
      fields: { instrument: "s", quantity: "qty" },
    } as const;
    await fails(
      "{}",
      [...added("B"), ...added("C")],
      /two new rows would have the key "new"; .*shape\.key/,
      fixed,
    );
  });

  test("is found out by reading the new text before it is written", async () => {
    const meant = /the new text would not say what was meant: /;
    const contradiction = [changeTo("added", "B", { qty: "2", leg: "long" })];
    await fails('{"A": {"qty": 1}}', contradiction, meant);
    const flipped = [changeTo("corrected", "A", { qty: "-2", leg: "long" })];
    await fails('{"A": {"qty": 1, "leg": "long"}}', flipped, /would be read as 2 instead of -2/, {
      fields: { quantity: "qty", leg: "leg" },
    });
    const closing = { onClose: { set: { status: "closed" } }, template: { status: "closed" } };
    await fails(
      '{"A": {"qty": 1}}',
      [changeTo("added", "B", { qty: "2" })],
      /would not be read as a row of this mirror; look at template/,
      closing,
    );
    const alias = { symbols: { B1: "B", B: "OTHER" } };
    await becomes(
      '{"A": {"qty": 1}}',
      [changeTo("added", "B", { qty: "2" })],
      '{"A": {"qty": 1}, "B1": {"qty": 2, "entry": null}}',
      alias,
    );
    await fails(
      '{"A": {"qty": 1}}',
      [changeTo("added", "B1", { qty: "2" })],
      /would be read as net:B instead of net:B1/,
      alias,
    );
  });

  test("is refused when the mirror is opened, where the options cannot work together", () => {
    const open = (options: Partial<JsonFileOptions>) => jsonMirror(new MemoryFiles(), options);
    const list: Partial<JsonFileOptions> = { shape: { kind: "array" }, fields: {} };
    assert.throws(
      () => open({ backups: 0 }),
      /^Error: the mirror "bot" cannot work: at least 1 backup is kept/,
    );
    assert.throws(
      () => open({ ...list, fields: { quantity: "qty" } }),
      /an array of rows needs fields\.instrument/,
    );
    assert.throws(() => open({ ...list, where: { a: "b" } }), /has no fields that `where` could look at/);
    assert.throws(() => open({ ...list, onClose: { set: { a: 1 } } }), /cannot be marked as closed/);
    assert.throws(() => open({ onClose: { set: {} } }), /on_close\.set names no field/);
    assert.throws(
      () => open({ fields: { instrument: "s" } }),
      /say with shape\.key what the key of an added row is/,
    );
  });
});

test("a hundred thousand rows are read, and a thousand changes made, in one pass over the text", async () => {
  const rows = Array.from({ length: 100_000 }, (_, index) => {
    const qty = index % 500 === 7 ? '"bad"' : index;
    return `  "S${index}": {"qty": ${qty}, "entry": 1.50, "score": 0.7}`;
  });
  const text = `{\n${rows.join(",\n")}\n}\n`;
  const changes = Array.from({ length: 100_000 }, (_, index) => {
    if (index % 100 === 1) return changeTo("removed", `S${index}`);
    if (index % 100 === 2) return changeTo("corrected", `S${index}`, { qty: "0.5" });
    return index % 100 === 3 ? changeTo("added", `N${index}`, { qty: "1" }) : undefined;
  }).filter((change) => change !== undefined);
  const expected = rows.flatMap((row, index) => {
    if (index % 100 === 1) return [];
    return index % 100 === 2 ? [row.replace(/"qty": \d+/, '"qty": 0.5')] : [row];
  });
  for (const { instrument } of changes.filter(({ action }) => action === "added")) {
    expected.push(`  "${instrument}": {"qty": 1, "entry": null}`);
  }
  await becomes(text, changes, `{\n${expected.join(",\n")}\n}\n`);
});
