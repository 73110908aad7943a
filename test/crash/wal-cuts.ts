// The log of the last transaction, cut at every byte: as much of it has arrived, and behind it there is nothing, or what
// the log had there before. Either the whole transaction is there or none of it, and everything earlier always is.
import { DatabaseSync } from "node:sqlite";
import type { Head, Journal } from "../../src/journal/index.ts";
import { ACCOUNT } from "./account.ts";
import { Acknowledged, type Content } from "./content.ts";
import { recordSteps, type Step } from "./history.ts";
import { Bench, type Image, layImage, takeImage } from "./images.ts";
import { carryOut, checkpointWal, judge, openFile } from "./replay.ts";
import { runByHand, type SuiteResult, Tally } from "./result.ts";

/** Appends before the one that is cut. */
const BEFORE = 8;
/** Of the log of SQLite: its header, and the header of each page in it. https://www.sqlite.org/fileformat2.html#walformat (read 2026-11-24) */
const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** Book and views are compared at every so many bytes, and around each page; the chain at every byte. */
const WHOLE_LOOK_BYTES = 211;

export interface CutsOptions extends Record<string, number> {
  readonly seed: number;
  /** Bytes of a page: the smaller, the fewer bytes there are to cut at. The journal's own files have 4,096. */
  readonly page: number;
  /** Of the log that was begun anew every so many bytes are cut at; of the one that goes on always every byte. */
  readonly stride: number;
  /** 1: the last transaction has a fill, and rows of many views with it. 0: it is the smallest that there is. */
  readonly fill: number;
}

interface Cut {
  readonly before: Image;
  readonly after: Image;
  readonly heads: { readonly before: Head; readonly after: Head };
  readonly contents: { readonly before: Content; readonly after: Content };
  readonly digests: Iterable<string>;
}

export async function walCuts({ seed, page, stride, fill }: CutsOptions): Promise<SuiteResult> {
  const bench = new Bench();
  const tally = new Tally();
  const counts = { appended: 0, restarted: 0, whole: 0, none: 0, page };
  try {
    // Behind the log's end; and over its beginning, where everything in it has been moved into the main file.
    for (const isRestarted of [false, true]) {
      const cut = await lastTransaction(bench, { seed, page, isRestarted, mustBeFill: fill === 1 });
      const copy = bench.newFile();
      const from = isRestarted ? 0 : cut.before.wal.length;
      const end = endOfChange(cut);
      for (let at = from; at <= end; at += isRestarted && at < end - page ? stride : 1) {
        const wal = Buffer.concat([cut.after.wal.subarray(0, at), cut.before.wal.subarray(at)]);
        layImage(copy, { main: cut.before.main, wal });
        const isWhole = at === end;
        counts[isRestarted ? "restarted" : "appended"] += 1;
        counts[isWhole ? "whole" : "none"] += 1;
        const name = `${isRestarted ? "restarted" : "appended"} log cut at byte ${at} of ${end}`;
        tally.case(name, await look(copy, cut, at, page, isWhole));
      }
    }
    return tally.result("wal-cuts", counts);
  } finally {
    bench.close();
  }
}

/** Where the two logs are the same again, or the new one ends. */
function endOfChange({ before, after }: Cut): number {
  let end = after.wal.length;
  while (end > 0 && end <= before.wal.length && after.wal[end - 1] === before.wal[end - 1]) end -= 1;
  return end;
}

async function look(file: string, cut: Cut, at: number, page: number, isWhole: boolean): Promise<string[]> {
  const which = isWhole ? "after" : "before";
  const inFrame = (at - WAL_HEADER_BYTES) % (page + FRAME_HEADER_BYTES);
  const isAtEdge = inFrame <= 1 || inFrame === page + FRAME_HEADER_BYTES - 1;
  if (isWhole || isAtEdge || at % WHOLE_LOOK_BYTES === 0) {
    return judge(file, cut.contents[which], cut.digests);
  }
  let journal: Journal | undefined;
  try {
    journal = openFile(file);
    // Both throw where the chain is not whole: reading holds every record against its hash.
    const head = await journal.head(ACCOUNT);
    await journal.read(ACCOUNT, 0, Number.MAX_SAFE_INTEGER);
    const { seq, hash } = cut.heads[which];
    return head.seq === seq && head.hash === hash ? [] : [`ends at record ${head.seq}, not at ${seq}`];
  } catch (error) {
    return [`refused: ${(error as Error).message}`];
  } finally {
    await journal?.close();
  }
}

interface Choice {
  readonly seed: number;
  readonly page: number;
  readonly isRestarted: boolean;
  readonly mustBeFill: boolean;
}

async function lastTransaction(bench: Bench, { seed, page, isRestarted, mustBeFill }: Choice): Promise<Cut> {
  const file = bench.newFile();
  const bare = new DatabaseSync(file);
  bare.exec(`PRAGMA page_size = ${page}; PRAGMA journal_mode = WAL`);
  bare.close();
  const steps = await recordSteps(seed, BEFORE * 5);
  const last = smallest(steps, mustBeFill);
  const journal = openFile(file);
  const other = new DatabaseSync(file);
  const acknowledged = new Acknowledged();
  for (const [index, step] of steps.slice(0, last).entries()) {
    await carryOut(journal, step);
    await acknowledged.take(step);
    // The log has several whole transactions before the one that is cut.
    if (index === last - 5) checkpointWal(other, "TRUNCATE");
  }
  if (isRestarted) checkpointWal(other, "PASSIVE");
  const state = async () => ({
    image: takeImage(file),
    head: acknowledged.head,
    content: await acknowledged.content(),
  });
  const before = await state();
  const step = steps[last] as Step;
  await carryOut(journal, step);
  await acknowledged.take(step);
  const after = await state();
  other.close();
  await journal.close();
  return {
    before: before.image,
    after: after.image,
    heads: { before: before.head, after: after.head },
    contents: { before: before.content, after: after.content },
    digests: acknowledged.digests,
  };
}

/** Of the appends the one with the least text: the fewest bytes to cut at. */
function smallest(steps: readonly Step[], mustBeFill: boolean): number {
  const sizes = steps.map((step, index) => {
    if (step.kind !== "append" || index <= BEFORE) return Number.POSITIVE_INFINITY;
    const isFill = step.request.entries.some(({ draft }) => draft.kind === "fill_recorded");
    return isFill || !mustBeFill ? JSON.stringify(step).length : Number.POSITIVE_INFINITY;
  });
  return sizes.indexOf(Math.min(...sizes));
}

if (import.meta.main) await runByHand({ seed: 1, page: 4_096, stride: 1, fill: 1 }, walCuts);
