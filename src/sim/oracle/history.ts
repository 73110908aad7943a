// What a whole history must be like, whatever the book makes of it: every id is given once, what ends has begun, and
// nothing happens to what has ended.
import type { JournalRecord } from "../../core/index.ts";

export class History {
  private readonly adjustments = new Map<string, number>();
  private readonly repairs = new Map<string, number>();
  private readonly passes = new Map<string, number>();
  private readonly open = new Map<string, number>();
  private readonly closed = new Map<string, number>();
  private readonly writes = new Map<string, number>();
  private readonly plans = new Map<string, number>();

  /** What is wrong with this record, after those before it; empty when nothing is. */
  apply(record: JournalRecord): string[] {
    const { seq } = record;
    switch (record.kind) {
      case "adjustment_inferred":
        return once(this.adjustments, record.payload.adjustmentId, seq, "adjustment");
      case "adjustment_replaced":
        return begun(this.adjustments, record.payload.adjustmentId, seq, "adjustment");
      case "repair_applied":
        return once(this.repairs, record.payload.repairId, seq, "repair");
      case "repair_undone":
        return begun(this.repairs, record.payload.repairId, seq, "repair");
      case "pass_finished":
        return once(this.passes, record.payload.passId, seq, "pass");
      case "mirror_write_intended":
        return once(this.writes, record.payload.writeId, seq, "write");
      case "mirror_written":
        return record.payload.writeId === undefined
          ? []
          : begun(this.writes, record.payload.writeId, seq, "write");
      case "flatten_started":
      case "plan_applied":
        return once(this.plans, record.payload.planId, seq, "plan");
      case "discrepancy_opened":
        return this.opens(record.payload.id, seq);
      case "discrepancy_changed":
        return this.goesOn(record.payload.id, seq);
      case "discrepancy_closed":
        return this.closes(record.payload.id, seq);
      default:
        return [];
    }
  }

  private opens(id: string, seq: number): string[] {
    const [open, closed] = [this.open.get(id), this.closed.get(id)];
    this.open.set(id, seq);
    if (open !== undefined)
      return [`record ${seq} opens discrepancy ${id}, which record ${open} opened already`];
    if (closed === undefined) return [];
    return [
      `record ${seq} opens discrepancy ${id} again, which record ${closed} closed; what returns has an id of its own`,
    ];
  }

  private goesOn(id: string, seq: number): string[] {
    return this.open.has(id) ? [] : [`record ${seq} changes discrepancy ${id}, which is not open`];
  }

  private closes(id: string, seq: number): string[] {
    const isOpen = this.open.delete(id);
    this.closed.set(id, seq);
    return isOpen ? [] : [`record ${seq} closes discrepancy ${id}, which is not open`];
  }
}

function once(known: Map<string, number>, id: string, seq: number, what: string): string[] {
  const before = known.get(id);
  if (before === undefined) known.set(id, seq);
  return before === undefined
    ? []
    : [`record ${seq} gives ${what} ${id} the id of record ${before}; each has its own`];
}

function begun(known: ReadonlyMap<string, number>, id: string, seq: number, what: string): string[] {
  return known.has(id) ? [] : [`record ${seq} is about ${what} ${id}, of which no record before it tells`];
}
