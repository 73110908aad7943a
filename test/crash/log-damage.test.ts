// Damage in the middle of SQLite's log: transactions that were acknowledged stand behind it, and SQLite alone would drop
// them without a word. What a cut of power leaves is taken, as ever.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { draft } from "../../src/core/index.ts";
import type { Journal } from "../../src/journal/index.ts";
import { Bench, type Image, layImage, takeImage } from "./images.ts";
import { openFile } from "./replay.ts";

const bench = new Bench();
after(() => bench.close());

const WAL_HEADER_BYTES = 32;

async function append(journal: Journal, seq: number): Promise<void> {
  const one = draft("kill_released", { reason: `n${seq}`, by: "test" }, "test");
  const entries = [{ draft: one, tsMs: 1 }];
  await journal.append({ account: "a", expectedSeq: seq, entries, views: { deletions: [], rows: [] } });
}

/** A log with five transactions, and where each of them ends. */
async function logged(): Promise<{ readonly image: Image; readonly ends: readonly number[] }> {
  const file = bench.newFile();
  const journal = openFile(file);
  const other = new DatabaseSync(file);
  other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const ends: number[] = [];
  for (let seq = 0; seq < 5; seq += 1) {
    await append(journal, seq);
    ends.push(takeImage(file).wal.length);
  }
  const image = takeImage(file);
  other.close();
  await journal.close();
  return { image, ends };
}

function spoiled({ main, wal }: Image, at: number): string {
  const file = bench.newFile();
  const bytes = Buffer.from(wal);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  layImage(file, { main, wal: bytes });
  return file;
}

const REFUSED = {
  code: "journal_corrupt",
  message: /-wal\) cannot be taken whole: .*Nothing was opened or changed/,
};

test("a log that is damaged before its last transaction is refused, and both files stay as they are", async () => {
  const { image, ends } = await logged();
  for (const end of [WAL_HEADER_BYTES, ...ends.slice(0, 3)]) {
    const file = spoiled(image, end + 100);
    const before = takeImage(file);
    for (const readOnly of [false, true]) assert.throws(() => openFile(file, { readOnly }), REFUSED);
    assert.deepEqual(takeImage(file), before);
  }
});

test("a log whose header is damaged is refused while the main file lacks what is in it", async () => {
  const { image } = await logged();
  for (let at = 0; at < WAL_HEADER_BYTES; at += 1) assert.throws(() => openFile(spoiled(image, at)), REFUSED);
});

test("a header that is torn while the log begins anew loses nothing: the main file has it all", async () => {
  const { image } = await logged();
  const file = bench.newFile();
  layImage(file, image);
  const db = new DatabaseSync(file);
  db.exec("PRAGMA wal_checkpoint(PASSIVE)");
  const moved = takeImage(file);
  db.close();
  const journal = openFile(spoiled(moved, 20));
  assert.equal((await journal.head("a")).seq, 5);
  await journal.close();
});

test("a last transaction that did not arrive whole is none, wherever it is torn", async () => {
  const { image, ends } = await logged();
  const [from = 0, end = 0] = ends.slice(-2);
  for (let at = from; at < end; at += 97) {
    const journal = openFile(spoiled(image, at));
    assert.equal((await journal.head("a")).seq, 4, `byte ${at}`);
    assert.deepEqual((await journal.verify("a")).problems, []);
    await journal.close();
  }
});

test("verify names damage to the log that comes while the journal is open", async () => {
  const { image, ends } = await logged();
  const file = bench.newFile();
  layImage(file, image);
  const journal = openFile(file, { readOnly: true });
  await journal.head("a");
  const bytes = Buffer.from(image.wal);
  bytes.writeUInt8(bytes.readUInt8(ends[0] ?? 0) ^ 1, ends[0] ?? 0);
  layImage(file, { main: image.main, wal: bytes });
  const { problems } = await journal.verify("a");
  assert.match(problems.find(({ kind }) => kind === "file")?.detail ?? "", /the log: it is damaged at byte/);
  await journal.close();
});
