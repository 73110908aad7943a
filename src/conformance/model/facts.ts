// What the neutral account is made of, in our words and apart from any venue: what a bench's server renders in its venue's
// words, and what the adapter's rows are held against. Rows are frozen; a change makes a new one.
import type {
  Cause,
  Decimal,
  Instrument,
  Leg,
  OrderStatus,
  OrderType,
  Side,
  TimeInForce,
} from "../../core/index.ts";

/** Whether a position is worth its quantity (linear), or its quantity over the price (inverse); what is held otherwise. */
export type InstrumentKind = "share" | "spot" | "option" | "linear" | "inverse" | "outcome";

export interface ModelInstrument {
  /** As the adapter must name and describe it. */
  readonly instrument: Instrument;
  readonly kind: InstrumentKind;
  /** As the venue spells it. */
  readonly venueSymbol: string;
  /** The market's first price. A whole number of price steps. */
  readonly price: Decimal;
  /** An ordinary quantity; the suite trades small whole numbers of it. A whole number of quantity steps. */
  readonly lot: Decimal;
}

export interface ModelPosition {
  readonly instrument: string;
  readonly leg: Leg;
  /** Signed: a short leg is below zero. */
  readonly qty: Decimal;
  /** At average cost; null where it is flat. */
  readonly entryPrice: Decimal | null;
  readonly updatedAt: number;
}

export interface ModelOrder {
  readonly venueOrderId: string;
  readonly clientOrderId: string | null;
  readonly instrument: string;
  readonly leg: Leg;
  readonly side: Side;
  readonly type: OrderType;
  /** What this order asks for, of what was left where it replaced another one; null for one by notional. */
  readonly qty: Decimal | null;
  readonly notional: Decimal | null;
  readonly filledQty: Decimal;
  /** Null while nothing is filled. */
  readonly avgPrice: Decimal | null;
  readonly price: Decimal | null;
  readonly triggerPrice: Decimal | null;
  readonly timeInForce: TimeInForce;
  readonly reduceOnly: boolean;
  readonly status: OrderStatus;
  /** Ids of the orders before and after it, where amending replaces. */
  readonly replaces: string | null;
  readonly replacedBy: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ModelFill {
  readonly tradeId: string;
  /** Null where the venue trades by itself. */
  readonly venueOrderId: string | null;
  readonly clientOrderId: string | null;
  readonly instrument: string;
  readonly leg: Leg;
  readonly side: Side;
  /** Not signed. */
  readonly qty: Decimal;
  readonly price: Decimal;
  /** Positive is paid. */
  readonly fee: Decimal;
  readonly feeCurrency: string | null;
  readonly timestamp: number;
  /** Counts all executions of the account. */
  readonly seq: number;
  /** Filled of its order after it. */
  readonly cumulativeQty: Decimal;
  /** Signed, of its leg. */
  readonly positionBefore: Decimal;
  readonly positionAfter: Decimal;
  readonly cause: Cause | null;
}

export interface ModelEntry {
  readonly id: string;
  readonly cause: Cause;
  readonly timestamp: number;
  readonly asset: string | null;
  /** Signed: + comes in. */
  readonly amount: Decimal | null;
  readonly instrument: string | null;
  readonly leg: Leg | null;
  readonly qtyDelta: Decimal | null;
  readonly price: Decimal | null;
}

export interface ModelBalance {
  readonly asset: string;
  readonly total: Decimal;
}

/** What a server renders: the account as it is, or as a fault has it. */
export interface AccountView {
  readonly accountId: string;
  readonly positionMode: "net" | "hedge";
  readonly instruments: readonly ModelInstrument[];
  /** Legs that are not flat. */
  readonly positions: readonly ModelPosition[];
  /** Legs that were held and are flat, for venues that list them. */
  readonly flat: readonly ModelPosition[];
  /** All that there ever were, oldest first. */
  readonly orders: readonly ModelOrder[];
  /** Executions that stand, in the order in which they happened. */
  readonly fills: readonly ModelFill[];
  readonly reversed: readonly ModelFill[];
  readonly ledger: readonly ModelEntry[];
  readonly balances: readonly ModelBalance[];
  readonly prices: Readonly<Record<string, Decimal>>;
}

export type ModelEvent =
  | { readonly kind: "order"; readonly order: ModelOrder; readonly because: OrderChange }
  /** The order is as it is after the fill; null where the venue traded by itself. */
  | { readonly kind: "fill"; readonly fill: ModelFill; readonly order: ModelOrder | null }
  | { readonly kind: "reversed"; readonly fill: ModelFill }
  /** After each fill and entry that changed it. */
  | { readonly kind: "position"; readonly position: ModelPosition; readonly cause: Cause | null }
  | { readonly kind: "balance"; readonly balance: ModelBalance; readonly cause: Cause | null }
  | { readonly kind: "ledger"; readonly entry: ModelEntry }
  | { readonly kind: "price"; readonly instrument: string; readonly last: Decimal };

export type OrderChange = "placed" | "canceled" | "expired" | "amended" | "replaced";

/** What comes of a command at the model; a server says a refusal in its venue's words. */
export type ModelAnswer =
  | { readonly kind: "order"; readonly order: ModelOrder }
  | { readonly kind: "refused"; readonly why: Refusal };

export type Refusal =
  | "unknown_instrument"
  | "unknown_order"
  | "order_ended"
  | "duplicate_client_id"
  | "reduce_only"
  | "funds"
  | "invalid";

/** What a server makes of a request to place an order. */
export interface Placement {
  readonly instrument: string;
  readonly clientOrderId?: string | null;
  readonly leg?: Leg;
  readonly side: Side;
  readonly type: OrderType;
  readonly qty?: Decimal | null;
  readonly notional?: Decimal | null;
  readonly price?: Decimal | null;
  readonly triggerPrice?: Decimal | null;
  readonly timeInForce?: TimeInForce;
  readonly reduceOnly?: boolean;
}

export interface OrderName {
  readonly venueOrderId?: string | null;
  readonly clientOrderId?: string | null;
}
