// The contract of a venue: what the engine may ask of an exchange or broker. Adapters are below; the venue's own
// words end in their parse.ts. Every answer says what it is worth, and none of these calls throws for trouble at
// the venue's side: trouble is an answer (`unavailable`, `unknown`), so that it can never be read as "nothing".
import type {
  BalanceRow,
  Capabilities,
  Cause,
  Decimal,
  FillRow,
  HistorySection,
  Instrument,
  LedgerRow,
  Leg,
  OrderLookup,
  OrderRow,
  OrderStatus,
  OrderType,
  PositionLookup,
  PositionRow,
  Section,
  SectionName,
  Side,
  TimeInForce,
  Totals,
} from "../core/index.ts";
import type { Finding } from "./finding.ts";

/** One look at the account, as consistent as the venue allows. A section that it does not have is absent. */
export interface Snapshot {
  /** The venue's own id of the account that answered; pinned at first contact. */
  readonly venueAccountId?: string;
  readonly positions?: Section<PositionRow>;
  readonly orders?: Section<OrderRow>;
  readonly balances?: Section<BalanceRow>;
  /** Only where the adapter declares that account totals can witness flatness. */
  readonly totals?: Totals;
}

export interface History {
  readonly fills?: HistorySection<FillRow>;
  readonly ledger?: HistorySection<LedgerRow>;
}

export interface OrderQuery {
  readonly instrument: string;
  readonly venueOrderId?: string;
  readonly clientOrderId?: string;
}

/**
 * What a stream tells. Fills are facts; every other message only wakes a pass. A position that is stated absolutely
 * is compared by that pass, with the cause that the venue named.
 */
export type StreamEvent =
  | { readonly kind: "fill"; readonly fill: FillRow }
  | { readonly kind: "fillReversed"; readonly fill: FillRow; readonly reason: string }
  | { readonly kind: "order"; readonly order: OrderRow }
  | { readonly kind: "position"; readonly position: PositionRow; readonly cause?: Cause }
  | { readonly kind: "balance"; readonly balance: BalanceRow }
  | { readonly kind: "ledger"; readonly entry: LedgerRow }
  /** `atMs`: venue time of it. Without that it values orders, and nothing is done on it. */
  | { readonly kind: "price"; readonly instrument: string; readonly last: Decimal; readonly atMs?: number }
  /** From now on every fill is delivered, until a gap. */
  | { readonly kind: "live" }
  | { readonly kind: "gap"; readonly reason: string }
  /** Something changed; look. */
  | { readonly kind: "wake"; readonly reason: string };

export interface StreamHandle {
  close(): Promise<void>;
}

/** What an instrument is worth at the venue; one of `last`, `bid` and `ask` at least, each above zero. */
export interface PriceTick {
  /** As it is named here, like in every row. */
  readonly instrument: string;
  /** Of the last trade. */
  readonly last?: Decimal;
  /** The best standing quote. A side that nobody quotes is left out. */
  readonly bid?: Decimal;
  readonly ask?: Decimal;
  /**
   * Venue time at which this held, ms: of a quote when it was seen to stand, of a last price alone when it was traded.
   * Left out only where the venue does not say.
   */
  readonly atMs?: number;
}

/** What a price feed tells. */
export type PriceEvent =
  | { readonly kind: "tick"; readonly tick: PriceTick }
  /** All that the venue has acknowledged as of now: of these each price is delivered, until a gap. */
  | { readonly kind: "live"; readonly instruments: readonly string[] }
  /** Nothing is delivered from now on, until `live`. */
  | { readonly kind: "gap"; readonly reason: string }
  /** The venue, or the adapter, cannot tell this one's price; the others go on. */
  | { readonly kind: "refused"; readonly instrument: string; readonly reason: string };

/** Prices of chosen instruments, kept up by the adapter: it connects again and subscribes again by itself. */
export interface PriceFeed {
  /** Replaces what is followed: what is not named any more is unsubscribed. What was refused is asked for again. */
  follow(instruments: readonly string[]): void;
  /** What the venue has acknowledged, as of now; nothing during a gap. */
  followed(): readonly string[];
  close(): Promise<void>;
}

/** One of the two ids at least. */
export interface CancelCommand {
  readonly instrument: string;
  readonly venueOrderId?: string;
  readonly clientOrderId?: string;
}

/** All open orders of the account, or of one instrument. */
export interface CancelAllCommand {
  readonly instrument?: string;
}

/** The venue's switch that cancels what is open unless it is set anew in time. */
export interface DeadManCommand {
  /** From now, in ms; 0 turns it off. */
  readonly timeoutMs: number;
  /** Where the switch is one instrument's; absent where it is the account's. */
  readonly instrument?: string;
}

/** Exactly one of `qty` and `notional`; `price` for the limit types, `triggerPrice` for the stop types. */
export interface SubmitCommand {
  readonly instrument: string;
  readonly clientOrderId: string;
  readonly leg: Leg;
  readonly side: Side;
  readonly type: OrderType;
  /** Not signed. */
  readonly qty?: Decimal;
  /** What it may cost, in the quote currency. Not signed. */
  readonly notional?: Decimal;
  readonly price?: Decimal;
  readonly triggerPrice?: Decimal;
  readonly timeInForce: TimeInForce;
  readonly reduceOnly: boolean;
  /** What the sender takes for the price; only a venue without market data of its own looks at it. */
  readonly referencePrice?: Decimal;
}

