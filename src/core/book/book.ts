// The book: what trueup knows of one account. It is nothing but a fold over the journal's records; fold.ts is
// the only writer. Everything in it can be rebuilt, compared and put into a checkpoint.
import type { Tags } from "../commands/intent.ts";
import type { Decimal } from "../decimal.ts";
import type { Discrepancy } from "../discrepancy.ts";
import type { ExitPlan } from "../exits/plan.ts";
import type { ArmedExit, LotKey, SetPlan } from "../exits/state.ts";
import type { LedgerRow, SectionName } from "../facts.ts";
import type { Gate } from "../gate.ts";
import type { Instrument, Payoff } from "../instrument.ts";
import { type FillKey, type OrderKey, type PositionKey, positionKey } from "../keys.ts";
import { emptyLedger, type Ledger } from "../ledger/ledger.ts";
import type { Terms } from "../ledger/worth.ts";
import type {
  Anchor,
  FlattenResult,
  MirrorClaim,
  MirrorIntent,
  PassRecord,
  Payloads,
  PositionAdjustment,
  SectionDigest,
  Span,
} from "../records.ts";
import type { Cause, Leg, OrderStatus, Side, TimeInForce } from "../words.ts";

export interface Order {
  readonly orderKey: OrderKey;
  readonly instrument: string;
  leg: Leg | null;
  clientOrderId: string | null;
  venueOrderId: string | null;
  previousVenueOrderIds: readonly string[];
  parentVenueOrderId: string | null;
  side: Side | null;
  type: string | null;
  qty: Decimal | null;
  notional: Decimal | null;
  price: Decimal | null;
  triggerPrice: Decimal | null;
  reduceOnly: boolean | null;
  /** As last observed; what fills say on top of it is in orderStatus(). */
  observedStatus: OrderStatus;
  venueStatus: string | null;
  statusSource: string;
  /** Filled quantity that no fill or estimate stands for. */
  unbackedQty: Decimal;
  /** Sum of fills and estimates, and what they were worth by `fillsPayoff`; null when a price is not known. */
  fillsQty: Decimal;
  fillsValue: Decimal | null;
  fillsPayoff: Payoff;
  strategy: string | null;
  /** Since when a look-up says that the venue has no such order, ms; one such answer ends nothing (R5). */
  absentSinceMs: number | null;
  /** Since when its fills may be missing for good: the history had a gap, and no row has shown the order since. Ms. */
  unheardSinceMs: number | null;
  /** Whether it was sent through trueup or carries a prefix of ours; null where that cannot be told. */
  isOurs: boolean | null;
  createdAt: number | null;
  updatedAt: number | null;
  cancelRequestedAt: number | null;
  /** Why it was rejected, or why its outcome is not known, in words; null where nothing was told. */
  statusReason: string | null;
  timeInForce: TimeInForce | null;
  /** The intent that it was sent for; null where trueup did not send it. */
  intentId: string | null;
  /** The signal that it follows, as its sender called it; null where nothing was told. */
  signalId: string | null;
  /** The sender's own words on it. */
  tags: Tags;
  /** When it left for the venue, ms; null where trueup did not send it, or not yet. */
  sentAtMs: number | null;
  /** The record that says so: whether our clock has been set since. */
  sentSeq: number | null;
  /** A change that was asked for and that no row has shown or denied yet. */
  amendment: Amendment | null;
  /** The record by which the venue's answer put its last amendment in force: what was read before it is older. */
  amendedSeq: number | null;
  /** The journal's time of the first record that named it, ms. */
  readonly knownSinceMs: number;
}

export interface HistoryGap extends Span {
  /** When the read began that showed it, ms. */
  readonly seenAtMs: number;
}

export interface Amendment {
  readonly intentId: string;
  readonly qty?: Decimal;
  readonly price?: Decimal;
  readonly triggerPrice?: Decimal;
  /** What the amended order is called, where amending replaces it. */
  readonly clientOrderId: string;
  readonly requestedAtMs: number;
}

/** An intent that is in the journal: which order it is about, and a digest of all that it asks for. */
export interface KnownIntent {
  readonly orderKey: OrderKey;
  readonly digest: string;
  /** Of an amendment, once it is known; an order's own outcome is its status. */
  readonly amended?: { readonly isInForce: boolean; readonly reason: string | null };
}

/** An anchor and its record: what has a later one was not known when the quantity was taken. */
export interface NotedAnchor extends Anchor {
  readonly seq: number;
}

export interface Fill {
  readonly facts: Payloads["fill_recorded"];
  readonly seq: number;
  /** Its order; null until an order with its venue order id is known. */
  orderKey: OrderKey | null;
  isReversed: boolean;
  /** The record that took it back; null while none has. */
  reversedSeq: number | null;
  /** Whether the key's opening gave way to it: the first read had it, though it was told later. */
  isInOpening: boolean;
}

/** An adjustment of a position, with what facts have left of it. */
export interface OpenAdjustment {
  readonly facts: PositionAdjustment;
  /** Its record: what has a later one was not known to it. */
  readonly seq: number;
  remaining: Decimal;
  price: Decimal | null;
}

