// What becomes of orders: taken or refused, matched, filled in whole or in parts, changed, cancelled. The same rules for a
// bot's orders and for somebody else's.
import type { Decimal, Leg, OrderType, Side, TimeInForce } from "../../core/index.ts";
import type { AmendCommand, CancelCommand, CommandOutcome, SubmitCommand } from "../../venues/index.ts";
import { type Account, type Market, ORDER_DIGITS_MAX } from "./account.ts";
import { type Exact, exact, floored, fractionDigits, least, over, times } from "./exact.ts";
import { isInverse } from "./holding.ts";
import { meeting, partOf } from "./matching.ts";
import { VenueOrder } from "./order.ts";
import type { OrderId } from "./order-index.ts";

/** One order is filled in at most this many parts at once; the last takes the rest. */
const PARTS_MAX = 8;

/** An order before it is taken, whoever sends it. */
export interface Placement {
  readonly instrument: string;
  readonly clientOrderId?: string;
  readonly leg: Leg;
  readonly side: Side;
  readonly type: OrderType;
  readonly qty?: Decimal;
  readonly notional?: Decimal;
  readonly price?: Decimal;
  readonly triggerPrice?: Decimal;
  readonly timeInForce: TimeInForce;
  readonly reduceOnly: boolean;
}

interface Refusal {
  readonly code: string;
  readonly reason: string;
}

export class Desk {
  private readonly account: Account;

  constructor(account: Account) {
    this.account = account;
  }

  submit(command: SubmitCommand): CommandOutcome {
    const { instrument, referencePrice } = command;
    const market = this.account.findMarket(instrument);
    if (market && market.last === undefined && referencePrice !== undefined) {
      this.setPrice(market, exact(referencePrice));
    }
    return this.place(command);
  }

  place(placement: Placement): CommandOutcome {
    const market = this.account.findMarket(placement.instrument);
    if (!market) return refused("unknown_instrument", `${placement.instrument} is not traded here`);
    const refusal = this.refusalOf(placement, market);
    if (refusal) return refused(refusal.code, refusal.reason);
    const order = this.take(placement, market);
    this.work(order, market, true);
    const isImmediate = ["ioc", "fok"].includes(order.facts.timeInForce);
    if (isImmediate && order.isOpen) this.end(order, "canceled");
    return this.accepted(order);
  }

  cancel(command: CancelCommand): CommandOutcome {
    const order = this.openOrder(command);
    if (!(order instanceof VenueOrder)) return refused(order.code, order.reason);
    this.end(order, "canceled");
    return this.accepted(order);
  }

  amend(command: AmendCommand): CommandOutcome {
    const order = this.amendable(command);
    if (!(order instanceof VenueOrder)) return refused(order.code, order.reason);
    if (command.qty !== undefined) order.qty = exact(command.qty);
    if (command.price !== undefined) order.price = exact(command.price);
    if (command.triggerPrice !== undefined) order.triggerPrice = exact(command.triggerPrice);
    if (this.account.options.amend === "replaces") {
      order.replaceIds(this.account.newId("o"), command.newClientOrderId);
      this.account.orders.addIds(order);
    }
    order.changed(this.account.nowMs);
    this.account.orderChanged(order);
    this.work(order, this.account.market(order.facts.instrument), true);
    return this.accepted(order);
  }

  amendHalf(command: AmendCommand): CommandOutcome {
    const order = this.amendable(command);
    if (!(order instanceof VenueOrder)) return refused(order.code, order.reason);
    this.end(order, "canceled");
    return refused("replacement_refused", "the order was cancelled, and the new one was refused");
  }

  /** A new last price: orders that rest and meet it trade, oldest first. */
  setPrice(market: Market, last: Exact): void {
    this.account.setPrice(market, last);
    for (const order of this.account.orders.open(market.spec.symbol)) this.work(order, market, false);
  }

  end(order: VenueOrder, status: "canceled" | "expired"): void {
    order.end(status, this.account.nowMs);
    this.account.orderChanged(order);
  }

