// Estimates (R3, R8): each stands for something that the venue did and the book was not told by then; none is made while its
// instrument moves; and none is left once everything is told. Two that take each other back would add up, and are
// wrong all the same.
import {
  type FillRow,
  type JournalRecord,
  orderStatus,
  type Payloads,
  type PositionKey,
} from "../../core/index.ts";
import { exact, magnitude, plain, signOf } from "../oracle/exact.ts";
import type { Course } from "./course.ts";
import { Executions } from "./executions.ts";
import type { Watch } from "./world.ts";

/** What a comparison of positions finds. */
const COMPARED: ReadonlySet<string> = new Set(["phantom_position", "missing_position", "position_mismatch"]);
/** How long a read may take. In ms. */
const READ_MS_MAX = 30_000;
/** Sums that are tried before one gives up to tell. */
const SUMS_MAX = 4_096;

type Named = { readonly instrument?: string };
type Estimate = Extract<Payloads["adjustment_inferred"], { readonly subject: "position" }>;

export class Estimates implements Watch {
  private readonly course: Course;
  private readonly executions: Executions;
  /** Executions that a record has booked. */
  private readonly booked = new Set<string>();
  /** Ledger entries whose quantity a record has booked. */
  private readonly entered = new Set<string>();
  private readonly known = new Map<string, Estimate>();
  /** What is left of those that stand for something, signed. */
  private readonly open = new Map<string, { left: bigint }>();
  /** What the latest records took off them, for which fact, and what there was before. */
  private taken: { readonly by: string; readonly qty: bigint; readonly of: Map<string, bigint> } | undefined;
  /** Keys that a person's word has moved. */
  private readonly byWord = new Set<string>();
  /** Keys of which an order's fill was inferred without its fee in kind. */
  private readonly inferred = new Set<string>();
  /** Keys of which a later read was taken to show what the first one had: that may have been something else. */
  private readonly openedLate = new Set<string>();
  /** An estimate to zero that may be the first half of a flip, with its record. */
  private half: { readonly facts: Estimate; readonly seq: number; readonly isByPlan: boolean } | undefined;

  constructor(course: Course) {
    this.course = course;
    this.executions = new Executions(course.world.referee);
  }

  onRecord(record: JournalRecord): void {
    this.book(record);
    const { kind, payload, seq } = record;
    const isSeen = kind === "discrepancy_opened" || kind === "discrepancy_changed";
    if (isSeen && payload.of === "book" && payload.subject.type === "position" && !payload.explanation) {
      if (COMPARED.has(payload.kind) && !this.course.trail.isByPlan) {
        this.mayLack(payload.subject.instrument, payload.lastSeenMs, `record ${seq} sees ${payload.id}`);
      }
    }
  }

  private book({ kind, payload, seq }: JournalRecord): void {
    const { half } = this;
    this.half = undefined;
    const isSecond =
      kind === "adjustment_inferred" &&
      payload.subject === "position" &&
      payload.venueSeq === 1 &&
      payload.instrument === half?.facts.instrument &&
      payload.leg === half.facts.leg;
    if (half && !isSecond) this.whole(half);
    if (kind === "adjustment_replaced") this.gives(payload);
    else if (kind === "fill_recorded") {
      this.takes(payload, seq);
      const execution = this.executions.find(payload);
      if (execution) this.booked.add(execution.id);
    } else if (kind === "ledger_entry_recorded") {
      if (payload.qtyDelta !== undefined && !payload.isAwaited) this.entered.add(payload.id);
    } else if (kind === "adjustment_inferred" && payload.subject === "position") {
      if (payload.basis === "opening") {
        const { anchoredAtMs, accountAnchorMs } = this.course.trail;
        const isLate = accountAnchorMs !== null || anchoredAtMs.has(keyOf(payload) as PositionKey);
        if (isLate) this.openedLate.add(keyOf(payload));
        return;
      }
      this.known.set(payload.adjustmentId, payload);
      this.open.set(payload.adjustmentId, { left: exact(payload.qtyDelta) });
      const { isByPlan } = this.course.trail;
      if (isByPlan) {
        // While the venue lies a person believes it. After that, what they say is what nobody was told of, too; and what a
        // row says in the same pass, which may be on the other side of zero.
        const isBelievable = this.course.world.isHealed();
        if (half && isSecond) this.standsForSomething(payload, seq, half.facts);
        else if (isBelievable && payload.qtyAfter === "0") {
          this.half = { facts: payload, seq, isByPlan };
          return;
        }
        this.byWord.add(keyOf(payload));
        return;
      }
      if (payload.basis === "order_fill" && this.hasFeeInKind(payload)) this.inferred.add(keyOf(payload));
      if (payload.basis === "estimate") this.rests(payload, seq);
      if (half && isSecond) this.standsForSomething(payload, seq, half.facts);
      else if (payload.qtyAfter === "0") this.half = { facts: payload, seq, isByPlan };
      else this.standsForSomething(payload, seq);
    }
  }

