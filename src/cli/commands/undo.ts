// `trueup undo ID` and `trueup release ID`: a repair taken back, and the end of the watch that it leaves behind. A
// command of its own, because releasing lets trueup repair the row again: the opposite of an undo.

import { chosenAccounts } from "../../daemon/config-file.ts";
import { daemonClient } from "../../daemon/daemon-client.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";
import type { Released, Undoing } from "../../engine/index.ts";
import type { Command, Context } from "../context.ts";
import { person } from "./gate.ts";
import { withSessions } from "./pass.ts";
import { tellPass } from "./pass-output.ts";

export const undo: Command = async (context, _options, id = "") => {
  const { out } = context;
  const undone = await ofOneAccount<Undoing>(context, "/v1/undo", id, (session, by) => session.undo(id, by));
  if (out.isJson) out.json(undone);
  else {
    const { account, repairId, of, action, instrument, by, backup, isWatched, verified } = undone;
    out.line(
      `${out.tone("bold", account)}: undone by ${by}: ${instrument ?? "an order"} in ${of}, ${action}  [${repairId}]`,
    );
    if (backup !== null) out.line(`  as it was before that: ${backup}`);
    if (isWatched) {
      out.line(`  it is left as it is until what the venue has changes, or "trueup release ${repairId}"`);
    }
    tellPass(out, verified, false);
  }
  return EXIT.done;
};

export const release: Command = async (context, _options, id = "") => {
  const { out } = context;
  const released = await ofOneAccount<Released>(context, "/v1/release", id, (session, by) =>
    session.release(id, by),
  );
  if (out.isJson) out.json(released);
  else {
    const { account, instrument, of, repairId } = released;
    out.line(
      `${account}: ${instrument} in ${of} is compared and repaired again, from the next pass on  [${repairId}]`,
    );
  }
  return EXIT.done;
};

type Session = Parameters<Parameters<typeof withSessions>[2]>[0];

/** With several accounts each is asked in turn: ids of repairs are no account's but their own. */
async function ofOneAccount<T>(
  context: Context,
  path: string,
  repair: string,
  here: (session: Session, by: string) => Promise<T>,
): Promise<T> {
  const { config, stateDir } = context.load();
  const names = chosenAccounts(config, context.options.account).map(([name]) => name);
  const by = person(context);
  const client = daemonClient(stateDir);
  let unknown: unknown;
  for (const account of names) {
    try {
      if (client) return await client.post<T>(path, { account, repair, by });
      const { reports } = await withSessions(context, account, (session) => here(session, by));
      return reports[0] as T;
    } catch (error) {
      const { code } = (error ?? {}) as { readonly code?: unknown };
      const isElsewhere = names.length > 1 && (code === "no_such_repair" || code === "nothing_to_release");
      if (!isElsewhere) throw error;
      unknown = error;
    }
  }
  if (unknown !== undefined) throw unknown;
  throw new CliError(EXIT.usage, "no_account", "the configuration has no account");
}
