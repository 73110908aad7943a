// What lies where in a journal's file: every page by the table or index that it belongs to, and its place in the tree.
import { DatabaseSync } from "node:sqlite";

export interface Page {
  /** From 1, as SQLite counts. */
  readonly number: number;
  /** Such as `records leaf` or `checkpoints overflow`; pages that nothing uses are `free`. */
  readonly area: string;
}

/** @param file Closed, with nothing in its log. */
export function pagesOf(file: string): readonly Page[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const count = Number(db.prepare("PRAGMA page_count").get()?.page_count);
    const areas = new Map<number, string>();
    for (const { name, pagetype, pageno } of db.prepare("SELECT name, pagetype, pageno FROM dbstat").all()) {
      areas.set(Number(pageno), `${name} ${pagetype}`);
    }
    return Array.from({ length: count }, (_, index) => ({
      number: index + 1,
      area: areas.get(index + 1) ?? "free",
    }));
  } finally {
    db.close();
  }
}
