// The book's orders against the venue's: what rows say about orders that are known, orders that are not, fills
// that an order has and nobody reported, and orders that the venue no longer shows (R5: one absent row ends
// nothing). An order's own row is a fact and counts at once; what is inferred from it waits like any inference.
import { anchorOf, type OpenAdjustment, type Order } from "../book/book.ts";
import { avgFillPrice, filledQty, findOrder, isActive, newOrder, orderStatus } from "../book/orders.ts";
import { positionQty } from "../book/positions.ts";
import {
  abs,
  add,
  compare,
  type Decimal,
  decimal,
  isZero,
  multiply,
  negate,
  sign,
  subtract,
  sum,
  ZERO,
} from "../decimal.ts";
import { BOOK, type Subject, slotOf } from "../discrepancy.ts";
import { isComplete, type OrderRow } from "../facts.ts";
import { deriveId } from "../hash.ts";
import { payoffOf } from "../instrument.ts";
import {
  joinParts,
  type OrderKey,
  orderKeyOfClientId,
  orderKeyOfVenueId,
  type PositionKey,
  positionKey,
  splitPositionKey,
} from "../keys.ts";
import { type Draft, draft, type OrderChange, type PositionAdjustment } from "../records.ts";
import { EMPTY_TALLY, type SharedBucket, Tallier } from "../summary.ts";
import { type Leg, UNATTRIBUTED } from "../words.ts";
import { strategyOfClientId } from "./attribute.ts";
import { instrumentIn, isUsable, type Outcome, type PassContext } from "./context.ts";
import { type LeftOut, listProblem } from "./left-out.ts";
import {
  amendmentChange,
  contradiction,
  differingFields,
  endToldBehind,
  filledByVenue,
  isBehind,
  missingQty,
  orderRows,
  plainChanges,
  statusChange,
} from "./order-rows.ts";
import { suggestedQty } from "./positions.ts";
import { priceOfOrderFill } from "./price.ts";
import { repaired } from "./repair.ts";
import { closeDiscrepancy, openIn, type Seen, type Sighted, sight } from "./sight.ts";
import { elapsedMs } from "./steady.ts";
import { declared, isInPlan } from "./word.ts";

/** An unknown outcome that lasts as long is brought to a person: within 30 s, of which the look before it has the rest. In ms. */
export const UNKNOWN_ESCALATED_MS = 28_000;
/** A venue's time of creation that is further ahead of ours than this is of a clock that differs. In ms. */
const SENT_LATER_MS_MAX = 60_000;
/** A fee in kind is less than one part in so many of its fill. */
const FEE_IN_KIND_PARTS = decimal("20");
/** Why a sent order ended without ever having been at the venue, for a person. */
const NEVER_ARRIVED =
  "the venue never had it: look-ups for its client order id found none, and no fill is of it";

/** What a gap in the history means for an order, with its moment. */
const UNTOLD = "the venue's history has a gap, and may lack fills of it since";

/** Why an order has more filled than it was for; also tells that a person knows. */
const OVERFILLED = "the venue filled more than was ordered";

/** Orders that this read does not show and that the book holds for active, or as being amended: each is looked up. */
export function unseenOrders(context: PassContext): Order[] {
  const section = context.observation.orders;
  if (!section) return [];
  const seen = new Set<OrderKey>();
  for (const row of section.rows) {
    const order = findOrder(context.book, row);
    if (order) seen.add(order.orderKey);
  }
  return [...context.book.orders.values()]
    .filter((order) => (isActive(order) || order.amendment !== null) && !seen.has(order.orderKey))
    .sort((a, b) => (a.orderKey < b.orderKey ? -1 : 1));
}

export function reconcileOrders(context: PassContext): Outcome {
  const section = context.observation.orders;
  if (!section) return { drafts: [], tally: EMPTY_TALLY, sighted: [] };
  return new OrderComparison(context).run(isUsable(section.quality) ? section.rows : [], section.rows.length);
}

/** Instruments of the orders that a pass ended because they never were at the venue. */
export function instrumentsDenied(drafts: readonly Draft[]): Set<string> {
  const denied = drafts.flatMap((one) =>
    one.kind === "order_state_observed" && one.payload.change.statusReason === NEVER_ARRIVED
      ? [one.payload.instrument]
      : [],
  );
  return new Set(denied);
}

