// A runtime whose clock stands still until it is told to go on: timers fire in order, at their own moments, and
// everything that they start is finished before time moves. Fifteen seconds take no time.
import type { Runtime } from "../runtime/index.ts";

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly work: () => void;
}

export class VirtualRuntime implements Runtime {
  readonly clock = { nowMs: () => this.now + this.aheadMs, monotonicMs: () => this.now };
  readonly timers = {
    after: (delayMs: number, work: () => void) => this.after(delayMs, work),
    soon: (work: () => void) => {
      this.after(0, work);
    },
  };
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
      const next = this.pending.filter(({ dueMs }) => dueMs <= target).sort(byTime)[0];
      if (!next) break;
      this.pending = this.pending.filter((timer) => timer !== next);
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

  /** Forgets all timers: the process that set them is gone. */
  clear(): void {
    this.pending = [];
  }

  private after(delayMs: number, work: () => void): () => void {
    this.count += 1;
    const timer = { dueMs: this.now + delayMs, order: this.count, work };
    this.pending.push(timer);
    return () => {
      this.pending = this.pending.filter((one) => one !== timer);
    };
  }
}

function byTime(a: Timer, b: Timer): number {
  return a.dueMs - b.dueMs || a.order - b.order;
}
