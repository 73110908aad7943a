// What a venue does by itself: it closes legs, ends orders, takes trades back, splits, settles. Each says whether there
// was anything that it could happen to.
import type { Cause, Instrument, Leg } from "../../core/index.ts";
import type { Account } from "./account.ts";
import type { Desk } from "./desk.ts";
import { type Exact, exact, floored, magnitude, nearly, over, rounded, times } from "./exact.ts";
import type { VenueOrder } from "./order.ts";
import type { Move } from "./wallet.ts";

/** An order is filled beyond its quantity by up to this many steps. */
const OVERFILL_STEPS_MAX = 3;

export class Happenings {
  private readonly account: Account;
  private readonly desk: Desk;

  constructor(account: Account, desk: Desk) {
    this.account = account;
    this.desk = desk;
  }

  force(instrument: string, leg: Leg, forced: Cause, part: "all" | "half"): boolean {
    const market = this.account.market(instrument);
    const holding = this.account.holding(instrument, leg);
    const held = magnitude(holding.qty);
    if (held === 0n || market.last === undefined) return false;
    const half = floored(held / 2n, market.qtyStep);
    const qty = part === "all" || half === 0n ? held : half;
    const side = holding.qty > 0n ? "sell" : "buy";
    this.account.execute({ market, leg, side, qty, price: market.last, order: null, forced });
    return true;
  }

  bust(instrument: string): boolean {
    return this.account.takeBackLatest(this.account.market(instrument), "the venue busted the trade");
  }

  overfill(instrument: string): boolean {
    const { random } = this.account.options;
    const market = this.account.market(instrument);
    const { last, qtyStep } = market;
    if (last === undefined) return false;
    const extra = BigInt(random.int(1, OVERFILL_STEPS_MAX)) * qtyStep;
    const beyond = (order: VenueOrder) => order.remaining + extra;
    const fillable = this.account.orders
      .open(instrument)
      .filter(
        (order) => !order.isWaitingForTrigger && this.desk.tradable(order, beyond(order)) === beyond(order),
      );
    if (fillable.length === 0) return false;
    const order = random.pick(fillable);
    const { leg, side } = order.facts;
    this.account.execute({ market, leg, side, qty: beyond(order), price: order.price ?? last, order });
    return true;
  }

  expire(instrument: string, status: "canceled" | "expired"): boolean {
    const open = this.account.orders.open(instrument);
    if (open.length === 0) return false;
    this.desk.end(this.account.options.random.pick(open), status);
    return true;
  }

  cancelAll(): boolean {
    const open = this.account.allMarkets().flatMap(({ spec }) => this.account.orders.open(spec.symbol));
    for (const order of open) this.desk.end(order, "canceled");
    return open.length > 0;
  }

  /** Twice as many at half the price, and what they cost stays. A part that is no whole step is lost. */
  split(instrument: string, leg: Leg, multiple: number): boolean {
    const market = this.account.market(instrument);
    const holding = this.account.holding(instrument, leg);
    const before = holding.qty;
    const ratio = exact(String(multiple) as Parameters<typeof exact>[0]);
    if (ratio <= 0n) throw new RangeError(`a split multiplies by more than zero, not by ${multiple}`);
    const scaled = nearly(before, ratio);
    const after = Number.isInteger(multiple) ? scaled : floored(scaled, market.qtyStep);
    if (after === 0n || after === before) return false;
    for (const order of this.account.orders.open(instrument)) this.desk.end(order, "canceled");
    const { base, settlement } = market.spec;
    const isOwned = base !== null && settlement === "cash";
    this.account.enterQty(holding, { cause: "split" }, (id) => {
      holding.rescale(id, after, this.account.nowMs);
      return isOwned ? [{ asset: base, delta: after - before }] : [];
    });
    if (market.last !== undefined) {
      const price = rounded(over(market.last, ratio), market.priceStep);
      this.desk.setPrice(market, price > 0n ? price : market.priceStep);
    }
    return true;
  }

  settle(instrument: string, leg: Leg): boolean {
    const market = this.account.market(instrument);
    const holding = this.account.holding(instrument, leg);
    const { last } = market;
    const { qty } = holding;
    if (qty === 0n || last === undefined) return false;
    const cause = this.account.options.random.pick(["expiry", "settlement"] as const);
    if (cause === "expiry") this.expireOrders(instrument, leg);
    this.account.enterQty(holding, { cause, price: last }, (id) => {
      const gain = holding.trade(id, -qty, holding.worthOf(magnitude(qty), last), this.account.nowMs);
      return settlementMoves(market.spec, qty, last, gain);
    });
    return true;
  }

  private expireOrders(instrument: string, leg: Leg): void {
    for (const order of this.account.orders.open(instrument)) {
      if (order.facts.leg === leg) this.desk.end(order, "expired");
    }
  }
}

/** Cash pays the whole value and takes what was owned; margin pays what was gained. */
function settlementMoves(
  { base, quote, settlement, multiplier }: Instrument,
  qty: Exact,
  price: Exact,
  gain: Exact,
): readonly Move[] {
  const isCash = settlement === "cash";
  const paid = nearly(isCash ? times(qty, price) : gain, exact(multiplier));
  return [
    ...(quote !== null && settlement !== "none" ? [{ asset: quote, delta: paid }] : []),
    ...(base !== null && isCash ? [{ asset: base, delta: -qty }] : []),
  ];
}
