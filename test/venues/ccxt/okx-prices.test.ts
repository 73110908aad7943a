// Prices of OKX through ccxt, asked for over a server of this machine.
// @see https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-ticker (read 2026-11)
import { type PriceWords, priceConformance } from "../../../src/conformance/index.ts";
import { PROFILE_DECLARATIONS } from "../../../src/venues/ccxt/declaration.ts";
import { openCcxt } from "../../../src/venues/ccxt/index.ts";
import { OKX_KEYS, okxOptions } from "./okx-bench.ts";
import { declarationOf } from "./support.ts";

const IDS: Readonly<Record<string, string>> = {
  "BTC-USDT-SWAP": "BTC/USDT:USDT",
  "ETH-USDT-SWAP": "ETH/USDT:USDT",
};

const words: PriceWords = {
  received: () => [],
  told: () => [],
  answer: ({ url }, quotes, nowMs) => {
    const instId = url.searchParams.get("instId") ?? "";
    const quote = quotes.get(IDS[instId] ?? "");
    if (!quote) return JSON.stringify({ code: "51001", msg: "Instrument ID does not exist", data: [] });
    const row = {
      ...{ instType: "SWAP", instId, last: quote.last, lastSz: "1", askPx: quote.ask, askSz: "11" },
      ...{ bidPx: quote.bid, bidSz: "5", ts: String(nowMs) },
    };
    return JSON.stringify({ code: "0", msg: "", data: [row] });
  },
};

priceConformance({
  name: "ccxt okx",
  declaration: declarationOf(PROFILE_DECLARATIONS, "ccxt:okx"),
  instruments: ["BTC/USDT:USDT", "ETH/USDT:USDT"],
  stranger: "no instrument",
  keys: OKX_KEYS,
  streamed: [],
  answered: ["last", "bid", "ask"],
  words,
  open: (parts) => openCcxt(okxOptions(parts)),
});
