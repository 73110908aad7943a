// `trueup run`: the daemon in the foreground, until a signal ends it.

import { Daemon } from "../../daemon/daemon.ts";
import { EXIT } from "../../daemon/exit.ts";
import type { Command } from "../context.ts";
import { ended } from "../ended.ts";

export const run: Command = async (context) => {
  const { parts, io } = context;
  const loaded = context.load();
  io.outliveReader?.();
  const log = await parts.openLog(loaded.config.log.level, io.stdout);
  // Before anything is started: whoever ends it during the first pass wants a clean end too.
  const isAsked = ended().then((signal) => {
    log.event("info", "daemon.stopping", { signal }, `${signal}: ending`);
  });
  const daemon = await Daemon.start({ parts, io, loaded, log });
  await isAsked;
  await daemon.stop();
  log.event("info", "daemon.stopped", {}, "ended cleanly");
  return EXIT.done;
};
