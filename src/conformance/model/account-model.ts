// The account as it really is, at no venue in particular: the referee that an adapter's rows are held against. A test says
// what happens; time passes only when its clock does. It knows nothing of faults, and reckons apart from the core.
import type { Cause, Decimal, Leg, Side } from "../../core/index.ts";
import {
  type Exact,
  exact,
  magnitude,
  nearly,
  over,
  rounded,
  text,
  times,
  unitOf,
} from "../../sim/referee/exact.ts";
import type {
  AccountView,
  ModelAnswer,
  ModelBalance,
  ModelEntry,
  ModelEvent,
  ModelFill,
  ModelInstrument,
  ModelOrder,
  ModelPosition,
  OrderChange,
  OrderName,
  Placement,
  Refusal,
} from "./facts.ts";
import { ModelLeg } from "./leg.ts";

/** Digits after the point of averages and fees. */
const DIGITS = 12;

export interface ModelOptions {
  readonly accountId: string;
  readonly instruments: readonly ModelInstrument[];
  readonly positionMode: "net" | "hedge";
  readonly balances: Readonly<Record<string, Decimal>>;
  /** Part of the traded value. Below zero is a rebate; none unless given. */
  readonly feeRatio?: Decimal;
  /** What fees are paid in: the quote unless given, what a buy brought (`base`), or an asset by its name. */
  readonly feeIn?: "quote" | "base" | { readonly asset: string };
  /** Whether an amended order is another one. */
  readonly amend: "none" | "in_place" | "replaces";
  /** How the venue makes ids of its own; whole numbers from 1001 on unless given. */
  readonly idOf?: (kind: "order" | "trade" | "entry", number: number) => string;
  /** The venue's clock, ms. */
  readonly nowMs: () => number;
}

interface Execution {
  readonly fill: ModelFill;
  readonly takeBack: () => void;
}

const OVER = new Set(["filled", "canceled", "expired", "rejected"]);

export class AccountModel implements AccountView {
  readonly accountId: string;
  readonly positionMode: "net" | "hedge";
  readonly instruments: readonly ModelInstrument[];
  readonly ledger: ModelEntry[] = [];
  readonly reversed: ModelFill[] = [];
  readonly prices: Record<string, Decimal> = {};
  private readonly switches = new Map<string | null, number>();
  private readonly options: ModelOptions;
  private readonly legs = new Map<string, ModelLeg>();
  private readonly byId = new Map<string, ModelOrder>();
  private readonly values = new Map<string, Exact>();
  private readonly executions: Execution[] = [];
  private readonly totals = new Map<string, Exact>();
  private readonly listeners: ((event: ModelEvent) => void)[] = [];
  private count = 1_000;
  private seq = 0;

  constructor(options: ModelOptions) {
    this.options = options;
    this.accountId = options.accountId;
    this.positionMode = options.positionMode;
    this.instruments = options.instruments;
    for (const [asset, total] of Object.entries(options.balances)) this.totals.set(asset, exact(total));
    const legs: readonly Leg[] = this.positionMode === "hedge" ? ["long", "short"] : ["net"];
    for (const of of options.instruments) {
      this.prices[of.instrument.symbol] = of.price;
      for (const leg of legs) {
        this.legs.set(`${of.instrument.symbol} ${leg}`, new ModelLeg(of, leg, options.nowMs()));
      }
    }
  }

  /** Told after each change, in the order in which things happened. */
  on(listener: (event: ModelEvent) => void): void {
    this.listeners.push(listener);
  }

  get nowMs(): number {
    return this.options.nowMs();
  }

  get positions(): readonly ModelPosition[] {
    return [...this.legs.values()].filter(({ qty }) => qty !== 0n).map((leg) => this.positionOf(leg));
  }

  get flat(): readonly ModelPosition[] {
    const traded = new Set(this.executions.map(({ fill }) => `${fill.instrument} ${fill.leg}`));
    return [...this.legs.entries()]
      .filter(([name, { qty }]) => qty === 0n && traded.has(name))
      .map(([, leg]) => this.positionOf(leg));
  }

  get orders(): readonly ModelOrder[] {
    return [...this.byId.values()];
  }

  get fills(): readonly ModelFill[] {
    return this.executions.map(({ fill }) => fill);
  }

