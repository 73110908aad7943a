// Prices of Alpaca, asked for over a server of this machine: trades of shares, quotes of coins, none of options.
// @see https://docs.alpaca.markets/reference/stocklatesttrades-1, /reference/cryptolatestquotes-1 (read 2026-11)
import { type PriceBench, type PriceWords, priceConformance } from "../../../src/conformance/index.ts";
import { DECLARATION, openAlpaca } from "../../../src/venues/alpaca/index.ts";
import { alpacaOptions } from "./bench.ts";

/** Numbers, as Alpaca writes them: exact only as text. */
const words: PriceWords = {
  received: () => [],
  told: () => [],
  answer: ({ url }, quotes, nowMs) => {
    const t = new Date(nowMs - 1_000).toISOString().replace("Z", "123456Z");
    const isCrypto = url.pathname === "/v1beta3/crypto/us/latest/quotes";
    const rows = (url.searchParams.get("symbols") ?? "").split(",").flatMap((symbol) => {
      const quote = quotes.get(symbol);
      if (!quote) return [];
      const row = isCrypto
        ? `{"ap":${quote.ask},"as":1.2,"bp":${quote.bid},"bs":3,"t":"${t}"}`
        : `{"c":["@"],"i":52983525029461,"p":${quote.last},"s":100,"t":"${t}","x":"V","z":"A"}`;
      return [`${JSON.stringify(symbol)}:${row}`];
    });
    return `{${isCrypto ? '"quotes"' : '"trades"'}:{${rows.join(",")}}}`;
  },
};

function bench(
  name: string,
  instruments: readonly [string, string],
  stranger: string,
  answered: PriceBench["answered"],
): PriceBench {
  return {
    name,
    declaration: DECLARATION,
    instruments,
    stranger,
    keys: { keyId: "PKCANARY0000", secret: "canary-secret-3f21" },
    streamed: [],
    answered,
    words,
    open: (parts) => openAlpaca(alpacaOptions(parts)),
  };
}

priceConformance(bench("alpaca shares", ["AAPL", "BRK.B"], "AAPL261218C00150000", ["last"]));
priceConformance(bench("alpaca coins", ["BTC/USD", "ETH/USD"], "a,b", ["bid", "ask"]));
