// Exits that lie at the venue: the wide stop behind a position (`managed+backstop`), or a share's stop and target (`venue`).
// Each place has one order at a time. It follows what is held: changed in place where the venue can, else cancelled, seen to
// be gone, and placed anew. What should lie there is the core's (exits/placed.ts).
import {
  type AccountPolicy,
  type AmendIntent,
  type Armable,
  type ArmedFacts,
  abs,
  attemptsOf,
  type Book,
  closingPrice,
  closingSide,
  compare,
  type Decimal,
  filledQty,
  isActive,
  isBeyond,
  isZero,
  type LotKey,
  levelOfPlaced,
  lotKey,
  modeNotPossible,
  type Order,
  type OrderIntent,
  openQty,
  orderStatus,
  type PlacedWish,
  type PositionKey,
  placedIntent,
  placedIntentId,
  placedRoleOf,
  placedSlotOf,
  placedWishes,
  positionKey,
  positionQty,
  type Side,
  sign,
  sum,
  workingPlaced,
} from "../core/index.ts";
import type { Runtime } from "../runtime/index.ts";
import type { Venue } from "../venues/index.ts";
import type { PriceSource } from "./exits.ts";
import type { CommandResult, OrderHandle } from "./order-desk.ts";
import type { AccountWriter } from "./writer.ts";

/** Between two changes in one place: an order that opens may fill in many parts. In ms. */
const SETTLE_MS = 1_000;
/** After something that was refused, doubled each time. In ms. */
const BACK_OFF_MS = 2_000;
const BACK_OFF_MS_MAX = 300_000;
/** How long an order that closes waits until what lies at the venue is gone; then it goes for what that leaves. In ms. */
const WAY_MS = 5_000;
/** How long nothing is placed after the last question whether the way is clear: by then that order is known. In ms. */
const KEEP_CLEAR_MS = 1_000;
/** Between two looks while somebody waits for the way. In ms. */
const LOOK_MS = 50;

/** What it is given by the account's session and by its exits. */
export interface PlacedInputs {
  readonly writer: AccountWriter;
  readonly venue: Venue;
  readonly policy: AccountPolicy;
  readonly runtime: Runtime;
  readonly prices: PriceSource;
  /** What the venue said last of a position, signed; null where it has said nothing. */
  readonly venueQty: (key: PositionKey) => Decimal | null;
  /** Whether a person's plan is closing positions in it right now. */
  readonly isFlattening: (instrument: string) => boolean;
  readonly place: (intent: OrderIntent) => Promise<CommandResult>;
  readonly amend: (intent: AmendIntent) => Promise<CommandResult>;
  readonly cancel: (handle: OrderHandle) => Promise<CommandResult>;
  readonly wake: (trigger: string) => void;
  readonly fail: (error: unknown) => void;
  readonly hasStopped: () => boolean;
  /** Has everything looked at again, in this many ms at most. */
  readonly lookIn: (ms: number) => void;
  readonly review: () => void;
}

/** What passes have read: a new order follows one that may have traded only after a look at the positions. */
export interface Reads {
  readonly begun: number;
  readonly shown: number;
  readonly isPassing: boolean;
}

interface Trouble {
  readonly code: "not_placed";
  readonly text: string;
}

/**
 * What lies at the venue as exits of one account, and how it follows what is held.
 *
 *   wish -> none there -> intent durable -> order desk -> lies there -> the wish changes -> amend, or cancel -> its end
 *             ^                                                                                              |
 *             +----------------------------- a read, where it may have traded <-----------------------------+
 */
export class PlacedExits {
  private readonly inputs: PlacedInputs;
  private readonly busy = new Set<string>();
  /** When each place may be changed again, on the monotonic clock, ms. */
  private readonly notBefore = new Map<string, number>();
  /** What was refused in a row in each place. */
  private readonly refused = new Map<string, number>();
  /** The order that was asked to go from each place, since when and last when, on the monotonic clock, ms. */
  private readonly leaving = new Map<
    string,
    { readonly orderKey: Order["orderKey"]; readonly sinceMs: number; readonly askedAtMs: number }
  >();
  /** Orders that the venue does not amend. */
  private readonly fixed = new Set<string>();
  private readonly troubles = new Map<string, Trouble & { readonly wish: PlacedWish }>();
  /** Since when no price was known that a place needs, on the monotonic clock, ms. */
  private readonly priceless = new Map<string, number>();
  /** Ended orders, by intent: how many reads had begun when that was noticed. */
  private readonly endedAt = new Map<string, number>();
  /** Until when what was asked to go is waited for, by position, on the monotonic clock, ms. */
  private readonly ways = new Map<string, { readonly lateAtMs: number; readonly clearUntilMs: number }>();

