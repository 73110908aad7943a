// What a program has in hand: the same whether trueup runs inside it (open.ts) or beside it as a daemon (connect.ts).
// All quantities, prices and amounts are exact decimals as text; all times are ms since the epoch, UTC.
import type { KillAnswer } from "../api/host.ts";
import type { Admission, Decimal, GateState, Leg, Side } from "../core/index.ts";
import type { EventListener, TrueupEvent } from "../daemon/events.ts";
import type { AccountStatus, GateView, HealthDocument, HeldPosition, PassReport } from "../engine/index.ts";

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

  /** May the bot trade? Good until `validUntilMs`; after that the answer is no. */
  gate(): Promise<GateAnswer>;
  /** May this order pass the gate now? Asking changes nothing. */
  ask(order: OrderAsked): Promise<AskAnswer>;
  /** Holds the account or one instrument for a person; `open` releases what a person may release. */
  setGate(change: GateChange): Promise<GateAnswer>;

  /** One pass that changes nothing: do both sides agree? */
  check(): Promise<PassReport>;
  /** One pass now: find, explain, repair, verify. Never trades. */
  reconcile(options?: {
    /** Act on the first sighting, without grace; never without proof. Default false. */
    readonly force?: boolean;
  }): Promise<PassReport>;

  /** Stops everything that could add risk, now; latched across restarts. */
  kill(order: KillOrder): Promise<KillAnswer>;
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
