// What an account's owner decided: how often a difference must be seen, what is done about each kind, how much
// absence is believed at once. Values only; reading them from a file is the command line's work.
import { type Decimal, decimal } from "./decimal.ts";
import type { ExitPolicy } from "./exits/plan.ts";
import type { DiscrepancyKind, Policy } from "./words.ts";

export interface AccountPolicy {
  /** `executor`: the bot trades through trueup. `beside`: it trades by itself, and its trades are news (R11). */
  readonly mode: "beside" | "executor";
  /** Repair nothing and report what would have been done. */
  readonly observe: boolean;
  /** How many passes must see a difference before it counts. At least 1. */
  readonly confirmations: number;
  /** How long a difference must last before it counts. In ms. */
  readonly graceMs: number;
  /** Between two passes. In ms. */
  readonly intervalMs: number;
  /** Absence alone closes fewer rows than this at once (R1 d) … */
  readonly blastRadiusRows: number;
  /** … or at most this part of the rows held. From 0 to 1. */
  readonly blastRadiusRatio: Decimal;
  /** How many single-instrument look-ups one pass may make. */
  readonly witnessLookups: number;
  /** Entry prices that differ by no more than this part of the venue's are equal. */
  readonly entryPriceToleranceRatio: Decimal;
  /** Balances of cash that differ by no more than this are equal. In units of the asset. */
  readonly balanceTolerance: Decimal;
  /** The same, for single assets. */
  readonly balanceTolerances: Readonly<Record<string, Decimal>>;
  readonly kinds: Readonly<Record<DiscrepancyKind, Policy>>;
  /** Client-order-id prefixes by strategy: whose order is whose, on a shared account. */
  readonly strategies: Readonly<Record<string, string>>;
  /** An intent that has not left by then is not sent any more. In ms. */
  readonly sendDeadlineMs: number;
  /** A price that is older is not acted on. In ms. */
  readonly priceAgeMaxMs: number;
  /** Whether the price feed follows the instruments of open orders too, and not only what is held. */
  readonly followOrders: boolean;
  /** What orders may come to. Null where the owner said nothing: then none is sent. */
  readonly limits: AccountLimits | null;
  /** Who closes positions, and when; null where nobody looks whether they have an exit. */
  readonly exits: ExitPolicy | null;
  /** Null where the owner wants none. */
  readonly deadMan: DeadManPolicy | null;
}

/** The venue's own switch, for when this process is gone. */
export interface DeadManPolicy {
  /** The venue cancels what is open when nobody has set the switch anew for so long. In ms. */
  readonly timeoutMs: number;
}

/** Values are in the instrument's quote currency and are not converted. Null: the owner wants no such limit. */
export interface AccountLimits {
  /** Of one order. */
  readonly orderValueMax: Decimal | null;
  /** Of one position, with all that its open orders may still add. */
  readonly positionValueMax: Decimal | null;
  /** Of all positions together, each taken as long as it may become, or as short. */
  readonly exposureMax: Decimal | null;
  readonly openOrdersMax: number | null;
  readonly ordersPerMinuteMax: number | null;
}

/** No limit at all, for accounts on which nothing is at stake: simulated and rehearsed ones. */
export const UNLIMITED: AccountLimits = {
  orderValueMax: null,
  positionValueMax: null,
  exposureMax: null,
  openOrdersMax: null,
  ordersPerMinuteMax: null,
};

const KINDS_DEFAULT: Readonly<Record<DiscrepancyKind, Policy>> = {
  phantom_position: "repair",
  missing_position: "repair",
  position_mismatch: "repair",
  entry_price_mismatch: "watch",
  missing_local_order: "repair",
  stale_local_order: "repair",
  order_mismatch: "repair",
  unknown_order: "escalate",
  missing_fill: "repair",
  fill_conflict: "escalate",
  balance_mismatch: "repair",
  unprotected_position: "watch",
  foreign_exit_order: "watch",
};

export const POLICY_DEFAULT: AccountPolicy = {
  mode: "beside",
  observe: false,
  confirmations: 2,
  graceMs: 5_000,
  intervalMs: 15_000,
  blastRadiusRows: 3,
  blastRadiusRatio: decimal("0.2"),
  witnessLookups: 50,
  entryPriceToleranceRatio: decimal("0.0001"),
  balanceTolerance: decimal("0.01"),
  balanceTolerances: {},
  kinds: KINDS_DEFAULT,
  strategies: {},
  sendDeadlineMs: 2_000,
  priceAgeMaxMs: 10_000,
  followOrders: false,
  limits: null,
  exits: null,
  deadMan: null,
};
