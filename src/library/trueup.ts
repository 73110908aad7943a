// What a program has in hand: the same whether trueup runs inside it (open.ts) or beside it as a daemon (connect.ts).
// All quantities, prices and amounts are exact decimals as text; all times are ms since the epoch, UTC.
import type { DrillReport, KillAnswer } from "../api/host.ts";
import type {
  Admission,
  Decimal,
  GateState,
  Leg,
  NoteChange,
  OrderType,
  OrderView,
  Side,
  StrategyLot,
  TimeInForce,
} from "../core/index.ts";
import type { EventListener, TrueupEvent } from "../daemon/events.ts";
import type {
  AccountStatus,
  CommandResult,
  ExitPlanAnswer,
  ExitsReport,
  Flattened,
  FlattenPlan,
  GateView,
  HealthDocument,
  HeldPosition,
  LotMoved,
  NotesOfPosition,
  PassReport,
} from "../engine/index.ts";

export interface Trueup extends AsyncDisposable {
  /** Names of the accounts, as the configuration has them. */
  readonly accounts: readonly string[];
  /**
   * One account; without a name the only one.
   * @throws TrueupError `no_account`, `which_account`
   */
  account(name?: string): Account;
  /** Calls the listener with everything that happens from now on, in order; the result ends that. */
  onEvent(listener: EventListener): () => void;
  /**
   * The same as a loop; it ends when `signal` does, or with close(). Whoever loops slower than things happen gets a
   * `gap` in the place of what was dropped: then read the state afresh.
   */
  events(options?: { readonly signal?: AbortSignal }): AsyncIterableIterator<TrueupEvent>;
  /** Ends cleanly: a pass that runs is finished, everything is durable. A daemon beside goes on. May be called twice. */
  close(): Promise<void>;
}

/** @throws TrueupError from each method: `account_stopped`, `closed`; connected also `daemon_unreachable`. */
export interface Account {
  readonly name: string;

  /** The verdict, the gate, what is open, the age of every read. */
  status(): Promise<AccountStatus>;
  /** Which symbols are stale, missing or different, by name. */
  health(): Promise<HealthDocument>;
  /** What is held; only what is durable. Flat positions are not listed. */
  positions(): Promise<readonly HeldPosition[]>;

  /** The positions' parts by strategy, with what nobody's is: each position's add up to its quantity. */
  lots(options?: { readonly strategy?: string }): Promise<readonly HeldLot[]>;
  /**
   * A person says whose a part of a position is; the position's quantity stays.
   * @throws TrueupError `bad_request`, `bad_lot_move`, `no_such_strategy`, `no_such_lot`, `lot_too_small`
   */
  moveLot(move: LotMoveGiven): Promise<LotMoved>;
  /** What people noted on what is held. */
  notes(): Promise<readonly NotesOfPosition[]>;
  /**
   * Notes on a position: each field that is given is set, or taken away by null.
   * @throws TrueupError `bad_request`, `bad_note`, `not_held`
   */
  setNotes(note: NotesGiven): Promise<NotesOfPosition>;

  /** May the bot trade? Good until `validUntilMs`; after that the answer is no. */
  gate(): Promise<GateAnswer>;
  /** May this order pass the gate now? Asking changes nothing. */
  ask(order: OrderAsked): Promise<AskAnswer>;
  /** Holds the account or one instrument for a person; `open` releases what a person may release. */
  setGate(change: GateChange): Promise<GateAnswer>;

