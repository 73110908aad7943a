// What an invariant may look at: the account as it really is, what trueup believes, what left for the venue, what a person
// was told. And how it says that it looked, and that something is wrong.

import type { Alert } from "../../alerts/index.ts";
import type { AccountPolicy, Capabilities, Decimal, JournalRecord, OrderIntent } from "../../core/index.ts";
import type {
  CommandResult,
  Flattened,
  KillLatch,
  OrderHandle,
  PassReport,
  Session,
} from "../../engine/index.ts";
import type { Journal } from "../../journal/index.ts";
import type { MemoryMirror } from "../../mirrors/memory/index.ts";
import type { AmendCommand, CancelAllCommand, CancelCommand, SubmitCommand } from "../../venues/index.ts";
import type { Referee, RefereeEvent } from "../referee/referee.ts";
import type { InvariantId } from "../swarm/result.ts";

/** What trueup asked the venue for, at the moment at which it left. */
export type VenueRequest = {
  /** The runtime's monotonic clock, ms. */
  readonly atMs: number;
  /** Sequence of the last record that was durable then. */
  readonly durableSeq: number;
} & (
  | { readonly kind: "submit"; readonly command: SubmitCommand }
  | { readonly kind: "cancel"; readonly command: CancelCommand }
  /** `isTaken`: whether it will be said to be taken. */
  | { readonly kind: "cancelAll"; readonly command: CancelAllCommand; readonly isTaken: boolean }
  | { readonly kind: "amend"; readonly command: AmendCommand }
  | { readonly kind: "read"; readonly what: "snapshot" | "history" | "position" | "order" }
);

/** What became of the venue's dead-man switch: of the account where no instrument is named. */
export type DeadManEvent =
  /** A call has left, and is on its way there. */
  | { readonly kind: "left"; readonly instrument: string | null }
  /** A call has arrived there, or was lost; `isAccepted`: whether whoever called is told that it was taken. */
  | {
      readonly kind: "called";
      readonly instrument: string | null;
      readonly timeoutMs: number;
      readonly isAccepted: boolean;
    }
  /** Nobody has set it anew in its time: these orders were cancelled. */
  | {
      readonly kind: "fired";
      readonly instrument: string | null;
      readonly timeoutMs: number;
      readonly orders: readonly OrderHandle[];
    };

export interface World {
  readonly account: string;
  readonly referee: Referee;
  readonly journal: Journal;
  readonly policy: AccountPolicy;
  readonly positionMode: "net" | "hedge";
  readonly capabilities: Capabilities;
  readonly mirror: MemoryMirror;
  /** Never goes back, ms; what the referee dates by. */
  monotonicMs(): number;
  /** Our wall clock, ms; faults may set it. */
  nowMs(): number;
  /** Undefined while the process is dead. */
  session(): Session | undefined;
  /** Whether faults are over. */
  isHealed(): boolean;
  /** A kill that a person asked for, from the moment at which it was confirmed to them until it is released. */
  killed(): KillLatch | null;
  /**
   * When a person asked the process at work for a kill, or it found one at its start, monotonic ms; null until then, and once
   * a release is durable. Absent where nobody keeps count: then its record is the moment.
   */
  killAskedAtMs?(): number | null;
  /** Whether a kill that was asked for and not released since was to take all orders, also before its record is durable. */
  isAllAsked?(): boolean;
  /** Alerts that reached the person, with the monotonic moment. */
  told(): readonly { readonly atMs: number; readonly alert: Alert }[];
  /**
   * Trade ids of executions whose reversal reached a living process. Only the stream tells it, so that one which the
   * stream lost is not known; absent where nobody keeps count, and then none is asked for.
   */
  reversalsTold?(): ReadonlySet<string>;
  /** Secrets that nothing may ever show. */
  readonly secrets: readonly string[];
  /** All that the log was given, as text. */
  log(): readonly string[];
  /** How often whichever process was at work then has said that our clock was set. */
  jumpsNoticed(): number;
  /** When a bot gave this order to the process that took it, monotonic ms; undefined where it never did. */
  commandedAtMs(intentId: string): number | undefined;
  /** Whether a request for this order has left and may still arrive. */
  isOnItsWay(clientOrderId: string): boolean;
  /** Whether the process at work still waits for the answer to this order's request; where nobody tells, none does. */
  isUnanswered?(clientOrderId: string): boolean;
  /** When a look-up was told "none", monotonic ms, of `order ID` or `position LEG:INSTRUMENT`; absent where nobody counts. */
  deniedAtMs?(what: string): readonly number[];
  /** When histories listed this fill, monotonic ms; undefined where nobody counts: then all did that were read after it. */
  listedAtMs(tradeId: string): readonly number[] | undefined;
  /** The client order id that follows from an intent, reckoned apart; absent where ids are given by hand. */
  clientOrderIdOf?(intentId: string, strategy: string | null): string;
  /** The price by which exposure is reckoned. */
  lastPrice(instrument: string): Decimal;
  /** Whether it was the market's price at some moment since then, monotonic ms; absent where nobody keeps the course. */
  wasPrice?(instrument: string, last: Decimal, sinceMs: number): boolean;
  /** The highest price, or the lowest, that the market had since then, monotonic ms; absent where nobody keeps the course. */
  extremePrice?(instrument: string, isHighest: boolean, sinceMs: number): Decimal | undefined;
  /** Whether no read of positions or orders can have said anything but the truth; absent where nobody knows. */
  areReadsTrue?(): boolean;

  /** It was put to the test: something could have been wrong here. */
  check(invariant: InvariantId, times?: number): void;
  /** Adds to the counts of the run, by name. */
  count?(what: string): void;
  violate(invariant: InvariantId | "oracle", text: string): void;
}

/** Looks at a run as it goes. Every method is called when its moment has come to rest, so that no write is half done. */
export interface Watch {
  /** Passes that it took after all was well until all agreed; null where it never did. */
  readonly cycles?: number | null;
  /** A record is durable. */
  onRecord?(record: JournalRecord): void;
  /** Something leaves for the venue. */
  onRequest?(request: VenueRequest): void;
  /** Something has just happened at the venue, whoever hears of it. */
  onVenueEvent?(event: RefereeEvent): void;
  /** The venue's dead-man switch was called, or has fired. */
  onDeadMan?(event: DeadManEvent): void;
  /** What a bot is told of the order that it gave. */
  onAnswer?(intent: OrderIntent, result: CommandResult): void;
  /** What a person is told of a plan to close positions. */
  onFlattened?(result: Flattened): void;
  /** A pass has ended: the session's own report of it. */
  onPass?(report: PassReport): void;
  /** The process died and a new one has restored the account from the journal; before its first pass. */
  onRestart?(): Promise<void> | void;
  /** Whatever happened last has come to rest. */
  afterEvent?(): void;
  /** Faults have long been over, and all has come to rest. */
  judge?(): Promise<void>;
}
