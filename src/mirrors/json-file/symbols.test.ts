// A bot's symbols in its file: the table before the venue's knowledge, nothing guessed, and new rows in the file's own way.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryFiles } from "../../../test/support/memory-files.ts";
import { changeTo, jsonMirror } from "../../../test/support/mirror-change.ts";
import type { JsonFileOptions } from "./layout.ts";

/** A venue's knowledge, in small: names, and without separators what they may be. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  BTCUSDT: ["BTC/USDT:USDT"],
  ETHUSDT: ["ETH/USDT", "ETH/USDT:USDT"],
  BLASTUSDT: ["BLAST/USDT:USDT"],
};
const NAMES = new Set(Object.values(KNOWN).flat());
const named = (text: string) =>
  NAMES.has(text) ? [text] : (KNOWN[text.toUpperCase().replace(/[-_/:]/g, "")] ?? []);

function opened(text: string, options: Partial<JsonFileOptions> = {}) {
  const files = new MemoryFiles();
  files.install("bot.json", text);
  return {
    files,
    mirror: jsonMirror(files, { fields: { quantity: "qty" }, mayAdd: true, named, ...options }),
  };
}

async function added(text: string, instrument: string, options: Partial<JsonFileOptions> = {}) {
  const { files, mirror } = opened(text, options);
  const { version } = await mirror.read();
  const change = changeTo("added", instrument, { rowId: null, qty: "1" });
  const result = await mirror.write([change], version);
  assert.equal(result.kind, "written", JSON.stringify(result));
  return Object.keys(JSON.parse(files.read("bot.json")?.text ?? "") as object);
}

describe("a row's symbol", () => {
  test("is the instrument that it is a spelling of", async () => {
    const { rows } = await opened('{"btc_usdt": {"qty": 1}}').mirror.read();
    assert.deepEqual(
      rows.map(({ rowId, instrument, problem }) => [rowId, instrument, problem]),
      [["btc_usdt", "BTC/USDT:USDT", undefined]],
    );
  });

  test("that may mean two instruments refuses the row and names both", async () => {
    const { rows } = await opened('{"ETHUSDT": {"qty": 1}}').mirror.read();
    assert.equal(rows[0]?.problem?.code, "row_symbol");
    assert.match(rows[0]?.problem?.detail ?? "", /may be ETH\/USDT or ETH\/USDT:USDT/);
    assert.deepEqual(rows[0]?.problem?.mayBe, ["ETH/USDT", "ETH/USDT:USDT"]);
  });

  test("that nothing is spelled like refuses the row", async () => {
    const { rows } = await opened('{"XBTUSD": {"qty": 1}}').mirror.read();
    assert.deepEqual([rows[0]?.problem?.code, rows[0]?.problem?.mayBe], ["row_symbol", []]);
  });

  test("is what the table says, whatever the venue knows", async () => {
    const symbols = { BTCUSDT: "BLAST/USDT:USDT", ETHUSDT: "ETH/USDT" };
    const { rows } = await opened('{"BTCUSDT": {"qty": 1}, "ETHUSDT": {"qty": 1}}', {
      symbols,
    }).mirror.read();
    assert.deepEqual(
      rows.map(({ instrument }) => instrument),
      ["BLAST/USDT:USDT", "ETH/USDT"],
    );
  });

  test("stays as it stands where no venue tells", async () => {
    const { rows } = await opened('{"BTCUSDT": {"qty": 1}}', { named: undefined }).mirror.read();
    assert.equal(rows[0]?.instrument, "BTCUSDT");
  });
});

describe("an added row", () => {
  const TABLE = [
    ['{"BTCUSDT": {"qty": 1}}', "BLASTUSDT"],
    ['{"BTC/USDT": {"qty": 1}}', "BLAST/USDT"],
    ['{"btc-usdt": {"qty": 1}}', "blast-usdt"],
    ['{"BTC/USDT:USDT": {"qty": 1}}', "BLAST/USDT:USDT"],
    ["{}", "BLAST/USDT:USDT"],
  ] as const;
  for (const [text, key] of TABLE) {
    test(`beside ${text} is ${key}`, async () => {
      assert.equal((await added(text, "BLAST/USDT:USDT")).at(-1), key);
    });
  }

  test("has the instrument's name where the rows are spelled in two ways", async () => {
    const text = '{"BTCUSDT": {"qty": 1}, "ETH/USDT:USDT": {"qty": 1}}';
    assert.equal((await added(text, "BLAST/USDT:USDT")).at(-1), "BLAST/USDT:USDT");
  });

  test("has the instrument's name where the file's way would mean another one too", async () => {
    assert.equal((await added('{"BTCUSDT": {"qty": 1}}', "ETH/USDT:USDT")).at(-1), "ETH/USDT:USDT");
  });

  test("has the table's spelling before any", async () => {
    const symbols = { blasty: "BLAST/USDT:USDT" };
    assert.equal((await added('{"BTCUSDT": {"qty": 1}}', "BLAST/USDT:USDT", { symbols })).at(-1), "blasty");
  });
});

test("two spellings of one instrument are two rows of one position", async () => {
  const { rows } = await opened('{"BTCUSDT": {"qty": 1}, "BTC/USDT:USDT": {"qty": 1}}').mirror.read();
  assert.deepEqual(
    rows.map(({ instrument }) => instrument),
    ["BTC/USDT:USDT", "BTC/USDT:USDT"],
  );
});
