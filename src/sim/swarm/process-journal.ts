// The journal as one process has it: what it appends is durable after a moment, and lost when the process, or the power,
// goes before. The store behind it outlives every process.

import type { JournalRecord, ViewName, ViewRow } from "../../core/index.ts";
import type {
  AppendRequest,
  AppendResult,
  Attachment,
  Checkpoint,
  Head,
  Journal,
  Tail,
  Verification,
} from "../../journal/index.ts";
import { JournalError } from "../../journal/index.ts";
import type { MemoryJournal } from "../../journal/memory/index.ts";
import type { VirtualRuntime } from "../virtual-runtime.ts";

const NO_VIEWS: AppendRequest["views"] = { rows: [], deletions: [] };

export interface ProcessJournalOptions {
  readonly store: MemoryJournal;
  readonly runtime: VirtualRuntime;
  /** How long a write takes. In ms; 0 is at once. */
  readonly writeMs: () => number;
  /** Whether this write fails. */
  readonly isDown: () => boolean;
  /** Whether the rows of the SQL views are kept too; nothing in the engine reads them. */
  readonly withViews: boolean;
}

export class ProcessJournal implements Journal {
  private readonly options: ProcessJournalOptions;
  private isAlive = true;
  private isFailed = false;
  /** The write before: what was asked for first is written first. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(options: ProcessJournalOptions) {
    this.options = options;
  }

  /** The process is gone: nothing of it is written any more, and nothing is answered. */
  end(): void {
    this.isAlive = false;
  }

  append(request: AppendRequest): Promise<AppendResult> {
    const { store, runtime, writeMs, isDown, withViews } = this.options;
    const ms = writeMs();
    const before = this.last;
    const written = new Promise<AppendResult>((resolve, reject) => {
      const write = () => {
        if (!this.isAlive) return;
        this.isFailed ||= isDown();
        if (this.isFailed) {
          const text =
            "The simulated journal did not take the records: its disk failed. Nothing was written.";
          reject(new JournalError("journal_write", text));
        } else store.append(withViews ? request : { ...request, views: NO_VIEWS }).then(resolve, reject);
      };
      const due = () => (ms === 0 ? write() : runtime.timers.after(ms, write));
      before.then(due, due);
    });
    this.last = written;
    return written;
  }

  accounts(): Promise<string[]> {
    return this.asked(this.options.store.accounts());
  }
  head(account: string): Promise<Head> {
    return this.asked(this.options.store.head(account));
  }
  read(account: string, afterSeq: number, limit: number): Promise<JournalRecord[]> {
    return this.asked(this.options.store.read(account, afterSeq, limit));
  }
  async saveCheckpoint(account: string, checkpoint: Checkpoint): Promise<void> {
    if (this.isAlive) await this.options.store.saveCheckpoint(account, checkpoint);
  }
  loadCheckpoint(account: string): Promise<Checkpoint | undefined> {
    return this.asked(this.options.store.loadCheckpoint(account));
  }
  async setTail(account: string, tail: Tail): Promise<void> {
    if (this.isAlive) await this.options.store.setTail(account, tail);
  }
  tail(account: string): Promise<Tail | undefined> {
    return this.asked(this.options.store.tail(account));
  }
  attachment(digest: Attachment["digest"]): Promise<string | undefined> {
    return this.asked(this.options.store.attachment(digest));
  }
  expireAttachments(beforeMs: number): Promise<number> {
    return this.asked(this.options.store.expireAttachments(beforeMs));
  }
  view(name: ViewName, account: string): Promise<ViewRow[]> {
    return this.asked(this.options.store.view(name, account));
  }
  verify(account: string): Promise<Verification> {
    return this.asked(this.options.store.verify(account));
  }
  async close(): Promise<void> {
    this.isAlive = false;
  }

  private async asked<T>(answer: Promise<T>): Promise<T> {
    const known = await answer;
    return this.isAlive ? known : new Promise<T>(() => undefined);
  }
}
