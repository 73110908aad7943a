// A runtime whose clock stands still until it is told to go on: timers fire in order, at their own moments, and
// everything that they start is finished before time moves. Fifteen seconds take no time.
import type { Runtime } from "../runtime/index.ts";

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  /** Whether it is the process's own, and gone with it. */
  readonly isOurs: boolean;
  readonly work: () => void;
}

export class VirtualRuntime implements Runtime {
  readonly clock = { nowMs: () => this.now + this.aheadMs, monotonicMs: () => this.now };
  readonly timers = {
    after: (delayMs: number, work: () => void) => this.after(delayMs, work, true),
    soon: (work: () => void) => {
      this.after(0, work, true);
    },
  };
  /** Timers of the world outside: what is on its way to a venue arrives, whether its sender still lives or not. */
  readonly outside = { after: (delayMs: number, work: () => void) => this.after(delayMs, work, false) };
  readonly random = { bytes: (count: number) => new Uint8Array(count) };
  private now: number;
  /** The wall clock, ahead of what has really passed. */
  private aheadMs = 0;
  private count = 0;
  private pending: Timer[] = [];

  constructor(startMs: number) {
    this.now = startMs;
  }

  /** Lets time pass; `settle` resolves when what a timer started has come to rest. */
  async advance(byMs: number, settle: () => Promise<void>): Promise<void> {
    const target = this.now + byMs;
    await settle();
    for (;;) {
      const next = this.pending.reduce(earlier, undefined);
      if (!next || next.dueMs > target) break;
      this.pending.splice(this.pending.indexOf(next), 1);
      this.now = Math.max(this.now, next.dueMs);
      next.work();
      await settle();
    }
    this.now = target;
  }

  /** The wall clock is set; no time passes. */
  jump(byMs: number): void {
    this.aheadMs += byMs;
  }

  /** Forgets the timers of the process: it is gone. */
  clear(): void {
    this.pending = this.pending.filter(({ isOurs }) => !isOurs);
  }

  private after(delayMs: number, work: () => void, isOurs: boolean): () => void {
    this.count += 1;
    // Whole milliseconds, as real timers count: a part of a time-out may come out uneven.
    const timer = { dueMs: this.now + Math.ceil(delayMs), order: this.count, work, isOurs };
    this.pending.push(timer);
    return () => {
      const index = this.pending.indexOf(timer);
      if (index >= 0) this.pending.splice(index, 1);
    };
  }
}

function earlier(a: Timer | undefined, b: Timer): Timer {
  return a === undefined || b.dueMs < a.dueMs || (b.dueMs === a.dueMs && b.order < a.order) ? b : a;
}
