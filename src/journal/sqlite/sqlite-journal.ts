// The journal in one SQLite file: the embedded default. WAL with synchronous=FULL, so that what append() has
// answered survives a loss of power; appends made in the same turn of the event loop share one transaction and
// one sync. Any SQLite client can read the views while this runs.
import { DatabaseSync } from "node:sqlite";
import type { JournalRecord, ViewName, ViewRow } from "../../core/index.ts";
import type { Timers } from "../../runtime/index.ts";
import { ChainWalk, digestOf, type StoredRecord } from "../chain.ts";
import {
  type AppendRequest,
  type AppendResult,
  type Checkpoint,
  GENESIS_HASH,
  type Head,
  type Journal,
  JournalError,
  type Tail,
  type Verification,
} from "../journal.ts";
import { placeRecords, readRecords } from "../record-codec.ts";
import { RefusedWriters } from "../refused-writers.ts";
import { logDamage } from "./log-damage.ts";
import { MIGRATIONS } from "./schema.ts";
import { type Doing, journalTrouble } from "./trouble.ts";
import { ViewWriter } from "./view-writer.ts";

const BUSY_TIMEOUT_MS = 5_000;
/** Checkpoints that are kept; the older ones are only for the case that the newest is damaged. */
const CHECKPOINTS_KEPT = 2;

export interface SqliteOptions {
  readonly file: string;
  /** Groups appends: those of one turn of the event loop are committed together. */
  readonly timers: Pick<Timers, "soon">;
  readonly readOnly?: boolean;
  /** How long a statement waits for another process that holds the file; default 5 s. In ms. */
  readonly busyTimeoutMs?: number;
  /** Ends a transaction: COMMIT unless given. Tests stand here, and let the disk fail. */
  readonly commit?: (db: DatabaseSync) => void;
}

interface Waiting {
  readonly request: AppendRequest;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/** @throws JournalError when the file cannot be opened, is held, is damaged, or was written by a newer trueup. */
export function openSqliteJournal(options: SqliteOptions): Journal {
  const { file, readOnly = false, busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
  return attempt(file, "open", () => {
    // Before SQLite sees it: the first who opens it has dropped what stands behind the damage.
    refuseDamagedLog(file);
    const db = new DatabaseSync(file, { readOnly, timeout: busyTimeoutMs });
    try {
      prepare(db, options);
      return new SqliteJournal(db, options);
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** @throws JournalError `journal_corrupt` when opening the file would lose transactions that were acknowledged. */
function refuseDamagedLog(file: string): void {
  const found = logDamage(file);
  if (found === undefined) return;
  throw new JournalError(
    "journal_corrupt",
    `The log of the journal ${file} (${file}-wal) cannot be taken whole: ${found}. Nothing was opened or changed. Keep both files and restore a backup; or go on with what stands before the damage: let another SQLite client open the file once, and trueup reads what is missing from the venue.`,
  );
}

/** @throws JournalError where SQLite reports trouble. */
function attempt<T>(file: string, doing: Doing, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw journalTrouble(file, doing, error);
  }
}

function prepare(db: DatabaseSync, { file, readOnly = false }: SqliteOptions): void {
  if (!readOnly) db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  const version = Number(db.prepare("PRAGMA user_version").get()?.user_version ?? 0);
  if (version > MIGRATIONS.length) {
    throw new JournalError(
      "journal_newer",
      `The journal ${file} has layout ${version}; this trueup knows up to ${MIGRATIONS.length}. Use the trueup that wrote it, or a newer one; nothing was changed.`,
    );
  }
  if (version === MIGRATIONS.length) return;
  if (readOnly && version > 0) {
    throw new JournalError(
      "journal_older",
      `The journal ${file} has layout ${version}, of an older trueup; this one reads ${MIGRATIONS.length}. Any command that writes brings it up to date, "trueup run" first of all; nothing was changed.`,
    );
  }
  if (readOnly) {
    throw new JournalError(
      "journal_open",
      `The journal ${file} has no tables yet. Start trueup once with "trueup run".`,
    );
  }
  db.exec("BEGIN IMMEDIATE");
  for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
  db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  db.exec("COMMIT");
}

class SqliteJournal implements Journal {
  private readonly db: DatabaseSync;
  private readonly options: SqliteOptions;
  private readonly views: ViewWriter;
  private readonly statements: ReturnType<typeof statementsOf>;
  private readonly end: (db: DatabaseSync) => void;
  private readonly refused = new RefusedWriters();
  private waiting: Waiting[] = [];
  /** A write that the disk failed: what of it is there nobody knows, so nothing is written by this handle any more. */
  private broken: unknown;

  constructor(db: DatabaseSync, options: SqliteOptions) {
    this.db = db;
    this.options = options;
    this.views = new ViewWriter(db);
    this.statements = statementsOf(db);
    this.end = options.commit ?? ((given) => given.exec("COMMIT"));
  }

  async accounts(): Promise<string[]> {
    return this.reading(() => this.statements.accounts.all().map((row) => String(row.account)));
  }

  async head(account: string): Promise<Head> {
    const row = this.reading(() => this.statements.ends.get(account, account));
    const [noted, last] = [headIn(row?.noted_seq, row?.noted_hash), headIn(row?.last_seq, row?.last_hash)];
    if (noted.seq !== last.seq || noted.hash !== last.hash) {
      throw new JournalError(
        "journal_corrupt",
        `The journal of account ${account}: its chain ends at record ${last.seq}, but it notes record ${noted.seq} as the last${noted.seq === last.seq ? ", with another hash" : ""}. "trueup journal verify" says more; restore a backup, or move the journal away to start a new one.`,
      );
    }
    return noted;
  }

  append(request: AppendRequest): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, resolve, reject });
      if (this.waiting.length === 1) this.options.timers.soon(() => this.commit());
    });
  }

