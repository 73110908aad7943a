// The paper account: an exchange of our own with one customer, small enough to see through. It is the truth that
// the paper venue reports. Market orders trade at the last price at once, limit orders when the price crosses.
import {
  abs,
  add,
  compare,
  type Decimal,
  divide,
  type FillRow,
  isZero,
  type LedgerRow,
  multiply,
  negate,
  type OrderRow,
  type PositionRow,
  type Side,
  sign,
  subtract,
  ZERO,
} from "../../core/index.ts";
import type { CommandOutcome } from "../venue.ts";

export interface PaperOrder {
  readonly instrument: string;
  readonly clientOrderId?: string;
  readonly side: Side;
  readonly type: "market" | "limit";
  readonly qty: Decimal;
  /** Of a limit order. */
  readonly price?: Decimal;
  readonly reduceOnly?: boolean;
  /** The order whose bracket it is part of. */
  readonly parentVenueOrderId?: string;
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
}

export type PaperEvent =
  | { readonly kind: "fill"; readonly fill: FillRow }
  | { readonly kind: "order"; readonly order: OrderRow }
  | { readonly kind: "price"; readonly instrument: string; readonly last: Decimal }
  | { readonly kind: "ledger" };

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

  /** A new last price: resting limit orders that it crosses are filled at their limit. */
  setPrice(instrument: string, last: Decimal): void {
    this.change({ prices: { ...this.current.prices, [instrument]: last } });
    this.tell({ kind: "price", instrument, last });
    for (const order of this.current.orders) {
      const isIts = order.instrument === instrument && order.status === "open" && order.price !== undefined;
      if (isIts && crosses(order.side ?? "buy", order.price ?? ZERO, last))
        this.execute(order, order.price ?? last);
    }
  }

  submit(order: PaperOrder): CommandOutcome {
    const last = this.current.prices[order.instrument];
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
      ...(order.reduceOnly !== undefined && { reduceOnly: order.reduceOnly }),
      ...(order.parentVenueOrderId !== undefined && { parentVenueOrderId: order.parentVenueOrderId }),
      status: "open",
      createdAt: this.options.nowMs(),
    };
    this.change({ orders: [...this.current.orders, row] });
    this.tell({ kind: "order", order: row });
    const isMarketable =
      order.type === "market" || (last && order.price && crosses(order.side, order.price, last));
    if (isMarketable && last) this.execute(row, last);
    return { kind: "accepted", venueOrderId };
  }

  cancel(id: { readonly venueOrderId?: string; readonly clientOrderId?: string }): CommandOutcome {
    const order = this.current.orders.find(
      (row) =>
        (id.venueOrderId !== undefined && row.venueOrderId === id.venueOrderId) ||
        (id.clientOrderId !== undefined && row.clientOrderId === id.clientOrderId),
    );
    if (!order) return { kind: "rejected", sent: true, reason: "no such order" };
    if (order.status !== "open")
      return { kind: "rejected", sent: true, reason: `the order is ${order.status}` };
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
    const { clientOrderId } = order;
    const isUsed =
      clientOrderId !== undefined && this.current.orders.some((row) => row.clientOrderId === clientOrderId);
    return isUsed ? `client order id ${clientOrderId} was used before` : null;
  }

  private execute(order: OrderRow, price: Decimal): void {
    const { qty = ZERO, side = "buy", instrument, venueOrderId = "", clientOrderId } = order;
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
    this.putOrder({ ...order, status: "filled", filledQty: qty, avgPrice: price });
    this.tell({ kind: "fill", fill });
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
