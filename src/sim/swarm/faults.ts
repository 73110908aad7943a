// The faults that a simulated venue, network, bot, person and host may have, as data: what each does, and how often it
// struck. A seed draws which of them are on, and how often they strike.
import type { SeededRandom } from "./random.ts";

export const FAULTS = {
  // Orders
  answer_lost: "a command is carried out, and its answer is lost",
  request_lost: "a command never reaches the venue, and nobody says so",
  request_late: "a command reaches the venue late, within its settle time, and its answer is lost",
  answer_late: "the answer comes about when it is no longer waited for",
  request_doubled: "a request arrives twice; the answer is the second one's: that the order exists already",
  cancel_lost: "a cancel is carried out, or not, and its answer is lost",
  amend_lost: "an amendment is carried out, or not, and its answer is lost",
  amend_half: "an amended order is cancelled, and what should replace it is refused",
  overfill: "an order is filled beyond its quantity",
  order_backwards: "an older row of an order is listed",
  venue_cancels: "the venue ends an order by itself",
  mass_cancel: "the venue ends all open orders by itself",
  partial_then_cancel: "an order is cancelled after a part of it was filled",
  // Streams
  stream_lost: "a message of the stream is lost without a gap being told",
  stream_doubled: "a message of the stream comes twice",
  stream_doubled_late: "a message of the stream comes again after forty minutes",
  stream_late: "a message of the stream comes late, behind later ones",
  stream_cut: "the stream breaks; what happens until it stands again is not told",
  stream_zombie: "the stream stands and tells nothing, and nobody says so",
  stream_storm: "the stream does not connect, or breaks as soon as it stands",
  fill_before_order: "a fill is told before the answer to its order's request",
  same_ms_fills: "several executions have one moment",
  fill_reversed: "the venue takes an execution back",
  fill_changed: "the stream tells an execution otherwise than the history",
  no_trade_id: "the stream does not name the trade, only its order and what is filled by then",
  // Reads
  read_down: "a read is not answered",
  never_answered: "a call is never answered, and does not end by itself either",
  read_slow: "a read takes seconds, while the account goes on moving",
  adapter_throws: "the venue's client throws",
  positions_empty: "the list of positions is empty, with a straight face",
  positions_short: "the list of positions lacks several rows, with a straight face",
  positions_partial: "the list of positions lacks rows, and says that it is partial",
  positions_lag: "the list of positions lacks the latest fills, within the declared lag",
  positions_stale: "the list of positions is minutes old, and says so",
  rows_doubled: "a row is listed twice",
  orders_missing: "the list of orders lacks a row",
  orders_partial: "the list of orders lacks rows, and says that it is partial",
  fills_late: "the history lacks the latest fills, within the declared delay",
  fills_down: "the history is not answered",
  fills_window: "the process was away for longer than the history reaches back",
  other_account: "another account answers",
  lookup_wrong_row: "a look-up of one position answers with another one's row",
  lookup_none_early: "a look-up does not know an order yet that was placed a moment ago",
  timestamps_wild: "a fill's moment is told in another unit",
  fill_qty_zero: "a fill of nothing is told",
  reads_ok_writes_fail: "reads are answered, and for a while no command gets through",
  writes_ok_reads_fail: "commands get through, and for a while no read is answered",
  // The account
  manual_trade: "a person trades on the account",
  other_strategy: "another bot trades on the account",
  liquidation: "the venue closes a position by force",
  adl: "the venue takes a part of a position away",
  funding: "money is paid for holding a position",
  transfer: "money comes in or goes out",
  split: "a position's quantity is multiplied",
  settlement: "the venue settles a position and closes it",
  drift: "money moves, and no ledger says why",
  // Process, host, people
  crash: "the process dies at any moment, and starts again",
  crash_unsynced: "the process dies, and what was not durable yet is lost",
  stop: "the process is ended in good order, and starts again",
  journal_slow: "a write into the journal takes seconds",
  journal_down: "the journal does not take a record",
  second_writer: "another process opens the account while this one works",
  clock_jump: "the machine's clock jumps",
  alert_channel_down: "an alert cannot be delivered",
  mirror_overwritten: "the bot writes its old rows back",
  mirror_unreadable: "the bot's store cannot be read",
  mirror_down: "the bot's store does not take a write",
  mirror_forgets: "the bot's store says that it took a write, and did not",
  kill_during_outage: "a person kills while the venue does not answer",
  kill_while_down: "a person kills while the process is dead",
  // The price feed. New ones come last: what a seed draws for those above must not move.
  feed_silent: "the price feed stands and tells nothing",
  feed_stale: "the price feed tells an old price again and again",
  feed_foreign: "the price feed tells the price of something that nobody follows",
  feed_unsubscribe_lost: "an instrument that was dropped stays in the price feed",
  feed_deaf: "what the price feed is told to follow never arrives",
  feed_cut: "the price feed breaks, and stands again after a while",
  // Exits.
  foreign_stop: "another bot puts a stop under a position",
  moved_meanwhile: "somebody closes a part of a position while an order that only reduces it is on its way",
  feed_kept: "the price feed begins with a price of minutes ago, under its own time",
} as const;

