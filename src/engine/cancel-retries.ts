// Cancels that did not leave, or whose outcome is not known, asked for again while the account is killed: soon, then less and
// less often. What the venue answered is left to the passes, whose rows say what is still there.
import { type Book, findOrder, isActive, type OrderAtRisk } from "../core/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { CommandOutcome } from "../venues/index.ts";

/** The first wait; each further one is twice as long, up to the last. In ms. */
const FIRST_MS = 250;
const LAST_MS = 5_000;

export interface RetryOptions {
  readonly runtime: Runtime;
  readonly book: Book;
  /** Whether the kill is still in force, and somebody at work. */
  readonly isWanted: () => boolean;
  /** Asks for these again, most dangerous first; what comes of each is noted here. */
  readonly cancel: (orders: readonly OrderAtRisk[]) => Promise<unknown>;
}

export class CancelRetries {
  private readonly options: RetryOptions;
  private readonly pending = new Map<string, OrderAtRisk>();
  private rounds = 0;
  private isRunning = false;
  private cancelTimer: (() => void) | undefined;

  constructor(options: RetryOptions) {
    this.options = options;
  }

  /** What came of asking for one. */
  note(order: OrderAtRisk, outcome: CommandOutcome): void {
    const isOpen = outcome.kind === "unknown" || (outcome.kind === "rejected" && !outcome.sent);
    if (isOpen) this.pending.set(nameOf(order), order);
    else this.pending.delete(nameOf(order));
    if (isOpen && !this.isRunning) this.arm();
  }

  stop(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.pending.clear();
  }

  private arm(): void {
    if (this.cancelTimer) return;
    const waitMs = Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(this.rounds, 10));
    this.cancelTimer = this.options.runtime.timers.after(waitMs, () => {
      this.cancelTimer = undefined;
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
    for (const [name, order] of this.pending) if (isOver(book, order)) this.pending.delete(name);
    if (this.pending.size === 0) {
      this.rounds = 0;
      return;
    }
    this.rounds += 1;
    this.isRunning = true;
    try {
      await cancel([...this.pending.values()]);
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
