// What each balance must be by the records alone: what the venue stated, and what fills, fees and ledger entries moved
// since, by venue time. Where a balance depends on realised results (instruments settled in margin) it says so instead.
import type { Instrument, JournalRecord, JournalRecordOf, LedgerRow } from "../../core/index.ts";
import { exact, times } from "./exact.ts";

interface Move {
  readonly atMs: number;
  readonly delta: bigint;
}

interface Total {
  anchor: bigint;
  asOfMs: number;
  unsure: { readonly fromMs: number; readonly toMs: number };
  isStated: boolean;
  isWitnessed: boolean;
  moves: Move[];
  unexplained: bigint[];
}

interface BookedFill {
  readonly atMs: number;
  readonly moves: readonly { readonly asset: string; readonly delta: bigint }[];
  isReversed: boolean;
}

/** Unexplained differences that a late entry may turn out to be. */
const UNEXPLAINED_MAX = 16;
/** How long a read of the balances may take. In ms. */
const READ_MS_MAX = 30_000;
/** A venue's clock may be ahead by this; money that is dated later waits for a total. In ms. */
const AHEAD_MS = 60_000;

export class Money {
  /** Assets of which totals follow from more than is reckoned here. */
  readonly unclear = new Set<string>();
  private readonly totals = new Map<string, Total>();
  private readonly instruments = new Map<string, Instrument>();
  private readonly fills = new Map<string, BookedFill>();
  private readonly entries = new Set<string>();
  private readonly counted = new Set<string>();

  /** Undefined where the venue has not stated it, or where it does not follow from what is reckoned here. */
  total(asset: string): bigint | undefined {
    const known = this.totals.get(asset);
    if (!known?.isStated || this.unclear.has(asset)) return undefined;
    return known.moves.reduce((total, { delta }) => total + delta, known.anchor);
  }

  assets(): Iterable<string> {
    return this.totals.keys();
  }

  apply(record: JournalRecord): void {
    switch (record.kind) {
      case "instrument_observed":
        this.learn(record.payload.instrument);
        break;
      case "fill_recorded":
        this.fill(record);
        break;
      case "fill_reversed":
        this.reverse(record.payload.fillKey);
        break;
      case "ledger_entry_recorded":
        this.entry(record);
        break;
      case "adjustment_inferred":
        this.state(record);
        break;
    }
  }

  /** Money that moved before its instrument's terms changed is booked again by the new ones: not reckoned here. */
  private learn(instrument: Instrument): void {
    const before = this.instruments.get(instrument.symbol);
    this.instruments.set(instrument.symbol, instrument);
    const isSame =
      before === undefined ||
      (before.settlement === instrument.settlement &&
        before.base === instrument.base &&
        before.quote === instrument.quote &&
        before.multiplier === instrument.multiplier &&
        before.payoff === instrument.payoff);
    const isUsed = instrument.settlement === "margin";
    for (const asset of isSame && !isUsed
      ? []
      : [instrument.base, instrument.quote, before?.base, before?.quote]) {
      if (asset != null) this.unclear.add(asset);
    }
  }

  private fill({ payload }: JournalRecordOf<"fill_recorded">): void {
    const { fillKey, merges, isContained, timestamp } = payload;
    if (this.fills.has(fillKey)) return;
    const merged = merges === undefined ? undefined : this.fills.get(merges);
    if (merged && !merged.isReversed) this.take(merged);
    if (merges !== undefined) this.fills.delete(merges);
    const isReversed = merged?.isReversed === true;
    const moves = isContained ? [] : this.movesOf(payload);
    this.fills.set(fillKey, { atMs: timestamp, moves, isReversed });
    if (isReversed) return;
    for (const { asset, delta } of moves) this.move(asset, timestamp, delta);
  }

  private movesOf(facts: JournalRecordOf<"fill_recorded">["payload"]): BookedFill["moves"] {
    const { instrument, side, qty, price, fee, feeCurrency } = facts;
    const spec = this.instruments.get(instrument);
    const base = spec?.base ?? null;
    const quote = spec?.quote ?? null;
    const moves: { asset: string; delta: bigint }[] = [];
    const traded = side === "buy" ? exact(qty) : -exact(qty);
    const isInKind = fee !== undefined && base !== null && feeCurrency === base;
    if (spec?.settlement === "cash") {
      if (base !== null) moves.push({ asset: base, delta: isInKind ? traded - exact(fee) : traded });
      if (quote !== null && price !== undefined) {
        moves.push({ asset: quote, delta: -times(times(traded, exact(price)), exact(spec.multiplier)) });
      }
    }
    if (fee !== undefined && feeCurrency !== undefined && !isInKind) {
      moves.push({ asset: feeCurrency, delta: -exact(fee) });
    }
    return moves;
  }