  afterEvent(): void {
    const { half } = this;
    this.half = undefined;
    if (half) this.whole(half);
  }

  async judge(): Promise<void> {
    const { world } = this.course;
    const open = [...(world.session()?.book.adjustments.values() ?? [])];
    for (const { facts, remaining } of open) {
      if (facts.basis === "opening" || remaining === "0" || this.isUnclear(facts)) continue;
      // What is later than the grace may leave an estimate and an opening beside each other (R8, its gap).
      const hasOpening = open.some(
        (one) => one.facts.basis === "opening" && keyOf(one.facts) === keyOf(facts),
      );
      if (hasOpening) continue;
      world.check("I5");
      if (this.untold(facts).length > 0) continue;
      world.violate(
        "I5",
        `${facts.adjustmentId} (${facts.basis} of ${keyOf(facts)}) still stands for ${remaining}; all that happened to it at the venue is booked`,
      );
    }
  }

  /** It was no half. */
  private whole({ facts, seq, isByPlan }: NonNullable<Estimates["half"]>): void {
    this.standsForSomething(facts, seq);
    if (isByPlan) this.byWord.add(keyOf(facts));
  }

  private gives({ adjustmentId, by, qtyDelta }: Payloads["adjustment_replaced"]): void {
    const one = this.open.get(adjustmentId);
    if (!one) return;
    const left = exact(qtyDelta);
    const taken = this.taken?.by === by ? this.taken.qty : 0n;
    const isOf = this.taken?.by === by ? this.taken.of : new Map<string, bigint>();
    isOf.set(adjustmentId, isOf.get(adjustmentId) ?? one.left);
    this.taken = { by, qty: taken + magnitude(one.left - left), of: isOf };
    one.left = left;
    if (left === 0n) this.open.delete(adjustmentId);
  }

  /** R8: a late fill takes the place of what stands for it, all of it and no more, in the write that books it. */
  private takes(fill: Payloads["fill_recorded"], seq: number): void {
    const { taken } = this;
    this.taken = undefined;
    if (fill.isContained || fill.merges !== undefined || this.course.wasClockOff) return;
    const { world } = this.course;
    const delta = this.deltaOf(fill);
    const lagMs = world.capabilities.readAfterFillLagMs;
    const of = taken?.by === fill.fillKey ? taken.of : new Map<string, bigint>();
    const found = taken?.by === fill.fillKey ? taken.qty : 0n;
    let before = 0n;
    let isOfOrder = false;
    for (const [id, facts] of this.known) {
      const left = of.get(id) ?? this.open.get(id)?.left ?? 0n;
      if (keyOf(facts) !== keyOf(fill) || signOf(left) !== signOf(delta)) continue;
      isOfOrder ||= facts.basis === "order_fill" && facts.orderKey === fill.orderKey;
      const isCertain = fill.timestamp <= (facts.readByMs ?? facts.asOfMs) - lagMs;
      if (facts.basis === "estimate" && isCertain) before += magnitude(left);
    }
    const most = before < magnitude(delta) ? before : magnitude(delta);
    // What stood for its own order's fill goes first, whatever the times. That knew of no fee in kind: where a rebate in
    // kind makes the fill more than what was traded, an estimate of the position has the rest.
    const traded = magnitude(tradedOf(fill));
    const atMost = traded > magnitude(delta) ? traded : magnitude(delta);
    const wanted = isOfOrder && found >= most && found <= atMost ? found : most;
    if (wanted > 0n) world.check("I3");
    if (found === wanted) return;
    world.violate(
      "I3",
      `record ${seq} books fill ${fill.fillKey} (${plain(delta)}) and takes ${plain(found)} off estimates of ${keyOf(fill)}; ${plain(wanted)} of them stood for it`,
    );
  }

