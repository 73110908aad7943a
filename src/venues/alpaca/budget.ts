// How long one call of the engine may go on asking the venue: lists have many pages, and what is not read in time is
// reported as not read.
import type { Clock } from "../../runtime/index.ts";

/**
 * No request begins later than this after the call's beginning. With the 13 s that a request takes at most
 * (client.ts) the call ends within 25 s, before the engine gives it up at 30 s. In ms.
 */
export const ASKING_MS = 12_000;

export interface Budget {
  mayAsk(): boolean;
}

export function newBudget(clock: Clock): Budget {
  const startedMs = clock.monotonicMs();
  return { mayAsk: () => clock.monotonicMs() - startedMs < ASKING_MS };
}