  /** Active orders; with `all` closed ones too. */
  orders(options?: { readonly all?: boolean }): Promise<readonly OrderView[]>;
  /**
   * Sends an order, once: journaled first, with a client order id that follows from the intent id. The same intent id
   * again, now or after a crash, sends nothing and tells what became of the first. The outcome is an answer, not an
   * error: `accepted`, `rejected` or `unknown`.
   * @throws TrueupError `bad_request` for a field that is no order's; nothing was sent then
   */
  submit(order: OrderGiven): Promise<CommandResult>;
  /** Changes an open order. */
  amend(change: AmendmentGiven): Promise<CommandResult>;
  /** Cancels an order, whatever the gate says. That it is cancelled, `orders()` says. */
  cancel(order: OrderNamed): Promise<CommandResult>;
  /** What became of an order that the bot sent itself and got no answer for? Ask until it is not `unknown`. */
  resolve(order: OrderSent): Promise<CommandResult>;

  /** What would close each position, what nothing would, and what others placed. */
  exits(): Promise<ExitsReport>;
  /**
   * When a position, or one strategy's share of it, is to be closed; stands above the plan that its order came with.
   * What is refused is an answer: `isSet` is false, `reason` says why.
   * @throws TrueupError `bad_request` for a field that is no plan's
   */
  setExit(exit: ExitGiven): Promise<ExitPlanAnswer>;
  /** Takes that back: the plan of its order, or of the configuration, counts again. */
  clearExit(exit: ExitNamed): Promise<ExitPlanAnswer>;

  /** One pass that changes nothing: do both sides agree? */
  check(): Promise<PassReport>;
  /** One pass now: find, explain, repair, verify. Never trades. */
  reconcile(options?: {
    /** Act on the first sighting, without grace; never without proof. Default false. */
    readonly force?: boolean;
  }): Promise<PassReport>;

  /** Stops everything that could add risk, now; latched across restarts. */
  kill(order: KillOrder): Promise<KillAnswer>;
  /** Rehearses a kill on a paper account in memory, and says what it took; this account is not touched. */
  drillKill(): Promise<DrillReport>;
  /** What closing these positions would trade. Trades nothing; good for a minute. */
  planFlatten(what?: { readonly instrument?: string }): Promise<FlattenPlan>;
  /**
   * Closes the positions of a plan, whatever the gate says, and proves it by a read. The same plan again tells its one result.
   * @throws TrueupError `no_such_plan`, `plan_expired`, `plan_not_confirmed`, `observing`
   */
  flatten(given: FlattenOrder): Promise<Flattened>;
  /**
   * Releases a kill; the gate opens with the next clean complete pass. False when there was none.
   * @throws TrueupError `not_confirmed`
   */
  resume(release: Release): Promise<boolean>;
}

export interface GateAnswer extends GateView {
  readonly account: string;
  /** Our clock, ms: whoever cannot renew the answer by then takes the gate for closed. */
  readonly validUntilMs: number;
}

export interface OrderAsked {
  readonly instrument: string;
  readonly side: Side;
  /** Not signed; left out for an order by notional, which never counts as reducing. */
  readonly qty?: Decimal | string;
  /** Of a hedging account. Default `net`. */
  readonly leg?: Leg;
}

/** Decimals may be given as text. */
export interface OrderGiven {
  /** Your own name for it, unique in the account for ever; 1 to 128 characters. */
  readonly intentId: string;
  readonly instrument: string;
  readonly side: Side;
  /** Default `market`. */
  readonly type?: OrderType;
  /** Not signed; exactly one of `qty` and `notional`. */
  readonly qty?: Decimal | string;
  /** What it may cost, in the quote currency; where the venue takes that. */
  readonly notional?: Decimal | string;
  readonly price?: Decimal | string;
  readonly triggerPrice?: Decimal | string;
  /** Default `day`. */
  readonly timeInForce?: TimeInForce;
  /** Default false. */
  readonly reduceOnly?: boolean;
  /** Of a hedging account. Default `net`. */
  readonly leg?: Leg;
  /** Whose it is; default nobody's. */
  readonly strategy?: string;
  /** What you take for the price, where trueup knows none: values the order for the limits. */
  readonly referencePrice?: Decimal | string;
  /** When what it opens is to be closed. */
  readonly exit?: ExitPlanOf;
  /** The signal that it follows, as you call it; 1 to 128 characters. It belongs to the life that the order opens. */
  readonly signalId?: string;
  /** Your own words on it, by name: 16 at most, of 256 characters at most. Never sent to the venue. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Who is named in the journal. Default `library`. */
  readonly by?: string;
}

