// OKX's instrument ids and our symbols, both ways.
import assert from "node:assert/strict";
import { test } from "node:test";
import { instIdOf, instrumentSpec, parseInstId } from "./instruments.ts";

const NAMES: readonly (readonly [string, string, string | null])[] = [
  ["BTC-USDT", "BTC/USDT", null],
  ["BTC-USDT-SWAP", "BTC/USDT:USDT", "USDT"],
  ["BTC-USDC-SWAP", "BTC/USDC:USDC", "USDC"],
  ["BTC-USD-SWAP", "BTC/USD:BTC", "BTC"],
  ["BTC-USDT-261225", "BTC/USDT:USDT-261225", "USDT"],
  ["BTC-USD-261225", "BTC/USD:BTC-261225", "BTC"],
  ["BTC-USD-261225-100000-C", "BTC/USD:BTC-261225-100000-C", "BTC"],
  ["1INCH-USDT-SWAP", "1INCH/USDT:USDT", "USDT"],
];

for (const [instId, symbol, settle] of NAMES) {
  test(`${instId} is ${symbol}, and the other way round`, () => {
    assert.deepEqual([parseInstId(instId)?.symbol, parseInstId(instId)?.settle], [symbol, settle]);
    assert.equal(instIdOf(symbol)?.instId, instId);
  });
}

test("an id of another form has no name, so that none is made up", () => {
  for (const instId of ["BTC-USD_UM-SWAP", "BTC", "", "BTC-USDT-SWAP-1", "BTC-USDT-100-C"]) {
    assert.equal(parseInstId(instId), undefined, instId);
  }
  for (const symbol of ["BTC/USDT:BTC", "BTC/USD:USD", "btc/usdt", "NOSUCH"]) {
    assert.equal(instIdOf(symbol), undefined, symbol);
  }
});

test("what a trade moves is known of spot and of linear contracts of known size, and of nothing else", () => {
  const settlementOf = (instId: string, contractSize?: string) => {
    const inst = parseInstId(instId);
    if (!inst) throw new Error(instId);
    const market = { contractSize, precision: { amount: "1", price: "0.1" } } as never;
    return instrumentSpec(inst, contractSize === undefined ? undefined : market).settlement;
  };
  assert.equal(settlementOf("BTC-USDT", "1"), "cash");
  assert.equal(settlementOf("BTC-USDT-SWAP", "0.01"), "margin");
  assert.equal(settlementOf("BTC-USDT-SWAP"), "none");
  assert.equal(settlementOf("BTC-USD-SWAP", "100"), "none");
  assert.equal(settlementOf("BTC-USD-261225-100000-C", "1"), "none");
});

test("a contract that settles in its coin is inverse, by contracts of so many dollars; an option is not", () => {
  const payoffOfId = (instId: string) => {
    const inst = parseInstId(instId);
    if (!inst) throw new Error(instId);
    const market = { contractSize: "100", precision: { amount: "1", price: "0.1" } } as never;
    const spec = instrumentSpec(inst, market);
    return [spec.payoff, spec.multiplier, spec.quote];
  };
  assert.deepEqual(payoffOfId("BTC-USD-SWAP"), ["inverse", "100", "BTC"]);
  assert.deepEqual(payoffOfId("BTC-USD-261225"), ["inverse", "100", "BTC"]);
  assert.deepEqual(payoffOfId("BTC-USDT-SWAP"), [undefined, "100", "USDT"]);
  assert.deepEqual(payoffOfId("BTC-USD-261225-100000-C"), [undefined, "100", "BTC"]);
});