  private reverse(fillKey: string): void {
    const fill = this.fills.get(fillKey);
    if (!fill || fill.isReversed) return;
    fill.isReversed = true;
    // What the statement had already goes back at the venue too, and may be what one took over without a word since.
    const gone = new Map<string, bigint>();
    for (const { asset, delta } of this.take(fill)) gone.set(asset, (gone.get(asset) ?? 0n) - delta);
    for (const [asset, delta] of gone) this.explain(this.totalOf(asset), delta);
  }

  /** Tells what of it a statement had already. */
  private take({ atMs, moves }: BookedFill): BookedFill["moves"] {
    return moves.filter(({ asset, delta }) => this.move(asset, atMs, -delta));
  }

  /** An unexplained difference is spent by what explains it. */
  private explain({ unexplained }: Total, delta: bigint): boolean {
    const index = delta === 0n ? -1 : unexplained.lastIndexOf(delta);
    if (index >= 0) unexplained.splice(index, 1);
    return index >= 0;
  }

  private entry({ payload, tsMs }: JournalRecordOf<"ledger_entry_recorded">): void {
    const { id, isAwaited } = payload;
    if (this.entries.has(id)) return;
    // The money of one whose quantity waits counts once, with its first record.
    if (!this.counted.has(id)) this.pay(payload, tsMs);
    this.counted.add(id);
    if (!isAwaited) this.entries.add(id);
  }

  /** Money dated before the total was stated may be in it: it counts with the statement that confirms it. */
  private pay({ asset, amount, timestamp }: LedgerRow, nowMs: number): void {
    if (asset === undefined || amount === undefined || amount === "0") return;
    const total = this.totalOf(asset);
    const delta = exact(amount);
    // What was taken over without an explanation is explained now: the total has it, though the read began before.
    const mayBe = total.isWitnessed && timestamp <= total.asOfMs + READ_MS_MAX;
    if (mayBe && this.explain(total, delta)) return;
    const isCertain = timestamp > Math.max(total.asOfMs, total.unsure.toMs) && timestamp <= nowMs + AHEAD_MS;
    if (!total.isWitnessed || isCertain) this.move(asset, timestamp, delta);
  }

  private state({ payload }: JournalRecordOf<"adjustment_inferred">): void {
    if (payload.subject !== "balance") return;
    const { asset, totalBefore, totalAfter, asOfMs, isWitnessed, cause } = payload;
    const total = this.totalOf(asset);
    if (cause === "unexplained" && totalBefore !== null) {
      total.unexplained.push(exact(totalAfter) - exact(totalBefore));
      total.unexplained.splice(0, total.unexplained.length - UNEXPLAINED_MAX);
    }
    total.anchor = exact(totalAfter);
    total.isStated = true;
    total.asOfMs = asOfMs;
    total.isWitnessed = isWitnessed;
    total.unsure = payload.unsure ?? { fromMs: asOfMs, toMs: asOfMs };
    total.moves = total.moves.filter(({ atMs }) => atMs > asOfMs);
  }

  /** True where a statement from after it has it already. */
  private move(asset: string, atMs: number, delta: bigint): boolean {
    if (delta === 0n) return false;
    const total = this.totalOf(asset);
    if (total.isWitnessed && atMs < total.asOfMs) return true;
    // It waits for a statement, and counts with that, unless it is what one took over without a word.
    if (total.isWitnessed && atMs >= total.unsure.fromMs && atMs <= total.unsure.toMs) {
      this.explain(total, delta);
      return false;
    }
    total.moves.push({ atMs, delta });
    return false;
  }

  private totalOf(asset: string): Total {
    const known = this.totals.get(asset);
    if (known) return known;
    const total: Total = {
      anchor: 0n,
      asOfMs: 0,
      unsure: { fromMs: 0, toMs: 0 },
      isStated: false,
      isWitnessed: false,
      moves: [],
      unexplained: [],
    };
    this.totals.set(asset, total);
    return total;
  }
}
