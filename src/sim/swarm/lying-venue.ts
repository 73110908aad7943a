// The venue of a simulated run, as one process reaches it: the referee is the truth, and what is said of it may be late,
// partial, doubled or wrong in every way that the fault plan draws, but never beyond what its capabilities declare.
import {
  type BalanceRow,
  type Capabilities,
  compare,
  type Decimal,
  type FillRow,
  type Instrument,
  type Leg,
  type OrderLookup,
  type OrderRow,
  type PositionLookup,
  type PositionRow,
  ZERO,
} from "../../core/index.ts";
import {
  type AmendCommand,
  type CancelAllCommand,
  type CancelCommand,
  type CommandOutcome,
  type DeadManCommand,
  type History,
  type OrderQuery,
  type PriceEvent,
  type PriceFeed,
  type PriceTick,
  type Snapshot,
  type StreamEvent,
  type StreamHandle,
  type SubmitCommand,
  unavailable,
  type Venue,
} from "../../venues/index.ts";
import type { DeadManEvent, VenueRequest } from "../invariants/world.ts";
import type { Referee, RefereeEvent } from "../referee/referee.ts";
import type { VirtualRuntime } from "../virtual-runtime.ts";
import type { FaultPlan } from "./faults.ts";
import { type Habits, ON_ITS_WAY_MS_MAX } from "./habits.ts";
import { lyingCancelAll } from "./lying-cancel-all.ts";
import { LyingDeadMan } from "./lying-dead-man.ts";
import { LyingFeed } from "./lying-feed.ts";
import type { SeededRandom } from "./random.ts";
import type { StopTrouble } from "./stop-trouble.ts";

const RESET = "no answer: the connection was reset";
/** A write is durable after this, or never. In ms. */
const DURABLE_MS_MAX = 10_000;
/** Reads by which the account has been seen for certain, with a process that died in between, or was too slow to hear. */
const FIRST_READS = 4;
/** After its last fill nothing of an account is in flight any more, whatever lag it declares. In ms. */
const QUIET_MS = 30_000;
/** Rows of earlier moments that are kept, for reads that are behind. */
const PAST_MAX = 200;
/** Amendments are few: where they may fail, many of them do. */
const AMENDMENTS_FAIL = 8;
export const FORTY_MINUTES_MS = 2_400_000;

/** What a request was, before its moment is known. */
export type Asked = VenueRequest extends infer R
  ? R extends unknown
    ? Omit<R, "atMs" | "durableSeq">
    : never
  : never;

export interface LyingOptions {
  readonly referee: Referee;
  readonly runtime: VirtualRuntime;
  readonly random: SeededRandom;
  /** Draws for the price feed; null where this venue has none. */
  readonly ofFeed: SeededRandom | null;
  readonly faults: FaultPlan;
  readonly habits: Habits;
  /** What goes wrong with exits that lie here; null where none do. */
  readonly stops: StopTrouble | null;
  /** Told of each call of the venue's dead-man switch as it arrives, and when it has cancelled what was open. */
  readonly onDeadMan: (event: DeadManEvent) => void;
  /** Rows that a list lacks, at least, before absence from it proves nothing: fewer are within the blast radius. */
  readonly leastMissing: () => number;
  /** Whether the account holds a row as well: what it never had, it cannot miss. */
  readonly isKnown: (row: PositionRow) => boolean;
  /** Whether whose account this is has been read: before that nobody can tell another one from it. */
  readonly isMet: () => boolean;
  /** Whether no order's outcome is awaited. */
  readonly isSettled: () => boolean;
  /** Told of each request at the moment at which it leaves, and whether of the process that started last. */
  readonly onRequest: (asked: Asked, isOfLatest: boolean) => void;
}

/** Never answered: whoever asked is gone. */
function never(): Promise<never> {
  // A promise of its own each time: one for all would keep every run alive that ever waited for it.
  return new Promise(() => undefined);
}

export class LyingVenue {
  private readonly options: LyingOptions;
  /** Counts connections and processes: what belongs to an earlier one reaches nobody. */
  private connection = 0;
  private process = 0;
  private goneUntil = 0;
  private listener: ((event: StreamEvent) => void) | undefined;
  /** The process that listens. */
  private listening = 0;
  private isSilent = false;
  private readonly feeds = new Set<LyingFeed>();
  /** Each price that an instrument had, with since when. */
  private readonly course = new Map<string, { readonly atMs: number; readonly last: Decimal }[]>();
  private readonly onTheirWay = new Set<string>();
  /** When each order's request left, and of which process it waits for its answer. */
  private readonly leftAtMs = new Map<string, number>();
  private readonly awaitedBy = new Map<string, number>();
  /** When a look-up was told "none", by `order ID` and `position LEG:INSTRUMENT`. */
  private readonly denials = new Map<string, number[]>();
  /** Trade ids of reversals that were told, with the moment. */
  private readonly reversals = new Map<string, number>();
  /** When a history listed each fill, by its trade id. */
  private readonly listings = new Map<string, number[]>();
  private toldUntilMs = 0;
  private writesFailUntilMs = 0;
  private readsFailUntilMs = 0;
  private lookUpsFailUntilMs = 0;
  private reads = 0;
  lastFillMs = -1;
  private readonly past: { readonly atMs: number; readonly rows: readonly PositionRow[] }[] = [];
  private readonly pastOrders = new Map<string, OrderRow>();

