// `trueup exits`: what would close each position, and what nothing would; `exits set` and `exits clear`: a person's word
// about when. Reading asks the journal; a word goes through the daemon where one runs, else this process writes it down.
import type { ExitPlan, Leg } from "../../core/index.ts";
import { LEGS } from "../../core/index.ts";
import { daemonClient } from "../../daemon/daemon-client.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";
import {
  type ExitAtVenue,
  type ExitMatter,
  type ExitPlanAnswer,
  type ExitPlanGiven,
  type ExitsReport,
  type ExitView,
  exitsReport,
} from "../../engine/index.ts";
import type { Command, Context } from "../context.ts";
import { isoTime, type Output } from "../output.ts";
import { withAccounts } from "../reader.ts";
import { type PlanOptions, planOf, textOfPlan } from "./exit-options.ts";
import { oneAccount, person } from "./gate.ts";
import { withSessions } from "./pass.ts";

export interface ExitOptions extends PlanOptions {
  readonly instrument: string;
  readonly leg?: string;
  readonly strategy?: string;
  readonly none?: boolean;
}

export const exits: Command = (context) =>
  withAccounts(context.parts, context.load(), context.options.account, async (accounts) => {
    const { out } = context;
    const reports = accounts.map(({ book }) => exitsReport(book));
    if (out.isJson) out.json({ accounts: reports });
    else for (const report of reports) tellExits(out, report, reports.length > 1);
    const isFine = reports.every(({ unprotected }) => unprotected.every(({ policy }) => policy === "watch"));
    return isFine ? EXIT.done : EXIT.discrepancy;
  });

export const setExits: Command<ExitOptions> = async (context, options) => {
  const plan = planOf(options);
  if (options.none !== true && plan === undefined) {
    throw new CliError(
      EXIT.usage,
      "bad_choice",
      "say when it is to be closed: --stop, --target, --trailing or --time-stop; or --none",
    );
  }
  if (options.none === true && plan !== undefined) {
    throw new CliError(
      EXIT.usage,
      "bad_choice",
      `--none says that it has no exit, and ${textOfPlan(plan)} that it has one: give one of them. Nothing was changed`,
    );
  }
  return change(context, options, options.none === true ? "none" : (plan ?? null));
};

export const clearExits: Command<ExitOptions> = (context, options) => change(context, options, null);

async function change(
  context: Parameters<Command>[0],
  { instrument, leg = "net", strategy }: ExitOptions,
  plan: ExitPlan | "none" | null,
): Promise<number> {
  if (instrument.trim() === "") {
    throw new CliError(
      EXIT.usage,
      "bad_choice",
      "-i has no instrument: say one as trueup positions shows it",
    );
  }
  const account = await oneAccount(context);
  const given: ExitPlanGiven = { instrument, leg: legOf(leg), strategy: strategy ?? null, plan };
  const answer = await givePlan(context, account, person(context), given);
  const { out } = context;
  const exitCode = answer.isSet ? EXIT.done : EXIT.usage;
  // What is armed as yet is not what was just said: a process that ends with its command arms nothing.
  const replaced = new Set(answer.noted.map(({ replaces }) => replaces));
  const armed = answer.exits.filter(({ exitId }) => !replaced.has(exitId));
  if (out.isJson) out.json({ exitCode, ...answer, exits: armed });
  else if (answer.isSet && !daemonClient(context.load().stateDir)) tellNoted(out, given);
  else {
    if (answer.reason !== null) {
      out.line(`${out.tone("bad", "refused")}: ${answer.reason}`);
      out.line("Nothing was changed. It stands as follows:");
    }
    tellExits(out, answer, false);
  }
  if (answer.caution !== null && !out.isJson) out.note(`trueup: ${answer.caution}`);
  return exitCode;
}

const AT_NEXT_START = "when trueup run is at work";

function tellNoted(out: Output, { instrument, strategy, plan }: ExitPlanGiven): void {
  const whose = strategy === null ? instrument : `${instrument}, ${strategy}`;
  out.line(`noted for ${whose}: ${wordText(plan)}`);
  out.line(`Nothing is armed by that yet: it is ${AT_NEXT_START}.`);
}

