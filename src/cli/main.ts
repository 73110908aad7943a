// The program: the only place that knows every part. Venues, mirrors and journals are loaded when they are used.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { logChannel } from "../alerts/index.ts";
import type { AccountConfig, PaperConfig } from "../config/index.ts";
import { realFiles, realRuntime } from "../runtime/real.ts";
import { type Venue, VenueError } from "../venues/index.ts";
import type { PaperState } from "../venues/paper/index.ts";
import type { Io } from "./output.ts";
import type { Parts, VenueContext } from "./parts.ts";
import { runCli } from "./program.ts";
import { prepareStateDir } from "./state-dir.ts";

const packageFile = new URL("../../package.json", import.meta.url);

export const parts: Parts = {
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
  alertChannels: async (log) => [logChannel(log)],
  api: () => import("../api/index.ts"),
  sim: () => import("../sim/index.ts"),
};

async function openVenue(config: AccountConfig, context: VenueContext): Promise<Venue> {
  if (config.venue === "paper") return openPaper(config, context);
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
async function openPaper(config: PaperConfig, { account, stateDir }: VenueContext): Promise<Venue> {
  const { newPaperState, PaperAccount, PaperVenue } = await import("../venues/paper/index.ts");
  const file = join(stateDir, `paper-${account}.json`);
  prepareStateDir(stateDir);
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
      realFiles.replace(file, JSON.stringify(paper.state));
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

const io: Io = {
  stdout: (text) => {
    process.stdout.write(text);
  },
  stderr: (text) => {
    process.stderr.write(text);
  },
  env: process.env,
  cwd: process.cwd(),
  isTty: process.stdout.isTTY === true,
  size: () => ({ columns: process.stdout.columns, rows: process.stdout.rows }),
  onResize: (work) => {
    process.stdout.on("resize", work);
    return () => process.stdout.off("resize", work);
  },
  ...(process.stdin.isTTY && process.stdout.isTTY && { ask: askPerson }),
};

async function askPerson(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

// A reader that closes the pipe early (head, less) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
});
process.exitCode = await runCli(process.argv.slice(2), parts, io);
