// How far an account's journal had come, in a file beside it: what is restored from an older copy is whole in itself, and only
// something outside it can tell that it forgot. The file is written after the records are durable, so it is never ahead of them.
import { join } from "node:path";
import type { Head, Journal } from "../journal/index.ts";
import { realFiles } from "../runtime/real.ts";
import { writeSecret } from "./state-dir.ts";

export interface Anchor extends Head {
  /** Our clock, ms. */
  readonly atMs: number;
}

export const anchorFile = (stateDir: string, account: string) => join(stateDir, `head-${account}.json`);

/** An anchor that could not be written is the older one: it proves less, and nothing wrong. */
export function writeAnchor(stateDir: string, account: string, { seq, hash, atMs }: Anchor): void {
  try {
    writeSecret(anchorFile(stateDir, account), JSON.stringify({ seq, hash, atMs }));
  } catch {
    // A full disk is told by the journal.
  }
}

/** Null when there is none, or none that can be read: it proves nothing then. */
export function readAnchor(stateDir: string, account: string): Anchor | null {
  try {
    const { text } = realFiles.read(anchorFile(stateDir, account)) ?? { text: "null" };
    const found = JSON.parse(text) as Partial<Anchor> | null;
    const { seq, hash, atMs } = found ?? {};
    if (!Number.isSafeInteger(seq) || typeof hash !== "string" || !Number.isSafeInteger(atMs)) return null;
    return { seq: seq as number, hash, atMs: atMs as number };
  } catch {
    return null;
  }
}

/** Why this journal is not the one that was left, in words; null where nothing speaks against it. */
export async function behindText(journal: Journal, account: string, anchor: Anchor): Promise<string | null> {
  const head = await journal.head(account);
  if (head.seq > anchor.seq || (head.seq === anchor.seq && head.hash === anchor.hash)) return null;
  const found = head.seq === anchor.seq ? "ends in another record" : `ends at record ${head.seq}`;
  return `the journal ${found}, and trueup had come to record ${anchor.seq} (${new Date(anchor.atMs).toISOString()}): an older copy was put in its place, or its last records are lost`;
}
