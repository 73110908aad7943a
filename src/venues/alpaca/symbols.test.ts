// Symbols of shares, options and coins, and what a trade in each moves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { coinSpelled, instrumentName, instrumentSpec, pathSymbol } from "./symbols.ts";

test("a coin has one name, however Alpaca spells it", () => {
  const cases: [string, string | undefined][] = [
    ["BTC/USD", "BTC/USD"],
    ["BTCUSD", "BTC/USD"],
    ["BTCUSDT", "BTC/USDT"],
    ["USDTUSD", "USDT/USD"],
    ["USDCUSD", "USDC/USD"],
    ["ETHBTC", "ETH/BTC"],
    ["SHIBUSDC", "SHIB/USDC"],
    ["USD", undefined],
    ["DOGE", undefined],
  ];
  for (const [symbol, name] of cases) assert.equal(instrumentName(symbol, "crypto"), name, symbol);
  assert.equal(pathSymbol("BTC/USD"), "BTCUSD");
});

test("a share or an option keeps its symbol, also when it ends like a currency", () => {
  assert.equal(instrumentName("BRK.B", "equity"), "BRK.B");
  assert.equal(instrumentName("FUSD", "equity"), "FUSD");
  assert.equal(instrumentName("AMD260501P00277500", undefined), "AMD260501P00277500");
});

test("a share is paid in the account's currency", () => {
  const share = instrumentSpec("AAPL", "USD");
  assert.deepEqual([share.quote, share.base, share.settlement, share.multiplier], ["USD", null, "cash", "1"]);
  assert.equal(share.qtyStep, "0.000000001");
});

test("a coin has a base, so that a fee in the coin reduces the position", () => {
  const coin = instrumentSpec("BTC/USD", "USD");
  assert.deepEqual([coin.base, coin.quote, coin.settlement, coin.multiplier], ["BTC", "USD", "cash", "1"]);
});

test("[E04] an option is 100 of its underlying, and nothing is said about the money of an adjusted one", () => {
  const option = instrumentSpec("AAPL230721C00150000", "USD");
  assert.deepEqual([option.multiplier, option.settlement, option.qtyStep], ["100", "cash", "1"]);
  assert.equal(instrumentSpec("AAPL1230721C00150000", "USD").settlement, "none");
});

test("a coin is known in every spelling, and nothing that may be a share is taken for one", () => {
  const coins = ["BTCUSD", "btc/usd", "BTC-USD", "BTC/USD"].map(coinSpelled);
  assert.deepEqual(coins, Array(4).fill("BTC/USD"));
  assert.equal(coinSpelled("ETHUSDT"), "ETH/USDT");
  for (const share of ["AAPL", "FUSD", "ABUSD", "BRK.B", "BRK-B", "AAPL230721C00150000", "USD"]) {
    assert.equal(coinSpelled(share), undefined, share);
  }
});
