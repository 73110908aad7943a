// I23: the venue's dead-man switch takes nothing of trueup's while trueup is at work and the venue can be reached; and what it
// did take, since nobody was at work or no call reached it, ends in the book, and several at once are told as what nobody
// here asked for. Worked out from the calls as the venue got them, and from the durable records.
import { isActive, type JournalRecord, type Order, type OrderKey } from "../../core/index.ts";
import type { PassReport } from "../../engine/index.ts";
import { type Course, nameOf } from "./course.ts";
import type { DeadManEvent, Watch } from "./world.ts";

/** A start writes and connects before it sets the switch. In ms. */
const START_MS = 10_000;
/** Calls without an answer, one after the other, before it may fire: three fit into its time. One that is on its way has none. */
const FAILED_MIN = 3;
/** Several at once are told as one; of fewer each row says it. */
const TOGETHER = 3;
/** Complete passes in a row, once all is well, after which nothing that it took is open in the book. */
const PASSES_MAX = 5;
/** From where the end of an order is news to a person. */
const SEEN: ReadonlySet<string> = new Set(["venue", "stream", "lookup", "inferred"]);

interface Setting {
  /** Calls running that were not answered with "accepted". */
  readonly failed: number;
  /** Whether the last call was to turn it off. */
  readonly isOff: boolean;
}

interface Taken {
  /** Complete passes since. */
  passes: number;
  /** When the second of them was over, monotonic ms: the first may have read the orders before. */
  sinceMs: number;
  /** When the last of them was over, monotonic ms. */
  lastMs: number;
  readonly isNews: boolean;
}

/** Ends of taken orders that a process wrote down, by our clock. */
interface Seen {
  readonly name: string;
  readonly tsMs: number;
}

export class DeadManSwitch implements Watch {
  private readonly course: Course;
  /** By instrument; null is the account's. */
  private readonly settings = new Map<string | null, Setting>();
  /** Calls that are on their way, by instrument. */
  private readonly onWay = new Map<string | null, number>();
  /** When nobody was at work last, monotonic ms. */
  private awayMs: number;
  /** Orders that it took and that are open in the book. */
  private readonly taken = new Map<OrderKey, Taken>();
  private seen: Seen[] = [];
  /** When the last pass of this process was over, by our clock; null before the first. */
  private passedMs: number | null = null;
  /** What the last pass but one brought to light together, to be told by now. */
  private due: { readonly passId: string; readonly names: readonly string[] } | null = null;

  constructor(course: Course) {
    this.course = course;
    this.awayMs = course.world.monotonicMs();
  }

  onRestart(): void {
    this.awayMs = this.course.world.monotonicMs();
    this.seen = [];
    this.due = null;
    this.passedMs = null;
    for (const one of this.taken.values()) one.passes = 0;
  }

  afterEvent(): void {
    this.lookWhetherAway();
  }

  private lookWhetherAway(): void {
    const session = this.course.world.session();
    if (!session || session.hasStopped) this.awayMs = this.course.world.monotonicMs();
  }

  onDeadMan(event: DeadManEvent): void {
    if (event.kind === "fired") {
      this.fired(event);
      return;
    }
    const { instrument } = event;
    const onWay = this.onWay.get(instrument) ?? 0;
    if (event.kind === "left") {
      this.onWay.set(instrument, onWay + 1);
      return;
    }
    const { timeoutMs, isAccepted } = event;
    this.onWay.set(instrument, Math.max(0, onWay - 1));
    const failed = isAccepted ? 0 : (this.settings.get(instrument)?.failed ?? 0) + 1;
    this.settings.set(instrument, { failed, isOff: timeoutMs === 0 });
  }

  onRecord({ kind, payload, tsMs }: JournalRecord): void {
    if (kind !== "order_state_observed") return;
    const one = this.taken.get(payload.orderKey);
    const order = this.course.shadow.orders.get(payload.orderKey);
    if (!one || !order || isActive(order)) return;
    this.taken.delete(payload.orderKey);
    this.course.world.check("I23");
    const { status } = payload.change;
    if (status !== "canceled" || !SEEN.has(payload.source) || !one.isNews) return;
    if (order.cancelRequestedAt === null) {
      this.seen.push({ name: order.clientOrderId ?? order.venueOrderId ?? "", tsMs });
    }
  }

