// What must be true of every adapter's prices, whatever the venue: what is followed replaces what was, what is acknowledged is
// known, what is lost is told, no price is rounded, nothing throws, and no secret comes out.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { type Decimal, decimal } from "../core/index.ts";
import { VirtualRuntime } from "../sim/index.ts";
import type { PriceEvent, PriceFeed, PriceTick, Venue } from "../venues/index.ts";
import { loadSockets } from "../venues/wire/socket.ts";
import type { PriceBench, Quote } from "./price-bench.ts";
import { PriceServer } from "./wire/price-server.ts";

const START = Date.parse("2026-04-24T15:00:00.000Z");
const TURNS_MAX = 2_000;

const QUOTE: Quote = {
  bid: decimal("0.123456789012345678"),
  ask: decimal("0.123456789012345679"),
  last: decimal("0.1234567890123456785"),
};
const LATER: Quote = { bid: decimal("0.4"), ask: decimal("0.5"), last: decimal("0.45") };

export function priceConformance(bench: PriceBench): void {
  describe(`prices of ${bench.name}`, () => {
    test("are there exactly as the adapter declares", async (t) => {
      const { venue } = await PriceWorld.open(t, bench);
      const { prices } = bench.declaration;
      assert.equal(venue.prices !== undefined, bench.streamed.length > 0);
      assert.equal(venue.lastPrices !== undefined, bench.answered.length > 0);
      assert.equal(prices?.stream != null, bench.streamed.length > 0);
      assert.equal(prices?.read != null, bench.answered.length > 0);
    });
    if (bench.streamed.length > 0) feedClaims(bench);
    if (bench.answered.length > 0) readClaims(bench);
  });
}

