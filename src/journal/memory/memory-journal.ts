// The journal in memory: for scenarios, the simulation and tests. The same contract and the same conformance
// suite as the durable ones; nothing survives the process.
import type { JournalRecord, ViewChanges, ViewName, ViewRow } from "../../core/index.ts";
import { VIEWS } from "../../core/index.ts";
import { ChainWalk, type StoredRecord } from "../chain.ts";
import type {
  AppendRequest,
  AppendResult,
  Checkpoint,
  Head,
  Journal,
  Tail,
  Verification,
} from "../journal.ts";
import { GENESIS_HASH } from "../journal.ts";
import { placeRecords, readRecords } from "../record-codec.ts";
import { RefusedWriters } from "../refused-writers.ts";

export class MemoryJournal implements Journal {
  private readonly records = new Map<string, StoredRecord[]>();
  private readonly checkpoints = new Map<string, Checkpoint[]>();
  private readonly tails = new Map<string, Tail>();
  private readonly attachments = new Map<string, { rows: string; usedMs: number }>();
  private readonly views = new Map<ViewName, Map<string, ViewRow>>();
  private readonly refused = new RefusedWriters();

  async accounts(): Promise<string[]> {
    return [...new Set([...this.records.keys(), ...this.checkpoints.keys(), ...this.tails.keys()])].sort();
  }

  async head(account: string): Promise<Head> {
    return this.headOf(account);
  }

  async append(request: AppendRequest): Promise<AppendResult> {
    const { account, expectedSeq, writer, entries } = request;
    const head = this.headOf(account);
    if (head.seq !== expectedSeq || this.refused.has(writer)) {
      this.refused.add(writer);
      return { kind: "conflict", head };
    }
    const placed = placeRecords(account, head, entries);
    const records = this.records.get(account) ?? [];
    for (const record of placed) records.push(record);
    this.records.set(account, records);
    const usedMs = entries.at(-1)?.tsMs ?? 0;
    for (const { digest, rows } of request.attachments ?? []) this.attachments.set(digest, { rows, usedMs });
    this.write(account, request.views);
    return { kind: "appended", head: this.headOf(account) };
  }

  async read(account: string, afterSeq: number, limit: number): Promise<JournalRecord[]> {
    const all = this.records.get(account) ?? [];
    const hash = afterSeq === 0 ? GENESIS_HASH : all[afterSeq - 1]?.hash;
    return readRecords(all.slice(afterSeq, afterSeq + limit), { seq: afterSeq, hash });
  }

  async saveCheckpoint(account: string, checkpoint: Checkpoint): Promise<void> {
    this.checkpoints.set(account, [...(this.checkpoints.get(account) ?? []), checkpoint]);
  }

  async loadCheckpoint(account: string): Promise<Checkpoint | undefined> {
    const all = this.records.get(account) ?? [];
    return this.checkpoints.get(account)?.findLast(({ seq, hash }) => all[seq - 1]?.hash === hash);
  }

  async setTail(account: string, tail: Tail): Promise<void> {
    this.tails.set(account, tail);
  }

  async tail(account: string): Promise<Tail | undefined> {
    return this.tails.get(account);
  }

  async attachment(digest: string): Promise<string | undefined> {
    return this.attachments.get(digest)?.rows;
  }

  async expireAttachments(beforeMs: number): Promise<number> {
    const old = [...this.attachments].filter(([, { usedMs }]) => usedMs < beforeMs);
    for (const [digest] of old) this.attachments.delete(digest);
    return old.length;
  }

  async view(name: ViewName, account: string): Promise<ViewRow[]> {
    const rows = [...(this.views.get(name)?.entries() ?? [])].filter(([, row]) => row.account === account);
    return rows.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { account: _, ...row }]) => row);
  }

  async verify(account: string): Promise<Verification> {
    const walk = new ChainWalk(account);
    const records = this.records.get(account) ?? [];
    for (const record of records) walk.next(record);
    for (const one of this.checkpoints.get(account) ?? []) {
      walk.checkpoint(one, records.find(({ seq }) => seq === one.seq)?.hash);
    }
    return { account, records: walk.records, head: walk.head, problems: walk.problems };
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  private headOf(account: string): Head {
    const last = this.records.get(account)?.at(-1);
    return last ? { seq: last.seq, hash: last.hash } : { seq: 0, hash: GENESIS_HASH };
  }

  private write(account: string, changes: ViewChanges): void {
    for (const { view, where, from } of changes.deletions) {
      const table = this.table(view);
      for (const [key, row] of table) {
        const isEqual = Object.entries({ account, ...where }).every(([column, cell]) => row[column] === cell);
        if (isEqual && (!from || Number(row[from.column]) >= from.value)) table.delete(key);
      }
    }
    for (const { view, row } of changes.rows) {
      const key = [account, ...VIEWS[view].key.map((column) => row[column] ?? null)];
      this.table(view).set(sortable(key), { account, ...row });
    }
  }

  private table(view: ViewName): Map<string, ViewRow> {
    const known = this.views.get(view) ?? new Map<string, ViewRow>();
    this.views.set(view, known);
    return known;
  }
}

/** A key as text that sorts as SQL sorts the cells: numbers by size. */
function sortable(key: readonly (string | number | null)[]): string {
  return key
    .map((cell) => (typeof cell === "number" ? String(cell).padStart(16, "0") : String(cell)))
    .join("\u0000");
}
