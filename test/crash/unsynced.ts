// A power cut that loses what was not synced yet. What was synced is known from the connection itself: a COMMIT of a log
// with synchronous = FULL ends with a sync of it, a move of the log with a sync of the main file; nothing else is taken
// to be safe. Everything written since arrives in any part: torn, zeroed, later pages without earlier ones.
import type { DatabaseSync } from "node:sqlite";
import { SeededRandom } from "../../src/sim/swarm/random.ts";
import { Acknowledged, type Content } from "./content.ts";
import { recordSteps } from "./history.ts";
import { Bench, type Image, layImage, takeImage } from "./images.ts";
import { carryOut, checkpointWal, judge, openFile } from "./replay.ts";
import { runByHand, type SuiteResult, Tally } from "./result.ts";

/** What a disk writes at once or not at all. In bytes. */
const SECTOR_BYTES = 512;
const PAGE_BYTES = 4_096;
const WAL_HEADER_BYTES = 32;
/** Levels of PRAGMA synchronous: from which on the main file is synced, and the log at every COMMIT. */
const NORMAL = 1;
const FULL = 2;
/** How often, on average, the log is moved into the main file. */
const MOVES = 0.15;

export interface UnsyncedOptions extends Record<string, number> {
  readonly seed: number;
  readonly appends: number;
}

/** What arrives of one sector that was written and not synced. */
type Fate = "new" | "old" | "zero" | "torn";

/** Which sectors of those that were written arrive. */
type Arrival = (index: number, count: number) => Fate;

export async function unsynced({ seed, appends }: UnsyncedOptions): Promise<SuiteResult> {
  const bench = new Bench();
  try {
    return await new UnsyncedRun(bench, new SeededRandom(seed)).run(seed, appends);
  } finally {
    bench.close();
  }
}

class UnsyncedRun {
  private readonly random: SeededRandom;
  private readonly tally = new Tally();
  private readonly acknowledged = new Acknowledged();
  private readonly file: string;
  private readonly copy: string;
  private readonly counts = {
    begun: 0,
    none: 0,
    whole: 0,
    afterSync: 0,
    moves: 0,
    syncedCommits: 0,
    commits: 0,
  };
  /** What is on the disk whatever happens. */
  private synced: Image;
  private db: DatabaseSync | undefined;

  constructor(bench: Bench, random: SeededRandom) {
    this.file = bench.newFile();
    this.copy = bench.newFile();
    this.random = random;
    this.synced = { main: Buffer.alloc(0), wal: Buffer.alloc(0) };
  }

  async run(seed: number, appends: number): Promise<SuiteResult> {
    const steps = await recordSteps(seed, appends);
    const journal = openFile(this.file, { commit: (db) => this.commit(db) });
    this.synced = takeImage(this.file);
    let before = await this.acknowledged.content();
    for (const step of steps) {
      const synced = this.synced;
      await carryOut(journal, step);
      await this.acknowledged.take(step);
      const after = await this.acknowledged.content();
      await this.cutBeforeSync(synced, before, after);
      await this.cutAfterSync(after);
      if (this.db && this.random.chance(MOVES)) await this.move(this.db, after);
      before = after;
    }
    await journal.close();
    return this.tally.result("unsynced", this.counts);
  }

  private commit(db: DatabaseSync): void {
    this.db = db;
    db.exec("COMMIT");
    this.counts.commits += 1;
    const { main, wal } = takeImage(this.file);
    // SQLite has moved the log by itself.
    if (levelOf(db) >= NORMAL) this.synced = { ...this.synced, main };
    if (levelOf(db) < FULL) return;
    this.counts.syncedCommits += 1;
    this.synced = { ...this.synced, wal };
  }

  /** While COMMIT waits for the disk: all of the transaction may be there, or none. */
  private async cutBeforeSync(synced: Image, before: Content, after: Content): Promise<void> {
    const { wal } = takeImage(this.file);
    // A log that begins anew: its header is synced before anything is written behind it.
    const old = Buffer.concat([wal.subarray(0, WAL_HEADER_BYTES), synced.wal.subarray(WAL_HEADER_BYTES)]);
    if (!old.equals(synced.wal)) {
      this.counts.begun += 1;
      const header = arrive(synced.wal, old, this.any());
      await this.look("while the log begins anew", { main: this.synced.main, wal: header }, before);
    }
    for (const arrival of [this.any(), this.suffix(), this.allButOne()]) {
      const image = { main: this.synced.main, wal: arrive(old, wal, arrival) };
      const all = await this.problems(image, after);
      const isWhole = all.length === 0;
      this.counts[isWhole ? "whole" : "none"] += 1;
      const mustBeWhole = image.wal.equals(wal);
      const problems = isWhole || mustBeWhole ? all : await this.problems(image, before);
      this.tally.case(this.name("before the sync"), problems);
    }
  }

