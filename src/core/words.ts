// The public vocabulary: every string here appears in logs, events, the API, alerts and SQL, and never changes
// its meaning. docs/glossary.md explains them to people.

/** What one comparison can find. */
export const DISCREPANCY_KINDS = [
  "phantom_position",
  "missing_position",
  "position_mismatch",
  "entry_price_mismatch",
  "missing_local_order",
  "stale_local_order",
  "order_mismatch",
  "unknown_order",
  "missing_fill",
  "fill_conflict",
  "balance_mismatch",
  "unprotected_position",
  "foreign_exit_order",
] as const;
export type DiscrepancyKind = (typeof DISCREPANCY_KINDS)[number];

/** Why a copy and the venue differed. */
export const CAUSES = [
  "manual_trade",
  "other_bot",
  "missed_fill",
  "late_fill",
  "bracket_exit",
  "backstop",
  "liquidation",
  "adl",
  "settlement",
  "expiry",
  "assignment",
  "exercise",
  "split",
  "corporate_action",
  "redemption",
  "funding",
  "fee",
  "transfer",
  "dust",
  "reset",
  "unexplained",
] as const;
export type Cause = (typeof CAUSES)[number];

/** What a section of a read is worth. Only `complete` may prove anything by absence. */
export const QUALITIES = ["complete", "partial", "stale", "suspect", "unavailable"] as const;
export type Quality = (typeof QUALITIES)[number];

/** What is done about a kind of discrepancy. */
export const POLICIES = ["repair", "watch", "escalate", "halt"] as const;
export type Policy = (typeof POLICIES)[number];

/** May the bot trade? From everything to almost nothing. */
export const GATE_STATES = ["open", "reduce_only", "halted", "killed"] as const;
export type GateState = (typeof GATE_STATES)[number];

export const ORDER_STATUSES = [
  "pending",
  "unknown",
  "open",
  "partially_filled",
  "filled",
  "canceled",
  "expired",
  "rejected",
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export const SIDES = ["buy", "sell"] as const;
export type Side = (typeof SIDES)[number];

/** `stop` and `stop_limit` become market and limit orders when the price reaches their trigger. */
export const ORDER_TYPES = ["market", "limit", "stop", "stop_limit"] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

/** How long an order works: for the day, until cancelled, at once and the rest cancelled, at once in whole or not. */
export const TIMES_IN_FORCE = ["day", "gtc", "ioc", "fok"] as const;
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

/** What is known after a command. */
export const OUTCOMES = ["accepted", "rejected", "unknown"] as const;
export type OutcomeKind = (typeof OUTCOMES)[number];

/** `net` where the account nets; `long` and `short` where it hedges. */
export const LEGS = ["net", "long", "short"] as const;
export type Leg = (typeof LEGS)[number];

/** Where a position came from. */
export const ORIGINS = ["signal", "manual", "adopted", "inferred"] as const;
export type Origin = (typeof ORIGINS)[number];

/** Kinds of alert: every kind of discrepancy, and these. */
export const ALERT_KINDS = [
  ...DISCREPANCY_KINDS,
  "suspect_read",
  "gate_closed",
  "gate_released",
  "killed",
  "persistent_desync",
  "mirror_overwritten",
  "journal_corrupt",
  "channel_down",
  "stuck_in_flight",
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** The lot of whatever no strategy claims. */
export const UNATTRIBUTED = "unattributed";