export interface Balance {
  readonly asset: string;
  /** As the venue stated it at `asOfMs`; null while it never did. */
  anchorTotal: Decimal | null;
  asOfMs: number;
  /** Inside of these nobody knows whether the statement has it: around and during its read. */
  unsure: { readonly fromMs: number; readonly toMs: number };
  /** False when a person stated it; then older moves still count. */
  isWitnessed: boolean;
  /** What moved it after that moment, by venue time; older moves are in the anchor already. */
  moves: { readonly timestamp: number; readonly delta: Decimal }[];
  /** Money that this total may have already; the venue's next totals tell. */
  waiting: WaitingMoney[];
  /** Differences that were taken over without an explanation, latest last: what a late entry may be about. */
  unexplained: Decimal[];
  free: Decimal | null;
}

export interface WaitingMoney {
  /** Of a ledger entry or a fill, or `reversed` and a fill's. */
  readonly id: string;
  readonly cause: Cause;
  readonly timestamp: number;
  readonly delta: Decimal;
  /** Our clock at its record, ms. */
  readonly sinceMs: number;
  /** A total as of later than this has it; null where its date tells only the day. */
  readonly hasByMs: number | null;
}

/** A ledger entry whose quantity waits until the venue's has it. */
export interface Awaited {
  readonly row: LedgerRow;
  /** Our clock at its record, ms. */
  readonly sinceMs: number;
}

export interface Note {
  readonly entryId: string;
  readonly source: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly tsMs: number;
}

/** A position that only a mirror spoke of, as its row was when it was taken away. */
export interface Claim extends MirrorClaim {
  readonly mirror: string;
  readonly removedAtMs: number;
  /** The repair that took it away; absent where nothing says. */
  readonly repairId?: string;
  /** The row was put back: it has not ended. */
  readonly isUndone?: boolean;
}

/** A row whose repair a person took back (R13). */
export interface Undone {
  /** The mirror, and the position in it. */
  readonly of: string;
  readonly key: PositionKey;
  readonly repairId: string;
  /** What the venue had of the key then. */
  readonly watch: string;
  readonly by: string;
  readonly sinceMs: number;
}

export interface Kill {
  readonly reason: string;
  readonly by: string;
  readonly atMs: number;
  /** Whether reduce-only stops are cancelled too; false where it is not told. */
  readonly isAll?: boolean;
  /** Whether not even exits that were armed before may close a position; absent: they may. */
  readonly isNoExits?: boolean;
}

export interface Flattening {
  readonly startedAtMs: number;
  readonly by: string;
  /** Null until it is known. */
  readonly result: FlattenResult | null;
}

/** The ledger of one key in its place in the book. */
export interface BookLedger extends Ledger {
  readonly key: PositionKey;
  readonly instrument: string;
  readonly leg: Leg;
  /** Counts the book's ledgers from 0 in the order in which they came; none ever leaves. */
  readonly index: number;
}

