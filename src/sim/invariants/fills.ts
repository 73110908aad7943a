// I3: each execution of the account is in the book exactly once, as the venue executed it: at each record that none is
// made up or doubled, at the end that none is missing and that what was taken back is taken back.
import type { FillKey, FillRow, JournalRecord, Payloads, PositionKey } from "../../core/index.ts";
import type { PassReport } from "../../engine/index.ts";
import type { Course, EndedPass } from "./course.ts";
import { Executions } from "./executions.ts";
import type { Watch } from "./world.ts";

type Facts = Payloads["fill_recorded"];

export class Fills implements Watch {
  private readonly course: Course;
  private readonly executions: Executions;
  /** Fill key of each execution that the book holds, by the referee's identity of it. */
  private readonly booked = new Map<string, FillKey>();
  private readonly recorded = new Map<FillKey, number>();
  /** When the records came that say from where quantities are known, of the account and of single keys, monotonic ms. */
  private accountKnownMs = Number.POSITIVE_INFINITY;
  private readonly knownMs = new Map<PositionKey, number>();
  /** The earliest execution of each key since then that counted as new. */
  private readonly newMs = new Map<PositionKey, number>();
  /** Passes that read the history completely, and of which is known when they began, oldest first. */
  private readonly reads: EndedPass[] = [];

  constructor(course: Course) {
    this.course = course;
    this.executions = new Executions(course.world.referee);
  }

  onRecord({ kind, payload, seq }: JournalRecord): void {
    if (kind === "fill_recorded") this.fill(payload, seq);
    else if (kind === "fill_reversed") this.reversal(payload.fillKey, seq);
    else if (kind === "account_anchored") {
      const nowMs = this.course.world.monotonicMs();
      if (payload.keys === undefined) this.accountKnownMs = nowMs;
      for (const key of payload.keys ?? []) {
        this.knownMs.set(key, nowMs);
        this.newMs.delete(key);
      }
    }
  }

  onPass(report: PassReport): void {
    const isRead = report.sections.some(
      ({ section, quality }) => section === "fills" && quality === "complete",
    );
    const ended = this.course.ended(report);
    if (isRead && ended.beganMs > 0) this.reads.push(ended);
  }

  async judge(): Promise<void> {
    const { world, trail } = this.course;
    for (const row of world.referee.fills()) {
      world.check("I3");
      const execution = this.executions.find(row);
      const fillKey = execution && this.booked.get(execution.id);
      const isHeld = fillKey !== undefined && trail.fills.has(fillKey) && !trail.reversed.has(fillKey);
      if (isHeld || this.isInOpening(row) || this.isForgotten(row)) continue;
      const why =
        fillKey !== undefined && trail.reversed.has(fillKey)
          ? `is booked as ${fillKey} and taken back`
          : "is not booked";
      world.violate("I3", `the venue's fill ${textOf(row)} stands and ${why}; each is booked once`);
    }
    const told = world.reversalsTold?.() ?? new Set();
    for (const row of world.referee.reversed()) {
      // One that nobody told stays booked, and an estimate stands against it.
      if (row.tradeId === undefined || !told.has(row.tradeId)) continue;
      world.check("I3");
      const execution = this.executions.find(row);
      const fillKey = execution && this.booked.get(execution.id);
      if (fillKey === undefined || trail.reversed.has(fillKey)) continue;
      world.violate("I3", `the venue took back ${textOf(row)}, and the book still has it as ${fillKey}`);
    }
  }

  private fill(facts: Facts, seq: number): void {
    const { world, trail } = this.course;
    world.check("I3");
    const { fillKey, merges } = facts;
    const earlier = this.recorded.get(fillKey);
    if (earlier !== undefined) {
      world.violate(
        "I3",
        `record ${seq} books fill ${fillKey} again; record ${earlier} did, and once is allowed`,
      );
    }
    this.recorded.set(fillKey, seq);
    const execution = this.executions.find(facts);
    if (!execution) {
      world.violate(
        "I3",
        `record ${seq} books fill ${fillKey} (${textOf(facts)}), which the venue never had`,
      );
      return;
    }
    const { row, id } = execution;
    const other = (["side", "qty", "price", "fee", "feeCurrency"] as const).filter(
      (field) => facts[field] !== undefined && facts[field] !== row[field],
    );
    this.owned(facts, row, seq);
    this.contained(facts, row, seq);
    if (other.length > 0) {
      const text = other.map((field) => `${field} ${facts[field]}, at the venue ${row[field]}`).join("; ");
      world.violate("I3", `record ${seq} books fill ${fillKey} with ${text}`);
    }
    const before = this.booked.get(id);
    const isHeld = before !== undefined && before !== fillKey && before !== merges && trail.fills.has(before);
    if (isHeld) {
      world.violate(
        "I3",
        `record ${seq} books the venue's fill ${textOf(row)} as ${fillKey}; the book has it as ${before} already`,
      );
    }
    this.booked.set(id, fillKey);
  }

