// An account at Polymarket, as far as the tests need one: what it holds on the chain, its orders and its trades. Matching is
// off the chain, settling is on it, and the two are apart until somebody settles: that is what the venue is like.
import type { Row } from "./server.ts";

export interface Level {
  readonly price: string;
  readonly size: string;
}

export interface PostedOrder {
  readonly hash: string;
  readonly token: string;
  readonly side: "BUY" | "SELL";
  /** Units of the chain. */
  readonly makerAmount: bigint;
  readonly takerAmount: bigint;
  readonly orderType: string;
}

const UNIT = 1_000_000n;

export class Exchange {
  readonly wallet: string;
  readonly apiKey: string;
  /** Of the chain, in units: what the Data API and the balances are made of. */
  collateral = 1_000n * UNIT;
  readonly tokens = new Map<string, bigint>();
  readonly orders = new Map<string, Row>();
  readonly trades: Row[] = [];
  readonly activity: Row[] = [];
  readonly books = new Map<string, { bids: Level[]; asks: Level[]; tick: string; negRisk: boolean }>();
  readonly markets = new Map<string, Row>();
  /** What the chain does when a trade settles, by the trade's id. */
  private readonly settling = new Map<string, () => void>();
  /** Whether the order counts what failed is not documented; here it does not. */
  private readonly failing = new Map<string, () => void>();
  private readonly nowMs: () => number;
  private readonly publish: (message: Row) => void;
  private count = 0;

  constructor(parts: {
    wallet: string;
    apiKey: string;
    nowMs: () => number;
    publish: (message: Row) => void;
  }) {
    this.wallet = parts.wallet;
    this.apiKey = parts.apiKey;
    this.nowMs = parts.nowMs;
    this.publish = parts.publish;
  }

  hold(token: string, shares: string): void {
    this.tokens.set(token, units(shares));
  }

  book(token: string, bids: Level[], asks: Level[], tick = "0.01", negRisk = false): void {
    this.books.set(token, { bids, asks, tick, negRisk });
  }

  /** Takes an order that is well formed; the answer as the venue writes it. */
  place({ hash, token, side, makerAmount, takerAmount, orderType }: PostedOrder): Row {
    if (this.orders.has(hash)) return { error: `order ${hash} is invalid. Duplicated.` };
    const [money, shares] = side === "BUY" ? [makerAmount, takerAmount] : [takerAmount, makerAmount];
    const available = side === "BUY" ? this.collateral : (this.tokens.get(token) ?? 0n);
    if (available < makerAmount) {
      return {
        error: `not enough balance / allowance: the balance is not enough -> balance: ${available}, order amount: ${makerAmount}`,
      };
    }
    const row: Row = {
      id: hash,
      status: "LIVE",
      owner: this.apiKey,
      maker_address: this.wallet,
      market: "0xcond",
      asset_id: token,
      side,
      original_size: text(shares),
      size_matched: "0",
      price: text((money * UNIT) / shares),
      outcome: "Yes",
      created_at: Math.floor(this.nowMs() / 1_000),
      expiration: "0",
      order_type: orderType,
      associate_trades: [],
    };
    this.orders.set(hash, row);
    this.tell({ ...row, event_type: "order", type: "PLACEMENT" });
    if (orderType === "GTC") return posted(hash, "live");
    const trade = this.match(hash, text(shares), String(row.price));
    return {
      ...posted(hash, "matched"),
      makingAmount: text(makerAmount),
      takingAmount: text(takerAmount),
      tradeIDs: [trade],
    };
  }

