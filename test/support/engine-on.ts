// The real engine on the venue of a test, with a journal in memory: started, and stopped when the test is over.
import type { TestContext } from "node:test";
import { type AccountPolicy, POLICY_DEFAULT } from "../../src/core/index.ts";
import { Session } from "../../src/engine/index.ts";
import { MemoryJournal } from "../../src/journal/memory/index.ts";
import type { Mirror } from "../../src/mirrors/index.ts";
import { SILENT } from "../../src/runtime/index.ts";
import type { Venue } from "../../src/venues/index.ts";

export interface EngineParts {
  readonly venue: Venue;
  readonly runtime: Parameters<typeof Session.open>[0]["runtime"];
  readonly mirrors?: readonly Mirror[];
  /** `net` unless given. */
  readonly positionMode?: "net" | "hedge";
  /** What is not the default's. */
  readonly policy?: Partial<AccountPolicy>;
}

/** Its first pass is over. */
export async function engineOn(
  t: TestContext,
  { venue, runtime, mirrors = [], positionMode = "net", policy = {} }: EngineParts,
): Promise<Session> {
  const session = await Session.open({
    account: "test",
    journal: new MemoryJournal(),
    venue,
    mirrors,
    policy: { ...POLICY_DEFAULT, ...policy },
    positionMode,
    runtime,
    log: SILENT,
  });
  t.after(() => session.stop());
  await session.start({ bootPass: true, timers: true });
  return session;
}
