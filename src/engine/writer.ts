// The one writer of an account: what was decided becomes records in the book at once and in the journal together.
// If the journal refuses them (somebody else wrote, or the disk did not), the book in memory is worth nothing
// any more: the account stops, and a new session folds again from what is durable.
import {
  applyRecord,
  type Book,
  type Discrepancy,
  type Draft,
  type JournalRecord,
  nothingTouched,
  RECORD_VERSION,
  viewChanges,
} from "../core/index.ts";
import { type Attachment, type Journal, JournalError, type StampedDraft } from "../journal/index.ts";
import type { Clock } from "../runtime/index.ts";

export class AccountWriter {
  readonly book: Book;
  private readonly journal: Pick<Journal, "append">;
  private readonly clock: Clock;
  /** Who writes, as the journal tells writers apart. Nothing but itself. */
  private readonly identity = Object.freeze({});
  private staged: StampedDraft[] = [];
  private attachments: Attachment[] = [];
  private touched = nothingTouched();
  private closed: Discrepancy[] = [];
  private failure: Error | undefined;
  /** Resolves when everything that was flushed so far is durable. */
  private durable: Promise<void> = Promise.resolve();
  private readonly observers = new Set<(record: JournalRecord) => void>();
  private readonly listeners = new Set<(record: JournalRecord) => void>();
  private readonly failureListeners = new Set<(error: Error) => void>();
  private records: JournalRecord[] = [];

  constructor(book: Book, journal: Pick<Journal, "append">, clock: Clock) {
    this.book = book;
    this.journal = journal;
    this.clock = clock;
  }

  /** Whether the journal has refused a write: nothing can be entered any more. */
  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  /** Called with every record as it enters the book; the result ends that. */
  onRecord(observer: (record: JournalRecord) => void): () => void {
    this.observers.add(observer);
    return () => this.observers.delete(observer);
  }

  /** Called with every record once it is durable: what is told to people must not be taken back. */
  onDurable(listener: (record: JournalRecord) => void): void {
    this.listeners.add(listener);
  }

  /** Called once, when the journal has refused a write: whoever asked for it, the account is over. */
  onFailure(listener: (error: Error) => void): void {
    this.failureListeners.add(listener);
  }

  /** Enters drafts into the book; durable after the next flush. @throws the failure that stopped the account. */
  stage(drafts: readonly Draft[]): void {
    if (this.failure) throw this.failure;
    for (const draft of drafts) {
      const tsMs = this.clock.nowMs();
      const place = { account: this.book.account, seq: this.book.seq + 1, tsMs, v: RECORD_VERSION };
      const record = { ...draft, ...place } as JournalRecord;
      applyRecord(this.book, record, this.touched);
      if (record.kind === "discrepancy_closed") this.closed.push(record.payload);
      this.staged.push({ draft, tsMs });
      this.records.push(record);
      for (const observer of this.observers) observer(record);
    }
  }

  attach(attachment: Attachment): void {
    this.attachments.push(attachment);
  }

  /** Writes what is staged. Resolves when it, and all before it, is durable. */
  flush(): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    if (this.staged.length === 0) return this.durable;
    const { staged: entries, attachments, touched, closed, book, records } = this;
    this.staged = [];
    this.records = [];
    this.attachments = [];
    this.touched = nothingTouched();
    this.closed = [];
    const expectedSeq = book.seq - entries.length;
    const views = viewChanges(book, touched, closed);
    const request = {
      account: book.account,
      expectedSeq,
      writer: this.identity,
      entries,
      views,
      attachments,
    };
    const append = this.journal.append(request);
    this.durable = append.then(
      (result) => {
        if (result.kind === "conflict") throw this.fail(conflict(book.account, expectedSeq, result.head.seq));
        for (const record of records) for (const listener of this.listeners) listener(record);
      },
      (error: unknown) => {
        throw this.fail(error instanceof Error ? error : new Error(String(error)));
      },
    );
    return this.durable;
  }

  private fail(error: Error): Error {
    if (this.failure) return this.failure;
    this.failure = error;
    for (const listener of this.failureListeners) listener(error);
    return error;
  }
}

function conflict(account: string, expected: number, found: number): JournalError {
  return new JournalError(
    "journal_write",
    `Another writer is at work on account ${account}: its journal ends at record ${found}, not at ${expected}. This one stops; see that only one trueup runs on it.`,
  );
}
