// Which order is which of trueup's own exits: by its intent's name alone, so that a restart, another process or a replay
// find the same. What should lie at the venue is placed.ts.
import type { Order } from "../book/book.ts";
import { deriveId } from "../hash.ts";
import type { PositionKey } from "../keys.ts";

/** Exits that lie at the venue: one for a whole position, or a share's stop and target. */
export const PLACED_ROLES = ["backstop", "stop", "target"] as const;
export type PlacedRole = (typeof PLACED_ROLES)[number];

/** Intents of trueup's own exits: armed ones, and those that lie at the venue. No bot's intent may have such a name. */
const SENT_BY_TRUEUP = /^(?:exit|backstop|stop|target)_[0-9a-f]{20}-\d+$/;

/** Whether an intent id has the form that only trueup's own exits may have. */
export function isNamedLikeExit(intentId: string): boolean {
  return SENT_BY_TRUEUP.test(intentId);
}

/** The place of one exit at the venue: one order at a time is in it. */
export function slotName(account: string, role: PlacedRole, key: PositionKey, strategy: string): string {
  return deriveId(role, role === "backstop" ? [account, key] : [account, key, strategy]);
}

/** A pure function of the place and the attempt: after a crash the same order is found again, never sent twice. */
export function placedIntentId(slot: string, attempt: number): string {
  return `${slot}-${attempt}`;
}

/** The place of an order; null for every order that is no exit of trueup's at the venue. */
export function placedSlotOf({ intentId }: Pick<Order, "intentId">): string | null {
  if (intentId === null || intentId.startsWith("exit_") || !isNamedLikeExit(intentId)) return null;
  return intentId.slice(0, intentId.lastIndexOf("-"));
}

/** What an order does at the venue as an exit; null for every order that is none of trueup's there. */
export function placedRoleOf(order: Pick<Order, "intentId">): PlacedRole | null {
  const slot = placedSlotOf(order);
  return PLACED_ROLES.find((role) => slot?.startsWith(`${role}_`)) ?? null;
}

/**
 * Whether the venue's own flag keeps this exit from taking the position across zero, whatever else trades: it takes nothing
 * away from what another order may close.
 */
export function isBounded(
  order: Pick<Order, "intentId" | "reduceOnly">,
  { reduceOnlyFlag }: { readonly reduceOnlyFlag: boolean },
): boolean {
  return reduceOnlyFlag && order.reduceOnly === true && placedRoleOf(order) !== null;
}
