// Restoring an account: the newest checkpoint that the chain confirms, then every record after it. The same book
// comes out with a checkpoint or without.
import { type Book, emptyBook, viewsAreWritten } from "../core/index.ts";
import { type Journal, JournalError } from "../journal/index.ts";
import { checkpointText, foldOn, openCheckpoint } from "./checkpoint.ts";

/** @throws JournalError `journal_corrupt` when what is there is not what was written: nothing is started on that. */
export async function restoreBook(journal: Journal, account: string): Promise<Book> {
  // Whether the last records are there, no fold can tell.
  const { seq } = await journal.head(account);
  const book = (await fromCheckpoint(journal, account)) ?? emptyBook(account);
  await foldOn(journal, book);
  if (book.seq < seq) throw endsEarly(account, book.seq, seq);
  viewsAreWritten(book);
  return book;
}

/** An index that is damaged may end a read in the middle of the chain. */
function endsEarly(account: string, found: number, written: number): JournalError {
  return new JournalError(
    "journal_corrupt",
    `The journal of account ${account}: reading it ends at record ${found}, but ${written} were written. "trueup journal verify" says more; restore a backup, or move the journal away to start a new one.`,
  );
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
