// The real world behind the seams. Only the command line and tests that need the real thing bring it in.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
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
  replace(path, text) {
    wrap(path, "replace", () => replaceFile(path, text));
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
  if (!existsSync(path)) return undefined;
  const before = statSync(path);
  return { text: readFileSync(path, "utf8"), inode: `${before.dev}:${before.ino}` };
}

function replaceFile(path: string, text: string): void {
  const temporary = `${path}.trueup-new`;
  const mode = existsSync(path) ? statSync(path).mode & 0o777 : 0o600;
  const file = openSync(temporary, "w", mode);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
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
    const code = (error as NodeJS.ErrnoException).code ?? "UNKNOWN";
    throw new FileError(code, `could not ${verb} ${path}: ${(error as Error).message}`, { cause: error });
  }
}
