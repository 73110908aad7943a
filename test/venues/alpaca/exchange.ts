// The trading of the local Alpaca: takes, replaces and cancels orders, fills them at prices that a test or a person
// sets, and keeps positions, cash, activities and the stream in step. Written from the documentation, apart from the
// adapter that it tests; what the documentation does not say is marked.
import {
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  isZero,
  multiply,
  negate,
  ONE,
  sign,
  subtract,
  ZERO,
} from "../../../src/core/index.ts";
import { flatOrders, type Reply } from "./endpoints.ts";
import type { AccountState, Row } from "./state.ts";

export interface Market {
  readonly state: () => AccountState;
  /** A trade update for whoever listens. */
  readonly publish: (update: Row) => void;
  readonly nowMs: () => number;
}

const OVER = new Set(["filled", "canceled", "expired", "rejected", "replaced"]);
/** "Order cannot be replaced when the status is accepted, pending_new, pending_cancel or pending_replace." */
const NOT_REPLACEABLE = new Set(["accepted", "pending_new", "pending_cancel", "pending_replace"]);

export class Exchange {
  /** Last prices by symbol; an order without one rests. */
  readonly prices = new Map<string, Decimal>();
  private readonly market: Market;
  private count = 0;

  constructor(market: Market) {
    this.market = market;
  }

  submit(body: Row): Reply {
    const refusal = this.refusalOf(body);
    if (refusal) return refusal;
    const order = this.newOrder(body, { notional: body.notional ?? null, qty: body.qty ?? null });
    this.orders().push(order);
    this.tell("new", order);
    this.match(order);
    // The answer is the order as it came in; what became of it is told on the stream and by the next read.
    return { status: 200, body: { ...order, status: "accepted", filled_qty: "0", filled_avg_price: null } };
  }

  cancel(id: string): Reply {
    const order = this.find(id);
    if (!order) return refuse(404, 40410000, `order not found for ${id}`);
    if (OVER.has(String(order.status))) {
      return refuse(422, 42210000, `order is already in "${order.status}" state`);
    }
    Object.assign(order, { status: "canceled", canceled_at: this.now() });
    this.tell("canceled", order);
    return { status: 204, body: undefined };
  }

  /** Orders of `stuck` are not taken. */
  stuck: string | undefined;

  cancelAll(): Reply {
    const open = this.market.state().orders.filter(({ status }) => !OVER.has(String(status)));
    const body = open.map(({ id }) => {
      const status = id === this.stuck ? 500 : 200;
      if (status === 200) this.cancel(String(id));
      return { id, status };
    });
    return { status: 207, body };
  }

  /** The new order counts its quantity anew (issue 165 of github.com/alpacahq/Alpaca-API; not documented). */
  replace(id: string, body: Row): Reply {
    const order = this.find(id);
    if (!order) return refuse(404, 40410000, `order not found for ${id}`);
    const status = String(order.status);
    if (OVER.has(status) || NOT_REPLACEABLE.has(status)) {
      return refuse(422, 42210000, `order in ${status} status cannot be replaced`);
    }
    if (this.find(String(body.client_order_id), "client_order_id")) return duplicate();
    const changed = { ...order, ...body, qty: body.qty ?? order.qty };
    const next = this.newOrder(changed, { notional: null, qty: changed.qty as string, replaces: order.id });
    Object.assign(order, { status: "replaced", replaced_by: next.id, replaced_at: this.now() });
    this.orders().push(next);
    this.tell("replaced", order);
    this.tell("new", next);
    this.match(next);
    return { status: 200, body: { ...next, status: "accepted", filled_qty: "0", filled_avg_price: null } };
  }

  /** Sets the last price; whatever crosses it trades. */
  setPrice(symbol: string, price: string): void {
    this.prices.set(symbol, decimal(price));
    for (const order of this.orders().filter((one) => one.symbol === symbol)) this.match(order);
  }

  /** Fills a part of an order, or what is left of it. The result is the trade update, sent already. */
  fill(id: string, qty?: string, price?: string): Row {
    const order = this.find(id);
    if (!order) throw new Error(`no order ${id}`);
    const symbol = String(order.symbol);
    const at = decimal(price ?? this.prices.get(symbol) ?? String(order.limit_price));
    const left = this.leftOf(order, at);
    const traded = qty === undefined ? left : decimal(qty);
    const before = decimal(String(order.filled_qty));
    const filled = add(before, traded);
    const spent = add(multiply(before, decimal(String(order.filled_avg_price ?? "0"))), multiply(traded, at));
    const isWhole = compare(traded, left) >= 0;
    const event = isWhole ? "fill" : "partial_fill";
    Object.assign(order, {
      filled_qty: filled,
      filled_avg_price: divide(spent, filled),
      status: isWhole ? "filled" : "partially_filled",
      updated_at: this.now(),
      ...(isWhole && { filled_at: this.now() }),
    });
    const signed = order.side === "buy" ? traded : negate(traded);
    const held = this.move(order, signed, at);
    this.record(order, event, traded, at);
    return this.tell(event, order, {
      price: at,
      qty: traded,
      position_qty: held,
      execution_id: this.uuid("e"),
    });
  }

