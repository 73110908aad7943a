// What one reported fill becomes: a record, with whatever it takes the place of; nothing, when it is known; a
// conflict, when it contradicts what is known; or a refusal, when the row cannot be believed. Fills are facts:
// this decides where they belong, never whether to wait for them.
import type { Book, Order } from "../book/book.ts";
import { anchorOf, type Fill } from "../book/book.ts";
import { entryOfFill, fillQtyDelta } from "../book/effects.ts";
import { filledQty, findOrder, isTerminal } from "../book/orders.ts";
import { positionQty } from "../book/positions.ts";
import {
  add,
  compare,
  type Decimal,
  divide,
  isZero,
  min,
  multiply,
  negate,
  sign,
  subtract,
  sum,
  ZERO,
} from "../decimal.ts";
import { type FillRow, type OrderRow, withoutEmptyIds } from "../facts.ts";
import { type FillKey, type PositionKey, positionKey } from "../keys.ts";
import type { Entry } from "../ledger/entry.ts";
import type { AccountPolicy } from "../policy.ts";
import { type Draft, draft, type Payloads } from "../records.ts";
import type { Leg } from "../words.ts";
import { causeOfFill, strategyOf } from "./attribute.ts";
import { instrumentIn } from "./context.ts";
import { openEstimates, readByOf, replaceEstimates, replaceOrderEstimates } from "./estimates.ts";
import { identifyFill } from "./identify.ts";
import { openingOf, replaceOpening } from "./opening.ts";
import { filledByVenue } from "./order-rows.ts";

export interface FillContext {
  readonly book: Book;
  readonly policy: AccountPolicy;
  readonly positionMode: "net" | "hedge";
  /** The adapter's read-after-fill lag, ms. */
  readonly lagMs: number;
  readonly source: "venue" | "stream" | "seed";
  readonly nowMs: number;
  readonly causeId: string;
  /** How many identical rows without a trade id came before it in the same answer. */
  readonly occurrence: number;
  /** The venue's quantity of a key in this read; undefined when it does not say. */
  readonly venueQty?: (key: PositionKey) => Decimal | undefined;
  /** The row of a fill's order in this read. */
  readonly orderRow?: (row: FillRow) => OrderRow | undefined;
  /** Keys whose quantity nobody witnessed, and whether this fill is in it already. */
  readonly isContainedByStatement?: boolean;
}

export type FillDecision =
  | {
      readonly kind: "recorded";
      readonly facts: Payloads["fill_recorded"];
      readonly key: PositionKey;
      /** Signed change of the position. */
      readonly qtyDelta: Decimal;
      readonly drafts: readonly Draft[];
    }
  | { readonly kind: "known"; readonly fillKey: FillKey }
  | { readonly kind: "conflict"; readonly fillKey: FillKey; readonly known: Fill }
  | { readonly kind: "refused"; readonly code: string; readonly detail: string };

/** A venue's clock may be wrong; a timestamp further ahead than this is a changed unit, not a skew. */
const FUTURE_MS_MAX = 24 * 3_600_000;

export function decideFill(reported: FillRow, context: FillContext): FillDecision {
  const { book } = context;
  const stated = withoutEmptyIds(reported);
  const problem = rowProblem(stated, context.nowMs);
  if (problem) return problem;
  const identity = identifyFill(book, stated, context.occurrence);
  if (identity.kind !== "new") return identity;
  const merged = identity.merges && book.fills.get(identity.merges);
  const row = merged ? withCauseOf(merged, stated) : stated;
  const order = findOrder(book, row);
  const ofFill = { known: order, row: context.orderRow?.(row) };
  const leg = legOf(row, order, context);
  if (leg === undefined) {
    const detail = `the fill ${row.tradeId ?? ""} of ${row.instrument} does not say its leg, and no leg's difference tells it`;
    return { kind: "refused", code: "leg_unknown", detail };
  }
  const key = positionKey(row.instrument, leg);
  const qtyDelta = fillQtyDelta(instrumentIn(book, row.instrument), row);
  // A merged fill stays where its provisional one was: estimates and openings have given way to it already.
  const isContained = merged
    ? merged.facts.isContained
    : isInAnchor(row, key, context) && !isEstimated(identity.fillKey, row, key, qtyDelta, context);
  const backs = backedBy(book, row, order, ofFill.row);
  const facts: Payloads["fill_recorded"] = {
    ...row,
    fillKey: identity.fillKey,
    leg,
    strategy: strategyOf(context.policy, row, ofFill),
    orderKey: order?.orderKey ?? null,
    cause: causeOfFill(book, context.policy, row, ofFill),
    source: context.source,
    isProvisional: identity.isProvisional,
    ...(identity.merges !== undefined && { merges: identity.merges }),
    ...(sign(backs) > 0 && { backs }),
    ...(isContained && { isContained }),
  };
  return { kind: "recorded", facts, key, qtyDelta, drafts: draftsOf(facts, key, qtyDelta, context) };
}

