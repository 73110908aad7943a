// The price feed, as one more copy that is derived: it follows what is held and what exits work on, nothing else, and is
// compared with what the venue has acknowledged in every pass and after every change of a position. A price that grows
// old is asked for singly; one that is too old is shown as such, and not acted on. Prices are never journaled.
import {
  type AccountPolicy,
  type Book,
  type Decimal,
  heldKeys,
  isActive,
  splitPositionKey,
} from "../core/index.ts";
import type { Log, Runtime } from "../runtime/index.ts";
import type { PriceEvent, PriceFeed, PriceTick, StreamEvent, Venue } from "../venues/index.ts";
import type { AlertFacts } from "./alerting.ts";
import { guarded, problemOf } from "./observe.ts";
import { PriceBoard, type PriceView } from "./price-board.ts";
import { PriceReading, type PricesRead, someText } from "./price-reading.ts";
import type { FeedReport } from "./report.ts";

/** How long the venue may take to acknowledge what is followed, before it is told again. In ms. */
const ACKNOWLEDGED_MS = 5_000;
/** What was refused is asked for again after this. In ms. */
const REFUSED_AGAIN_MS = 300_000;
/** So many prices of an instrument that the feed should have told and did not, one after another: it is opened anew. */
const UNTOLD_MAX = 3;
/** One that was opened anew is left alone for so long. In ms. */
const OPENED_AGAIN_MS = 60_000;
/** A price that is asked for may take this long, at least. In ms. */
const READ_MS_LEAST = 5_000;

/** What the feed is given by the account's session. */
export interface PricesInputs {
  readonly account: string;
  readonly venue: Venue;
  readonly policy: AccountPolicy;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly book: () => Book;
  /** Enters what people must be told. */
  readonly tell: (alert: AlertFacts) => void;
  /** An error of ours, by which the account stops. */
  readonly fail: (error: unknown) => void;
}

/** The prices of one account, from a feed, from single questions and from outside. */
export class Prices {
  private readonly inputs: PricesInputs;
  private readonly board: PriceBoard;
  private readonly reading: PriceReading | undefined;
  private readonly listeners = new Set<(instrument: string) => void>();
  private readonly sources: (() => Iterable<string>)[] = [];
  private readonly refused = new Map<string, string>();
  private readonly toldOld = new Set<string>();
  private feed: PriceFeed | undefined;
  /** Counts feeds: what an earlier one still says is not heard. */
  private opened = 0;
  private isStarted = false;
  private isClosed = false;
  private wanted: readonly string[] = [];
  /** What is wanted, each with when that began. Monotonic, ms. */
  private readonly wantedSinceMs = new Map<string, number>();
  private saidAtMs = 0;
  private openedAtMs = 0;
  private downSinceMs: number | null = null;
  private isDownTold = false;
  private downReason: string | null = null;
  /** Whether the adapter has told of a gap, after which it subscribes again by itself. */
  private isReconnecting = false;
  /** How many prices of each the feed did not tell although they moved. */
  private readonly untold = new Map<string, number>();
  private isCheckDue = false;

  constructor(inputs: PricesInputs) {
    this.inputs = inputs;
    const { runtime, policy, venue } = inputs;
    this.board = new PriceBoard(runtime.clock, policy.priceAgeMaxMs);
    if (venue.lastPrices) {
      this.reading = new PriceReading({
        runtime,
        ageMaxMs: policy.priceAgeMaxMs,
        ageOf: (instrument) => this.board.ageMs(instrument),
        read: (instruments) => this.read(instruments),
      });
    }
  }

  /** Whether the venue tells prices at all, besides those of its positions. */
  get isOffered(): boolean {
    const { venue } = this.inputs;
    return venue.prices !== undefined || venue.lastPrices !== undefined;
  }

  /** Opens the feed and follows what is held. Without it nothing is followed, and prices from outside are kept. */
  start(): void {
    if (this.isStarted || this.isClosed) return;
    this.isStarted = true;
    this.open();
    this.check();
  }

  /** Ends the feed and the questions; what is known stays known, and only grows older. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.reading?.stop();
    const { feed } = this;
    this.feed = undefined;
    await feed?.close().catch(() => undefined);
  }

  /** The price of an instrument as it is known now; undefined where none was ever told. */
  priceOf(instrument: string): PriceView | undefined {
    return this.board.view(instrument);
  }

