// The kill switch as records: what engages it, what releases it, and its release where no session runs.
import { type Book, type Draft, draft, type Kill } from "../core/index.ts";
import type { Journal } from "../journal/index.ts";
import type { Clock } from "../runtime/index.ts";
import { restoreBook } from "./boot.ts";
import { holdDraft } from "./hold.ts";
import { AccountWriter } from "./writer.ts";

/** A kill that was asked for and is not in the journal yet. */
export interface KillLatch extends Kill {
  /** Whether reduce-only stops are cancelled too. */
  readonly isAll: boolean;
}

/** What engages a kill: the kill itself, the gate that it closes, and the alert. */
export function killDrafts(book: Book, { reason, by, atMs, ...asked }: Kill): Draft[] {
  // A kill is latched: another one may forbid more and allows nothing that the first forbids.
  const isAll = asked.isAll === true || book.kill?.isAll === true;
  const isNoExits = asked.isNoExits === true || book.kill?.isNoExits === true;
  const text = `killed by ${by}: ${reason}`;
  return [
    draft("kill_engaged", { reason, by, atMs, isAll, ...(isNoExits && { isNoExits }) }, `by:${by}`),
    holdDraft(book, { code: "kill", state: "killed", text }, atMs, `by:${by}`),
    draft("alert_raised", { kind: "killed", subject: null, text, evidence: [] }, `by:${by}`),
  ];
}

/** What releases a kill: trading stays closed until a clean pass opens the gate. @param nowMs Our clock, ms. */
export function releaseDrafts(book: Book, reason: string, by: string, nowMs: number): Draft[] {
  const text = "released from kill; a clean pass opens it";
  return [
    draft("kill_released", { reason, by }, `by:${by}`),
    holdDraft(book, { code: "boot", state: "reduce_only", text }, nowMs, `by:${by}`, "kill"),
  ];
}

/** A release where the account's journal is at hand and nobody is at work on it. */
export interface OfflineRelease {
  readonly account: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly latch: KillLatch | null;
  readonly reason: string;
  readonly by: string;
}

/**
 * Releases the kill of an account on which no session runs. A latch that no boot has taken up yet is journaled
 * first, so that it can be told later. False when the account was not killed.
 */
export async function releaseOffline(release: OfflineRelease): Promise<boolean> {
  const { account, journal, clock, latch, reason, by } = release;
  const writer = new AccountWriter(await restoreBook(journal, account), journal, clock);
  if (latch && !writer.book.kill) writer.stage(killDrafts(writer.book, latch));
  if (!writer.book.kill) return false;
  writer.stage(releaseDrafts(writer.book, reason, by, clock.nowMs()));
  await writer.flush();
  return true;
}
