// The kill latch where the disk is full, and where two processes write it at once.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { latchFile, readLatch, reserveFile, setReserveAside, writeLatch } from "./latch.ts";

const LATCH = { reason: "runaway", by: "ann", atMs: 1_000, isAll: true, isNoExits: true };

test("[G05] a disk that is full takes a latch in the room that was set aside, and keeps another error from passing for it", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "trueup-latch-"));
  t.after(() => rmSync(folder, { recursive: true }));
  setReserveAside(folder);
  const { size, mode } = statSync(reserveFile(folder));
  assert.ok(size >= 65_536 && (mode & 0o077) === 0);
  /** Full until the room is given back. */
  const full = (file: string, text: string) => {
    if (existsSync(reserveFile(folder))) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
    writeFileSync(file, text);
  };
  writeLatch(folder, "main", LATCH, full);
  assert.deepEqual(readLatch(folder, "main"), LATCH);
  setReserveAside(folder);
  const forbidden = () => {
    throw Object.assign(new Error("not permitted"), { code: "EACCES" });
  };
  assert.throws(() => writeLatch(folder, "other", LATCH, forbidden), { code: "EACCES" });
  assert.deepEqual([existsSync(latchFile(folder, "other")), existsSync(reserveFile(folder))], [false, true]);
});

test("a latch that another process writes at the same moment is written all the same", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "trueup-latch-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const codes = ["ENOENT", "EEXIST", "ENOENT"];
  writeLatch(folder, "main", LATCH, (file, text) => {
    const code = codes.shift();
    if (code !== undefined) throw Object.assign(new Error("raced"), { code });
    writeFileSync(file, text);
  });
  assert.deepEqual(readLatch(folder, "main"), LATCH);
  const gone = () => {
    throw Object.assign(new Error("no such folder"), { code: "ENOENT" });
  };
  assert.throws(() => writeLatch(folder, "other", LATCH, gone), { code: "ENOENT" });
});
