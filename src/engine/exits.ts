// Exits at work: what is armed follows the book, prices and timers are held against it, and an exit that has come to
// pass sends its order through the order desk. What is decided is in the core; what it waits for is here.
import {
  type AccountPolicy,
  type Armable,
  type ArmedExit,
  armable,
  armingDrafts,
  type Book,
  betterOf,
  closable,
  closingPrice,
  type Decimal,
  draft,
  type ExitTroubles,
  exitIntent,
  exitIntentId,
  exitsNotPossible,
  firstBest,
  isActive,
  isWorthWriting,
  type JournalRecord,
  type LotKey,
  levelOfPlaced,
  lotKey,
  mayPassKill,
  type Order,
  type OrderIntent,
  type PositionKey,
  positionKey,
  type Quote,
  type Steady,
  sign,
  tradesByDay,
  triggerOf,
  type UnarmedCode,
} from "../core/index.ts";
import type { Log, Runtime } from "../runtime/index.ts";
import type { Venue } from "../venues/index.ts";
import { alertDraft } from "./alerting.ts";
import type { CommandResult, OrderHandle } from "./order-desk.ts";
import { OVERDUE_MS, OverdueStops } from "./overdue-stops.ts";
import { PlacedExits, type PlacedInputs } from "./placed-exits.ts";
import type { AccountWriter } from "./writer.ts";

/** Between two orders of one exit, doubled each time. In ms. */
const BACK_OFF_MS = 1_000;
const BACK_OFF_MS_MAX = 60_000;
/** After a jump of our clock, or a start, no time stop acts for so long: a clock that is wrong is often set right. In ms. */
const STEADY_MS = 60_000;
/** How long a working order of the same strategy is waited for after it was asked to give way. In ms. */
const GIVE_WAY_MS = 5_000;
/** The longest that a timer waits for: by then the wall clock may have been set. In ms. */
const TIMER_MS_MAX = 60_000;

/** What is asked of a price feed. */
export interface PriceSource {
  priceOf(
    instrument: string,
  ): { readonly tick: Quote; readonly ageMs: number; readonly isFresh: boolean } | undefined;
  onTick(listener: (instrument: string) => void): unknown;
}

/** What exits are given by the account's session. */
export interface ExitInputs {
  readonly writer: AccountWriter;
  readonly venue: Venue;
  readonly policy: AccountPolicy;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly prices: PriceSource;
  /** What the venue said last of a position, signed; null where it has said nothing. */
  readonly venueQty: (key: PositionKey) => Decimal | null;
  /** Whether the positions were read since the start: before that nothing is closed. */
  readonly hasRead: () => boolean;
  readonly hasStopped: () => boolean;
  /** Whether the account is at work by itself: a single pass, or a single command, closes nothing. */
  readonly isRunning: () => boolean;
  readonly steady: () => Steady;
  readonly submit: (intent: OrderIntent, exitId: string) => Promise<CommandResult>;
  readonly cancel: (handle: OrderHandle) => Promise<unknown>;
  readonly wake: (trigger: string) => void;
  /** Has what was staged become durable soon. */
  readonly flush: () => void;
  readonly fail: (error: unknown) => void;
  /** Exits that lie at the venue: in two modes of three. */
  readonly placed: Omit<
    PlacedInputs,
    | "writer"
    | "venue"
    | "policy"
    | "runtime"
    | "prices"
    | "venueQty"
    | "wake"
    | "fail"
    | "hasStopped"
    | "lookIn"
    | "review"
  >;
}

interface Trouble {
  readonly code: UnarmedCode;
  readonly text: string;
}

const UNREAD: Trouble = {
  code: "not_read",
  text: "its exit is not acted on: the positions could not be read since trueup started, and nothing is closed before that; look at the venue (trueup status), or close it there",
};

/** Records after which another quantity, plan or state of an order may be true. */
const MOVING: ReadonlySet<JournalRecord["kind"]> = new Set([
  "fill_recorded",
  "fill_reversed",
  "ledger_entry_recorded",
  "adjustment_inferred",
  "adjustment_replaced",
  "lot_reattributed",
  "exit_plan_set",
  "order_state_observed",
  "kill_released",
  "instrument_observed",
]);

/**
 * Exits of one account at work, from its start to its stop.
 *
 *   pass, fill, plan, start -> armed (records) -> tick or timer: reached? -> exit_triggered, durable -> order desk
 *                                  ^                                                |
 *                                  |  something is left                             v
 *                                  +---- back-off, and a read of the positions <- its order has ended
 */
