// The real parts: the only place that knows every venue, mirror and journal. They are loaded when they are used.
import { readFileSync } from "node:fs";
import type { AccountAt, AccountConfig } from "../config/index.ts";
import { realFiles, realRuntime } from "../runtime/real.ts";
import { type Venue, VenueError } from "../venues/index.ts";
import type { Parts, VenueContext } from "./parts.ts";

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
  openMirror: async (config, folder, named) =>
    (await import("./open-mirror.ts")).openMirror(config, folder, realRuntime.clock, named),
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

/** One file each; none is loaded before an account needs it. */
const OPENERS: {
  readonly [Name in AccountConfig["venue"]]: (
    config: AccountAt<Name>,
    context: VenueContext,
  ) => Promise<Venue>;
} = {
  paper: async (...given) => (await import("./venues/paper.ts")).openPaper(...given),
  alpaca: async (...given) => (await import("./venues/alpaca.ts")).openAlpacaAccount(...given),
  binance: async (...given) => (await import("./venues/binance.ts")).openBinanceAccount(...given),
  bybit: async (...given) => (await import("./venues/bybit.ts")).openBybitAccount(...given),
  polymarket: async (...given) => (await import("./venues/polymarket.ts")).openPolymarketAccount(...given),
  ccxt: async (...given) => (await import("./venues/ccxt.ts")).openCcxtAccount(...given),
  own: async () => {
    const text = 'the venue "own" comes with the program that opens trueup; here there is none';
    throw new VenueError("venue_config", text);
  },
};

function openVenue(config: AccountConfig, context: VenueContext): Promise<Venue> {
  const open = OPENERS[config.venue] as (config: AccountConfig, context: VenueContext) => Promise<Venue>;
  return open(config, context);
}
