// Writes and reads the view tables of the SQLite journal, from the columns that the core declares for them.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Deletion, VIEWS, type ViewChanges, type ViewName, type ViewRow } from "../../core/index.ts";

interface Insert {
  readonly statement: StatementSync;
  readonly columns: readonly string[];
}

export class ViewWriter {
  private readonly db: DatabaseSync;
  private readonly inserts = new Map<ViewName, Insert>();
  private readonly statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.db = db;
  }

  write(account: string, { deletions, rows }: ViewChanges): void {
    for (const deletion of deletions) this.delete(account, deletion);
    for (const { view, row } of rows) {
      const { statement, columns } = this.insertInto(view);
      statement.run(account, ...columns.map((column) => row[column] ?? null));
    }
  }

  private insertInto(view: ViewName): Insert {
    const known = this.inserts.get(view);
    if (known) return known;
    const columns = columnsOf(view);
    const names = ["account", ...columns].map(quote).join(", ");
    const marks = ["account", ...columns].map(() => "?").join(", ");
    const statement = this.db.prepare(`INSERT OR REPLACE INTO ${view} (${names}) VALUES (${marks})`);
    const insert = { statement, columns };
    this.inserts.set(view, insert);
    return insert;
  }

  read(view: ViewName, account: string): ViewRow[] {
    const names = columnsOf(view).map(quote).join(", ");
    const order = VIEWS[view].key.map(quote).join(", ");
    const all = this.prepare(`SELECT ${names} FROM ${view} WHERE account = ? ORDER BY ${order}`).all(account);
    return all.map((row) => ({ ...row }) as ViewRow);
  }

  private delete(account: string, { view, where, from }: Deletion): void {
    const columns = Object.keys(where);
    const conditions = ["account = ?", ...columns.map((column) => `${quote(column)} IS ?`)];
    if (from) conditions.push(`${quote(from.column)} >= ?`);
    const statement = this.prepare(`DELETE FROM ${view} WHERE ${conditions.join(" AND ")}`);
    statement.run(account, ...columns.map((column) => where[column] ?? null), ...(from ? [from.value] : []));
  }

  private prepare(sql: string): StatementSync {
    const known = this.statements.get(sql) ?? this.db.prepare(sql);
    this.statements.set(sql, known);
    return known;
  }
}

function columnsOf(view: ViewName): readonly string[] {
  return [...VIEWS[view].key, ...VIEWS[view].columns];
}

/** Column names are ours; two of them are words of SQL. */
function quote(name: string): string {
  return `"${name}"`;
}