function feedClaims(bench: PriceBench): void {
  const [first, second] = bench.instruments;

  test("what is followed is subscribed, acknowledged, and told exactly", async (t) => {
    const world = await PriceWorld.open(t, bench);
    const feed = world.feed(t);
    feed.follow([first, second]);
    await world.until(() => feed.followed().length === 2);
    assert.deepEqual([...feed.followed()].sort(), [first, second].sort());
    assert.deepEqual([...world.lastLive()].sort(), [first, second].sort());
    world.server.move(first, QUOTE);
    await world.until(() => world.ticks(first).length > 0);
    assert.deepEqual(told(world.ticks(first)), chosen(QUOTE, bench.streamed));
  });

  test("following replaces: what is dropped is unsubscribed at the venue, what stays goes on", async (t) => {
    const world = await PriceWorld.open(t, bench);
    const feed = world.feed(t);
    feed.follow([first]);
    await world.until(() => feed.followed().includes(first));
    feed.follow([second]);
    await world.until(() => feed.followed().length === 1 && feed.followed()[0] === second);
    await world.until(() => !world.server.subscribed.has(first));
    assert.deepEqual([...world.server.subscribed], [second]);
    world.server.move(second, QUOTE);
    await world.until(() => world.ticks(second).length > 0);
  });

  test("what is followed and dropped in one breath is dropped in the end", async (t) => {
    const world = await PriceWorld.open(t, bench);
    const feed = world.feed(t);
    feed.follow([first, second]);
    await world.until(() => feed.followed().length === 2);
    feed.follow([first]);
    feed.follow([second]);
    feed.follow([first]);
    await world.until(() => world.server.subscribed.size === 1 && feed.followed().length === 1);
    assert.deepEqual([feed.followed(), [...world.server.subscribed]], [[first], [first]]);
  });

  test("an instrument that the venue cannot have is refused, and the others are told", async (t) => {
    const world = await PriceWorld.open(t, bench);
    const feed = world.feed(t);
    feed.follow([bench.stranger, first]);
    await world.until(() => feed.followed().includes(first));
    await world.until(() => world.events.some((one) => one.kind === "refused"));
    const refused = world.events.flatMap((one) => (one.kind === "refused" ? [one.instrument] : []));
    assert.deepEqual([...new Set(refused)], [bench.stranger]);
    assert.deepEqual(feed.followed(), [first]);
  });

  test("a loss is a gap, in which nothing counts as followed; then all is subscribed again", async (t) => {
    const world = await PriceWorld.open(t, bench);
    const feed = world.feed(t);
    feed.follow([first, second]);
    await world.until(() => feed.followed().length === 2);
    world.server.cut();
    await world.until(() => world.kinds().includes("gap"));
    assert.deepEqual(feed.followed(), []);
    await world.until(() => feed.followed().length === 2, 1_000);
    assert.equal(world.kinds().at(-1), "live");
    assert.equal(world.server.subscribed.size, 2);
  });

  test("a venue that never acknowledges is a gap, and nothing counts as followed", async (t) => {
    const world = await PriceWorld.open(t, bench);
    world.server.isMute = true;
    const feed = world.feed(t);
    feed.follow([first]);
    await world.until(() => world.server.connections > 0);
    await world.until(() => world.kinds().includes("gap"), 1_000);
    assert.deepEqual([feed.followed(), world.kinds().includes("live")], [[], false]);
  });

  test("a connection that does not answer any more is given up", async (t) => {
    const world = await PriceWorld.open(t, bench);
    const feed = world.feed(t);
    feed.follow([first]);
    await world.until(() => feed.followed().includes(first));
    world.server.isMute = true;
    await world.until(() => world.kinds().includes("gap"), 1_000);
    assert.deepEqual(feed.followed(), []);
  });

  test("while nothing is followed there is no connection", async (t) => {
    const world = await PriceWorld.open(t, bench);
    const feed = world.feed(t);
    await world.turns(50);
    assert.equal(world.server.connections, 0);
    feed.follow([first]);
    await world.until(() => feed.followed().includes(first));
    feed.follow([]);
    await world.until(() => !world.server.isConnected);
    assert.deepEqual([feed.followed(), world.kinds().includes("gap")], [[], false]);
  });

  test("what cannot be read is no price and no end", async (t) => {
    const world = await PriceWorld.open(t, bench);
    const feed = world.feed(t);
    feed.follow([first]);
    await world.until(() => feed.followed().includes(first));
    const before = world.ticks(first).length;
    for (const text of ["", "{", "[]", "null", "12", '{"a":1}', '[{"T":"?"}]', "x".repeat(1_000)]) {
      world.server.say(text);
    }
    world.server.move(first, { bid: "0" as Decimal, ask: "0" as Decimal, last: "0" as Decimal });
    world.server.move(first, QUOTE);
    await world.until(() => world.ticks(first).length > before);
    assert.ok(world.ticks(first).every(hasPrice));
    assert.deepEqual(told(world.ticks(first)), chosen(QUOTE, bench.streamed));
  });

  test("after its end nothing is told", async (t) => {
    const world = await PriceWorld.open(t, bench);
    const feed = world.feed(t);
    feed.follow([first]);
    await world.until(() => feed.followed().includes(first));
    await feed.close();
    const { length } = world.events;
    world.server.move(first, QUOTE);
    feed.follow([second]);
    await world.turns(100);
    assert.deepEqual([world.events.length, feed.followed()], [length, []]);
  });
}

function readClaims(bench: PriceBench): void {
  const [first, second] = bench.instruments;

  test("that are asked for are told exactly, and of nothing else", async (t) => {
    const world = await PriceWorld.open(t, bench);
    world.server.quotes.set(first, QUOTE);
    world.server.quotes.set(second, LATER);
    const ticks = await world.ask([first, second]);
    assert.deepEqual(ticks.map(({ instrument }) => instrument).sort(), [first, second].sort());
    const of = (name: string) => ticks.filter(({ instrument }) => instrument === name);
    assert.deepEqual(told(of(first)), chosen(QUOTE, bench.answered));
    assert.deepEqual(told(of(second)), chosen(LATER, bench.answered));
    assert.deepEqual(
      (await world.ask([first])).map(({ instrument }) => instrument),
      [first],
    );
  });

  test("of an instrument that the venue cannot have are left out", async (t) => {
    const world = await PriceWorld.open(t, bench);
    world.server.quotes.set(first, QUOTE);
    const ticks = await world.ask([bench.stranger, first]);
    assert.deepEqual(
      ticks.map(({ instrument }) => instrument),
      [first],
    );
  });

  test("are none where the venue does not answer, or not with prices; nothing throws", async (t) => {
    const world = await PriceWorld.open(t, bench);
    world.server.quotes.set(first, QUOTE);
    const secrets = Object.values(bench.keys).join(" ");
    for (const failure of [
      { status: 500, body: "{}" },
      { status: 429, body: "{}" },
      { status: 200, body: "<html>" },
      { status: 200, body: "[]" },
      { status: 200, body: `{"msg":"${secrets}"}` },
    ]) {
      world.server.failure = failure;
      assert.deepEqual(await world.ask([first]), [], JSON.stringify(failure));
      await world.runtime.advance(300_000, () => world.turns(2));
    }
  });
}

