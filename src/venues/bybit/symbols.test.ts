// Bybit's symbols and our names, both ways.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Instruments, parseInstrument, specOf } from "./instruments.ts";
import { type Category, contractNamed, contractOf } from "./symbols.ts";

const NAMES: readonly [Category, string, string][] = [
  ["linear", "BTCUSDT", "BTC/USDT:USDT"],
  ["linear", "1000PEPEUSDT", "1000PEPE/USDT:USDT"],
  ["linear", "BTCPERP", "BTC/USDC:USDC"],
  ["linear", "BTCUSDT-21FEB25", "BTC/USDT:USDT-250221"],
  ["linear", "BTCUSDT-04JUL25", "BTC/USDT:USDT-250704"],
  ["linear", "BTC-24MAR23", "BTC/USDC:USDC-230324"],
  ["inverse", "BTCUSD", "BTC/USD:BTC"],
  ["inverse", "BTCUSDH23", "BTC/USD:BTC-230331"],
  ["inverse", "ETHUSDM26", "ETH/USD:ETH-260626"],
  ["inverse", "BTCUSDU26", "BTC/USD:BTC-260925"],
  ["inverse", "BTCUSDZ26", "BTC/USD:BTC-261225"],
  ["option", "BTC-13FEB25-89000-P-USDT", "BTC/USDT:USDT-250213-89000-P"],
  ["option", "ETH-28FEB25-2800-C", "ETH/USDC:USDC-250228-2800-C"],
  ["option", "BTC-6JAN23-18000-C", "BTC/USDC:USDC-230106-18000-C"],
  ["option", "XRP-26JUN26-0.55-P-USDT", "XRP/USDT:USDT-260626-0.55-P"],
  ["spot", "BTCUSDT", "BTC/USDT"],
  ["spot", "ETHBTC", "ETH/BTC"],
  ["spot", "USDCUSDT", "USDC/USDT"],
];

test("every documented form of symbol has one name, and the name leads back to it", () => {
  for (const [category, symbol, name] of NAMES) {
    assert.equal(contractOf(category, symbol)?.name, name, symbol);
    const back = contractNamed(name);
    assert.deepEqual([back?.category, back?.symbol], [category, symbol], name);
  }
});

test("what the rules cannot split has no name by rule", () => {
  for (const [category, symbol] of [
    ["linear", "BTCUSDE"],
    ["linear", "BTCUSDT-99XYZ25"],
    ["inverse", "BTCUSDT"],
    ["option", "BTC-28FEB25-2800-X"],
    ["spot", "USDT"],
    ["linear", "%s"],
  ] as const) {
    assert.equal(contractOf(category, symbol), undefined, symbol);
  }
  for (const name of ["AAPL", "BTC/USD:BTC-260101", "BTC/EUR:XYZ-261325", "BTC/USDT:USDT-261225-1-X"]) {
    assert.equal(contractNamed(name), undefined, name);
  }
});

test("the list names what the rules cannot, and an expired contract keeps the symbol that its rows had", () => {
  const instruments = new Instruments();
  const parsed = parseInstrument("linear", {
    ...{
      symbol: "BTCUSDE",
      baseCoin: "BTC",
      quoteCoin: "USDE",
      settleCoin: "USDE",
      contractType: "LinearPerpetual",
    },
    ...{ lotSizeFilter: { qtyStep: "0.01" }, priceFilter: { tickSize: "0.5" } },
  });
  assert.ok(parsed.kind === "row");
  instruments.add(parsed.row);
  assert.equal(instruments.of("linear", "BTCUSDE")?.name, "BTC/USDE:USDE");
  assert.equal(instruments.named("BTC/USDE:USDE")?.symbol, "BTCUSDE");
  assert.deepEqual(instruments.settleCoins("linear"), ["USDE"]);
  // Not the padding that the rule would choose.
  instruments.of("linear", "BTCUSDT-4JUL25");
  assert.equal(instruments.named("BTC/USDT:USDT-250704")?.symbol, "BTCUSDT-4JUL25");
});

test("what a trade moves: coins and cash on spot, the premium of an option, the result where a fill can tell it", () => {
  const of = (category: Category, symbol: string) => {
    const contract = contractOf(category, symbol);
    assert.ok(contract);
    const { base, quote, settlement, payoff } = specOf(contract);
    return [base, quote, settlement, ...(payoff === undefined ? [] : [payoff])];
  };
  assert.deepEqual(of("spot", "BTCUSDT"), ["BTC", "USDT", "cash"]);
  assert.deepEqual(of("linear", "BTCUSDT"), [null, "USDT", "margin"]);
  assert.deepEqual(of("linear", "BTCPERP"), [null, "USDC", "none"]);
  assert.deepEqual(of("inverse", "BTCUSD"), [null, "BTC", "none", "inverse"]);
  assert.deepEqual(of("option", "BTC-6JAN23-18000-C"), [null, "USDC", "cash"]);
});

test("a bot's spelling is a contract where the account holds no coins, and may be either where it does", () => {
  const spelled = (categories: Category[], text: string) => {
    const instruments = new Instruments(categories);
    const before = instruments.spelled("BLASTUSDT");
    instruments.of("linear", "BLASTUSDT");
    assert.deepEqual(instruments.spelled("BLASTUSDT"), before, "the same before a row and after it");
    return instruments.spelled(text);
  };
  assert.deepEqual(spelled(["linear"], "BLASTUSDT"), ["BLAST/USDT:USDT"]);
  assert.deepEqual(spelled(["linear"], "BLAST/USDT"), ["BLAST/USDT:USDT"]);
  assert.deepEqual(spelled(["linear", "spot"], "BLASTUSDT"), ["BLAST/USDT", "BLAST/USDT:USDT"]);
  assert.deepEqual(spelled(["linear", "spot"], "BLAST/USDT"), ["BLAST/USDT"]);
  assert.deepEqual(spelled(["linear", "spot"], "BLAST/USDT:USDT"), ["BLAST/USDT:USDT"]);
  assert.deepEqual(spelled(["linear"], "BLAST"), []);
});