  /** One transaction for all that waits; a request that expects another sequence is left out, the others count. */
  private commit(): void {
    const group = this.waiting;
    this.waiting = [];
    if (group.length === 0) return;
    let results: AppendResult[];
    try {
      results = this.writing(() => group.map(({ request }) => this.write(request)));
    } catch (error) {
      for (const { request, reject } of group) {
        this.refused.add(request.writer);
        reject(error);
      }
      return;
    }
    for (const [index, { resolve }] of group.entries()) {
      const result = results[index];
      if (result) resolve(result);
    }
  }

  private write(request: AppendRequest): AppendResult {
    const { account, expectedSeq, writer, entries, views, attachments = [] } = request;
    const head = this.headOf(account);
    if (head.seq !== expectedSeq || this.refused.has(writer)) {
      this.refused.add(writer);
      return { kind: "conflict", head };
    }
    let next = head;
    for (const record of placeRecords(account, head, entries)) {
      const { seq, tsMs, kind, v, causeId, payload, prevHash, hash } = record;
      this.statements.insert.run(account, seq, tsMs, kind, v, causeId, payload, prevHash, hash);
      next = { seq, hash };
    }
    this.statements.setHead.run(account, next.seq, next.hash);
    const usedMs = entries.at(-1)?.tsMs ?? 0;
    for (const { digest, section, rows } of attachments) {
      this.statements.attach.run(digest, section, rows, usedMs);
    }
    this.views.write(account, views);
    return { kind: "appended", head: next };
  }

  async read(account: string, afterSeq: number, limit: number): Promise<JournalRecord[]> {
    const { read, hashAt } = this.statements;
    const [rows, before] = this.reading(() => [
      read.all(account, afterSeq, limit),
      afterSeq === 0 ? { hash: GENESIS_HASH } : hashAt.get(account, afterSeq),
    ]);
    const hash = before === undefined ? undefined : String(before.hash);
    return readRecords(rows.map(storedOf), { seq: afterSeq, hash });
  }

