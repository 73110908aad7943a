// The last prices that were told, each with the moment at which it held. A trade and a quote are kept apart, for a venue
// may tell them in messages of their own; a price that is told again does not become younger by that.
import { compare, type Decimal, sign } from "../core/index.ts";
import type { Clock } from "../runtime/index.ts";
import type { PriceTick } from "../venues/index.ts";

/** A venue's time further ahead of ours than this is no time at all. In ms. */
const AHEAD_MS_MAX = 60_000;

/** A price as it is known now. */
export interface PriceView {
  /** Only what is young enough to be acted on; where nothing is, what is known last. */
  readonly tick: PriceTick;
  /** Since it was received, or since it held by its own time where our clock says longer, then or now. In ms. */
  readonly ageMs: number;
  /** Whether it may be acted on. */
  readonly isFresh: boolean;
}

interface Part<Value> {
  readonly value: Value;
  /** On the monotonic clock, as it was reckoned at its receipt and never later than that. In ms. */
  readonly heldAtMs: number;
  readonly receivedAtMs: number;
  /** By the venue's own clock, where it says and can be believed. */
  readonly atMs: number | undefined;
  /** What it said, believed or not. */
  readonly statedMs: number | undefined;
}

interface Quote {
  readonly bid?: Decimal;
  readonly ask?: Decimal;
}

interface Known {
  /** Told without its time: what an order is worth by it may be reckoned, and nothing else. */
  readonly hearsay?: { readonly value: Decimal; readonly receivedAtMs: number };
  readonly trade?: Part<Decimal>;
  readonly quote?: Part<Quote>;
}

/** What is known of each instrument's price. Ages are measured on the monotonic clock. */
export class PriceBoard {
  private readonly clock: Clock;
  private readonly ageMaxMs: number;
  private readonly known = new Map<string, Known>();

  constructor(clock: Clock, ageMaxMs: number) {
    this.clock = clock;
    this.ageMaxMs = ageMaxMs;
  }

  /**
   * Takes a price in, unless a later one is known or it cannot be one.
   * @param heldAtMs Since when it surely held, where the venue does not say: when it was asked for. Monotonic, ms.
   * @returns Whether something of it is news.
   */
  take(tick: PriceTick, heldAtMs: number = this.clock.monotonicMs()): boolean {
    const { instrument, last } = tick;
    const receivedAtMs = this.clock.monotonicMs();
    const isFuture = tick.atMs !== undefined && tick.atMs > this.clock.nowMs() + AHEAD_MS_MAX;
    const atMs = isFuture ? undefined : tick.atMs;
    // Measured at its receipt: a clock that is set back later makes no price younger.
    const lateMs = atMs === undefined ? 0 : Math.max(0, this.clock.nowMs() - atMs);
    const times = {
      heldAtMs: atMs === undefined ? heldAtMs : receivedAtMs - lateMs,
      receivedAtMs,
      atMs,
      statedMs: tick.atMs,
    };
    const before = this.known.get(instrument);
    const quote = quoteOf(tick);
    const trade = last !== undefined && sign(last) > 0 ? { ...times, value: last } : undefined;
    const newTrade = trade && this.later(trade, before?.trade);
    const newQuote = quote && this.later({ ...times, value: quote }, before?.quote);
    if (!newTrade && !newQuote) return false;
    this.known.set(instrument, {
      ...before,
      ...(newTrade && { trade: newTrade }),
      ...(newQuote && { quote: newQuote }),
    });
    return true;
  }

  /** A price of which nobody knows when it held, and that may come late or twice: none to act on. */
  note(instrument: string, value: Decimal): void {
    const hearsay = { value, receivedAtMs: this.clock.monotonicMs() };
    this.known.set(instrument, { ...this.known.get(instrument), hearsay });
  }

