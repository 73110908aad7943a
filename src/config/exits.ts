// Who closes an account's positions, and when, as people write it. Levels are parts of the entry price: a price of one
// instrument cannot be the default of all.
import { z } from "zod";
import {
  type AccountPolicy,
  compare,
  EXIT_MODES,
  type ExitPlan,
  type ExitPolicy,
  ONE,
  problemOfPlan,
  sign,
} from "../core/index.ts";
import type { Config } from "./config-schema.ts";
import { lineOf } from "./lines.ts";
import { count, decimalText } from "./policy-schema.ts";

/** Ten years, the longest that a plan may name. */
const DURATION_MS_MAX = 315_360_000_000;

const planFields = z.strictObject({
  stop: decimalText.optional(),
  target: decimalText.optional(),
  trailing: decimalText.optional(),
  time_stop_ms: count(1, DURATION_MS_MAX).optional(),
  minimum_hold_ms: count(0, DURATION_MS_MAX).optional(),
  invalidation: z.string().optional(),
});

const planSchema = planFields.superRefine((text, context) => {
  const problem = problemOfPlan(planFrom(text));
  if (problem !== null) context.addIssue({ code: "custom", message: problem });
});

export const exitsSchema = z.strictObject({
  owns: z.boolean().optional(),
  mode: z.enum(EXIT_MODES).default("managed"),
  backstop_ratio: decimalText.optional(),
  default: planSchema.optional(),
  strategies: z.record(z.string(), planSchema).default({}),
});

type ExitsText = z.output<typeof exitsSchema>;
type PlanText = z.output<typeof planFields>;

function planFrom(text: PlanText): ExitPlan {
  const { stop, target, trailing, time_stop_ms, minimum_hold_ms, invalidation } = text;
  return {
    ...(stop !== undefined && { stop: { ratio: stop } }),
    ...(target !== undefined && { target: { ratio: target } }),
    ...(trailing !== undefined && { trailing: { ratio: trailing } }),
    ...(time_stop_ms !== undefined && { timeStopMs: time_stop_ms }),
    ...(minimum_hold_ms !== undefined && { minimumHoldMs: minimum_hold_ms }),
    ...(invalidation !== undefined && { invalidation }),
  };
}

/** An executor owns the exits unless it says otherwise; beside a bot nobody looks at them unless the table is there. */
export function exitsFrom(text: ExitsText | undefined, mode: AccountPolicy["mode"]): ExitPolicy | null {
  if (text === undefined && mode !== "executor") return null;
  return {
    owns: text?.owns ?? mode === "executor",
    mode: text?.mode ?? "managed",
    ...(text?.backstop_ratio !== undefined && { backstop: text.backstop_ratio }),
    default: text?.default ? planFrom(text.default) : null,
    strategies: Object.fromEntries(
      Object.entries(text?.strategies ?? {}).map(([name, plan]) => [name, planFrom(plan)]),
    ),
  };
}

/** What only the whole account tells: exits that nobody could carry out. */
export function exitProblems(
  { accounts }: Config,
  text: string,
): { line: number | undefined; text: string }[] {
  return Object.entries(accounts).flatMap(([name, { mode, exits, strategies }]) => {
    if (exits === undefined) return [];
    const at = (key: string, reason: string) => ({
      line: lineOf(text, ["accounts", name, "exits", key]),
      text: `accounts.${name}.exits.${key}: ${reason}`,
    });
    const problems = [];
    if (exits.owns === true && mode !== "executor") {
      problems.push(at("owns", 'only mode = "executor" sends orders; leave it out, or set owns = false'));
    }
    for (const [key, reason] of backstopProblems(exits)) problems.push(at(key, reason));
    const known = Object.keys(strategies);
    for (const strategy of Object.keys(exits.strategies)) {
      if (known.length === 0 || known.includes(strategy) || strategy === "unattributed") continue;
      problems.push(at("strategies", `there is no strategy "${strategy}"; there are: ${known.join(", ")}`));
    }
    return problems;
  });
}

/** A backstop is wide: it acts only where everything else has not. */
function backstopProblems({ mode, backstop_ratio: ratio, default: plan, strategies }: ExitsText) {
  const problems: [string, string][] = [];
  if (mode !== "managed+backstop") {
    if (ratio === undefined) return problems;
    return [["backstop_ratio", `only mode = "managed+backstop" has a backstop; the mode is "${mode}"`]] as [
      string,
      string,
    ][];
  }
  if (ratio === undefined) {
    problems.push(["mode", 'a backstop needs its distance: set backstop_ratio, such as "0.2" for 20 %']);
    return problems;
  }
  if (sign(ratio) <= 0 || compare(ratio, ONE) >= 0) {
    problems.push(["backstop_ratio", `${ratio} is not above 0 and below 1; 20 % is "0.2"`]);
    return problems;
  }
  const plans = [["default", plan] as const, ...Object.entries(strategies)];
  for (const [name, { stop } = {}] of plans) {
    if (stop === undefined || compare(stop, ratio) < 0) continue;
    const whose = name === "default" ? "default.stop" : `strategies.${name}.stop`;
    problems.push([
      "backstop_ratio",
      `${ratio} is no wider than ${whose}, ${stop}: the backstop would act first`,
    ]);
  }
  return problems;
}