export type FaultId = keyof typeof FAULTS;

export const FAULT_IDS = Object.keys(FAULTS) as FaultId[];

/** A fault that struck: when, and what it was about. */
export interface Strike {
  readonly fault: FaultId;
  /** Monotonic, ms. */
  readonly atMs: number;
  /** Sequence of the last record by then. */
  readonly seq: number;
  /** A client order id, a trade id, an instrument; null where it is about the account. */
  readonly subject: string | null;
}

/** By what chance a run has a fault, and by what chance it then strikes; what is not given is drawn as usual. */
export interface Weights {
  readonly of: Partial<Record<FaultId, { readonly chance: number; readonly rate?: number }>>;
  /** The chance of the faults that `of` does not name. */
  readonly others: number;
}

export const USUAL: Weights = { of: {}, others: 0.22 };

/** Which faults are on, with their probability at each opportunity; and what has struck. */
export class FaultPlan {
  readonly struck: Strike[] = [];
  private readonly rates = new Map<FaultId, number>();
  private readonly random: SeededRandom;
  private readonly place: () => { readonly atMs: number; readonly seq: number };
  private readonly streams = new Map<FaultId, SeededRandom>();
  private readonly until = new Map<FaultId, number>();
  private isOn = true;

  constructor(
    random: SeededRandom,
    place: () => { readonly atMs: number; readonly seq: number },
    weights: Weights,
    only?: readonly string[],
  ) {
    this.place = place;
    this.random = random;
    for (const id of FAULT_IDS) {
      const own = weights.of[id];
      const isDrawn = random.chance(own?.chance ?? weights.others);
      const rate = random.pick([0.02, 0.05, 0.1, 0.25]);
      if (!isDrawn || (only !== undefined && !only.includes(id))) continue;
      this.rates.set(id, own?.rate ?? rate);
      // A stream of its own for each, so that leaving one out does not change when the others strike.
      this.streams.set(id, random.fork(id));
    }
  }

  /** These never strike, whatever was drawn. */
  leaveOut(ids: readonly FaultId[]): void {
    for (const id of ids) this.rates.delete(id);
  }

  get enabled(): readonly FaultId[] {
    return [...this.rates.keys()];
  }

  /** Whether it strikes at this opportunity. */
  strikes(id: FaultId, subject: string | null = null, factor = 1): boolean {
    const rate = this.rates.get(id);
    const stream = this.streams.get(id) ?? this.random;
    if (!this.isOn || rate === undefined || !stream.chance(rate * factor)) return false;
    this.note(id, subject);
    return true;
  }

  isEnabled(id: FaultId): boolean {
    return this.isOn && this.rates.has(id);
  }

  /** Something that happened by itself and is what a fault is about. */
  note(fault: FaultId, subject: string | null = null): void {
    if (this.isOn) this.struck.push({ fault, subject, ...this.place() });
  }

  /** Whether it holds now: once it has struck it may last a while, for whoever asks again meanwhile. */
  lasts(id: FaultId, subject: string | null = null, factor = 1): boolean {
    if (!this.isOn) return false;
    const { atMs } = this.place();
    if (atMs < (this.until.get(id) ?? 0)) return true;
    if (!this.strikes(id, subject, factor)) return false;
    const stream = this.streams.get(id) ?? this.random;
    this.until.set(id, atMs + stream.pick([0, 0, 30_000, 90_000, 240_000]));
    return true;
  }

  /** There was nothing that the last one could strike. */
  forget(): void {
    this.struck.pop();
  }

  get isHealed(): boolean {
    return !this.isOn;
  }

  /** From now on nothing goes wrong any more. */
  heal(): void {
    this.isOn = false;
  }
}
