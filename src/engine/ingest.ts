// Facts into the book: fills and ledger entries of a read, or a fill from the stream. Journaled at once, each
// exactly once; what contradicts what is known, or cannot be believed, is reported and not booked.
import {
  add,
  anchorOf,
  BOOK,
  type Book,
  containedCount,
  type Decimal,
  type Draft,
  decideFill,
  decideLedgerEntry,
  draft,
  type ExplanationPart,
  type FillContext,
  type FillKey,
  type FillRow,
  fillKeyOf,
  type Instrument,
  instrumentOf,
  isLaterThanNew,
  isSameInstrument,
  type LedgerRow,
  negate,
  type OrderRow,
  openingOf,
  type Payloads,
  type PositionKey,
  positionKey,
  positionQty,
  type Seen,
  substituteGroup,
  undecidedEntries,
  ZERO,
} from "../core/index.ts";
import { forcedTradeDrafts, isForcedCause, isForcedTrade } from "./hold.ts";
import type { AccountWriter } from "./writer.ts";

export interface Ingested {
  /** Fills that are new, in the order in which they were booked. */
  readonly fills: readonly Payloads["fill_recorded"][];
  /** What was new, by key: the parts of an explanation. */
  readonly news: Map<PositionKey, ExplanationPart[]>;
  /** Rows that contradict what is known, or cannot be believed: discrepancies to be seen. */
  readonly problems: readonly Seen[];
  /** Fills that were reported again as they are known. */
  readonly agreed: ReadonlySet<FillKey>;
  /** Every fill that was reported, new or known, agreeing or not. */
  readonly listed: ReadonlySet<FillKey>;
}

export interface IngestContext
  extends Pick<FillContext, "policy" | "positionMode" | "lagMs" | "source" | "nowMs"> {
  readonly writer: AccountWriter;
  readonly causeId: string;
  readonly instrument: (symbol: string) => Instrument | undefined;
  /** What the read suggests of a key, absence taken for zero: only to choose between readings of a fill. */
  readonly suggestedQty?: (key: PositionKey) => Decimal | undefined;
  /** What a row of the read says of a key. */
  readonly listedQty?: (key: PositionKey) => Decimal | undefined;
  /** Orders of this read, and those that fills of it were asked for. */
  readonly orderRows?: readonly OrderRow[];
}

/** Makes sure that the book knows an instrument before anything is booked on it. */
export function observeInstruments(symbols: Iterable<string>, context: IngestContext): void {
  const { book } = context.writer;
  for (const symbol of new Set(symbols)) {
    const known = book.instruments.get(symbol);
    // An adapter that does not know it yet, after a start, takes nothing back.
    const stated = context.instrument(symbol) ?? known ?? instrumentOf(symbol);
    if (known && isSameInstrument(known, stated)) continue;
    context.writer.stage([draft("instrument_observed", { instrument: stated }, context.causeId)]);
  }
}

export function ingestFills(rows: readonly FillRow[], context: IngestContext): Ingested {
  const { writer } = context;
  const { book } = writer;
  observeInstruments(
    rows.map((row) => row.instrument),
    context,
  );
  const ordered = inVenueOrder(rows);
  const contained = containedRows(book, ordered, context);
  const occurrences = new Map<string, number>();
  const fills: Payloads["fill_recorded"][] = [];
  const news = new Map<PositionKey, ExplanationPart[]>();
  const problems: Seen[] = [];
  const agreed = new Set<FillKey>();
  const listed = new Set<FillKey>();
  for (const row of ordered) {
    const group = substituteGroup(row);
    const occurrence = occurrences.get(group) ?? 0;
    occurrences.set(group, occurrence + 1);
    const decision = decideFill(row, {
      ...fillContext(context),
      occurrence,
      isContainedByStatement: contained.has(row),
    });
    if (decision.kind === "recorded") listed.add(decision.facts.fillKey);
    else if (decision.kind !== "refused") listed.add(decision.fillKey);
    if (decision.kind === "recorded") {
      writer.stage([...decision.drafts, ...forcedDrafts(book, decision.facts, context)]);
      fills.push(decision.facts);
      if (!decision.facts.isContained && decision.facts.merges === undefined) {
        addPart(news, decision.key, partOf(decision.facts, decision.qtyDelta));
      }
    } else if (decision.kind === "known") agreed.add(decision.fillKey);
    else if (decision.kind === "conflict") problems.push(conflictOf(row, decision));
    else if (decision.kind === "refused") problems.push(refusalOf(row, decision));
  }
  return { fills, news, problems, agreed, listed };
}

export function inVenueOrder(rows: readonly FillRow[]): FillRow[] {
  return [...rows].sort((a, b) => a.timestamp - b.timestamp || (a.venueSeq ?? 0) - (b.venueSeq ?? 0));
}

export function fillContext(context: IngestContext): FillContext {
  const { writer } = context;
  return {
    book: writer.book,
    policy: context.policy,
    positionMode: context.positionMode,
    lagMs: context.lagMs,
    source: context.source,
    nowMs: context.nowMs,
    causeId: context.causeId,
    occurrence: 0,
    ...(context.suggestedQty && { venueQty: context.suggestedQty }),
    orderRow: (row) => context.orderRows?.find((one) => isOrderOf(one, row)),
  };
}

function isOrderOf(order: OrderRow, fill: FillRow): boolean {
  if (order.instrument !== fill.instrument) return false;
  if (fill.venueOrderId !== undefined) return order.venueOrderId === fill.venueOrderId;
  return fill.clientOrderId !== undefined && order.clientOrderId === fill.clientOrderId;
}

