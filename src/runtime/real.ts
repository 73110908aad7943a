// The real world behind the seams. Only the command line and tests that need the real thing bring it in.
import { isUtf8 } from "node:buffer";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { performance } from "node:perf_hooks";
import { FileError, type FileFacts, type Files } from "./files.ts";
import type { Runtime } from "./runtime.ts";

export const realRuntime: Runtime = {
  clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
  timers: {
    after(delayMs, work) {
      const timer = setTimeout(work, delayMs);
      return () => clearTimeout(timer);
    },
    soon(work) {
      setImmediate(work);
    },
  },
  random: { bytes: (count) => randomBytes(count) },
};

export const realFiles: Files = {
  read(path) {
    return wrap(path, "read", () => readFile(path));
  },
  resolve(path) {
    return wrap(path, "follow", () => (existsSync(path) ? realpathSync(path) : path));
  },
  replace(path, text) {
    wrap(path, "replace", () => replaceFile(path, text));
  },
  prepare(path, text) {
    return wrap(path, "write a new file beside", () => prepareFile(path, text));
  },
  moveOver(from, to, inode) {
    return wrap(to, "replace", () => moveOver(from, to, inode));
  },
  link(path, kept) {
    wrap(path, "keep a copy of", () => {
      rmSync(kept, { force: true });
      linkSync(path, kept);
    });
  },
  remove(path) {
    wrap(path, "remove", () => rmSync(path, { force: true }));
  },
  list(folder) {
    return wrap(folder, "list", () => (existsSync(folder) ? readdirSync(folder).sort() : []));
  },
};

function readFile(path: string): FileFacts | undefined {
  const there = statSync(path, { throwIfNoEntry: false });
  if (!there) return undefined;
  // Opening a pipe or a device could wait for ever.
  if (!there.isFile()) throw new FileError("NOT_A_FILE", `${path} is not a file; correct the path`);
  const file = openSync(path, "r");
  try {
    const bytes = readFileSync(file);
    if (!isUtf8(bytes)) throw new FileError("NOT_UTF8", notUtf8Text(path, bytes));
    return { text: bytes.toString("utf8"), inode: inodeOf(fstatSync(file)) };
  } finally {
    closeSync(file);
  }
}

function notUtf8Text(path: string, bytes: Buffer): string {
  const read = Buffer.from(bytes.toString("utf8"));
  const at = read.findIndex((byte, index) => byte !== bytes[index]);
  const line = bytes.subarray(0, Math.max(0, at)).toString("latin1").split("\n").length;
  return `${path} is not UTF-8: line ${line} has a byte that cannot be one; let its program write UTF-8`;
}

function inodeOf({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev}:${ino}`;
}

function replaceFile(path: string, text: string): void {
  const prepared = prepareFile(path, text);
  try {
    renameSync(prepared, path);
  } catch (error) {
    rmSync(prepared, { force: true });
    throw error;
  }
  syncFolder(path);
}

function prepareFile(path: string, text: string): string {
  const prepared = `${path}.trueup-new`;
  rmSync(prepared, { force: true });
  const old = statSync(path, { throwIfNoEntry: false });
  // Exclusive: a link that somebody lays there is not followed.
  const file = openSync(prepared, "wx", 0o600);
  try {
    writeFileSync(file, text);
    if (old) {
      const own = fstatSync(file);
      // A file that its program could no longer read would be worse than no repair: failing here stops it.
      if (old.uid !== own.uid || old.gid !== own.gid) fchownSync(file, old.uid, old.gid);
      fchmodSync(file, old.mode & 0o7777);
    }
    fsyncSync(file);
  } catch (error) {
    rmSync(prepared, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  return prepared;
}

function moveOver(from: string, to: string, inode: string): boolean {
  const there = statSync(to, { throwIfNoEntry: false });
  if (!there || inodeOf(there) !== inode) return false;
  renameSync(from, to);
  syncFolder(to);
  return true;
}

/** A rename is durable when its folder is. */
function syncFolder(path: string): void {
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function wrap<T>(path: string, verb: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof FileError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "UNKNOWN";
    throw new FileError(code, `could not ${verb} ${path}: ${(error as Error).message}`, { cause: error });
  }
}
