// What the program is made of: the ways to open a journal, a venue, a mirror. real-parts.ts alone fills this in;
// everything is loaded when it is first used, so that a small command starts fast.
import type { AlertChannel } from "../alerts/index.ts";
import type { AccountConfig, MirrorConfig } from "../config/index.ts";
import type { Journal } from "../journal/index.ts";
import type { Mirror } from "../mirrors/index.ts";
import type { Files, Level, Log, Runtime } from "../runtime/index.ts";
import type { Venue } from "../venues/index.ts";

/** What of the process around it the program looks at. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export interface VenueContext {
  readonly account: string;
  readonly stateDir: string;
  /** The configuration file's folder: relative paths of key files start there. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Opened to be asked, beside whoever is at work on it: nothing is written for it, on no disk. */
  readonly isReadOnly?: boolean;
}

export interface Parts {
  readonly version: string;
  readonly runtime: Runtime;
  readonly files: Files;
  openJournal(file: string, readOnly: boolean): Promise<Journal>;
  openVenue(config: AccountConfig, context: VenueContext): Promise<Venue>;
  /**
   * @param folder The configuration file's folder: relative paths start there.
   * @param named What the account's venue knows a bot's spelling to mean; without it a text is a name as it stands.
   */
  openMirror(
    config: MirrorConfig,
    folder: string,
    named?: (spelling: string) => readonly string[],
  ): Promise<Mirror>;
  openLog(level: Level, write: (line: string) => void): Promise<Log>;
  alertChannels(log: Log): Promise<readonly AlertChannel[]>;
  api(): Promise<typeof import("../api/index.ts")>;
  sim(): Promise<typeof import("../sim/index.ts")>;
}
