// `trueup flatten`: closes positions. First what would be traded and where, then a person's word, then the orders, and a
// complete read as the proof. From the daemon where one runs, else here.
import { daemonClient } from "../../daemon/daemon-client.ts";
import { CliError, EXIT, type ExitCode } from "../../daemon/exit.ts";
import { loadFlattenPlan, saveFlattenPlan } from "../../daemon/plan-file.ts";
import type { Flattened, FlattenGiven, FlattenPlan } from "../../engine/index.ts";
import type { Command, Context } from "../context.ts";
import type { Output } from "../output.ts";
import { oneAccount, person } from "./gate.ts";

export interface FlattenOptions {
  readonly instrument?: string;
  readonly confirm?: string;
  readonly plan?: string;
}

/** Whoever can close positions: the daemon, or an account opened here. */
interface Closer {
  plan(instrument: string | null): Promise<FlattenPlan>;
  close(planId: string, given: FlattenGiven): Promise<Flattened>;
}

/** What was shown, and what came of it; null where nobody confirmed it. */
export interface Flattening {
  readonly plan: FlattenPlan | null;
  readonly flattened: Flattened | null;
}

export const flatten: Command<FlattenOptions> = async (context, options) => {
  const account = await oneAccount(context);
  if (options.plan !== undefined && options.instrument !== undefined) {
    const text = "--plan names what is closed already; give it or --instrument";
    throw new CliError(EXIT.usage, "usage", text);
  }
  const flattening = await flattenAccount(context, account, options);
  const code = exitOf(flattening);
  if (context.out.isJson) context.out.json({ exitCode: code, ...flattening });
  return code;
};

/** 0 only where a complete read shows everything closed. */
export function exitOf({ plan, flattened }: Flattening): ExitCode {
  if (flattened) {
    return flattened.isFlat && flattened.others.length === 0 ? EXIT.done : EXIT.unresolved;
  }
  const isNothing = plan !== null && plan.legs.length === 0 && plan.problems.length === 0;
  return isNothing ? EXIT.done : EXIT.unresolved;
}

export function flattenAccount(
  context: Context,
  account: string,
  options: FlattenOptions,
): Promise<Flattening> {
  return withCloser(context, account, async (closer) => {
    const { out } = context;
    const plan = options.plan === undefined ? await closer.plan(options.instrument ?? null) : null;
    if (plan && !out.isJson) tellPlan(out, plan);
    if (plan && plan.legs.length === 0) return { plan, flattened: null };
    const id = plan?.id ?? options.plan ?? "";
    const confirm = options.confirm ?? (await asked(context, account));
    if (confirm === null) {
      const how = `trueup flatten --account ${account} --plan ${id} --confirm ${account}`;
      out.note(`trueup: nothing was closed. To close it, within a minute: ${how}`);
      return { plan, flattened: null };
    }
    const flattened = await closer.close(id, { by: person(context), confirm: confirm.trim() });
    if (!out.isJson) tellFlattened(out, flattened);
    return { plan, flattened };
  });
}

async function asked({ io, out }: Context, account: string): Promise<string | null> {
  if (!io.ask || out.isJson) return null;
  return io.ask(`Type the account's name (${account}) to close these positions: `);
}

async function withCloser<T>(
  context: Context,
  account: string,
  work: (closer: Closer) => Promise<T>,
): Promise<T> {
  const { stateDir } = context.load();
  const client = daemonClient(stateDir);
  if (client) {
    return work({
      plan: (instrument) =>
        client.post("/v1/flatten/plan", { account, ...(instrument !== null && { instrument }) }),
      close: (plan, { by, confirm }) => client.post("/v1/flatten", { account, plan, by, confirm }),
    });
  }
  const { withSessions } = await import("./pass.ts");
  const { clock } = context.parts.runtime;
  const { reports } = await withSessions(context, account, (session) =>
    work({
      plan: async (instrument) => {
        const plan = await session.planFlatten(instrument);
        saveFlattenPlan(stateDir, plan, clock.nowMs());
        return plan;
      },
      close: async (id, given) => session.flatten(loadFlattenPlan(stateDir, id), given),
    }),
  );
  return reports[0] as T;
}

function tellPlan(out: Output, plan: FlattenPlan): void {
  const { account, venue, environment, venueAccountId, legs, problems, instrument } = plan;
  const id = venueAccountId === null ? "" : ` (its account ${venueAccountId})`;
  out.line(`account ${out.tone("bold", account)} at ${venue}${id}, environment ${environment}`);
  for (const problem of problems) out.line(out.tone("bad", `  not certain: ${problem}`));
  if (legs.length === 0) {
    const what = instrument === null ? "nothing is held" : `${instrument} is not held`;
    const hint = instrument === null ? "" : ' ("trueup positions" lists what is, by the names that count)';
    out.line(`  ${what}; nothing to close${hint}`);
    return;
  }
  out.table(
    ["close", "leg", "side", "quantity", "price", "notional", "cancelled first"],
    legs.map((one) => [
      one.instrument,
      one.leg,
      one.side,
      one.qty,
      one.price ?? "?",
      one.notional ?? "?",
      ordersText(one.orders.length),
    ]),
  );
  out.line(`plan ${plan.id}, good until ${new Date(plan.expiresAtMs).toISOString()}`);
}

function ordersText(count: number): string {
  if (count === 0) return "-";
  return count === 1 ? "1 order" : `${count} orders`;
}

function tellFlattened(out: Output, { account, isFlat, isRepeat, legs, others }: Flattened): void {
  const head = isFlat ? out.tone("good", "flat, proven by a complete read") : out.tone("bad", "not flat");
  out.line(
    `${account}: ${head}${isRepeat ? " (this plan was carried out before; nothing was sent now)" : ""}`,
  );
  for (const { instrument, leg, plannedQty, closedQty, heldQty, why } of legs) {
    const name = leg === "net" ? instrument : `${instrument} ${leg}`;
    const end = why === null ? "flat" : out.tone("bad", `${heldQty} still held: ${why}`);
    out.line(`  ${name}: closed ${closedQty} of ${plannedQty}; ${end}`);
  }
  if (others.length > 0) {
    out.line(out.tone("bad", `  held besides, opened since the plan was made: ${others.join(", ")}`));
  }
}
