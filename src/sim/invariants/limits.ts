// The owner's limits, held against every order that is decided: worked out from what the durable records before it say, by
// integers of our own and by a price that is never above any that trueup can have taken.
import { filledQty, isActive, type JournalRecord, type Order, type PositionKey } from "../../core/index.ts";
import { exact, magnitude, plain, signOf, times } from "../oracle/exact.ts";
import type { Course } from "./course.ts";
import type { Watch } from "./world.ts";

const MINUTE_MS = 60_000;

export class Limits implements Watch {
  private readonly course: Course;
  /** The lowest price that each instrument ever had. */
  private readonly lowest = new Map<string, bigint>();
  /** When amendments left; what was over a minute old when another one left does not come back when our clock is set back. */
  private amendedAtMs: readonly number[] = [];

  constructor(course: Course) {
    this.course = course;
  }

  afterEvent(): void {
    const { referee, lastPrice } = this.course.world;
    for (const { symbol } of referee.instruments) this.seen(symbol, exact(lastPrice(symbol)));
  }

  onRecord({ kind, payload, seq, tsMs }: JournalRecord): void {
    if (kind === "fill_recorded" && payload.price !== undefined)
      this.seen(payload.instrument, exact(payload.price));
    if (kind === "order_sent" && payload.action === "amend") {
      this.amendedAtMs = [...this.amendedAtMs.filter((atMs) => tsMs - atMs < MINUTE_MS), tsMs];
    }
    if (kind !== "intent_recorded" || payload.intent.action !== "submit") return;
    const { limits } = this.course.world.policy;
    if (limits === null) return;
    const order = this.course.shadow.orders.get(payload.orderKey);
    if (order) this.within(order, limits, `order ${payload.intent.clientOrderId} (record ${seq})`, tsMs);
  }

  private within(
    order: Order,
    limits: NonNullable<Course["world"]["policy"]["limits"]>,
    name: string,
    tsMs: number,
  ): void {
    const { world } = this.course;
    if (order.qty === null || order.side === null || this.mayReduce(order)) return;
    const { orderValueMax, positionValueMax, exposureMax, openOrdersMax, ordersPerMinuteMax } = limits;
    const most = (what: string, value: bigint, max: string | null) => {
      if (max === null) return;
      world.check("I7");
      if (value > exact(max)) {
        world.violate(
          "I7",
          `${name} was let through, and ${what} comes to ${plain(value)}; the limit is ${max}`,
        );
      }
    };
    const price = this.priceOf(order);
    const key = keyOf(order);
    most("it", this.worth(order.instrument, exact(order.qty), price), orderValueMax);
    const far = magnitude(this.reached(order));
    const position = this.worth(order.instrument, far, price);
    most(`its position of ${plain(far)}, with all that is open,`, position, positionValueMax);
    let exposure = position;
    for (const [other, qty] of this.course.trail.quantities.positions) {
      if (other === key) continue;
      const instrument = other.slice(other.indexOf(":") + 1);
      exposure += this.worth(instrument, magnitude(qty), this.lowest.get(instrument) ?? 0n);
    }
    most("the account's exposure", exposure, exposureMax);
    const others = [...this.course.shadow.orders.values()].filter(
      (one) => one.intentId !== null && one !== order,
    );
    this.atMost(name, "orders are open", others.filter(isActive).length, openOrdersMax);
    const recent = others.filter((one) => tsMs - Math.max(one.knownSinceMs, one.sentAtMs ?? 0) < MINUTE_MS);
    const amended = this.amendedAtMs.filter((atMs) => tsMs - atMs < MINUTE_MS);
    const given = recent.length + amended.length;
    this.atMost(name, "orders and amendments were given within a minute", given, ordersPerMinuteMax);
  }

  private atMost(name: string, what: string, count: number, max: number | null): void {
    const { world } = this.course;
    if (max === null) return;
    world.check("I7");
    if (count >= max)
      world.violate("I7", `${name} was let through, and ${count} other ${what}; ${max} are allowed`);
  }

  /** What surely makes a position smaller, whatever of the open orders trades before it, always passes. */
  private mayReduce(order: Order): boolean {
    const { world, trail } = this.course;
    if (world.capabilities.commands.reduceOnlyFlag && order.reduceOnly !== true) return false;
    const held = trail.quantities.qty(keyOf(order));
    const delta = signed(order, exact(order.qty ?? "0"));
    const reached = this.reached(order) - delta;
    return [held, reached].every((before) => {
      const after = before + delta;
      return magnitude(after) < magnitude(before) && (after === 0n || signOf(after) === signOf(before));
    });
  }

  /** With all orders of the same side. */
  private reached(order: Order): bigint {
    let reached = this.course.trail.quantities.qty(keyOf(order));
    for (const one of this.course.shadow.orders.values()) {
      const isSame = one.instrument === order.instrument && (one.leg ?? order.leg) === order.leg;
      if (!isSame || one.side !== order.side || one.qty === null || !isActive(one)) continue;
      const left = exact(one.qty) - exact(filledQty(one));
      if (left > 0n) reached += signed(order, left);
    }
    return reached;
  }

  /**
   * Never above what trueup can have taken: an order to buy costs no more than its limit, and of what is not held nobody may
   * have told trueup any other price.
   */
  private priceOf(order: Order): bigint {
    const { instrument, side, price, triggerPrice } = order;
    const own = [price, triggerPrice].flatMap((one) => (one === null ? [] : [exact(one)]));
    const isUntold = side === "buy" && price !== null && !this.isHeld(instrument);
    const least = isUntold ? 0n : (this.lowest.get(instrument) ?? 0n);
    return own.reduce((high, one) => (one > high ? one : high), least);
  }

  private isHeld(instrument: string): boolean {
    const { positions } = this.course.trail.quantities;
    return [...positions].some(([key, qty]) => qty !== 0n && key.slice(key.indexOf(":") + 1) === instrument);
  }

  private worth(instrument: string, qty: bigint, price: bigint): bigint {
    const spec = this.course.world.referee.instruments.find(({ symbol }) => symbol === instrument);
    const contracts = times(qty, exact(spec?.multiplier ?? "1"));
    // Of an inverse contract each is so much of the currency that limits are in.
    return spec?.payoff === "inverse" ? contracts : times(contracts, price);
  }

  private seen(instrument: string, price: bigint): void {
    const known = this.lowest.get(instrument);
    if (price > 0n && (known === undefined || price < known)) this.lowest.set(instrument, price);
  }
}

function keyOf({ instrument, leg }: Order): PositionKey {
  return `${leg ?? "net"}:${instrument}` as PositionKey;
}

function signed({ side }: Order, qty: bigint): bigint {
  return side === "buy" ? qty : -qty;
}
