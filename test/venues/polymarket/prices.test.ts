// Prices of Polymarket, over a server of this machine that speaks the market channel's words.
// @see https://docs.polymarket.com/market-data/websocket/market-channel, /api-reference/wss/market (read 2026-11)
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type PriceBench,
  type PriceWords,
  priceConformance,
  type Quote,
} from "../../../src/conformance/index.ts";
import { DECLARATION, openPolymarket } from "../../../src/venues/polymarket/index.ts";
import { priceProtocol } from "../../../src/venues/polymarket/prices.ts";
import { POLYMARKET_TIMING } from "../../../src/venues/polymarket/stream.ts";

const TOKENS = [
  "65818619657568813474341868652308942079804919287380422192892211131408793125422",
  "71321045679252212594626385532706912750332728571942532289631379312455583992563",
] as const;
const FUNDER = "0x1111111111111111111111111111111111111111";

function bookOf(token: string, quote: Quote | undefined, nowMs: number) {
  return {
    event_type: "book",
    asset_id: token,
    market: "0xbd31",
    // The best last, as the venue lists them.
    bids: quote
      ? [
          { price: "0.01", size: "30" },
          { price: quote.bid, size: "2" },
        ]
      : [],
    asks: quote
      ? [
          { price: "0.99", size: "25" },
          { price: quote.ask, size: "2" },
        ]
      : [],
    timestamp: String(nowMs),
    hash: "0x0",
  };
}

const words: PriceWords = {
  received: (text, subscribed, quotes, nowMs) => {
    if (text === "PING") return ["PONG"];
    const { assets_ids, operation } = JSON.parse(text) as { assets_ids: string[]; operation?: string };
    if (operation === "unsubscribe") {
      for (const token of assets_ids) subscribed.delete(token);
      return [];
    }
    for (const token of assets_ids) subscribed.add(token);
    return [JSON.stringify(assets_ids.map((token) => bookOf(token, quotes.get(token), nowMs)))];
  },
  told: (token, { bid, ask, last }, nowMs) => {
    const other = TOKENS.find((one) => one !== token);
    const change = (asset_id: string | undefined, best_bid: string, best_ask: string) => ({
      ...{ asset_id, price: bid, size: "200", side: "BUY", hash: "56", best_bid, best_ask },
    });
    return [
      JSON.stringify({
        event_type: "price_change",
        market: "0x5f65",
        price_changes: [change(token, bid, ask), change(other, "0", "1")],
        timestamp: String(nowMs),
      }),
      JSON.stringify({
        ...{
          event_type: "last_trade_price",
          asset_id: token,
          market: "0x6a",
          price: last,
          size: "2",
          side: "BUY",
        },
        timestamp: String(nowMs),
      }),
    ];
  },
  answer: ({ body }, quotes, nowMs) => {
    const asked = (JSON.parse(body) as { token_id: string }[]).map(({ token_id }) => token_id);
    return JSON.stringify(
      asked.flatMap((token) => (quotes.has(token) ? [bookOf(token, quotes.get(token), nowMs)] : [])),
    );
  },
};

const BENCH: PriceBench = {
  name: "polymarket",
  declaration: DECLARATION,
  instruments: TOKENS,
  stranger: "will-it-rain/Yes",
  keys: { apiKey: "canary-0000-key", secret: "Y2FuYXJ5LXNlY3JldC0wMDAw", passphrase: "canary-pass-0000" },
  streamed: ["last", "bid", "ask"],
  answered: ["bid", "ask"],
  words,
  open: ({ url, wsUrl, keys, fetch, clock, timers, random, openSocket }) =>
    openPolymarket({
      credentials: {
        apiKey: keys.apiKey ?? "",
        secret: keys.secret ?? "",
        passphrase: keys.passphrase ?? "",
      },
      funder: FUNDER,
      signer: FUNDER,
      signatureType: "eoa",
      baseUrl: url,
      dataUrl: url,
      wsUrl: `${wsUrl}/ws/user`,
      fetch,
      clock,
      timeoutMs: 30_000,
      stream: { timers, random, openSocket, timing: POLYMARKET_TIMING },
    }),
};

priceConformance(BENCH);

test("a token that is told of after it was dropped is still subscribed, and in the end another connection is made", () => {
  const [token] = TOKENS;
  const codec = priceProtocol("ws://127.0.0.1").codec();
  const book = JSON.stringify(bookOf(token, undefined, 1_766_000_000_000));
  codec.subscribe([token]);
  assert.deepEqual(codec.received(book), [{ kind: "subscribed", instruments: [token] }]);
  assert.deepEqual(codec.received(book), []);
  for (const expected of ["subscribed", "subscribed", "end"]) {
    codec.unsubscribe([token]);
    assert.deepEqual(codec.received(book), [], "what was on its way proves nothing");
    assert.deepEqual(codec.received("PONG"), [{ kind: "unsubscribed", instruments: [token] }]);
    assert.equal(codec.received(book)[0]?.kind, expected);
  }
});
