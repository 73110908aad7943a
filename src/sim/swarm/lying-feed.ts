// The price feed of a simulated venue, as one process has it: it tells what the market does, a moment later, and lies as the
// fault plan draws it: it falls silent, repeats, tells of other things, keeps what was dropped, does not hear, breaks.
import type { Decimal } from "../../core/index.ts";
import type { PriceEvent, PriceFeed, PriceTick } from "../../venues/index.ts";
import type { VirtualRuntime } from "../virtual-runtime.ts";
import type { FaultPlan } from "./faults.ts";
import type { SeededRandom } from "./random.ts";

/** Faults that last are over after this, at the latest. In ms. */
const LASTING_MS_MAX = 90_000;
/** There are few subscriptions: where this may happen, many of them begin so. */
const KEPT = 4;
/** How old what they begin with is. In ms. */
const KEPT_MS = [30_000, 120_000, 600_000];

export interface LyingFeedOptions {
  readonly runtime: VirtualRuntime;
  readonly random: SeededRandom;
  readonly faults: FaultPlan;
  readonly latencyMs: number;
  /** What the market says now. */
  readonly priceOf: (instrument: string) => Decimal;
  /** What the market said at an earlier moment, monotonic ms; undefined where nobody has noted that. */
  readonly priceAt: (instrument: string, atMs: number) => Decimal | undefined;
  /** Whether the process that has it still lives. */
  readonly isHeard: () => boolean;
  readonly listener: (event: PriceEvent) => void;
}

export class LyingFeed implements PriceFeed {
  private readonly options: LyingFeedOptions;
  private wanted: readonly string[] = [];
  private subscribed = new Set<string>();
  private readonly frozen = new Map<string, PriceTick>();
  private isUp = true;
  private isClosed = false;
  private silentUntilMs = 0;
  private toldUntilMs = 0;

  constructor(options: LyingFeedOptions) {
    this.options = options;
  }

  follow(instruments: readonly string[]): void {
    this.wanted = [...instruments];
    const { wanted } = this;
    const { faults, random, latencyMs } = this.options;
    if (faults.strikes("feed_deaf")) return;
    this.options.runtime.outside.after(random.int(1, Math.max(1, latencyMs)), () => {
      if (this.isUp && this.wanted === wanted) this.subscribe();
    });
  }

  followed(): readonly string[] {
    return this.isUp ? [...this.subscribed] : [];
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** The market has a new price. */
  market(instrument: string): void {
    const { faults, random, runtime } = this.options;
    if (this.isClosed || !this.isUp || !this.subscribed.has(instrument)) return;
    if (faults.strikes("feed_cut")) {
      this.break(random.int(500, 60_000));
      return;
    }
    if (faults.strikes("feed_silent", instrument)) {
      this.silentUntilMs = this.nowMs + random.int(10_000, LASTING_MS_MAX);
    }
    const before = this.frozen.get(instrument);
    const told = before && !faults.isHealed ? before : this.tickOf(instrument);
    if (!before && faults.strikes("feed_stale", instrument)) {
      this.frozen.set(instrument, told);
      runtime.outside.after(random.int(10_000, LASTING_MS_MAX), () => this.frozen.delete(instrument));
    }
    this.tell(told);
    if (faults.strikes("feed_foreign", instrument)) this.tell({ ...told, instrument: `${instrument}.OTHER` });
  }

  private subscribe(): void {
    const { faults } = this.options;
    const kept = [...this.subscribed].filter(
      (instrument) =>
        !this.wanted.includes(instrument) && faults.strikes("feed_unsubscribe_lost", instrument),
    );
    const fresh = this.wanted.filter((instrument) => !this.subscribed.has(instrument));
    this.subscribed = new Set([...this.wanted, ...kept]);
    this.emit({ kind: "live", instruments: [...this.subscribed] });
    for (const instrument of fresh) this.tell(this.keptTick(instrument) ?? this.tickOf(instrument));
  }

  /** What the venue has kept of it from long ago, with its time; null where it tells what is so now. */
  private keptTick(instrument: string): PriceTick | null {
    const { faults, random, priceAt } = this.options;
    if (!faults.strikes("feed_kept", instrument, KEPT)) return null;
    const atMs = this.nowMs - random.pick(KEPT_MS);
    const last = priceAt(instrument, atMs);
    if (last === undefined) faults.forget();
    return last === undefined ? null : { instrument, last, atMs };
  }

  private break(ms: number): void {
    this.isUp = false;
    this.emit({ kind: "gap", reason: "the simulated price feed broke" });
    this.options.runtime.outside.after(ms, () => {
      this.isUp = true;
      this.subscribed.clear();
      if (!this.isClosed) this.subscribe();
    });
  }

  /** Prices keep their order, each on its way for a moment. */
  private tell(tick: PriceTick): void {
    const { random, latencyMs, runtime, faults } = this.options;
    if (this.nowMs < this.silentUntilMs && !faults.isHealed) return;
    this.toldUntilMs = Math.max(this.toldUntilMs, this.nowMs + random.int(0, latencyMs));
    runtime.outside.after(this.toldUntilMs - this.nowMs, () => {
      if (this.isUp) this.emit({ kind: "tick", tick });
    });
  }

  private emit(event: PriceEvent): void {
    if (!this.isClosed && this.options.isHeard()) this.options.listener(event);
  }

  private tickOf(instrument: string): PriceTick {
    return { instrument, last: this.options.priceOf(instrument), atMs: this.nowMs };
  }

  private get nowMs(): number {
    return this.options.runtime.clock.monotonicMs();
  }
}