  /** The price as it is known now; undefined where none was ever told with its time. */
  view(instrument: string): PriceView | undefined {
    const known = this.known.get(instrument);
    if (!known?.trade && !known?.quote) return undefined;
    const ageOf = (part: Part<unknown>) => this.ageOf(part);
    const parts = [known.trade, known.quote].flatMap((part) => (part ? [part] : []));
    const fresh = parts.filter((part) => ageOf(part) <= this.ageMaxMs);
    const isFresh = fresh.length > 0;
    const shown = isFresh ? fresh : parts.toSorted((a, b) => ageOf(a) - ageOf(b)).slice(0, 1);
    const { trade, quote } = known;
    const atMs = shown.map((part) => part.atMs).filter((one) => one !== undefined);
    const tick: PriceTick = {
      instrument,
      ...(trade && shown.includes(trade) && { last: trade.value }),
      ...(quote && shown.includes(quote) && quote.value),
      ...(atMs.length > 0 && { atMs: Math.min(...atMs) }),
    };
    return { tick, ageMs: Math.max(...shown.map(ageOf)), isFresh };
  }

  /** The age of the youngest price of an instrument; undefined where none is known. In ms. */
  ageMs(instrument: string): number | undefined {
    const { trade, quote } = this.known.get(instrument) ?? {};
    const ages = [trade, quote].flatMap((part) => (part ? [this.ageOf(part)] : []));
    return ages.length === 0 ? undefined : Math.min(...ages);
  }

  /** Whether a price of it is young enough to act on, as its view says. */
  isFresh(instrument: string): boolean {
    const ageMs = this.ageMs(instrument);
    return ageMs !== undefined && ageMs <= this.ageMaxMs;
  }

  /** What was told last to have been traded, by instrument. @param sinceMs Only what was told since then. Monotonic, ms. */
  lastTrades(sinceMs = Number.NEGATIVE_INFINITY): Map<string, Decimal> {
    return new Map(
      [...this.known].flatMap(([instrument, { trade, hearsay }]) => {
        const isHeard = hearsay && (!trade || hearsay.receivedAtMs > trade.receivedAtMs);
        const latest = isHeard ? hearsay : trade;
        return latest && latest.receivedAtMs >= sinceMs ? [[instrument, latest.value] as const] : [];
      }),
    );
  }

  /**
   * What was told, unless something later is known. The venue's own times are compared where both have one: ours differ by
   * how long each message took. One that is repeated held when it was told first, whatever our clock says now.
   */
  private later<Value>(told: Part<Value>, known: Part<Value> | undefined): Part<Value> | undefined {
    if (!known) return told;
    if (told.statedMs !== undefined && told.statedMs === known.statedMs) {
      return { ...told, heldAtMs: Math.min(told.heldAtMs, known.heldAtMs) };
    }
    const isLater =
      told.atMs !== undefined && known.atMs !== undefined
        ? told.atMs > known.atMs
        : this.ageOf(told) <= this.ageOf(known);
    return isLater ? told : undefined;
  }

  /**
   * By its receipt, and by its own time as our clock is now: while that was behind, nobody could see that a price was old,
   * and it was taken for new.
   */
  private ageOf({ heldAtMs, statedMs }: Part<unknown>): number {
    const byOwnTimeMs = statedMs === undefined ? 0 : this.clock.nowMs() - statedMs;
    return Math.max(0, this.clock.monotonicMs() - heldAtMs, byOwnTimeMs);
  }
}

/** A bid above the ask is a moment between two messages, or a mistake: no price to act on. */
function quoteOf({ bid, ask }: PriceTick): Quote | undefined {
  const told: Quote = {
    ...(bid !== undefined && sign(bid) > 0 && { bid }),
    ...(ask !== undefined && sign(ask) > 0 && { ask }),
  };
  if (told.bid === undefined && told.ask === undefined) return undefined;
  const isCrossed = told.bid !== undefined && told.ask !== undefined && compare(told.bid, told.ask) > 0;
  return isCrossed ? undefined : told;
}
