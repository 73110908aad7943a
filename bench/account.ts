// One account at work as the daemon runs it: the real session, the SQLite journal on disk, a venue that answers at
// once with what it was given, and no timers of its own.
import { CAPABILITIES_DEFAULT, POLICY_DEFAULT } from "../src/core/index.ts";
import { Session } from "../src/engine/index.ts";
import type { Journal } from "../src/journal/index.ts";
import { openSqliteJournal } from "../src/journal/sqlite/index.ts";
import type { Mirror } from "../src/mirrors/index.ts";
import { type Runtime, SILENT } from "../src/runtime/index.ts";
import { realRuntime } from "../src/runtime/real.ts";
import { type Script, ScriptedVenue } from "../src/venues/scripted/index.ts";

export interface OpenAccount {
  readonly session: Session;
  readonly venue: ScriptedVenue;
  readonly journal: Journal;
}

export function journalIn(folder: string): Journal {
  return openSqliteJournal({ file: `${folder}/journal.db`, timers: realRuntime.timers });
}

export async function openAccount(
  journal: Journal,
  script: Partial<Script>,
  mirrors: readonly Mirror[] = [],
  runtime: Runtime = realRuntime,
): Promise<OpenAccount> {
  const none = { positionLookups: new Map(), orderLookups: new Map() };
  const venue = new ScriptedVenue({ ...none, ...script }, CAPABILITIES_DEFAULT, new Map());
  const session = await Session.open({
    account: "A-1",
    journal,
    venue,
    mirrors,
    policy: POLICY_DEFAULT,
    positionMode: "net",
    runtime,
    log: SILENT,
  });
  await session.start({ bootPass: true, timers: false });
  return { session, venue, journal };
}