  /** The switch is the venue's: it outlives every process. */
  readonly deadMan: LyingDeadMan;

  constructor(options: LyingOptions) {
    this.options = options;
    const { referee, runtime, random, faults, onDeadMan } = options;
    this.deadMan = new LyingDeadMan({
      referee,
      runtime,
      random: random.fork("dead man"),
      isHealed: () => faults.isHealed,
      areWritesLost: () => this.areWritesLost(),
      onEvent: onDeadMan,
    });
    this.remember();
  }

  /** The venue as the process that starts now reaches it; the stream is told to the latest alone. */
  connect(): Venue {
    this.process += 1;
    this.doubtReversals();
    return new Reached(this, this.process, this.options);
  }

  /** All processes that there were are gone. */
  disconnect(): void {
    this.goneUntil = this.process;
    this.doubtReversals();
    this.connection += 1;
    this.listener = undefined;
    this.feeds.clear();
  }

  /** What was told a moment ago may not have become durable, or only with whoever is not alone on the journal. */
  private doubtReversals(): void {
    for (const [id, atMs] of this.reversals) {
      if (this.nowMs - atMs < DURABLE_MS_MAX) this.reversals.delete(id);
    }
  }

  isLatest(process: number): boolean {
    return process === this.process;
  }

  isGone(process: number): boolean {
    return process <= this.goneUntil;
  }

  /** No read is answered for this long. */
  darken(ms: number): void {
    this.readsFailUntilMs = this.nowMs + ms;
  }

  /** To be called with what happens in the account. */
  publish(event: RefereeEvent): void {
    const { faults, runtime } = this.options;
    if (event.kind === "fill" || event.kind === "ledger" || event.kind === "reversed") this.remember();
    if (event.kind === "fill") {
      if (this.lastFillMs === this.nowMs) faults.note("same_ms_fills", event.fill.tradeId ?? null);
      this.lastFillMs = this.nowMs;
    }
    if (event.kind === "order") this.keepOlder(event.order);
    if (event.kind === "price") this.move(event.instrument, event.last);
    if (event.kind === "drift" || !this.listener || this.isSilent) return;
    const message = messageOf(
      event.kind === "fill"
        ? { ...event, fill: this.anchored(this.named(event.fill)) }
        : event.kind === "reversed"
          ? { ...event, fill: this.named(event.fill) }
          : event,
    );
    const subject = event.kind === "fill" ? (event.fill.tradeId ?? null) : null;
    // That an execution was taken back is told for certain: no list of what stands could tell it.
    if (event.kind !== "reversed" && faults.strikes("stream_lost", subject)) return;
    if (event.kind !== "reversed" && faults.strikes("stream_cut")) {
      this.cut();
      return;
    }
    if (event.kind !== "reversed" && faults.strikes("stream_zombie", subject)) {
      this.doze();
      return;
    }
    if (faults.strikes("stream_late", subject)) this.later(this.options.random.int(100, 5_000), message);
    else this.inTurn(this.told(message));
    if (faults.strikes("stream_doubled", subject)) this.later(this.options.random.int(0, 2_000), message);
    if (event.kind === "fill" && faults.strikes("stream_doubled_late", subject)) {
      this.later(this.options.random.pick([30_000, 120_000, FORTY_MINUTES_MS]), message);
    }
    if (event.kind === "fill" && faults.strikes("timestamps_wild", subject)) {
      const fill = {
        ...event.fill,
        tradeId: `${event.fill.tradeId}-w`,
        timestamp: event.fill.timestamp * 1_000,
      };
      this.later(runtime.clock.monotonicMs() % 50, { kind: "fill", fill });
    }
    if (event.kind === "fill" && faults.strikes("fill_qty_zero", subject)) {
      this.later(5, { kind: "fill", fill: { ...event.fill, tradeId: `${event.fill.tradeId}-0`, qty: ZERO } });
    }
  }

  private move(instrument: string, last: Decimal): void {
    const course = this.course.get(instrument) ?? [];
    course.push({ atMs: this.nowMs, last });
    this.course.set(instrument, course);
    for (const feed of this.feeds) feed.market(instrument);
  }