/** A price, or a part of the entry price: "0.02" is 2 %. */
export type LevelGiven = { readonly price: Decimal | string } | { readonly ratio: Decimal | string };

/** When what was opened is to be closed. */
export interface ExitPlanOf {
  readonly stop?: LevelGiven;
  readonly target?: LevelGiven;
  /** Behind the best price: in units of the price, or as a part of it. */
  readonly trailing?: { readonly distance: Decimal | string } | { readonly ratio: Decimal | string };
  readonly timeStopMs?: number;
  /** Before that only the stop acts. */
  readonly minimumHoldMs?: number;
  /** For people: what would prove the idea wrong. */
  readonly invalidation?: string;
}

export interface ExitNamed {
  readonly instrument: string;
  /** Of a hedging account. Default `net`. */
  readonly leg?: Leg;
  /** Whose share; left out for the whole position. */
  readonly strategy?: string;
  readonly by?: string;
}

export interface ExitGiven extends ExitNamed {
  /** `none`: no exit is wanted. */
  readonly plan: ExitPlanOf | "none";
}

export interface HeldLot extends StrategyLot {
  readonly account: string;
}

export interface LotMoveGiven {
  readonly instrument: string;
  /** Of a hedging account. Default `net`. */
  readonly leg?: Leg;
  /** Strategies, or `unattributed`. */
  readonly from: string;
  readonly to: string;
  /** Not signed; the whole lot where it is left out. */
  readonly qty?: Decimal | string;
  readonly reason: string;
  /** The person whose word it is: nobody is named by default. */
  readonly by: string;
}

export interface NotesGiven {
  readonly instrument: string;
  /** Of a hedging account. Default `net`. */
  readonly leg?: Leg;
  readonly fields: NoteChange;
  readonly by?: string;
}

/** One of the two ids at least. */
export interface OrderNamed {
  readonly instrument: string;
  readonly clientOrderId?: string;
  readonly venueOrderId?: string;
  readonly by?: string;
}

export interface AmendmentGiven extends OrderNamed {
  readonly intentId: string;
  /** The whole quantity, filled part included. Not signed. */
  readonly qty?: Decimal | string;
  readonly price?: Decimal | string;
  readonly triggerPrice?: Decimal | string;
}

/** As far as the bot knows it. */
export interface OrderSent {
  readonly instrument: string;
  readonly clientOrderId: string;
  readonly leg?: Leg;
  readonly side?: Side;
  readonly qty?: Decimal | string;
  readonly price?: Decimal | string;
  readonly by?: string;
}

export interface AskAnswer extends Admission {
  readonly account: string;
  readonly validUntilMs: number;
}

export interface GateChange {
  readonly set: Exclude<GateState, "killed">;
  /** Only this instrument; the account unless given. */
  readonly instrument?: string;
  readonly reason: string;
  /** Who is named in the journal. Default `library`. */
  readonly by?: string;
}

export interface KillOrder {
  readonly reason: string;
  /** Cancel reduce-only stops too. Default false. */
  readonly all?: boolean;
  /** Exits that were armed before may send no orders either. Default false. */
  readonly noExits?: boolean;
  readonly by?: string;
}

export interface FlattenOrder {
  /** The plan's id. */
  readonly plan: string;
  /** The account's name again, typed by a person. */
  readonly confirm: string;
  readonly by?: string;
}

export interface Release {
  readonly reason: string;
  /** The account's name again, typed by a person. */
  readonly confirm: string;
  readonly by?: string;
}

/** Who is named where the program does not say. */
export const BY_DEFAULT = "library";