  /** R3: nothing of its instrument was in flight. */
  private rests({ instrument, asOfMs, adjustmentId }: Estimate, seq: number): void {
    const { world, shadow } = this.course;
    world.check("I8");
    for (const order of shadow.orders.values()) {
      const status = orderStatus(order);
      if (order.instrument !== instrument || (status !== "pending" && status !== "unknown")) continue;
      world.violate(
        "I8",
        `record ${seq} (${adjustmentId}) estimates ${instrument}, of which order ${order.clientOrderId ?? order.orderKey} is ${status}`,
      );
    }
    this.mayLack(instrument, asOfMs, `record ${seq} (${adjustmentId}) estimates`);
  }

  /** Whether the read that began then may lack a fill that is known. */
  private mayLack(instrument: string, asOfMs: number, what: string): void {
    const { world, shadow, wasClockOff } = this.course;
    if (wasClockOff) return;
    const lagMs = world.capabilities.readAfterFillLagMs;
    for (const { facts, isReversed } of shadow.fills.values()) {
      if (facts.instrument !== instrument || isReversed || facts.timestamp <= asOfMs - lagMs) continue;
      world.violate(
        "I8",
        `${what} ${instrument} by a read of ${asOfMs} ms, which may lack fill ${facts.fillKey} of ${facts.timestamp} ms`,
      );
    }
  }

  /** Its quantity is that of some of what the venue did and the book was not told. */
  private standsForSomething(facts: Estimate, seq: number, firstHalf?: Estimate): void {
    const { world } = this.course;
    if (this.isUnclear(facts)) return;
    const wanted = exact(facts.qtyDelta) + exact(firstHalf?.qtyDelta ?? "0");
    const untold = this.untold(facts);
    world.check("I5");
    // An order's row tells what was traded; the fee in kind that was kept back of it nobody told.
    const traded = facts.basis === "order_fill" ? this.untold(facts, true) : untold;
    // It is left, and the next estimate of the key makes it good.
    const slack = this.inferred.has(keyOf(facts)) ? this.stepOf(facts) : 0n;
    if ([untold, traded].some((moves) => addUp(moves, wanted, slack))) return;
    // Two things that nobody told are one estimate of their sum; once one of them is told, what stands is the other.
    const standing = this.standing(keyOf(facts), signOf(wanted));
    if (standing !== undefined && addUp(untold, standing, slack)) return;
    world.violate(
      "I5",
      `record ${seq} (${facts.adjustmentId}) moves ${keyOf(facts)} by ${plain(wanted)}; what the venue did to it and nobody told by then is ${untold.map(plain).join(", ") || "nothing"}`,
    );
  }

  /** By a clock that was off nobody can order what happened, a person may be wrong, and a split multiplies what was before it. */
  private isUnclear(place: Pick<Estimate, "instrument" | "leg">): boolean {
    const { world, trail, wasClockOff } = this.course;
    const key = keyOf(place);
    if (wasClockOff || this.byWord.has(key) || this.openedLate.has(key)) return true;
    // What happened around its first read is in that, or not (R8).
    const anchorMs = trail.anchoredAtMs.get(key as PositionKey) ?? trail.accountAnchorMs ?? 0;
    const fromMs = anchorMs - world.capabilities.readAfterFillLagMs;
    const isUnsure = ({ instrument, leg = "net", timestamp }: Pick<FillRow, "timestamp" | "leg"> & Named) =>
      instrument === place.instrument &&
      leg === place.leg &&
      timestamp >= fromMs &&
      timestamp <= anchorMs + READ_MS_MAX;
    const entries = world.referee.ledger().filter(({ qtyDelta }) => qtyDelta !== undefined);
    // A settlement and a fill beside it, both untold, may net to zero: then estimates of both stay (R8, its gap).
    const isMoved = entries.some(
      ({ instrument, leg = "net" }) => instrument === place.instrument && leg === place.leg,
    );
    return isMoved || entries.some(isUnsure) || world.referee.fills().some(isUnsure);
  }