/** Fields that say what is known of an order's change, not what the order is. */
const BOOKKEEPING: ReadonlySet<string> = new Set(["absentSinceMs", "unheardSinceMs", "amendment"]);

class OrderComparison {
  private readonly tallier = new Tallier();
  private readonly drafts: Draft[] = [];
  private readonly sighted: Sighted[] = [];
  /** What inferred fills of this pass have taken of each key's difference already. */
  private readonly inferred = new Map<PositionKey, Decimal>();
  private leftOut: LeftOut = { held: 0, count: 0 };
  private readonly context: PassContext;

  constructor(context: PassContext) {
    this.context = context;
  }

  run(listed: readonly OrderRow[], listedCount: number): Outcome {
    const found = [...this.context.orderLookups.values()].flatMap((answer) =>
      answer.kind === "row" ? [answer.row] : [],
    );
    const { rows, duplicates } = orderRows([...listed, ...found]);
    const matched = new Map<OrderKey, OrderRow>();
    for (const row of [...rows.values()].sort(byCreation)) {
      const order = findOrder(this.context.book, row);
      if (order && matched.has(order.orderKey)) this.tallier.onlyVenue("duplicate");
      else if (order) {
        matched.set(order.orderKey, row);
        this.tallier.both(this.known(order, row));
      } else this.tallier.onlyVenue(this.unknown(row));
    }
    for (const count of duplicates.values())
      for (let n = 0; n < count; n += 1) this.tallier.onlyVenue("duplicate");
    for (let n = listed.length; n < listedCount; n += 1) this.tallier.onlyVenue("watched");
    for (const order of this.context.book.orders.values()) {
      this.overfilled(order, matched.get(order.orderKey));
    }
    const unseen = [...this.context.book.orders.values()].filter(
      (order) => isActive(order) && !matched.has(order.orderKey),
    );
    const held = [...this.context.book.orders.values()].filter(isActive).length;
    this.leftOut = { held, count: unseen.length };
    for (const order of unseen) this.tallier.onlyLocal(this.unseen(order));
    const tally = this.tallier.finish(matched.size + unseen.length, listedCount + found.length);
    return { drafts: this.drafts, tally, sighted: this.sighted };
  }

  private known(order: Order, row: OrderRow): SharedBucket {
    const problem = contradiction(row, order, this.isPastTelling(row));
    if (problem !== null) {
      this.refuse(order, row, "contradictory_row", problem);
      return "refused";
    }
    if (isBehind(order, row, this.context.readSeq)) return this.behind(order, row);
    if (this.context.takenBack?.has(order.instrument)) return "inFlight";
    const fields = withoutAsked(differingFields(order, row), order.amendment);
    const missing = missingQty(order, row);
    const fill = isZero(missing) ? null : this.missingFill(order, row, missing);
    const plain = { ...plainChanges(order, row), ...this.amendmentChange(order, row) };
    const status = fill?.isOpen ? undefined : statusChange(order, row, missing);
    // What was missing is booked: nothing of a gap in the history is unheard any more.
    const isHeard = fill?.isOpen === false && order.unheardSinceMs !== null;
    const change: OrderChange = {
      ...plain,
      ...(isHeard && { unheardSinceMs: null }),
      ...(status !== undefined && { status }),
      ...(fill?.unbacked !== undefined && { unbackedQty: fill.unbacked }),
    };
    const isChanged = Object.keys(change).some((field) => !BOOKKEEPING.has(field));
    if (Object.keys(change).length > 0) this.observe(order.orderKey, order.instrument, change);
    if (fill) this.drafts.push(...fill.drafts);
    // What the client id of an order was that has ended is nobody's question any more.
    const otherId = isTerminalRow(row) ? undefined : otherClientId(order, row);
    if (fill?.isOpen) return fill.isRefused ? "refused" : "watched";
    // A fill that was inferred has told of the row, and ended the difference, already.
    const isFilled = fill !== null && fill.drafts.length > 0;
    const isRepaired = isChanged || isFilled;
    if (isRepaired && !isFilled) this.corrected(order, { ...fields, ...otherId });
    else if (otherId && !isRepaired) this.reportClientId(order, otherId);
    return isRepaired ? "corrected" : "verified";
  }

