// The contract of a journal: append-only records, one gap-free sequence an account, and the SQL views and rows
// that are written together with them. Backends are below; one conformance suite holds them all.
import type { Draft, JournalRecord, ViewChanges, ViewName, ViewRow } from "../core/index.ts";

/** Sequence and hash of an account's last record; 0 and GENESIS_HASH before the first. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

export const GENESIS_HASH = "0".repeat(64);

/** Rows of one section of a read, kept once under their digest (R15). */
export interface Attachment {
  readonly digest: string;
  readonly section: string;
  /** JSON text. */
  readonly rows: string;
}

/** A record to be, with the moment of our clock at which it was decided. */
export interface StampedDraft {
  readonly draft: Draft;
  readonly tsMs: number;
}

export interface AppendRequest {
  readonly account: string;
  /** The sequence that the writer believes to be the last; another one means that somebody else wrote. */
  readonly expectedSeq: number;
  /**
   * Who writes. Appends are handed over without waiting for the ones before: once one of a writer's is refused, so are all
   * that it handed over after it, which were decided on top of that one, even where another writer's records fill the gap.
   */
  readonly writer?: object;
  readonly entries: readonly StampedDraft[];
  readonly views: ViewChanges;
  readonly attachments?: readonly Attachment[];
}

export type AppendResult =
  | { readonly kind: "appended"; readonly head: Head }
  /** Nothing of the request was written. */
  | { readonly kind: "conflict"; readonly head: Head };

export interface Checkpoint {
  readonly seq: number;
  /** Hash of the record at `seq`; a checkpoint whose hash is not the chain's is not used. */
  readonly hash: string;
  /** Text of whoever saves it. */
  readonly state: string;
}

/** The quiet passes since the last record (R15): replaced at every pass, outside the chain. */
export interface Tail {
  /** JSON text. */
  readonly state: string;
}

export type ChainProblemKind =
  | "altered"
  | "missing"
  | "reordered"
  | "unreadable"
  | "head"
  | "checkpoint"
  | "file"
  | "view";

export interface ChainProblem {
  readonly account: string;
  /** 0 where it is in no record: the file itself, or rows beside the chain. */
  readonly seq: number;
  readonly kind: ChainProblemKind;
  /** In words. */
  readonly detail: string;
}

export interface Verification {
  readonly account: string;
  readonly records: number;
  readonly head: Head;
  readonly problems: readonly ChainProblem[];
}

export interface Journal {
  /** Every account of which anything is there, records or not. */
  accounts(): Promise<string[]>;
  /** @throws JournalError `journal_corrupt` when the chain does not end where the journal notes its end. */
  head(account: string): Promise<Head>;
  /** Resolves when the records are durable. Appends that are made together share one sync. */
  append(request: AppendRequest): Promise<AppendResult>;
  /** Records after `afterSeq`, in order, at most `limit`. */
  read(account: string, afterSeq: number, limit: number): Promise<JournalRecord[]>;
  saveCheckpoint(account: string, checkpoint: Checkpoint, nowMs: number): Promise<void>;
  /** The newest checkpoint whose hash is the chain's. */
  loadCheckpoint(account: string): Promise<Checkpoint | undefined>;
  setTail(account: string, tail: Tail): Promise<void>;
  tail(account: string): Promise<Tail | undefined>;
  /** JSON text of the rows under a digest; undefined when they expired. */
  attachment(digest: string): Promise<string | undefined>;
  /** Drops rows that were last attached `beforeMs`; the chain is not touched. */
  expireAttachments(beforeMs: number): Promise<number>;
  /** Rows of a view, in the order of its key. */
  view(name: ViewName, account: string): Promise<ViewRow[]>;
  /** Walks the whole chain, and holds against it what else names its records; every problem names its record. */
  verify(account: string): Promise<Verification>;
  close(): Promise<void>;
}

/** Trouble with a journal. `code` is stable: docs/errors.md says what to do about each. */
export class JournalError extends Error {
  readonly code:
    | "journal_newer"
    | "journal_older"
    | "journal_corrupt"
    | "journal_write"
    | "journal_read"
    | "journal_open"
    | "journal_busy";
  /** The open journal takes nothing any more: no waiting and no trying again ends it. */
  readonly isFinal: boolean;

  constructor(
    code: JournalError["code"],
    message: string,
    options?: ErrorOptions & { readonly isFinal?: boolean },
  ) {
    super(message, options);
    this.name = "JournalError";
    this.code = code;
    this.isFinal = options?.isFinal ?? false;
  }
}
