// What venues tell, after an adapter has parsed it: rows in our words, quantities as exact decimals. A field
// that is absent was not reported; it is never read as null, zero or a change. No judgement happens here.
import type { Decimal } from "./decimal.ts";
import type { Cause, Leg, OrderStatus, Quality, Side } from "./words.ts";

/** One leg of one instrument, as a venue or a copy states it. */
export interface PositionRow {
  readonly instrument: string;
  readonly leg: Leg;
  /** Signed: + is long, - is short, 0 is an explicit "flat". */
  readonly qty: Decimal;
  /** Average entry price; an average of zero or less is dropped by the adapter as not reported. */
  readonly entryPrice?: Decimal;
  /** Digits after the point that the average was written with, before it was made canonical. */
  readonly entryPriceScale?: number;
  readonly lastPrice?: Decimal;
  /** The venue's own id of the position, where it has one. */
  readonly positionId?: string;
  /** Venue time in ms. */
  readonly updatedAt?: number;
}

export interface OrderRow {
  readonly instrument: string;
  readonly leg?: Leg;
  readonly clientOrderId?: string;
  readonly venueOrderId?: string;
  /** Ids that this order had before it was replaced. */
  readonly previousVenueOrderIds?: readonly string[];
  /** The order that this one is a child of (a bracket's stop or target). */
  readonly parentVenueOrderId?: string;
  readonly side?: Side;
  readonly type?: string;
  /** Not signed. Unknown, not zero, for an order by notional. */
  readonly qty?: Decimal;
  readonly notional?: Decimal;
  readonly filledQty?: Decimal;
  readonly price?: Decimal;
  readonly triggerPrice?: Decimal;
  /** Average price of what is filled. */
  readonly avgPrice?: Decimal;
  readonly avgPriceScale?: number;
  readonly status?: OrderStatus;
  /** The venue's own word for the status. */
  readonly venueStatus?: string;
  readonly reduceOnly?: boolean;
  readonly strategy?: string;
  readonly createdAt?: number;
  readonly updatedAt?: number;
  readonly cancelRequestedAt?: number;
}

export interface FillRow {
  readonly instrument: string;
  /** Absent in a hedging account when the venue does not say; then the difference decides. */
  readonly leg?: Leg;
  /** The canonical trade id; absent in a source that is not the canonical one. */
  readonly tradeId?: string;
  /** Joins a venue's sources: the same in each of them for the same fill. */
  readonly joinKey?: string;
  readonly venueOrderId?: string;
  readonly clientOrderId?: string;
  readonly side: Side;
  /** Not signed, greater than zero. */
  readonly qty: Decimal;
  /** Absent when the venue does not say; never zero. */
  readonly price?: Decimal;
  /** Positive is paid, negative is a rebate. */
  readonly fee?: Decimal;
  readonly feeCurrency?: string;
  /** Venue time in ms. */
  readonly timestamp: number;
  /** Orders fills of one millisecond as the venue executed them. */
  readonly venueSeq?: number;
  /** Why the venue traded by itself: liquidation, settlement, expiry … */
  readonly forced?: Cause;
  readonly strategy?: string;
  /** Signed quantity of the position right after this fill, where the venue stamps it. */
  readonly positionAfter?: Decimal;
}

export interface BalanceRow {
  readonly asset: string;
  readonly total: Decimal;
  readonly free?: Decimal;
}

const IDS = ["tradeId", "joinKey", "venueOrderId", "clientOrderId", "parentVenueOrderId"] as const;

/** An id that is an empty string was not reported; taken for an id, all rows that lack it would be one. */
export function withoutEmptyIds<Row extends FillRow | OrderRow>(row: Row): Row {
  const fields: Readonly<Record<string, unknown>> = { ...row };
  const previous = (fields.previousVenueOrderIds ?? []) as readonly string[];
  const empty = IDS.filter((name) => fields[name] === "");
  if (empty.length === 0 && !previous.includes("")) return row;
  const rest = Object.entries(fields).filter(([name]) => !empty.includes(name as "tradeId"));
  return {
    ...Object.fromEntries(rest),
    ...(previous.length > 0 && { previousVenueOrderIds: previous.filter((id) => id !== "") }),
  } as Row;
}

/** Something that moved money or quantity and is not a fill: funding, fee, transfer, split, expiry … */
export interface LedgerRow {
  /** Unique in the account. */
  readonly id: string;
  readonly cause: Cause;
  /** When it took effect at the venue, in ms. It may be reported much later. */
  readonly timestamp: number;
  readonly asset?: string;
  /** Signed: + comes in. */
  readonly amount?: Decimal;
  readonly instrument?: string;
  readonly leg?: Leg;
  /** Signed change of the position. */
  readonly qtyDelta?: Decimal;
  readonly price?: Decimal;
  readonly text?: string;
}

/** One part of a read, with what it is worth. */
export interface Section<Row> {
  readonly quality: Quality;
  readonly rows: readonly Row[];
  /** What was wrong, in words for a person, when the quality is not `complete`. */
  readonly problem?: string;
}

export interface HistorySection<Row> extends Section<Row> {
  /** The window that is proven to hold every row, in venue ms; absent when nothing is proven. */
  readonly coverage?: { readonly fromMs: number; readonly toMs: number };
}

/** Whether all of a section was read, so that what it leaves out may mean something. */
export function isComplete(section: { readonly quality: Quality } | undefined): boolean {
  return section?.quality === "complete";
}

/** Account totals that can witness flatness (R1 c). */
export interface Totals {
  readonly quality: Quality;
  /** Absolute market value or margin of all positions in the scope. */
  readonly positionValue?: Decimal;
  readonly problem?: string;
}

/** The answer of a single-instrument look-up (R1 a). */
export type PositionLookup =
  | { readonly kind: "row"; readonly row: PositionRow }
  | { readonly kind: "none" }
  | { readonly kind: "unknown"; readonly problem: string };

/** The answer of a single-order look-up (R5). */
export type OrderLookup =
  | { readonly kind: "row"; readonly row: OrderRow }
  /** The venue states that it has no such order. Whether that proves anything is a declared capability. */
  | { readonly kind: "none" }
  | { readonly kind: "unknown"; readonly problem: string };

/** All that one look at the account brought. A section that the venue does not have is absent. */
export interface Observation {
  /** Our clock, ms: what happened later is not in it. */
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  /** The venue's own id of the account that answered. */
  readonly venueAccountId?: string;
  readonly positions?: Section<PositionRow>;
  readonly orders?: Section<OrderRow>;
  readonly balances?: Section<BalanceRow>;
  readonly fills?: HistorySection<FillRow>;
  readonly ledger?: HistorySection<LedgerRow>;
  readonly totals?: Totals;
}

/** One row of a bot's own store, as it claims to hold it. */
export interface MirrorRow {
  /** Identifies the row in its store: a JSON key, a primary key. */
  readonly rowId: string;
  readonly instrument: string;
  readonly leg: Leg;
  /** Signed; null where the store does not keep quantities (presence only). */
  readonly qty: Decimal | null;
  readonly entryPrice?: Decimal;
  /** The bot's own fields, untouched. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Why the row cannot be read; it is then refused and left alone. */
  readonly problem?: {
    readonly code: string;
    readonly detail: string;
    /** Where it is not clear whose row it is: the instruments that it may be about; empty where that may be any. */
    readonly mayBe?: readonly string[];
  };
}

export const SECTIONS = ["positions", "orders", "balances", "fills", "ledger"] as const;
export type SectionName = (typeof SECTIONS)[number];
