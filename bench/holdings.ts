// The rows that everything is compared on: what an account holds, as trueup knows it and as a venue's answer lists
// it. 1 % differ in quantity, and about half of the equal numbers are written differently ("5" and "5.0").
import {
  applyRecord,
  type Book,
  CAPABILITIES_DEFAULT,
  decimal,
  draft,
  emptyBook,
  type Observation,
  type PassContext,
  POLICY_DEFAULT,
  type PositionAdjustment,
  type PositionRow,
  parseDecimal,
  splitPositionKey,
  UNATTRIBUTED,
  ZERO,
} from "../src/core/index.ts";

/** A row as it comes out of JSON.parse. */
export interface VenueRow {
  readonly account: string;
  readonly symbol: string;
  readonly leg: "net";
  readonly qty: string;
  readonly avgPrice: string;
}

/** The same columns of the book's side. */
export type BookRow = VenueRow;

/** One row in this many differs. */
const DIFFERS_EVERY = 100;

export function differencesIn(count: number): number {
  return Math.floor(count / DIFFERS_EVERY);
}
export const STARTED_MS = Date.UTC(2026, 0, 5, 15);

export function symbolOf(index: number): string {
  return `S${(index * 7_919) % 10_000_019}X`;
}

function qtyOf(index: number): string {
  const whole = (index * 31) % 997;
  return index % 3 === 0 ? `${whole + 1}` : `${whole}.${(index % 8) * 125 + 125}`;
}

function priceOf(index: number): string {
  return `${(index * 17) % 4_999}.${String((index % 99) + 1).padStart(2, "0")}`;
}

/** What a venue lists, as JSON text: in another order than the book's, numbers written as venues write them. */
export function venueJson(count: number): string {
  const rows: VenueRow[] = [];
  for (let at = 0; at < count; at += 1) {
    const index = (at * 16_807 + 11) % count;
    const isOther = index % DIFFERS_EVERY === 7;
    const qty = isOther ? `${index + 1_000_000}` : written(qtyOf(index), index);
    rows.push({ account: "A-1", symbol: symbolOf(index), leg: "net", qty, avgPrice: `${priceOf(index)}0` });
  }
  return JSON.stringify(rows);
}

function written(qty: string, index: number): string {
  if (index % 2 === 0) return qty;
  return qty.includes(".") ? `${qty}0` : `${qty}.0`;
}

/** A venue's row in trueup's words: what an adapter's parser makes of it at least. */
export function positionRowOf({ symbol, leg, qty, avgPrice }: VenueRow): PositionRow {
  const entryPrice = parseDecimal(avgPrice);
  return {
    instrument: symbol,
    leg,
    qty: parseDecimal(qty) ?? decimal("0"),
    ...(entryPrice !== undefined && { entryPrice }),
  };
}

/** The book that holds them, folded from one opening each. */
export function bookOf(count: number): Book {
  const book = emptyBook("A-1");
  for (let index = 0; index < count; index += 1) {
    const qty = decimal(qtyOf(index));
    const opening: PositionAdjustment = {
      subject: "position",
      adjustmentId: `adj_${index}`,
      basis: "opening",
      instrument: symbolOf(index),
      leg: "net",
      qtyDelta: qty,
      price: decimal(priceOf(index)),
      priceSource: "venue_average",
      asOfMs: STARTED_MS,
      venueSeq: 0,
      qtyBefore: ZERO,
      qtyAfter: qty,
      cause: null,
      strategy: UNATTRIBUTED,
      orderKey: null,
    };
    const place = { account: "A-1", seq: index + 1, tsMs: STARTED_MS, v: 1 };
    applyRecord(book, { ...draft("adjustment_inferred", opening, "bench"), ...place });
  }
  return book;
}

export function bookRowsOf(book: Book): BookRow[] {
  return [...book.ledgers].map(([key, ledger]) => ({
    account: book.account,
    symbol: splitPositionKey(key).instrument,
    leg: "net",
    qty: ledger.holding.qty,
    avgPrice: ledger.holding.cost ?? "",
  }));
}

/** A pass in the middle: the book, and these rows as a complete read. */
export function contextOf(book: Book, rows: readonly PositionRow[]): PassContext {
  const nowMs = STARTED_MS + 60_000;
  const observation: Observation = {
    startedAtMs: nowMs,
    finishedAtMs: nowMs,
    positions: { quality: "complete", rows },
  };
  return {
    book,
    policy: POLICY_DEFAULT,
    capabilities: CAPABILITIES_DEFAULT,
    positionMode: "net",
    observation,
    positionLookups: new Map(),
    orderLookups: new Map(),
    lastPrices: new Map(),
    sending: new Set(),
    inFlight: new Set(),
    qtyBefore: new Map(),
    news: new Map(),
    isForced: false,
    nowMs,
    causeId: "bench",
  };
}
