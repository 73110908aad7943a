// What a pass does with positions, against databases that are known to be fast at joining: a venue's rows to
// discrepancies, from the rows as JSON.parse gives them, and once more while both sides are known.
import { DatabaseSync } from "node:sqlite";
import {
  type AbsenceVerdict,
  type Book,
  type PositionRow,
  reconcilePositions,
} from "../../src/core/index.ts";
import type { Findings } from "../comparison.ts";
import { appendRows, type Connection, openDuckDb } from "../duckdb.ts";
import {
  type BookRow,
  bookOf,
  bookRowsOf,
  contextOf,
  differencesIn,
  positionRowOf,
  type VenueRow,
  venueJson,
} from "../holdings.ts";
import { type Rounds, sideBySide } from "../measure.ts";

const NOTHING_ABSENT: AbsenceVerdict = { witnesses: new Map(), unwitnessed: [], missing: "" };

export async function measureDiff(count: number, rounds: Rounds): Promise<Findings> {
  const json = venueJson(count);
  const parsed = JSON.parse(json) as VenueRow[];
  const book = bookOf(count);
  const known = contextOf(book, parsed.map(positionRowOf));
  const agreed = contextOf(book, agreeingRows(book));
  const local = bookRowsOf(book);
  const duck = await loadedDuckDb(local);
  await loadVenueIntoDuckDb(duck, parsed);
  const sqlite = loadedSqlite(local);
  loadVenueIntoSqlite(sqlite, parsed);
  const found = (differences: number) => {
    const expected = differencesIn(count);
    if (differences !== expected) throw new Error(`${differences} differences, ${expected} are there`);
  };
  const figures = await sideBySide(
    {
      fresh: {
        prepare: () => JSON.parse(json),
        run: (rows) => {
          const context = contextOf(book, (rows as VenueRow[]).map(positionRowOf));
          found(reconcilePositions(context, NOTHING_ABSENT).sighted.length);
        },
      },
      known: { run: () => found(reconcilePositions(known, NOTHING_ABSENT).sighted.length) },
      agreed: {
        run: () => {
          const { tally } = reconcilePositions(agreed, NOTHING_ABSENT);
          if (tally.verified !== count) throw new Error(`${tally.verified} of ${count} rows agree`);
        },
      },
      floor: { run: () => touchAll(local, parsed) },
      parse: { run: () => JSON.parse(json) },
      duckKnown: { run: async () => found((await duck.runAndReadAll(JOIN)).getRows().length) },
      duckFresh: {
        prepare: async () => ({ rows: JSON.parse(json), connection: await loadedDuckDb(local) }),
        run: async (prepared) => {
          const { rows, connection } = prepared as { rows: VenueRow[]; connection: Connection };
          await loadVenueIntoDuckDb(connection, rows);
          found((await connection.runAndReadAll(JOIN)).getRows().length);
        },
      },
      sqliteKnown: { run: () => found(sqlite.prepare(JOIN).all().length) },
      sqliteFresh: {
        prepare: () => ({ rows: JSON.parse(json), db: loadedSqlite(local) }),
        run: (prepared) => {
          const { rows, db } = prepared as { rows: VenueRow[]; db: DatabaseSync };
          loadVenueIntoSqlite(db, rows);
          found(db.prepare(JOIN).all().length);
          db.close();
        },
      },
    },
    rounds,
  );
  const rows = `${count.toLocaleString("en")} rows`;
  const fresh = { work: `venue rows to discrepancies, ${rows}`, ours: figures.fresh };
  const again = {
    work: `both sides known, compared again, every difference described, ${rows}`,
    ours: figures.known,
  };
  const calm = { work: `both sides known, compared again, nothing differs, ${rows}`, ours: figures.agreed };
  return {
    comparisons: [
      {
        ...fresh,
        reference: "DuckDB: append the same JavaScript rows, FULL OUTER JOIN",
        theirs: figures.duckFresh,
        goal: { ratioMax: 0.2 },
      },
      {
        ...fresh,
        reference: "JSON.parse of the venue's answer",
        theirs: figures.parse,
        goal: { ratioMax: 0.5 },
      },
      {
        ...fresh,
        reference: "SQLite in memory: insert the same rows, FULL OUTER JOIN",
        theirs: figures.sqliteFresh,
        goal: null,
      },
      {
        ...again,
        reference: "DuckDB: FULL OUTER JOIN of loaded tables",
        theirs: figures.duckKnown,
        goal: { ratioMax: 0.05 },
      },
      {
        ...again,
        reference: "one bare look at every key and quantity of both sides",
        theirs: figures.floor,
        goal: { ratioMax: 4 },
      },
      {
        ...calm,
        reference: "DuckDB: FULL OUTER JOIN of loaded tables",
        theirs: figures.duckKnown,
        goal: { ratioMax: 0.05 },
      },
      {
        ...calm,
        reference: "one bare look at every key and quantity of both sides",
        theirs: figures.floor,
        goal: { ratioMax: 4 },
      },
      {
        ...again,
        reference: "SQLite: FULL OUTER JOIN of loaded tables",
        theirs: figures.sqliteKnown,
        goal: null,
      },
    ],
    facts: [],
  };
}

