// The paper account: an exchange of our own with one customer, small enough to see through. It is the truth that
// the paper venue reports. Market orders trade at the last price at once, limit orders when the price crosses.
import {
  abs,
  add,
  compare,
  type Decimal,
  divide,
  type FillRow,
  isTerminal,
  isZero,
  type LedgerRow,
  multiply,
  negate,
  type OrderRow,
  type OrderType,
  type PositionRow,
  type Side,
  sign,
  subtract,
  type TimeInForce,
  ZERO,
} from "../../core/index.ts";
import type { CommandOutcome } from "../venue.ts";

export interface PaperOrder {
  readonly instrument: string;
  readonly clientOrderId?: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly qty: Decimal;
  /** Of the limit types. */
  readonly price?: Decimal;
  /** Of the stop types. */
  readonly triggerPrice?: Decimal;
  /** Until it is cancelled unless given; a day never ends here. */
  readonly timeInForce?: TimeInForce;
  readonly reduceOnly?: boolean;
  /** Becomes the last price where the instrument has none yet. */
  readonly referencePrice?: Decimal;
  /** The order whose bracket it is part of. */
  readonly parentVenueOrderId?: string;
}

export interface PaperAmendment {
  readonly qty?: Decimal;
  readonly price?: Decimal;
  readonly triggerPrice?: Decimal;
}

/** One of the two. */
export interface PaperOrderId {
  readonly venueOrderId?: string;
  readonly clientOrderId?: string;
}

interface OpenPosition {
  readonly qty: Decimal;
  readonly entryPrice: Decimal;
}

/** Everything that the account is, as plain JSON: what is kept between two starts. */
export interface PaperState {
  readonly accountId: string;
  readonly currency: string;
  readonly cash: Decimal;
  readonly nextId: number;
  readonly prices: Readonly<Record<string, Decimal>>;
  readonly positions: Readonly<Record<string, OpenPosition>>;
  readonly orders: readonly OrderRow[];
  readonly fills: readonly FillRow[];
  readonly ledger: readonly LedgerRow[];
  /** When the dead-man switch cancels what is open, ms; absent while it is off. */
  readonly deadManAtMs?: number;
}

export type PaperEvent =
  | { readonly kind: "fill"; readonly fill: FillRow }
  | { readonly kind: "order"; readonly order: OrderRow }
  | { readonly kind: "price"; readonly instrument: string; readonly last: Decimal }
  | { readonly kind: "ledger" }
  /** The dead-man switch was set or turned off: to be kept, and nothing to tell anybody. */
  | { readonly kind: "switch" };

export interface PaperOptions {
  readonly state: PaperState;
  /** Fee as a part of the traded value; paid in the account's currency. */
  readonly feeRatio: Decimal;
  readonly nowMs: () => number;
  /** Called after every change, with what happened. */
  readonly onEvent?: (event: PaperEvent) => void;
}

export function newPaperState(accountId: string, currency: string, cash: Decimal): PaperState {
  return {
    accountId,
    currency,
    cash,
    nextId: 1,
    prices: {},
    positions: {},
    orders: [],
    fills: [],
    ledger: [],
  };
}

export class PaperAccount {
  private current: PaperState;
  private readonly options: PaperOptions;
  /** What the next market order of an instrument finds at most. */
  private readonly depth = new Map<string, Decimal>();

  constructor(options: PaperOptions) {
    this.current = options.state;
    this.options = options;
  }

  get state(): PaperState {
    return this.current;
  }

  nowMs(): number {
    return this.options.nowMs();
  }

  /** The next market order finds no more than this on the other side; what is left of it is cancelled. */
  thin(instrument: string, qty: Decimal): void {
    this.depth.set(instrument, qty);
  }

  /** A new last price: resting limit orders that it crosses are filled at their limit. */
  setPrice(instrument: string, last: Decimal): void {
    this.lapse();
    this.change({ prices: { ...this.current.prices, [instrument]: last } });
    this.tell({ kind: "price", instrument, last });
    for (const order of this.current.orders) {
      if (order.instrument === instrument && order.status === "open") this.work(order, last);
    }
  }

  /** Cancels what is open after so long, unless it is set anew; 0 turns it off. */
  setDeadMan(timeoutMs: number): void {
    this.lapse();
    const { deadManAtMs: _, ...state } = this.current;
    this.current = timeoutMs === 0 ? state : { ...state, deadManAtMs: this.nowMs() + timeoutMs };
    this.tell({ kind: "switch" });
  }

  /** Fires the dead-man switch if its time has come: to be called before anything is looked at. */
  lapse(): void {
    const { deadManAtMs, ...state } = this.current;
    if (deadManAtMs === undefined || this.nowMs() < deadManAtMs) return;
    this.current = state;
    this.tell({ kind: "switch" });
    for (const order of state.orders)
      if (order.status === "open") this.putOrder({ ...order, status: "canceled" });
  }