  async saveCheckpoint(account: string, { seq, hash, state }: Checkpoint, nowMs: number): Promise<void> {
    this.writing(() => {
      this.statements.saveCheckpoint.run(account, seq, hash, state, nowMs);
      this.statements.dropCheckpoints.run(account, account, CHECKPOINTS_KEPT);
    });
  }

  async loadCheckpoint(account: string): Promise<Checkpoint | undefined> {
    const row = this.reading(() => this.statements.loadCheckpoint.get(account));
    return row && { seq: Number(row.seq), hash: String(row.hash), state: String(row.state) };
  }

  async setTail(account: string, { state }: Tail): Promise<void> {
    this.writing(() => this.statements.setTail.run(account, `${digestOf(state)} ${state}`));
  }

  async tail(account: string): Promise<Tail | undefined> {
    const row = this.reading(() => this.statements.tail.get(account));
    return row && openTail(String(row.state));
  }

  async attachment(digest: string): Promise<string | undefined> {
    const row = this.reading(() => this.statements.attachment.get(digest));
    return row && String(row.rows);
  }

  async expireAttachments(beforeMs: number): Promise<number> {
    return this.writing(() => Number(this.statements.expire.run(beforeMs).changes));
  }

  async view(name: ViewName, account: string): Promise<ViewRow[]> {
    return this.reading(() => this.views.read(name, account));
  }

  async verify(account: string): Promise<Verification> {
    const walk = new ChainWalk(account);
    this.reading(() => {
      // One transaction: what another process appends meanwhile is in all of it or in none.
      this.db.exec("BEGIN");
      try {
        this.walk(walk, account);
      } finally {
        this.db.exec("COMMIT");
      }
    });
    return { account, records: walk.records, head: walk.head, problems: walk.problems };
  }

  private walk(walk: ChainWalk, account: string): void {
    const { readAll, head, checkpoints, hashAt, named, attachments } = this.statements;
    for (const row of readAll.iterate(account)) walk.next(storedOf(row));
    walk.end(head.get(account) && this.headOf(account));
    for (const row of checkpoints.all(account)) {
      const seq = Number(row.seq);
      const hash = hashAt.get(account, seq)?.hash;
      walk.checkpoint({ seq, hash: String(row.hash) }, hash === undefined ? undefined : String(hash));
    }
    for (const row of named.all(account, account)) walk.named(Number(row.seq), `the table ${row.view}`);
    const kept = this.statements.tail.get(account);
    if (kept && !openTail(String(kept.state))) walk.file("the tail is not what was written; it is not used");
    const inLog = logDamage(this.options.file);
    if (inLog !== undefined) walk.file(`the log: ${inLog}`);
    for (const row of attachments.iterate()) {
      const digest = String(row.digest);
      if (digestOf(String(row.rows)) !== digest)
        walk.file(`the rows of a read under ${digest} are not what was written`);
    }
    for (const row of this.db.prepare("PRAGMA integrity_check").all()) {
      if (row.integrity_check !== "ok") walk.file(String(row.integrity_check));
    }
  }

  async close(): Promise<void> {
    this.commit();
    this.db.close();
  }

  private reading<T>(work: () => T): T {
    return attempt(this.options.file, "read", work);
  }

  /** One transaction: all of it durable, or none of it counts. */
  private writing<T>(work: () => T): T {
    if (this.broken !== undefined) throw this.broken;
    const { file } = this.options;
    try {
      return attempt(file, "write", () => this.transaction(work));
    } catch (error) {
      if (error instanceof JournalError && error.isFinal) this.broken = error;
      throw error;
    }
  }

  private transaction<T>(work: () => T): T {
    const { db } = this;
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.end(db);
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }

  private headOf(account: string): Head {
    const row = this.statements.head.get(account);
    return headIn(row?.seq, row?.hash);
  }
}

