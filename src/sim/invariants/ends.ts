// I6 at the record: an order is not said to have ended while the venue has it, or while its request may still arrive; and an
// end that nobody stated rests on what R5 asks for. What was ended wrongly heals with the order's next row, so that only
// the moment of the record shows it.
import {
  filledQty,
  type JournalRecord,
  type Order,
  type OrderKey,
  orderStatus,
  type Payloads,
} from "../../core/index.ts";
import { exact } from "../oracle/exact.ts";
import { type Course, nameOf } from "./course.ts";
import type { VenueRequest, Watch } from "./world.ts";

/** A request without an answer is taken to be on its way for this long (R16). In ms. */
const ON_ITS_WAY_MS_MAX = 60_000;
/** Answers that an inferred end needs (R5). */
const NONES_MIN = 2;
const ENDED: ReadonlySet<string> = new Set(["canceled", "expired", "rejected"]);
/** What trueup worked out by itself, or was told by an answer to a command. */
const INFERRED: ReadonlySet<string> = new Set(["lookup", "inferred"]);
/** A person knows better, and a bot says what it did. */
const BY_WORD: ReadonlySet<string> = new Set(["person", "report", "seed"]);

/** A record's place. */
type At = Pick<JournalRecord, "seq" | "causeId" | "tsMs">;
type Observed = Payloads["order_state_observed"];

export class Ends implements Watch {
  private readonly course: Course;
  /** When each order's request left, monotonic ms, by client order id. */
  private readonly leftAtMs = new Map<string, number>();
  /** Orders that ended by the venue's row in the last write, with that record. */
  private readonly ended = new Map<OrderKey, number>();
  /** The record that first said that look-ups, or the list, leave an order out. */
  private readonly absent = new Map<OrderKey, { readonly causeId: string; readonly sinceMs: number }>();

  constructor(course: Course) {
    this.course = course;
  }

  onRequest(request: VenueRequest): void {
    if (request.kind !== "submit") return;
    const { clientOrderId } = request.command;
    if (!this.leftAtMs.has(clientOrderId)) this.leftAtMs.set(clientOrderId, request.atMs);
  }

  onRecord({ kind, payload, seq, causeId, tsMs }: JournalRecord): void {
    if (kind !== "order_state_observed") return;
    const { change, orderKey, source } = payload;
    const order = this.course.shadow.orders.get(orderKey);
    const isEnd = change.status !== undefined && ENDED.has(change.status) && !BY_WORD.has(source);
    if (order && isEnd) {
      this.stands(order, payload, seq);
      if (INFERRED.has(source)) this.rests(order, payload, { seq, causeId, tsMs });
    }
    if (isEnd && source === "venue" && causeId !== "command" && change.status !== "rejected") {
      this.ended.set(orderKey, seq);
    }
    if (typeof change.absentSinceMs === "number") {
      this.absent.set(orderKey, { causeId, sinceMs: change.absentSinceMs });
    } else if (change.absentSinceMs === null) this.absent.delete(orderKey);
  }

  /** R7: an order has ended by its row together with all that the venue has filled of it, and not before. */
  afterEvent(): void {
    if (this.ended.size === 0) return;
    const { world, shadow } = this.course;
    for (const [orderKey, seq] of this.ended) {
      const order = shadow.orders.get(orderKey);
      if (!order?.venueOrderId) continue;
      const { venueOrderId } = order;
      const row = world.referee.find({ venueOrderId });
      const isBusted = world.referee.reversed().some((fill) => fill.venueOrderId === venueOrderId);
      if (row?.filledQty === undefined || isBusted) continue;
      world.check("I6");
      if (exact(filledQty(order)) >= exact(row.filledQty)) continue;
      world.violate(
        "I6",
        `record ${seq} says that ${nameOf(orderKey, order.clientOrderId)} has ended, and the book has ${filledQty(order)} of ${row.filledQty} filled`,
      );
    }
    this.ended.clear();
  }

