// From a fill's arrival to its being durable in the journal and visible in the SQL views, against the bare disk.
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { journalIn, openAccount } from "../account.ts";
import type { Findings } from "../comparison.ts";
import { fillRow } from "../fills.ts";
import { type Rounds, sideBySide } from "../measure.ts";
import { withFolder } from "../place.ts";

/** Fills that come together. */
const TOGETHER = 1_000;

export function measureDurable(fills: number, rounds: Rounds): Promise<Findings> {
  return withFolder(async (folder) => {
    const account = await openAccount(journalIn(folder), {
      positions: { quality: "complete", rows: [] },
      fills: { quality: "complete", rows: [] },
    });
    const { session, venue, journal } = account;
    let next = 0;
    const arrive = () => venue.emit({ kind: "fill", fill: { ...fillRow(next++), timestamp: Date.now() } });
    const log = openSync(`${folder}/bare.log`, "a");
    const line = `${"x".repeat(599)}\n`;
    const one = await sideBySide(
      {
        fill: {
          run: async () => {
            for (let count = 0; count < fills; count += 1) {
              arrive();
              await session.whenDurable();
            }
          },
        },
        bare: {
          run: () => {
            for (let count = 0; count < fills; count += 1) {
              writeSync(log, line);
              fdatasyncSync(log);
            }
          },
        },
      },
      rounds,
    );
    closeSync(log);
    const batch = batchInto(`${folder}/batch.db`);
    const many = await sideBySide(
      {
        fills: {
          run: async () => {
            for (let count = 0; count < TOGETHER; count += 1) arrive();
            await session.whenDurable();
          },
        },
        batch: {
          prepare: async () => {
            const records = new DatabaseSync(`${folder}/journal.db`, { readOnly: true });
            const rows = TABLES.map((table) =>
              records.prepare(`SELECT * FROM ${table} ORDER BY rowid DESC LIMIT ${TOGETHER}`).all(),
            );
            records.close();
            return rows;
          },
          run: (rows) => batch(rows as Row[][]),
        },
      },
      rounds,
    );
    await session.stop();
    const visible = (await journal.view("fills", "A-1")).length;
    await journal.close();
    if (visible !== next) throw new Error(`${next} fills were told, ${visible} are in the SQL view`);
    return {
      comparisons: [
        {
          work: `one fill, received to durable and visible (${fills} in a row)`,
          ours: one.fill,
          reference: "write and fdatasync of 600 bytes, as often",
          theirs: one.bare,
          goal: { ratioMax: 1.5 },
        },
        {
          work: `${TOGETHER} fills at once, to durable and visible`,
          ours: many.fills,
          reference: "SQLite: the same records and fills inserted in one transaction",
          theirs: many.batch,
          goal: { ratioMax: 1.25 },
        },
      ],
      facts: [],
    };
  });
}

type Row = Record<string, string | number | null>;

/** What a fill leaves in the journal: its record and its row in the view. Positions are a few rows more. */
const TABLES = ["records", "fills"];

function batchInto(file: string): (rows: Row[][]) => void {
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  return (tables) => {
    db.exec("BEGIN IMMEDIATE");
    for (const [index, rows] of tables.entries()) {
      const columns = Object.keys(rows[0] ?? {});
      const keyed = columns.map((name) => `"${name}"`).join(", ");
      const key = index === 0 ? "account, seq" : "account, fill_key";
      db.exec(`CREATE TABLE IF NOT EXISTS ${TABLES[index]} (${keyed}, PRIMARY KEY (${key}))`);
      const insert = db.prepare(
        `INSERT OR REPLACE INTO ${TABLES[index]} VALUES (${columns.map(() => "?").join(", ")})`,
      );
      for (const row of rows) insert.run(...Object.values(row));
    }
    db.exec("COMMIT");
  };
}