  submit(order: PaperOrder): CommandOutcome {
    this.lapse();
    const { instrument, referencePrice } = order;
    if (this.current.prices[instrument] === undefined && referencePrice !== undefined) {
      this.setPrice(instrument, referencePrice);
    }
    const last = this.current.prices[instrument];
    const reason = this.refusal(order, last);
    if (reason !== null) return { kind: "rejected", sent: true, reason };
    const venueOrderId = this.newId("po");
    const row: OrderRow = {
      instrument: order.instrument,
      venueOrderId,
      ...(order.clientOrderId !== undefined && { clientOrderId: order.clientOrderId }),
      side: order.side,
      type: order.type,
      qty: order.qty,
      filledQty: ZERO,
      ...(order.price !== undefined && { price: order.price }),
      ...(order.triggerPrice !== undefined && { triggerPrice: order.triggerPrice }),
      ...(order.reduceOnly !== undefined && { reduceOnly: order.reduceOnly }),
      ...(order.parentVenueOrderId !== undefined && { parentVenueOrderId: order.parentVenueOrderId }),
      status: "open",
      createdAt: this.options.nowMs(),
    };
    this.change({ orders: [...this.current.orders, row] });
    this.tell({ kind: "order", order: row });
    if (last !== undefined) this.work(row, last, last);
    const after = this.find({ venueOrderId });
    const isImmediate = order.timeInForce === "ioc" || order.timeInForce === "fok";
    if (after?.status === "open" && isImmediate) this.putOrder({ ...after, status: "canceled" });
    return { kind: "accepted", venueOrderId };
  }

  amend(asked: PaperOrderId & PaperAmendment): CommandOutcome {
    this.lapse();
    const { qty, price, triggerPrice } = asked;
    const order = this.find(asked);
    if (!order) return { kind: "rejected", sent: true, reason: "no such order" };
    if (order.status !== "open") {
      return { kind: "rejected", sent: true, reason: `the order is ${order.status}` };
    }
    const amended: OrderRow = {
      ...order,
      ...(qty !== undefined && { qty }),
      ...(price !== undefined && { price }),
      ...(triggerPrice !== undefined && { triggerPrice }),
      updatedAt: this.options.nowMs(),
    };
    this.putOrder(amended);
    const last = this.current.prices[order.instrument];
    if (last !== undefined) this.work(amended, last, last);
    return { kind: "accepted", venueOrderId: order.venueOrderId ?? "" };
  }

  /** An order by one of its ids, whatever has become of it. */
  find(id: PaperOrderId): OrderRow | undefined {
    return this.current.orders.find(
      (row) =>
        (id.venueOrderId !== undefined && row.venueOrderId === id.venueOrderId) ||
        (id.clientOrderId !== undefined && row.clientOrderId === id.clientOrderId),
    );
  }

  cancel(id: PaperOrderId): CommandOutcome {
    this.lapse();
    const order = this.find(id);
    if (!order) return { kind: "rejected", sent: true, reason: "no such order" };
    const { status } = order;
    if (status !== "open") {
      const isOver = status !== undefined && isTerminal(status);
      return {
        kind: "rejected",
        sent: true,
        reason: `the order is ${status}`,
        ...(isOver && { ended: status }),
      };
    }
    this.putOrder({ ...order, status: "canceled" });
    return {
      kind: "accepted",
      ...(order.venueOrderId !== undefined && { venueOrderId: order.venueOrderId }),
    };
  }

  /** Money in (+) or out (-). */
  transfer(amount: Decimal, text: string): void {
    const { currency, ledger, cash } = this.current;
    const row: LedgerRow = {
      id: this.newId("pl"),
      cause: "transfer",
      timestamp: this.options.nowMs(),
      asset: currency,
      amount,
      text,
    };
    this.change({ cash: add(cash, amount), ledger: [...ledger, row] });
    this.tell({ kind: "ledger" });
  }

  /** Money that comes (+) or goes (-) without an entry in any ledger, as venues do it now and then. */
  drift(amount: Decimal): void {
    this.change({ cash: add(this.current.cash, amount) });
    this.tell({ kind: "ledger" });
  }