export interface Book {
  readonly account: string;
  seq: number;
  lastTsMs: number;
  venueAccountId: string | null;
  readonly instruments: Map<string, Instrument>;
  accountAnchor: NotedAnchor | null;
  readonly unanchored: Set<PositionKey>;
  readonly keyAnchors: Map<PositionKey, NotedAnchor>;
  /** The earliest fill that counted as new though it is dated before its key's anchor: our clock was ahead then. Venue time, ms. */
  readonly newFromMs: Map<PositionKey, number>;
  /** Last record of a fill or a ledger entry that was dated far ahead of our clock: the time of the key's anchor says nothing of it. */
  readonly datedAhead: Map<PositionKey, number>;
  readonly orders: Map<OrderKey, Order>;
  /** `X|V-1` to order, for current and previous ids. */
  readonly ordersByVenueId: Map<string, OrderKey>;
  /** `X|O-1` to order: a client may use one id on two instruments. */
  readonly ordersByClientId: Map<string, OrderKey>;
  /** When amendments left for the venue, those of the last minute: they count like orders. Ms, in order. */
  amendedAtMs: readonly number[];
  /** By intent id, for ever: the same id is never sent twice. */
  readonly intents: Map<string, KnownIntent>;
  readonly fills: Map<FillKey, Fill>;
  readonly fillsByJoin: Map<string, FillKey>;
  /** The last reversal of a fill of each instrument: our clock at its record, ms, and the record. */
  readonly lastReversals: Map<string, { readonly atMs: number; readonly seq: number }>;
  /** Fills that came before their order, by `X|V-1`. */
  readonly orphans: Map<string, FillKey[]>;
  readonly ledgers: Map<PositionKey, BookLedger>;
  /** The same by leg and instrument: a row finds its ledger without a key being built for it. */
  readonly ledgersOf: Readonly<Record<Leg, Map<string, BookLedger>>>;
  readonly adjustments: Map<string, OpenAdjustment>;
  /** An adjustment that a fact replaced, and the fact: notes and lives follow it. */
  readonly successors: Map<string, string>;
  /** The other way round: the first adjustment that a fact replaced. */
  readonly predecessors: Map<string, string>;
  readonly ledgerIds: Set<string>;
  /** By id; not among `ledgerIds` yet. */
  readonly awaited: Map<string, Awaited>;
  readonly balances: Map<string, Balance>;
  readonly notes: Map<PositionKey, Note[]>;
  readonly claims: Map<PositionKey, Claim[]>;
  /** Entries of positions that are held, by which people were told of exposure that nobody expected. */
  readonly toldExposure: Set<string>;
  /** Exit plans that people set, latest last. */
  readonly exitPlans: Map<PositionKey, SetPlan[]>;
  /** Exit plans that orders came with. */
  readonly orderPlans: Map<OrderKey, ExitPlan>;
  /** Exits that are armed, one a lot. */
  readonly exits: Map<LotKey, ArmedExit>;
  /** Exits that were armed when the account was killed: they still may close their positions. */
  readonly exitsBeforeKill: Set<string>;
  /** What was about to be written into each mirror and is not known to have been, by the mirror's name. */
  readonly mirrorIntents: Map<string, MirrorIntent>;
  /** Plans that were carried out, with the time of their record, ms. */
  readonly appliedPlans: Map<string, number>;
  /** Plans to close positions that a person confirmed, by the plan's id. */
  readonly flattenings: Map<string, Flattening>;
  /** Rows that a pass leaves alone since a repair of them was undone, by undoneKey(). */
  readonly undone: Map<string, Undone>;
  /** Open ones, by id. */
  readonly discrepancies: Map<string, Discrepancy>;
  /** The open one of each slot. */
  readonly openSlots: Map<string, string>;
  /** How often the matter in a slot was repaired, and when last: to see what keeps coming back. */
  /** What the last repair left in a mirror, by mirror and key. */
  readonly leftAs: Map<string, string>;
  readonly repairsBySlot: Map<string, { readonly count: number; readonly lastMs: number }>;
  /** Sequence of the last record that changed a key (R8). */
  readonly lastChange: Map<PositionKey, number>;
  readonly sections: Map<SectionName | "totals" | "lookups", SectionDigest & { readonly asOfMs: number }>;
  /** A time whose fills the venue does not tell any more; null once a pass has compared all positions since. */
  historyGap: HistoryGap | null;
  gate: Gate;
  kill: Kill | null;
  /** Of the record by which it was killed last; null while it is not. */
  killSeq: number | null;
  lastPass: PassRecord | null;
}

export function emptyBook(account: string): Book {
  return {
    account,
    seq: 0,
    lastTsMs: 0,
    venueAccountId: null,
    instruments: new Map(),
    accountAnchor: null,
    unanchored: new Set(),
    keyAnchors: new Map(),
    newFromMs: new Map(),
    datedAhead: new Map(),
    orders: new Map(),
    ordersByVenueId: new Map(),
    ordersByClientId: new Map(),
    amendedAtMs: [],
    intents: new Map(),
    fills: new Map(),
    fillsByJoin: new Map(),
    lastReversals: new Map(),
    orphans: new Map(),
    ledgers: new Map(),
    ledgersOf: { net: new Map(), long: new Map(), short: new Map() },
    adjustments: new Map(),
    successors: new Map(),
    predecessors: new Map(),
    ledgerIds: new Set(),
    awaited: new Map(),
    balances: new Map(),
    notes: new Map(),
    claims: new Map(),
    toldExposure: new Set(),
    exitPlans: new Map(),
    orderPlans: new Map(),
    exits: new Map(),
    exitsBeforeKill: new Set(),
    mirrorIntents: new Map(),
    appliedPlans: new Map(),
    flattenings: new Map(),
    undone: new Map(),
    discrepancies: new Map(),
    openSlots: new Map(),
    leftAs: new Map(),
    repairsBySlot: new Map(),
    lastChange: new Map(),
    sections: new Map(),
    historyGap: null,
    gate: { account: [], instruments: {} },
    kill: null,
    killSeq: null,
    lastPass: null,
  };
}

/** Opens the ledger of a key that has none yet. */
export function addLedger(book: Book, instrument: string, leg: Leg, terms: Terms): BookLedger {
  const key = positionKey(instrument, leg);
  const ledger = { ...emptyLedger(terms), key, instrument, leg, index: book.ledgers.size };
  book.ledgers.set(key, ledger);
  book.ledgersOf[leg].set(instrument, ledger);
  return ledger;
}

/** From where this key's quantity is known; undefined while it is not. */
export function anchorOf(book: Book, key: PositionKey): NotedAnchor | undefined {
  const own = book.keyAnchors.get(key);
  if (own) return own;
  return book.unanchored.has(key) ? undefined : (book.accountAnchor ?? undefined);
}

/** Under which the undone repair of a copy's row is filed. */
export function undoneKey(of: string, key: PositionKey): string {
  return `${of} ${key}`;
}