  constructor(inputs: PlacedInputs) {
    this.inputs = inputs;
  }

  /** Positions whose exit does not lie at the venue as it should, and why. By lot; a backstop's by all of the position's. */
  get reasons(): ReadonlyMap<LotKey, Trouble> {
    const told = new Map<LotKey, Trouble>();
    const { policy, venue } = this.inputs;
    const why = policy.exits ? modeNotPossible(policy.exits.mode, venue.capabilities.commands) : null;
    if (why !== null)
      for (const lot of this.book.exits.keys()) told.set(lot, { code: "not_placed", text: why });
    for (const { wish, code, text } of this.troubles.values()) {
      for (const { facts } of this.book.exits.values()) {
        const isMeant = wish.role === "backstop" || wish.strategy === facts.strategy;
        if (facts.instrument !== wish.instrument || facts.leg !== wish.leg || !isMeant) continue;
        told.set(lotKey(positionKey(facts.instrument, facts.leg), facts.strategy), { code, text });
      }
    }
    return told;
  }

  /** Brings what lies at the venue in line with what is held and armed. */
  review(armable: Armable, reads: Reads): void {
    const { policy, venue, venueQty, runtime } = this.inputs;
    const { exits } = policy;
    const working = workingPlaced(this.book);
    if (!exits || (exits.mode === "managed" && working.size === 0)) return;
    const { commands } = venue.capabilities;
    const nowMs = runtime.clock.nowMs();
    const wishes = placedWishes({ book: this.book, exits, commands, venueQty, armable, nowMs });
    const slots = new Map(wishes.map((wish) => [wish.slot, wish]));
    for (const slot of new Set([...working.keys(), ...slots.keys()])) {
      if (!this.busy.has(slot)) this.consider(slot, slots.get(slot), working.get(slot) ?? [], reads);
    }
    for (const slot of this.leaving.keys()) if (!working.has(slot)) this.hasLeft(slot, undefined);
    for (const slot of this.troubles.keys()) if (!slots.has(slot)) this.troubles.delete(slot);
    for (const slot of this.priceless.keys()) if (!slots.has(slot)) this.priceless.delete(slot);
  }

  /** Which levels of a share the venue itself acts on: trueup does not act on them beside it. */
  coveredOf(facts: ArmedFacts): { readonly stop: boolean; readonly target: boolean } {
    if (this.inputs.policy.exits?.mode !== "venue") return { stop: false, target: false };
    const own = this.workingOn(facts).filter(
      ({ strategy, side }) =>
        (strategy ?? "unattributed") === facts.strategy && side === closingSide(facts.side),
    );
    const isCovered = (role: "stop" | "target", level: Decimal | null) => {
      const lying = own.filter((order) => placedRoleOf(order) === role && isAtVenue(order));
      const isThere = lying.some((order) => order.type !== "stop" || levelOfPlaced(order) === level);
      return level !== null && isThere && compare(sum(lying.map(openQty)), facts.qty) >= 0;
    };
    return { stop: isCovered("stop", facts.stop), target: isCovered("target", facts.target) };
  }

  /** The stop that lies at the venue for this share, or the backstop of its position. */
  lyingOf(facts: ArmedFacts, role: "stop" | "backstop"): Order | undefined {
    return this.workingOn(facts).findLast(
      (order) =>
        placedRoleOf(order) === role &&
        isAtVenue(order) &&
        (role === "backstop" || (order.strategy ?? "unattributed") === facts.strategy),
    );
  }

  /**
   * A share's own stop or target that has not been seen to end: where the venue's flag bounds both orders by the whole
   * position only, the two could close the same quantity, out of the shares of others.
   */
  notGoneOf(facts: ArmedFacts): Order | undefined {
    if (!this.inputs.venue.capabilities.commands.reduceOnlyFlag) return undefined;
    // What the venue lists no more was asked to go, and nobody relies on it.
    return this.workingOn(facts).find(
      (order) =>
        order.absentSinceMs === null &&
        placedRoleOf(order) !== "backstop" &&
        (order.strategy ?? "unattributed") === facts.strategy,
    );
  }