  /** It ended longer ago than the venue keeps fills, and the history is read: nothing will ever say more than this row. */
  private isPastTelling(row: OrderRow): boolean {
    const { capabilities, observation } = this.context;
    const { retentionMs } = capabilities.fills;
    if (retentionMs === undefined || row.updatedAt === undefined || !isTerminalRow(row)) return false;
    return row.updatedAt < observation.startedAtMs - retentionMs && isComplete(observation.fills);
  }

  /** More was filled than ordered: the fills count, nothing is clamped, and a person is told once. */
  private overfilled(order: Order, row: OrderRow | undefined): void {
    const { orderKey, instrument, fillsQty, amendment, statusReason } = order;
    const ordered = [row?.qty ?? order.qty, amendment?.qty].filter((qty) => qty != null);
    const isMore = ordered.length > 0 && ordered.every((qty) => compare(fillsQty, qty) > 0);
    if (!isMore || statusReason === OVERFILLED || this.isSighted(orderKey)) return;
    // What was inferred is no fill: one of them may be the other.
    const isInferred = ({ facts }: OpenAdjustment) =>
      facts.basis === "order_fill" && facts.orderKey === orderKey;
    if ([...this.context.book.adjustments.values()].some(isInferred)) return;
    const localQty = ordered[0] ?? null;
    const detail = `fills of ${fillsQty} are told of an order for ${localQty}: they count, and the position has them; ask the venue why`;
    const { discrepancy } = this.sightNow({
      of: BOOK,
      kind: "order_mismatch",
      subject: subjectOf(order),
      localQty,
      venueQty: fillsQty,
      remark: { code: "overfilled", detail },
    });
    const { nowMs, causeId } = this.context;
    this.drafts.push(closeDiscrepancy(discrepancy, "explained", nowMs, causeId));
    this.observe(orderKey, instrument, { statusReason: OVERFILLED });
  }

  /** Whether this pass has told a mismatch of the order already: one order's is one discrepancy. */
  private isSighted(orderKey: OrderKey): boolean {
    return this.sighted.some(
      ({ discrepancy: { kind, subject } }) =>
        kind === "order_mismatch" && subject.type === "order" && subject.orderKey === orderKey,
    );
  }

  private behind(order: Order, row: OrderRow): "verified" | "corrected" {
    const status = endToldBehind(order, row, this.context.readSeq);
    if (status === undefined) return "verified";
    this.observe(order.orderKey, order.instrument, { status });
    this.corrected(order, { status: { local: orderStatus(order), venue: status } });
    return "corrected";
  }

  private amendmentChange(order: Order, row: OrderRow): OrderChange {
    const { observation, capabilities, sending, steady } = this.context;
    const ageMs = elapsedMs(order.amendment?.requestedAtMs ?? 0, observation.startedAtMs, steady);
    const isOnItsWay = sending.has(order.orderKey);
    return amendmentChange(order, row, { ageMs, settleMs: capabilities.settleMs, isOnItsWay });
  }

  /** In executor mode a row that differed is a discrepancy that its own facts repaired; beside, it is news. */
  private corrected(order: Order, fields: Seen["fields"] & object): void {
    const known = Object.keys(fields).length > 0;
    if (this.context.policy.mode !== "executor" || !known) return;
    const localQty = filledQty(order);
    const venueQty = fields.filledQty?.venue as Decimal | undefined;
    this.seeClosed({
      of: BOOK,
      kind: "order_mismatch",
      subject: subjectOf(order),
      localQty,
      venueQty: venueQty ?? localQty,
      fields,
    });
  }

