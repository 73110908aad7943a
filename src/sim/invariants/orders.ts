// I6: what is filled of an order only grows, and an order that has ended stays ended, unless a record says what was
// wrong: a fill taken back, an estimate that gave way, an amendment, or an end that was inferred and not the venue's word.
import {
  filledQty,
  isTerminal,
  type JournalRecord,
  type Order,
  type OrderKey,
  type OrderStatus,
  orderStatus,
} from "../../core/index.ts";
import { exact } from "../oracle/exact.ts";
import { type Course, nameOf } from "./course.ts";
import type { Watch } from "./world.ts";

interface Known {
  readonly status: OrderStatus;
  readonly filled: string;
  readonly source: string;
  readonly seq: number;
}

export class Orders implements Watch {
  private readonly course: Course;
  private readonly known = new Map<OrderKey, Known>();
  private readonly touched = new Set<OrderKey>();
  /** Orders about which a record corrected something since they were last looked at, with that record. */
  private readonly corrected = new Map<OrderKey, number>();

  private readonly estimates = new Map<string, OrderKey>();
  /** Orders of which an execution was reversed. */
  private readonly takenBack = new Set<OrderKey>();

  constructor(course: Course) {
    this.course = course;
  }

  onRecord({ kind, payload, seq }: JournalRecord): void {
    const { trail } = this.course;
    if (kind === "order_state_observed") {
      this.touched.add(payload.orderKey);
      const { qty, unbackedQty, amendment } = payload.change;
      // The venue's own row may say less than was taken for filled without a fill to show for it.
      if (qty !== undefined || unbackedQty !== undefined || amendment === null)
        this.corrected.set(payload.orderKey, seq);
    } else if (kind === "intent_recorded") {
      this.touched.add(payload.orderKey);
      if (payload.intent.action === "amend") this.corrected.set(payload.orderKey, seq);
    } else if (kind === "fill_recorded") {
      for (const key of this.ordersOf(payload)) {
        this.touched.add(key);
        // It says how much of what had no fill to show for it was never filled.
        if (payload.merges !== undefined || payload.backs !== undefined) this.corrected.set(key, seq);
      }
    } else if (kind === "fill_reversed") {
      const fill = trail.fills.get(payload.fillKey);
      for (const key of fill ? this.ordersOf(fill) : []) {
        this.corrects(key, seq);
        this.takenBack.add(key);
      }
    } else if (kind === "adjustment_inferred" && payload.subject === "position" && payload.orderKey) {
      this.touched.add(payload.orderKey);
      this.estimates.set(payload.adjustmentId, payload.orderKey);
    } else if (kind === "adjustment_replaced") {
      const key = this.estimates.get(payload.adjustmentId);
      if (key !== undefined) this.corrects(key, seq);
    }
  }

  afterEvent(): void {
    if (this.touched.size > 0) this.compare(this.touched);
  }

  onRestart(): void {
    this.compare(new Set(this.known.keys()));
  }

  async judge(): Promise<void> {
    this.compare(new Set(this.known.keys()));
    this.judgeEnds();
  }

  private corrects(key: OrderKey, seq: number): void {
    this.touched.add(key);
    this.corrected.set(key, seq);
  }

  private ordersOf({
    instrument,
    orderKey,
    venueOrderId,
  }: {
    readonly instrument: string;
    readonly orderKey: OrderKey | null;
    readonly venueOrderId?: string;
  }): readonly OrderKey[] {
    if (orderKey !== null) return [orderKey];
    return venueOrderId === undefined ? [] : this.course.trail.keysOf({ instrument, venueOrderId });
  }

  private compare(keys: ReadonlySet<OrderKey>): void {
    const book = this.course.book();
    if (!book) return;
    for (const key of keys) {
      const order = book.orders.get(key);
      if (order) this.look(order, book.seq);
    }
    this.touched.clear();
    this.corrected.clear();
  }

  private look(order: Order, seq: number): void {
    const { world } = this.course;
    const { orderKey, clientOrderId, statusSource: source } = order;
    const now = { status: orderStatus(order), filled: filledQty(order), source, seq };
    const before = this.known.get(orderKey);
    this.known.set(orderKey, now);
    if (!before) return;
    const name = nameOf(orderKey, clientOrderId);
    const isCorrected = this.corrected.has(orderKey);
    world.check("I6");
    if (exact(now.filled) < exact(before.filled) && !isCorrected) {
      world.violate(
        "I6",
        `${name} had ${before.filled} filled at record ${before.seq} and has ${now.filled} at record ${seq}; only a correction may take a fill back, and none is recorded`,
      );
    }
    const isRevived = isTerminal(before.status) && !isTerminal(now.status);
    // Whoever inferred an end, or was told one by an answer, may learn better from the venue's own row.
    const isByVenue = before.source === "venue" || before.source === "stream" || before.status === "filled";
    if (!isRevived || isCorrected || !isByVenue) return;
    world.violate(
      "I6",
      `${name} was ${before.status} by ${before.source} at record ${before.seq} and is ${now.status} by ${source} at record ${seq}; an end stays without a correction`,
    );
  }

  /** In the end each order is what the venue says it is. */
  private judgeEnds(): void {
    const { world } = this.course;
    const told = world.reversalsTold?.() ?? new Set<string>();
    const reversed = world.referee.reversed();
    const untold = new Set(
      reversed.filter(({ tradeId = "" }) => !told.has(tradeId)).map(({ venueOrderId }) => venueOrderId),
    );
    for (const order of world.session()?.book.orders.values() ?? []) {
      const { clientOrderId, venueOrderId, orderKey, intentId } = order;
      const row = world.referee.find({
        ...(venueOrderId !== null && { venueOrderId }),
        ...(clientOrderId !== null && { clientOrderId }),
      });
      const name = nameOf(orderKey, clientOrderId);
      const status = orderStatus(order);
      world.check("I6");
      if (!row) {
        // What never arrived has no row; what trueup did not send and the venue does not know was made up.
        const isStated = status === "canceled" && order.statusSource === "person";
        const isFine = intentId !== null && (status === "rejected" || isStated);
        if (!isFine) world.violate("I6", `${name} is ${status} in the book, and the venue never had it`);
        continue;
      }
      // That the venue took an execution back may never have been told; and what it calls such an order is its own affair,
      // as long as it has ended.
      if (untold.has(row.venueOrderId)) continue;
      const isBusted = this.takenBack.has(orderKey) && isTerminal(status);
      // An end that was inferred, or stated, is no more than an end.
      const isByPerson = order.statusSource === "person";
      const isInferred = order.statusSource === "inferred" || isByPerson;
      const isEnded = isInferred && isTerminal(status) && isTerminal(row.status ?? "open");
      const isSame = row.status === undefined || row.status === status || isBusted || isEnded;
      if (!isSame) world.violate("I6", `${name} is ${status} in the book and ${row.status} at the venue`);
      // What it filled while the venue's history was out of reach, nobody can know who says that it is over.
      if (isByPerson && world.capabilities.fills.retentionMs !== undefined) continue;
      if (row.filledQty !== undefined && row.filledQty !== filledQty(order)) {
        world.violate(
          "I6",
          `${name} has ${filledQty(order)} filled in the book and ${row.filledQty} at the venue`,
        );
      }
    }
  }
}