  /** Its leg is the venue's, its strategy that of the order's prefix. */
  private owned({ fillKey, leg, strategy, isContained }: Facts, row: FillRow, seq: number): void {
    const { world } = this.course;
    const isNet = world.positionMode === "net";
    if (!isNet && row.leg !== undefined && row.leg !== leg) {
      world.violate("I3", `record ${seq} books fill ${fillKey} on leg ${leg}, at the venue ${row.leg}`);
    }
    const { venueOrderId } = row;
    const order = venueOrderId === undefined ? undefined : world.referee.find({ venueOrderId });
    const wanted = ownerOf(row.clientOrderId ?? order?.clientOrderId, world.policy.strategies);
    if (wanted === undefined || wanted === strategy || isContained) return;
    world.violate("I3", `record ${seq} books fill ${fillKey} for ${strategy}; its order is of ${wanted}`);
  }

  /** What a quantity is said to have had already was executed before it was known, and before all that counted as new. */
  private contained(
    { isContained, merges, fillKey, instrument, leg }: Facts,
    { timestamp }: FillRow,
    seq: number,
  ) {
    const key = `${leg}:${instrument}` as PositionKey;
    const knownMs = this.knownMs.get(key) ?? this.accountKnownMs;
    if (merges !== undefined || timestamp <= knownMs) return;
    const { world, wasClockOff } = this.course;
    const newMs = this.newMs.get(key) ?? Number.POSITIVE_INFINITY;
    world.check("I3");
    if (!isContained) this.newMs.set(key, Math.min(newMs, timestamp));
    else if (!wasClockOff || timestamp > newMs) {
      world.violate(
        "I3",
        `record ${seq} takes fill ${fillKey} for part of what was held at ${knownMs} ms; it was executed at ${timestamp} ms`,
      );
    }
  }

  private reversal(fillKey: FillKey, seq: number): void {
    const { world, trail } = this.course;
    world.check("I3");
    const facts = trail.fills.get(fillKey);
    const execution = facts && this.executions.find(facts);
    if (execution?.isReversed) return;
    const what = execution
      ? "which stands at the venue"
      : "which is not in the book or was never at the venue";
    world.violate("I3", `record ${seq} takes back fill ${fillKey}, ${what}`);
  }

  /**
   * Whether the venue had forgotten it before anybody could know of it: then an estimate stands for it. A history that is read
   * as early as the venue declares that it may lack a fill tells only what it lists.
   */
  private isForgotten({ timestamp, tradeId = "" }: FillRow): boolean {
    const { world } = this.course;
    const { retentionMs, lateArrivalMs } = world.capabilities.fills;
    const listedMs = world.listedAtMs(tradeId);
    const read = this.reads.find(
      ({ beganMs, endedMs }) =>
        beganMs >= timestamp + (listedMs ? lateArrivalMs : 0) ||
        listedMs?.some((atMs) => beganMs <= atMs && atMs <= endedMs),
    );
    return retentionMs !== undefined && read !== undefined && read.beganMs - timestamp >= retentionMs;
  }

  /** Whether it is from before the quantity became known: then the opening has it. */
  private isInOpening({
    instrument,
    leg,
    timestamp,
  }: Pick<Facts, "instrument" | "timestamp"> & { leg?: string }) {
    const { trail, world } = this.course;
    const key = `${leg ?? "net"}:${instrument}` as PositionKey;
    const anchorMs = trail.anchoredAtMs.get(key) ?? trail.accountAnchorMs;
    return anchorMs !== null && timestamp <= anchorMs + world.capabilities.readAfterFillLagMs;
  }
}

/** Undefined where no prefix is one's own. */
function ownerOf(id: string | undefined, strategies: Readonly<Record<string, string>>): string | undefined {
  const found = Object.entries(strategies).filter(([, prefix]) => id?.startsWith(prefix));
  return found.sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
}

function textOf(row: Pick<Facts, "instrument" | "side" | "qty" | "timestamp"> & Partial<Facts>): string {
  const id = row.tradeId ?? row.joinKey ?? "without an id";
  return `${id}: ${row.side} ${row.qty} ${row.instrument} at ${row.price ?? "no price"}, ${row.timestamp} ms`;
}
