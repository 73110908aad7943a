// Puts a new file in the place of the bot's, so that no change of the bot's is lost without a word. The old file
// keeps its inode under a second name, and after the exchange it is looked at once more:
//   prepare -> keep the old one -> look at it -> rename, only over that very file -> look at the kept one again
import type { Clock, FileFacts, Files } from "../../runtime/index.ts";
import type { MirrorWrite } from "../mirror.ts";

export interface Exchange {
  readonly files: Files;
  readonly clock: Pick<Clock, "nowMs">;
  /** The file itself, links followed. */
  readonly path: string;
  /** The file as it was read; nothing else is replaced. */
  readonly looked: FileFacts;
  readonly content: string;
  /** How many old files are kept, this one included. */
  readonly backups: number;
}

export function exchangeFile(exchange: Exchange): MirrorWrite {
  const { files, path, content } = exchange;
  const prepared = files.prepare(path, content);
  try {
    return install(exchange, prepared);
  } finally {
    files.remove(prepared);
  }
}

function install(exchange: Exchange, prepared: string): MirrorWrite {
  const { files, path, looked } = exchange;
  const kept = keepOld(exchange);
  try {
    const held = files.read(kept);
    if (held?.text !== looked.text || !files.moveOver(prepared, path, held.inode)) {
      files.remove(kept);
      return { kind: "conflict", detail: changedText(path) };
    }
  } catch (error) {
    // The trouble may have come after the rename; only a second name of the file in place is of no use.
    if (files.read(path)?.inode === files.read(kept)?.inode) files.remove(kept);
    throw error;
  }
  return files.read(kept)?.text === looked.text ? { kind: "written", backup: kept } : putBack(exchange, kept);
}

/**
 * The bot wrote into the old file while it was replaced. That file takes its place again, under the same inode, so
 * that what the bot may still be writing ends where it belongs.
 */
function putBack({ files, path, content }: Exchange, kept: string): MirrorWrite {
  const now = files.read(path);
  if (now?.text === content && files.moveOver(kept, path, now.inode)) {
    const detail = `the bot wrote ${path} while it was being replaced; the bot's file was put back as it is, and the next pass looks again`;
    return { kind: "conflict", detail };
  }
  const detail = `the bot wrote ${path} while it was being replaced and once more after that; what it wrote first is kept in ${kept}: compare the two`;
  return { kind: "conflict", detail };
}

export function changedText(path: string): string {
  return `${path} changed after it was read; nothing was written, and the next pass looks again`;
}

/** Gives the old file a second name, numbered so that the order does not depend on the clock. */
function keepOld({ files, clock, path, backups }: Exchange): string {
  const slash = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  const [folder, name] = slash === -1 ? [".", path] : [path.slice(0, slash + 1), path.slice(slash + 1)];
  const known = files
    .list(folder)
    .flatMap((entry) => {
      const number = numberOfBackup(entry, name);
      return number === undefined ? [] : [{ entry, number }];
    })
    .sort((a, b) => a.number - b.number);
  // Before and not after the exchange: what cannot be cleared away stops the write while nothing is changed yet.
  for (const { entry } of known.slice(0, Math.max(0, known.length - (backups - 1)))) {
    files.remove(path.slice(0, slash + 1) + entry);
  }
  const number = String((known.at(-1)?.number ?? 0) + 1).padStart(NUMBER_DIGITS, "0");
  const time = new Date(clock.nowMs()).toISOString().replace(/[-:.]/g, "");
  const kept = `${path}.trueup-${number}-${time}.bak`;
  files.link(path, kept);
  return kept;
}

/** Enough for a repair a minute in ten years; more digits sort as well, as numbers. */
const NUMBER_DIGITS = 7;

function numberOfBackup(entry: string, name: string): number | undefined {
  if (!entry.startsWith(`${name}.trueup-`)) return undefined;
  const number = /^(\d+)-\w+\.bak$/.exec(entry.slice(name.length + ".trueup-".length))?.[1];
  return number === undefined ? undefined : Number(number);
}
