// The price feed as a derived copy: what is followed is what is held, always; prices grow old, are asked for, and what
// the feed gets wrong is seen and put right.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Decimal, decimal, POLICY_DEFAULT } from "../../src/core/index.ts";
import { Session } from "../../src/engine/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import type { EventName } from "../../src/runtime/index.ts";
import { VirtualRuntime } from "../../src/sim/index.ts";
import type { PriceEvent, PriceTick } from "../../src/venues/index.ts";
import { ScriptedFeed } from "../../src/venues/scripted/index.ts";
import { fill, held, never, START_MS, StubVenue, settled } from "../support/stub-venue.ts";

class FeedVenue extends StubVenue {
  readonly feeds: ScriptedFeed[] = [];
  /** What a question for prices is answered with. */
  answer: (instruments: readonly string[]) => Promise<readonly PriceTick[]> = async () => [];
  readonly askedFor: (readonly string[])[] = [];
  beforeFeed: (feed: ScriptedFeed) => void = () => undefined;

  get feed(): ScriptedFeed {
    const feed = this.feeds.at(-1);
    assert.ok(feed, "no feed was opened");
    return feed;
  }

  prices(listener: (event: PriceEvent) => void): ScriptedFeed {
    const feed = new ScriptedFeed(listener);
    this.beforeFeed(feed);
    this.feeds.push(feed);
    return feed;
  }

  async lastPrices(instruments: readonly string[]): Promise<readonly PriceTick[]> {
    this.askedFor.push(instruments);
    return this.answer(instruments);
  }
}

class FeedWorld {
  readonly runtime = new VirtualRuntime(START_MS);
  readonly journal = new MemoryJournal();
  readonly venue = new FeedVenue(() => this.nowMs, {});
  readonly lines: { readonly name: EventName; readonly text: string }[] = [];
  session!: Session;
  private trades = 0;

  get nowMs(): number {
    return this.runtime.clock.nowMs();
  }

  async open(policy: Partial<typeof POLICY_DEFAULT> = {}): Promise<this> {
    this.session = await Session.open({
      account: "test",
      journal: this.journal,
      venue: this.venue,
      mirrors: [],
      policy: { ...POLICY_DEFAULT, ...policy },
      positionMode: "net",
      runtime: this.runtime,
      log: { event: (_level, name, _fields, text) => this.lines.push({ name, text }) },
    });
    await this.session.start({ bootPass: true, timers: true });
    return this;
  }

  async advance(ms: number): Promise<void> {
    await this.runtime.advance(ms, settled);
  }

  /** A fill on the stream; the venue's rows follow it. */
  async trade(instrument: string, side: "buy" | "sell", qty: string): Promise<void> {
    this.trades += 1;
    const row = fill(instrument, `T${this.trades}`, side, qty, "10", this.nowMs);
    this.venue.fills = [...(this.venue.fills ?? []), row];
    const rest = (this.venue.positions ?? []).filter((one) => one.instrument !== instrument);
    this.venue.positions = side === "buy" ? [...rest, held(instrument, qty, "10")] : rest;
    this.venue.emit({ kind: "fill", fill: row });
    await this.advance(0);
  }

  tell(instrument: string, last: string, atMs: number = this.nowMs): void {
    this.venue.feed.tell({ instrument, last: decimal(last), atMs });
  }

  names(): EventName[] {
    return this.lines.map(({ name }) => name).filter((name) => /^(feed|price)\./.test(name));
  }

  async alerts(): Promise<string[]> {
    const records = await this.journal.read("test", 0, Number.MAX_SAFE_INTEGER);
    return records.flatMap((one) => (one.kind === "alert_raised" ? [one.payload.kind] : []));
  }
}

test("the feed follows what is held from the start, what is bought at once, and drops what is sold at once", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10")];
  await world.open();
  assert.deepEqual(world.venue.feed.followed(), ["A"]);
  // It waits for no pass: this one's read hangs.
  world.venue.beforeSnapshot = never;
  await world.trade("B", "buy", "2");
  assert.deepEqual(world.venue.feed.followed(), ["A", "B"]);
  assert.deepEqual(world.session.prices.report()?.tracked, world.session.prices.report()?.held);
  await world.trade("B", "sell", "2");
  assert.deepEqual(world.venue.feed.followed(), ["A"]);
  world.venue.beforeSnapshot = async () => undefined;
  await world.advance(60_000);
  await world.session.stop();
  assert.equal(world.venue.feed.isClosed, true);
});