/**
 * Rows from before a quantity that nobody witnessed: the venue's quantity tells which of them it contains. Where
 * nothing was held at all, none is contained, and an opening makes up the rest (anchor.ts).
 */
export function containedRows(
  book: Book,
  rows: readonly FillRow[],
  context: IngestContext,
): ReadonlySet<FillRow> {
  const byKey = new Map<PositionKey, FillRow[]>();
  // What happened after the anchor counts in any case: the venue's quantity has it too.
  const later = new Map<PositionKey, Decimal>();
  for (const row of rows) {
    const key = positionKey(row.instrument, context.positionMode === "net" ? "net" : (row.leg ?? "net"));
    const anchor = anchorOf(book, key);
    const isUntimed = anchor !== undefined && (!anchor.isWitnessed || anchor.asOfMs > context.nowMs);
    const isOlder = isUntimed && row.timestamp <= anchor.asOfMs && !isLaterThanNew(book, key, row);
    const isEmpty = (book.ledgers.get(key)?.entries.length ?? 0) === 0;
    const isNews = context.source !== "stream" && isOlder && !isEmpty && !isKnown(book, row);
    if (isNews) byKey.set(key, [...(byKey.get(key) ?? []), row]);
    else if (isUntimed && !isOlder && !isKnown(book, row))
      later.set(key, add(later.get(key) ?? ZERO, signedQty(row)));
  }
  const contained = new Set<FillRow>();
  for (const [key, news] of byKey) {
    const deltas = news.map(signedQty);
    const hasOpening = openingOf(book, key) !== undefined;
    const held = add(positionQty(book, key), later.get(key) ?? ZERO);
    const count = containedCount(held, hasOpening, deltas, context.suggestedQty?.(key));
    for (const row of news.slice(0, count)) contained.add(row);
  }
  return contained;
}

function signedQty({ side, qty }: FillRow): Decimal {
  return side === "buy" ? qty : negate(qty);
}

function isKnown(book: Book, { instrument, venueOrderId, tradeId, side }: FillRow): boolean {
  return (
    tradeId !== undefined && book.fills.has(fillKeyOf(instrument, venueOrderId ?? "none", tradeId, side))
  );
}

function partOf(facts: Payloads["fill_recorded"], qty: Decimal): ExplanationPart {
  return { cause: facts.cause ?? "missed_fill", qty, evidence: [facts.fillKey], confidence: "certain" };
}

function addPart(news: Map<PositionKey, ExplanationPart[]>, key: PositionKey, part: ExplanationPart): void {
  const parts = news.get(key);
  if (parts) parts.push(part);
  else news.set(key, [part]);
}

function conflictOf(
  row: FillRow,
  decision: { fillKey: Payloads["fill_recorded"]["fillKey"]; known: { facts: FillRow } },
): Seen {
  const { facts } = decision.known;
  return {
    of: BOOK,
    kind: "fill_conflict",
    subject: { type: "fill", instrument: row.instrument, fillKey: decision.fillKey },
    localQty: facts.qty,
    venueQty: row.qty,
    fields: { price: { local: facts.price ?? null, venue: row.price ?? null } },
  };
}

function forcedDrafts(book: Book, facts: Payloads["fill_recorded"], context: IngestContext): Draft[] {
  const { cause, instrument, fillKey } = facts;
  if (!isForcedTrade(book, facts) || cause === null) return [];
  return forcedTradeDrafts(book, { cause, instrument, evidence: fillKey }, context.nowMs, context.causeId);
}

/** Field of a refused fill's discrepancy: the venue's time of the fill, ms. */
export const REFUSED_AT = "timestamp";

function refusalOf(row: FillRow, refusal: { code: string; detail: string }): Seen {
  const id = [row.instrument, row.venueOrderId ?? "", row.tradeId ?? row.joinKey ?? "", row.side].join("|");
  return {
    of: BOOK,
    kind: "missing_fill",
    subject: { type: "fill", instrument: row.instrument, fillKey: id as never },
    localQty: null,
    venueQty: row.qty,
    // When it happened: the history is read from here for as long as the fill is not booked.
    fields: { [REFUSED_AT]: { local: null, venue: String(row.timestamp) } },
    refusal,
  };
}

/** Ledger entries that are new: funding, fees, transfers, splits, expiries. */
export function ingestLedger(
  rows: readonly LedgerRow[],
  context: IngestContext,
): Map<PositionKey, ExplanationPart[]> {
  const { writer } = context;
  const { book } = writer;
  const news = new Map<PositionKey, ExplanationPart[]>();
  observeInstruments(
    rows.flatMap((row) => (row.instrument === undefined ? [] : [row.instrument])),
    context,
  );
  const undecided = undecidedEntries(book, rows);
  for (const row of undecided) {
    const { drafts, key } = decideLedgerEntry(row, {
      book,
      undecided,
      lagMs: context.lagMs,
      nowMs: context.nowMs,
      causeId: context.causeId,
      ...(context.listedQty && { venueQty: context.listedQty }),
    });
    writer.stage(drafts);
    const { id, cause, instrument } = row;
    if (key && instrument !== undefined && isForcedCause(cause)) {
      const forced = { cause, instrument, evidence: id };
      writer.stage(forcedTradeDrafts(book, forced, context.nowMs, context.causeId));
    }
    if (key && row.qtyDelta !== undefined) {
      addPart(news, key, { cause: row.cause, qty: row.qtyDelta, evidence: [row.id], confidence: "certain" });
    }
  }
  return news;
}
