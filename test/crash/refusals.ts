// Ways in which a write is refused. That a sync fails is a seam's doing. A full disk, a file that may only be read and one
// that another process holds are SQLite's own answers: to a limit on the file's pages, to a connection that may only
// read, and to a process that really holds the lock. (An error of the system itself is in limited-file.ts.)
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { DatabaseSync } from "node:sqlite";
import type { JournalError } from "../../src/journal/index.ts";

export interface Refusal {
  readonly name: string;
  readonly code: JournalError["code"];
  /** The open journal may never write again. */
  readonly isFinal: boolean;
  /** Whether what was refused may be found in the file. */
  readonly mayArrive: boolean;
  /** Stands in place of COMMIT as soon as it strikes. */
  readonly commit: (db: DatabaseSync) => void;
  /** Begins; what it resolves to ends it. */
  readonly strike: (db: DatabaseSync, file: string) => Promise<() => Promise<void>>;
}

/** SQLITE_IOERR_FSYNC. https://www.sqlite.org/rescode.html#ioerr_fsync (read 2026-11-24) */
const IOERR_FSYNC = 1034;
/** SQLite's own limit on pages. */
const PAGES_MAX = 4_294_967_294;

const HOLDER = `
  const { DatabaseSync } = require("node:sqlite");
  const db = new DatabaseSync(process.argv[1]);
  db.exec("BEGIN IMMEDIATE");
  process.stdout.write("held");
  process.stdin.on("end", () => db.close()).resume();
`;

export const REFUSALS: readonly Refusal[] = [
  {
    name: "the sync fails and nothing arrived",
    code: "journal_write",
    isFinal: true,
    mayArrive: false,
    commit: failSync,
    strike: async () => done,
  },
  {
    name: "the sync fails and all had arrived",
    code: "journal_write",
    isFinal: true,
    mayArrive: true,
    commit: (db) => {
      commit(db);
      failSync();
    },
    strike: async () => done,
  },
  {
    name: "the disk is full",
    code: "journal_write",
    isFinal: false,
    mayArrive: false,
    commit,
    strike: async (db) => {
      const pages = Number(db.prepare("PRAGMA page_count").get()?.page_count);
      db.exec(`PRAGMA max_page_count = ${pages}`);
      return async () => db.exec(`PRAGMA max_page_count = ${PAGES_MAX}`);
    },
  },
  {
    name: "the file may only be read",
    code: "journal_write",
    isFinal: false,
    mayArrive: false,
    commit,
    strike: async (db) => {
      db.exec("PRAGMA query_only = ON");
      return async () => db.exec("PRAGMA query_only = OFF");
    },
  },
  {
    name: "another process holds the file",
    code: "journal_busy",
    isFinal: false,
    mayArrive: false,
    commit,
    strike: async (_db, file) => {
      const args = ["--disable-warning=ExperimentalWarning", "-e", HOLDER, file];
      const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
      await once(child.stdout, "data");
      return async () => {
        const ended = once(child, "exit");
        child.stdin.end();
        await ended;
      };
    },
  },
];

function commit(db: DatabaseSync): void {
  db.exec("COMMIT");
}

function failSync(): never {
  throw Object.assign(new Error("disk I/O error"), { errcode: IOERR_FSYNC });
}

async function done(): Promise<void> {
  // The seam stays as it is: its journal is never written again.
}
