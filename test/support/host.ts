// An account as the API sees it, on the session of a test world.
import type { AccountHost } from "../../src/api/index.ts";
import { rehearseKill } from "../../src/daemon/kill-drill.ts";
import {
  accountStatus,
  checkAccount,
  type FlattenPlan,
  healthOf,
  type Plan,
  PlanError,
  type Session,
} from "../../src/engine/index.ts";
import type { TestWorld } from "./world.ts";

export function hostOf(world: TestWorld, name: string): AccountHost {
  const session = (): Session => world.session;
  const plans = new Map<string, Plan>();
  const flattenPlans = new Map<string, FlattenPlan>();
  const status = () =>
    accountStatus({
      book: session().book,
      tail: session().tail,
      venue: "paper",
      intervalMs: world.policy.intervalMs,
      nowMs: world.runtime.clock.nowMs(),
      isLive: true,
    });
  return {
    name,
    book: async () => session().book,
    admit: (order) => session().admit(order),
    status,
    health: () => healthOf(status(), session().book),
    check: () =>
      checkAccount({
        account: "test",
        journal: world.journal,
        venue: world.venue,
        mirrors: world.mirrors,
        policy: world.policy,
        positionMode: "net",
        runtime: world.runtime,
      }),
    reconcile: (isForced) => session().pass("operator", isForced),
    kill: (reason, by, isAll) => session().kill(reason, by, isAll),
    drillKill: () => rehearseKill({ runtime: world.runtime, orders: 10 }),
    resume: (reason, by) => session().resume(reason, by),
    submit: (intent, by) => session().submit(intent, by),
    amend: (intent, by) => session().amend(intent, by),
    cancel: (handle, by) => session().cancel(handle, by),
    resolve: (report, by) => session().resolve(report, by),
    plan: async (copies) => {
      const plan = await session().plan(copies);
      plans.set(plan.id, plan);
      return plan;
    },
    apply: (planId, given) => {
      const plan = plans.get(planId);
      if (!plan) throw new PlanError("no_such_plan", `there is no plan "${planId}"`);
      return session().apply(plan, given);
    },
    planFlatten: async (instrument) => {
      const plan = await session().planFlatten(instrument);
      flattenPlans.set(plan.id, plan);
      return plan;
    },
    flatten: async (planId, given) => {
      const plan = flattenPlans.get(planId);
      if (!plan) throw new PlanError("no_such_plan", `there is no plan "${planId}"`);
      return session().flatten(plan, given);
    },
    undo: (repairId, by) => session().undo(repairId, by),
    release: (repairId, by) => session().release(repairId, by),
    setExitPlan: (given, by) => session().setExitPlan(given, by),
    moveLot: (move) => session().moveLot(move),
    note: (request) => session().note(request),
    setGate: (state, instrument, reason, by) => session().setGate(state, instrument, reason, by),
  };
}
