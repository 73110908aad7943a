// The real parts: the only place that knows every venue, mirror and journal. They are loaded when they are used.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AccountConfig, PaperConfig } from "../config/index.ts";
import { realFiles, realRuntime } from "../runtime/real.ts";
import { type Venue, VenueError } from "../venues/index.ts";
import type { PaperState } from "../venues/paper/index.ts";
import type { Parts, VenueContext } from "./parts.ts";
import { prepareStateDir } from "./state-dir.ts";

const packageFile = new URL("../../package.json", import.meta.url);

export const realParts: Parts = {
  version: (JSON.parse(readFileSync(packageFile, "utf8")) as { version: string }).version,
  runtime: realRuntime,
  files: realFiles,
  async openJournal(file, readOnly) {
    const { openSqliteJournal } = await import("../journal/sqlite/index.ts");
    return openSqliteJournal({ file, timers: realRuntime.timers, readOnly });
  },
  openVenue,
  openMirror: async (config, folder) =>
    (await import("./open-mirror.ts")).openMirror(config, folder, realRuntime.clock),
  async openLog(level, write) {
    const { pinoLog } = await import("./log.ts");
    return pinoLog(level, write);
  },
  async alertChannels(log) {
    const { logChannel } = await import("../alerts/index.ts");
    return [logChannel(log)];
  },
  api: () => import("../api/index.ts"),
  sim: () => import("../sim/index.ts"),
};

const OWN_MISSING = 'the venue "own" comes with the program that opens trueup; here there is none';

async function openVenue(config: AccountConfig, context: VenueContext): Promise<Venue> {
  if (config.venue === "paper") return openPaper(config, context);
  if (config.venue === "own") throw new VenueError("venue_config", OWN_MISSING);
  const { openAlpaca } = await import("../venues/alpaca/index.ts");
  return openAlpaca({
    keyId: context.env[config.key_id_env] ?? "",
    secret: context.env[config.secret_env] ?? "",
    keyNames: { keyId: config.key_id_env, secret: config.secret_env },
    environment: config.environment,
    ...baseUrl(config.base_url ?? context.env.APCA_API_BASE_URL),
    fetch: globalThis.fetch,
    clock: realRuntime.clock,
    stream: { timers: realRuntime.timers, random: realRuntime.random },
  });
}

function baseUrl(url: string | undefined): { baseUrl?: string } {
  // Alpaca's older clients take the address with its version.
  return url === undefined || url === "" ? {} : { baseUrl: url.replace(/\/+$/, "").replace(/\/v2$/, "") };
}

/** The paper account lives in one file of the state folder, so that it is there again after a restart. */
async function openPaper(
  config: PaperConfig,
  { account, stateDir, isReadOnly = false }: VenueContext,
): Promise<Venue> {
  const { newPaperState, PaperAccount, PaperVenue } = await import("../venues/paper/index.ts");
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
