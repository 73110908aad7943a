// What SQLite's result codes mean for whoever runs the journal: a file that another process holds is not a damaged
// one, and a full disk is no reason to restore a backup. https://www.sqlite.org/rescode.html (read 2026-11-21)
import { JournalError } from "../journal.ts";

/** What was being done with the file. */
export type Doing = "open" | "read" | "write";

type Kind = "busy" | "access" | "corrupt" | "full" | "system";

/** By primary result code. */
const KINDS: Readonly<Record<number, Kind>> = {
  3: "access", // SQLITE_PERM
  5: "busy", // SQLITE_BUSY
  6: "busy", // SQLITE_LOCKED
  7: "system", // SQLITE_NOMEM
  8: "access", // SQLITE_READONLY
  10: "system", // SQLITE_IOERR
  11: "corrupt", // SQLITE_CORRUPT
  13: "full", // SQLITE_FULL
  14: "access", // SQLITE_CANTOPEN
  15: "busy", // SQLITE_PROTOCOL: the lock was taken away in a race, again and again
  22: "system", // SQLITE_NOLFS
  23: "access", // SQLITE_AUTH
  26: "corrupt", // SQLITE_NOTADB
};
/**
 * After one of these nobody knows what is on the disk: a system whose sync has failed may forget that it did, and let
 * the next one succeed. IOERR, CORRUPT, NOTADB. https://www.sqlite.org/rescode.html#ioerr_fsync (read 2026-11-24)
 */
const FINAL: readonly number[] = [10, 11, 26];
/** The extended codes say more in their upper bits. */
const PRIMARY_CODE = 0xff;

const FAILED: Readonly<Record<Doing, string>> = {
  open: "cannot be opened",
  read: "cannot be read",
  write: "did not take the records",
};

/** An error of SQLite as one of the journal; any other error as it is. */
export function journalTrouble(file: string, doing: Doing, cause: unknown): unknown {
  const code = (cause as { readonly errcode?: unknown } | undefined)?.errcode;
  if (!(cause instanceof Error) || typeof code !== "number") return cause;
  // What is left while reading is a table or column that is not there: somebody changed the file.
  const kind = KINDS[code & PRIMARY_CODE] ?? (doing === "write" ? "system" : "corrupt");
  const failed = kind === "corrupt" ? "is not a journal that can be read" : FAILED[doing];
  const isFinal = doing === "write" && FINAL.includes(code & PRIMARY_CODE);
  const text = `The journal ${file} ${failed}: ${cause.message}. ${leftBy(doing, isFinal)}${adviceFor(kind, doing)}`;
  return new JournalError(codeFor(kind, doing), text, { cause, isFinal });
}

/** What a write that failed has left behind. */
function leftBy(doing: Doing, isFinal: boolean): string {
  if (doing !== "write") return "";
  return isFinal
    ? "Nothing of it was acknowledged; whether it is in the file, the next start finds out. This process writes no more to it. "
    : "Nothing was written. ";
}

function codeFor(kind: Kind, doing: Doing): JournalError["code"] {
  if (kind === "busy") return "journal_busy";
  if (kind === "corrupt") return "journal_corrupt";
  if (kind === "full" || doing === "write") return "journal_write";
  return kind === "access" ? "journal_open" : "journal_read";
}

function adviceFor(kind: Kind, doing: Doing): string {
  switch (kind) {
    case "busy":
      return "Another process holds the file: end what has it open for writing (a database browser, a backup), then try again.";
    case "access":
      return `Check that the folder exists and that this user may ${doing === "write" ? "write" : "read and write"} it.`;
    case "corrupt":
      return "Restore a backup, or move it away to start a new one.";
    case "full":
      return "Make room on the disk, then start again.";
    case "system":
      return "Check the disk, then start again.";
  }
}
