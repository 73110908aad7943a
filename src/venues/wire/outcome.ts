// The two outcomes that need no word of the venue: a command of which nothing is proven, and one that never left.
import type { CommandOutcome } from "../venue.ts";

export function unknown(reason: string): CommandOutcome {
  return { kind: "unknown", reason };
}

/** Nothing was sent, and why. */
export function unsent(reason: string): CommandOutcome {
  return { kind: "rejected", sent: false, reason };
}
