// Which spelling means which instrument, and which means none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Spellings } from "./spellings.ts";

const PERPETUALS = [
  { name: "BLAST/USDT:USDT", id: "BLASTUSDT" },
  { name: "BTC/USDT:USDT", id: "BTCUSDT" },
  { name: "BTC/USDT:USDT-261225", id: "BTCUSDT_261225" },
  { name: "BTC/USDC:USDC", id: "BTCPERP" },
  { name: "BTC/USD:BTC", id: "BTC-USD-SWAP" },
];

function spellings(known = PERPETUALS, isMixed = false): Spellings {
  const made = new Spellings({ isMixed });
  made.learn(known);
  return made;
}

const TABLE: readonly (readonly [string, string | undefined])[] = [
  ["BLASTUSDT", "BLAST/USDT:USDT"],
  ["BLAST/USDT:USDT", "BLAST/USDT:USDT"],
  ["BLAST/USDT", "BLAST/USDT:USDT"],
  ["blast-usdt", "BLAST/USDT:USDT"],
  ["BLAST_USDT", "BLAST/USDT:USDT"],
  ["Blast:Usdt", "BLAST/USDT:USDT"],
  ["BTCUSDT", "BTC/USDT:USDT"],
  ["BTCUSDT_261225", "BTC/USDT:USDT-261225"],
  ["BTC/USDT-261225", "BTC/USDT:USDT-261225"],
  ["BTCPERP", "BTC/USDC:USDC"],
  ["BTC-PERP", "BTC/USDC:USDC"],
  ["BTC/USD", "BTC/USD:BTC"],
  ["btc-usd-swap", "BTC/USD:BTC"],
  ["BLAST", undefined],
  ["BLASTUSD", undefined],
  ["BTC", undefined],
  ["BTC USDT", undefined],
  ["BTCU\u017FDT", undefined],
  ["", undefined],
  ["/", undefined],
];

for (const [text, name] of TABLE) {
  test(`${JSON.stringify(text)} is ${name ?? "no spelling of anything"}`, () => {
    assert.deepEqual(spellings().named(text), name === undefined ? [] : [name]);
  });
}

test("what two instruments are spelled like may be either, and each keeps its own name", () => {
  const both = spellings([
    { name: "BTC/USDT", id: "BTCUSDT" },
    { name: "BTC/USDT:USDT", id: "BTCUSDT" },
  ]);
  assert.deepEqual(both.named("BTCUSDT"), ["BTC/USDT", "BTC/USDT:USDT"]);
  assert.deepEqual(both.named("btc/usdt"), ["BTC/USDT", "BTC/USDT:USDT"]);
  assert.deepEqual(both.named("BTC/USDT"), ["BTC/USDT"]);
  assert.deepEqual(both.named("BTC/USDT:USDT"), ["BTC/USDT:USDT"]);
});

test("with coins and contracts in one account a pair alone may be either, whatever is listed", () => {
  for (const [name, id] of [
    ["BLAST/USDT:USDT", "BLASTUSDT"],
    ["BLAST/USDT", "BLASTUSDT"],
  ] as const) {
    const mixed = spellings([{ name, id }], true);
    assert.deepEqual(mixed.named("BLASTUSDT"), ["BLAST/USDT", "BLAST/USDT:USDT"]);
    assert.deepEqual(mixed.named("blast/usdt"), ["BLAST/USDT", "BLAST/USDT:USDT"]);
    assert.deepEqual(mixed.named(name), [name]);
  }
  assert.deepEqual(spellings(PERPETUALS, true).named("blast/usdt:usdt"), ["BLAST/USDT:USDT"]);
});

test("an alias is told by its words: what separates its numbers means something", () => {
  const markets = new Spellings();
  markets.learn([{ name: "7101", aliases: ["btc-above-100/Yes"] }]);
  assert.deepEqual(markets.named("btc-above-100/Yes"), ["7101"]);
  assert.deepEqual(markets.named("BTC-above-100/yes"), ["7101"]);
  assert.deepEqual(markets.named("btc-above-1-00/Yes"), []);
  markets.learn([{ name: "7102", aliases: ["btc-above-100/Yes"] }]);
  assert.deepEqual(markets.named("btc-above-100/Yes"), ["7101", "7102"]);
  assert.deepEqual(markets.named("7102"), ["7102"]);
});

test("every spelling is answered by all instruments that it can be made from", () => {
  const bases = ["A", "AB", "ABC", "B", "BC", "C", "1A", "USD", "AUSD"];
  const quotes = ["C", "BC", "USD", "USDT", "T"];
  const known = bases.flatMap((base) =>
    quotes.flatMap((quote) => [
      { name: `${base}/${quote}:${quote}`, id: base + quote },
      { name: `${base}/${quote}:${quote}-261225`, id: `${base}${quote}_261225` },
    ]),
  );
  const made = spellings(known);
  const plain = (text: string) => text.replace(/[-_/:]/g, "").toLowerCase();
  let answered = 0;
  for (const { name, id } of known) {
    const short = name.replace(/:[^-]+/, "");
    for (const text of [id, short, short.replace("/", "-"), short.toLowerCase(), plain(short)]) {
      const twins = known.filter((one) =>
        [one.name, one.id, one.name.replace(/:[^-]+/, "")].some((own) => plain(own) === plain(text)),
      );
      const found = made.named(text);
      assert.deepEqual(found, twins.map((one) => one.name).sort(), text);
      if (found.length === 1) answered += 1;
    }
    assert.deepEqual(made.named(name), [name]);
  }
  assert.ok(answered > 100, `${answered} spellings had an answer`);
});
