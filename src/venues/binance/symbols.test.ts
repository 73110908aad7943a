// Both names of an instrument, and what a trade in it moves.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decimal } from "../../core/index.ts";
import { Symbols } from "./symbols.ts";

describe("a symbol of USD-M futures", () => {
  const symbols = new Symbols("usdm");

  for (const [symbol, instrument] of [
    ["BTCUSDT", "BTC/USDT:USDT"],
    ["1000SHIBUSDT", "1000SHIB/USDT:USDT"],
    ["ETHUSDC", "ETH/USDC:USDC"],
    ["BTCUSDT_261225", "BTC/USDT:USDT-261225"],
    ["ETHBTC", "ETH/BTC:BTC"],
  ] as const) {
    test(`${symbol} is ${instrument}, and back`, () => {
      assert.equal(symbols.instrumentOf(symbol), instrument);
      assert.equal(symbols.symbolOf(instrument), symbol);
    });
  }

  test("is none where its end is no quote that is known", () => {
    assert.equal(symbols.instrumentOf("BTCUDT"), undefined);
    assert.equal(symbols.instrumentOf("USDT"), undefined);
  });

  test("moves margin and no coins, one for one", () => {
    const { base, quote, settlement, multiplier } = symbols.spec("BTC/USDT:USDT-261225") ?? {};
    assert.deepEqual(
      { base, quote, settlement, multiplier },
      {
        base: null,
        quote: "USDT",
        settlement: "margin",
        multiplier: "1",
      },
    );
  });

  test("is not a pair of spot", () => {
    assert.equal(symbols.symbolOf("BTC/USDT"), undefined);
    assert.equal(symbols.spec("BTC/USDT"), undefined);
  });
});

describe("a symbol of spot", () => {
  test("is split by its longest quote, and moves coins for cash", () => {
    const symbols = new Symbols("spot");
    assert.equal(symbols.instrumentOf("BTCFDUSD"), "BTC/FDUSD");
    assert.equal(symbols.instrumentOf("BNBBTC"), "BNB/BTC");
    const { base, quote, settlement } = symbols.spec("BTC/FDUSD") ?? {};
    assert.deepEqual({ base, quote, settlement }, { base: "BTC", quote: "FDUSD", settlement: "cash" });
  });

  test("splits as the exchange lists it, not by its shape, once that was read", () => {
    const symbols = new Symbols("spot");
    assert.equal(symbols.instrumentOf("ABCEUR"), "ABC/EUR");
    symbols.learn([{ symbol: "ABCEUR", base: "AB", quote: "CEUR", qtyStep: decimal("0.01") }]);
    assert.equal(symbols.instrumentOf("ABCEUR"), "AB/CEUR");
    assert.equal(symbols.spec("AB/CEUR")?.qtyStep, "0.01");
  });
});