  feed(listener: (event: PriceEvent) => void, process: number): PriceFeed {
    const { runtime, faults, habits, referee, random, ofFeed } = this.options;
    const feed = new LyingFeed({
      runtime,
      random: ofFeed ?? random,
      faults,
      latencyMs: habits.latencyMs,
      priceOf: (instrument) => referee.lastPrice(instrument),
      priceAt: (instrument, atMs) => this.course.get(instrument)?.findLast((one) => one.atMs <= atMs)?.last,
      isHeard: () => !this.isGone(process),
      listener,
    });
    this.feeds.add(feed);
    return feed;
  }

  /** Whether this was the market's price at some moment from then on. */
  wasPrice(instrument: string, last: Decimal, sinceMs: number): boolean {
    const course = this.course.get(instrument) ?? [];
    const first = course.findLastIndex(({ atMs }) => atMs <= sinceMs);
    // What it was worth in the beginning nobody has noted.
    return first < 0 || course.slice(first).some((one) => one.last === last);
  }

  /** The highest price that the market had from then on, or the lowest. */
  extremePrice(instrument: string, isHighest: boolean, sinceMs: number): Decimal | undefined {
    const course = this.course.get(instrument) ?? [];
    const first = course.findLastIndex(({ atMs }) => atMs <= sinceMs);
    // What it was worth in the beginning nobody has noted.
    if (first < 0) return undefined;
    return course
      .slice(first)
      .map(({ last }) => last)
      .reduce((a, b) => (compare(a, b) > 0 === isHighest ? a : b));
  }

  /** With the position right after it, where the venue states that on its stream. */
  private anchored(fill: FillRow): FillRow {
    const { habits, referee } = this.options;
    if (habits.capabilities.positionAnchorOnFill === "none") return fill;
    return { ...fill, positionAfter: referee.qty(fill.instrument, fill.leg ?? "net") };
  }

  /** A fill as the stream words it. */
  private told(message: StreamEvent): StreamEvent {
    if (message.kind !== "fill") return message;
    const { faults } = this.options;
    const subject = message.fill.tradeId ?? null;
    if (message.fill.joinKey !== undefined && faults.strikes("no_trade_id", subject)) {
      const { tradeId: _, ...fill } = message.fill;
      return { kind: "fill", fill };
    }
    if (message.fill.price !== undefined && faults.strikes("fill_changed", subject)) {
      const fill = { ...message.fill, price: changed(message.fill.price) };
      this.later(this.options.random.int(500, 3_000), { kind: "fill", fill });
    }
    return message;
  }

  stream(listener: (event: StreamEvent) => void, process: number): StreamHandle {
    const { faults } = this.options;
    if (faults.strikes("stream_storm")) {
      if (this.options.random.chance(0.5)) throw new Error("the simulated stream does not connect");
      this.later(200, { kind: "gap", reason: "the stream broke at once" });
    }
    this.connection += 1;
    const { connection } = this;
    this.listener = listener;
    this.listening = process;
    this.isSilent = false;
    this.toldUntilMs = 0;
    listener({ kind: "live" });
    return {
      close: async () => {
        if (this.connection === connection) this.listener = undefined;
      },
    };
  }

  /** Whether a read of this kind fails now. */
  isUnread(): boolean {
    const { faults, random } = this.options;
    if (faults.isHealed) return false;
    if (this.nowMs < this.readsFailUntilMs) return true;
    if (faults.strikes("writes_ok_reads_fail", null, 0.2)) this.darken(random.int(10_000, 90_000));
    return this.nowMs < this.readsFailUntilMs || faults.lasts("read_down", null, 0.5);
  }

  /** Whether a single look-up fails now: also while lists are answered. */
  isLookUpUnread(): boolean {
    const { faults, random } = this.options;
    if (faults.isHealed) return false;
    if (this.nowMs < this.lookUpsFailUntilMs) return true;
    if (faults.strikes("read_down", null, 2)) this.lookUpsFailUntilMs = this.nowMs + random.int(0, 60_000);
    return this.nowMs < this.lookUpsFailUntilMs || this.isUnread();
  }

  areWritesLost(): boolean {
    const { faults, random } = this.options;
    if (faults.isHealed) return false;
    if (this.nowMs >= this.writesFailUntilMs && faults.strikes("reads_ok_writes_fail")) {
      this.writesFailUntilMs = this.nowMs + random.int(10_000, 60_000);
    }
    return this.nowMs < this.writesFailUntilMs;
  }

  /** Never at first contact, however late that comes: whoever answers then is the account. */
  isOther(): boolean {
    this.reads += 1;
    if (this.reads <= FIRST_READS || !this.options.isMet()) return false;
    return this.options.faults.lasts("other_account", null, 0.5);
  }