  /**
   * Has what lies at the venue for this quantity go before an order of trueup's closes it. True once it is gone, or was
   * waited for long enough: the order is then for what that leaves.
   */
  hasMadeWay(facts: Pick<ArmedFacts, "instrument" | "leg" | "strategy">): boolean {
    const { reduceOnlyFlag } = this.inputs.venue.capabilities.commands;
    // A wide stop that the venue itself keeps from opening a position may stay until the position is gone.
    const inTheWay = this.workingOn(facts).filter(
      (order) =>
        !reduceOnlyFlag ||
        (placedRoleOf(order) !== "backstop" && (order.strategy ?? "unattributed") === facts.strategy),
    );
    return this.isClear(`${facts.instrument}|${facts.leg}|${facts.strategy}`, inTheWay);
  }

  /** The same before an order of a bot that closes, where the venue has no flag. Resolves when it may leave. */
  async makeWayFor({ instrument, leg, side }: { instrument: string; leg: ArmedFacts["leg"]; side: Side }) {
    const { venue, runtime, hasStopped } = this.inputs;
    if (venue.capabilities.commands.reduceOnlyFlag) return;
    const name = `${instrument}|${leg}|`;
    const lying = () => this.workingOn({ instrument, leg }).filter((order) => order.side === side);
    while (!hasStopped() && !this.isClear(name, lying())) {
      await new Promise<void>((resolve) => runtime.timers.after(LOOK_MS, resolve));
    }
  }

  private isClear(name: string, inTheWay: readonly Order[]): boolean {
    if (inTheWay.length === 0 && !this.ways.has(name)) return true;
    const nowMs = this.inputs.runtime.clock.monotonicMs();
    const lateAtMs = inTheWay.length === 0 ? nowMs : (this.ways.get(name)?.lateAtMs ?? nowMs + WAY_MS);
    this.ways.set(name, { lateAtMs, clearUntilMs: nowMs + KEEP_CLEAR_MS });
    for (const order of inTheWay) this.askToGo(order);
    if (nowMs < lateAtMs) this.inputs.lookIn(LOOK_MS);
    return nowMs >= lateAtMs;
  }

  private askToGo(order: Order): void {
    const slot = placedSlotOf(order) ?? "";
    if (order.cancelRequestedAt !== null || this.busy.has(slot)) return;
    this.cancel(slot, order);
  }

  /** Whether nothing is placed on a position because an order that closes it is about to leave. */
  private isKeptClear({ instrument, leg, strategy, role }: PlacedWish): boolean {
    const nowMs = this.inputs.runtime.clock.monotonicMs();
    let isKept = false;
    for (const [name, { clearUntilMs }] of [...this.ways]) {
      if (nowMs >= clearUntilMs) this.ways.delete(name);
      else if (role === "backstop" ? name.startsWith(`${instrument}|${leg}|`) : isOf(name)) isKept = true;
    }
    if (isKept) this.inputs.lookIn(SETTLE_MS);
    return isKept;

    function isOf(name: string): boolean {
      return name === `${instrument}|${leg}|${strategy}` || name === `${instrument}|${leg}|`;
    }
  }

  private consider(slot: string, wish: PlacedWish | undefined, lying: readonly Order[], reads: Reads): void {
    const order = lying.at(-1);
    this.hasLeft(slot, order);
    // One order at a time is in a place: whatever else is there is left over.
    for (const other of lying.slice(0, -1)) this.end(slot, other);
    if (!order) {
      if (wish) this.fill(slot, wish, reads);
      return;
    }
    const status = orderStatus(order);
    // What nobody knows the outcome of is found out about by passes (R5).
    if (status === "pending" || status === "unknown" || order.amendment !== null) return;
    if (order.cancelRequestedAt !== null) {
      const isRelied = wish && order.absentSinceMs === null && this.isAsWished(order, wish);
      if (isRelied) this.troubles.delete(slot);
      else if (wish) this.awaitEnd(slot, wish, order);
      this.end(slot, order);
      return;
    }
    if (this.inputs.isFlattening(order.instrument)) return;
    if (!wish) {
      if (this.isKeptByKill(order)) return;
      this.end(slot, order);
      return;
    }
    // The position has turned round: what closed it would open now. What can only reduce waits until that is sure.
    const { reduceOnlyFlag } = this.inputs.venue.capabilities.commands;
    const isTurned = order.side !== null && order.side !== closingSide(wish.side);
    if (isTurned && !(wish.isDoubted && reduceOnlyFlag)) {
      this.end(slot, order);
      return;
    }
    if (this.isMissing(order)) {
      const name = order.clientOrderId ?? order.venueOrderId ?? "";
      this.trouble(slot, wish, `the venue does not list the order ${name} any more; look at it at the venue`);
      // Should it lie there all the same, it would trade beside the one that follows it.
      const mayOpen = !this.inputs.venue.capabilities.commands.reduceOnlyFlag;
      if (mayOpen && this.book.kill === null) this.end(slot, order);
      return;
    }
    if (this.isAsWished(order, wish)) {
      this.settle(slot);
      return;
    }
    this.follow(slot, order, wish);
  }

