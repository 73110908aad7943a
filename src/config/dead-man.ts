// The venue's dead-man switch as people write it: whether it is wanted, and after how long it fires. What a venue takes its
// adapter declares; that is held against it where the declarations are known.
import { z } from "zod";
import type { DeadManCapability, DeadManPolicy, ExitMode } from "../core/index.ts";
import type { Config } from "./config-schema.ts";
import { lineOf } from "./lines.ts";
import { count } from "./policy-schema.ts";

/** It is set anew three times in its time: less than 3 s between two would be lost to one slow answer. In ms. */
const TIMEOUT_MS_MIN = 9_000;
/** A day. */
const TIMEOUT_MS_MAX = 86_400_000;

/** Exits of which a part lies at the venue as an order: the switch would take it with the others. */
const KEPT_AT_VENUE: Readonly<Record<ExitMode, boolean>> = {
  managed: false,
  "managed+backstop": true,
  venue: true,
};

export const deadManSchema = z.strictObject({
  timeout_ms: count(TIMEOUT_MS_MIN, TIMEOUT_MS_MAX),
  /** Whether the stops that lie at the venue may go with the other orders. */
  may_cancel_stops: z.boolean().default(false),
});

export function deadManFrom(text: z.output<typeof deadManSchema> | undefined): DeadManPolicy | null {
  return text === undefined ? null : { timeoutMs: text.timeout_ms };
}

/** What only the whole account tells. */
export function deadManProblems(
  { accounts }: Config,
  text: string,
): { line: number | undefined; text: string }[] {
  return Object.entries(accounts).flatMap(([name, { mode, observe, exits, dead_man: wanted }]) => {
    if (wanted === undefined) return [];
    const at = (reason: string) => ({
      line: lineOf(text, ["accounts", name, "dead_man"]),
      text: `accounts.${name}.dead_man: ${reason}`,
    });
    if (mode !== "executor") {
      return [at('only mode = "executor" sends orders that the switch could take back; leave it out')];
    }
    if (observe) return [at("with observe = true nothing is sent, and no switch is set; leave it out")];
    if (KEPT_AT_VENUE[exits?.mode ?? "managed"] && !wanted.may_cancel_stops) {
      return [at("the switch cancels the exits that lie at the venue too; say may_cancel_stops = true")];
    }
    return [];
  });
}

/** Why this venue cannot be set so, with what it takes; null where it can. */
export function deadManRefusal(
  { timeoutMs }: DeadManPolicy,
  venue: string,
  declared: DeadManCapability | "none",
): string | null {
  if (declared === "none") {
    return `${venue} has no dead-man switch that this account could set; leave out the table dead_man`;
  }
  const { min, max } = declared.timeoutMs;
  if (timeoutMs >= min && timeoutMs <= max) return null;
  return `dead_man.timeout_ms is ${timeoutMs}; ${venue} takes ${min === max ? min : `from ${min} to ${max}`}`;
}