  /** A fill as every source of this venue names it. */
  named(fill: FillRow): FillRow {
    if (!this.options.habits.namesJoins || fill.venueOrderId === undefined) return fill;
    return { ...fill, joinKey: `${fill.venueOrderId}@${fill.venueSeq}` };
  }

  /** Whether a request for this order has left and has neither arrived nor been lost. */
  isOnItsWay(clientOrderId: string): boolean {
    return this.onTheirWay.has(clientOrderId);
  }

  /** Whether the process that started last still waits for the answer to this order's request. */
  isUnanswered(clientOrderId: string): boolean {
    return this.awaitedBy.get(clientOrderId) === this.process;
  }

  deniedAtMs(what: string): readonly number[] {
    return this.denials.get(what) ?? [];
  }

  get reversalsTold(): ReadonlySet<string> {
    return new Set(this.reversals.keys());
  }

  listedAtMs(tradeId: string): readonly number[] {
    return this.listings.get(tradeId) ?? [];
  }

  /** A history is answered with these. */
  lists(fills: readonly FillRow[]): void {
    for (const { tradeId = "" } of fills) {
      this.listings.set(tradeId, [...this.listedAtMs(tradeId), this.nowMs]);
    }
  }

  /** A look-up is answered with "none". */
  denied(...whats: readonly string[]): void {
    for (const what of whats) this.denials.set(what, [...this.deniedAtMs(what), this.nowMs]);
  }

  leaves(clientOrderId: string, process: number): void {
    if (!this.leftAtMs.has(clientOrderId)) this.leftAtMs.set(clientOrderId, this.nowMs);
    this.awaitedBy.set(clientOrderId, process);
  }

  isAnswered(clientOrderId: string): void {
    this.awaitedBy.delete(clientOrderId);
  }

  /** Since when an order may be at the venue, as far as whoever sent it can tell. */
  placedAtMs({ clientOrderId = "", createdAt = 0 }: OrderRow): number {
    return this.leftAtMs.get(clientOrderId) ?? createdAt;
  }

  /** Carries the request out when it arrives. */
  deliver(clientOrderId: string, inMs: number, carryOut: () => void): void {
    this.onTheirWay.add(clientOrderId);
    this.options.runtime.outside.after(inMs, () => {
      this.onTheirWay.delete(clientOrderId);
      carryOut();
    });
  }

  rowsAt(atMs: number): readonly PositionRow[] {
    return this.past.findLast((one) => one.atMs <= atMs)?.rows ?? [];
  }

  olderRow(venueOrderId: string): OrderRow | undefined {
    return this.pastOrders.get(venueOrderId);
  }

  get nowMs(): number {
    return this.options.runtime.clock.monotonicMs();
  }

  private remember(): void {
    this.past.push({ atMs: this.nowMs, rows: this.options.referee.positionRows() });
    if (this.past.length > PAST_MAX) this.past.shift();
  }

  private keepOlder(row: OrderRow): void {
    if (row.venueOrderId !== undefined && !this.pastOrders.has(row.venueOrderId)) {
      this.pastOrders.set(row.venueOrderId, row);
    }
  }

  /** Messages keep their order, each on its way for a moment. */
  private inTurn(message: StreamEvent): void {
    const { random, habits } = this.options;
    this.toldUntilMs = Math.max(this.toldUntilMs, this.nowMs + random.int(0, habits.latencyMs));
    this.later(this.toldUntilMs - this.nowMs, message);
  }

  private later(ms: number, message: StreamEvent): void {
    const { connection } = this;
    this.options.runtime.outside.after(ms, () => {
      if (this.connection !== connection || !this.listener) return;
      // One that only a process heard which is not alone any more, the other finds out from the venue.
      if (message.kind === "fillReversed" && this.isLatest(this.listening)) {
        this.reversals.set(message.fill.tradeId ?? "", this.nowMs);
      }
      this.listener(message);
    });
  }

  /** Nothing is told until the stream stands again; then that something may have been lost. */
  private cut(): void {
    this.silence(this.options.random.int(500, 20_000), "the stream was cut");
  }

  /** The same, and nobody notices for long. */
  private doze(): void {
    this.silence(this.options.random.int(20_000, 120_000), "the stream had told nothing for a while");
  }

  private silence(ms: number, reason: string): void {
    const { connection } = this;
    this.isSilent = true;
    this.options.runtime.outside.after(ms, () => {
      if (this.connection !== connection) return;
      this.isSilent = false;
      this.listener?.({ kind: "gap", reason });
      this.listener?.({ kind: "live" });
    });
  }
}

