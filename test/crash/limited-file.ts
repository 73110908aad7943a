// A process whose files the system allows to grow only so far: it appends until the system itself refuses a write, and
// prints what came of it. Started by commit-errors.test.ts under a limit; no seam is in it.
import { draft } from "../../src/core/index.ts";
import type { AppendResult, Journal, JournalError } from "../../src/journal/index.ts";
import { openFile } from "./replay.ts";

export interface Limited {
  /** The last sequence that was acknowledged. */
  readonly acknowledged: number;
  readonly code: string;
  readonly isFinal: boolean;
  readonly cause: string;
  /** Of a second write on the same journal. */
  readonly again: string;
}

/** More than any limit that it is started with. */
const APPENDS_MAX = 10_000;
const TEXT = "x".repeat(2_000);

function append(journal: Journal, seq: number): Promise<AppendResult> {
  const one = draft("kill_released", { reason: TEXT, by: "test" }, "test");
  const views = { deletions: [], rows: [] };
  return journal.append({ account: "a", expectedSeq: seq, entries: [{ draft: one, tsMs: 1 }], views });
}

async function untilRefused(file: string): Promise<Limited> {
  const journal = openFile(file);
  for (let seq = 0; seq < APPENDS_MAX; seq += 1) {
    const refused = await append(journal, seq).then(
      () => undefined,
      (error: unknown) => error as JournalError,
    );
    if (!refused) continue;
    const again = await append(journal, seq).catch((error: unknown) => error);
    const { code, isFinal, cause } = refused;
    const text = again === refused ? "the same error" : String(again);
    return { acknowledged: seq, code, isFinal, cause: String((cause as Error).message), again: text };
  }
  throw new Error(`${APPENDS_MAX} appends, and no limit`);
}

if (import.meta.main) process.stdout.write(JSON.stringify(await untilRefused(process.argv[2] ?? "")));