/** Undefined where it is not what was written. One of an older trueup begins with its JSON, and has no digest. */
function openTail(text: string): Tail | undefined {
  if (text.startsWith("{")) return { state: text };
  const space = text.indexOf(" ");
  const state = text.slice(space + 1);
  return text.slice(0, space) === digestOf(state) ? { state } : undefined;
}

function headIn(seq: unknown, hash: unknown): Head {
  if (seq === undefined || seq === null) return { seq: 0, hash: GENESIS_HASH };
  return { seq: Number(seq), hash: String(hash) };
}

function storedOf(row: Record<string, unknown>): StoredRecord {
  return {
    account: String(row.account),
    seq: Number(row.seq),
    tsMs: Number(row.ts_ms),
    kind: String(row.kind),
    v: Number(row.v),
    causeId: String(row.cause_id),
    payload: String(row.payload),
    prevHash: String(row.prev_hash),
    hash: String(row.hash),
  };
}

function statementsOf(db: DatabaseSync) {
  return {
    accounts: db.prepare(
      "SELECT account FROM heads UNION SELECT account FROM records UNION SELECT account FROM checkpoints UNION SELECT account FROM tails ORDER BY account",
    ),
    head: db.prepare("SELECT seq, hash FROM heads WHERE account = ?"),
    // One statement: both ends are of one moment, whoever writes meanwhile.
    ends: db.prepare(
      "SELECT h.seq AS noted_seq, h.hash AS noted_hash, r.seq AS last_seq, r.hash AS last_hash FROM (SELECT 1) LEFT JOIN heads h ON h.account = ? LEFT JOIN (SELECT seq, hash FROM records WHERE account = ? ORDER BY seq DESC LIMIT 1) r",
    ),
    setHead: db.prepare("INSERT OR REPLACE INTO heads (account, seq, hash) VALUES (?, ?, ?)"),
    insert: db.prepare(
      "INSERT INTO records (account, seq, ts_ms, kind, v, cause_id, payload, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    read: db.prepare("SELECT * FROM records WHERE account = ? AND seq > ? ORDER BY seq LIMIT ?"),
    readAll: db.prepare("SELECT * FROM records WHERE account = ? ORDER BY seq"),
    saveCheckpoint: db.prepare(
      "INSERT OR REPLACE INTO checkpoints (account, seq, hash, state, created_ms) VALUES (?, ?, ?, ?, ?)",
    ),
    dropCheckpoints: db.prepare(
      "DELETE FROM checkpoints WHERE account = ? AND seq NOT IN (SELECT seq FROM checkpoints WHERE account = ? ORDER BY seq DESC LIMIT ?)",
    ),
    loadCheckpoint: db.prepare(
      "SELECT c.seq, c.hash, c.state FROM checkpoints c JOIN records r ON r.account = c.account AND r.seq = c.seq AND r.hash = c.hash WHERE c.account = ? ORDER BY c.seq DESC LIMIT 1",
    ),
    checkpoints: db.prepare("SELECT seq, hash FROM checkpoints WHERE account = ? ORDER BY seq"),
    hashAt: db.prepare("SELECT hash FROM records WHERE account = ? AND seq = ?"),
    named: db.prepare(
      "SELECT 'fills' AS view, max(seq) AS seq FROM fills WHERE account = ? UNION ALL SELECT 'passes', max(seq) FROM passes WHERE account = ?",
    ),
    setTail: db.prepare("INSERT OR REPLACE INTO tails (account, state) VALUES (?, ?)"),
    tail: db.prepare("SELECT state FROM tails WHERE account = ?"),
    attach: db.prepare(
      "INSERT INTO observed_rows (digest, section, rows, used_ms) VALUES (?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET used_ms = excluded.used_ms",
    ),
    attachment: db.prepare("SELECT rows FROM observed_rows WHERE digest = ?"),
    attachments: db.prepare("SELECT digest, rows FROM observed_rows"),
    expire: db.prepare("DELETE FROM observed_rows WHERE used_ms < ?"),
  };
}
