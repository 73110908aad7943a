// Trades that were matched and are not on the chain yet. Within the declared time that is how it goes; later the tokens are
// traded and not held, or never will be, and nothing that the venue says of the position may be taken for the truth.
import { POLYMARKET_CAPABILITIES } from "./declaration.ts";
import type { TradeFacts } from "./parse-trade.ts";

interface Waiting {
  readonly tradeId: string;
  readonly status: string;
  readonly sinceMs: number;
  /** When the venue last named it. */
  readonly heardMs: number;
}

export class Unsettled {
  private waiting = new Map<string, readonly Waiting[]>();

  /** What the last history said; a trade that it does not name is as it was. */
  take(trades: readonly TradeFacts[], nowMs: number): void {
    const read = new Set(trades.map(({ tradeId }) => tradeId));
    const next = new Map<string, Waiting[]>();
    const add = (token: string, one: Waiting) => next.set(token, [...(next.get(token) ?? []), one]);
    for (const [token, all] of this.waiting) {
      for (const one of all) if (!read.has(one.tradeId) && nowMs - one.sinceMs < KEPT_MS) add(token, one);
    }
    for (const { settlement, tradeId, status, timestamp, parts } of trades) {
      if (settlement !== "matched") continue;
      for (const { row } of parts)
        add(row.instrument, { tradeId, status, sinceMs: timestamp, heardMs: nowMs });
    }
    this.waiting = next;
  }

  /** Trades that wait and that the last history did not name. */
  unheard(nowMs: number): readonly string[] {
    const all = [...this.waiting.values()].flat().filter(({ heardMs }) => heardMs < nowMs);
    return [...new Set(all.map(({ tradeId }) => tradeId))];
  }

  /** Why the token's position is not to be compared; undefined where it is. */
  problemOf(token: string, nowMs: number): string | undefined {
    const late = (this.waiting.get(token) ?? []).find(
      ({ sinceMs }) => nowMs - sinceMs > POLYMARKET_CAPABILITIES.readAfterFillLagMs,
    );
    if (late === undefined) return undefined;
    const seconds = Math.floor((nowMs - late.sinceMs) / 1_000);
    return `the trade ${late.tradeId} of ${token} was matched ${seconds} s ago and is not settled (${late.status}): what is held of it is not compared until it is, or has failed`;
  }
}

/** A trade that no history names any more is forgotten after a day. In ms. */
const KEPT_MS = 24 * 3_600_000;
