// The SQLite journal, by name.
export { openSqliteJournal, type SqliteOptions } from "./sqlite-journal.ts";