  /** After the answer: what was acknowledged must not be among what can still be lost. */
  private async cutAfterSync(after: Content): Promise<void> {
    const written = takeImage(this.file);
    this.counts.afterSync += 1;
    const image = { main: this.synced.main, wal: arrive(this.synced.wal, written.wal, this.any()) };
    await this.look("after the answer", image, after);
  }

  /** The log is moved into the main file: its pages arrive in any order, and the log stays until all have. */
  private async move(db: DatabaseSync, expected: Content): Promise<void> {
    const mode = this.random.pick(["PASSIVE", "TRUNCATE"] as const);
    const { main: old, wal } = { main: this.synced.main, wal: this.synced.wal };
    checkpointWal(db, mode);
    const moved = takeImage(this.file);
    for (const arrival of [this.any(), this.suffix(), this.allButOne()]) {
      this.counts.moves += 1;
      await this.look("within a move", { main: arrive(old, moved.main, arrival), wal }, expected);
    }
    if (levelOf(db) >= NORMAL) this.synced = moved;
    this.counts.moves += 1;
    await this.look("after a move", this.synced, expected);
  }

  private async look(what: string, image: Image, expected: Content): Promise<void> {
    this.tally.case(this.name(what), await this.problems(image, expected));
  }

  private problems(image: Image, expected: Content): Promise<string[]> {
    layImage(this.copy, image);
    return judge(this.copy, expected, this.acknowledged.digests);
  }

  private name(what: string): string {
    return `${what} at record ${this.acknowledged.head.seq}`;
  }

  private any(): Arrival {
    return () => this.random.pick<Fate>(["new", "old", "zero", "torn"]);
  }

  /** Later pages arrive, earlier ones do not. */
  private suffix(): Arrival {
    const from = this.random.next();
    const sectors = PAGE_BYTES / SECTOR_BYTES;
    return (index, count) => (Math.floor(index / sectors) * sectors >= from * count ? "new" : "old");
  }

  private allButOne(): Arrival {
    const at = this.random.next();
    const fate = this.random.pick<Fate>(["old", "zero", "torn"]);
    return (index, count) => (index === Math.floor(at * count) ? fate : "new");
  }
}

function levelOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA synchronous").get()?.synchronous);
}

/**
 * The old file with those sectors of the new one that arrived; it is as long as the last of them makes it. Bytes before
 * the first that was written keep what they were: SQLite counts on a disk that damages nothing beside what it writes
 * (https://www.sqlite.org/psow.html, read 2026-11-24), and so does this.
 */
function arrive(old: Buffer, written: Buffer, arrival: Arrival): Buffer {
  const result = Buffer.alloc(Math.max(old.length, written.length));
  old.copy(result);
  const changed = changedSectors(old, written);
  let length = old.length;
  for (const [index, { from, end }] of changed.entries()) {
    const fate = arrival(index, changed.length);
    if (fate === "old") continue;
    if (fate === "zero") result.fill(0, from, end);
    else written.copy(result, from, from, fate === "torn" ? Math.floor((from + end) / 2) : end);
    length = Math.max(length, end);
  }
  return result.subarray(0, length);
}

/** Of each sector that was written, from the first byte that is another one. */
function changedSectors(old: Buffer, written: Buffer): { readonly from: number; readonly end: number }[] {
  const changed: { readonly from: number; readonly end: number }[] = [];
  for (let at = 0; at < written.length; at += SECTOR_BYTES) {
    const end = Math.min(at + SECTOR_BYTES, written.length);
    let from = at;
    while (from < end && from < old.length && old[from] === written[from]) from += 1;
    if (from < end) changed.push({ from, end });
  }
  return changed;
}

if (import.meta.main) await runByHand({ seed: 1, appends: 60 }, unsynced);