  /** Filled at the venue, not here, and no fill reported: inferred only where the venue states the average. */
  private missingFill(
    order: Order,
    row: OrderRow,
    missing: Decimal,
  ): { drafts: Draft[]; isOpen: boolean; isRefused: boolean; unbacked?: Decimal } {
    const filled = filledByVenue(row) ?? add(filledQty(order), missing);
    const known = { qty: filledQty(order), value: this.knownValue(order) };
    const priced = priceOfOrderFill(
      known,
      filled,
      { price: row.avgPrice, scale: row.avgPriceScale },
      payoffOf(instrumentIn(this.context.book, order.instrument)),
    );
    const leg = this.legOf(order, row);
    const refusal =
      priced.price === null
        ? {
            code: "no_price",
            detail: `the venue says ${filled} filled and states no average price, and no fill was reported for ${missing} of it; a price is not made up`,
          }
        : leg === undefined
          ? { code: "leg_unknown", detail: "the venue does not say which leg the order belongs to" }
          : null;
    const seen = this.see({
      of: BOOK,
      kind: "order_mismatch",
      subject: subjectOf(order),
      localQty: filledQty(order),
      venueQty: filled,
      fields: { filledQty: { local: filledQty(order), venue: filled } },
      refusal,
    });
    const mayAct = seen.mayRepair && this.context.capabilities.heals;
    if (!mayAct || leg === undefined) return { drafts: [], isOpen: true, isRefused: refusal !== null };
    const close = repaired(this.context, seen.discrepancy, {
      action: "adjusted",
      before: { filledQty: filledQty(order) },
      after: { filledQty: filled },
      cause: "missed_fill",
    });
    const key = positionKey(order.instrument, leg);
    const side = row.side ?? order.side;
    const delta = side === "buy" ? missing : negate(missing);
    const part = side === null ? undefined : this.partOfDifference(key, delta, row);
    if (part === undefined) {
      // The position has it already: a fact about the order without effect on the position.
      return { drafts: close, isOpen: false, isRefused: false, unbacked: add(order.unbackedQty, missing) };
    }
    const drafts = [this.orderFill(order, leg, part, priced), ...close];
    const keptBack = subtract(abs(delta), abs(part));
    if (isZero(keptBack)) return { drafts, isOpen: false, isRefused: false };
    return { drafts, isOpen: false, isRefused: false, unbacked: add(order.unbackedQty, keptBack) };
  }

  private knownValue(order: Order): Decimal | null {
    // A quantity without fills has no value to subtract.
    return isZero(order.unbackedQty) && avgFillPrice(order) !== null ? order.fillsValue : null;
  }

  /** What the venue did last with the order before the key's quantity was known is in that quantity. */
  private isInOpening(key: PositionKey, { updatedAt }: OrderRow): boolean {
    const { book, capabilities, nowMs } = this.context;
    const anchor = anchorOf(book, key);
    if (!anchor?.isWitnessed || anchor.asOfMs > nowMs || updatedAt === undefined) return false;
    return updatedAt < anchor.asOfMs - capabilities.readAfterFillLagMs;
  }

  /**
   * What of it brings the position towards the venue's: all, or all but a fee in kind that the venue kept back; undefined
   * where nothing does. Where the venue does not say, all, unless it is in the opening.
   */
  private partOfDifference(key: PositionKey, delta: Decimal, row: OrderRow): Decimal | undefined {
    const venueQty = suggestedQty(this.context, key);
    if (venueQty === undefined) return this.isInOpening(key, row) ? undefined : delta;
    const taken = this.inferred.get(key) ?? ZERO;
    const rest = subtract(venueQty, add(positionQty(this.context.book, key), taken));
    if (sign(rest) !== sign(delta)) return undefined;
    const isAll = compare(abs(rest), abs(delta)) >= 0;
    if (!isAll && !this.isButForFee(key, rest, delta)) return undefined;
    const part = isAll ? delta : rest;
    this.inferred.set(key, add(taken, part));
    return part;
  }

  /** A fee in kind is a small part of its fill, and nobody told of either. */
  private isButForFee(key: PositionKey, rest: Decimal, delta: Decimal): boolean {
    const { base } = instrumentIn(this.context.book, splitPositionKey(key).instrument);
    const keptBack = abs(subtract(delta, rest));
    return base !== null && compare(multiply(keptBack, FEE_IN_KIND_PARTS), abs(delta)) < 0;
  }

