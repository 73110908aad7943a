// A person's word on whose part of a position something is: from there on it is in another strategy's lot. It moves no
// quantity of the position, and has a place among the ledger's entries without being one of them: nothing happened.
import type { Decimal } from "../decimal.ts";

export interface Reattribution {
  readonly id: string;
  /** Its place: after every entry that is not later. Venue time, ms. */
  readonly timestamp: number;
  readonly from: string;
  readonly to: string;
  /** Signed like the lot that it is taken from. What that lot has not is not taken. */
  readonly qty: Decimal;
}

/** Puts it behind those that are not later. */
export function placeAmong(list: Reattribution[], one: Reattribution): void {
  list.splice(list.findLastIndex(({ timestamp }) => timestamp <= one.timestamp) + 1, 0, one);
}

/**
 * What was said while an estimate stood holds for the fact that took the estimate's place, though it is dated a little
 * later than the estimate was. Tells whether any was moved.
 */
export function followFact(list: Reattribution[], fromMs: number, toMs: number): boolean {
  const moved = list.filter(({ timestamp }) => timestamp >= fromMs && timestamp < toMs);
  for (const one of moved) {
    list.splice(list.indexOf(one), 1);
    placeAmong(list, { ...one, timestamp: toMs });
  }
  return moved.length > 0;
}