  /** A kill leaves what lies there, though nobody would place it now, as long as it closes what is held and no more. */
  private isKeptByKill(order: Order): boolean {
    const held = positionQty(this.book, positionKey(order.instrument, order.leg ?? "net"));
    const isOnSide = sign(held) === (order.side === "sell" ? 1 : -1);
    // What the venue keeps from opening a position may be more than is held.
    const { reduceOnlyFlag } = this.inputs.venue.capabilities.commands;
    const isHarmless = reduceOnlyFlag || compare(openQty(order), abs(held)) <= 0;
    return this.book.kill !== null && isOnSide && isHarmless;
  }

  /** Whether reads have left it out for so long that nobody may rely on it. */
  private isMissing({ absentSinceMs }: Order): boolean {
    const { runtime, policy } = this.inputs;
    if (absentSinceMs === null) return false;
    const leftMs = absentSinceMs + policy.graceMs - runtime.clock.nowMs();
    if (leftMs > 0) this.inputs.lookIn(leftMs);
    return leftMs <= 0;
  }

  private isAsWished(order: Order, wish: PlacedWish): boolean {
    const { reduceOnlyFlag } = this.inputs.venue.capabilities.commands;
    const isWhole = openQty(order) === wish.qty;
    // What can only reduce is not touched while nobody knows for sure what is held.
    if (wish.isDoubted && (reduceOnlyFlag || isWhole)) return true;
    const isSame = wish.level === null || levelOfPlaced(order) === wish.level;
    if (isWhole && isSame) return true;
    // A triggered stop works for what is left of it; its level is history.
    return isWhole && sign(filledQty(order)) > 0;
  }

  /** What lies there is not for the quantity that is held, or at another level. */
  private follow(slot: string, order: Order, wish: PlacedWish): void {
    const { reduceOnlyFlag } = this.inputs.venue.capabilities.commands;
    const isOver = compare(openQty(order), wish.qty) > 0;
    // An order that could open a position is never left for more than is held; else changes come one after the other.
    const isUrgent = isOver && !reduceOnlyFlag;
    // A kill takes nothing that protects, and places nothing: only what could open a position goes.
    if (this.book.kill !== null) {
      if (isUrgent) this.end(slot, order);
      return;
    }
    if (!isUrgent && !this.isTime(slot)) return;
    if (isZero(wish.qty)) {
      this.end(slot, order);
      return;
    }
    const isNewLevel = wish.level !== null && levelOfPlaced(order) !== wish.level;
    const price = isNewLevel ? this.priceOf(wish) : null;
    // At a level that is reached already it would trade at once; the order stays where it is.
    const mayMove = isNewLevel && price !== null && !isBeyond(wish, price);
    if (isNewLevel && !mayMove && openQty(order) === wish.qty) return;
    const level = mayMove ? wish.level : levelOfPlaced(order);
    if (this.canAmend(order)) this.change(slot, order, wish, mayMove ? level : null);
    else this.end(slot, order);
  }

  private canAmend({ orderKey }: Order): boolean {
    return this.inputs.venue.capabilities.commands.amend === "in_place" && !this.fixed.has(orderKey);
  }