function draftsOf(
  facts: Payloads["fill_recorded"],
  key: PositionKey,
  qtyDelta: Decimal,
  context: FillContext,
): Draft[] {
  const { book, causeId } = context;
  const record = draft("fill_recorded", facts, causeId);
  if (facts.merges !== undefined) return [record];
  if (facts.isContained) {
    const entry = entryOfFill(instrumentIn(book, facts.instrument), facts);
    const late = {
      fillKey: facts.fillKey,
      key,
      qtyDelta,
      tradedQty: facts.qty,
      timestamp: facts.timestamp,
      orderKey: facts.orderKey,
    };
    const ofOrder = replaceOrderEstimates(book, late, causeId);
    const left = partOfOpening(book, key, entry, ofOrder);
    const ofOpening =
      left === null ? [] : replaceOpening(book, key, [{ id: facts.fillKey, entry: left }], causeId);
    return [...ofOrder, ...ofOpening, record];
  }
  const { fillKey, timestamp, orderKey } = facts;
  const late = { fillKey, key, qtyDelta, tradedQty: facts.qty, timestamp, orderKey };
  return [...replaceEstimates(book, late, context.lagMs, context.nowMs, causeId), record];
}

/**
 * What the opening has of a fill: all of it, but for what stood for it on its order before the quantity was known, as the
 * opening is only the rest of that quantity. Null where that is nothing.
 */
function partOfOpening(book: Book, key: PositionKey, entry: Entry, ofOrder: readonly Draft[]): Entry | null {
  const asOfMs = anchorOf(book, key)?.asOfMs ?? 0;
  const stoodFor = sum(
    ofOrder.flatMap((one) => {
      if (one.kind !== "adjustment_replaced") return [];
      const open = book.adjustments.get(one.payload.adjustmentId);
      return open && open.facts.asOfMs < asOfMs ? [subtract(open.remaining, one.payload.qtyDelta)] : [];
    }),
  );
  if (isZero(stoodFor)) return entry;
  const qtyDelta = subtract(entry.qtyDelta, stoodFor);
  if (isZero(qtyDelta)) return null;
  const part = absolute(divide(qtyDelta, entry.qtyDelta));
  return { ...entry, qtyDelta, value: entry.value === null ? null : multiply(entry.value, part) };
}

/** That the venue traded by itself is a fact, even where its other source does not repeat it. */
function withCauseOf({ facts }: Fill, row: FillRow): FillRow {
  return row.forced === undefined && facts.forced !== undefined ? { ...row, forced: facts.forced } : row;
}

function rowProblem(row: FillRow, nowMs: number): FillDecision | undefined {
  const name = `the fill ${row.tradeId ?? row.joinKey ?? "without an id"} of ${row.instrument}`;
  if (sign(row.qty) <= 0) {
    return {
      kind: "refused",
      code: "bad_quantity",
      detail: `${name} has quantity ${row.qty}; it must be above zero`,
    };
  }
  if (row.timestamp >= 0 && row.timestamp <= nowMs + FUTURE_MS_MAX) return undefined;
  const detail = `${name} is dated ${row.timestamp} ms, which is not within a day of our clock (${nowMs} ms)`;
  return { kind: "refused", code: "timestamp_out_of_range", detail };
}

function legOf(row: FillRow, order: Order | undefined, context: FillContext): Leg | undefined {
  if (context.positionMode === "net") return "net";
  if (row.leg !== undefined && row.leg !== "net") return row.leg;
  if (order?.leg && order.leg !== "net") return order.leg;
  const delta = row.side === "buy" ? row.qty : negate(row.qty);
  const differences = (["long", "short"] as const).map((leg) => {
    const key = positionKey(row.instrument, leg);
    const venueQty = context.venueQty?.(key);
    return { leg, rest: venueQty === undefined ? ZERO : subtract(venueQty, positionQty(context.book, key)) };
  });
  const exact = differences.filter(({ rest }) => rest === delta);
  if (exact.length === 1) return exact[0]?.leg;
  const roomy = differences.filter(
    ({ rest }) => sign(rest) === sign(delta) && compare(absolute(rest), absolute(delta)) >= 0,
  );
  return roomy.length === 1 ? roomy[0]?.leg : undefined;
}

