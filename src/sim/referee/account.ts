// The simulated account's books: what is held, owed, ordered and executed. Each method is one whole change, told when it is
// done; why and when it happens is decided in desk.ts and happenings.ts.
import type { Cause, FillRow, Instrument, LedgerRow, Leg, Side } from "../../core/index.ts";
import { Chronicle } from "./chronicle.ts";
import { type Exact, exact, fractionDigits, text } from "./exact.ts";
import { Holding } from "./holding.ts";
import type { VenueOrder } from "./order.ts";
import { OrderIndex } from "./order-index.ts";
import type { RefereeEvent, RefereeOptions } from "./referee.ts";
import { feeOf, type Move, movesOf, Wallet } from "./wallet.ts";

/** Finer than any quantity or price at a venue; with more, products would not be exact. Digits after the point. */
export const ORDER_DIGITS_MAX = 12;

/** One instrument of the account. */
export interface Market {
  readonly spec: Instrument;
  readonly qtyStep: Exact;
  readonly priceStep: Exact;
  readonly legs: ReadonlyMap<Leg, Holding>;
  /** Executions that stand, oldest first. */
  readonly standing: Execution[];
  last: Exact | undefined;
}

export interface Execution {
  readonly row: FillRow;
  readonly holding: Holding;
  readonly order: VenueOrder | null;
  readonly qty: Exact;
  readonly value: Exact;
  readonly moves: readonly Move[];
}

export interface Trade {
  readonly market: Market;
  readonly leg: Leg;
  readonly side: Side;
  readonly qty: Exact;
  readonly price: Exact;
  /** Null where the venue trades by itself. */
  readonly order: VenueOrder | null;
  readonly forced?: Cause;
}

export class Account {
  readonly options: RefereeOptions;
  readonly isHedge: boolean;
  readonly orders = new OrderIndex();
  readonly wallet: Wallet;
  readonly fills = new Chronicle<FillRow>();
  readonly reversed = new Chronicle<FillRow>();
  readonly ledger = new Chronicle<LedgerRow>();
  private readonly markets = new Map<string, Market>();
  private readonly feeRatio: Exact;
  private lastSeq = 0;
  private readonly untold: RefereeEvent[] = [];
  private isTelling = false;

  constructor(options: RefereeOptions) {
    this.options = options;
    this.isHedge = options.positionMode === "hedge";
    this.wallet = new Wallet(options.balances);
    this.feeRatio = exact(options.feeRatio);
    for (const spec of options.instruments) this.markets.set(spec.symbol, this.newMarket(spec));
  }

  get nowMs(): number {
    return this.options.nowMs();
  }

  /** In the order in which the instruments were given. */
  allMarkets(): readonly Market[] {
    return [...this.markets.values()];
  }

  findMarket(instrument: string): Market | undefined {
    return this.markets.get(instrument);
  }

  market(instrument: string): Market {
    const market = this.markets.get(instrument);
    if (market) return market;
    throw new RangeError(
      `${instrument} is not traded here; there are ${[...this.markets.keys()].join(", ")}`,
    );
  }

  holding(instrument: string, leg: Leg): Holding {
    const holding = this.market(instrument).legs.get(leg);
    if (holding) return holding;
    throw new RangeError(`a ${this.options.positionMode} account has no ${leg} leg`);
  }

  lastPrice(market: Market): Exact {
    if (market.last !== undefined) return market.last;
    throw new RangeError(`${market.spec.symbol} has no price yet; set one first`);
  }

  newId(prefix: string): string {
    this.lastSeq += 1;
    return `${prefix}-${this.lastSeq}`;
  }

  setPrice(market: Market, last: Exact): void {
    market.last = last;
    this.tell({ kind: "price", instrument: market.spec.symbol, last: text(last) });
  }

  addOrder(order: VenueOrder): void {
    this.orders.add(order);
    this.tellOrder(order);
  }

  /** Something of the order has been changed. */
  orderChanged(order: VenueOrder): void {
    this.orders.changed(order);
    this.tellOrder(order);
  }

  /** Position, money and order at once; then the fill is told, and how the order is after it. */
  execute({ market, leg, side, qty, price, order, forced }: Trade): void {
    const { spec } = market;
    const holding = this.holding(spec.symbol, leg);
    const nowMs = this.nowMs;
    const tradeId = this.newId("t");
    const value = holding.worthOf(qty, price);
    const isFeeInKind =
      this.options.isFeeInBase && !this.isHedge && side === "buy" && isBought(spec) && order !== null;
    const fee = feeOf(spec, { qty, value }, this.feeRatio, isFeeInKind);
    const delta = (side === "buy" ? qty : -qty) - (fee?.isInKind ? fee.amount : 0n);
    const gain = holding.trade(tradeId, delta, value, nowMs);
    const moves = movesOf(spec, { side, delta, value, gain }, fee);
    for (const move of moves) this.wallet.move(move);
    const row: FillRow = Object.freeze({
      instrument: spec.symbol,
      ...(this.isHedge && { leg }),
      tradeId,
      ...(order && { venueOrderId: order.venueOrderId }),
      ...(order?.clientOrderId !== undefined && { clientOrderId: order.clientOrderId }),
      side,
      qty: text(qty),
      price: text(price),
      ...(fee && { fee: text(fee.amount), feeCurrency: fee.currency }),
      timestamp: nowMs,
      venueSeq: this.lastSeq,
      ...(forced !== undefined && { forced }),
    });
    market.standing.push({ row, holding, order, qty, value, moves });
    this.fills.push(row);
    if (order) {
      order.addFill(qty, value, nowMs);
      this.orders.changed(order);
    }
    this.tell({ kind: "fill", fill: row }, ...this.orderEvent(order));
  }