  get balances(): readonly ModelBalance[] {
    return [...this.totals]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([asset, total]) => ({ asset, total: text(total) }));
  }

  get openOrders(): readonly ModelOrder[] {
    return this.orders.filter(({ status, replacedBy }) => !OVER.has(status) && replacedBy === null);
  }

  position(instrument: string, leg: Leg = this.usualLeg): ModelPosition {
    return this.positionOf(this.legOf(instrument, leg));
  }

  find({ venueOrderId, clientOrderId }: OrderName): ModelOrder | undefined {
    if (typeof venueOrderId === "string") return this.byId.get(venueOrderId);
    return this.orders.find((order) => clientOrderId != null && order.clientOrderId === clientOrderId);
  }

  // What somebody asks for. Orders rest until they are filled; a market order is filled at once.

  place(placement: Placement): ModelAnswer {
    const why = this.refusalOf(placement);
    if (why) return { kind: "refused", why };
    const order = this.newOrder(placement, null);
    this.keep(order, "placed");
    if (order.type !== "market") return { kind: "order", order };
    this.fill(order.venueOrderId);
    return { kind: "order", order: this.byId.get(order.venueOrderId) ?? order };
  }

  cancel(name: OrderName, status: "canceled" | "expired" = "canceled"): ModelAnswer {
    const order = this.find(name);
    if (!order) return { kind: "refused", why: "unknown_order" };
    if (OVER.has(order.status) || order.replacedBy !== null) return { kind: "refused", why: "order_ended" };
    const ended = { ...order, status, updatedAt: this.nowMs };
    this.keep(ended, status);
    return { kind: "order", order: ended };
  }

  /** Ends all open orders, or those of one instrument. @returns those that it ended. */
  cancelAll(instrument: string | null): readonly ModelOrder[] {
    const own = this.openOrders.filter((one) => instrument === null || one.instrument === instrument);
    return own.flatMap(({ venueOrderId }) => {
      const answer = this.cancel({ venueOrderId });
      return answer.kind === "order" ? [answer.order] : [];
    });
  }

  /** Sets a dead-man switch, of the account or of one instrument; 0 turns it off. @returns when it fires; 0 where never. */
  setSwitch(instrument: string | null, timeoutMs: number): number {
    if (timeoutMs === 0) this.switches.delete(instrument);
    else this.switches.set(instrument, this.nowMs + timeoutMs);
    return this.switches.get(instrument) ?? 0;
  }

  /** Fires what is due. Time goes on by itself here: whoever lets it pass says so. */
  fireSwitches(): void {
    for (const [instrument, atMs] of this.switches) {
      if (atMs > this.nowMs) continue;
      this.switches.delete(instrument);
      this.cancelAll(instrument);
    }
  }

  /** @param change `qty` is the order's whole where it stays the same order, and the new order's own where it is replaced. */
  amend(name: OrderName, change: Partial<Placement>): ModelAnswer {
    const order = this.find(name);
    if (!order) return { kind: "refused", why: "unknown_order" };
    if (OVER.has(order.status) || order.replacedBy !== null) return { kind: "refused", why: "order_ended" };
    const { clientOrderId, ...given } = change;
    const terms = Object.fromEntries(Object.entries(given).filter(([, value]) => value != null));
    if (this.options.amend !== "replaces") {
      const amended = Object.freeze({ ...order, ...terms, updatedAt: this.nowMs });
      this.keep(amended, "amended");
      return { kind: "order", order: amended };
    }
    if (clientOrderId != null && this.find({ clientOrderId }))
      return { kind: "refused", why: "duplicate_client_id" };
    const next = this.newOrder(
      { ...order, ...terms, clientOrderId: clientOrderId ?? null },
      order.venueOrderId,
    );
    this.keep({ ...order, replacedBy: next.venueOrderId, updatedAt: this.nowMs }, "replaced");
    this.keep(next, "placed");
    return { kind: "order", order: next };
  }

  // What happens.

  /** Fills a part of an order, or what is left of it, at its price, or at the market's. */
  fill(venueOrderId: string, qty?: Decimal, price?: Decimal): ModelFill {
    const order = this.byId.get(venueOrderId);
    if (!order) throw new RangeError(`there is no order ${venueOrderId}`);
    const at = price ?? order.price ?? this.priceOf(order.instrument);
    const left = this.leftOf(order, exact(at));
    const traded = qty === undefined ? left : exact(qty);
    return this.execute(order, traded, at, traded >= left);
  }

  /** A trade by somebody else's hands: an order without a client id of ours, filled at once. */
  trade(by: { instrument: string; leg?: Leg; side: Side; qty: Decimal; price?: Decimal }): ModelFill {
    const order = this.newOrder({ ...by, type: "market", price: null }, null);
    this.keep(order, "placed");
    return this.fill(order.venueOrderId, by.qty, by.price);
  }

  /** The venue closes a leg, or a part of it, by itself: a fill of no order. Undefined where there is nothing to close. */
  force(
    instrument: string,
    leg: Leg,
    cause: Cause,
    { qty, price }: { qty?: Decimal; price?: Decimal } = {},
  ): ModelFill {
    const held = this.legOf(instrument, leg).qty;
    if (held === 0n) throw new RangeError(`${instrument} is flat; nothing can be forced`);
    const side: Side = held > 0n ? "sell" : "buy";
    const traded = qty === undefined ? magnitude(held) : exact(qty);
    const given = { instrument, leg, side, qty: traded, price: price ?? this.priceOf(instrument) };
    return this.book(given, null, cause);
  }

  /** Takes back a fill: the latest of its instrument only, as if it had never been. */
  bust(tradeId: string): ModelFill {
    const last = this.executions.findLast(({ fill }) => fill.tradeId === tradeId);
    const isLatest =
      this.executions.findLast(({ fill }) => fill.instrument === last?.fill.instrument) === last;
    if (!last || !isLatest) throw new RangeError(`${tradeId} is not the latest fill of its instrument`);
    this.executions.splice(this.executions.indexOf(last), 1);
    last.takeBack();
    this.reversed.push(last.fill);
    this.tell({ kind: "reversed", fill: last.fill });
    this.tellPosition(last.fill.instrument, last.fill.leg, null);
    return last.fill;
  }

  /** Money by an entry: funding, fee, transfer, … An amount below zero goes out. */
  money(
    asset: string,
    amount: Decimal,
    cause: Cause,
    more: { instrument?: string; atMs?: number } = {},
  ): ModelEntry {
    this.move(asset, exact(amount));
    const entry = this.enter({ cause, asset, amount, instrument: more.instrument ?? null }, more.atMs);
    this.tellBalance(asset, cause);
    return entry;
  }

  /** A leg is closed by an entry and not by a fill: expiry, settlement, redemption. It is paid for at the price. */
  settle(instrument: string, leg: Leg, cause: Cause, price: Decimal): ModelEntry {
    const held = this.legOf(instrument, leg);
    const { qty } = held;
    const { asset, amount } = this.proceeds(held, -qty, exact(price));
    held.setQty(0n, this.nowMs);
    if (asset !== null) this.move(asset, amount);
    const entry = this.enter({
      cause,
      asset,
      amount: asset === null ? null : text(amount),
      instrument,
      leg,
      qtyDelta: text(-qty),
      price,
    });
    this.tellPosition(instrument, leg, cause);
    return entry;
  }

  /** The quantity is multiplied and the average divided. */
  split(instrument: string, leg: Leg, multiple: number): ModelEntry {
    const held = this.legOf(instrument, leg);
    const delta = held.qty * BigInt(multiple - 1);
    held.setQty(held.qty + delta, this.nowMs);
    const entry = this.enter({ cause: "split", instrument, leg, qtyDelta: text(delta) });
    this.tellPosition(instrument, leg, "split");
    return entry;
  }

  setPrice(instrument: string, last: Decimal): void {
    this.prices[instrument] = last;
    this.tell({ kind: "price", instrument, last });
  }

  /** The account as it is at this moment, for a server that goes on telling it later. */
  frozen(): AccountView {
    const { accountId, positionMode, instruments, positions, flat, orders, fills, balances } = this;
    return {
      ...{ accountId, positionMode, instruments, positions, flat, orders, fills, balances },
      reversed: [...this.reversed],
      ledger: [...this.ledger],
      prices: { ...this.prices },
    };
  }

  of(instrument: string): ModelInstrument {
    const found = this.instruments.find((one) => one.instrument.symbol === instrument);
    if (found) return found;
    throw new RangeError(`${instrument} is not traded here`);
  }

  priceOf(instrument: string): Decimal {
    const price = this.prices[instrument];
    if (price === undefined) throw new RangeError(`${instrument} is not traded here`);
    return price;
  }

  get usualLeg(): Leg {
    return this.positionMode === "hedge" ? "long" : "net";
  }

  private execute(order: ModelOrder, qty: Exact, price: Decimal, isWhole: boolean): ModelFill {
    const { instrument, leg, side } = order;
    const held = this.legOf(instrument, leg);
    const worth = held.worthOf(qty, exact(price));
    const value = (this.values.get(order.venueOrderId) ?? 0n) + worth;
    const filled = exact(order.filledQty) + qty;
    const after: ModelOrder = Object.freeze({
      ...order,
      filledQty: text(filled),
      avgPrice: text(rounded(held.priceOf(filled, value), unitOf(DIGITS))),
      status: isWhole ? "filled" : "partially_filled",
      updatedAt: this.nowMs,
    });
    this.values.set(order.venueOrderId, value);
    this.byId.set(order.venueOrderId, after);
    return this.book({ instrument, leg, side, qty, price }, after, null, () => {
      this.values.set(order.venueOrderId, value - worth);
      const isOpenAgain = !OVER.has(order.status);
      this.byId.set(order.venueOrderId, isOpenAgain ? { ...order, status: "canceled" } : order);
    });
  }

  private book(
    by: { instrument: string; leg: Leg; side: Side; qty: Exact; price: Decimal },
    order: ModelOrder | null,
    cause: Cause | null,
    takeBackOrder: () => void = () => undefined,
  ): ModelFill {
    const leg = this.legOf(by.instrument, by.leg);
    const before = leg.qty;
    const restore = leg.keep();
    const fee = this.feeOf(leg, by);
    const delta = by.side === "buy" ? by.qty : -by.qty;
    const { asset, amount } = this.proceeds(leg, delta, exact(by.price), true);
    if (fee?.isInKind) leg.setQty(leg.qty - fee.amount, this.nowMs);
    if (asset !== null) this.move(asset, amount);
    const { base } = leg.of.instrument;
    const coins = leg.of.instrument.settlement === "cash" && base !== null ? leg.qty - before : 0n;
    if (base !== null && coins !== 0n) this.move(base, coins);
    if (fee && !fee.isInKind) this.move(fee.asset, -fee.amount);
    this.seq += 1;
    const fill: ModelFill = Object.freeze({
      tradeId: this.newId("trade"),
      venueOrderId: order?.venueOrderId ?? null,
      clientOrderId: order?.clientOrderId ?? null,
      instrument: by.instrument,
      leg: by.leg,
      side: by.side,
      qty: text(by.qty),
      price: by.price,
      fee: text(fee?.amount ?? 0n),
      feeCurrency: fee?.asset ?? null,
      timestamp: this.nowMs,
      seq: this.seq,
      cumulativeQty: order?.filledQty ?? text(by.qty),
      positionBefore: text(before),
      positionAfter: text(leg.qty),
      cause,
    });
    const takeBack = () => {
      restore();
      if (asset !== null) this.move(asset, -amount);
      if (base !== null && coins !== 0n) this.move(base, -coins);
      if (fee && !fee.isInKind) this.move(fee.asset, fee.amount);
      takeBackOrder();
    };
    this.executions.push({ fill, takeBack });
    this.tell({ kind: "fill", fill, order });
    this.tellPosition(by.instrument, by.leg, cause);
    return fill;
  }

  /** What a change of a leg pays, in which asset. @param isTrade Also changes the leg by it. */
  private proceeds(
    leg: ModelLeg,
    delta: Exact,
    price: Exact,
    isTrade = false,
  ): { asset: string | null; amount: Exact } {
    const { quote, settlement, multiplier } = leg.of.instrument;
    const gain = isTrade ? leg.trade(delta, price, this.nowMs) : this.gainOf(leg, delta, price);
    if (quote === null || settlement === "none") return { asset: null, amount: 0n };
    if (settlement === "margin") return { asset: quote, amount: nearly(gain, exact(multiplier)) };
    return { asset: quote, amount: nearly(times(-delta, price), exact(multiplier)) };
  }

  private gainOf(leg: ModelLeg, delta: Exact, price: Exact): Exact {
    const restore = leg.keep();
    const gain = leg.trade(delta, price, this.nowMs);
    restore();
    return gain;
  }

  private feeOf(
    leg: ModelLeg,
    by: { side: Side; qty: Exact; price: Decimal },
  ): { asset: string; amount: Exact; isInKind: boolean } | null {
    const { feeRatio, feeIn = "quote" } = this.options;
    const { base, quote, multiplier, settlement } = leg.of.instrument;
    if (feeRatio === undefined || exact(feeRatio) === 0n) return null;
    const isInKind = feeIn === "base" && by.side === "buy" && base !== null && settlement === "cash";
    const worth = isInKind ? by.qty : nearly(leg.worthOf(by.qty, exact(by.price)), exact(multiplier));
    const amount = rounded(nearly(worth, exact(feeRatio)), unitOf(DIGITS));
    const asset = isInKind ? base : typeof feeIn === "object" ? feeIn.asset : quote;
    return asset === null ? null : { asset, amount, isInKind };
  }

  private refusalOf(placement: Placement): Refusal | null {
    const { instrument, clientOrderId, qty, notional, side, reduceOnly = false } = placement;
    const of = this.instruments.find((one) => one.instrument.symbol === instrument);
    if (!of) return "unknown_instrument";
    const leg = this.legs.get(`${instrument} ${placement.leg ?? this.usualLeg}`);
    if (!leg || (qty == null) === (notional == null)) return "invalid";
    if (clientOrderId != null && this.find({ clientOrderId })) return "duplicate_client_id";
    if (qty != null && exact(qty) <= 0n) return "invalid";
    const closes = side === "buy" ? leg.qty < 0n : leg.qty > 0n;
    return reduceOnly && !closes ? "reduce_only" : null;
  }

  private newOrder(given: Placement, replaces: string | null): ModelOrder {
    return Object.freeze({
      venueOrderId: this.newId("order"),
      clientOrderId: given.clientOrderId ?? null,
      instrument: given.instrument,
      leg: given.leg ?? this.usualLeg,
      side: given.side,
      type: given.type,
      qty: given.qty ?? null,
      notional: given.notional ?? null,
      filledQty: text(0n),
      avgPrice: null,
      price: given.price ?? null,
      triggerPrice: given.triggerPrice ?? null,
      timeInForce: given.timeInForce ?? "gtc",
      reduceOnly: given.reduceOnly ?? false,
      status: "open",
      replaces,
      replacedBy: null,
      createdAt: this.nowMs,
      updatedAt: this.nowMs,
    });
  }

  private leftOf(order: ModelOrder, price: Exact): Exact {
    const { qty, notional, instrument, filledQty } = order;
    const { qtyStep, multiplier } = this.of(instrument).instrument;
    if (qty !== null) return exact(qty) - exact(filledQty);
    const each =
      this.of(instrument).kind === "inverse" ? exact(multiplier) : nearly(price, exact(multiplier));
    const affordable = over(exact(notional ?? qtyStep), each);
    return (affordable / exact(qtyStep)) * exact(qtyStep);
  }

  private keep(order: ModelOrder, because: OrderChange): void {
    this.byId.set(order.venueOrderId, Object.freeze(order));
    this.tell({ kind: "order", order, because });
  }

  private enter(given: Partial<ModelEntry> & Pick<ModelEntry, "cause">, atMs?: number): ModelEntry {
    const entry: ModelEntry = Object.freeze({
      asset: null,
      amount: null,
      instrument: null,
      leg: null,
      qtyDelta: null,
      price: null,
      ...given,
      id: this.newId("entry"),
      timestamp: atMs ?? this.nowMs,
    });
    this.ledger.push(entry);
    this.tell({ kind: "ledger", entry });
    return entry;
  }

  private legOf(instrument: string, leg: Leg): ModelLeg {
    const found = this.legs.get(`${instrument} ${leg}`);
    if (found) return found;
    throw new RangeError(`${instrument} has no ${leg} leg in a ${this.positionMode} account`);
  }

  private positionOf(leg: ModelLeg): ModelPosition {
    return {
      instrument: leg.of.instrument.symbol,
      leg: leg.leg,
      qty: text(leg.qty),
      entryPrice: leg.entryPrice(),
      updatedAt: leg.updatedAt,
    };
  }

  private move(asset: string, delta: Exact): void {
    this.totals.set(asset, (this.totals.get(asset) ?? 0n) + delta);
  }

  private newId(kind: "order" | "trade" | "entry"): string {
    this.count += 1;
    return this.options.idOf?.(kind, this.count) ?? String(this.count);
  }

  private tellPosition(instrument: string, leg: Leg, cause: Cause | null): void {
    this.tell({ kind: "position", position: this.position(instrument, leg), cause });
  }

  private tellBalance(asset: string, cause: Cause): void {
    const balance = { asset, total: text(this.totals.get(asset) ?? 0n) };
    this.tell({ kind: "balance", balance, cause });
  }

  private tell(event: ModelEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}