  private orderFill(
    order: Pick<Order, "orderKey" | "instrument" | "strategy">,
    leg: Leg,
    qtyDelta: Decimal,
    priced: Pick<PositionAdjustment, "price" | "priceSource">,
  ): Draft {
    const { book, observation, causeId } = this.context;
    const key = positionKey(order.instrument, leg);
    const qtyBefore = positionQty(book, key);
    const qtyAfter = add(qtyBefore, qtyDelta);
    const payload: PositionAdjustment = {
      subject: "position",
      adjustmentId: deriveId("adj", [
        book.account,
        order.instrument,
        leg,
        order.orderKey,
        qtyBefore,
        qtyAfter,
        book.lastChange.get(key) ?? 0,
      ]),
      basis: "order_fill",
      instrument: order.instrument,
      leg,
      qtyDelta,
      price: priced.price,
      priceSource: priced.priceSource,
      asOfMs: observation.startedAtMs,
      readByMs: this.readByMs(order.orderKey),
      venueSeq: 0,
      qtyBefore,
      qtyAfter,
      cause: "missed_fill",
      strategy: order.strategy ?? UNATTRIBUTED,
      orderKey: order.orderKey,
    };
    return draft("adjustment_inferred", payload, causeId);
  }

  /** By when what this pass knows of the order was read: a fill that is told later may be dated up to then. */
  private readByMs(orderKey: OrderKey): number {
    const { orderLookups, observation, lookedUpByMs = 0 } = this.context;
    const isLookedUp = orderLookups.get(orderKey)?.kind === "row";
    return isLookedUp ? Math.max(lookedUpByMs, observation.finishedAtMs) : observation.finishedAtMs;
  }

  private legOf(order: Order | undefined, row: OrderRow): Leg | undefined {
    if (this.context.positionMode === "net") return "net";
    const leg = row.leg ?? order?.leg ?? undefined;
    return leg === "net" ? undefined : leg;
  }

  /** An order of which the book did not know. */
  private unknown(row: OrderRow): "added" | "refused" | "watched" {
    const problem = contradiction(row, undefined, this.isPastTelling(row));
    if (problem !== null) {
      this.refuse(undefined, row, "contradictory_row", problem);
      return "refused";
    }
    if (row.venueOrderId === undefined && row.clientOrderId === undefined) {
      this.refuse(undefined, row, "no_id", "the venue's row has neither an order id nor a client order id");
      return "refused";
    }
    const { observe, mode } = this.context.policy;
    if (mode === "executor" && this.context.policy.kinds.missing_local_order !== "repair") {
      this.see({
        of: BOOK,
        kind: "missing_local_order",
        subject: subjectOfRow(row),
        localQty: null,
        venueQty: row.filledQty ?? null,
      });
      return "watched";
    }
    if (!observe) this.adopt(row);
    const isDifference = mode === "executor" && !isTerminalRow(row);
    if (isDifference) this.missingLocal(row, observe);
    return observe ? "watched" : "added";
  }

  private missingLocal(row: OrderRow, isObserveOnly: boolean): void {
    const seen: Seen = {
      of: BOOK,
      kind: "missing_local_order",
      subject: subjectOfRow(row),
      localQty: null,
      venueQty: row.filledQty ?? ZERO,
    };
    if (isObserveOnly) this.see(seen);
    else this.seeClosed(seen);
  }

  private adopt(row: OrderRow): void {
    const { policy, book, nowMs } = this.context;
    const orderKey =
      row.venueOrderId === undefined
        ? orderKeyOfClientId(row.instrument, row.clientOrderId ?? "")
        : orderKeyOfVenueId(row.instrument, row.venueOrderId);
    const { instrument, avgPrice: _, avgPriceScale: __, filledQty: ___, status, ...fields } = row;
    const strategy = row.strategy ?? strategyOfClientId(policy, row.clientOrderId ?? null);
    const isTellable = policy.mode === "executor" || Object.keys(policy.strategies).length > 0;
    const order = newOrder(orderKey, instrument, nowMs);
    Object.assign(order, { side: row.side ?? null, strategy: strategy ?? null, leg: row.leg ?? null });
    order.fillsQty = fillsWaiting(book, row);
    const missing = missingQty(order, row);
    const fill = isZero(missing) ? null : this.missingFill(order, row, missing);
    this.observe(orderKey, instrument, {
      ...fields,
      // An end is believed together with what was filled by then; until that is booked the order counts as open.
      status: fill?.isOpen && isTerminalRow(row) ? "open" : (status ?? "open"),
      ...(strategy !== undefined && { strategy }),
      ...((strategy !== undefined || isTellable) && { isOurs: strategy !== undefined }),
      ...(fill?.unbacked !== undefined && { unbackedQty: fill.unbacked }),
    });
    if (fill) this.drafts.push(...fill.drafts);
  }