test("a position that a repair closes is dropped, and one that it adds is followed, in that very pass", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10")];
  await world.open({ graceMs: 0, confirmations: 1 });
  world.venue.positions = [held("C", "3", "10")];
  world.venue.lookups.set("A", { kind: "none" });
  const report = await world.session.pass("operator", true);
  assert.deepEqual(report.feed?.held, ["C"]);
  assert.deepEqual(world.venue.feed.asked.at(-1), ["C"]);
  await world.session.stop();
});

test("an instrument that an exit works on is followed although nothing of it is held, and so are orders where wanted", async () => {
  const world = new FeedWorld();
  world.venue.orders = [
    {
      instrument: "O",
      venueOrderId: "V1",
      side: "buy",
      type: "limit",
      qty: decimal("1"),
      price: decimal("9"),
      status: "open",
    },
  ];
  await world.open({ followOrders: true });
  const working = new Set(["E"]);
  world.session.prices.alsoFollow(() => working);
  world.session.prices.check();
  assert.deepEqual(world.venue.feed.asked.at(-1), ["E", "O"]);
  await world.session.stop();
});

test("an unsubscription that was lost is told by name, and told to the venue again", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10")];
  await world.open();
  await world.trade("B", "buy", "2");
  world.venue.feed.isKeeping = true;
  await world.trade("B", "sell", "2");
  assert.deepEqual(world.session.prices.report()?.extra, ["B"]);
  world.venue.feed.isKeeping = false;
  await world.advance(15_000);
  assert.deepEqual(world.session.prices.report()?.extra, []);
  assert.ok(world.names().includes("feed.corrected"));
  await world.session.stop();
});

test("a subscription that is never acknowledged, the first one too, is said again in a pass, not in every moment", async () => {
  const world = new FeedWorld();
  world.venue.beforeFeed = (feed) => {
    feed.isDeaf = true;
  };
  world.venue.positions = [held("A", "1", "10")];
  await world.open();
  assert.deepEqual(world.session.prices.report()?.missing, ["A"]);
  world.session.prices.check();
  assert.equal(world.venue.feed.asked.length, 1);
  world.venue.feed.isDeaf = false;
  await world.advance(15_000);
  assert.equal(world.venue.feed.asked.length, 2);
  assert.deepEqual(world.session.prices.report()?.missing, []);
  await world.session.stop();
});

test("an instrument that the venue refuses is told as refused and not asked for in every pass", async () => {
  const world = new FeedWorld();
  world.venue.beforeFeed = (feed) => feed.refusals.set("A", "no such symbol");
  world.venue.positions = [held("A", "1", "10"), held("B", "1", "10")];
  await world.open();
  await world.advance(60_000);
  const report = world.session.prices.report();
  assert.deepEqual(report?.refused, [{ instrument: "A", reason: "no such symbol" }]);
  assert.deepEqual(report?.missing, []);
  assert.deepEqual(report?.tracked, ["B"]);
  assert.equal(world.venue.feed.asked.length, 1);
  world.venue.feed.refusals.clear();
  await world.advance(300_000);
  assert.deepEqual(world.session.prices.report()?.tracked, ["A", "B"]);
  await world.session.stop();
});

test("a price grows old by its receipt, and by the venue's own time where that is longer", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10")];
  await world.open();
  world.tell("A", "11");
  assert.deepEqual(world.session.prices.priceOf("A"), {
    tick: { instrument: "A", last: "11", atMs: world.nowMs },
    ageMs: 0,
    isFresh: true,
  });
  await world.advance(10_000);
  assert.equal(world.session.prices.priceOf("A")?.isFresh, true);
  await world.advance(1);
  assert.equal(world.session.prices.priceOf("A")?.isFresh, false);
  await world.advance(5_000);
  world.tell("A", "12", world.nowMs - 10_001);
  assert.equal(world.session.prices.priceOf("A")?.tick.last, "12");
  assert.equal(world.session.prices.priceOf("A")?.isFresh, false, "received now, and old at the venue");
  await world.session.stop();
});