export class Exits {
  private readonly inputs: ExitInputs;
  private readonly placed: PlacedExits;
  /** When somebody wants everything to be looked at again, on the monotonic clock, ms; null for nobody. */
  private lookAtMs: number | null = null;
  private readonly troubles = new Map<LotKey, Trouble>();
  /** Since when no price young enough was known, on the monotonic clock, ms. */
  private readonly staleSince = new Map<LotKey, number>();
  /** The best price of each exit, as far as this process has seen it. */
  private readonly bests = new Map<string, Decimal>();
  /** Lots that wait for a price before they are armed for the first time: since when, on the monotonic clock, ms. */
  private readonly priceless = new Map<
    LotKey,
    { readonly sinceMs: number; readonly text: string; readonly isTold: boolean }
  >();
  /** The exit of each lot that what is noted below is of. */
  private readonly known = new Map<LotKey, string>();
  /** Lots whose order, or cancel, has not been answered yet. */
  private readonly busy = new Set<LotKey>();
  /** When each lot may act again, on the monotonic clock, ms. */
  private readonly notBefore = new Map<LotKey, number>();
  /** The order after whose end each lot has paused, by intent id. */
  private readonly pausedAfter = new Map<LotKey, string>();
  /** How many orders running were refused, also those of which nothing is in the journal. */
  private readonly refusals = new Map<LotKey, number>();
  /** Until when working orders of its own strategy are waited for, on the monotonic clock, ms. */
  private readonly givingWay = new Map<LotKey, number>();
  /** Shares whose exit has come to pass and finds nothing free, as something else has not been seen to end. */
  private readonly blocking = new Set<LotKey>();
  /** Orders of exits whose end was noticed, by intent id: how many reads had begun by then. */
  private readonly endedAt = new Map<string, number>();
  /** Lots whose order has not come to an end that is known for sure: since when, on the monotonic clock, ms. */
  private readonly pending = new Map<LotKey, { readonly intentId: string; readonly sinceMs: number }>();
  /** Stops at the venue that are reached and do not trade. */
  private readonly overdue = new OverdueStops();
  private readonly saidOverdue = new Set<LotKey>();
  private readsBegun = 0;
  /** The last read that showed the positions. */
  private readShown = 0;
  /** When the positions may be asked for again because of a doubt, on the monotonic clock, ms. */
  private askAgainAtMs = 0;
  /** When the first pass began, on the monotonic clock, ms; null before it. */
  private unreadSinceMs: number | null = null;
  private isReviewDue = false;
  private isPassing = false;
  private cancelTimer: (() => void) | undefined;
  /** By our wall clock and by the monotonic one, ms. */
  private readonly started: { readonly wallMs: number; readonly monotonicMs: number };