  /** Held for active here, not in the read. */
  private unseen(order: Order): "inFlight" | "watched" | "refused" | "unavailable" | "closed" | "verified" {
    const { context } = this;
    const status = orderStatus(order);
    const isSent = status === "pending" || status === "unknown";
    const ageMs = ageOf(order, context);
    const answer = context.orderLookups.get(order.orderKey);
    // Where single orders cannot be asked for, a complete list of the open ones is all the word there is.
    const isListAll = context.capabilities.orderLookup === "none";
    const isDenied = isListAll ? isComplete(context.observation.orders) : answer?.kind === "none";
    // While its request may still be on its way to the venue, no look-up ends an order.
    const isAbsent = isDenied && !context.sending.has(order.orderKey);
    if (isAbsent && this.endAbsent(order, ageMs, isSent)) return "closed";
    if (this.endByWord(order, ageMs, isSent)) return "closed";
    // What a plan would end is seen as that, once.
    const isSeen = this.wordOn(order, ageMs, isSent) !== undefined;
    if (isAbsent && !isSeen && !this.isLeaving(order)) this.seeStale(order, isSent);
    // The read itself may have taken as long: a person is not kept waiting for the next one.
    const askedMs = Math.max(0, (context.lookedUpByMs ?? context.nowMs) - context.nowMs);
    if (isSent && ageMs + askedMs >= UNKNOWN_ESCALATED_MS) this.escalateUnknown(order);
    if (isSent) return "inFlight";
    if (!isDenied) return "unavailable";
    return this.isLeaving(order) ? "inFlight" : "watched";
  }

  /**
   * Not shown any more, and what ended it may be on its way: its fill, the word of its cancel. That is in flight for as long as
   * an order may take to settle, and counts as open meanwhile; force waits for nothing (R2), and what is told already stays.
   */
  private isLeaving(order: Order): boolean {
    const { book, capabilities, nowMs, steady, isForced, word } = this.context;
    const slot = slotOf(BOOK, "stale_local_order", subjectOf(order));
    if (isForced || word || openIn(book, slot) !== undefined) return false;
    const { absentSinceMs } = order;
    return absentSinceMs === null || elapsedMs(absentSinceMs, nowMs, steady) < capabilities.settleMs;
  }

  private get tellsStale(): boolean {
    return this.context.policy.mode === "executor";
  }

  /** R5: a conclusive "none", twice, after the settle time, and no fill in a window with proof. */
  private endAbsent(order: Order, ageMs: number, isSent: boolean): boolean {
    const { context } = this;
    const { capabilities, observation, nowMs } = context;
    const isConclusive = capabilities.orderLookup === "conclusive";
    // An account without a fills section has no window with proof: there such an order is for a person.
    // Nor is a history one that does not tell what became of the order while nobody listened.
    const hasProof = observation.fills?.quality === "complete" && order.unheardSinceMs === null;
    const isForgotten = capabilities.forgetsClosedOrders && hasProof;
    // What was sent may still turn up until its settle time is over: a "none" from before then is no evidence.
    if (isSent && Math.min(ageMs, this.steadyMs()) < capabilities.settleMs) return false;
    const isFirst = order.absentSinceMs === null;
    if (isFirst) this.observe(order.orderKey, order.instrument, { absentSinceMs: nowMs }, "lookup");
    const isToldByList =
      capabilities.orderLookup !== "none" || listProblem(order, context, this.leftOut) === null;
    const isProven =
      !isFirst &&
      (isConclusive || (isForgotten && !isSent && isToldByList)) &&
      hasProof &&
      ageMs >= capabilities.settleMs;
    const isRepairable = isSent || !this.tellsStale || context.policy.kinds.stale_local_order === "repair";
    const mayEnd = isProven && isRepairable && !context.policy.observe;
    if (!mayEnd) return false;
    const seen = this.seeStale(order, isSent);
    const status = isSent ? "rejected" : "canceled";
    const before = { status: orderStatus(order) };
    const change: OrderChange = isSent ? { status, statusReason: NEVER_ARRIVED } : { status };
    this.observe(order.orderKey, order.instrument, change, isSent ? "lookup" : "inferred");
    if (seen) {
      const facts = { action: "order_state", before, after: { status }, cause: null } as const;
      this.drafts.push(...repaired(context, seen.discrepancy, facts));
    }
    return true;
  }

