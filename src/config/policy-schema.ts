// The policy as people write it, in TOML's own words, turned into the core's values. Unknown keys are errors; the
// defaults are the core's.
import { z } from "zod";
import {
  type AccountLimits,
  type AccountPolicy,
  compare,
  type DeadManPolicy,
  type Decimal,
  DISCREPANCY_KINDS,
  type ExitPolicy,
  ONE,
  POLICIES,
  POLICY_DEFAULT,
  parseDecimal,
  sign,
} from "../core/index.ts";

/** A decimal: text, or a number as TOML and JSON have them. */
export const decimalText = z.union([z.string(), z.number()]).transform((value, context): Decimal => {
  const parsed = parseDecimal(String(value));
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: `"${value}" is not a decimal number` });
  return z.NEVER;
});

export const notNegative = decimalText.refine((value) => sign(value) >= 0, "must not be negative");
export const ratio = decimalText.refine(
  (value) => sign(value) >= 0 && compare(value, ONE) <= 0,
  "must be from 0 to 1",
);
export const count = (least: number, most: number) => {
  const allowed = `must be a whole number from ${least} to ${most}`;
  return z.int(allowed).min(least, allowed).max(most, allowed);
};
/** A day; longer than any of these waits may sensibly be. */
const DAY_MS = 86_400_000;

export const policyFields = {
  confirmations: count(1, 1_000),
  grace_ms: count(0, DAY_MS),
  interval_ms: count(100, DAY_MS),
  send_deadline_ms: count(100, 60_000),
  price_age_max_ms: count(500, DAY_MS),
  follow_orders: z.boolean(),
  blast_radius_rows: count(0, 1_000_000),
  blast_radius_ratio: ratio,
  witness_lookups: count(0, 10_000),
  entry_price_tolerance_ratio: ratio,
  balance_tolerance: notNegative,
  balance_tolerances: z.record(z.string(), notNegative),
  kinds: z.strictObject(
    Object.fromEntries(DISCREPANCY_KINDS.map((kind) => [kind, z.enum(POLICIES).optional()])),
  ),
};

export const policySchema = z.strictObject(policyFields).partial();
export type PolicyText = z.output<typeof policySchema>;

export interface AccountChoices {
  readonly mode?: AccountPolicy["mode"] | undefined;
  readonly observe?: boolean | undefined;
  /** Client-order-id prefixes by strategy. */
  readonly strategies?: Readonly<Record<string, string>> | undefined;
  readonly limits?: AccountLimits | null | undefined;
  readonly exits?: ExitPolicy | null | undefined;
  readonly deadMan?: DeadManPolicy | null | undefined;
}

/** Where trueup closes the positions, one that nothing would close is for a person at once. */
const KINDS_OF_OWNER = { unprotected_position: "escalate", foreign_exit_order: "escalate" } as const;

/** Later texts win over earlier ones; what none says is the default. */
export function policyFrom(
  texts: readonly (PolicyText | undefined)[],
  choices: AccountChoices,
): AccountPolicy {
  return texts.reduce<AccountPolicy>((policy, text) => (text ? overlay(policy, text) : policy), {
    ...POLICY_DEFAULT,
    ...(choices.mode !== undefined && { mode: choices.mode }),
    ...(choices.observe !== undefined && { observe: choices.observe }),
    ...(choices.strategies !== undefined && { strategies: choices.strategies }),
    ...(choices.limits !== undefined && { limits: choices.limits }),
    ...(choices.exits !== undefined && { exits: choices.exits }),
    ...(choices.deadMan !== undefined && { deadMan: choices.deadMan }),
    ...(choices.exits?.owns && { kinds: { ...POLICY_DEFAULT.kinds, ...KINDS_OF_OWNER } }),
  });
}

function overlay(policy: AccountPolicy, text: PolicyText): AccountPolicy {
  const kinds = Object.entries(text.kinds ?? {}).filter(([, value]) => value !== undefined);
  return {
    ...policy,
    confirmations: text.confirmations ?? policy.confirmations,
    graceMs: text.grace_ms ?? policy.graceMs,
    intervalMs: text.interval_ms ?? policy.intervalMs,
    sendDeadlineMs: text.send_deadline_ms ?? policy.sendDeadlineMs,
    priceAgeMaxMs: text.price_age_max_ms ?? policy.priceAgeMaxMs,
    followOrders: text.follow_orders ?? policy.followOrders,
    blastRadiusRows: text.blast_radius_rows ?? policy.blastRadiusRows,
    blastRadiusRatio: text.blast_radius_ratio ?? policy.blastRadiusRatio,
    witnessLookups: text.witness_lookups ?? policy.witnessLookups,
    entryPriceToleranceRatio: text.entry_price_tolerance_ratio ?? policy.entryPriceToleranceRatio,
    balanceTolerance: text.balance_tolerance ?? policy.balanceTolerance,
    balanceTolerances: { ...policy.balanceTolerances, ...text.balance_tolerances },
    kinds: { ...policy.kinds, ...Object.fromEntries(kinds) } as AccountPolicy["kinds"],
  };
}
