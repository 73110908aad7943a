// Restoring an account from its journal, with a checkpoint and without, against reading the same bytes as JSON.
import { DatabaseSync } from "node:sqlite";
import { type Draft, draft } from "../../src/core/index.ts";
import { restoreBook, saveCheckpoint } from "../../src/engine/index.ts";
import type { Journal } from "../../src/journal/index.ts";
import { journalIn } from "../account.ts";
import type { Comparison, Fact, Findings } from "../comparison.ts";
import { fillRecord } from "../fills.ts";
import { collectGarbage, type Figure, figureOf, type Rounds } from "../measure.ts";
import { withFolder } from "../place.ts";

/** Records of one append while the journal is made. */
const BATCH = 10_000;
const MB = 1024 * 1024;

export function measureRestart(count: number, rounds: Rounds): Promise<Findings> {
  return withFolder(async (folder) => {
    const journal = journalIn(folder);
    await write(journal, count);
    const records = `${count.toLocaleString("en")} records`;
    const payloads = new DatabaseSync(`${folder}/journal.db`, { readOnly: true });
    const parse = await repeat(rounds, () => parsePayloads(payloads));
    payloads.close();
    const replay = await repeat(rounds, () => restoreBook(journal, "A-1"));
    const comparisons: Comparison[] = [
      {
        work: `restart, ${records}, no checkpoint`,
        ours: replay.figure,
        reference: "JSON.parse of the same payloads",
        theirs: parse.figure,
        goal: { ratioMax: 3 },
      },
    ];
    const facts: Fact[] = [
      { what: `memory of the book after ${records}`, value: `${Math.round(replay.heapBytes / MB)} MB heap` },
    ];
    await saveCheckpoint(journal, await restoreBook(journal, "A-1"), 0);
    const checkpoint = await journal.loadCheckpoint("A-1");
    if (checkpoint) {
      const restored = await repeat(rounds, () => restoreBook(journal, "A-1"));
      const state = await repeat(rounds, async () =>
        JSON.parse(withoutDigest((await journal.loadCheckpoint("A-1"))?.state ?? "")),
      );
      comparisons.push({
        work: `restart, ${records}, with a checkpoint`,
        ours: restored.figure,
        reference: "JSON.parse of the checkpoint",
        theirs: state.figure,
        goal: { msMax: 1_000 },
      });
      facts.push({
        what: `checkpoint of ${records}`,
        value: `${Math.round(checkpoint.state.length / MB)} MB of JSON`,
      });
    } else {
      facts.push({
        what: `checkpoint of ${records}`,
        value: "none: its text would be longer than a string may be",
      });
    }
    await journal.close();
    return { comparisons, facts };
  });
}

/** Fills, and now and then what else an account writes down. */
function draftAt(index: number): { draft: Draft; tsMs: number } {
  const { payload, tsMs } = fillRecord(index, index + 1);
  if (index % 10 === 9) {
    const change = {
      venueOrderId: payload.venueOrderId ?? "",
      side: payload.side,
      status: "filled" as const,
    };
    const { instrument } = payload;
    const orderKey = `v|${instrument}|${payload.venueOrderId}` as never;
    return {
      draft: draft("order_state_observed", { orderKey, instrument, change, source: "venue" }, "pas_1"),
      tsMs,
    };
  }
  return { draft: draft("fill_recorded", payload, "stream"), tsMs };
}

async function write(journal: Journal, count: number): Promise<void> {
  for (let start = 0; start < count; start += BATCH) {
    const entries = Array.from({ length: Math.min(BATCH, count - start) }, (_, at) => draftAt(start + at));
    const views = { deletions: [], rows: [] };
    const result = await journal.append({ account: "A-1", expectedSeq: start, entries, views });
    if (result.kind === "conflict") throw new Error("the journal has another writer");
  }
}

function parsePayloads(db: DatabaseSync): number {
  let parsed = 0;
  const all = db.prepare("SELECT payload FROM records WHERE account = 'A-1' ORDER BY seq");
  for (const { payload } of all.iterate()) {
    JSON.parse(String(payload));
    parsed += 1;
  }
  return parsed;
}

/** One after the other: side by side they would not fit into memory. */
async function repeat(
  { runs }: Rounds,
  work: () => unknown,
): Promise<{ readonly figure: Figure; readonly heapBytes: number }> {
  const times: number[] = [];
  let heapBytes = 0;
  for (let run = 0; run < runs; run += 1) {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const startedMs = performance.now();
    const kept = await work();
    times.push(performance.now() - startedMs);
    collectGarbage();
    heapBytes = Math.max(heapBytes, process.memoryUsage().heapUsed - before);
    if (kept === undefined) throw new Error("nothing was restored");
  }
  return { figure: figureOf(times), heapBytes };
}

/** A checkpoint is its digest, a space, and the JSON. */
function withoutDigest(state: string): string {
  return state.slice(state.indexOf(" ") + 1);
}