/** The venue's contract, for one process. */
class Reached implements Venue {
  readonly name = "simulated";
  readonly capabilities: Capabilities;
  readonly position?: NonNullable<Venue["position"]>;
  readonly order?: NonNullable<Venue["order"]>;
  readonly cancelAll?: NonNullable<Venue["cancelAll"]>;
  readonly deadMan?: NonNullable<Venue["deadMan"]>;
  readonly stream?: NonNullable<Venue["stream"]>;
  readonly prices?: NonNullable<Venue["prices"]>;
  readonly lastPrices?: NonNullable<Venue["lastPrices"]>;
  private readonly venue: LyingVenue;
  private readonly process: number;
  private readonly options: LyingOptions;
  private readonly bySymbol: ReadonlyMap<string, Instrument>;

  constructor(venue: LyingVenue, process: number, options: LyingOptions) {
    this.venue = venue;
    this.process = process;
    this.options = options;
    const { habits } = options;
    this.capabilities = habits.capabilities;
    this.bySymbol = new Map(habits.instruments.map((one) => [one.symbol, one]));
    if (habits.hasPositionLookup) this.position = (symbol, leg) => this.lookUpPosition(symbol, leg);
    if (this.capabilities.orderLookup !== "none") this.order = (query) => this.lookUpOrder(query);
    if (this.capabilities.commands.cancelAll !== "none") {
      const random = options.random.fork("cancel all");
      this.cancelAll = (command) => this.massCancel(command, random);
    }
    if (this.capabilities.commands.deadMan !== "none") {
      this.deadMan = (command) => this.setDeadMan(command);
    }
    if (habits.hasStream) {
      this.stream = async (listener) => {
        await this.takeTime();
        return this.mine(() => venue.stream(listener, process));
      };
    }
    const { ofFeed } = options;
    if (ofFeed) {
      this.prices = (listener) => venue.feed(listener, process);
      this.lastPrices = (instruments) => this.askPrices(instruments, ofFeed);
    }
  }

  private async askPrices(
    instruments: readonly string[],
    random: SeededRandom,
  ): Promise<readonly PriceTick[]> {
    const { referee, runtime, faults, habits } = this.options;
    const pause = () =>
      new Promise<void>((resolve) => {
        runtime.timers.after(random.int(0, habits.latencyMs), resolve);
      });
    await pause();
    const isUnread = !faults.isHealed && random.chance(0.1);
    const ticks = instruments.map(
      (instrument): PriceTick => ({
        instrument,
        last: referee.lastPrice(instrument),
        atMs: this.venue.nowMs,
      }),
    );
    await pause();
    return this.mine(() => (isUnread ? [] : ticks));
  }

  instrument(symbol: string): Instrument | undefined {
    return this.bySymbol.get(symbol);
  }

  async snapshot(): Promise<Snapshot> {
    const { referee, faults, habits } = this.options;
    this.ask({ kind: "read", what: "snapshot" });
    await this.takeTime();
    if (faults.strikes("adapter_throws")) throw this.broken();
    if (this.venue.isUnread()) {
      const down = unavailable("the simulated venue does not answer");
      return this.mine(() => ({ positions: down, orders: down, balances: down }));
    }
    if (this.venue.isOther()) return this.others();
    const venueAccountId = referee.accountId;
    const positions = this.positions();
    const totals = habits.hasTotals ? { totals: this.totals() } : {};
    await this.takeTime();
    const orders = this.orders();
    await this.takeTime();
    const balances = { quality: "complete", rows: this.balances() } as const;
    // What was true when it was read is on its way.
    await this.takeTime();
    return this.mine(() => ({ venueAccountId, positions, orders, balances, ...totals }));
  }

  async history(fromMs: number): Promise<History> {
    const { referee, faults, habits, random } = this.options;
    this.ask({ kind: "read", what: "history" });
    await this.takeTime();
    const nowMs = this.venue.nowMs;
    if (faults.lasts("fills_down") || this.venue.isUnread()) {
      const down = unavailable("no history");
      return this.mine(() => ({ fills: down, ledger: down }));
    }
    const untilMs = faults.strikes("fills_late") ? nowMs - random.int(0, habits.lateMs) : nowMs;
    const { retentionMs } = habits.capabilities.fills;
    const sinceMs = Math.max(fromMs, retentionMs === undefined ? 0 : nowMs - retentionMs);
    const coverage = { fromMs: sinceMs, toMs: nowMs };
    const within = ({ timestamp }: { timestamp: number }) => timestamp >= sinceMs && timestamp <= untilMs;
    const told = referee.fills().filter(within);
    this.venue.lists(told);
    const fills = told.map((fill) => this.venue.named(fill));
    const doubled = fills[0] && faults.strikes("rows_doubled") ? [fills[0]] : [];
    const ledger = referee.ledger().filter(within);
    await this.takeTime();
    return this.mine(() => ({
      fills: { quality: "complete", rows: [...fills, ...doubled], coverage },
      ledger: { quality: "complete", rows: ledger, coverage },
    }));
  }