  /** What an order may still trade: where it only reduces, no more than there is to be reduced. */
  tradable(order: VenueOrder, wanted: Exact): Exact {
    const { instrument, leg, side } = order.facts;
    if (!this.isReducing(order.facts)) return wanted;
    return least(wanted, this.account.holding(instrument, leg).closable(side));
  }

  /** What opens in one leg closes in the other: an order on a hedge leg that closes it never opens the other side. */
  private isReducing({ leg, side, reduceOnly }: Pick<Placement, "leg" | "side" | "reduceOnly">): boolean {
    return reduceOnly || (leg === "long" && side === "sell") || (leg === "short" && side === "buy");
  }

  private refusalOf(placement: Placement, market: Market): Refusal | null {
    const { clientOrderId, leg, side } = placement;
    if (clientOrderId !== undefined && this.account.orders.isClientIdUsed(clientOrderId)) {
      return duplicate(clientOrderId);
    }
    if (!market.legs.has(leg)) {
      return {
        code: "wrong_leg",
        reason: `a ${this.account.options.positionMode} account has no ${leg} leg`,
      };
    }
    if (market.last === undefined) return { code: "no_price", reason: "there is no price yet" };
    const wrong = wrongTerms(placement) ?? wrongSize(placement, market, market.last);
    if (wrong) return wrong;
    const isFlat = this.account.holding(placement.instrument, leg).closable(side) === 0n;
    if (!isFlat || !this.isReducing(placement)) return null;
    return { code: "reduce_only", reason: "there is nothing that the order could reduce" };
  }

  private take(placement: Placement, market: Market): VenueOrder {
    const { instrument, clientOrderId, leg, side, type, notional, timeInForce, reduceOnly } = placement;
    const order = new VenueOrder(
      {
        instrument,
        isInverse: isInverse(market.spec),
        leg,
        side,
        timeInForce,
        reduceOnly,
        ...(notional !== undefined && { notional }),
        createdAt: this.account.nowMs,
      },
      { venue: this.account.newId("o"), client: clientOrderId },
      {
        type,
        qty: sizeOf(placement, market, this.account.lastPrice(market)),
        price: optional(isLimit(type) ? placement.price : undefined),
        triggerPrice: optional(isStop(type) ? placement.triggerPrice : undefined),
      },
    );
    this.account.addOrder(order);
    return order;
  }

  /** Triggers and fills an order as the last price allows. */
  private work(order: VenueOrder, market: Market, isTaking: boolean): void {
    if (!order.isOpen || market.last === undefined) return;
    const met = meeting(order, market.last, isTaking);
    if (met.kind === "triggered") {
      order.trigger(this.account.nowMs);
      this.account.orderChanged(order);
      this.work(order, market, true);
    } else if (met.kind === "trades") this.fill(order, market, met.price);
  }

  private fill(order: VenueOrder, market: Market, price: Exact): void {
    const { leg, side, timeInForce } = order.facts;
    const rest = (order.isTriggered && this.account.options.restOfStop?.()) || "follows";
    for (let parts = 1; order.isOpen; parts += 1) {
      const wanted = this.tradable(order, order.remaining);
      const isCut = rest !== "follows" && wanted > market.qtyStep;
      const qty = isCut ? market.qtyStep : parts >= PARTS_MAX ? wanted : this.part(wanted, market);
      const isWhole = qty === order.remaining;
      if (qty === 0n || (timeInForce === "fok" && !isWhole)) {
        this.end(order, "canceled");
        return;
      }
      this.account.execute({ market, leg, side, qty, price, order });
      if (isCut && rest === "ends" && order.isOpen) this.end(order, "canceled");
      if (isCut) return;
      // The rest of a market order follows at once; another's waits for the next price, or is cancelled by who sent it.
      if (qty < wanted && (order.type !== "market" || timeInForce === "ioc")) return;
    }
  }