  /** For how long this process has vouched for our clock: what an earlier one noted may be from before it was set. */
  private steadyMs(): number {
    const { nowMs, steady } = this.context;
    return steady ? nowMs - steady.sinceMs : Number.POSITIVE_INFINITY;
  }

  /**
   * R5: a person says that it is over, by plan: an order whose outcome nothing else tells. Not one that this read or a
   * look-up shows, and not while the open orders could not be read.
   */
  private endByWord(order: Order, ageMs: number, isSent: boolean): boolean {
    const { context } = this;
    const seen = this.wordOn(order, ageMs, isSent);
    if (!seen) return false;
    const before = { status: orderStatus(order) };
    const { discrepancy, mayRepair } = this.sightNow(seen);
    if (!mayRepair) return false;
    const { orderKey, instrument } = order;
    const change = { status: "canceled", updatedAt: context.nowMs } as const;
    this.drafts.push(
      draft("order_state_observed", { orderKey, instrument, change, source: "person" }, discrepancy.id),
    );
    const facts = { action: "order_state", before, after: { status: "canceled" }, cause: null } as const;
    this.drafts.push(...repaired(context, discrepancy, facts));
    return true;
  }

  /** The order's matter as the plan that is carried out has it; undefined where it does not, or may not end it. */
  private wordOn(order: Order, ageMs: number, isSent: boolean): Seen | undefined {
    const { word, policy, observation } = this.context;
    const isStuck = isSent ? ageMs >= UNKNOWN_ESCALATED_MS : order.absentSinceMs !== null;
    if (!word || policy.observe || !isComplete(observation.orders) || !isStuck) return undefined;
    const localQty = isSent ? order.qty : filledQty(order);
    const seen: Seen = {
      of: BOOK,
      kind: isSent ? "unknown_order" : "stale_local_order",
      subject: subjectOf(order),
      localQty,
      venueQty: null,
      fields: { status: { local: orderStatus(order), venue: null } },
      remark: declared(this.missingProof(order)),
    };
    return isInPlan(word, { ...seen, localQty, venueQty: null }) ? seen : undefined;
  }

  private missingProof(order: Order): string {
    const { orderLookups, capabilities } = this.context;
    const answer = orderLookups.get(order.orderKey);
    const problem =
      capabilities.orderLookup === "none" ? listProblem(order, this.context, this.leftOut) : null;
    const asked =
      problem !== null
        ? `this venue cannot be asked for a single one; ${problem}`
        : answer === undefined
          ? "it was not looked up"
          : answer.kind === "none"
            ? `the look-up answers "none", which this venue declares ${capabilities.orderLookup}`
            : answer.kind === "unknown"
              ? `the look-up does not tell (${answer.problem})`
              : "a look-up shows it";
    const gap =
      order.unheardSinceMs === null ? "" : `; ${UNTOLD} ${new Date(order.unheardSinceMs).toISOString()}`;
    return `no proof that it has ended: the venue's open orders do not show it, and ${asked}${gap}`;
  }

  private seeStale(order: Order, isSent: boolean): Sighted | undefined {
    if (!this.tellsStale || isSent) return undefined;
    const fields = { status: { local: orderStatus(order), venue: null } };
    // What settles it is the time that it has been left out for.
    return this.sightNow({
      of: BOOK,
      kind: "stale_local_order",
      subject: subjectOf(order),
      localQty: filledQty(order),
      venueQty: null,
      fields,
    });
  }

  private escalateUnknown(order: Order): void {
    const fields = { status: { local: orderStatus(order), venue: null } };
    this.sightNow({
      of: BOOK,
      kind: "unknown_order",
      subject: subjectOf(order),
      localQty: order.qty,
      venueQty: null,
      fields,
    });
  }

  /** R9: the row applies, and that its client id is another is said. */
  private reportClientId(order: Order, fields: NonNullable<Seen["fields"]>): void {
    const qty = filledQty(order);
    const subject = subjectOf(order);
    this.see({
      of: BOOK,
      kind: "order_mismatch",
      subject,
      localQty: qty,
      venueQty: qty,
      fields,
      policy: "watch",
    });
  }