  async submit(command: SubmitCommand): Promise<CommandOutcome> {
    this.venue.leaves(command.clientOrderId, this.process);
    const answer = await this.placed(command);
    this.venue.isAnswered(command.clientOrderId);
    return answer;
  }

  private async placed({ qty, ...command }: SubmitCommand): Promise<CommandOutcome> {
    const { faults, random, referee } = this.options;
    if (qty === undefined) return { kind: "rejected", sent: false, reason: "give a quantity" };
    const subject = command.clientOrderId;
    const carryOut = () => referee.submit({ ...command, qty });
    this.ask({ kind: "submit", command: { ...command, qty } });
    if (this.venue.areWritesLost() || faults.strikes("request_lost", subject)) return this.silence();
    if (faults.strikes("request_late", subject)) {
      this.venue.deliver(subject, random.int(0, ON_ITS_WAY_MS_MAX), carryOut);
      return this.silence();
    }
    await this.takeTime();
    const refusal = this.options.stops?.refusal({ ...command, qty }) ?? null;
    if (refusal !== null) return this.mine(() => ({ kind: "rejected", sent: true, reason: refusal }));
    if (command.reduceOnly && faults.strikes("moved_meanwhile", command.instrument, 4))
      this.moveUnder(command);
    const outcome = carryOut();
    if (faults.strikes("request_doubled", subject)) {
      const second = carryOut();
      const reason = second.kind === "rejected" ? second.reason : "the order exists already";
      return this.mine(() => ({ kind: "unknown", reason }));
    }
    if (faults.strikes("answer_lost", subject)) return this.silence();
    if (faults.strikes("answer_late", subject)) {
      await this.pause(random.pick([14_900, 14_999, 15_000, 15_001, 15_100, 25_000, 59_990, 60_010]));
    } else if (faults.strikes("fill_before_order", subject)) await this.pause(random.int(200, 4_000));
    else await this.pause(random.int(0, this.options.habits.latencyMs));
    return this.mine(() => outcome);
  }

  /** Half of the position is closed by hand before an order arrives that was to close it. */
  private moveUnder({ instrument, leg, side }: SubmitCommand): void {
    const { referee } = this.options;
    const held = referee.qty(instrument, leg);
    const isClosing = held !== ZERO && held.startsWith("-") === (side === "buy");
    const step = this.bySymbol.get(instrument)?.qtyStep;
    const isTraded = isClosing && step !== undefined && referee.trade({ instrument, leg, side, qty: step });
    if (!isTraded) this.options.faults.forget();
  }

  async cancel(command: CancelCommand): Promise<CommandOutcome> {
    const { faults, random, referee } = this.options;
    this.ask({ kind: "cancel", command });
    await this.takeTime();
    if (this.venue.areWritesLost()) return this.mine(() => ({ kind: "unknown", reason: RESET }));
    if (faults.strikes("cancel_lost", command.clientOrderId ?? command.venueOrderId ?? null)) {
      if (random.chance(0.5)) referee.cancel(command);
      return this.mine(() => ({ kind: "unknown", reason: RESET }));
    }
    this.options.stops?.meetCancel(command, referee);
    const outcome = referee.cancel(command);
    const row = referee.find(command);
    if (outcome.kind === "accepted" && row?.filledQty !== undefined && compare(row.filledQty, ZERO) > 0) {
      faults.note("partial_then_cancel", row.venueOrderId ?? null);
    }
    return this.mine(() => outcome);
  }

  async amend(command: AmendCommand): Promise<CommandOutcome> {
    const { faults, random, referee, habits } = this.options;
    this.ask({ kind: "amend", command });
    await this.takeTime();
    const subject = command.clientOrderId ?? command.venueOrderId ?? null;
    if (this.venue.areWritesLost()) return this.mine(() => ({ kind: "unknown", reason: RESET }));
    if (
      habits.capabilities.commands.amend === "replaces" &&
      faults.strikes("amend_half", subject, AMENDMENTS_FAIL)
    ) {
      const outcome = referee.amendHalf(command);
      return this.mine(() => outcome);
    }
    if (faults.strikes("amend_lost", subject, AMENDMENTS_FAIL)) {
      if (random.chance(0.5)) referee.amend(command);
      return this.mine(() => ({ kind: "unknown", reason: RESET }));
    }
    const outcome = referee.amend(command);
    return this.mine(() => outcome);
  }

