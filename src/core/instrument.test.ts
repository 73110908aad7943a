// What a symbol in ccxt's spelling says by itself, and when two statements say the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { instrumentOf, isSameInstrument, payoffOf } from "./instrument.ts";

test("a symbol tells base, what it pays in, how, and whether it is inverse", () => {
  const said = (symbol: string) => {
    const one = instrumentOf(symbol);
    return [one.base, one.quote, one.settlement, payoffOf(one)];
  };
  assert.deepEqual(said("BTC/USDT"), ["BTC", "USDT", "cash", "linear"]);
  assert.deepEqual(said("BTC/USDT:USDT"), [null, "USDT", "margin", "linear"]);
  assert.deepEqual(said("BTC/USD:BTC"), [null, "BTC", "margin", "inverse"]);
  assert.deepEqual(said("BTC/USD:BTC-261225"), [null, "BTC", "margin", "inverse"]);
  assert.deepEqual(said("BTC/USDT:USDT-261225"), [null, "USDT", "margin", "linear"]);
  // Neither of its halves: what it is worth, the venue must say.
  assert.deepEqual(said("ETH/USD:BTC"), [null, "BTC", "margin", "linear"]);
  // An option on the coin is priced in it, or in the currency; its spelling does not tell which.
  assert.deepEqual(said("BTC/USD:BTC-261225-100000-C"), [null, "BTC", "none", "linear"]);
  // What is paid for in cash is paid for by quantity × price, whatever it is called.
  assert.equal(payoffOf(instrumentOf("BTC/USD:BTC", { quote: "USD", settlement: "cash" })), "linear");
  assert.deepEqual(said("AAPL"), [null, null, "none", "linear"]);
});

test("an instrument of which nobody said its payoff is a linear one", () => {
  const old = instrumentOf("X", { quote: "USD" });
  assert.equal("payoff" in old, false);
  assert.equal(isSameInstrument(old, { ...old, payoff: "linear" }), true);
  assert.equal(isSameInstrument(old, { ...old, payoff: "inverse" }), false);
  assert.equal(isSameInstrument({ ...old, payoff: "inverse" }, { ...old, payoff: "inverse" }), true);
});
