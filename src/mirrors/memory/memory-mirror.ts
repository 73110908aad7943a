// A mirror in memory: for scenarios and tests, where it stands for any bot's store.
import type { MirrorChange, MirrorRow, MirrorScope } from "../../core/index.ts";
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
    const byId = new Map(changes.map((change) => [change.rowId, change]));
    const kept = this.rows.flatMap((row) => {
      const change = byId.get(row.rowId);
      if (!change) return [row];
      return change.action === "removed" ? [] : [{ ...row, qty: change.qty, ...priceOf(change) }];
    });
    const added = changes.flatMap((change) => (change.action === "added" ? [this.addedRow(change)] : []));
    this.set([...kept, ...added]);
    return { kind: "written", backup: null };
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
