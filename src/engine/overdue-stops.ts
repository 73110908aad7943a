// Stops that lie at the venue, whose level the price has reached, and that do not trade. The venue acts by its own rules,
// such as by a mark price, and may be late: what is reached for so long without a break, by prices that are young enough,
// is no longer left to it. Only told apart here; what is done about it is the exits' (exits.ts).
import { filledQty, type Order } from "../core/index.ts";

/** How long a stop may be reached and not trade; `policy.grace_ms` where that is longer. In ms. */
export const OVERDUE_MS = 30_000;

interface Reached {
  readonly sinceMs: number;
  readonly intentId: string | null;
  readonly filled: string;
}

export class OverdueStops {
  /** On the monotonic clock, ms. */
  private readonly reached = new Map<string, Reached>();

  /**
   * @param name What the stop is for, such as a lot.
   * @param isReached By the price now; false where none is known that is young enough.
   * @returns Since when it is reached, on the monotonic clock; null where it is not. What it trades begins that anew.
   */
  look(name: string, order: Order | undefined, isReached: boolean, nowMs: number): number | null {
    if (!order || !isReached) {
      this.reached.delete(name);
      return null;
    }
    const { intentId } = order;
    const filled = filledQty(order);
    const known = this.reached.get(name);
    const isSame = known?.intentId === intentId && known.filled === filled;
    const now = isSame ? known : { sinceMs: nowMs, intentId, filled };
    this.reached.set(name, now);
    return now.sinceMs;
  }

  /** Forgets all but these. */
  keep(names: { readonly has: (name: string) => boolean }): void {
    for (const name of this.reached.keys()) if (!names.has(name)) this.reached.delete(name);
  }
}
