// Restoring an account: the newest checkpoint that the chain confirms, then every record after it. The same book
// comes out with a checkpoint or without.
import {
  applyRecord,
  BOOK_STATE_VERSION,
  type Book,
  emptyBook,
  fromState,
  nothingTouched,
  toState,
  viewsAreWritten,
} from "../core/index.ts";
import type { Journal } from "../journal/index.ts";

/** Records that are read at once. */
const PAGE = 5_000;

export async function restoreBook(journal: Journal, account: string): Promise<Book> {
  const book = (await fromCheckpoint(journal, account)) ?? emptyBook(account);
  for (;;) {
    const records = await journal.read(account, book.seq, PAGE);
    // The views hold all of this already; what it touched is collected once a page, not once a record.
    const touched = nothingTouched();
    for (const record of records) applyRecord(book, record, touched);
    if (records.length < PAGE) break;
  }
  viewsAreWritten(book);
  return book;
}

export async function saveCheckpoint(journal: Journal, book: Book, nowMs: number): Promise<void> {
  const head = await journal.head(book.account);
  if (head.seq !== book.seq) return;
  const state = textOf(book);
  if (state === undefined) return;
  await journal.saveCheckpoint(book.account, { seq: head.seq, hash: head.hash, state }, nowMs);
}

/**
 * Undefined where the text would be longer than any string may be (about 850,000 fills). The account goes on without
 * a newer checkpoint: every record is there, and only its next start takes longer.
 */
function textOf(book: Book): string | undefined {
  try {
    return JSON.stringify(toState(book));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

async function fromCheckpoint(journal: Journal, account: string): Promise<Book | undefined> {
  const checkpoint = await journal.loadCheckpoint(account);
  if (!checkpoint) return undefined;
  const state = parse(checkpoint.state);
  // One of another version, or damaged, is no loss: the records are all there.
  return state?.version === BOOK_STATE_VERSION ? fromState(state) : undefined;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