  private change(slot: string, order: Order, wish: PlacedWish, level: Decimal | null): void {
    const whole = sum([filledQty(order), wish.qty]);
    const levels = level === null ? {} : wish.role === "target" ? { price: level } : { triggerPrice: level };
    const intent: AmendIntent = {
      intentId: placedIntentId(slot, attemptsOf(this.book, slot) + 1),
      ...handleOf(order),
      ...(whole !== order.qty && { qty: whole }),
      ...levels,
    };
    this.run(slot, async () => {
      const { outcome } = await this.inputs.amend(intent);
      // What the venue does not change in place is cancelled and placed anew.
      if (outcome === "rejected") this.fixed.add(order.orderKey);
      this.wait(slot, SETTLE_MS);
    });
  }

  /** Nothing lies in the place. */
  private fill(slot: string, wish: PlacedWish, reads: Reads): void {
    const { inputs, book } = this;
    if (book.kill !== null || inputs.isFlattening(wish.instrument) || this.isKeptClear(wish)) return;
    if (isZero(wish.qty)) return;
    const attempts = attemptsOf(book, slot);
    const last = this.lastOf(slot, attempts);
    if (last && !this.hasBeenRead(last, reads)) return;
    if (!this.isTime(slot)) return;
    const { level } = wish;
    if (level === null) {
      this.trouble(slot, wish, "no entry price is known that it would be a part of");
      return;
    }
    if (!this.mayLie(slot, wish, last)) return;
    const { commands } = inputs.venue.capabilities;
    const intent = placedIntent({ ...wish, level }, attempts + 1, commands, this.refused.get(slot) ?? 0);
    this.run(slot, async () => {
      const { outcome, reasons } = await inputs.place(intent);
      if (outcome !== "rejected") {
        this.wait(slot, SETTLE_MS);
        return;
      }
      const count = (this.refused.get(slot) ?? 0) + 1;
      this.refused.set(slot, count);
      this.trouble(slot, wish, `it was not taken (${count} times): ${reasons.join("; ")}; it is tried again`);
      this.wait(slot, Math.min(BACK_OFF_MS * 2 ** Math.min(count - 1, 10), BACK_OFF_MS_MAX));
    });
  }

  /** An order whose level is reached would trade at once; where one lay at this level before, nobody needs to ask. */
  private mayLie(slot: string, wish: PlacedWish, last: Order | undefined): boolean {
    const price = this.priceOf(wish);
    if (price !== null) {
      this.priceless.delete(slot);
      if (!isBeyond(wish, price)) return true;
      this.trouble(slot, wish, `its level ${wish.level} is reached already, the price is ${price}`);
      return false;
    }
    if (last && levelOfPlaced(last) === wish.level && wish.role !== "target") return true;
    const { runtime, policy } = this.inputs;
    const nowMs = runtime.clock.monotonicMs();
    const sinceMs = this.priceless.get(slot) ?? nowMs;
    this.priceless.set(slot, sinceMs);
    if (nowMs - sinceMs >= policy.graceMs) this.trouble(slot, wish, "no price young enough is known");
    else this.inputs.lookIn(policy.graceMs - (nowMs - sinceMs));
    return false;
  }

  private priceOf({ instrument, side }: PlacedWish): Decimal | null {
    const known = this.inputs.prices.priceOf(instrument);
    return known?.isFresh ? closingPrice(side, known.tick) : null;
  }

  private lastOf(slot: string, attempts: number): Order | undefined {
    const known = attempts === 0 ? undefined : this.book.intents.get(placedIntentId(slot, attempts));
    return known && this.book.orders.get(known.orderKey);
  }

  /** Whether the positions were read after its end: what it traded is in them. What never came needs no read. */
  private hasBeenRead(order: Order, { begun, shown, isPassing }: Reads): boolean {
    const { observedStatus, venueOrderId, intentId } = order;
    if (observedStatus === "rejected" && venueOrderId === null && sign(filledQty(order)) === 0) return true;
    const endedAt = this.endedAt.get(intentId ?? "") ?? begun;
    this.endedAt.set(intentId ?? "", endedAt);
    if (sign(order.unbackedQty) === 0 && shown > endedAt) return true;
    if (!isPassing && begun === endedAt) this.inputs.wake("exit");
    return false;
  }

  /** Ends an order, and asks again where it did not go. */
  private end(slot: string, order: Order): void {
    if (order.cancelRequestedAt !== null && !this.isTime(slot)) return;
    this.cancel(slot, order);
  }

