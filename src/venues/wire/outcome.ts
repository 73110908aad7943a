// Outcomes that need no word of the venue: a command of which nothing is proven, and one that never left.
import { isTerminal, type OrderRow, type OrderStatus } from "../../core/index.ts";
import type { CommandOutcome } from "../venue.ts";
import type { Reply } from "./once.ts";

export function unknown(reason: string): CommandOutcome {
  return { kind: "unknown", reason };
}

/** Nothing was sent, and why. @param retryAfterMs Where the rate alone kept it back. */
export function unsent(reason: string, retryAfterMs?: number): CommandOutcome {
  return { kind: "rejected", sent: false, reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

export function isOver(row: OrderRow): row is OrderRow & { readonly status: OrderStatus } {
  return row.status !== undefined && isTerminal(row.status);
}

/** A cancel was not taken, or not even sent, because the venue's row says that the order has ended. */
export function ended(outcome: CommandOutcome, status: OrderStatus): CommandOutcome {
  return outcome.kind === "rejected" ? { ...outcome, ended: status } : outcome;
}

/** A refusal with how long the venue said to wait, where it did. */
export function timed(reply: Reply, outcome: CommandOutcome): CommandOutcome {
  if (outcome.kind !== "rejected" || reply.kind === "lost" || reply.retryAfterMs === undefined)
    return outcome;
  return { ...outcome, retryAfterMs: reply.retryAfterMs };
}