test("a price that the feed repeats does not become younger by it, and an older one replaces nothing", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10")];
  await world.open();
  const atMs = world.nowMs;
  for (let turn = 0; turn < 12; turn += 1) {
    world.tell("A", "11", atMs);
    await world.advance(1_000);
  }
  assert.equal(world.session.prices.priceOf("A")?.isFresh, false);
  world.tell("A", "12");
  world.tell("A", "11", atMs);
  assert.equal(world.session.prices.priceOf("A")?.tick.last, "12");
  await world.session.stop();
});

test("our clock set back makes no repeated price young", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10")];
  await world.open();
  const atMs = world.nowMs;
  world.tell("A", "11", atMs);
  await world.advance(11_000);
  world.runtime.jump(-3_600_000);
  world.tell("A", "11", atMs);
  assert.equal(world.session.prices.priceOf("A")?.isFresh, false);
  await world.session.stop();
});

test("a price that was told while our clock was behind is as old as our clock says once it is set right", async () => {
  for (const oldMs of [30_000, 120_000, 600_000]) {
    const world = new FeedWorld();
    world.venue.positions = [held("A", "1", "10")];
    await world.open();
    world.runtime.jump(-600_000);
    world.tell("A", "11", world.nowMs + 600_000 - oldMs);
    world.runtime.jump(600_000);
    const view = world.session.prices.priceOf("A");
    assert.deepEqual([view?.ageMs, view?.isFresh], [oldMs, false]);
    assert.deepEqual(world.session.prices.report()?.old, ["A"]);
    await world.session.stop();
  }
});

test("once our clock is set right a price that was told while it was behind keeps no later one out", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10")];
  await world.open();
  world.runtime.jump(-600_000);
  world.tell("A", "11", world.nowMs + 480_000);
  world.runtime.jump(605_000);
  world.tell("A", "12", world.nowMs - 5_000);
  const view = world.session.prices.priceOf("A");
  assert.deepEqual([view?.tick.last, view?.ageMs, view?.isFresh], ["12", 5_000, true]);
  await world.session.stop();
});

test("a price of something else than what is followed is not taken, and one below zero or crossed is none", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10")];
  await world.open();
  const heard: string[] = [];
  world.session.prices.onTick((instrument) => heard.push(instrument));
  world.tell("Z", "5");
  world.tell("A", "0");
  world.tell("A", "-3");
  world.venue.feed.tell({ instrument: "A", bid: decimal("12"), ask: decimal("11") });
  assert.equal(world.session.prices.priceOf("A"), undefined);
  assert.deepEqual(heard, []);
  world.venue.feed.tell({ instrument: "A", bid: decimal("11"), ask: decimal("12") });
  world.tell("A", "11.5");
  assert.deepEqual(heard, ["A", "A"]);
  const { tick } = world.session.prices.priceOf("A") ?? {};
  assert.deepEqual([tick?.bid, tick?.ask, tick?.last], ["11", "12", "11.5"]);
  await world.session.stop();
});

test("of a quote and a trade only what is young enough is shown", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10")];
  await world.open();
  world.venue.feed.tell({ instrument: "A", bid: decimal("9"), ask: decimal("10"), atMs: world.nowMs });
  await world.advance(8_000);
  world.tell("A", "12");
  await world.advance(3_000);
  const view = world.session.prices.priceOf("A");
  assert.deepEqual([view?.isFresh, view?.tick.bid, view?.tick.last], [true, undefined, "12"]);
  await world.session.stop();
});

test("a price of which half of its time is over is asked for, all that are due in one question", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10"), held("B", "1", "10")];
  const at = () => world.nowMs;
  world.venue.answer = async (names) =>
    names.map((instrument): PriceTick => ({ instrument, last: decimal("10"), atMs: at() }));
  await world.open();
  await world.advance(1_000);
  assert.deepEqual(world.venue.askedFor, [["A", "B"]]);
  await world.advance(10_000);
  assert.deepEqual(world.venue.askedFor.length, 3);
  assert.equal(world.session.prices.priceOf("A")?.isFresh, true);
  for (let turn = 0; turn < 20; turn += 1) {
    world.tell("A", "11");
    world.tell("B", "11");
    await world.advance(1_000);
  }
  assert.equal(world.venue.askedFor.length, 3, "the feed tells, and nothing is asked");
  await world.session.stop();
});

