// How long one call of the engine may go on asking the venue: lists have many pages, and what is not read in time is
// reported as not read.
import type { Clock } from "../../runtime/index.ts";

/**
 * No request begins later than this after the call's beginning. With requests that end within 13 s (a client's own
 * limit, and one more attempt) the call ends within 25 s, before the engine gives it up at 30 s. In ms.
 */
export const ASKING_MS = 12_000;

export interface Asking {
  mayAsk(): boolean;
  /** The same call, for as much of its time from its beginning: so that what is read first leaves time for the rest. */
  until(share: number): Asking;
}

export function newAsking(clock: Clock, forMs = ASKING_MS): Asking {
  const startedMs = clock.monotonicMs();
  const lasting = (ms: number): Asking => ({
    mayAsk: () => clock.monotonicMs() - startedMs < ms,
    until: (share) => lasting(ms * share),
  });
  return lasting(forMs);
}