/** A read that says what the book holds, as nearly every read does. */
function agreeingRows(book: Book): PositionRow[] {
  return [...book.ledgers.values()].map(({ instrument, leg, holding }) => ({
    instrument,
    leg,
    qty: holding.qty,
  }));
}

function touchAll(local: readonly BookRow[], venue: readonly VenueRow[]): number {
  let touched = 0;
  for (const { symbol, qty } of local) touched += symbol.length + qty.length;
  for (const { symbol, qty } of venue) touched += symbol.length + qty.length;
  return touched;
}

const JOIN =
  "SELECT * FROM local l FULL OUTER JOIN venue v USING (account, symbol, leg) WHERE l.qty IS DISTINCT FROM v.qty";
/** Exact, and the widest that DuckDB keeps in one machine word. */
const DUCK_NUMBER = "DECIMAL(18, 8)";
const TEXTS = "(account VARCHAR, symbol VARCHAR, leg VARCHAR, qty VARCHAR, avg_price VARCHAR)";
const NUMBERS = `SELECT account, symbol, leg, qty::${DUCK_NUMBER} AS qty, avg_price::${DUCK_NUMBER} AS avg_price`;

async function loadedDuckDb(local: readonly BookRow[]): Promise<Connection> {
  const connection = await openDuckDb();
  await connection.run(`CREATE TABLE local_text ${TEXTS}`);
  await appendRows(connection, "local_text", local, COLUMNS);
  await connection.run(`CREATE TABLE local AS ${NUMBERS} FROM local_text`);
  return connection;
}

async function loadVenueIntoDuckDb(connection: Connection, venue: readonly VenueRow[]): Promise<void> {
  await connection.run(`CREATE TABLE venue_text ${TEXTS}`);
  await appendRows(connection, "venue_text", venue, COLUMNS);
  await connection.run(`CREATE TABLE venue AS ${NUMBERS} FROM venue_text`);
}

const COLUMNS: readonly ((row: BookRow) => string)[] = [
  (row) => row.account,
  (row) => row.symbol,
  (row) => row.leg,
  (row) => row.qty,
  (row) => row.avgPrice,
];

function loadedSqlite(local: readonly BookRow[]): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  fillSqlite(db, "local", local);
  return db;
}

function loadVenueIntoSqlite(db: DatabaseSync, venue: readonly VenueRow[]): void {
  fillSqlite(db, "venue", venue);
}

/** SQLite has no exact decimals; what it is measured at is easier than what trueup does. */
function fillSqlite(db: DatabaseSync, table: string, rows: readonly BookRow[]): void {
  db.exec(
    `CREATE TABLE ${table} (account TEXT, symbol TEXT, leg TEXT, qty REAL, avg_price REAL, PRIMARY KEY (account, symbol, leg)) WITHOUT ROWID; BEGIN`,
  );
  const insert = db.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?)`);
  for (const { account, symbol, leg, qty, avgPrice } of rows) insert.run(account, symbol, leg, qty, avgPrice);
  db.exec("COMMIT");
}
