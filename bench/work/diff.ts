// What a pass does with positions, against databases that are known to be fast at it: venue rows to discrepancies.
import { DatabaseSync } from "node:sqlite";
import { type AbsenceVerdict, positionRows, reconcilePositions } from "../../src/core/index.ts";
import type { Findings } from "../comparison.ts";
import { appendRows, type Connection, openDuckDb } from "../duckdb.ts";
import { bookOf, contextOf, positionRowOf, type VenueRow, venueJson } from "../holdings.ts";
import { lastResult, type Rounds, sideBySide } from "../measure.ts";

const NOTHING_ABSENT: AbsenceVerdict = { witnesses: new Map(), unwitnessed: [], missing: "" };

export async function measureDiff(count: number, rounds: Rounds): Promise<Findings> {
  const json = venueJson(count);
  const parsed = JSON.parse(json) as VenueRow[];
  const book = bookOf(count);
  const known = contextOf(book, parsed.map(positionRowOf));
  positionRows(known);
  const local = [...book.ledgers].map(([key, { holding }]) => ({ key, qty: holding.qty }));
  const duck = await loadedDuckDb(local, parsed);
  const sqlite = loadedSqlite(local, parsed);
  const figures = await sideBySide(
    {
      fresh: {
        prepare: () => JSON.parse(json) as VenueRow[],
        run: (rows) => expectDifferences(compare(rows as VenueRow[]), count),
      },
      known: { run: () => expectDifferences(reconcilePositions(known, NOTHING_ABSENT).sighted.length, count) },
      floor: { run: () => touchAll(local, parsed) },
      json: { run: () => JSON.parse(json) },
      duckLoaded: { run: () => duck.runAndReadAll(JOIN) },
      duckFresh: { run: () => freshDuckDb(local, parsed) },
      sqliteLoaded: { run: () => sqlite.prepare(JOIN).all() },
      sqliteFresh: { run: () => loadedSqlite(local, parsed).prepare(JOIN).all() },
    },
    rounds,
  );
  console.log(figures);
  function compare(rows: readonly VenueRow[]): number {
    return reconcilePositions(contextOf(book, rows.map(positionRowOf)), NOTHING_ABSENT).sighted.length;
  }
  return { comparisons: [], facts: [] };
}

function expectDifferences(found: number, count: number): number {
  if (found !== count / 100) throw new Error(`${found} differences were found, ${count / 100} are there`);
  return found;
}

interface LocalRow {
  readonly key: string;
  readonly qty: string;
}

function touchAll(local: readonly LocalRow[], venue: readonly VenueRow[]): number {
  let touched = 0;
  for (const { key, qty } of local) touched += key.length + qty.length;
  for (const { symbol, qty } of venue) touched += symbol.length + qty.length;
  return touched;
}

const JOIN =
  "SELECT l.key, v.key, l.qty, v.qty FROM local l FULL OUTER JOIN venue v ON l.key = v.key WHERE l.qty IS DISTINCT FROM v.qty";
const DUCK_TABLES =
  "CREATE TABLE local (key VARCHAR, qty DECIMAL(38, 9)); CREATE TABLE venue (key VARCHAR, qty DECIMAL(38, 9))";

async function loadedDuckDb(local: readonly LocalRow[], venue: readonly VenueRow[]): Promise<Connection> {
  const connection = await openDuckDb();
  await connection.run(
    "CREATE TABLE lt (key VARCHAR, qty VARCHAR); CREATE TABLE vt (key VARCHAR, qty VARCHAR)",
  );
  await appendRows(connection, "lt", local, [(row) => row.key, (row) => row.qty]);
  await appendRows(connection, "vt", venue, [(row) => `${row.leg}:${row.symbol}`, (row) => row.qty]);
  await connection.run(
    `${DUCK_TABLES}; INSERT INTO local SELECT key, qty::DECIMAL(38, 9) FROM lt; INSERT INTO venue SELECT key, qty::DECIMAL(38, 9) FROM vt`,
  );
  return connection;
}

async function freshDuckDb(local: readonly LocalRow[], venue: readonly VenueRow[]): Promise<unknown> {
  return (await loadedDuckDb(local, venue)).runAndReadAll(JOIN);
}

function loadedSqlite(local: readonly LocalRow[], venue: readonly VenueRow[]): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  db.exec(
    "CREATE TABLE local (key TEXT PRIMARY KEY, qty TEXT) WITHOUT ROWID; CREATE TABLE venue (key TEXT PRIMARY KEY, qty TEXT) WITHOUT ROWID; BEGIN",
  );
  const intoLocal = db.prepare("INSERT INTO local VALUES (?, CAST(? AS REAL))");
  for (const { key, qty } of local) intoLocal.run(key, qty);
  const intoVenue = db.prepare("INSERT INTO venue VALUES (?, CAST(? AS REAL))");
  for (const { symbol, leg, qty } of venue) intoVenue.run(`${leg}:${symbol}`, qty);
  db.exec("COMMIT");
  return db;
}
void lastResult;