function absolute(value: Decimal): Decimal {
  return sign(value) < 0 ? negate(value) : value;
}

/** Whether the fill happened before its key's quantity became known, so that the quantity has it already. */
function isInAnchor(row: FillRow, key: PositionKey, context: FillContext): boolean {
  const anchor = anchorOf(context.book, key);
  if (!anchor) return false;
  if (isLaterThanNew(context.book, key, row)) return false;
  if (!anchor.isWitnessed || isAhead(anchor.asOfMs, context)) return context.isContainedByStatement ?? false;
  // At the very millisecond of the anchor's read its own backfill has counted what was there.
  return row.timestamp < anchor.asOfMs - context.lagMs;
}

/**
 * The venue's times can be compared with each other, whatever our clock said when the quantity was read. An opening beside
 * a quantity that nobody witnessed may be from after what was new, and have what came later.
 */
export function isLaterThanNew(book: Book, key: PositionKey, { timestamp }: FillRow): boolean {
  if (timestamp <= (book.newFromMs.get(key) ?? Number.POSITIVE_INFINITY)) return false;
  return anchorOf(book, key)?.isWitnessed !== false || openingOf(book, key) === undefined;
}

/** A moment ahead of our clock was noted before it was set back: times tell nothing there, quantities do. */
function isAhead(asOfMs: number, { nowMs }: Pick<FillContext, "nowMs">): boolean {
  return asOfMs > nowMs;
}

/** Whether open estimates stand for all of it; then it is them that it takes the place of, not the opening. */
function isEstimated(
  fillKey: FillKey,
  row: FillRow,
  key: PositionKey,
  qtyDelta: Decimal,
  { book, lagMs, nowMs }: FillContext,
): boolean {
  const anchor = anchorOf(book, key);
  if (!anchor) return false;
  const orderKey = findOrder(book, row)?.orderKey ?? null;
  const isCertain = anchor.isWitnessed && !isAhead(anchor.asOfMs, { nowMs });
  // What was estimated before the quantity was known is no part of an opening: the order itself had told of it.
  const open = openEstimates(book, { fillKey, key, qtyDelta, timestamp: row.timestamp, orderKey }).filter(
    ({ facts }) => !isCertain || (facts.basis === "order_fill" && facts.asOfMs < anchor.asOfMs),
  );
  const covered = sum(
    open
      .filter(({ facts }) => row.timestamp <= readByOf(facts) - lagMs)
      .map(({ remaining }) => absolute(remaining)),
  );
  return compare(covered, absolute(qtyDelta)) >= 0;
}

/** The part of this fill that the order's filled quantity counts already, without a fill to show for it. */
function backedBy(
  book: Book,
  row: FillRow,
  order: Order | undefined,
  reported: OrderRow | undefined,
): Decimal {
  if (!order || sign(order.unbackedQty) <= 0) return ZERO;
  const told = (reported && filledByVenue(reported)) ?? (hasEnded(order) ? filledQty(order) : undefined);
  if (told === undefined && order.qty === null) return ZERO;
  // What was taken back was executed too, and no order executes more than it was for.
  const executed = told === undefined ? add(filledQty(order), takenBackQty(book, order)) : filledQty(order);
  const excess = subtract(add(executed, row.qty), told ?? order.qty ?? ZERO);
  if (sign(excess) <= 0) return ZERO;
  // A row has a fill whole or not at all: one that cannot be all new beside what is counted is that, all of it.
  const most = told === undefined ? row.qty : min(excess, row.qty);
  return min(most, order.unbackedQty);
}

function takenBackQty(book: Book, { orderKey }: Order): Decimal {
  const back = [...book.fills.values()].filter((fill) => fill.isReversed && fill.orderKey === orderKey);
  return sum(back.map(({ facts }) => facts.qty));
}

/** Whether the venue's own row told its end before all of it was filled: then what was filled by then is all there is. */
function hasEnded({ observedStatus, statusSource }: Order): boolean {
  return statusSource === "venue" && observedStatus !== "filled" && isTerminal(observedStatus);
}
