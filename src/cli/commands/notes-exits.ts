// `trueup notes import FILE --exits`: what a state file's notes say of stop, target and time stop becomes an exit plan, by
// the word of whoever asks for it. A level that is none as it stands (`below 90`) is refused by name, the others count.
import { type ExitPlan, type ExitWish, exitWishOf, type Leg, type Notes } from "../../core/index.ts";
import { policyOf } from "../../daemon/accounts.ts";
import { CliError } from "../../daemon/exit.ts";
import { decideExitPlan } from "../../engine/index.ts";
import type { Context } from "../context.ts";
import { withAccounts } from "../reader.ts";
import { planOf } from "./exit-options.ts";
import { givePlan } from "./exits.ts";

/** What became of the exit that one position's notes wish. */
export interface ImportedExit {
  /** Null where none of its levels could be taken. */
  readonly plan: ExitPlan | null;
  readonly isSet: boolean;
  /** Why it was not set; null where it was, or would be. */
  readonly reason: string | null;
  readonly refused: readonly { readonly field: keyof ExitWish; readonly reason: string }[];
}

export interface ImportPlace {
  readonly account: string;
  readonly instrument: string;
  readonly leg: Leg;
  readonly by: string;
  readonly isDry: boolean;
}

/** Null where the notes speak of no exit. */
export async function importExit(
  context: Context,
  notes: Notes,
  place: ImportPlace,
): Promise<ImportedExit | null> {
  const wish = exitWishOf(notes);
  if (wish === null) return null;
  const { plan, refused } = planIn(wish);
  if (plan === undefined) {
    return { plan: null, isSet: false, reason: "none of it is a level or a time as it stands", refused };
  }
  const { account, instrument, leg, by, isDry } = place;
  const given = { instrument, leg, strategy: null, plan };
  if (!isDry) {
    const { isSet, reason } = await givePlan(context, account, by, given);
    return { plan, isSet, reason, refused };
  }
  const loaded = context.load();
  const reason = await withAccounts(context.parts, loaded, account, async ([one]) => {
    const config = loaded.config.accounts[account];
    if (!one || !config) return "the account could not be opened";
    const decided = decideExitPlan(one.book, policyOf(loaded, config), given, {
      quote: null,
      by,
      nowMs: context.parts.runtime.clock.nowMs(),
    });
    return "reason" in decided ? decided.reason : null;
  });
  return { plan, isSet: reason === null, reason, refused };
}

/** Each level by itself: one that cannot be read takes none of the others with it. */
function planIn(wish: ExitWish): {
  readonly plan: ExitPlan | undefined;
  readonly refused: ImportedExit["refused"];
} {
  const refused: { field: keyof ExitWish; reason: string }[] = [];
  let plan: ExitPlan | undefined;
  for (const field of ["stop", "target", "timeStop"] as const) {
    const text = wish[field]?.trim();
    if (text === undefined) continue;
    try {
      plan = { ...plan, ...planOf({ [field]: text }) };
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== "bad_number") throw error;
      refused.push({ field, reason: error.message.replace(/^--\S+ /, "") });
    }
  }
  return { plan, refused };
}

export function exitText({ plan, isSet, reason }: ImportedExit, isDry: boolean): string {
  const levels = Object.entries(plan ?? {}).map(([name, level]) => {
    const value = typeof level === "object" ? Object.entries(level).flat().join(" ") : String(level);
    return `${name} ${value}`;
  });
  const what = levels.join(", ");
  if (isSet) return `exit ${isDry ? "would be set" : "set"}: ${what}`;
  return `exit not set${what === "" ? "" : ` (${what})`}: ${reason ?? ""}`;
}
