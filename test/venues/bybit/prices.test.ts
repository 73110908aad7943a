// Prices of Bybit's categories, over a server of this machine that speaks its words for them.
// @see https://bybit-exchange.github.io/docs/v5/websocket/public/ticker, /v5/market/tickers (read 2026-11)
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type PriceBench,
  type PriceWords,
  priceConformance,
  type Quote,
} from "../../../src/conformance/index.ts";
import { PriceServer } from "../../../src/conformance/wire/price-server.ts";
import { VirtualRuntime } from "../../../src/sim/index.ts";
import { DECLARATION, openBybit } from "../../../src/venues/bybit/index.ts";
import type { PriceEvent } from "../../../src/venues/index.ts";
import { ScriptedFeed } from "../../../src/venues/scripted/index.ts";
import { routedFeed } from "../../../src/venues/wire/routed-feed.ts";
import { loadSockets } from "../../../src/venues/wire/socket.ts";
import { STREAM_TIMING } from "../../../src/venues/wire/stream.ts";

type Category = "linear" | "spot" | "inverse";

const symbolOf = (instrument: string) => instrument.replace("/", "").replace(/:.*/, "");

function words(category: Category, instruments: readonly string[]): PriceWords {
  const named = new Map(instruments.map((one) => [`tickers.${symbolOf(one)}`, one]));
  /** Contracts tell what changed only. */
  const before = new Map<string, string>();
  return {
    received: (text, subscribed) => {
      const { op, args = [], req_id } = JSON.parse(text) as { op: string; args?: string[]; req_id: string };
      if (op === "ping")
        return [JSON.stringify({ success: true, ret_msg: "pong", conn_id: "c", req_id, op })];
      const strange = args.find((topic) => !named.has(topic));
      if (strange !== undefined) {
        const ret_msg = `error:handler not found,topic:${strange}`;
        return [JSON.stringify({ success: false, ret_msg, conn_id: "c", req_id, op })];
      }
      for (const topic of args) {
        const instrument = named.get(topic) ?? "";
        before.delete(instrument);
        if (op === "subscribe") subscribed.add(instrument);
        else subscribed.delete(instrument);
      }
      return [JSON.stringify({ success: true, ret_msg: "", conn_id: "c", req_id, op })];
    },
    told: (instrument, { last, bid, ask }: Quote, nowMs) => {
      const symbol = symbolOf(instrument);
      const topic = `tickers.${symbol}`;
      const of = (type: string, data: object) =>
        JSON.stringify({ topic, type, data: { symbol, ...data }, cs: 24987956059, ts: nowMs });
      if (category === "spot") return [of("snapshot", { lastPrice: last })];
      const isFirst = !before.has(instrument);
      before.set(instrument, bid);
      return isFirst
        ? [
            of("delta", { bid1Price: "1" }),
            of("snapshot", { lastPrice: "7", bid1Price: bid, ask1Price: ask }),
            of("delta", { lastPrice: last }),
          ]
        : [of("delta", { lastPrice: last, bid1Price: bid, ask1Price: ask })];
    },
    answer: ({ url }, quotes, nowMs) => {
      const symbol = url.searchParams.get("symbol");
      const instrument = instruments.find((one) => symbolOf(one) === symbol);
      const quote = instrument === undefined ? undefined : quotes.get(instrument);
      const ok = { retExtInfo: {}, time: nowMs };
      if (!quote)
        return JSON.stringify({ retCode: 10001, retMsg: "params error: Symbol Invalid", result: {}, ...ok });
      const row = { symbol, lastPrice: quote.last, bid1Price: quote.bid, ask1Price: quote.ask };
      return JSON.stringify({ retCode: 0, retMsg: "OK", result: { category, list: [row] }, ...ok });
    },
  };
}