test("questions that fail come less often, up to once a minute, and the reason is told", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10")];
  world.venue.answer = async () => {
    throw new Error("HTTP 503");
  };
  await world.open();
  await world.advance(600_000);
  assert.ok(world.venue.askedFor.length <= 14, `${world.venue.askedFor.length} questions in ten minutes`);
  assert.match(world.session.prices.report()?.problem ?? "", /HTTP 503/);
  assert.deepEqual(world.session.prices.report()?.old, ["A"]);
  assert.equal(world.names().filter((name) => name === "price.old").length, 1);
  await world.session.stop();
});

test("a feed that is down is told once, after a grace, and again only after it has lived", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10")];
  await world.open();
  world.venue.feed.break("the connection closed");
  await world.advance(5_000);
  assert.deepEqual(await world.alerts(), []);
  assert.deepEqual(world.session.prices.report()?.missing, ["A"]);
  await world.advance(120_000);
  assert.deepEqual(await world.alerts(), ["channel_down"]);
  world.venue.feed.restore();
  await world.advance(15_000);
  assert.deepEqual(world.session.prices.report()?.missing, []);
  world.venue.feed.break("once more");
  await world.advance(60_000);
  assert.deepEqual(await world.alerts(), ["channel_down", "channel_down"]);
  await world.session.stop();
});

/** Whoever asks for a price gets a higher one each time. */
function pricesMove(world: FeedWorld): void {
  let last = 10;
  world.venue.answer = async (names) =>
    names.map((instrument): PriceTick => {
      last += 1;
      return { instrument, last: String(last) as Decimal, atMs: world.nowMs };
    });
}

test("a feed that is up and silent while prices move is opened anew", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10")];
  pricesMove(world);
  await world.open();
  world.venue.feed.isSilent = true;
  await world.advance(90_000);
  assert.equal(world.venue.feeds.length, 2);
  assert.equal(world.venue.feeds[0]?.isClosed, true);
  assert.deepEqual(world.venue.feed.followed(), ["A"]);
  world.venue.feeds[0]?.follow(["Z"]);
  assert.deepEqual(world.session.prices.report()?.tracked, ["A"]);
  await world.session.stop();
});

test("a feed that was opened anew and does not acknowledge is told again what to follow", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10")];
  pricesMove(world);
  await world.open();
  world.venue.feed.isSilent = true;
  world.venue.beforeFeed = (feed) => {
    feed.isDeaf = true;
  };
  await world.advance(90_000);
  assert.equal(world.venue.feeds.length, 2);
  assert.deepEqual(world.session.prices.report()?.missing, ["A"]);
  world.venue.feed.isDeaf = false;
  await world.advance(15_000);
  assert.deepEqual(world.session.prices.report()?.missing, []);
  await world.session.stop();
});

test("an order is valued by the price that was told last, not by one from before the last pass", async () => {
  const world = new FeedWorld();
  world.venue.positions = [{ ...held("A", "1", "10"), lastPrice: decimal("10") }];
  await world.open();
  world.session.price("A", decimal("5"));
  await world.advance(20_000);
  const known = (world.session as unknown as { lastPrices(): ReadonlyMap<string, string> }).lastPrices();
  assert.equal(known.get("A"), "10");
  world.session.price("A", decimal("12"));
  const now = (world.session as unknown as { lastPrices(): ReadonlyMap<string, string> }).lastPrices();
  assert.equal(now.get("A"), "12");
  await world.session.stop();
});

test("no price is ever journaled", async () => {
  const world = new FeedWorld();
  world.venue.positions = [held("A", "1", "10")];
  await world.open();
  const before = world.session.book.seq;
  for (let turn = 0; turn < 100; turn += 1) world.tell("A", `${100 + turn}`);
  await world.advance(0);
  assert.equal(world.session.book.seq, before);
  await world.session.stop();
});