function wordText(plan: ExitPlanGiven["plan"]): string {
  if (plan === null) return "the plan is taken back";
  return plan === "none" ? "no exit is wanted" : textOfPlan(plan);
}

/** By the daemon where one runs, else by this process. */
export async function givePlan(
  context: Context,
  account: string,
  by: string,
  given: ExitPlanGiven,
): Promise<ExitPlanAnswer> {
  const { instrument, leg, strategy, plan } = given;
  const client = daemonClient(context.load().stateDir);
  const answer = client
    ? await client.post<ExitPlanAnswer>(plan === null ? "/v1/exits/clear" : "/v1/exits/set", {
        account,
        by,
        instrument,
        leg,
        ...(strategy !== null && { strategy }),
        ...(plan !== null && { plan }),
      })
    : (await withSessions(context, account, (session) => session.setExitPlan(given, by))).reports[0];
  if (!answer) throw new CliError(EXIT.unexpected, "daemon_error", "the account could not be opened");
  return answer;
}

function legOf(given: string): Leg {
  const leg = LEGS.find((one) => one === given);
  if (leg) return leg;
  throw new CliError(EXIT.usage, "bad_choice", `--leg ${given}: it is one of ${LEGS.join(", ")}`);
}

function tellExits(out: Output, report: ExitsReport, isNamed: boolean): void {
  if (isNamed) out.line(out.tone("bold", report.account));
  const { exits: armed, atVenue, noted, unprotected, foreign } = report;
  const replaced = new Set(noted.map(({ replaces }) => replaces));
  const counted = unprotected.filter(({ policy }) => policy !== "watch").length;
  out.line(`positions without exit: ${out.tone(counted === 0 ? "good" : "bad", String(counted))}`);
  out.table(
    ["instrument", "strategy", "qty", "entry", "stop", "target", "trailing", "time stop", "from", "state"],
    armed.map((exit) => cellsOf(exit, replaced.has(exit.exitId))),
  );
  for (const { instrument, strategy, by, plan } of noted) {
    const whose = by === null ? "" : ` by ${by}`;
    out.line(`noted${whose} for ${instrument}, ${strategy}: ${wordText(plan)}; armed ${AT_NEXT_START}`);
  }
  if (atVenue.length > 0) out.line("at the venue:");
  out.table(
    ["instrument", "strategy", "what", "order", "level", "status", "placed by", "client order id"],
    atVenue.map(cellsAtVenue),
  );
  for (const one of unprotected) out.line(matterText(out, "nothing closes", one));
  for (const one of foreign) out.line(matterText(out, "placed by others", one));
}

function cellsOf(exit: ExitView, isReplaced: boolean): (string | null)[] {
  const { instrument, strategy, side, qty, entryPrice, stop, target, trailingAt, timeStopAtMs } = exit;
  return [
    instrument,
    strategy,
    `${side} ${qty}`,
    entryPrice,
    stop,
    target,
    trailingAt,
    timeStopAtMs === null ? null : isoTime(timeStopAtMs),
    exit.source,
    isReplaced ? `${stateText(exit)}, until the next start` : stateText(exit),
  ];
}

function cellsAtVenue(order: ExitAtVenue): (string | null)[] {
  const { instrument, strategy, role, side, type, qty, filledQty, triggerPrice, price, status } = order;
  const isForeign = role === "foreign";
  const part = filledQty === "0" ? "" : `, ${filledQty} filled`;
  return [
    instrument,
    strategy,
    isForeign ? type : role,
    `${side} ${qty}${part}`,
    triggerPrice ?? price,
    status,
    isForeign ? "others" : "trueup",
    order.clientOrderId ?? order.venueOrderId,
  ];
}

function stateText({ state, trigger, holdUntilMs }: ExitView): string {
  if (trigger === null) return holdUntilMs === null ? state : `${state}, held until ${isoTime(holdUntilMs)}`;
  const at = trigger.price === null ? "" : ` at ${trigger.price}`;
  return `${trigger.condition}${at}, order ${trigger.attempt}`;
}

function matterText(out: Output, what: string, { instrument, code, detail, policy }: ExitMatter): string {
  return `${out.tone(policy === "watch" ? "bold" : "warn", what)}: ${instrument} (${code}): ${detail ?? ""}`;
}