  /** Asks for one price now where none is known that is young enough: before something is decided once, by a person's word. */
  async ask(instrument: string): Promise<PriceView | undefined> {
    const { venue, runtime, policy } = this.inputs;
    const known = this.board.view(instrument);
    if (known?.isFresh || !venue.lastPrices || this.isClosed) return known;
    const askedAtMs = this.nowMs;
    const limitMs = Math.max(READ_MS_LEAST, policy.priceAgeMaxMs);
    // What the venue does not tell is not known; that is no failure of the question.
    const ticks = await guarded(venue.lastPrices([instrument]), runtime, limitMs).catch(() => []);
    const tick = ticks.find((one) => one.instrument === instrument);
    if (tick && !this.isClosed && this.board.take(tick, askedAtMs)) this.announce(instrument);
    return this.board.view(instrument);
  }

  /** Called after each price that is news; the result ends that. */
  onTick(listener: (instrument: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Follows these too: instruments of working exits. Asked in every check. */
  alsoFollow(source: () => Iterable<string>): void {
    this.sources.push(source);
  }

  /** A price from elsewhere that holds now, or at the time that it has: from a person, a scenario. */
  take(tick: PriceTick): void {
    if (this.board.take(tick)) this.announce(tick.instrument);
  }

  /** A price from the account's own stream: it may come late or twice, so that without its time nothing is done on it. */
  hearOfStream({ instrument, last, atMs }: Extract<StreamEvent, { kind: "price" }>): void {
    if (atMs === undefined) this.board.note(instrument, last);
    else this.take({ instrument, last, atMs });
  }

  /** What was traded last, by instrument. @param sinceMs Only what was told since then. Monotonic, ms. */
  lastTrades(sinceMs?: number): Map<string, Decimal> {
    return this.board.lastTrades(sinceMs);
  }

  /** Checks soon, once for all that happens at this moment: a position changed. */
  checkSoon(): void {
    if (this.isCheckDue || !this.isStarted || !this.isOffered) return;
    this.isCheckDue = true;
    this.inputs.runtime.timers.soon(() => {
      this.isCheckDue = false;
      if (!this.isClosed) this.check();
    });
  }

  /** Compares what is followed with what should be, and corrects it. Null where nothing is followed at all. */
  check(): FeedReport | null {
    if (!this.isStarted || this.isClosed || !this.isOffered) return null;
    const wanted = this.wantedNow();
    if (!isSame(wanted, this.wanted)) this.follow(wanted);
    else this.correct();
    this.tellDown();
    this.tellOld();
    return this.report();
  }

  /** The feed as it is now, without changing anything. */
  report(): FeedReport | null {
    if (!this.isStarted || !this.isOffered) return null;
    const { wanted, feed, refused } = this;
    const tracked = this.trackedNow();
    const { missing, extra } = differences(wanted, tracked);
    const ages = wanted.map((instrument) => this.board.ageMs(instrument));
    return {
      kind: feed ? "stream" : "polled",
      held: wanted,
      tracked,
      missing: missing.filter((instrument) => !refused.has(instrument)),
      extra,
      refused: wanted.flatMap((instrument) => {
        const reason = refused.get(instrument);
        return reason === undefined ? [] : [{ instrument, reason }];
      }),
      old: wanted.filter((instrument) => !this.board.isFresh(instrument)),
      oldestAgeMs:
        ages.length === 0 || ages.includes(undefined) ? null : Math.max(...ages.map((age) => age ?? 0)),
      isLive: feed === undefined || this.downSinceMs === null,
      problem: this.downReason ?? this.reading?.problem ?? null,
    };
  }

  private open(): void {
    const { venue } = this.inputs;
    if (!venue.prices) return;
    this.opened += 1;
    const { opened } = this;
    this.openedAtMs = this.nowMs;
    this.isReconnecting = false;
    this.downSinceMs ??= this.nowMs;
    try {
      this.feed = venue.prices((event) => {
        if (opened === this.opened && !this.isClosed) this.guarded(() => this.receive(event));
      });
    } catch (error) {
      // The contract forbids it; an adapter that does it has no feed, and its prices are asked for.
      this.lose(problemOf(error));
    }
  }

  private wantedNow(): readonly string[] {
    const { book, policy } = this.inputs;
    const held = heldKeys(book()).map((key) => splitPositionKey(key).instrument);
    const ordered = policy.followOrders
      ? [...book().orders.values()].flatMap((order) => (isActive(order) ? [order.instrument] : []))
      : [];
    const others = this.sources.flatMap((source) => [...source()]);
    return [...new Set([...held, ...ordered, ...others])].sort();
  }

  /** Where there is no feed, what is asked for is followed by definition. */
  private trackedNow(): readonly string[] {
    return this.feed ? [...new Set(this.feed.followed())].sort() : this.wanted;
  }

  private follow(wanted: readonly string[]): void {
    const { log, account } = this.inputs;
    const { missing: begun, extra: dropped } = differences(wanted, this.wanted);
    // While nothing was followed nothing could be missed.
    if (this.wanted.length === 0 && this.downSinceMs !== null) this.downSinceMs = this.nowMs;
    this.wanted = wanted;
    for (const instrument of begun) this.wantedSinceMs.set(instrument, this.nowMs);
    for (const instrument of dropped) {
      for (const noted of [this.wantedSinceMs, this.refused, this.toldOld, this.untold])
        noted.delete(instrument);
    }
    const count = wanted.length === 1 ? "1 instrument" : `${wanted.length} instruments`;
    const text = `the price feed follows ${count}${listText("begun", begun)}${listText("dropped", dropped)}`;
    log.event("info", "feed.followed", { account, begun, dropped, followed: wanted.length }, text);
    this.say();
    this.reading?.follow(wanted);
  }

  /** What the venue acknowledged is not what was asked for, and it has had its time: it is told again. */
  private correct(): void {
    // What was never acknowledged may never have been heard, also by a feed that was opened anew.
    if (!this.feed || this.isReconnecting) return;
    const { missing, extra } = differences(this.wanted, this.trackedNow());
    const unrefused = missing.filter((instrument) => !this.refused.has(instrument));
    const sinceMs = this.nowMs - this.saidAtMs;
    const isWrong = unrefused.length > 0 || extra.length > 0;
    if (isWrong && sinceMs >= ACKNOWLEDGED_MS) {
      const { log, account } = this.inputs;
      const text = `the price feed is told again what to follow${listText("missing", unrefused)}${listText("not held", extra)}`;
      log.event("warn", "feed.corrected", { account, missing: unrefused, extra }, text);
      this.say();
    } else if (missing.length > 0 && sinceMs >= REFUSED_AGAIN_MS) {
      this.refused.clear();
      this.say();
    }
  }

  private say(): void {
    this.saidAtMs = this.nowMs;
    this.feed?.follow(this.wanted);
  }

  private receive(event: PriceEvent): void {
    const { log, account } = this.inputs;
    switch (event.kind) {
      case "tick":
        this.hear(event.tick);
        break;
      case "live":
        for (const instrument of event.instruments) this.refused.delete(instrument);
        if (this.downSinceMs !== null) {
          log.event(
            "info",
            "feed.live",
            { account, instruments: event.instruments.length },
            "prices are told",
          );
        }
        this.downSinceMs = null;
        this.downReason = null;
        this.isReconnecting = false;
        this.isDownTold = false;
        break;
      case "gap":
        this.isReconnecting = true;
        this.lose(event.reason);
        break;
      case "refused": {
        const { instrument, reason } = event;
        if (this.refused.get(instrument) === reason) break;
        this.refused.set(instrument, reason);
        log.event("warn", "feed.refused", { account, instrument }, `no prices of ${instrument}: ${reason}`);
        break;
      }
    }
  }

  /** What nobody asked for is not taken: it may be the answer to another question. */
  private hear(tick: PriceTick): void {
    const { instrument } = tick;
    if (!this.wantedSinceMs.has(instrument)) return;
    const before = this.board.ageMs(instrument) ?? Number.POSITIVE_INFINITY;
    this.take(tick);
    if ((this.board.ageMs(instrument) ?? before) < before) this.untold.delete(instrument);
  }

  private lose(reason: string): void {
    const { log, account } = this.inputs;
    this.downSinceMs ??= this.nowMs;
    this.downReason = reason;
    log.event("warn", "feed.gap", { account }, `prices may be missing: ${reason}`);
  }

  private async read(instruments: readonly string[]): Promise<PricesRead> {
    const { venue, runtime, policy } = this.inputs;
    const [told, news] = [new Set<string>(), new Set<string>()];
    if (!venue.lastPrices) return { told, news };
    const askedAtMs = this.nowMs;
    const limitMs = Math.max(READ_MS_LEAST, policy.priceAgeMaxMs);
    const ticks = await guarded(venue.lastPrices(instruments), runtime, limitMs);
    for (const tick of this.isClosed ? [] : ticks) {
      const { instrument } = tick;
      if (!instruments.includes(instrument)) continue;
      told.add(instrument);
      // What was dropped meanwhile is of no interest any more.
      if (this.wantedSinceMs.has(instrument) && this.takeRead(tick, askedAtMs)) news.add(instrument);
    }
    this.openAgainIfMute();
    return { told, news };
  }

  /** @returns Whether it is later than what was known. */
  private takeRead(tick: PriceTick, askedAtMs: number): boolean {
    const { instrument } = tick;
    const before = this.board.view(instrument)?.tick;
    if (!this.board.take(tick, askedAtMs)) return false;
    const after = this.board.view(instrument)?.tick;
    if (before && this.feed?.followed().includes(instrument) && hasMoved(before, after)) {
      this.untold.set(instrument, (this.untold.get(instrument) ?? 0) + 1);
    }
    this.announce(instrument);
    return after?.atMs === undefined || after.atMs !== before?.atMs;
  }

  /** A feed that is up and does not tell what moved is no feed. */
  private openAgainIfMute(): void {
    const { feed } = this;
    const isMute = [...this.untold.values()].some((count) => count >= UNTOLD_MAX);
    if (!isMute || !feed || this.nowMs - this.openedAtMs < OPENED_AGAIN_MS) return;
    this.untold.clear();
    this.feed = undefined;
    this.lose("it is connected and does not tell prices that moved; it is opened anew");
    feed.close().catch(() => undefined);
    this.open();
    this.say();
  }

  private announce(instrument: string): void {
    for (const listener of this.listeners) {
      if (!this.isClosed) this.guarded(() => listener(instrument));
    }
  }

  /** Called by an adapter or a timer: there is nobody to throw to. */
  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.inputs.fail(error);
    }
  }

