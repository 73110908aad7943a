// An exchange without a profile: ccxt's own calls against a server that speaks Bybit's protocol. What they bring is told, is
// never complete and never heals; what ccxt is silent about stays unknown.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { realRuntime } from "../../../src/runtime/real.ts";
import { loadExchange } from "../../../src/venues/ccxt/exchange.ts";
import { type CcxtOptions, openCcxt } from "../../../src/venues/ccxt/index.ts";
import type { StreamEvent } from "../../../src/venues/index.ts";
import { type AccountState, newState, order, position } from "../bybit/rows.ts";
import { BybitServer } from "../bybit/server.ts";
import { newClock } from "./opened.ts";

async function open(t: TestContext, state: Partial<AccountState> = {}, more: Partial<CcxtOptions> = {}) {
  const server = new BybitServer();
  server.state = newState(state);
  const baseUrl = await server.start();
  t.after(() => server.stop());
  const venue = await openCcxt({
    exchange: "bybit",
    environment: "live",
    baseUrl,
    credentials: { apiKey: server.key, secret: server.secret },
    options: { fetchMarkets: ["linear"] },
    fetch,
    clock: realRuntime.clock,
    ...more,
  });
  t.after(() => venue.close?.());
  return { server, venue };
}

describe("an exchange without a profile", () => {
  test("declares that it heals nothing, proves nothing by absence and takes no orders", async (t) => {
    const { venue } = await open(t);
    const { heals, absentRowMeansFlat, commands } = venue.capabilities;
    assert.deepEqual(
      [heals, absentRowMeansFlat, commands.submit, commands.cancel],
      [false, "unknown", false, false],
    );
    assert.equal(venue.submit, undefined);
    assert.equal(venue.cancel, undefined);
    assert.equal(venue.order, undefined);
  });

  test("has what ccxt lists, and never calls it complete", async (t) => {
    const { venue } = await open(t, {
      positions: [position(["linear", "USDT", "BTCUSDT"], "Sell", "0.5")],
      // By this field ccxt knows an order of a contract; without it the symbol would be that of a pair.
      orders: [order(["linear", "USDT", "BTCUSDT"], { tpslMode: "Full" })],
    });
    const { positions, orders, balances } = await venue.snapshot();
    assert.deepEqual(
      positions?.rows.map(({ instrument, leg, qty }) => [instrument, leg, qty]),
      [["BTC/USDT:USDT", "net", "-0.5"]],
    );
    assert.deepEqual(
      orders?.rows.map(({ instrument, qty }) => [instrument, qty]),
      [["BTC/USDT:USDT", "0.01"]],
      orders?.problem,
    );
    for (const section of [positions, orders, balances]) {
      assert.equal(section?.quality, "partial");
      assert.match(section?.problem ?? "", /no profile of bybit/);
    }
    const { fills } = await venue.history(Date.now() - 3_600_000);
    assert.equal(fills?.coverage, undefined);
  });

  test("has no row of a market that ccxt does not list: its raw id would be another name tomorrow", async (t) => {
    const { venue } = await open(t, { positions: [position(["linear", "USDT", "NEWCOINUSDT"], "Buy", "3")] });
    const { positions } = await venue.snapshot();
    assert.deepEqual(positions?.rows, []);
    assert.match(positions?.problem ?? "", /NEWCOINUSDT/);
  });

  test("that does not answer is unavailable, and tells no key", async (t) => {
    const { venue, server } = await open(t);
    await venue.snapshot();
    for (const path of ["/v5/position/list", "/v5/order/realtime"]) {
      server.setFault(path, () => ({ status: 500, text: `${server.key} ${server.secret}` }));
    }
    const { positions, orders } = await venue.snapshot();
    assert.deepEqual([positions?.quality, orders?.quality], ["unavailable", "unavailable"]);
    assert.doesNotMatch(JSON.stringify([positions, orders]), new RegExp(`${server.secret}|${server.key}`));
  });

  test("whose markets could not be loaded at first has them at the next read", async (t) => {
    const { venue, server } = await open(t);
    server.setFault("/v5/market/instruments-info", () => "reset");
    assert.equal((await venue.snapshot()).positions?.quality, "unavailable");
    server.clearFaults();
    assert.equal((await venue.snapshot()).positions?.quality, "partial");
  });

  test("is not opened without the keys that it needs, which are named", async (t) => {
    await assert.rejects(open(t, {}, { credentials: {} }), /bybit needs apiKey, secret/);
  });

  test("that ccxt does not have is refused by name, and so is one that leads elsewhere", async (t) => {
    await assert.rejects(
      open(t, {}, { exchange: "nosuchexchange" }),
      /ccxt 4\.5\.84 has no exchange "nosuchexchange"/,
    );
    await assert.rejects(open(t, {}, { exchange: "../okx" }), /has no exchange/);
  });

  test("gets its keys over https, or on this machine, and nowhere else", async (t) => {
    await assert.rejects(open(t, {}, { baseUrl: "http://example.org" }), /expected https/);
  });
});