  private async massCancel(command: CancelAllCommand, random: SeededRandom): Promise<CommandOutcome> {
    const { faults, referee } = this.options;
    const outcome = await lyingCancelAll(command, {
      referee,
      faults,
      random,
      isLost: () => this.venue.areWritesLost(),
      ask: (asked, isTaken) => this.ask({ kind: "cancelAll", command: asked, isTaken }),
      takeTime: () => this.takeTime(),
    });
    return this.mine(() => outcome);
  }

  private async setDeadMan(command: DeadManCommand): Promise<CommandOutcome> {
    const { runtime, habits, random } = this.options;
    this.venue.deadMan.left(command);
    await new Promise<void>((resolve) => {
      runtime.outside.after(random.int(0, habits.latencyMs), resolve);
    });
    // What left before its sender died arrives all the same.
    const outcome = this.venue.deadMan.call(command);
    return this.mine(() => outcome);
  }

  private async lookUpPosition(instrument: string, leg: Leg): Promise<PositionLookup> {
    const { faults, referee } = this.options;
    this.ask({ kind: "read", what: "position" });
    await this.takeTime();
    if (this.venue.isLookUpUnread()) return this.mine(() => ({ kind: "unknown", problem: "no answer" }));
    const rows = referee.positionRows();
    const other = rows.find((row) => row.instrument !== instrument);
    if (other && faults.strikes("lookup_wrong_row", instrument))
      return this.mine(() => ({ kind: "row", row: other }));
    const row = rows.find((one) => one.instrument === instrument && one.leg === leg);
    await this.takeTime();
    if (!row) this.venue.denied(`position ${leg}:${instrument}`);
    return this.mine(() => (row ? { kind: "row", row } : { kind: "none" }));
  }

  private async lookUpOrder({ venueOrderId, clientOrderId }: OrderQuery): Promise<OrderLookup> {
    const { faults, referee, habits } = this.options;
    this.ask({ kind: "read", what: "order" });
    await this.takeTime();
    if (this.venue.isLookUpUnread()) return this.mine(() => ({ kind: "unknown", problem: "no answer" }));
    const row = referee.find({
      ...(venueOrderId !== undefined && { venueOrderId }),
      ...(clientOrderId !== undefined && { clientOrderId }),
    });
    const none = () => {
      this.venue.denied(`order ${venueOrderId}`, `order ${clientOrderId}`);
      return this.mine((): OrderLookup => ({ kind: "none" }));
    };
    if (!row) return none();
    const isClosed = row.status !== "open" && row.status !== "partially_filled";
    if (isClosed && habits.capabilities.forgetsClosedOrders) return none();
    // Counted from when it was sent: the settle time that the venue declares is.
    const age = this.venue.nowMs - this.venue.placedAtMs(row);
    if (age < ON_ITS_WAY_MS_MAX && faults.strikes("lookup_none_early", clientOrderId ?? null)) return none();
    await this.takeTime();
    return this.mine(() => ({ kind: "row", row }));
  }

  /** What somebody else holds. */
  private others(): Snapshot {
    const { referee, habits } = this.options;
    const leg = referee.positionMode === "hedge" ? "long" : "net";
    const held = habits.instruments
      .slice(0, 2)
      .map(({ symbol: instrument, qtyStep: qty }) => ({ instrument, leg, qty }) as const);
    const cash = referee.balances().map(({ asset }) => ({ asset, total: "777" as Decimal }));
    return {
      venueAccountId: `${referee.accountId}-other`,
      positions: { quality: "complete", rows: held },
      orders: { quality: "complete", rows: [] },
      balances: { quality: "complete", rows: cash },
    };
  }

  private positions(): NonNullable<Snapshot["positions"]> {
    const { referee, faults, random, habits } = this.options;
    const { nowMs } = this.venue;
    if (faults.lasts("positions_stale", null, 0.5)) {
      const rows = this.venue.rowsAt(nowMs - random.int(60_000, 600_000));
      return { quality: "stale", rows, problem: "the answer is minutes old" };
    }
    const isBehind = habits.capabilities.readAfterFillLagMs > 0 && faults.strikes("positions_lag");
    const rows = isBehind
      ? this.venue.rowsAt(nowMs - random.int(0, habits.capabilities.readAfterFillLagMs))
      : referee.positionRows();
    if (rows.length > 0 && faults.lasts("positions_empty")) return { quality: "complete", rows: [] };
    if (rows.length > 0 && faults.lasts("positions_partial")) {
      return { quality: "partial", rows: rows.slice(random.int(1, 3)), problem: "a page is missing" };
    }
    const few = this.options.leastMissing();
    const known = rows.filter(this.options.isKnown);
    // What moves while it is read may be closed before whoever counts what is missing has counted.
    const isQuiet = nowMs - this.venue.lastFillMs > QUIET_MS && this.options.isSettled();
    if (known.length > few && isQuiet && faults.lasts("positions_short", null, 2)) {
      const missing = new Set(known.slice(0, random.int(few, known.length - 1)));
      return { quality: "complete", rows: rows.filter((row) => !missing.has(row)) };
    }
    const priced = rows.map((row) => ({ ...row, lastPrice: referee.lastPrice(row.instrument) }));
    const [first] = priced;
    const doubled = first && faults.strikes("rows_doubled", first.instrument) ? [first] : [];
    return {
      quality: "complete",
      rows: [...priced, ...doubled, ...(habits.listsFlat ? this.flatRows(rows) : [])],
    };
  }

