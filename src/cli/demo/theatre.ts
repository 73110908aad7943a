// Opens what the story is played in: the folder with its configuration and everybody's files, the real daemon on it,
// and the paper account that the daemon talks to, held by the hand that makes it misbehave.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../daemon/config-file.ts";
import { Daemon, type DaemonHost } from "../../daemon/daemon.ts";
import type { Parts } from "../../daemon/parts.ts";
import type { PassReport } from "../../engine/index.ts";
import type { Mirror } from "../../mirrors/index.ts";
import type { PaperVenue } from "../../venues/paper/index.ts";
import type { Io } from "../output.ts";
import { type DemoFolder, takeFolder } from "./folder.ts";
import { writeJson } from "./json.ts";
import type { Scenario } from "./scenario.ts";
import { theatreConfig } from "./theatre-config.ts";

export interface Theatre {
  readonly scenario: Scenario;
  readonly folder: string;
  readonly daemon: Daemon;
  readonly host: DaemonHost;
  readonly venue: PaperVenue;
  /** The copies as anybody may read them, in the order of the scenario's; trueup writes through its own. */
  readonly copies: readonly Mirror[];
  close(): Promise<void>;
}

export interface TheatreOptions {
  readonly parts: Parts;
  readonly io: Io;
  readonly scenario: Scenario;
  readonly speed: number;
  readonly onPass: (report: PassReport) => void;
}

/** @throws CliError 75 when a demo runs here already. */
export async function openTheatre(options: TheatreOptions): Promise<Theatre> {
  const folder = takeFolder(options.io.cwd);
  try {
    return await openIn(folder, options);
  } catch (error) {
    folder.release();
    throw error;
  }
}

async function openIn(folder: DemoFolder, options: TheatreOptions): Promise<Theatre> {
  const { parts, io, scenario, speed, onPass } = options;
  const configFile = join(folder.path, "trueup.toml");
  writeFileSync(configFile, theatreConfig(scenario, speed));
  for (const { file, start } of scenario.copies) {
    writeJson(join(folder.path, file), start);
  }
  let venue: PaperVenue | undefined;
  const staged: Parts = {
    ...parts,
    openVenue: async (config, context) => {
      venue = (await parts.openVenue(config, context)) as PaperVenue;
      return venue;
    },
  };
  const loaded = loadConfig(io, configFile);
  // What the daemon logs is for machines; it is beside the story, in the folder.
  const logFile = join(folder.path, "daemon.log");
  const log = await parts.openLog("info", (line) => writeFileSync(logFile, line, { flag: "a" }));
  const daemon = await Daemon.start({ parts: staged, io, loaded, log, onPass });
  const host = daemon.hosts[0];
  if (!venue || !host) throw new Error("the demo has no account");
  const mirrors = Object.values(loaded.config.accounts).flatMap((account) => account.mirrors);
  return {
    scenario,
    folder: folder.path,
    daemon,
    host,
    venue,
    copies: await Promise.all(mirrors.map((mirror) => parts.openMirror(mirror, loaded.folder))),
    close: async () => {
      await daemon.stop();
      folder.release();
    },
  };
}