describe("the stream of an exchange without a profile", () => {
  test("wakes a pass by whatever comes, is never live, and is a gap when it breaks", async (t) => {
    const { timers, random } = realRuntime;
    const timing = { answerMs: 5_000, heartbeatMs: 20_000, idleMs: 60_000, retryMs: 1, retryMsMax: 2 };
    const { venue, server } = await open(t, {}, { stream: { timers, random, timing } });
    const events = watcher<StreamEvent>();
    const frames = watcher<string>();
    const handle = await venue.stream?.(events.take, frames.take);
    t.after(() => handle?.close());
    await frames.until((frame) => frame.includes('"op":"subscribe"'));
    server.stream.topic("order", [order(["linear", "USDT", "BTCUSDT"]).row]);
    await events.until((event) => event.kind === "wake" && event.reason.startsWith("watchOrders"));
    assert.ok(frames.all.some((frame) => frame.includes('"topic":"order"')));
    assert.ok(!frames.all.some((frame) => frame.includes(server.secret)));
    server.stream.cut();
    await events.until((event) => event.kind === "gap");
    assert.ok(!events.all.some(({ kind }) => kind === "live" || kind === "fill"));
  });
});

/** Everything that came, and whoever waits for some of it. */
function watcher<Item>() {
  const all: Item[] = [];
  const waiting: { readonly is: (item: Item) => boolean; readonly done: () => void }[] = [];
  return {
    all,
    take: (item: Item): void => {
      all.push(item);
      for (const one of waiting) if (one.is(item)) one.done();
    },
    until: (is: (item: Item) => boolean) =>
      all.some(is) ? Promise.resolve() : new Promise<void>((done) => waiting.push({ is, done })),
  };
}

test("no other address is asked than the one that was given, and none without encryption", async () => {
  const asked: string[] = [];
  const spy: typeof fetch = async (input) => {
    asked.push(String(input));
    return new Response("{}");
  };
  const ask = async (baseUrl: string | undefined, url: string) => {
    const exchange = await loadExchange({
      ...{ exchange: "kraken", environment: "live", credentials: {}, options: {}, timeoutMs: 1_000 },
      ...(baseUrl !== undefined && { baseUrl }),
      clock: newClock(),
      fetch: spy,
    });
    const send = exchange.fetchImplementation as (url: string, init: RequestInit) => Promise<Response>;
    return send(url, {});
  };
  await assert.rejects(ask("http://127.0.0.1:9", "https://api.kraken.com/0/private"), /only http:\/\/127/);
  await assert.rejects(ask(undefined, "http://api.kraken.com/0/private"), /only https/);
  assert.deepEqual(asked, []);
  await ask("http://127.0.0.1:9", "http://127.0.0.1:9/0/public");
  await ask(undefined, "https://api.kraken.com/0/public");
  assert.equal(asked.length, 2);
});
