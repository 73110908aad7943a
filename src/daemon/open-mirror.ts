// From a mirror's configuration to the mirror.
import { resolve } from "node:path";
import type { MirrorConfig } from "../config/index.ts";
import type { Mirror } from "../mirrors/index.ts";
import { openJsonFileMirror } from "../mirrors/json-file/index.ts";
import type { Clock } from "../runtime/index.ts";
import { realFiles } from "../runtime/real.ts";

export type Named = (spelling: string) => readonly string[];

/**
 * @param folder Relative paths start there. @param named What the account's venue knows a bot's spelling to mean.
 * @throws Error when its options cannot work together.
 */
export function openMirror(config: MirrorConfig, folder: string, clock: Clock, named?: Named): Mirror {
  const strategy = /^strategy:(.+)$/.exec(config.scope)?.[1];
  const { at, where, fields, symbols, template, backups } = config;
  return openJsonFileMirror({
    name: config.name,
    path: resolve(folder, config.path),
    files: realFiles,
    clock,
    scope: strategy === undefined ? { type: "account" } : { type: "strategy", strategy },
    shape:
      config.shape === "object"
        ? { kind: "object", ignorePrefix: config.ignore_prefix, key: config.key }
        : { kind: "array" },
    at,
    where,
    fields,
    symbols,
    named,
    template,
    backups,
    mayAdd: config.add,
    onClose: config.on_close,
    demandsVenueReference: config.demands_venue_reference,
  });
}