  /**
   * Takes back the latest execution as if it had never been.
   * @returns false where there is none, or where its leg was changed since by something that cannot be taken back.
   */
  takeBackLatest(market: Market, reason: string): boolean {
    const latest = market.standing.at(-1);
    if (!latest?.holding.isLatest(latest.row.tradeId ?? "")) return false;
    const { row, holding, order, qty, value, moves } = latest;
    market.standing.pop();
    holding.takeBackLatest(this.nowMs);
    for (const { asset, delta } of moves) this.wallet.move({ asset, delta: -delta });
    this.fills.remove(row);
    this.reversed.push(row);
    if (order) {
      order.takeBackFill(qty, value, this.nowMs);
      this.orders.changed(order);
    }
    this.tell({ kind: "reversed", fill: row, reason }, ...this.orderEvent(order));
    return true;
  }

  /** Money that comes or goes by an entry. */
  enterMoney(cause: Cause, move: Move): void {
    this.wallet.move(move);
    this.enter({ id: this.newId("l"), cause, timestamp: this.nowMs, ...moneyOf(move) });
  }

  /**
   * A leg's quantity is another by an entry.
   * @param change Changes the holding under the entry's id and says what moves with it: the first is told in the same
   *   entry, each other asset in one of its own.
   */
  enterQty(
    holding: Holding,
    { cause, price }: { readonly cause: Cause; readonly price?: Exact },
    change: (id: string) => readonly Move[],
  ): void {
    const id = this.newId("l");
    const timestamp = this.nowMs;
    const before = holding.qty;
    const [first, ...others] = change(id);
    for (const move of first ? [first, ...others] : []) this.wallet.move(move);
    this.enter(
      {
        id,
        cause,
        timestamp,
        instrument: holding.instrument.symbol,
        ...(this.isHedge && { leg: holding.leg }),
        qtyDelta: text(holding.qty - before),
        ...(price !== undefined && { price: text(price) }),
        ...(first && moneyOf(first)),
      },
      ...others.map((move) => ({ id: this.newId("l"), cause, timestamp, ...moneyOf(move) })),
    );
  }

  drift(move: Move): void {
    this.wallet.move(move);
    this.tell({ kind: "drift", asset: move.asset });
  }

  private enter(...entries: readonly LedgerRow[]): void {
    for (const row of entries) this.ledger.push(Object.freeze(row));
    this.tell(...entries.map((row) => ({ kind: "ledger", row }) as const));
  }

  private tellOrder(order: VenueOrder): void {
    this.tell(...this.orderEvent(order));
  }

  private orderEvent(order: VenueOrder | null): RefereeEvent[] {
    return order ? [{ kind: "order", order: order.row(this.isHedge) }] : [];
  }

  /** In the order in which things happened, also where a listener makes something happen. */
  private tell(...events: readonly RefereeEvent[]): void {
    this.untold.push(...events);
    if (this.isTelling) return;
    this.isTelling = true;
    try {
      for (let event = this.untold.shift(); event; event = this.untold.shift()) this.options.onEvent(event);
    } finally {
      this.isTelling = false;
    }
  }

  private newMarket(spec: Instrument): Market {
    for (const step of [spec.qtyStep, spec.priceStep]) {
      if (exact(step) > 0n && fractionDigits(step) <= ORDER_DIGITS_MAX) continue;
      throw new RangeError(
        `${spec.symbol} has a step of ${step}; at most ${ORDER_DIGITS_MAX} digits are reckoned with`,
      );
    }
    const legs: readonly Leg[] = this.isHedge ? ["long", "short"] : ["net"];
    return {
      spec,
      qtyStep: exact(spec.qtyStep),
      priceStep: exact(spec.priceStep),
      legs: new Map(legs.map((leg) => [leg, new Holding(spec, leg, this.nowMs)])),
      standing: [],
      last: undefined,
    };
  }
}

/** Whether a buy brings an asset from which a fee may be taken. */
function isBought({ base, settlement }: Instrument): boolean {
  return base !== null && settlement === "cash";
}

function moneyOf({ asset, delta }: Move): Pick<LedgerRow, "asset" | "amount"> {
  return delta === 0n ? {} : { asset, amount: text(delta) };
}
