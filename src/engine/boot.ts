// Restoring an account: the newest checkpoint that the chain confirms, then every record after it. The same book
// comes out with a checkpoint or without.
import { type Book, emptyBook, viewsAreWritten } from "../core/index.ts";
import type { Journal } from "../journal/index.ts";
import { checkpointText, foldOn, openCheckpoint } from "./checkpoint.ts";

/** @throws JournalError `journal_corrupt` when what is there is not what was written: nothing is started on that. */
export async function restoreBook(journal: Journal, account: string): Promise<Book> {
  // Whether the last records are there, no fold can tell.
  await journal.head(account);
  const book = (await fromCheckpoint(journal, account)) ?? emptyBook(account);
  await foldOn(journal, book);
  viewsAreWritten(book);
  return book;
}

/** False where the book has become too large for one: the next start then folds every record. */
export async function saveCheckpoint(journal: Journal, book: Book, nowMs: number): Promise<boolean> {
  const head = await journal.head(book.account);
  if (head.seq !== book.seq) return true;
  const state = checkpointText(book);
  if (state === undefined) return false;
  await journal.saveCheckpoint(book.account, { seq: head.seq, hash: head.hash, state }, nowMs);
  return true;
}

async function fromCheckpoint(journal: Journal, account: string): Promise<Book | undefined> {
  const checkpoint = await journal.loadCheckpoint(account);
  const opened = checkpoint && openCheckpoint(checkpoint.state);
  return opened?.kind === "book" ? opened.book : undefined;
}