  /** A fill that only the stream or only the history tells is made by hand from these. */
  private record(order: Row, type: string, qty: Decimal, price: Decimal): void {
    const nowMs = this.market.nowMs();
    const local = new Date(nowMs - 4 * 3_600_000).toISOString().replace(/[-:TZ.]/g, "");
    const cum = decimal(String(order.filled_qty));
    this.market.state().activities.push({
      id: `${local}::${this.uuid("a")}`,
      activity_type: "FILL",
      transaction_time: new Date(nowMs).toISOString(),
      type,
      price,
      qty,
      side: order.side,
      symbol: order.symbol,
      leaves_qty: order.qty === null ? "0" : subtract(decimal(String(order.qty)), cum),
      order_id: order.id,
      cum_qty: cum,
      order_status: order.status,
    });
  }

  private move(order: Row, qty: Decimal, price: Decimal): Decimal {
    const { account, positions } = this.market.state();
    const symbol = String(order.symbol).replace("/", "");
    const index = positions.findIndex((row) => row.symbol === symbol);
    const row = positions[index];
    const had = row ? decimal(String(row.qty)) : ZERO;
    const held = add(had, qty);
    const size = isOption(symbol) ? decimal("100") : ONE;
    const cash = subtract(decimal(String(account.cash)), multiply(multiply(qty, price), size));
    if (index >= 0) positions.splice(index, 1);
    if (!isZero(held)) {
      const isLarger = sign(had) === 0 || sign(had) === sign(qty);
      const basis = isLarger
        ? divide(add(multiply(had, decimal(String(row?.avg_entry_price ?? "0"))), multiply(qty, price)), held)
        : sign(had) === sign(held)
          ? decimal(String(row?.avg_entry_price))
          : price;
      positions.push({
        symbol,
        asset_class: order.asset_class,
        avg_entry_price: basis,
        qty: held,
        side: sign(held) > 0 ? "long" : "short",
        market_value: multiply(multiply(held, price), size),
        current_price: price,
      });
    }
    const values = positions.map((one) => decimal(String(one.market_value ?? "0")));
    const long = values.filter((one) => sign(one) > 0).reduce(add, ZERO);
    const short = values.filter((one) => sign(one) < 0).reduce(add, ZERO);
    Object.assign(account, {
      cash,
      long_market_value: long,
      short_market_value: short,
      position_market_value: add(long, negate(short)),
    });
    return held;
  }

  private match(order: Row): void {
    const price = this.prices.get(String(order.symbol));
    if (price === undefined || OVER.has(String(order.status))) return;
    const { type, side } = order;
    if (type === "market") this.fill(String(order.id));
    if (type !== "limit") return;
    const limit = decimal(String(order.limit_price));
    const crosses = side === "buy" ? compare(price, limit) <= 0 : compare(price, limit) >= 0;
    if (crosses) this.fill(String(order.id));
  }

  private refusalOf(body: Row): Reply | undefined {
    const isSized = (typeof body.qty === "string") !== (typeof body.notional === "string");
    if (typeof body.symbol !== "string" || !isSized)
      return refuse(422, 40010001, "qty or notional is required");
    if (this.find(String(body.client_order_id), "client_order_id")) return duplicate();
    if (body.symbol === "NOSUCH") return refuse(422, 42210000, 'asset "NOSUCH" not found');
    const cost = body.notional ?? (body.limit_price === undefined ? "0" : this.costOf(body));
    if (
      body.side === "buy" &&
      compare(decimal(String(cost)), decimal(String(this.market.state().account.cash))) > 0
    ) {
      return refuse(403, 40310000, "insufficient buying power");
    }
    return undefined;
  }

  private costOf(body: Row): Decimal {
    return multiply(decimal(String(body.qty)), decimal(String(body.limit_price)));
  }

  private leftOf(order: Row, price: Decimal): Decimal {
    if (order.qty === null) return divide(decimal(String(order.notional)), price);
    return subtract(decimal(String(order.qty)), decimal(String(order.filled_qty)));
  }

  private newOrder(body: Row, size: Row): Row {
    const symbol = String(body.symbol);
    const now = this.now();
    return {
      id: this.uuid("0"),
      client_order_id: body.client_order_id ?? this.uuid("c"),
      created_at: now,
      updated_at: now,
      submitted_at: now,
      filled_at: null,
      canceled_at: null,
      replaced_at: null,
      replaced_by: null,
      replaces: null,
      symbol,
      asset_class: symbol.includes("/") ? "crypto" : isOption(symbol) ? "us_option" : "us_equity",
      filled_qty: "0",
      filled_avg_price: null,
      order_class: "",
      type: body.type,
      side: body.side,
      time_in_force: body.time_in_force,
      limit_price: body.limit_price ?? null,
      stop_price: body.stop_price ?? null,
      status: "new",
      legs: null,
      ...size,
    };
  }

  private tell(event: string, order: Row, more: Row = {}): Row {
    const update = { event, timestamp: this.now(), order: { ...order }, ...more };
    this.market.publish(update);
    return update;
  }

  private find(value: string, field = "id"): Row | undefined {
    return flatOrders(this.orders()).find((row) => row[field] === value);
  }

  private orders(): Row[] {
    return this.market.state().orders;
  }

  private now(): string {
    return new Date(this.market.nowMs()).toISOString();
  }

  private uuid(kind: string): string {
    this.count += 1;
    return `${kind}${this.count.toString(16).padStart(7, "0")}-0000-4000-8000-000000000000`;
  }
}

function refuse(status: number, code: number, message: string): Reply {
  return { status, body: { code, message } };
}

function duplicate(): Reply {
  return refuse(422, 40010001, "client_order_id must be unique");
}

/** By its OCC symbol; a contract is for a hundred shares. */
function isOption(symbol: string): boolean {
  return /\d{6}[CP]\d{8}$/.test(symbol);
}
