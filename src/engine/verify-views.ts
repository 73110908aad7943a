// The proof that the SQL views hold what the records make: every row of every view is made again from a fold of the whole
// journal, and held against the one that is stored. People and bots decide by these rows.
import {
  applyRecord,
  type Book,
  emptyBook,
  nothingTouched,
  type Touched,
  VIEWS,
  type ViewName,
  type ViewRow,
  viewChanges,
} from "../core/index.ts";
import { type ChainProblem, digestOf, type Journal } from "../journal/index.ts";

/** Records that are read, and fills whose rows are made, at once. */
const PAGE = 5_000;

type Closed = Parameters<typeof viewChanges>[2][number];
/** Digests of rows by their keys. */
type Table = Map<string, string>;

interface Folded {
  readonly book: Book;
  readonly touched: Touched;
  readonly closed: readonly Closed[];
  /** Moments of our clock at which records were made. */
  readonly moments: ReadonlySet<number>;
}

/** A row that is not what the records make, and the digest of what is stored in its place; empty where nothing is. */
interface Wrong {
  readonly view: ViewName;
  readonly key: string;
  readonly stored: string;
}

/** How often it is looked again where another process writes meanwhile. */
const LOOKS_MAX = 5;

/**
 * One problem for each view that is not what the records make. Where another process writes meanwhile, what is wrong is
 * looked at again: a row counts when it was wrong each time, and stayed as it was.
 */
export async function verifyViews(
  journal: Pick<Journal, "read" | "view" | "head">,
  account: string,
): Promise<ChainProblem[]> {
  let wrong = await look(journal, account);
  for (let looks = 1; looks < LOOKS_MAX && wrong.hasMoved && wrong.rows.length > 0; looks += 1) {
    const again = await look(journal, account);
    const before = new Set(wrong.rows.map(textOf));
    wrong = { ...again, rows: again.rows.filter((row) => !again.hasMoved || before.has(textOf(row))) };
  }
  return problemsOf(account, wrong.rows);
}

async function look(
  journal: Pick<Journal, "read" | "view" | "head">,
  account: string,
): Promise<{ readonly rows: readonly Wrong[]; readonly hasMoved: boolean }> {
  const folded = await foldAll(journal, account);
  const made = tablesOf(folded);
  const rows: Wrong[] = [];
  for (const view of Object.keys(VIEWS) as ViewName[]) {
    const stored = await journal.view(view, account);
    rows.push(...differing(view, made.get(view) ?? new Map(), stored, folded.moments));
  }
  const { seq } = await journal.head(account);
  return { rows, hasMoved: seq !== folded.book.seq };
}

function textOf({ view, key, stored }: Wrong): string {
  return JSON.stringify([view, key, stored]);
}

function problemsOf(account: string, rows: readonly Wrong[]): ChainProblem[] {
  return [...Map.groupBy(rows, ({ view }) => view)].map(([view, wrong]) => {
    const first = wrong[0]?.key;
    const which =
      wrong.length === 1 ? `the row ${first}` : `${wrong.length} rows, the first of them ${first},`;
    const detail = `the view ${view}: ${which} is not what the records make`;
    return { account, seq: 0, kind: "view" as const, detail };
  });
}

async function foldAll(journal: Pick<Journal, "read">, account: string): Promise<Folded> {
  const book = emptyBook(account);
  const touched = nothingTouched();
  const closed: Closed[] = [];
  const moments = new Set<number>();
  for (;;) {
    const records = await journal.read(account, book.seq, PAGE);
    for (const record of records) {
      applyRecord(book, record, touched);
      moments.add(record.tsMs);
      if (record.kind === "discrepancy_closed") closed.push(record.payload);
    }
    if (records.length < PAGE) return { book, touched, closed, moments };
  }
}

/** Every row, made once, from the book as it is at the end: there was none before it, so that nothing is to be deleted. */
function tablesOf({ book, touched, closed }: Folded): ReadonlyMap<ViewName, Table> {
  const tables = new Map<ViewName, Table>();
  const enter = (part: Touched, ended: readonly Closed[]) => {
    for (const { view, row } of viewChanges(book, part, ended).rows) {
      const table = tables.get(view) ?? new Map<string, string>();
      tables.set(view, table.set(keyOf(view, row), digestOfRow(view, row)));
    }
  };
  enter({ ...touched, fills: new Set() }, closed);
  const fills = [...touched.fills];
  for (let from = 0; from < fills.length; from += PAGE) {
    enter({ ...nothingTouched(), fills: new Set(fills.slice(from, from + PAGE)) }, []);
  }
  return tables;
}

/** Rows that are missing, too many, or of another content. */
function differing(
  view: ViewName,
  made: Table,
  stored: readonly ViewRow[],
  moments: ReadonlySet<number>,
): Wrong[] {
  const wrong: Wrong[] = [];
  const seen = new Set<string>();
  for (const row of stored) {
    const key = keyOf(view, row);
    const digest = digestOfRow(view, row);
    seen.add(key);
    // A position's row was made when a record was written, which the fold alone does not tell.
    const isOfAMoment = view !== "positions" || moments.has(Number(row.updated_at));
    if (!isOfAMoment || made.get(key) !== digest) wrong.push({ view, key, stored: digest });
  }
  for (const key of made.keys()) if (!seen.has(key)) wrong.push({ view, key, stored: "" });
  return wrong;
}

function keyOf(view: ViewName, row: ViewRow): string {
  return VIEWS[view].key.map((column) => String(row[column])).join(" ");
}

function digestOfRow(view: ViewName, row: ViewRow): string {
  const columns: readonly string[] = VIEWS[view].columns;
  const cells = columns.map((column) =>
    view === "positions" && column === "updated_at" ? null : (row[column] ?? null),
  );
  return digestOf(JSON.stringify(cells));
}