class PriceWorld {
  readonly runtime = new VirtualRuntime(START);
  readonly server: PriceServer;
  readonly events: PriceEvent[] = [];
  venue!: Venue;
  private readonly bench: PriceBench;

  private constructor(bench: PriceBench) {
    this.bench = bench;
    this.server = new PriceServer(bench.words);
    this.server.nowMs = () => this.runtime.clock.nowMs();
  }

  static async open(t: TestContext, bench: PriceBench): Promise<PriceWorld> {
    const world = new PriceWorld(bench);
    const url = await world.server.start();
    t.after(() => world.server.stop());
    const { clock, timers, random } = world.runtime;
    world.venue = await bench.open({
      url,
      wsUrl: url.replace(/^http/, "ws"),
      keys: bench.keys,
      fetch,
      clock,
      timers,
      random,
      openSocket: await loadSockets(),
    });
    return world;
  }

  feed(t: TestContext): PriceFeed {
    const feed = this.venue.prices?.((event) => {
      const text = JSON.stringify(event);
      for (const secret of Object.values(this.bench.keys)) assert.ok(!text.includes(secret), text);
      this.events.push(event);
    });
    assert.ok(feed, "the adapter has no price feed");
    t.after(() => feed.close());
    return feed;
  }

  /** What goes over real sockets is waited for by round trips; the clock goes on by `stepMs` with each. */
  async until(isDone: () => boolean, stepMs = 0): Promise<void> {
    for (let turn = 0; turn < TURNS_MAX && !isDone(); turn += 1) {
      await this.turns(1);
      // What left must have come before an answer to it can be late.
      if (stepMs > 0 && turn % 20 === 19) await this.runtime.advance(stepMs, () => this.turns(1));
    }
    assert.ok(isDone(), `it did not come about; told: ${this.kinds().join(" ")}`);
  }

  /** Round trips to the server: what was under way has come. */
  async turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn += 1) await this.server.roundTrip();
  }

  async ask(instruments: readonly string[]): Promise<readonly PriceTick[]> {
    assert.ok(this.venue.lastPrices, "the adapter cannot be asked for prices");
    let answer: readonly PriceTick[] | undefined;
    let failure: unknown;
    this.venue.lastPrices(instruments).then(
      (ticks) => {
        answer = ticks;
      },
      (error: unknown) => {
        failure = error;
      },
    );
    await this.until(() => answer !== undefined || failure !== undefined, 1_000);
    if (failure !== undefined) throw failure;
    return answer ?? [];
  }

  kinds(): readonly string[] {
    return this.events.map(({ kind }) => kind);
  }

  ticks(instrument: string): readonly PriceTick[] {
    return this.events.flatMap((one) =>
      one.kind === "tick" && one.tick.instrument === instrument ? [one.tick] : [],
    );
  }

  lastLive(): readonly string[] {
    const live = this.events.findLast((one) => one.kind === "live");
    return live?.kind === "live" ? live.instruments : [];
  }
}

/** What the latest ticks say, whether in one message or in several. */
function told(ticks: readonly PriceTick[]): Partial<Quote> {
  const all: Partial<Record<keyof Quote, Decimal>> = {};
  for (const { last, bid, ask } of ticks) {
    if (last !== undefined) all.last = last;
    if (bid !== undefined) all.bid = bid;
    if (ask !== undefined) all.ask = ask;
  }
  return all;
}

function chosen(quote: Quote, fields: readonly (keyof Quote)[]): Partial<Quote> {
  return Object.fromEntries(fields.map((field) => [field, quote[field]]));
}

function hasPrice({ last, bid, ask }: PriceTick): boolean {
  return [last, bid, ask].some((one) => one !== undefined && one !== "0");
}