  constructor(inputs: ExitInputs) {
    this.inputs = inputs;
    const { clock } = inputs.runtime;
    this.started = { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
    this.placed = new PlacedExits({
      ...inputs,
      ...inputs.placed,
      lookIn: (ms) => this.lookIn(ms),
      review: () => this.review(),
    });
    inputs.prices.onTick((instrument) => this.look(instrument));
  }

  /** Why exits that are armed cannot act, by lot: a pass tells it, as it is once that pass has read the account. */
  get reasons(): ExitTroubles {
    if (this.isUnread) return new Map(this.everyLot().map((lot) => [lot, UNREAD]));
    const priceless = [...this.priceless].flatMap(([lot, { isTold, text }]) =>
      isTold ? [[lot, { code: "price_stale", text }] as const] : [],
    );
    return new Map([...priceless, ...this.placed.reasons, ...this.troubles]);
  }

  /** Whether everything has waited for too long for the first read of the positions. */
  private get isUnread(): boolean {
    const { runtime, policy, hasRead, isRunning } = this.inputs;
    if (this.unreadSinceMs === null || hasRead() || !isRunning()) return false;
    return runtime.clock.monotonicMs() - this.unreadSinceMs >= policy.graceMs;
  }

  /** Also what is not armed yet: the pass that asks may be the one that arms it. */
  private everyLot(): LotKey[] {
    return [...this.book.ledgers.values()].flatMap(({ key, lots }) =>
      [...lots.keys()].map((strategy) => lotKey(key, strategy)),
    );
  }

  /** To be called before a pass reads anything. */
  passBegins(): void {
    this.unreadSinceMs ??= this.inputs.runtime.clock.monotonicMs();
    this.readsBegun += 1;
    this.isPassing = true;
  }

  /** To be called when a pass is over. @param hasShownPositions Whether it read the positions well enough to act on them. */
  passEnded(hasShownPositions: boolean): void {
    this.isPassing = false;
    if (hasShownPositions) this.readShown = this.readsBegun;
    this.review();
  }

  /** A durable record: what follows from it is looked at once everything of this turn is entered. */
  noted(record: JournalRecord): void {
    if (!this.isAtWork || !MOVING.has(record.kind)) return;
    if (record.kind === "fill_recorded") this.afterFill(record.payload.orderKey);
    // What the kill held back may leave at once.
    if (record.kind === "kill_released") this.notBefore.clear();
    if (this.isReviewDue) return;
    this.isReviewDue = true;
    this.inputs.runtime.timers.soon(() => {
      this.isReviewDue = false;
      this.review();
    });
  }

  /** Ends its timer; nothing is looked at any more by itself. */
  stop(): void {
    this.cancelTimer?.();
  }

  /** Brings what is armed in line with the book, and looks at every exit. */
  review(): void {
    if (!this.isAtWork) return;
    this.lookAtMs = null;
    this.guarded(() => {
      const armable = this.arm();
      for (const lot of [...this.book.exits.keys()]) this.consider(lot);
      this.forget();
      if (armable) {
        const { readsBegun: begun, readShown: shown, isPassing } = this;
        this.placed.review(armable, { begun, shown, isPassing });
      }
      this.setTimer();
    });
  }

  private look(instrument: string): void {
    if (!this.isAtWork) return;
    this.guarded(() => {
      for (const [lot, { facts }] of [...this.book.exits]) {
        if (facts.instrument === instrument) this.consider(lot);
      }
    });
  }

  private get book(): Book {
    return this.inputs.writer.book;
  }

  private get isAtWork(): boolean {
    const { policy, hasStopped, isRunning, hasRead, writer } = this.inputs;
    return policy.exits?.owns === true && isRunning() && hasRead() && !hasStopped() && !writer.hasFailed;
  }

  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.inputs.fail(error);
    }
  }

  /** Everything looked at again, in this many ms at most. */
  private lookIn(ms: number): void {
    const atMs = this.inputs.runtime.clock.monotonicMs() + Math.max(1, ms);
    if (this.lookAtMs !== null && this.lookAtMs <= atMs) return;
    this.lookAtMs = atMs;
    this.setTimer();
  }

  /** Before an order of a bot that closes leaves. */
  async makeWayFor(order: Parameters<PlacedExits["makeWayFor"]>[0]): Promise<void> {
    if (this.isAtWork) await this.placed.makeWayFor(order);
  }

  private arm(): Armable | null {
    const { policy, venue, venueQty, writer, flush } = this.inputs;
    if (!policy.exits) return null;
    const notPossible = exitsNotPossible(policy, venue.capabilities.commands);
    const wanted = armable({
      book: this.book,
      exits: policy.exits,
      venueQty,
      notPossible,
      now: {
        priceOf: (instrument, side) => this.freshPrice(instrument, side),
        atMs: this.inputs.runtime.clock.nowMs(),
      },
    });
    this.awaitPrices(wanted);
    const drafts = armingDrafts(this.book, wanted, "exits");
    // What the venue has not listed yet is only for a read to tell.
    if (wanted.unarmed.some(({ code }) => code === "quantity_doubted")) this.askAgain();
    if (drafts.length > 0) {
      writer.stage(drafts);
      flush();
    }
    return wanted;
  }

  /** At what a position could be closed, by a price that is young enough. */
  freshPrice(instrument: string, side: "long" | "short"): Decimal | null {
    const known = this.inputs.prices.priceOf(instrument);
    return known?.isFresh ? closingPrice(side, known.tick) : null;
  }

  /** Shares that are not armed for want of a price: told when that lasts. */
  private awaitPrices({ unarmed }: Armable): void {
    const nowMs = this.inputs.runtime.clock.monotonicMs();
    const waiting = new Map(
      unarmed.flatMap(({ code, key, strategy, text }) =>
        code === "price_stale" ? [[lotKey(key, strategy), text] as const] : [],
      ),
    );
    for (const lot of this.priceless.keys()) if (!waiting.has(lot)) this.priceless.delete(lot);
    for (const [lot, text] of waiting) {
      const known = this.priceless.get(lot);
      const sinceMs = known?.sinceMs ?? nowMs;
      const leftMs = sinceMs + this.inputs.policy.graceMs - nowMs;
      this.priceless.set(lot, { sinceMs, text, isTold: leftMs <= 0 });
      if (leftMs > 0) this.lookIn(leftMs);
      else if (known?.isTold !== true) this.inputs.wake("exit");
    }
  }

  /** Has the positions read again, once an interval at most. */
  private askAgain(): void {
    const { runtime, policy, wake } = this.inputs;
    const nowMs = runtime.clock.monotonicMs();
    if (this.isPassing || nowMs < this.askAgainAtMs) return;
    this.askAgainAtMs = nowMs + policy.intervalMs;
    wake("exit");
  }

  /** One exit: has it come to pass, or what became of its order? */
  private consider(lot: LotKey): void {
    const exit = this.book.exits.get(lot);
    if (!exit) return;
    this.beginAnew(lot, exit);
    if (this.busy.has(lot)) return;
    const { facts } = exit;
    const covered = this.placed.coveredOf(facts);
    // What the venue itself acts on is not acted on beside it.
    const stop = covered.stop ? null : facts.stop;
    const target = covered.target ? null : facts.target;
    const own = exit.trigger ? exit : { ...exit, facts: { ...facts, stop, target } };
    const price = this.priceFor(lot, own);
    if (exit.trigger) this.carryOn(lot, exit, price);
    else if (this.isOverdue(lot, exit, price)) {
      this.watch(lot, { ...exit, facts: { ...facts, target } }, price);
    } else this.watch(lot, own, price);
  }

  /** Whether trueup closes what a stop at the venue should have: it is reached for long, and does not trade. */
  private isOverdue(lot: LotKey, { facts }: ArmedExit, seen: Seen | null): boolean {
    const { policy, runtime, venue } = this.inputs;
    if (policy.exits?.mode === "managed") return false;
    const role = policy.exits?.mode === "venue" ? "stop" : "backstop";
    const order = this.placed.lyingOf(facts, role);
    const level = order && levelOfPlaced(order);
    const only = { ...facts, stop: level ?? null, target: null, trailing: null, timeStopAtMs: null };
    const isReached = triggerOf(only, null, seen?.price ?? null, 0) !== null;
    const nowMs = runtime.clock.monotonicMs();
    const sinceMs = this.overdue.look(lot, order, isReached, nowMs);
    const waitMs = Math.max(OVERDUE_MS, policy.graceMs);
    if (!order || sinceMs === null || nowMs - sinceMs < waitMs) {
      if (sinceMs !== null) this.lookIn(sinceMs + waitMs - nowMs);
      if (this.saidOverdue.delete(lot)) this.settled(lot);
      return false;
    }
    const isTakenOver = role === "stop" && !tradesByDay(facts.instrument, venue.capabilities.commands);
    const name = order.clientOrderId ?? order.venueOrderId;
    const end = isTakenOver
      ? "it is cancelled, and once it is seen to have ended trueup closes the share itself"
      : "nothing else is sent beside it; look at the order at the venue, and close the position (trueup flatten) if it should have traded";
    const text = `its ${role} ${name} lies at the venue at ${level}, has been reached for ${Math.round(waitMs / 1_000)} s and does not trade: ${end}`;
    const isNews = !this.saidOverdue.has(lot);
    this.saidOverdue.add(lot);
    if (isNews) {
      this.tell(lot, facts, { code: "exit_failing", text }, 1);
      this.inputs.wake("exit");
    }
    return isTakenOver;
  }

  /** Another exit of the same lot neither waits for what the one before it was refused, nor is said to fail by it. */
  private beginAnew(lot: LotKey, { facts }: ArmedExit): void {
    const before = this.known.get(lot);
    if (before === facts.exitId) return;
    this.known.set(lot, facts.exitId);
    if (before === undefined) return;
    this.clear(lot, "exit_failing", "exit_blocked");
    for (const known of [this.notBefore, this.refusals, this.givingWay, this.blocking]) known.delete(lot);
  }

  private priceFor(lot: LotKey, { facts }: ArmedExit): Seen | null {
    const { prices, runtime, policy } = this.inputs;
    const known = prices.priceOf(facts.instrument);
    const price = known?.isFresh ? closingPrice(facts.side, known.tick) : null;
    if (known && price !== null) {
      this.staleSince.delete(lot);
      this.clear(lot, "price_stale");
      return { price, ageMs: Math.round(known.ageMs) };
    }
    const needsPrice = facts.stop !== null || facts.target !== null || facts.trailing !== null;
    if (!needsPrice) return null;
    const nowMs = runtime.clock.monotonicMs();
    const sinceMs = this.staleSince.get(lot) ?? nowMs;
    this.staleSince.set(lot, sinceMs);
    if (nowMs - sinceMs < policy.graceMs || this.troubles.has(lot)) return null;
    const what = known
      ? `the last price of ${facts.instrument} is ${Math.round(known.ageMs)} ms old`
      : `no price of ${facts.instrument} is told`;
    this.troubles.set(lot, {
      code: "price_stale",
      text: `${what}: its stop and target are not acted on until there is one; look at the price feed (trueup status)`,
    });
    return null;
  }

  private watch(lot: LotKey, exit: ArmedExit, seen: Seen | null): void {
    const best = this.bestOf(exit, seen);
    const triggered = this.triggered(exit.facts, best, seen);
    if (triggered) this.close(lot, exit, { ...triggered, seen });
    // It came to pass and could not be carried out; now there is nothing to carry out any more.
    else if (seen && !this.saidOverdue.has(lot)) this.settled(lot);
  }

  /**
   * What ran out before this process was there is seen by a clock that nobody has watched: it may be set right yet, which is
   * a jump then.
   */
  private triggered(facts: ArmedExit["facts"], best: Decimal | null, seen: Seen | null) {
    const { timeStopAtMs } = facts;
    const leftMs = this.started.monotonicMs + STEADY_MS - this.inputs.runtime.clock.monotonicMs();
    const isUnwatched = timeStopAtMs !== null && timeStopAtMs <= this.started.wallMs && leftMs > 0;
    if (isUnwatched) this.lookIn(leftMs);
    const watched = isUnwatched ? { ...facts, timeStopAtMs: null } : facts;
    return triggerOf(watched, best, seen?.price ?? null, this.durableNow());
  }

  /** The best price so far: journaled coarsely, so that a crash loses little of it. */
  private bestOf({ facts, best: written }: ArmedExit, seen: Seen | null): Decimal | null {
    const { exitId, side, instrument, leg, strategy, trailing } = facts;
    const known = this.bests.get(exitId) ?? written ?? firstBest(facts);
    if (trailing === null || seen === null) return known;
    const best = betterOf(side, known, seen.price);
    this.bests.set(exitId, best);
    if (isWorthWriting(facts, written, best)) {
      this.inputs.writer.stage([draft("exit_trailed", { exitId, instrument, leg, strategy, best }, "exits")]);
      this.inputs.flush();
    }
    return best;
  }

  /** Our wall clock for durations; the beginning of all time while it may be wrong, so that none is over. */
  private durableNow(): number {
    const { runtime, steady } = this.inputs;
    const nowMs = runtime.clock.nowMs();
    const { byMs, sinceMs } = steady();
    return byMs !== 0 && nowMs - sinceMs < STEADY_MS ? 0 : nowMs;
  }

  /** Sends the exit's order, once what stands in its way has gone. */
  private close(lot: LotKey, exit: ArmedExit, reached: Reached): void {
    const isTime = this.isTime(lot);
    // What it waits for may end before it is tried again; else what lay at the venue would be placed anew meanwhile.
    if (!isTime && !this.blocking.has(lot)) return;
    const { venueQty, venue, writer } = this.inputs;
    const { facts } = exit;
    const { own, qty, inTheWay } = closable(
      this.book,
      exit,
      venueQty(positionKey(facts.instrument, facts.leg)),
      venue.capabilities.commands,
    );
    // It is not its strategy's any more; what is armed follows once the record that moved it is durable.
    if (sign(own) === 0) return;
    const { kill } = this.book;
    // Nothing makes way for an order that a kill keeps back: what lies at the venue is all that protects then.
    const mayLeave = kill === null || mayPassKill(this.book, { kind: "exit", exitId: facts.exitId });
    if (mayLeave && !this.placed.hasMadeWay(facts)) return;
    const notGone = mayLeave ? this.placed.notGoneOf(facts) : null;
    if (notGone) {
      if (isTime) this.notEnded(lot, facts, notGone);
      return;
    }
    const leaving = mayLeave ? inTheWay : [];
    if (leaving.length > 0 && this.isWaitedFor(lot)) {
      this.giveWay(lot, leaving);
      return;
    }
    if (sign(qty) === 0) {
      if (isTime) this.blocked(lot, exit, leaving);
      return;
    }
    this.givingWay.delete(lot);
    this.blocking.delete(lot);
    const last = exit.trigger;
    // An attempt that left nothing behind has not been made: its order is the same one.
    const isSame = last !== null && last.qty === qty && !this.book.intents.has(last.intentId);
    const attempt = isSame ? last.attempt : (last?.attempt ?? 0) + 1;
    const { exitId, instrument, leg, strategy } = facts;
    if (!isSame) {
      const { condition, level, seen } = reached;
      const told = { price: seen?.price ?? null, priceAgeMs: seen?.ageMs ?? null };
      const payload = { exitId, instrument, leg, strategy, condition, level, ...told, qty, attempt };
      writer.stage([
        draft("exit_triggered", { ...payload, intentId: exitIntentId(exitId, attempt) }, "exits"),
      ]);
    }
    const intent = exitIntent(exit, qty, attempt, venue.capabilities.commands);
    this.send(lot, exit, intent, attempt);
  }

  private send(lot: LotKey, { facts }: ArmedExit, intent: OrderIntent, attempt: number): void {
    this.run(lot, async () => {
      const result = await this.inputs.submit(intent, facts.exitId);
      const isStill = this.book.exits.get(lot)?.facts.exitId === facts.exitId;
      // What another exit has taken the place of meanwhile says nothing of that one.
      if (result.outcome === "rejected") {
        if (isStill) this.failed(lot, facts, attempt, result.reasons.join("; "));
      } else {
        this.refusals.delete(lot);
        this.clear(lot, "exit_failing", "exit_blocked");
      }
      // Of what was held back here the venue knows nothing.
      if (result.order !== null) this.inputs.wake("exit");
    });
  }

  /** What became of the last order; another one follows when something is left once that is known for sure. */
  private carryOn(lot: LotKey, exit: ArmedExit, seen: Seen | null): void {
    const { trigger, facts } = exit;
    if (!trigger) return;
    const order = this.orderOf(trigger.intentId);
    if (order && (isActive(order) || !this.hasBeenRead(order))) {
      this.awaitEnd(lot, facts, order, trigger.intentId);
      return;
    }
    this.endKnown(lot);
    const now = this.triggered(facts, this.bestOf(exit, seen), seen);
    // A target that is no longer there is waited for again; whatever else has come to pass is carried out.
    if (!now && trigger.condition === "target") {
      // Nothing of it is at work, and its level is not reached any more: nothing fails.
      if (seen) this.settled(lot);
      return;
    }
    // Once for each order: what has to make way for the next one must not begin the pause anew.
    if (order && this.pausedAfter.get(lot) !== trigger.intentId) {
      this.pausedAfter.set(lot, trigger.intentId);
      if (!this.notBefore.has(lot)) this.backOff(lot, trigger.attempt);
    }
    this.close(lot, exit, now ? { ...now, seen } : { ...trigger, seen });
  }

  /** No second order leaves before the end of the first is known; where that does not come, somebody has to look. */
  private awaitEnd(lot: LotKey, facts: ArmedExit["facts"], order: Order, intentId: string): void {
    const nowMs = this.inputs.runtime.clock.monotonicMs();
    const known = this.pending.get(lot);
    const sinceMs = known?.intentId === intentId ? known.sinceMs : nowMs;
    this.pending.set(lot, { intentId, sinceMs });
    const leftMs = sinceMs + this.inputs.policy.graceMs - nowMs;
    if (leftMs > 0) {
      this.lookIn(leftMs);
      return;
    }
    const { qty, fillsQty, clientOrderId, venueOrderId } = order;
    const text = `its exit's order ${clientOrderId ?? venueOrderId ?? intentId} (${fillsQty} of ${qty} filled) has come to no end that is known for sure, and no other one leaves before that: ${facts.qty} may stay open; look at the order at the venue, and close there what is left`;
    const isNews = this.troubles.get(lot)?.code !== "exit_blocked";
    this.tell(lot, facts, { code: "exit_blocked", text }, 1);
    if (isNews) this.inputs.wake("exit");
  }

  private settled(lot: LotKey): void {
    const isTold = this.troubles.has(lot);
    this.refusals.delete(lot);
    this.clear(lot, "exit_failing", "exit_blocked");
    if (isTold && !this.troubles.has(lot)) this.inputs.wake("exit");
  }

  private endKnown(lot: LotKey): void {
    const known = this.pending.get(lot);
    if (!known) return;
    this.pending.delete(lot);
    this.clear(lot, "exit_blocked");
  }

  /** Whether the positions were read after its end: what it filled is in them. What never filled needs no read. */
  private hasBeenRead(order: Order): boolean {
    const { observedStatus, venueOrderId, fillsQty, unbackedQty, intentId } = order;
    if (observedStatus === "rejected" && venueOrderId === null && sign(fillsQty) === 0) return true;
    const endedAt = this.endedAt.get(intentId ?? "") ?? this.readsBegun;
    this.endedAt.set(intentId ?? "", endedAt);
    if (sign(unbackedQty) === 0 && this.readShown > endedAt) return true;
    if (!this.isPassing && this.readsBegun === endedAt) this.inputs.wake("exit");
    return false;
  }

  private orderOf(intentId: string): Order | undefined {
    const known = this.book.intents.get(intentId);
    return known && this.book.orders.get(known.orderKey);
  }

  /** Our own working orders of the same strategy would close the same quantity: they are cancelled first. */
  private giveWay(lot: LotKey, orders: readonly Order[]): void {
    const asked = orders.filter(({ cancelRequestedAt }) => cancelRequestedAt === null);
    if (asked.length === 0) {
      this.inputs.wake("exit");
      this.wait(lot, BACK_OFF_MS);
      return;
    }
    this.askToGiveWay(lot, asked);
  }

  private askToGiveWay(lot: LotKey, orders: readonly Order[]): void {
    this.run(lot, async () => {
      await Promise.all(orders.map((order) => this.inputs.cancel(handleOf(order))));
      this.inputs.wake("exit");
    });
  }

  private isWaitedFor(lot: LotKey): boolean {
    const nowMs = this.inputs.runtime.clock.monotonicMs();
    const untilMs = this.givingWay.get(lot) ?? nowMs + GIVE_WAY_MS;
    this.givingWay.set(lot, untilMs);
    return nowMs < untilMs;
  }

  private blocked(lot: LotKey, { facts }: ArmedExit, inTheWay: readonly Order[]): void {
    const text = `its exit has come to pass, and no quantity is free for its order: what the venue listed last, or working orders that would close the same quantity, leave none of ${facts.qty}; cancel those orders (trueup orders), or close it at the venue`;
    this.tell(lot, facts, { code: "exit_blocked", text }, 1);
    this.wakeLater(lot);
    // A cancel may have been refused, or lost.
    if (inTheWay.length > 0) this.askToGiveWay(lot, inTheWay);
  }

  /** What lies at the venue for the same quantity has not been seen to end: no second order leaves before that. */
  private notEnded(lot: LotKey, facts: ArmedExit["facts"], { clientOrderId, venueOrderId }: Order): void {
    const text = `its exit has come to pass, and its order ${clientOrderId ?? venueOrderId} at the venue, which was asked to go, has not been seen to end: no second one leaves before that; cancel it (trueup order cancel), or close ${facts.qty} at the venue`;
    this.tell(lot, facts, { code: "exit_blocked", text }, 1);
    this.wakeLater(lot);
  }

  private failed(lot: LotKey, facts: ArmedExit["facts"], attempt: number, reason: string): void {
    const text = `the order of its exit was not taken (attempt ${attempt}): ${reason}; it is tried again, close it at the venue if that lasts`;
    const count = Math.max(attempt, (this.refusals.get(lot) ?? 0) + 1);
    this.refusals.set(lot, count);
    this.tell(lot, facts, { code: "exit_failing", text }, count);
    this.backOff(lot, count);
  }

  /** Tells people at the first time, and then ever more rarely. */
  private tell(lot: LotKey, { instrument, exitId }: ArmedExit["facts"], trouble: Trouble, attempt: number) {
    const isNews = this.troubles.get(lot)?.code !== trouble.code;
    this.troubles.set(lot, trouble);
    const isRare = Number.isInteger(Math.log2(attempt));
    if (!isNews && (!isRare || trouble.code === "exit_blocked")) return;
    const text = `${instrument}: ${trouble.text}`;
    const alert = { kind: "unprotected_position", subject: instrument, text, evidence: [exitId] } as const;
    this.inputs.writer.stage([alertDraft(alert, "exits")]);
    this.inputs.flush();
  }

  private clear(lot: LotKey, ...codes: readonly UnarmedCode[]): void {
    const known = this.troubles.get(lot);
    if (known && codes.includes(known.code)) this.troubles.delete(lot);
  }

  /** A trade of an exit is looked at once more right away: does the account show it? */
  private afterFill(key: Order["orderKey"] | null): void {
    const intentId = key === null ? null : this.book.orders.get(key)?.intentId;
    const exits = [...this.book.exits.values()];
    if (exits.some(({ trigger }) => trigger !== null && trigger.intentId === intentId)) {
      this.inputs.wake("exit");
    }
  }

  private run(lot: LotKey, work: () => Promise<void>): void {
    this.busy.add(lot);
    work()
      .catch((error: unknown) => {
        // The account has stopped by it, or is being closed; a new session finds the trigger in the journal.
        if (!this.inputs.hasStopped()) this.inputs.fail(error);
      })
      .finally(() => {
        this.busy.delete(lot);
        this.review();
      });
  }

  private backOff(lot: LotKey, attempt: number): void {
    this.wait(lot, Math.min(BACK_OFF_MS * 2 ** Math.min(attempt - 1, 10), BACK_OFF_MS_MAX));
  }

  private wakeLater(lot: LotKey): void {
    this.blocking.add(lot);
    this.inputs.wake("exit");
    this.wait(lot, Math.min(this.inputs.policy.intervalMs, BACK_OFF_MS_MAX));
  }

  private wait(lot: LotKey, ms: number): void {
    this.notBefore.set(lot, this.inputs.runtime.clock.monotonicMs() + ms);
    this.setTimer();
  }

  private isTime(lot: LotKey): boolean {
    const atMs = this.notBefore.get(lot);
    if (atMs === undefined) return true;
    if (this.inputs.runtime.clock.monotonicMs() < atMs) return false;
    this.notBefore.delete(lot);
    return true;
  }

  /** Looks again when a time stop, a minimum hold or a back-off is over. */
  private setTimer(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    const waits = [...this.waits()];
    if (waits.length === 0 || !this.isAtWork) return;
    const ms = Math.min(TIMER_MS_MAX, Math.max(1, Math.min(...waits)));
    this.cancelTimer = this.inputs.runtime.timers.after(ms, () => this.review());
  }

  private *waits(): Generator<number> {
    const { clock } = this.inputs.runtime;
    const nowMs = clock.nowMs();
    for (const { facts } of this.book.exits.values()) {
      for (const atMs of [facts.timeStopAtMs, facts.holdUntilMs]) {
        if (atMs !== null && atMs > nowMs) yield atMs - nowMs;
      }
    }
    const { byMs, sinceMs } = this.inputs.steady();
    if (byMs !== 0 && nowMs - sinceMs < STEADY_MS) yield STEADY_MS - (nowMs - sinceMs);
    // What is over and has nothing to do now waits for a price, a record or a pass, and for no timer: it would come at once,
    // again and again.
    const fromMs = clock.monotonicMs();
    for (const [lot, sinceMs] of this.staleSince) {
      const untilMs = sinceMs + this.inputs.policy.graceMs;
      if (!this.troubles.has(lot) && untilMs > fromMs) yield untilMs - fromMs;
    }
    for (const atMs of this.notBefore.values()) if (atMs > fromMs) yield atMs - fromMs;
    // Asked for once, and forgotten when it is done.
    if (this.lookAtMs !== null) yield Math.max(1, this.lookAtMs - fromMs);
  }

  /** What was noted of lots and exits that are no more. */
  private forget(): void {
    const { exits } = this.book;
    const ids = new Set([...exits.values()].map(({ facts }) => facts.exitId));
    const { troubles, staleSince, givingWay, notBefore, pausedAfter, refusals, pending, known, saidOverdue } =
      this;
    this.overdue.keep(exits as ReadonlyMap<string, unknown>);
    for (const map of [
      troubles,
      staleSince,
      givingWay,
      notBefore,
      pausedAfter,
      refusals,
      pending,
      known,
      saidOverdue,
    ]) {
      for (const lot of map.keys()) if (!exits.has(lot)) map.delete(lot);
    }
    for (const lot of this.blocking) if (!exits.has(lot)) this.blocking.delete(lot);
    for (const id of this.bests.keys()) if (!ids.has(id)) this.bests.delete(id);
    if (exits.size === 0) this.endedAt.clear();
  }
}

interface Seen {
  readonly price: Decimal;
  readonly ageMs: number;
}

interface Reached {
  readonly condition: NonNullable<ArmedExit["trigger"]>["condition"];
  readonly level: Decimal | null;
  readonly seen: Seen | null;
}

function handleOf({ instrument, venueOrderId, clientOrderId }: Order): OrderHandle {
  return {
    instrument,
    ...(venueOrderId !== null && { venueOrderId }),
    ...(clientOrderId !== null && { clientOrderId }),
  };
}