  /** The account takes; the trade is told as matched, and settles when it is told to. */
  match(hash: string, shares: string, price: string, role: "TAKER" | "MAKER" = "TAKER"): string {
    const order = this.orders.get(hash);
    if (!order) throw new Error(`there is no order ${hash}`);
    this.count += 1;
    const id = `trade-${this.count}`;
    const seconds = String(Math.floor(this.nowMs() / 1_000));
    const { asset_id, side } = order;
    const other = side === "BUY" ? "SELL" : "BUY";
    const mine = {
      order_id: hash,
      owner: this.apiKey,
      maker_address: this.wallet,
      matched_amount: shares,
      price,
      asset_id,
      side,
      fee_rate_bps: "",
    };
    const theirs = {
      ...mine,
      order_id: "0xtheirs",
      owner: "their-key",
      maker_address: `0x${"9".repeat(40)}`,
      side: other,
      matched_amount: "999",
    };
    const isTaker = role === "TAKER";
    const trade: Row = {
      id,
      taker_order_id: isTaker ? hash : "0xtheirs",
      market: "0xcond",
      asset_id,
      side: isTaker ? side : other,
      size: isTaker ? shares : "1096.87",
      price,
      fee_rate_bps: "0",
      status: "MATCHED",
      match_time: seconds,
      last_update: seconds,
      outcome: "Yes",
      bucket_index: 0,
      owner: isTaker ? this.apiKey : "their-key",
      maker_address: isTaker ? this.wallet : theirs.maker_address,
      trader_side: role,
      maker_orders: isTaker ? [theirs] : [theirs, mine],
    };
    this.trades.unshift(trade);
    const filled = units(String(order.size_matched)) + units(shares);
    order.size_matched = text(filled);
    const isDone = filled >= units(String(order.original_size)) || order.order_type !== "GTC";
    if (isDone) order.status = "MATCHED";
    this.settling.set(id, () => this.move(String(asset_id), String(side), shares, price));
    this.failing.set(id, () => {
      order.size_matched = text(units(String(order.size_matched)) - units(shares));
    });
    this.tell({ ...order, event_type: "order", type: "UPDATE" });
    this.tell({ ...trade, event_type: "trade", type: "TRADE" });
    return id;
  }

  settle(id: string, status: "MINED" | "CONFIRMED" | "RETRYING" | "FAILED" = "CONFIRMED"): void {
    const trade = this.trades.find((one) => one.id === id);
    if (!trade) throw new Error(`there is no trade ${id}`);
    trade.status = status;
    if (status === "MINED" || status === "CONFIRMED") {
      this.settling.get(id)?.();
      this.settling.delete(id);
    }
    if (status === "FAILED") this.failing.get(id)?.();
    this.tell({ ...trade, event_type: "trade", type: "TRADE" });
  }

  cancel(hash: string): Row {
    const order = this.orders.get(hash);
    if (!order) return { canceled: [], not_canceled: { [hash]: "order not found or already canceled" } };
    if (order.status !== "LIVE") return { canceled: [], not_canceled: { [hash]: "order already matched" } };
    order.status = "CANCELED";
    this.tell({ ...order, event_type: "order", type: "CANCELLATION" });
    return { canceled: [hash], not_canceled: {} };
  }

  private move(token: string, side: string, shares: string, price: string): void {
    const size = units(shares);
    const money = (size * units(price)) / UNIT;
    const sign = side === "BUY" ? 1n : -1n;
    this.tokens.set(token, (this.tokens.get(token) ?? 0n) + sign * size);
    this.collateral -= sign * money;
  }

  private tell(message: Row): void {
    this.publish({ ...message, timestamp: String(this.nowMs()) });
  }
}

export function units(value: string): bigint {
  const [whole = "0", fraction = ""] = value.split(".");
  return BigInt(whole) * UNIT + BigInt(fraction.padEnd(6, "0").slice(0, 6));
}

export function text(value: bigint): string {
  const fraction = (value % UNIT).toString().padStart(6, "0").replace(/0+$/, "");
  return fraction === "" ? `${value / UNIT}` : `${value / UNIT}.${fraction}`;
}

function posted(hash: string, status: string): Row {
  return {
    success: true,
    errorMsg: "",
    orderID: hash,
    status,
    makingAmount: "",
    takingAmount: "",
    transactionsHashes: [],
    tradeIDs: [],
  };
}