  /** At the venue it is not open, and it does not arrive any more. */
  private stands(order: Order, { change, source }: Observed, seq: number): void {
    const { world } = this.course;
    const { clientOrderId, venueOrderId, orderKey } = order;
    const row = world.referee.find({
      ...(venueOrderId !== null && { venueOrderId }),
      ...(clientOrderId !== null && { clientOrderId }),
    });
    world.check("I6");
    const isOpen = row?.status === "open" || row?.status === "partially_filled";
    const isThere = row !== undefined && row.status !== "rejected";
    const isWrong = isOpen || (change.status === "rejected" && isThere);
    const name = nameOf(orderKey, clientOrderId);
    if (isWrong && !this.mayBeListsWord(order, source)) {
      world.violate(
        "I6",
        `record ${seq} says that ${name} is ${change.status} (${source}); at the venue it is ${row?.status}`,
      );
    }
    if (clientOrderId === null || venueOrderId !== null || !world.isOnItsWay(clientOrderId)) return;
    world.violate(
      "I6",
      `record ${seq} says that ${name} is ${change.status} (${source}); its request is still on its way to the venue`,
    );
  }

  /** Where single orders cannot be asked for, a list that leaves one out for long enough is all the word there is. */
  private mayBeListsWord(order: Order, source: Observed["source"]): boolean {
    return this.course.world.capabilities.orderLookup === "none" && source === "inferred" && !isSent(order);
  }

  /** R5: twice, in two passes, after the settle time, and not while its request has no answer yet. */
  private rests(order: Order, { change, source }: Observed, at: At): void {
    const { world } = this.course;
    const problem =
      this.absenceProblem(order, at) ??
      (world.capabilities.orderLookup === "none" ? null : this.lookupProblem(order, change.status));
    if (problem === null) return;
    const name = nameOf(order.orderKey, order.clientOrderId);
    world.violate("I6", `record ${at.seq} says that ${name} is ${change.status} (${source}); ${problem}`);
  }

  private absenceProblem({ orderKey }: Order, { causeId, tsMs }: At): string | null {
    const { world, wasClockOff } = this.course;
    const { settleMs, orderLookup } = world.capabilities;
    const before = this.absent.get(orderKey);
    if (!before || before.causeId === causeId) return "no earlier pass found it absent; two are needed";
    const lastedMs = tsMs - before.sinceMs;
    if (orderLookup !== "none" || wasClockOff || lastedMs >= settleMs) return null;
    return `the list has left it out for ${lastedMs} ms; ${settleMs} ms are needed`;
  }

  private lookupProblem({ clientOrderId, venueOrderId }: Order, status: string | undefined): string | null {
    const { world } = this.course;
    const leftAtMs = clientOrderId === null ? undefined : this.leftAtMs.get(clientOrderId);
    const awayMs = leftAtMs === undefined ? ON_ITS_WAY_MS_MAX : world.monotonicMs() - leftAtMs;
    const isAwaited = clientOrderId !== null && world.isUnanswered?.(clientOrderId) === true;
    if (isAwaited && awayMs < ON_ITS_WAY_MS_MAX) {
      return `its request left ${awayMs} ms ago and has no answer; it may be on its way`;
    }
    if (world.deniedAtMs === undefined) return null;
    const ids = [clientOrderId, venueOrderId].filter((id) => id !== null);
    const denied = new Set(ids.flatMap((id) => world.deniedAtMs?.(`order ${id}`) ?? []));
    const isOfSent = status === "rejected" && leftAtMs !== undefined;
    const settledMs = isOfSent ? leftAtMs + world.capabilities.settleMs : 0;
    const nones = [...denied].filter((atMs) => atMs >= settledMs).length;
    if (nones >= NONES_MIN) return null;
    return `${nones} look-ups answered "none" once its settle time was over; ${NONES_MIN} are needed`;
  }
}

function isSent(order: Order): boolean {
  return orderStatus(order) === "rejected";
}