  private refuse(order: Order | undefined, row: OrderRow, code: string, detail: string): void {
    this.see({
      of: BOOK,
      kind: "order_mismatch",
      subject: order ? subjectOf(order) : subjectOfRow(row),
      localQty: order ? filledQty(order) : null,
      venueQty: row.filledQty ?? null,
      refusal: { code, detail },
    });
  }

  private observe(
    orderKey: OrderKey,
    instrument: string,
    change: OrderChange,
    source: "venue" | "lookup" | "inferred" = "venue",
  ): void {
    this.drafts.push(
      draft("order_state_observed", { orderKey, instrument, change, source }, this.context.causeId),
    );
  }

  private see(seen: Seen): Sighted {
    const sighted = sight(this.context.book, seen, this.context, this.context.causeId);
    this.drafts.push(...sighted.drafts);
    this.sighted.push(sighted);
    return sighted;
  }

  /** A sighting that needs no settling: time has settled it already. */
  private sightNow(seen: Seen): Sighted {
    const sighted = sight(this.context.book, seen, { ...this.context, isForced: true }, this.context.causeId);
    this.drafts.push(...sighted.drafts);
    this.sighted.push(sighted);
    return sighted;
  }

  private seeClosed(seen: Seen): void {
    const { discrepancy } = this.sightNow(seen);
    this.drafts.push(closeDiscrepancy(discrepancy, "repaired", this.context.nowMs, this.context.causeId));
  }
}

/** What was asked for and is now shown is no difference. */
function withoutAsked(fields: ReturnType<typeof differingFields>, amendment: Order["amendment"]) {
  const asked = { ...amendment } as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(fields).filter(([name, { venue }]) => asked[name] !== venue));
}

/** How long the order has been out, at least: what was sent after it became known counts from there. */
function ageOf(order: Order, { nowMs, steady }: PassContext): number {
  const { createdAt, knownSinceMs, sentAtMs, sentSeq } = order;
  if (sentAtMs !== null) return elapsedMs(sentAtMs, nowMs, steady, sentSeq);
  const sentLaterMs = Math.max(0, (createdAt ?? 0) - knownSinceMs);
  return elapsedMs(knownSinceMs, nowMs, steady) - Math.min(sentLaterMs, SENT_LATER_MS_MAX);
}

function otherClientId(order: Order, row: OrderRow): Seen["fields"] {
  const { clientOrderId } = row;
  if (clientOrderId === undefined || order.clientOrderId === null || clientOrderId === order.clientOrderId) {
    return undefined;
  }
  // Amending replaces the order: the new name was chosen here.
  if (clientOrderId === order.amendment?.clientOrderId) return undefined;
  return { clientOrderId: { local: order.clientOrderId, venue: clientOrderId } };
}

function byCreation(a: OrderRow, b: OrderRow): number {
  return (a.createdAt ?? 0) - (b.createdAt ?? 0);
}

function isTerminalRow(row: OrderRow): boolean {
  return (
    row.status === "filled" ||
    row.status === "canceled" ||
    row.status === "expired" ||
    row.status === "rejected"
  );
}

/** Quantity of the fills that came before the order and wait for it. */
function fillsWaiting(book: PassContext["book"], row: OrderRow): Decimal {
  const ids = [row.venueOrderId, ...(row.previousVenueOrderIds ?? [])].filter((id) => id !== undefined);
  const keys = ids.flatMap((id) => book.orphans.get(joinParts([row.instrument, id])) ?? []);
  return sum(keys.map((key) => book.fills.get(key)?.facts.qty ?? ZERO));
}

function subjectOf(order: Order): Subject {
  const { instrument, orderKey, clientOrderId, venueOrderId } = order;
  return { type: "order", instrument, orderKey, clientOrderId, venueOrderId };
}

function subjectOfRow(row: OrderRow): Subject & { readonly type: "order" } {
  return {
    type: "order",
    instrument: row.instrument,
    orderKey: null,
    clientOrderId: row.clientOrderId ?? null,
    venueOrderId: row.venueOrderId ?? null,
  };
}