  /** What happened to the leg and is not booked, signed; what was taken back and is booked, the other way round. */
  private untold({ instrument, leg }: Pick<Estimate, "instrument" | "leg">, isTraded = false): bigint[] {
    const { referee } = this.course.world;
    const isOfKey = (row: { readonly instrument?: string; readonly leg?: string }) =>
      row.instrument === instrument && (row.leg ?? "net") === leg;
    const fills = referee
      .fills()
      .filter((row) => isOfKey(row) && !this.booked.has(this.executions.find(row)?.id ?? ""))
      .map((row) => (isTraded ? tradedOf(row) : this.deltaOf(row)));
    const back = referee.reversed().filter((row) => isOfKey(row) && this.isHeld(row));
    const entries = referee
      .ledger()
      .filter((row) => isOfKey(row) && row.qtyDelta !== undefined && !this.entered.has(row.id))
      .map(({ qtyDelta = "0" }) => exact(qtyDelta));
    return [...fills, ...back.map((row) => -this.deltaOf(row)), ...entries];
  }

  /** What all estimates of a key stand for together; undefined where one is of the other direction. */
  private standing(key: string, sign: number): bigint | undefined {
    let all = 0n;
    for (const [id, { left }] of this.open) {
      const facts = this.known.get(id);
      if (!facts || keyOf(facts) !== key) continue;
      if (signOf(left) !== sign) return undefined;
      all += left;
    }
    return all;
  }

  private stepOf(place: Named): bigint {
    return exact(this.specOf(place)?.qtyStep ?? "0");
  }

  private hasFeeInKind(place: Named): boolean {
    return this.specOf(place)?.base != null;
  }

  private specOf({ instrument }: Named) {
    return this.course.world.referee.instruments.find(({ symbol }) => symbol === instrument);
  }

  /** In the book, or in what it opened with. */
  private isHeld(row: FillRow): boolean {
    const { shadow } = this.course;
    const { tradeId, joinKey, instrument } = row;
    for (const { facts, isReversed } of shadow.fills.values()) {
      const isIt = facts.tradeId === undefined ? facts.joinKey === joinKey : facts.tradeId === tradeId;
      if (facts.instrument === instrument && isIt && facts.side === row.side) return !isReversed;
    }
    return true;
  }

  private deltaOf({ instrument, side, qty, fee, feeCurrency }: FillRow): bigint {
    const spec = this.course.world.referee.instruments.find(({ symbol }) => symbol === instrument);
    const traded = tradedOf({ side, qty });
    const isInKind = fee !== undefined && spec?.base != null && feeCurrency === spec.base;
    return isInKind ? traded - exact(fee) : traded;
  }
}

/** Whether some of the moves add up to it, less than a step of dust aside; also where there are too many to try. */
function addUp(moves: readonly bigint[], wanted: bigint, step: bigint): boolean {
  let sums = new Set([0n]);
  for (const one of moves) {
    const more = [...sums].map((sum) => sum + one);
    sums = new Set([...sums, ...more]);
    if (sums.size > SUMS_MAX) return true;
  }
  return sums.has(wanted) || [...sums].some((sum) => magnitude(sum - wanted) < step);
}

function tradedOf({ side, qty }: Pick<FillRow, "side" | "qty">): bigint {
  return side === "buy" ? exact(qty) : -exact(qty);
}

function keyOf({ leg, instrument }: Pick<Estimate, "instrument" | "leg">): string {
  return `${leg}:${instrument}`;
}
