// What the book knows of exits: plans that were set, and exits that are armed, with what has triggered. Written by the
// fold alone (book/fold-exits.ts).
import type { Decimal } from "../decimal.ts";
import { joinParts, type PositionKey } from "../keys.ts";
import type { Leg } from "../words.ts";
import type { ExitCondition, ExitLevels } from "./evaluate.ts";
import type { ExitPlan } from "./plan.ts";

/** A strategy's share of a position: `net:AAPL|grid`. */
export type LotKey = string & { readonly __lotKey: unique symbol };

export function lotKey(key: PositionKey, strategy: string): LotKey {
  return joinParts([key, strategy]) as LotKey;
}

/** Where a plan comes from; of several the first counts. */
export const EXIT_SOURCES = ["person", "intent", "strategy", "default"] as const;
export type ExitSource = (typeof EXIT_SOURCES)[number];

/** A plan that a person set for a life of a position. */
export interface SetPlan {
  /** An entry of the life; the plan follows the life that holds it. */
  readonly entryId: string;
  /** Whose lot; null for every lot of the position. */
  readonly strategy: string | null;
  /** `none`: no exit is wanted. */
  readonly plan: ExitPlan | "none";
  readonly by: string;
  /** Our clock, ms. */
  readonly tsMs: number;
}

/** An exit as it is armed: everything resolved, for the quantity that is held. */
export interface ArmedFacts extends ExitLevels {
  readonly exitId: string;
  readonly instrument: string;
  readonly leg: Leg;
  readonly strategy: string;
  readonly lifeId: string;
  /** Not signed. */
  readonly qty: Decimal;
  /** Of the share, else of the whole position; null where no price is known. */
  readonly entryPrice: Decimal | null;
  readonly source: ExitSource;
  readonly plan: ExitPlan;
  /** Digest of the plan and of what else an exit is told apart by. */
  readonly planDigest: string;
  /** Why this was written: the plan, the quantity or the levels are new. */
  readonly why: "new" | "quantity" | "levels";
}

/** That an exit has come to pass, and the order that it asks for: durable before that order leaves. */
export interface TriggerFacts {
  readonly exitId: string;
  readonly instrument: string;
  readonly leg: Leg;
  readonly strategy: string;
  readonly condition: ExitCondition;
  /** The level that was reached; null for a time stop. */
  readonly level: Decimal | null;
  /** What was looked at; null where no price was needed. */
  readonly price: Decimal | null;
  readonly priceAgeMs: number | null;
  /** Of the order. Not signed. */
  readonly qty: Decimal;
  /** From 1; each is another order with an intent of its own. */
  readonly attempt: number;
  readonly intentId: string;
}

/** An exit of the book: as it is armed now, and what has come of it. */
export interface ArmedExit {
  readonly facts: ArmedFacts;
  /** Of the first record of this exit; later ones only change it. */
  readonly armedSeq: number;
  /** Our clock, ms. */
  readonly armedAtMs: number;
  /** The best price as it was last written down; null before any. */
  readonly best: Decimal | null;
  /** The last order that it asked for; null while it only waits. */
  readonly trigger: (TriggerFacts & { readonly atMs: number }) | null;
}

/** An exit as its row in the view: also one that has ended. */
export interface ExitEntry extends ArmedExit {
  readonly ended: { readonly atMs: number; readonly why: DisarmReason } | null;
}

/** Why an exit is no longer armed. */
export const DISARM_REASONS = ["closed", "plan_changed", "not_possible"] as const;
export type DisarmReason = (typeof DISARM_REASONS)[number];
