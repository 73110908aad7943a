// A mirror in memory: for scenarios and tests, where it stands for any bot's store.
import {
  type MirrorChange,
  type MirrorRow,
  type MirrorScope,
  type PositionKey,
  positionKey,
} from "../../core/index.ts";
import type { Mirror, MirrorRead, MirrorWrite } from "../mirror.ts";

export interface MemoryMirrorOptions {
  readonly name: string;
  readonly rows: readonly MirrorRow[];
  readonly scope?: MirrorScope;
  readonly mayAdd?: boolean;
  readonly demandsVenueReference?: boolean;
}

export class MemoryMirror implements Mirror {
  readonly name: string;
  readonly scope: MirrorScope;
  readonly mayAdd: boolean;
  readonly demandsVenueReference: boolean;
  readonly isPresenceOnly: boolean;
  readonly place = "memory";
  private rows: readonly MirrorRow[];
  private version = 0;

  constructor({ name, rows, scope, mayAdd = true, demandsVenueReference = false }: MemoryMirrorOptions) {
    this.name = name;
    this.rows = rows;
    this.scope = scope ?? { type: "account" };
    this.mayAdd = mayAdd;
    this.demandsVenueReference = demandsVenueReference;
    this.isPresenceOnly = rows.length > 0 && rows.every((row) => row.qty === null);
  }

  /** As the bot itself would write it. */
  set(rows: readonly MirrorRow[]): void {
    this.rows = rows;
    this.version += 1;
  }

  async read(): Promise<MirrorRead> {
    return { quality: "complete", rows: this.rows, version: String(this.version) };
  }

  async write(changes: readonly MirrorChange[], version: string): Promise<MirrorWrite> {
    if (version !== String(this.version)) return { kind: "conflict", detail: "the bot wrote in between" };
    const readable = Map.groupBy(
      this.rows.filter((row) => !row.problem),
      keyOf,
    );
    const impossible = changes.find((change) => !this.isPossible(change, readable.get(keyOf(change)) ?? []));
    if (impossible) {
      const { action, leg, instrument } = impossible;
      return { kind: "failed", detail: `${leg}:${instrument} cannot be ${action} here; nothing was changed` };
    }
    const byPosition = new Map(changes.map((change) => [keyOf(change), change]));
    // Rows of one position that can be read are identical, or the core would not change them: all are changed (R9).
    const kept = this.rows.flatMap((row) => {
      const change = row.problem ? undefined : byPosition.get(keyOf(row));
      if (!change) return [row];
      return change.action === "removed" ? [] : [{ ...row, qty: change.qty, ...priceOf(change) }];
    });
    const added = changes.flatMap((change) => (change.action === "added" ? [this.addedRow(change)] : []));
    this.set([...kept, ...added]);
    return { kind: "written", backup: null };
  }

  private isPossible(change: MirrorChange, rows: readonly MirrorRow[]): boolean {
    if (change.action !== "added") return rows.some(({ rowId }) => rowId === change.rowId);
    return rows.length === 0 && this.mayAdd && (!this.demandsVenueReference || change.venueOrderId !== null);
  }

  private addedRow(change: MirrorChange): MirrorRow {
    const { instrument, leg, metadata } = change;
    const qty = this.isPresenceOnly ? null : change.qty;
    return { rowId: `${leg}:${instrument}`, instrument, leg, qty, ...priceOf(change), metadata };
  }
}

function priceOf({ entryPrice }: MirrorChange): Pick<MirrorRow, "entryPrice"> {
  return entryPrice === null ? {} : { entryPrice };
}

function keyOf({ instrument, leg }: MirrorChange | MirrorRow): PositionKey {
  return positionKey(instrument, leg);
}
