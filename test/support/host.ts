// An account as the API sees it, on the session of a test world.
import type { AccountHost } from "../../src/api/index.ts";
import { accountStatus, checkAccount, healthOf, type Session } from "../../src/engine/index.ts";
import type { TestWorld } from "./world.ts";

export function hostOf(world: TestWorld, name: string): AccountHost {
  const session = (): Session => world.session;
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
    kill: async (reason, by, isAll) => ({ isEngaged: true, ...(await session().kill(reason, by, isAll)) }),
    resume: (reason, by) => session().resume(reason, by),
    submit: (intent, by) => session().submit(intent, by),
    amend: (intent, by) => session().amend(intent, by),
    cancel: (handle, by) => session().cancel(handle, by),
    resolve: (report, by) => session().resolve(report, by),
    setGate: (state, instrument, reason, by) => session().setGate(state, instrument, reason, by),
  };
}
