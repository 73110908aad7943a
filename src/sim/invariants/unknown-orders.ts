// L2: an order whose outcome is not known is resolved within 30 s, or brought to a person. Time counts while a process is
// alive and our clock runs steadily; from 30 s on the next pass that begins must end with it resolved or told.
import { type Order, type OrderKey, orderStatus } from "../../core/index.ts";
import type { PassReport } from "../../engine/index.ts";
import { UNKNOWN_IN_TIME, UNKNOWN_LATER } from "../swarm/result.ts";
import { type Course, nameOf } from "./course.ts";
import type { Watch } from "./world.ts";

const RESOLVED_WITHIN_MS = 30_000;
/** A pass that was due then ends by this much later: its interval, and all that it may ask. In ms. */
const PASS_MS_MAX = 150_000;

interface Ambiguous {
  /** Since when it was seen as such by the process at work, monotonic ms. */
  sinceMs: number;
  isDone: boolean;
  /** Whether the time that it took is counted: it was resolved, or a person was told. */
  isTimed: boolean;
}

export class UnknownOrders implements Watch {
  private readonly course: Course;
  private readonly waiting = new Map<OrderKey, Ambiguous>();
  private alertsSeen = 0;

  constructor(course: Course) {
    this.course = course;
  }

  onRestart(): void {
    for (const one of this.waiting.values()) one.sinceMs = this.course.world.monotonicMs();
  }

  afterEvent(): void {
    const { world } = this.course;
    const book = this.course.book();
    if (!book) return;
    const nowMs = world.monotonicMs();
    for (const order of book.orders.values()) {
      const status = orderStatus(order);
      const isWaiting = (status === "unknown" || status === "pending") && order.clientOrderId !== null;
      const known = this.waiting.get(order.orderKey);
      if (isWaiting && !known)
        this.waiting.set(order.orderKey, { sinceMs: nowMs, isDone: false, isTimed: false });
      else if (!isWaiting && known) {
        this.waiting.delete(order.orderKey);
        this.time(known, nowMs);
        if (!known.isDone) world.check("L2");
      }
    }
    this.timeTold(nowMs);
    for (const [key, one] of this.waiting) {
      one.sinceMs = Math.max(one.sinceMs, Math.min(nowMs, this.course.clockKnownAtMs));
      const order = book.orders.get(key);
      const lateMs = nowMs - one.sinceMs - RESOLVED_WITHIN_MS - world.policy.intervalMs - PASS_MS_MAX;
      if (order && lateMs > 0) this.overdue(order, one, "no pass came to it");
    }
  }

  onPass(report: PassReport): void {
    this.afterEvent();
    const book = this.course.book();
    if (!book) return;
    const { beganMs } = this.course.ended(report);
    for (const [key, one] of this.waiting) {
      const order = book.orders.get(key);
      if (order && beganMs - one.sinceMs > RESOLVED_WITHIN_MS) this.overdue(order, one, report.passId);
    }
  }

  async judge(): Promise<void> {
    const { world } = this.course;
    for (const order of world.session()?.book.orders.values() ?? []) {
      const status = orderStatus(order);
      if (status !== "unknown" && status !== "pending") continue;
      world.check("L2");
      world.violate(
        "L2",
        `${nameOf(order.orderKey, order.clientOrderId)} is ${status} long after all was well; its row, its fills or look-ups resolve it`,
      );
    }
  }

  /** How long it took, exactly: for what a full run shows. */
  private time(one: Ambiguous, nowMs: number): void {
    if (one.isTimed) return;
    one.isTimed = true;
    const isLate = nowMs - one.sinceMs > RESOLVED_WITHIN_MS;
    this.course.world.count?.(isLate ? UNKNOWN_LATER : UNKNOWN_IN_TIME);
  }

  private timeTold(nowMs: number): void {
    const { alerts } = this.course.trail;
    for (; this.alertsSeen < alerts.length; this.alertsSeen += 1) {
      for (const id of alerts[this.alertsSeen]?.facts.evidence ?? []) {
        const { subject } = this.course.trail.open.get(id)?.facts ?? {};
        const orderKey = subject?.type === "order" ? subject.orderKey : null;
        const one = orderKey === null ? undefined : this.waiting.get(orderKey);
        if (one) this.time(one, nowMs);
      }
    }
  }

  private overdue({ orderKey, clientOrderId }: Order, one: Ambiguous, passId: string): void {
    const { world, trail } = this.course;
    if (one.isDone) return;
    one.isDone = true;
    world.check("L2");
    const kind = world.policy.kinds.unknown_order;
    // It may have several, and one that is told brings the order to a person.
    const open = [...trail.open.values()].filter(
      ({ facts: { subject } }) => subject.type === "order" && subject.orderKey === orderKey,
    );
    const isTold = open.some(({ facts }) => kind === "watch" || trail.alertsOf.has(facts.id));
    if (isTold) return;
    const lastedMs = world.monotonicMs() - one.sinceMs;
    const ids = open.map(({ facts }) => facts.id).join(", ");
    const found = ids ? `discrepancy ${ids} is open and no alert names it` : "no discrepancy is open";
    world.violate(
      "L2",
      `the outcome of ${nameOf(orderKey, clientOrderId)} is not known for ${lastedMs} ms of a living process (pass ${passId}), and ${found}; ${RESOLVED_WITHIN_MS} ms and the pass after it are allowed`,
    );
  }
}