  /** Legs that nothing is held of, said so. */
  private flatRows(rows: readonly PositionRow[]): readonly PositionRow[] {
    const { referee, habits } = this.options;
    const legs: readonly Leg[] = referee.positionMode === "hedge" ? ["long", "short"] : ["net"];
    return habits.instruments.flatMap(({ symbol }) =>
      legs
        .filter((leg) => !rows.some((row) => row.instrument === symbol && row.leg === leg))
        .map((leg) => ({ instrument: symbol, leg, qty: ZERO })),
    );
  }

  private orders(): NonNullable<Snapshot["orders"]> {
    const { referee, faults, habits } = this.options;
    const all = referee.orders();
    const open = all.filter(({ status }) => status === "open" || status === "partially_filled");
    const closed = habits.listsClosedOrders ? all.filter((row) => !open.includes(row)) : [];
    const rows = [...open, ...closed];
    if (open.length > 0 && faults.lasts("orders_missing", open[0]?.venueOrderId ?? null)) {
      return { quality: "complete", rows: rows.slice(1) };
    }
    if (open.length > 0 && faults.lasts("orders_partial", null, 3)) {
      return { quality: "partial", rows: rows.slice(1), problem: "a page is missing" };
    }
    const movers = rows.filter((row) => this.isMoved(row));
    const moved = movers[this.venue.nowMs % Math.max(1, movers.length)];
    if (moved?.venueOrderId !== undefined && faults.strikes("order_backwards", moved.venueOrderId)) {
      const older = this.venue.olderRow(moved.venueOrderId);
      return { quality: "complete", rows: rows.map((row) => (row === moved && older ? older : row)) };
    }
    return { quality: "complete", rows };
  }

  private isMoved(row: OrderRow): boolean {
    const older = this.venue.olderRow(row.venueOrderId ?? "");
    return older !== undefined && (older.filledQty !== row.filledQty || older.status !== row.status);
  }

  private balances(): readonly BalanceRow[] {
    const { referee, habits } = this.options;
    const rows = referee.balances();
    return habits.locksBalances ? rows.map((row) => ({ ...row, free: ZERO })) : rows;
  }

  private totals(): NonNullable<Snapshot["totals"]> {
    const held = this.options.referee.positionRows().length > 0;
    // Only whether it is zero means anything.
    return { quality: "complete", positionValue: held ? ("1" as Decimal) : ZERO };
  }

  private ask(asked: Asked): void {
    this.options.onRequest(asked, this.venue.isLatest(this.process));
  }

  private broken(): Error {
    // What clients put into their errors, such as headers, is nobody's business.
    return Object.assign(new Error("the simulated client failed"), {
      cause: { headers: { authorization: SECRET } },
      config: { apiSecret: SECRET },
    });
  }

  /** An answer that does not come: now, after a while, or never. */
  private async silence(): Promise<CommandOutcome> {
    await this.pause(this.options.random.int(0, 20_000));
    return this.mine(() => ({ kind: "unknown", reason: RESET }));
  }

  private async takeTime(): Promise<void> {
    const { faults, random, habits } = this.options;
    await this.pause(random.int(0, habits.latencyMs));
    if (faults.strikes("never_answered", null, 0.1)) await never();
    if (faults.strikes("read_slow")) await this.pause(random.pick([200, 1_000, 5_000, 5_000, 31_000]));
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.options.runtime.outside.after(ms, resolve);
    });
  }

  /** An answer for a process that is still there. */
  private async mine<T>(answer: () => T): Promise<T> {
    return this.venue.isGone(this.process) ? never() : answer();
  }
}

/** A secret that the venue's client knows, and that nothing may ever show. */
export const SECRET = "sk-simulated-0f9d8c7b6a";

function messageOf(event: Exclude<RefereeEvent, { kind: "drift" }>): StreamEvent {
  switch (event.kind) {
    case "ledger":
      return { kind: "wake", reason: event.row.cause };
    case "reversed":
      return { kind: "fillReversed", fill: event.fill, reason: event.reason };
    default:
      return event;
  }
}

function changed(price: Decimal): Decimal {
  return `1${price}` as Decimal;
}