function bench(category: Category, instruments: readonly [string, string]): PriceBench {
  return {
    name: `bybit ${category}`,
    declaration: DECLARATION,
    instruments,
    stranger: "no instrument",
    keys: { key: "CanaryKey77CanaryKey77", secret: "canary-secret-91aa02bb" },
    streamed: category === "spot" ? ["last"] : ["last", "bid", "ask"],
    answered: ["last", "bid", "ask"],
    words: words(category, instruments),
    open: ({ url, wsUrl, keys, fetch, clock, timers, random, openSocket }) =>
      openBybit({
        key: keys.key ?? "",
        secret: keys.secret ?? "",
        environment: "live",
        baseUrl: url,
        wsUrl: `${wsUrl}/v5/private`,
        fetch,
        clock,
        timing: { timeoutMs: 30_000, retries: 0 },
        stream: { timers, random, openSocket, timing: STREAM_TIMING },
      }),
  };
}

priceConformance(bench("linear", ["BTC/USDT:USDT", "ETH/USDT:USDT"]));
priceConformance(bench("inverse", ["BTC/USD:BTC", "ETH/USD:ETH"]));
priceConformance(bench("spot", ["BTC/USDT", "ETH/USDT"]));

test("a feed of several parts is live when each of them is, and one that follows nothing any more is not missed", () => {
  const feeds = new Map<string, { feed: ScriptedFeed }>();
  const events: PriceEvent[] = [];
  const feed = routedFeed(
    (instrument) => (instrument.startsWith("?") ? { refused: "unknown" } : instrument.slice(0, 1)),
    (route, listener) => {
      const part = { feed: new ScriptedFeed(listener) };
      feeds.set(route, part);
      return part.feed;
    },
    (event) => events.push(event),
  );
  feed.follow(["a1", "b1", "?"]);
  assert.deepEqual([...feed.followed()].sort(), ["a1", "b1"]);
  feeds.get("a")?.feed.break("cut");
  assert.deepEqual(feed.followed(), ["b1"]);
  events.length = 0;
  feeds.get("b")?.feed.restore();
  assert.deepEqual(events, [], "a is still away");
  feed.follow(["b1", "b2"]);
  assert.deepEqual(events.at(-1), { kind: "live", instruments: ["b1", "b2"] });
});

test("a change tells what it leaves out as it was, and a change of what was never told in whole tells nothing", async (t) => {
  const peers = new PriceServer({
    received: (text, subscribed) => {
      const { op, args = [], req_id } = JSON.parse(text) as { op: string; args?: string[]; req_id: string };
      for (const _ of args) subscribed.add("BTC/USDT:USDT");
      return [
        JSON.stringify({ success: true, ret_msg: op === "ping" ? "pong" : "", conn_id: "c", req_id, op }),
      ];
    },
    told: () => [],
  });
  const url = await peers.start();
  t.after(() => peers.stop());
  const { clock, timers, random } = new VirtualRuntime(Date.UTC(2026, 3, 24));
  const venue = await openBybit({
    ...{
      key: "k",
      secret: "s",
      environment: "live",
      baseUrl: url,
      wsUrl: `${url.replace("http", "ws")}/v5/private`,
    },
    ...{ fetch, clock, stream: { timers, random, openSocket: await loadSockets(), timing: STREAM_TIMING } },
  });
  const ticks: unknown[] = [];
  const feed = venue.prices?.((event) => event.kind === "tick" && ticks.push(event.tick));
  t.after(() => feed?.close());
  feed?.follow(["BTC/USDT:USDT"]);
  const until = async (isDone: () => boolean) => {
    for (let turn = 0; turn < 2_000 && !isDone(); turn += 1) await peers.roundTrip();
    assert.ok(isDone());
  };
  await until(() => feed?.followed().length === 1);
  const say = (type: string, data: object) =>
    peers.say(
      JSON.stringify({
        topic: "tickers.BTCUSDT",
        type,
        data: { symbol: "BTCUSDT", ...data },
        ts: 1_766_000_000_000,
      }),
    );
  say("delta", { bid1Price: "1" });
  say("snapshot", { lastPrice: "10", bid1Price: "9", ask1Price: "11" });
  say("delta", { bid1Price: "9.5" });
  say("delta", { ask1Price: "" });
  await until(() => ticks.length === 3);
  const base = { instrument: "BTC/USDT:USDT", last: "10", atMs: 1_766_000_000_000 };
  assert.deepEqual(ticks, [
    { ...base, bid: "9", ask: "11" },
    { ...base, bid: "9.5", ask: "11" },
    { ...base, bid: "9.5" },
  ]);
});
