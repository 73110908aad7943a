// The kill latch: a file beside the journal that says "killed", whatever state the journal or the daemon is in. It
// is there until the kill is in the journal; a daemon looks for it all the time, and so does every boot.
import { statSync } from "node:fs";
import { join } from "node:path";
import type { KillLatch } from "../engine/index.ts";
import { realFiles } from "../runtime/real.ts";
import { prepareStateDir, writeSecret } from "./state-dir.ts";

export const latchFile = (stateDir: string, account: string) => join(stateDir, `kill-${account}.json`);

/** Room that is set aside, so that a disk which is full still takes a latch. */
const RESERVE_BYTES = 65_536;
const FULL: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);
const RACED: ReadonlySet<unknown> = new Set(["ENOENT", "EEXIST"]);
/** A kill is written however many are written beside it; each try is a write of its own. */
const TRIES_MAX = 50;
export const reserveFile = (stateDir: string) => join(stateDir, "kill.reserve");

/** Where there is no room for it any more, there is none: the account is not kept from starting by that. */
export function setReserveAside(stateDir: string): void {
  const file = reserveFile(stateDir);
  if (statSync(file, { throwIfNoEntry: false })?.size === RESERVE_BYTES) return;
  try {
    writeSecret(file, "-".repeat(RESERVE_BYTES));
  } catch {
    realFiles.remove(file);
  }
}

/** @param write Puts a file in place, or throws with the system's code. */
export function writeLatch(
  stateDir: string,
  account: string,
  latch: KillLatch,
  write: (file: string, text: string) => void = writeSecret,
): void {
  prepareStateDir(stateDir);
  const put = () => write(latchFile(stateDir, account), JSON.stringify(latch));
  for (let tries = 1; ; tries += 1) {
    try {
      put();
      return;
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (FULL.has(code) && tries === 1) realFiles.remove(reserveFile(stateDir));
      // Another process writes the same file at this very moment, and what was made beside it is gone, or is the other's.
      else if (!RACED.has(code) || tries >= TRIES_MAX) throw error;
    }
  }
}

/** Null when there is none. One that cannot be read still kills: unknown means closed. */
export function readLatch(stateDir: string, account: string): KillLatch | null {
  const file = latchFile(stateDir, account);
  const there = statSync(file, { throwIfNoEntry: false });
  if (!there) return null;
  try {
    const { reason, by, atMs, isAll, isNoExits } = JSON.parse(realFiles.read(file)?.text ?? "") as KillLatch;
    const whenMs = Number.isSafeInteger(atMs) ? atMs : there.mtimeMs;
    return {
      reason: String(reason),
      by: String(by),
      atMs: whenMs,
      isAll: isAll === true,
      ...(isNoExits === true && { isNoExits }),
    };
  } catch {
    const reason = "a kill latch that cannot be read";
    return { reason, by: "latch file", atMs: Math.floor(there.mtimeMs), isAll: false };
  }
}

export function removeLatch(stateDir: string, account: string): void {
  realFiles.remove(latchFile(stateDir, account));
}
