// Writes and reads the view tables of the SQLite journal, from the columns that the core declares for them.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Deletion, VIEWS, type ViewChanges, type ViewName, type ViewRow } from "../../core/index.ts";

export class ViewWriter {
  private readonly db: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.db = db;
  }

  write(account: string, { deletions, rows }: ViewChanges): void {
    for (const deletion of deletions) this.delete(account, deletion);
    for (const { view, row } of rows) {
      const columns = columnsOf(view);
      const names = ["account", ...columns].map(quote).join(", ");
      const marks = ["account", ...columns].map(() => "?").join(", ");
      const insert = this.prepare(`INSERT OR REPLACE INTO ${view} (${names}) VALUES (${marks})`);
      insert.run(account, ...columns.map((column) => row[column] ?? null));
    }
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
