// How the run went so far, as far as watches measure time by it: since when the process has lived, when our clock was
// set, which passes ended. Together with the trail of records, what all watches share.
import {
  applyRecord,
  type Book,
  emptyBook,
  type JournalRecord,
  nothingTouched,
  type OrderKey,
  orderStatus,
} from "../../core/index.ts";
import type { PassReport } from "../../engine/index.ts";
import { Trail } from "./trail.ts";
import type { World } from "./world.ts";

export interface EndedPass {
  /** Monotonic, ms. A pass during which our clock was set counts from the beginning of time: nobody knows when it began. */
  readonly beganMs: number;
  readonly endedMs: number;
  readonly report: PassReport;
}

export class Course {
  readonly world: World;
  readonly trail = new Trail();
  /** What the durable records say, folded one by one: at each of them what its writer knew, for all that is staged is in order. */
  readonly shadow: Book;
  /** Since when the process that is at work has been, monotonic ms. */
  aliveSinceMs: number;
  /** When our clock was last set against the monotonic one; the beginning where it never was. */
  clockSetAtMs: number;
  /** Since when the account knows that: a pass has ended since. Infinite until then. */
  clockKnownAtMs = 0;
  /** Whether our clock has ever been wrong. */
  wasClockOff = false;
  passes = 0;
  /** The last record before the process at work. */
  private bornSeq = 0;
  private offsetMs: number;

  constructor(world: World) {
    this.world = world;
    this.shadow = emptyBook(world.account);
    this.aliveSinceMs = world.monotonicMs();
    this.clockSetAtMs = world.monotonicMs();
    this.offsetMs = world.nowMs() - world.monotonicMs();
  }

  /** To be called at every event. */
  look(): void {
    const offsetMs = this.world.nowMs() - this.world.monotonicMs();
    if (offsetMs === this.offsetMs) return;
    this.offsetMs = offsetMs;
    this.wasClockOff = true;
    this.clockSetAtMs = this.world.monotonicMs();
    this.clockKnownAtMs = Number.POSITIVE_INFINITY;
  }

  /** A pass has ended: it looks at the clock before and after. */
  passed(): void {
    this.look();
    this.passes += 1;
    if (this.clockKnownAtMs === Number.POSITIVE_INFINITY) this.clockKnownAtMs = this.world.monotonicMs();
  }

  take(record: JournalRecord): void {
    this.trail.apply(record, this.world.monotonicMs());
    applyRecord(this.shadow, record, nothingTouched());
  }

  restarted(): void {
    this.look();
    this.aliveSinceMs = this.world.monotonicMs();
  }

  /** To be called when all that the dead process left is known. */
  caughtUp(): void {
    this.bornSeq = this.trail.seq;
  }

  /** Whether the process at work has written what every start writes. */
  get hasStarted(): boolean {
    return this.trail.seq > this.bornSeq;
  }

  ended(report: PassReport): EndedPass {
    const endedMs = this.world.monotonicMs();
    const beganMs = report.startedAtMs - this.offsetMs;
    const isKnown = beganMs <= endedMs && this.clockSetAtMs <= beganMs;
    return { beganMs: isKnown ? beganMs : 0, endedMs, report };
  }

  /** The book of the process at work, where it is exactly what the durable records say. */
  book(): Book | undefined {
    const session = this.world.session();
    if (!session || session.hasStopped) return undefined;
    const { book } = session;
    return book.seq === this.trail.seq ? book : undefined;
  }

  /** Whether an order on the instrument (on any, where none is given) has an outcome that is not known. */
  isWaited(book: Book, instrument?: string): boolean {
    for (const order of book.orders.values()) {
      if (instrument !== undefined && order.instrument !== instrument) continue;
      const status = orderStatus(order);
      if (status === "pending" || status === "unknown") return true;
    }
    return false;
  }
}

/** An order as messages name it. */
export function nameOf(orderKey: OrderKey | string, clientOrderId: string | null): string {
  return clientOrderId === null ? `order ${orderKey}` : `order ${clientOrderId} (${orderKey})`;
}
