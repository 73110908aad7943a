// Prices of both markets of Binance, over a server of this machine that speaks its words for them.
// @see https://github.com/binance/binance-spot-api-docs web-socket-streams.md and rest-api.md (read 2026-11)
import {
  type PriceBench,
  type PriceWords,
  priceConformance,
  type Quote,
} from "../../../src/conformance/index.ts";
import { DECLARATION, type Market, openBinance } from "../../../src/venues/binance/index.ts";
import { STREAM_TIMING } from "../../../src/venues/wire/stream.ts";

const streamOf = (instrument: string) => `${symbolOf(instrument).toLowerCase()}@bookTicker`;
const symbolOf = (instrument: string) => instrument.replace("/", "").replace(/:.*/, "");

function words(market: Market, instruments: readonly string[]): PriceWords {
  const named = new Map(instruments.map((one) => [streamOf(one), one]));
  const told = (instrument: string, { bid, ask }: Quote, nowMs: number) =>
    JSON.stringify({
      ...(market === "usdm" && { e: "bookTicker", E: nowMs, T: nowMs }),
      u: 400900217,
      s: symbolOf(instrument),
      b: bid,
      B: "31.21",
      a: ask,
      A: "40.66",
    });
  return {
    received: (text, subscribed) => {
      const {
        method,
        params = [],
        id,
      } = JSON.parse(text) as { method: string; params?: string[]; id: number };
      for (const stream of params) {
        const instrument = named.get(stream);
        if (instrument === undefined) throw new Error(`the server knows no stream ${stream}`);
        if (method === "SUBSCRIBE") subscribed.add(instrument);
        else subscribed.delete(instrument);
      }
      const result = method === "LIST_SUBSCRIPTIONS" ? [...subscribed].map(streamOf) : null;
      return [JSON.stringify({ result, id })];
    },
    told: (instrument, quote, nowMs) => [told(instrument, quote, nowMs)],
    answer: ({ url }, quotes, nowMs) => {
      const instrument = instruments.find((one) => symbolOf(one) === url.searchParams.get("symbol"));
      const quote = instrument === undefined ? undefined : quotes.get(instrument);
      if (!quote) return JSON.stringify({ code: -1121, msg: "Invalid symbol." });
      return JSON.stringify({
        symbol: url.searchParams.get("symbol"),
        bidPrice: quote.bid,
        bidQty: "1",
        askPrice: quote.ask,
        askQty: "2",
        ...(market === "usdm" && { time: nowMs - 3_600_000 }),
      });
    },
  };
}

function bench(market: Market, instruments: readonly [string, string]): PriceBench {
  return {
    name: `binance ${market}`,
    declaration: DECLARATION,
    instruments,
    stranger: "no instrument",
    keys: { keyId: "CanaryKey0001CanaryKey0001CanaryKey0001", secret: "canary-secret-4b7d19e2f0" },
    streamed: ["bid", "ask"],
    answered: ["bid", "ask"],
    words: words(market, instruments),
    open: ({ url, wsUrl, keys, fetch, clock, timers, random, openSocket }) =>
      openBinance({
        market,
        environment: "live",
        keyId: keys.keyId ?? "",
        secret: keys.secret ?? "",
        ...(market === "spot" && { symbols: [...instruments] }),
        baseUrl: url,
        wsUrl,
        fetch,
        clock,
        timeoutMs: 30_000,
        stream: { timers, random, openSocket, timing: STREAM_TIMING },
      }),
  };
}

priceConformance(bench("usdm", ["BTC/USDT:USDT", "ETH/USDT:USDT"]));
priceConformance(bench("spot", ["BTC/USDT", "ETH/USDT"]));
