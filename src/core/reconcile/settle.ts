// When does a difference count (R2, R3)? When nothing about its key moves, and it was seen often enough and long
// enough. Force removes the waiting and nothing else.
import { anchorOf, type Book } from "../book/book.ts";
import { findOrder, orderStatus } from "../book/orders.ts";
import { type Decimal, isZero } from "../decimal.ts";
import type { Discrepancy } from "../discrepancy.ts";
import type { OrderRow } from "../facts.ts";
import type { AccountPolicy } from "../policy.ts";
import { READ_MS_MAX } from "./opening.ts";
import { missingQty } from "./order-rows.ts";
import { elapsedMs, latestMoment, type Steady } from "./steady.ts";
import type { Word } from "./word.ts";

export interface SettleContext {
  readonly policy: AccountPolicy;
  readonly isForced: boolean;
  readonly nowMs: number;
  /** Left out where nothing is known of the clock: then it is taken for steady. */
  readonly steady?: Steady;
  /** A person's plan that this pass carries out; absent or null where it follows its own rules alone. */
  readonly word?: Word | null;
}

/** A difference that an earlier pass saw and took for in flight: it has been there since. */
export interface Awaited {
  readonly localQty: Decimal;
  readonly venueQty: Decimal;
  readonly sinceMs: number;
}

export interface Sighting {
  readonly sightings: number;
  readonly firstSeenMs: number;
  readonly isSettled: boolean;
}

/** The same difference again, or a new one? A difference whose values moved starts to count anew. */
export function settle(
  known: Discrepancy | undefined,
  values: Pick<Discrepancy, "localQty" | "venueQty" | "fields">,
  context: SettleContext,
  awaited?: Awaited,
): Sighting {
  const isSame =
    known !== undefined &&
    known.localQty === values.localQty &&
    known.venueQty === values.venueQty &&
    JSON.stringify(known.fields) === JSON.stringify(values.fields);
  const isAwaited = known === undefined && awaited !== undefined;
  const sightings = isSame ? known.sightings + 1 : isAwaited ? 2 : 1;
  const firstSeenMs = isSame ? known.firstSeenMs : isAwaited ? awaited.sinceMs : context.nowMs;
  const { policy, isForced, nowMs, steady } = context;
  const isLong = elapsedMs(firstSeenMs, nowMs, steady) >= policy.graceMs;
  const isSettled = isForced || (sightings >= policy.confirmations && isLong);
  return { sightings, firstSeenMs, isSettled };
}

/**
 * Instruments that are in flight: an order was sent and its outcome is not known, or a fill happened, or was taken back,
 * so late that the positions read may lack that. A ledger entry too while its key has no anchor: later ones wait for the
 * row that has them (R8), the first row alone does not tell whether it has it.
 */
export function instrumentsInFlight(
  book: Book,
  observedAtMs: number,
  lagMs: number,
  steady?: Steady,
): Set<string> {
  const moving = new Set<string>();
  for (const order of book.orders.values()) {
    const status = orderStatus(order);
    if (status === "pending" || status === "unknown") moving.add(order.instrument);
  }
  for (const [instrument, { atMs, seq }] of book.lastReversals) {
    if (latestMoment(atMs, seq, steady) >= observedAtMs - lagMs) moving.add(instrument);
  }
  for (const [key, ledger] of book.ledgers) {
    for (let index = ledger.entries.length - 1; index >= 0; index -= 1) {
      const entry = ledger.entries[index];
      const sinceMs = observedAtMs - lagMs;
      if (!entry || entry.source === "opening" || entry.timestamp < sinceMs - Math.max(0, steady?.byMs ?? 0))
        break;
      const fill = entry.source === "fill" ? book.fills.get(entry.id as never) : undefined;
      // In the very millisecond in which the read began, it may have been answered before.
      if (fill && latestMoment(entry.timestamp, fill.seq, steady) >= sinceMs)
        moving.add(fill.facts.instrument);
      // By its date alone, which may be days ahead: that tells nothing about this read.
      const isInRead = entry.timestamp >= sinceMs && entry.timestamp <= observedAtMs + READ_MS_MAX;
      if (entry.source === "ledger" && isInRead && !anchorOf(book, key)) moving.add(ledger.instrument);
    }
  }
  return moving;
}

/**
 * Instruments of orders that show more filled than any fill tells, by a change so late that the positions read may lack
 * it: what is estimated from such a row is no difference to the positions of the same read.
 */
export function instrumentsFilledLate(
  book: Book,
  rows: readonly OrderRow[],
  observedAtMs: number,
  lagMs: number,
): Set<string> {
  const late = rows.filter((row) => {
    const changedAtMs = row.updatedAt ?? row.createdAt;
    // Without an average nothing is estimated of it.
    if (changedAtMs === undefined || row.avgPrice === undefined) return false;
    if (changedAtMs < observedAtMs - lagMs) return false;
    const order = findOrder(book, row);
    return order !== undefined && !isZero(missingQty(order, row));
  });
  return new Set(late.map(({ instrument }) => instrument));
}