  onPass({ passId, isComplete, startedAtMs, finishedAtMs }: PassReport): void {
    this.told();
    const { world, clockSetAtMs, wasClockOff } = this.course;
    const nowMs = world.nowMs();
    const sinceMs = this.passedMs ?? 0;
    // What was entered while a pass came to its end may be of this pass or of the next one.
    const names = this.seen.flatMap(({ name, tsMs }) =>
      tsMs > sinceMs && tsMs < finishedAtMs ? [name] : [],
    );
    this.seen = this.seen.filter(({ tsMs }) => tsMs >= finishedAtMs);
    const isSteady = !wasClockOff || (clockSetAtMs < startedAtMs && startedAtMs <= finishedAtMs);
    if (names.length >= TOGETHER && isSteady) this.due = { passId, names };
    this.passedMs = nowMs;
    if (isComplete && world.isHealed() && this.course.book()) this.stand();
  }

  async judge(): Promise<void> {
    if (!this.course.book() || !this.course.world.isHealed()) return;
    for (const [orderKey, order] of this.open()) this.stands(orderKey, order, "long after all was well");
  }

  private fired({ instrument, timeoutMs, orders }: DeadManEvent & { readonly kind: "fired" }): void {
    const { world, shadow, trail } = this.course;
    const setting = this.settings.get(instrument);
    // Hours may pass without an event while nobody is there.
    this.lookWhetherAway();
    const atWorkMs = world.monotonicMs() - this.awayMs;
    const unanswered = (setting?.failed ?? 0) + (this.onWay.get(instrument) ?? 0);
    // What failed goes on failing, whether it fired in between or not.
    this.settings.set(instrument, { failed: setting?.failed ?? 0, isOff: true });
    for (const handle of orders) {
      const orderKey = trail.keysOf(handle).find((key) => shadow.orders.has(key));
      const order = orderKey === undefined ? undefined : shadow.orders.get(orderKey);
      if (orderKey === undefined || !order || order.intentId === null || !isActive(order)) continue;
      const { timeInForce, type, cancelRequestedAt } = order;
      const rests = timeInForce !== "ioc" && timeInForce !== "fok" && type !== "market";
      this.taken.set(orderKey, {
        passes: 0,
        sinceMs: 0,
        lastMs: 0,
        isNews: rests && cancelRequestedAt === null,
      });
      // What was not turned off is left over, and the next order sets it before it leaves.
      if (atWorkMs <= timeoutMs / 2 + START_MS || setting === undefined || setting.isOff) continue;
      world.check("I23");
      if (unanswered >= FAILED_MIN) continue;
      world.violate(
        "I23",
        `the dead-man switch of ${instrument ?? "the account"} took ${nameOf(orderKey, order.clientOrderId)}, ${timeoutMs} ms after it was set; trueup has been at work for ${atWorkMs} ms, and ${unanswered} calls in a row were not answered`,
      );
    }
  }

  private told(): void {
    const { due } = this;
    this.due = null;
    if (!due) return;
    const { world, trail } = this.course;
    world.check("I23");
    const isTold = trail.alerts.some(
      ({ facts }) =>
        facts.kind === "order_mismatch" &&
        facts.text.includes("nobody here asked") &&
        due.names.every((name) => facts.evidence.includes(name)),
    );
    if (isTold) return;
    world.violate(
      "I23",
      `the venue's dead-man switch took ${due.names.join(", ")}; pass ${due.passId} had all of it, and no alert says that nobody here asked for it`,
    );
  }

  private stand(): void {
    const { world } = this.course;
    for (const [orderKey, order] of this.open()) {
      const one = this.taken.get(orderKey);
      if (!one) continue;
      one.passes += 1;
      const nowMs = world.monotonicMs();
      if (one.passes <= 2) one.sinceMs = nowMs;
      // Where a look-up proves nothing, what a list leaves out is given this time, and told by a pass that begins after it.
      const { orderLookup, settleMs } = world.capabilities;
      const isSettled = orderLookup === "conclusive" || one.lastMs - one.sinceMs >= settleMs;
      one.lastMs = nowMs;
      if (one.passes <= PASSES_MAX || !isSettled) continue;
      this.taken.delete(orderKey);
      this.stands(orderKey, order, `after ${one.passes} complete passes`);
    }
  }

  /** What it took and the book has as open, but for what is told to wait for a person. */
  private *open(): Generator<[OrderKey, Order]> {
    const { shadow, trail } = this.course;
    for (const orderKey of [...this.taken.keys()]) {
      const order = shadow.orders.get(orderKey);
      if (!order || !isActive(order)) {
        this.taken.delete(orderKey);
        continue;
      }
      const isTold = trail
        .openOf(order.instrument)
        .some(({ subject }) => subject.type === "order" && subject.orderKey === orderKey);
      if (!isTold) yield [orderKey, order];
    }
  }

  private stands(orderKey: OrderKey, { clientOrderId }: Order, when: string): void {
    this.course.world.violate(
      "I23",
      `${when} ${nameOf(orderKey, clientOrderId)}, which the venue's dead-man switch took, is still open in the book`,
    );
  }
}
