// What each position must be by the records alone: openings, fills, adjustments and ledger entries, summed with integers
// of our own. Sums need no order, so nothing of the book's lives, lots and costs is repeated here.
import type { FillKey, JournalRecord, JournalRecordOf, PositionKey } from "../../core/index.ts";
import { exact } from "./exact.ts";

interface BookedFill {
  readonly key: string;
  readonly delta: bigint;
  isReversed: boolean;
}

interface Estimate {
  readonly key: string;
  left: bigint;
}

export class Quantities {
  /** Signed, by position key; a key that nothing ever moved is not in it. */
  readonly positions = new Map<string, bigint>();
  /** Asset that is bought, by instrument: a fee paid in it reduces the position. */
  private readonly bases = new Map<string, string | null>();
  private readonly fills = new Map<string, BookedFill>();
  private readonly estimates = new Map<string, Estimate>();
  /** Ids of those that were taken away altogether: such an id moves nothing again. */
  private readonly entries = new Set<string>();

  qty(key: PositionKey): bigint {
    return this.positions.get(key) ?? 0n;
  }

  /** The key that the record moved; undefined where it moved none. */
  apply(record: JournalRecord): PositionKey | undefined {
    switch (record.kind) {
      case "instrument_observed":
        this.bases.set(record.payload.instrument.symbol, record.payload.instrument.base);
        return undefined;
      case "fill_recorded":
        return this.fill(record);
      case "fill_reversed":
        return this.reverse(record.payload.fillKey);
      case "ledger_entry_recorded":
        return this.entry(record);
      case "adjustment_inferred":
        return this.adjust(record);
      case "adjustment_replaced":
        return this.replace(record);
      default:
        return undefined;
    }
  }

  private fill({ payload }: JournalRecordOf<"fill_recorded">): PositionKey | undefined {
    const { fillKey, instrument, leg, side, fee, feeCurrency, merges } = payload;
    if (this.fills.has(fillKey)) return undefined;
    const traded = side === "buy" ? exact(payload.qty) : -exact(payload.qty);
    const base = this.bases.get(instrument) ?? null;
    const isInKind = base !== null && fee !== undefined && feeCurrency === base;
    const delta = isInKind ? traded - exact(fee) : traded;
    const key = `${leg}:${instrument}`;
    const merged = merges === undefined ? undefined : this.fills.get(merges);
    if (merges !== undefined) this.fills.delete(merges);
    // The canonical row of a fill that was taken back is that fill.
    const isReversed = merged?.isReversed === true;
    this.fills.set(fillKey, { key, delta, isReversed });
    if (isReversed) return key as PositionKey;
    return this.move(key, delta - (merged?.delta ?? 0n));
  }

  private reverse(fillKey: FillKey): PositionKey | undefined {
    const fill = this.fills.get(fillKey);
    if (!fill || fill.isReversed) return undefined;
    fill.isReversed = true;
    return this.move(fill.key, -fill.delta);
  }

  private entry({ payload }: JournalRecordOf<"ledger_entry_recorded">): PositionKey | undefined {
    const { id, instrument, leg = "net", qtyDelta, isAwaited } = payload;
    if (isAwaited || this.entries.has(id)) return undefined;
    this.entries.add(id);
    if (instrument === undefined || qtyDelta === undefined) return undefined;
    return this.move(`${leg}:${instrument}`, exact(qtyDelta));
  }

  private adjust({ payload }: JournalRecordOf<"adjustment_inferred">): PositionKey | undefined {
    if (payload.subject === "balance" || this.estimates.has(payload.adjustmentId)) return undefined;
    const key = `${payload.leg}:${payload.instrument}`;
    const left = exact(payload.qtyDelta);
    this.estimates.set(payload.adjustmentId, { key, left });
    return this.move(key, left);
  }

  private replace({ payload }: JournalRecordOf<"adjustment_replaced">): PositionKey | undefined {
    const estimate = this.estimates.get(payload.adjustmentId);
    if (!estimate) return undefined;
    const left = exact(payload.qtyDelta);
    const moved = this.move(estimate.key, left - estimate.left);
    estimate.left = left;
    if (left === 0n) this.estimates.delete(payload.adjustmentId);
    return moved;
  }

  private move(key: string, delta: bigint): PositionKey {
    this.positions.set(key, (this.positions.get(key) ?? 0n) + delta);
    return key as PositionKey;
  }
}
