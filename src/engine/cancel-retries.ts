// Cancels that did not leave, or whose outcome is not known, asked for again while the account is killed: soon, then less and
// less often; one that the rate alone refused when the venue or the budget said. What else the venue answered is left to
// the passes, whose rows say what is still there.
import { type Book, findOrder, isActive, type OrderAtRisk } from "../core/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { CommandOutcome } from "../venues/index.ts";

/** The first wait; each further one is twice as long, up to the last. In ms. */
const FIRST_MS = 250;
const LAST_MS = 5_000;

/** Of one account. */
export interface RetryOptions {
  readonly runtime: Runtime;
  readonly book: Book;
  /** Whether the kill is still in force, and somebody at work. */
  readonly isWanted: () => boolean;
  /** Asks for these again, most dangerous first; what comes of each is noted here. */
  readonly cancel: (orders: readonly OrderAtRisk[]) => Promise<unknown>;
}

interface Pending {
  readonly order: OrderAtRisk;
  /** Asking earlier would only be refused again; monotonic ms. */
  readonly notBeforeMs: number;
}

/** The cancels of one kill that are still to be asked for again. */
export class CancelRetries {
  private readonly options: RetryOptions;
  private readonly pending = new Map<string, Pending>();
  private rounds = 0;
  private isRunning = false;
  private cancelTimer: (() => void) | undefined;
  private dueMs = Number.POSITIVE_INFINITY;

  constructor(options: RetryOptions) {
    this.options = options;
  }

  /** What came of asking for one. */
  note(order: OrderAtRisk, outcome: CommandOutcome): void {
    const waitMs = outcome.kind === "rejected" ? outcome.retryAfterMs : undefined;
    const mayLeave = outcome.kind === "rejected" && (!outcome.sent || waitMs !== undefined);
    const isOpen = outcome.kind === "unknown" || (mayLeave && outcome.ended === undefined);
    if (isOpen) this.pending.set(nameOf(order), { order, notBeforeMs: this.nowMs + (waitMs ?? 0) });
    else this.pending.delete(nameOf(order));
    if (isOpen && !this.isRunning) this.arm();
  }

  /** Asks for nothing any more. */
  stop(): void {
    this.disarm();
    this.pending.clear();
  }

  private get nowMs(): number {
    return this.options.runtime.clock.monotonicMs();
  }

  private disarm(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.dueMs = Number.POSITIVE_INFINITY;
  }

  /** For the first that may be asked for again; a timer that is set for earlier stays. */
  private arm(): void {
    const backOffMs = Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(this.rounds, 10));
    const times = [...this.pending.values()].map(({ notBeforeMs }) => notBeforeMs);
    const dueMs = Math.max(this.nowMs + backOffMs, Math.min(...times));
    if (this.cancelTimer && this.dueMs <= dueMs) return;
    this.disarm();
    this.dueMs = dueMs;
    this.cancelTimer = this.options.runtime.timers.after(dueMs - this.nowMs, () => {
      this.disarm();
      this.again().catch(() => undefined);
    });
  }

  private async again(): Promise<void> {
    const { book, isWanted, cancel } = this.options;
    if (!isWanted()) {
      this.pending.clear();
      this.rounds = 0;
      return;
    }
    for (const [name, { order }] of this.pending) if (isOver(book, order)) this.pending.delete(name);
    if (this.pending.size === 0) {
      this.rounds = 0;
      return;
    }
    this.rounds += 1;
    this.isRunning = true;
    try {
      const due = [...this.pending.values()].filter(({ notBeforeMs }) => notBeforeMs <= this.nowMs);
      if (due.length > 0) await cancel(due.map(({ order }) => order));
    } finally {
      this.isRunning = false;
      if (this.pending.size > 0) this.arm();
    }
  }
}

/** One that the book does not know may still be there. */
function isOver(book: Book, { instrument, venueOrderId, clientOrderId }: OrderAtRisk): boolean {
  const known = findOrder(book, {
    instrument,
    ...(venueOrderId !== null && { venueOrderId }),
    ...(clientOrderId !== null && { clientOrderId }),
  });
  return known !== undefined && !isActive(known);
}

function nameOf({ instrument, venueOrderId, clientOrderId }: OrderAtRisk): string {
  return JSON.stringify([instrument, venueOrderId, clientOrderId]);
}