  private part(wanted: Exact, market: Market): Exact {
    const { partialChance, random } = this.account.options;
    return partOf(wanted, market.qtyStep, partialChance, random);
  }

  private openOrder(id: OrderId): VenueOrder | Refusal {
    const order = this.account.orders.find(id);
    if (!order) return { code: "order_not_found", reason: "there is no such order" };
    return order.isOpen ? order : { code: "order_ended", reason: `the order is ${order.status}` };
  }

  private amendable(command: AmendCommand): VenueOrder | Refusal {
    const { qty, price, triggerPrice, newClientOrderId } = command;
    const order = this.openOrder(command);
    if (!(order instanceof VenueOrder)) return order;
    const wrong = [qty, price, triggerPrice].map((number) => wrongNumber(number)).find((one) => one !== null);
    if (wrong) return wrong;
    if (price !== undefined && order.price === undefined) {
      return { code: "price_not_taken", reason: `a ${order.type} order has no limit price` };
    }
    if (triggerPrice !== undefined && !order.isWaitingForTrigger) {
      return { code: "price_not_taken", reason: "the order waits for no trigger" };
    }
    if (qty !== undefined && exact(qty) < order.filled) {
      return { code: "below_filled", reason: `more than ${qty} of the order is filled` };
    }
    const isReplacing = this.account.options.amend === "replaces";
    const isUsed = isReplacing && this.account.orders.isClientIdUsed(newClientOrderId);
    return isUsed ? duplicate(newClientOrderId) : order;
  }

  private accepted(order: VenueOrder): CommandOutcome {
    return { kind: "accepted", venueOrderId: order.venueOrderId, row: order.row(this.account.isHedge) };
  }
}

function wrongTerms({ type, notional, qty, price, triggerPrice }: Placement): Refusal | null {
  if ((qty === undefined) === (notional === undefined)) {
    return { code: "size", reason: "give a quantity or a notional" };
  }
  if (notional !== undefined && type !== "market") {
    return { code: "size", reason: "only a market order may be sized by what it costs" };
  }
  if (isLimit(type) && price === undefined)
    return { code: "price_missing", reason: "a limit order has a price" };
  if (isStop(type) && triggerPrice === undefined) {
    return { code: "price_missing", reason: "a stop order has a trigger price" };
  }
  return [qty, notional, price, triggerPrice].map(wrongNumber).find((wrong) => wrong !== null) ?? null;
}

function wrongSize(placement: Placement, market: Market, last: Exact): Refusal | null {
  if (sizeOf(placement, market, last) > 0n) return null;
  return { code: "size", reason: `${placement.notional} does not pay for the smallest quantity` };
}

function wrongNumber(number: Decimal | undefined): Refusal | null {
  if (number === undefined) return null;
  if (fractionDigits(number) > ORDER_DIGITS_MAX) {
    return { code: "too_fine", reason: `${number} has more than ${ORDER_DIGITS_MAX} digits after its point` };
  }
  return exact(number) > 0n ? null : { code: "not_positive", reason: `${number} is not above zero` };
}

function sizeOf({ qty, notional }: Placement, { spec, qtyStep }: Market, last: Exact): Exact {
  if (qty !== undefined) return exact(qty);
  if (notional === undefined) return 0n;
  const each = exact(spec.multiplier);
  return floored(over(exact(notional), isInverse(spec) ? each : times(last, each)), qtyStep);
}

function duplicate(clientOrderId: string): Refusal {
  return {
    code: "duplicate_client_order_id",
    reason: `the client order id ${clientOrderId} was used before`,
  };
}

function refused(code: string, reason: string): CommandOutcome {
  return { kind: "rejected", sent: true, code, reason };
}

function isLimit(type: OrderType): boolean {
  return type === "limit" || type === "stop_limit";
}

function isStop(type: OrderType): boolean {
  return type === "stop" || type === "stop_limit";
}

function optional(number: Decimal | undefined): Exact | undefined {
  return number === undefined ? undefined : exact(number);
}
