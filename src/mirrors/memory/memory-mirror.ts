// A mirror in memory: for scenarios and tests, where it stands for any bot's store.
import {
  type MirrorChange,
  type MirrorRow,
  type MirrorScope,
  type PositionKey,
  positionKey,
} from "../../core/index.ts";
import type { Mirror, MirrorRead, MirrorWrite, Restoration, RowPlace } from "../mirror.ts";

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

  /** What the store holds, whatever a reading of it would tell. */
  get held(): readonly MirrorRow[] {
    return this.rows;
  }

  async read(): Promise<MirrorRead> {
    const { rows } = this;
    let images: ReturnType<typeof imagesOf> | undefined;
    const imageOf = (place: RowPlace) => {
      images ??= imagesOf(rows);
      return imageIn(images, place);
    };
    return { quality: "complete", rows, version: String(this.version), imageOf };
  }

  async restore({ place, before, after }: Restoration, version: string): Promise<MirrorWrite> {
    if (version !== String(this.version)) return { kind: "conflict", detail: "the bot wrote in between" };
    const isAsLeft = wordsOf(imageIn(imagesOf(this.rows), place)) === wordsOf(after);
    if (!isAsLeft) return { kind: "failed", detail: "the row is not as it was left; nothing was changed" };
    const rows = this.rows.filter((row) => row.problem || keyOf(row) !== keyOf(place));
    for (const { index, row } of imageRows(before)) rows.splice(index, 0, row);
    this.set(rows);
    return { kind: "written", backup: null };
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

interface ImageRow {
  readonly index: number;
  readonly row: MirrorRow;
}

function imagesOf(rows: readonly MirrorRow[]): ReadonlyMap<PositionKey, readonly ImageRow[]> {
  const all = rows.map((row, index): ImageRow => ({ index, row }));
  return Map.groupBy(
    all.filter(({ row }) => !row.problem),
    ({ row }) => keyOf(row),
  );
}

function imageIn(images: ReturnType<typeof imagesOf>, place: RowPlace): string | null {
  const own = images.get(keyOf(place));
  return own ? JSON.stringify(own) : null;
}

function imageRows(image: string | null): readonly ImageRow[] {
  return image === null ? [] : (JSON.parse(image) as ImageRow[]);
}

/** What an image says of the rows, wherever they stand. */
function wordsOf(image: string | null): string {
  return JSON.stringify(imageRows(image).map(({ row }) => row));
}

function keyOf({ instrument, leg }: Pick<MirrorRow, "instrument" | "leg">): PositionKey {
  return positionKey(instrument, leg);
}