/** What an open order shall be from now on; a field that is absent stays. One of the two ids at least. */
export interface AmendCommand extends CancelCommand {
  /** The whole quantity, filled part included. Not signed. */
  readonly qty?: Decimal;
  readonly price?: Decimal;
  readonly triggerPrice?: Decimal;
  /** The amended order's own, where amending replaces the order. */
  readonly newClientOrderId: string;
}

/**
 * What is known after a command; "unknown" is never resent (R5). Only what the venue documents as a refusal is
 * `rejected`: every other failure may have come after the order was placed. That a client order id exists already
 * is `unknown`: an order with it may be at work.
 */
export type CommandOutcome =
  | {
      readonly kind: "accepted";
      readonly venueOrderId?: string;
      /** The order as the venue's answer has it. */
      readonly row?: OrderRow;
    }
  /**
   * `sent: false` when it never left. `code` is the venue's own, where it has one. `retryAfterMs`: it was refused for the
   * rate alone, and may be asked for again after so long. `ended`: a cancel was refused, and the venue's row, read after
   * it, says that the order has ended so: there is nothing left to cancel.
   */
  | {
      readonly kind: "rejected";
      readonly sent: boolean;
      readonly reason: string;
      readonly code?: string;
      readonly retryAfterMs?: number;
      readonly ended?: OrderStatus;
    }
  | { readonly kind: "unknown"; readonly reason: string };

export interface Venue {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** What is known of an instrument; undefined when the venue does not say, then its symbol tells. */
  instrument(symbol: string): Instrument | undefined;
  /**
   * Which instruments of this account a bot may mean by a text, by their names here: exactly one, and it is that one;
   * several, and nobody chooses; none, and nothing that this venue could report is spelled so. A name of its own is always
   * that one alone. Answered from what is known already, without a request; before the first snapshot that may be nothing.
   * Absent where the venue has one spelling only: then a text is a name as it stands.
   */
  named?(spelling: string): readonly string[];
  snapshot(): Promise<Snapshot>;
  /** Fills and ledger entries from `fromMs` (venue time) to now, or as far back as the venue has them. */
  history(fromMs: number): Promise<History>;
  /** One instrument, asked for by name (R1 a). Absent where the venue has no such call. */
  position?(instrument: string, leg: Leg): Promise<PositionLookup>;
  /** One order, asked for by id (R5). */
  order?(query: OrderQuery): Promise<OrderLookup>;
  /**
   * Connects a stream; events may come before it resolves. Absent where the venue has none.
   * @param onFrame Given every message as it came, without keys: for recording, never for deciding.
   */
  stream?(listener: (event: StreamEvent) => void, onFrame?: (frame: string) => void): Promise<StreamHandle>;
  /**
   * Opens a price feed that follows nothing yet. Trouble, the first connection's too, is an event: it does not throw.
   * Absent where the adapter has none.
   */
  prices?(listener: (event: PriceEvent) => void): PriceFeed;
  /** Asks for prices now, each with its time; what could not be read is left out. Absent where the adapter cannot. */
  lastPrices?(instruments: readonly string[]): Promise<readonly PriceTick[]>;
  /** Sends one order, once: an adapter never repeats it by itself. */
  submit?(command: SubmitCommand): Promise<CommandOutcome>;
  /** `accepted` is that the venue took the request; that the order is cancelled, its row or the stream says. */
  cancel?(command: CancelCommand): Promise<CommandOutcome>;
  /**
   * Cancels all open orders at once, stops too; as far as `commands.cancelAll` reaches. `accepted` is that the venue took
   * it for every one of them: which orders are gone, their rows say.
   */
  cancelAll?(command: CancelAllCommand): Promise<CommandOutcome>;
  /**
   * Sets the dead-man switch, or sets it anew, as far as `commands.deadMan` reaches. `accepted` is that the venue has it:
   * the time counts from before the call. That it has fired, only rows say.
   */
  deadMan?(command: DeadManCommand): Promise<CommandOutcome>;
  amend?(command: AmendCommand): Promise<CommandOutcome>;
  /** One section asked for now, each answer as it came; `fromMs` counts for fills and ledger entries. */
  raw?(section: SectionName, fromMs: number): Promise<readonly RawAnswer[]>;
  /**
   * Looks at the connection, the key's rights, the clock, the rate and the modes of the account; changes nothing. It does
   * not throw for trouble at the venue's side: that is a finding.
   */
  checkup?(): Promise<readonly Finding[]>;
  /** What is left of the rate limit, as the adapter counts it: 0 (none) to 1 (all). */
  rateLeft?(): number;
  close?(): Promise<void>;
}

/** What came for one request, untouched: for a person who looks into it, never for deciding. No key or secret is in it. */
export interface RawAnswer {
  /** Such as `GET /v2/positions`; of the paper venue the part of its file. */
  readonly request: string;
  /** HTTP status; null where nothing came, or the venue does not speak HTTP. */
  readonly status: number | null;
  readonly body: string;
  /** Why nothing came, or only a part; null otherwise. */
  readonly problem: string | null;
}

/**
 * An adapter that cannot even start. `code` is stable: `venue_config` and `venue_package` are for the whole program to
 * put right, the others are this account's own.
 */
export class VenueError extends Error {
  readonly code: "venue_auth" | "venue_config" | "venue_package" | "venue_state";

  constructor(code: VenueError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "VenueError";
    this.code = code;
  }
}

export function unavailable(problem: string): Section<never> {
  return { quality: "unavailable", rows: [], problem };
}