  /** What was asked to go has gone: what its cancels were refused holds up nothing that follows. */
  private hasLeft(slot: string, order: Order | undefined): void {
    const left = this.leaving.get(slot);
    if (!left || order?.orderKey === left.orderKey) return;
    this.leaving.delete(slot);
    this.refused.delete(slot);
    this.notBefore.set(slot, left.askedAtMs + SETTLE_MS);
  }

  /** Nothing is placed beside an order whose end is not known; where that does not come, somebody has to look. */
  private awaitEnd(slot: string, wish: PlacedWish, { clientOrderId, venueOrderId }: Order): void {
    const { runtime, policy } = this.inputs;
    const nowMs = runtime.clock.monotonicMs();
    const leftMs = (this.leaving.get(slot)?.sinceMs ?? nowMs) + policy.graceMs - nowMs;
    if (leftMs > 0) {
      this.inputs.lookIn(leftMs);
      return;
    }
    const name = clientOrderId ?? venueOrderId ?? "";
    this.trouble(
      slot,
      wish,
      `the order ${name} was cancelled, and its end is not known; look at it at the venue`,
    );
  }

  private cancel(slot: string, order: Order): void {
    const { orderKey } = order;
    const askedAtMs = this.inputs.runtime.clock.monotonicMs();
    const known = this.leaving.get(slot);
    const sinceMs = known?.orderKey === orderKey ? known.sinceMs : askedAtMs;
    this.leaving.set(slot, { orderKey, sinceMs, askedAtMs });
    this.run(slot, async () => {
      const { outcome } = await this.inputs.cancel(handleOf(order));
      const count = outcome === "accepted" ? 0 : (this.refused.get(slot) ?? 0) + 1;
      this.refused.set(slot, count);
      this.wait(slot, Math.min(BACK_OFF_MS * 2 ** Math.min(count, 10), BACK_OFF_MS_MAX));
      // Where it has gone before the answer, its row says so.
      this.inputs.wake("exit");
    });
  }

  private workingOn({ instrument, leg }: Pick<ArmedFacts, "instrument" | "leg">): Order[] {
    return [...this.book.orders.values()].filter(
      (order) =>
        order.intentId !== null &&
        order.instrument === instrument &&
        (order.leg ?? "net") === leg &&
        isActive(order) &&
        placedRoleOf(order) !== null,
    );
  }

  private trouble(slot: string, wish: PlacedWish, why: string): void {
    const { mode } = this.inputs.policy.exits ?? {};
    const rest =
      mode === "venue" ? "trueup watches its level by itself meanwhile" : "its exit is managed meanwhile";
    const text = `its ${wish.role} does not lie at the venue: ${why}; ${rest}`;
    const isNews = this.troubles.get(slot)?.text !== text;
    this.troubles.set(slot, { wish, code: "not_placed", text });
    if (isNews) this.inputs.wake("exit");
  }

  private settle(slot: string): void {
    this.troubles.delete(slot);
    this.refused.delete(slot);
    this.priceless.delete(slot);
  }

  private run(slot: string, work: () => Promise<void>): void {
    this.busy.add(slot);
    work()
      .catch((error: unknown) => {
        // The account has stopped by it, or is being closed; a new session finds the intent in the journal.
        if (!this.inputs.hasStopped()) this.inputs.fail(error);
      })
      .finally(() => {
        this.busy.delete(slot);
        this.inputs.review();
      });
  }

  private get book(): Book {
    return this.inputs.writer.book;
  }

  private wait(slot: string, ms: number): void {
    this.notBefore.set(slot, this.inputs.runtime.clock.monotonicMs() + ms);
    this.inputs.lookIn(ms);
  }

  private isTime(slot: string): boolean {
    const atMs = this.notBefore.get(slot);
    if (atMs === undefined) return true;
    const leftMs = atMs - this.inputs.runtime.clock.monotonicMs();
    if (leftMs > 0) {
      this.inputs.lookIn(leftMs);
      return false;
    }
    this.notBefore.delete(slot);
    return true;
  }
}

/** What a read has left out may be gone: the venue is not relied on for it. */
function isAtVenue(order: Order): boolean {
  const status = orderStatus(order);
  return order.absentSinceMs === null && (status === "open" || status === "partially_filled");
}

function handleOf({ instrument, venueOrderId, clientOrderId }: Order): OrderHandle {
  return {
    instrument,
    ...(venueOrderId !== null && { venueOrderId }),
    ...(clientOrderId !== null && { clientOrderId }),
  };
}
