// When prices are asked for singly: each of what is followed once it is older than half of what is allowed, all that are due
// in one call; less often where that brings nothing new, and far less where it fails. Keeps the times; reading is its caller's.
import type { Runtime } from "../runtime/index.ts";
import { problemOf } from "./observe.ts";

/** Instruments in one call; the others are the next one's. */
const ASKED_MAX = 50;
/** A feed that has just been told of an instrument has this long to tell its price. In ms. */
const FIRST_MS = 1_000;
/** No look comes sooner than the first; where calls fail, none later than the second. In ms. */
const WAIT_MS = { least: 250, most: 60_000 };

/** How many names one sentence has. */
const NAMED_MAX = 10;

/** How old prices may become, and how they are asked for. */
export interface PriceReadingInputs {
  readonly runtime: Runtime;
  /** A price that is older is not acted on. In ms. */
  readonly ageMaxMs: number;
  /** How old the youngest price of an instrument is, in ms; undefined where none is known. */
  readonly ageOf: (instrument: string) => number | undefined;
  /** Asks for these. */
  readonly read: (instruments: readonly string[]) => Promise<PricesRead>;
}

/** What one call brought, by instrument. */
export interface PricesRead {
  readonly told: ReadonlySet<string>;
  /** Those of the told of which this is later than what was known. */
  readonly news: ReadonlySet<string>;
}

interface Followed {
  /** Monotonic, ms. */
  notBeforeMs: number;
  waitMs: number;
}

/** When which price is asked for, for one account. */
export class PriceReading {
  private readonly inputs: PriceReadingInputs;
  private readonly halfMs: number;
  private readonly followed = new Map<string, Followed>();
  private cancelTimer: (() => void) | undefined;
  private isReading = false;
  private isStopped = false;
  /** Why the last call brought nothing; null where it did. */
  problem: string | null = null;

  constructor(inputs: PriceReadingInputs) {
    this.inputs = inputs;
    this.halfMs = inputs.ageMaxMs / 2;
  }

  /** Asks for these from now on, and for no others; one that is new is asked for after a moment. */
  follow(instruments: readonly string[]): void {
    const wanted = new Set(instruments);
    for (const instrument of this.followed.keys()) {
      if (!wanted.has(instrument)) this.followed.delete(instrument);
    }
    const firstMs = this.nowMs + Math.min(FIRST_MS, this.halfMs);
    for (const instrument of wanted) {
      if (!this.followed.has(instrument)) {
        this.followed.set(instrument, { notBeforeMs: firstMs, waitMs: this.halfMs });
      }
    }
    this.arm();
  }

  /** Asks for nothing any more. */
  stop(): void {
    this.isStopped = true;
    this.cancelTimer?.();
  }

  private arm(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    if (this.isStopped || this.isReading || this.followed.size === 0) return;
    const { nowMs } = this;
    const dueMs = Math.min(...[...this.followed].map(([instrument, one]) => this.dueMs(instrument, one)));
    const waitMs = Math.max(WAIT_MS.least, dueMs - nowMs);
    this.cancelTimer = this.inputs.runtime.timers.after(waitMs, () => void this.look());
  }

  /** When an instrument is to be asked for, if nothing is told of it until then. */
  private dueMs(instrument: string, { notBeforeMs }: Followed): number {
    const ageMs = this.inputs.ageOf(instrument);
    const oldAtMs = ageMs === undefined ? this.nowMs : this.nowMs + this.halfMs - ageMs;
    return Math.max(oldAtMs, notBeforeMs);
  }

  private async look(): Promise<void> {
    const { nowMs } = this;
    const due = [...this.followed].filter(([instrument, one]) => this.dueMs(instrument, one) <= nowMs);
    // Who has waited longest comes first, so that no instrument is left out for ever.
    due.sort(([, a], [, b]) => a.notBeforeMs - b.notBeforeMs);
    const asked = due.slice(0, ASKED_MAX).map(([instrument]) => instrument);
    if (asked.length > 0) await this.ask(asked);
    this.arm();
  }

  private async ask(asked: readonly string[]): Promise<void> {
    this.isReading = true;
    let read: PricesRead = { told: new Set(), news: new Set() };
    try {
      read = await this.inputs.read(asked);
      const untold = asked.filter((instrument) => !read.told.has(instrument));
      this.problem = untold.length === 0 ? null : `no price was told of ${someText(untold)}`;
    } catch (error) {
      this.problem = `prices were not read: ${problemOf(error)}`;
    } finally {
      this.isReading = false;
    }
    const { nowMs, halfMs } = this;
    for (const instrument of asked) {
      const one = this.followed.get(instrument);
      if (!one) continue;
      const mostMs = read.told.has(instrument) ? this.inputs.ageMaxMs : WAIT_MS.most;
      one.waitMs = read.news.has(instrument) ? halfMs : Math.min(mostMs, one.waitMs * 2);
      one.notBeforeMs = nowMs + one.waitMs;
    }
  }

  private get nowMs(): number {
    return this.inputs.runtime.clock.monotonicMs();
  }
}

/** Names for a sentence, the first of many. */
export function someText(names: readonly string[]): string {
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : "";
  return `${names.slice(0, NAMED_MAX).join(", ")}${more}`;
}
