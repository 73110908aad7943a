// A paper account of the configuration, with its file in the state folder.
import { join } from "node:path";
import type { AccountAt } from "../../config/index.ts";
import { realFiles, realRuntime } from "../../runtime/real.ts";
import { type Venue, VenueError } from "../../venues/index.ts";
import { newPaperState, PaperAccount, type PaperState, PaperVenue } from "../../venues/paper/index.ts";
import type { VenueContext } from "../parts.ts";
import { prepareStateDir } from "../state-dir.ts";

/** The paper account lives in one file of the state folder, so that it is there again after a restart. */
export async function openPaper(
  config: AccountAt<"paper">,
  { account, stateDir, isReadOnly = false }: VenueContext,
): Promise<Venue> {
  const file = join(stateDir, `paper-${account}.json`);
  if (!isReadOnly) prepareStateDir(stateDir);
  const kept = realFiles.read(file)?.text;
  const state =
    kept === undefined
      ? newPaperState(`paper-${account}`, config.currency, config.cash)
      : keptPaperState(file, kept);
  const paper = new PaperAccount({
    state,
    feeRatio: config.fee_ratio,
    nowMs: realRuntime.clock.nowMs,
    onEvent: (event) => {
      if (!isReadOnly) realFiles.replace(file, JSON.stringify(paper.state));
      venue.publish(event);
    },
  });
  const venue = new PaperVenue(paper);
  return venue;
}

function keptPaperState(file: string, kept: string): PaperState {
  const advice = "restore a copy, or move it away to begin with a new paper account";
  try {
    const state = JSON.parse(kept) as PaperState;
    if (typeof state?.accountId === "string" && Array.isArray(state.fills)) return state;
  } catch (cause) {
    const text = `the paper account's file ${file} cannot be read (${(cause as Error).message}); ${advice}`;
    throw new VenueError("venue_state", text, { cause });
  }
  throw new VenueError("venue_state", `${file} is not the file of a paper account; ${advice}`);
}