  positionRows(): PositionRow[] {
    return Object.entries(this.current.positions)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([instrument, { qty, entryPrice }]) => {
        const lastPrice = this.current.prices[instrument];
        return { instrument, leg: "net", qty, entryPrice, ...(lastPrice !== undefined && { lastPrice }) };
      });
  }

  positionValue(): Decimal {
    return this.positionRows().reduce<Decimal>(
      (total, { qty, lastPrice, entryPrice }) =>
        add(total, multiply(abs(qty), lastPrice ?? entryPrice ?? ZERO)),
      ZERO,
    );
  }

  private refusal(order: PaperOrder, last: Decimal | undefined): string | null {
    if (sign(order.qty) <= 0) return `a quantity of ${order.qty} is not above zero`;
    if (last === undefined) return `${order.instrument} has no price yet`;
    if (order.reduceOnly && !this.isReducing(order)) return "a reduce-only order would open a position";
    const { clientOrderId } = order;
    const isUsed =
      clientOrderId !== undefined && this.current.orders.some((row) => row.clientOrderId === clientOrderId);
    return isUsed ? `client order id ${clientOrderId} was used before` : null;
  }

  private isReducing({ instrument, side }: Pick<PaperOrder, "instrument" | "side">): boolean {
    const held = this.current.positions[instrument]?.qty ?? ZERO;
    return sign(held) === (side === "buy" ? -1 : 1);
  }

  /** Triggers and fills a resting order as the price allows; `at` is what it trades at, its limit unless given. */
  private work(order: OrderRow, last: Decimal, at?: Decimal): void {
    const { side = "buy", type, price, triggerPrice } = order;
    const isStop = type === "stop" || type === "stop_limit";
    if (isStop && triggerPrice !== undefined) {
      // A stop to sell waits for the price to fall to its trigger, where a limit waits for it to rise.
      if (!crosses(side === "buy" ? "sell" : "buy", triggerPrice, last)) return;
      const triggered: OrderRow = { ...order, type: type === "stop" ? "market" : "limit" };
      this.putOrder(triggered);
      this.work(triggered, last, last);
    } else if (type === "market" || price === undefined) {
      this.execute(order, last);
    } else if (crosses(side, price, last)) {
      this.execute(order, at ?? price);
    }
  }

  private execute(ordered: OrderRow, price: Decimal): void {
    const order = ordered.reduceOnly ? this.reduced(ordered) : ordered;
    if (!order) {
      this.putOrder({ ...ordered, status: "canceled" });
      return;
    }
    const { side = "buy", instrument, venueOrderId = "", clientOrderId } = order;
    const qty = this.found(order);
    const isPart = compare(qty, order.qty ?? ZERO) < 0;
    const value = multiply(qty, price);
    const fee = multiply(value, this.options.feeRatio);
    const fill: FillRow = {
      instrument,
      tradeId: this.newId("pt"),
      venueOrderId,
      ...(clientOrderId !== undefined && { clientOrderId }),
      side,
      qty,
      price,
      ...(!isZero(fee) && { fee, feeCurrency: this.current.currency }),
      timestamp: this.options.nowMs(),
      venueSeq: this.current.nextId,
    };
    const paid = side === "buy" ? negate(value) : value;
    this.change({
      cash: subtract(add(this.current.cash, paid), fee),
      positions: moved(this.current.positions, instrument, side === "buy" ? qty : negate(qty), price),
      fills: [...this.current.fills, fill],
    });
    const status = isPart ? "canceled" : "filled";
    this.putOrder({ ...order, status, filledQty: qty, avgPrice: price });
    this.tell({ kind: "fill", fill });
  }

  private found({ instrument, type, qty = ZERO }: OrderRow): Decimal {
    const depth = this.depth.get(instrument);
    if (type !== "market" || depth === undefined) return qty;
    this.depth.delete(instrument);
    return compare(depth, qty) < 0 ? depth : qty;
  }

  /** A reduce-only order trades what is there to be reduced, and nothing where nothing is. */
  private reduced(order: OrderRow): OrderRow | undefined {
    const { instrument, side = "buy", qty = ZERO } = order;
    if (!this.isReducing({ instrument, side })) return undefined;
    const held = abs(this.current.positions[instrument]?.qty ?? ZERO);
    return compare(qty, held) <= 0 ? order : { ...order, qty: held };
  }

  private putOrder(order: OrderRow): void {
    const orders = this.current.orders.map((row) => (row.venueOrderId === order.venueOrderId ? order : row));
    this.change({ orders });
    this.tell({ kind: "order", order });
  }

  private newId(prefix: string): string {
    const id = `${prefix}-${this.current.nextId}`;
    this.change({ nextId: this.current.nextId + 1 });
    return id;
  }

  private change(changes: Partial<PaperState>): void {
    this.current = { ...this.current, ...changes };
  }

  private tell(event: PaperEvent): void {
    this.options.onEvent?.(event);
  }
}

function crosses(side: Side, limit: Decimal, last: Decimal): boolean {
  return side === "buy" ? compare(last, limit) <= 0 : compare(last, limit) >= 0;
}

function moved(
  positions: PaperState["positions"],
  instrument: string,
  delta: Decimal,
  price: Decimal,
): PaperState["positions"] {
  const { [instrument]: before, ...others } = positions;
  const qty = add(before?.qty ?? ZERO, delta);
  if (isZero(qty)) return others;
  return { ...others, [instrument]: { qty, entryPrice: entryAfter(before, qty, delta, price) } };
}

function entryAfter(before: OpenPosition | undefined, qty: Decimal, delta: Decimal, price: Decimal): Decimal {
  if (!before || sign(before.qty) !== sign(qty)) return price;
  if (sign(delta) !== sign(before.qty)) return before.entryPrice;
  const cost = add(multiply(abs(before.qty), before.entryPrice), multiply(abs(delta), price));
  return divide(cost, abs(qty));
}
