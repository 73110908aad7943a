// L3: a kill's cancels leave within a second of its being asked for, whatever the journal does, and are confirmed or told:
// what is still open under a kill is cancelled again by every pass, or an alert names it.
import { isActive, type JournalRecord, type Order, type OrderKey } from "../../core/index.ts";
import type { PassReport } from "../../engine/index.ts";
import { type Course, nameOf } from "./course.ts";
import type { VenueRequest, Watch } from "./world.ts";

const DISPATCHED_WITHIN_MS = 1_000;

export class Kills implements Watch {
  private readonly course: Course;
  /** Orders that a kill must cancel, and until when, monotonic ms. */
  private readonly due = new Map<OrderKey, number>();
  /** Requests to cancel since the last pass ended. */
  private requests: (VenueRequest & { readonly kind: "cancel" })[] = [];
  /** When a cancel of each order left last, monotonic ms. */
  private readonly leftAtMs = new Map<OrderKey, number>();
  /** The kill that is known to have been asked for. */
  private askedAtMs: number | null = null;
  /** When the first of the kills was asked for that none has been released since, monotonic ms. */
  private sinceMs: number | null = null;
  /** Passes that began under the kill. */
  private passes = 0;
  /** Orders that were active when the pass before ended. */
  private openBefore: ReadonlySet<OrderKey> = new Set();

  constructor(course: Course) {
    this.course = course;
  }

  onRecord({ kind, payload }: JournalRecord): void {
    const { world } = this.course;
    if (kind === "kill_released") {
      this.due.clear();
      this.sinceMs = null;
    }
    if (kind !== "kill_engaged") return;
    this.passes = 0;
    if (world.killAskedAtMs === undefined) this.asked(world.monotonicMs(), payload.isAll === true);
  }

  private asked(atMs: number, isAll: boolean): void {
    const untilMs = atMs + DISPATCHED_WITHIN_MS;
    this.sinceMs ??= atMs;
    const { kill } = this.course.trail;
    for (const { orderKey, sentAtMs, sentSeq, intentId, observedStatus } of this.active(isAll)) {
      // What has not left yet is kept back.
      if (sentAtMs === null && observedStatus === "pending") continue;
      // What left under the kill before closes a position: the passes after this one have it cancelled.
      if (kill && intentId !== null && sentSeq !== null && sentSeq > kill.seq) continue;
      const leftAtMs = this.leftAtMs.get(orderKey);
      // Killed once more, what the kill before has had cancelled is asked for again in its turn.
      if (leftAtMs !== undefined && leftAtMs >= this.sinceMs) this.course.world.check("L3");
      else this.due.set(orderKey, untilMs);
    }
  }

  onRequest(request: VenueRequest): void {
    if (request.kind === "cancelAll") this.massCanceled(request);
    if (request.kind !== "cancel") return;
    this.requests.push(request);
    for (const key of this.course.trail.keysOf(request.command)) {
      this.leftAtMs.set(key, request.atMs);
      if (this.due.delete(key)) this.course.world.check("L3");
    }
  }

  /** One call for all: what it is taken for has left with it. Without --all it must not take what protects a position. */
  private massCanceled({
    command: { instrument },
    isTaken,
    atMs,
  }: VenueRequest & { readonly kind: "cancelAll" }): void {
    const { world } = this.course;
    const isReached = (order: Order) => instrument === undefined || order.instrument === instrument;
    const isAll = world.session()?.book.kill?.isAll === true;
    for (const order of this.active(true).filter(isReached)) {
      const { orderKey, clientOrderId, reduceOnly, sentAtMs, observedStatus } = order;
      const isThere = sentAtMs !== null || observedStatus !== "pending";
      if (reduceOnly === true && isThere && world.capabilities.commands.reduceOnlyFlag && !isAll) {
        world.check("L3");
        const what = `${nameOf(orderKey, clientOrderId)} only reduces, and was cancelled with all others`;
        world.violate("L3", `${what} by a kill that was to leave it`);
      }
      if (!isTaken) continue;
      this.leftAtMs.set(orderKey, atMs);
      if (this.due.delete(orderKey)) world.check("L3");
    }
  }