  /** Once, when it has lasted: a short gap is a reconnect. */
  private tellDown(): void {
    const { policy, tell } = this.inputs;
    if (this.downSinceMs === null || this.isDownTold || this.wanted.length === 0) return;
    const downMs = this.nowMs - this.downSinceMs;
    if (downMs < Math.max(policy.graceMs, policy.priceAgeMaxMs)) return;
    this.isDownTold = true;
    const why = this.downReason ?? "it was never acknowledged";
    const instead = this.reading
      ? "prices are asked for one by one"
      : "no price is known but those of the positions";
    tell({
      kind: "channel_down",
      subject: "price feed",
      text: `the price feed has been down for ${Math.round(downMs / 1_000)} s: ${why}; ${instead}`,
      evidence: [],
    });
  }

  /** Once for each instrument, until its price is known again. */
  private tellOld(): void {
    const { policy, log, account } = this.inputs;
    for (const [instrument, sinceMs] of this.wantedSinceMs) {
      const view = this.board.view(instrument);
      if (view?.isFresh) this.toldOld.delete(instrument);
      if (view?.isFresh || this.toldOld.has(instrument)) continue;
      // A feed that has just been told of it has its time.
      if (this.nowMs - sinceMs < policy.priceAgeMaxMs) continue;
      this.toldOld.add(instrument);
      const age = view ? `is ${Math.round(view.ageMs / 1_000)} s old` : "is not known";
      const text = `the price of ${instrument} ${age}: nothing is done on it`;
      log.event("warn", "price.old", { account, instrument, ageMs: view?.ageMs ?? null }, text);
    }
  }

  private get nowMs(): number {
    return this.inputs.runtime.clock.monotonicMs();
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

function differences(
  wanted: readonly string[],
  tracked: readonly string[],
): { readonly missing: readonly string[]; readonly extra: readonly string[] } {
  const [held, followed] = [new Set(wanted), new Set(tracked)];
  return {
    missing: wanted.filter((one) => !followed.has(one)),
    extra: tracked.filter((one) => !held.has(one)),
  };
}

function hasMoved(before: PriceTick, after: PriceTick | undefined): boolean {
  return (["last", "bid", "ask"] as const).some(
    (side) => before[side] !== undefined && after?.[side] !== undefined && before[side] !== after[side],
  );
}

function listText(what: string, names: readonly string[]): string {
  return names.length === 0 ? "" : `; ${what}: ${someText(names)}`;
}
