// Orders of ours that ended at the venue, several at once, without anybody here having asked for it: a dead-man switch that
// fired, a person at the venue's own page, or the venue itself. A person is told once for all; nothing is placed again.
import { type Book, isActive, type JournalRecord, type Order, type OrderKey } from "../core/index.ts";
import type { AlertFacts } from "./alerting.ts";

/** So many together are no accident of their own; fewer only where none is left. */
const TOGETHER = 3;
const TOGETHER_LEAST = 2;
/** How many orders one message names. */
const NAMED_MAX = 10;

export class MassCancels {
  private readonly book: () => Book;
  private readonly ended = new Set<OrderKey>();

  constructor(book: () => Book) {
    this.book = book;
  }

  /** To be called with every record once it is folded. */
  onRecord({ kind, payload }: JournalRecord): void {
    if (kind !== "order_state_observed" || payload.change.status !== "canceled") return;
    if (!["venue", "stream", "lookup", "inferred"].includes(payload.source)) return;
    const order = this.book().orders.get(payload.orderKey);
    if (order && isOfNobodyHere(order)) this.ended.add(payload.orderKey);
  }

  /** To be called when a pass has ended. @param suspicion How our own switch may have done it; null where it cannot. */
  alert(suspicion: string | null): AlertFacts | null {
    const book = this.book();
    const orders = [...this.ended].flatMap((key) => book.orders.get(key) ?? []).filter(isOfNobodyHere);
    this.ended.clear();
    const isNoneLeft = ![...book.orders.values()].some((order) => order.intentId !== null && isActive(order));
    if (orders.length < (isNoneLeft ? TOGETHER_LEAST : TOGETHER)) return null;
    const names = orders.map(({ clientOrderId, venueOrderId }) => clientOrderId ?? venueOrderId ?? "");
    const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : "";
    const why = suspicion ?? "a dead-man switch, a person, or the venue itself";
    return {
      kind: "order_mismatch",
      subject: null,
      text: `${names.length} orders were cancelled at the venue, and nobody here asked for it (${why}); none is placed again: ${names.slice(0, NAMED_MAX).join(", ")}${more}`,
      evidence: names,
    };
  }
}

/** One that trueup sent to rest, and that nobody here has asked to end. */
function isOfNobodyHere({ intentId, cancelRequestedAt, timeInForce, type }: Order): boolean {
  const rests = timeInForce !== "ioc" && timeInForce !== "fok" && type !== "market";
  return intentId !== null && cancelRequestedAt === null && rests;
}