  /** The process that was to send them is gone; the next one does it at its start. */
  onRestart(): void {
    this.due.clear();
    this.askedAtMs = null;
    this.sinceMs = null;
    this.requests = [];
    this.passes = 0;
  }

  afterEvent(): void {
    const { world } = this.course;
    const askedAtMs = world.killAskedAtMs?.() ?? null;
    const isAll = world.session()?.book.kill?.isAll;
    if (askedAtMs !== null && askedAtMs !== this.askedAtMs) this.asked(askedAtMs, isAll === true);
    this.askedAtMs = askedAtMs;
    if (this.due.size === 0) return;
    const session = world.session();
    if (!session || session.hasStopped) {
      this.due.clear();
      return;
    }
    const nowMs = world.monotonicMs();
    for (const [key, untilMs] of this.due) {
      const order = session.book.orders.get(key);
      if (!order || !isActive(order)) this.due.delete(key);
      else if (nowMs > untilMs) {
        this.due.delete(key);
        world.check("L3");
        world.violate(
          "L3",
          `${nameOf(key, order.clientOrderId)} is open and no cancel of it left by ${untilMs} ms, ${DISPATCHED_WITHIN_MS} ms after the kill`,
        );
      }
    }
  }

  onPass(report: PassReport): void {
    const { world, trail } = this.course;
    const { kill } = trail;
    const requests = this.requests;
    this.requests = [];
    if (!kill) return;
    if (this.course.ended(report).beganMs < kill.atMs) return;
    this.passes += 1;
    if (this.passes < 2) {
      // The first pass finds what the kill itself left.
      this.openBefore = new Set(this.active(kill.isAll).map(({ orderKey }) => orderKey));
      return;
    }
    const asked = new Set(requests.flatMap(({ command }) => trail.keysOf(command)));
    const told = new Set(
      trail.alerts.flatMap(({ seq, facts }) =>
        seq >= kill.seq && facts.kind === "killed" ? facts.evidence : [],
      ),
    );
    const active = this.active(kill.isAll);
    // What came to life while this pass ended, also again after a fill was taken back, is for the next one.
    const before = this.openBefore;
    this.openBefore = new Set(active.map(({ orderKey }) => orderKey));
    for (const { orderKey, clientOrderId, venueOrderId, knownSinceMs, intentId, sentSeq } of active) {
      const isNew = knownSinceMs > report.startedAtMs;
      // What was sent under a kill closes a position: an exit, or a part of a plan to flatten; I7 holds that it does.
      const isClosing = intentId !== null && sentSeq !== null && sentSeq > kill.seq;
      if (isNew || isClosing || !before.has(orderKey)) continue;
      world.check("L3");
      const isTold = [clientOrderId, venueOrderId].some((id) => id !== null && told.has(id));
      if (asked.has(orderKey) || isTold) continue;
      world.violate(
        "L3",
        `${nameOf(orderKey, clientOrderId)} is open under the kill of record ${kill.seq}; pass ${report.passId} did not cancel it, and no alert names it`,
      );
    }
  }

  async judge(): Promise<void> {
    const { world, trail } = this.course;
    if (!trail.kill) return;
    for (const order of world.referee.orders()) {
      const isOpen = order.status === "open" || order.status === "partially_filled";
      world.check("L3");
      if (!isOpen || order.reduceOnly === true) continue;
      world.violate(
        "L3",
        `order ${order.clientOrderId ?? order.venueOrderId} in ${order.instrument} is still open at the venue, long after the kill of record ${trail.kill.seq}`,
      );
    }
  }

  /** What may add risk; a reduce-only order may stay unless all are to go. */
  private active(isAll: boolean): readonly Order[] {
    const orders = [...(this.course.world.session()?.book.orders.values() ?? [])];
    return orders.filter((order) => isActive(order) && (isAll || order.reduceOnly !== true));
  }
}
