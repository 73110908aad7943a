// Rows of USD-M futures in Binance's words, made of the neutral account: positions, orders, trades, income, and what messages
// of the stream have of them.
import type { AccountView, ModelFill, ModelOrder, ModelPosition } from "../../../src/conformance/index.ts";
import type { Decimal, Leg, OrderType } from "../../../src/core/index.ts";
import { clientIdOf, id, isOpen, type Row, statusWord } from "./binance-wire.ts";

export const TYPES: Readonly<Record<OrderType, string>> = {
  market: "MARKET",
  limit: "LIMIT",
  stop: "STOP_MARKET",
  stop_limit: "STOP",
};

const FORCED: Readonly<Record<string, string>> = { liquidation: "autoclose-", adl: "adl_autoclose" };
const INCOME: Readonly<Record<string, string>> = {
  funding: "FUNDING_FEE",
  transfer: "TRANSFER",
  fee: "COMMISSION_REBATE",
};

export function symbolOf(account: AccountView, instrument: string): string {
  return account.instruments.find((one) => one.instrument.symbol === instrument)?.venueSymbol ?? instrument;
}

export function sideOf(leg: Leg): string {
  return leg === "net" ? "BOTH" : leg.toUpperCase();
}

export function contracts({ instruments }: AccountView): readonly Row[] {
  return instruments.map(({ instrument, venueSymbol }) => ({
    symbol: venueSymbol,
    baseAsset: venueSymbol.replace(/USDT$|USDC$/, ""),
    quoteAsset: instrument.quote,
    marginAsset: instrument.quote,
    filters: [
      { filterType: "PRICE_FILTER", tickSize: instrument.priceStep },
      { filterType: "LOT_SIZE", stepSize: instrument.qtyStep },
    ],
  }));
}

/** Every leg of every symbol, also those of zero. */
export function legsOf(account: AccountView): readonly Row[] {
  const legs: readonly Leg[] = account.positionMode === "hedge" ? ["long", "short"] : ["net"];
  return account.instruments.flatMap(({ instrument }) =>
    legs.map((leg) => {
      const held = account.positions.find((one) => one.instrument === instrument.symbol && one.leg === leg);
      return positionRow(
        held ?? { instrument: instrument.symbol, leg, qty: "0" as Decimal, entryPrice: null, updatedAt: 0 },
        account,
      );
    }),
  );
}

/** Only symbols with a position or an open order; those have all their legs. */
export function positionRows(account: AccountView): readonly Row[] {
  const listed = new Set(
    [...account.positions, ...account.orders.filter(isOpen)].map(({ instrument }) =>
      symbolOf(account, instrument),
    ),
  );
  return legsOf(account).filter(({ symbol }) => listed.has(String(symbol)));
}

export function positionRow(
  { instrument, leg, qty, entryPrice, updatedAt }: ModelPosition,
  account: AccountView,
): Row {
  return {
    symbol: symbolOf(account, instrument),
    positionSide: sideOf(leg),
    positionAmt: qty,
    entryPrice: entryPrice ?? "0.0",
    markPrice: account.prices[instrument],
    unRealizedProfit: "0",
    notional: "0",
    marginAsset: "USDT",
    updateTime: updatedAt,
  };
}

export function balanceRows(account: AccountView): readonly Row[] {
  return account.balances.map(({ asset, total }) => ({
    accountAlias: account.accountId,
    asset,
    balance: total,
    availableBalance: total,
    updateTime: 0,
  }));
}

export function orderRow(order: ModelOrder, account: AccountView): Row {
  return {
    orderId: id(order.venueOrderId),
    symbol: symbolOf(account, order.instrument),
    status: statusWord(order),
    clientOrderId: clientIdOf(order),
    price: order.price ?? "0",
    avgPrice: order.avgPrice ?? "0.00000",
    origQty: order.qty ?? "0",
    executedQty: order.filledQty,
    timeInForce: order.timeInForce.toUpperCase(),
    type: TYPES[order.type],
    origType: TYPES[order.type],
    reduceOnly: order.reduceOnly,
    closePosition: false,
    side: order.side.toUpperCase(),
    positionSide: sideOf(order.leg),
    stopPrice: "0",
    time: order.createdAt,
    updateTime: order.updatedAt,
  };
}

/** Orders by which Binance closes positions count from far above. */
export function orderIdOf({ venueOrderId, tradeId }: ModelFill): string {
  return venueOrderId ?? `900${tradeId}`;
}

export function forcedRow(fill: ModelFill, account: AccountView): Row {
  return {
    orderId: id(orderIdOf(fill)),
    symbol: symbolOf(account, fill.instrument),
    status: "FILLED",
    clientOrderId: forcedClientId(fill),
    price: fill.price,
    avgPrice: fill.price,
    origQty: fill.qty,
    executedQty: fill.qty,
    type: "LIMIT",
    side: fill.side.toUpperCase(),
    positionSide: sideOf(fill.leg),
    time: fill.timestamp,
    updateTime: fill.timestamp,
  };
}

export function forcedClientId({ cause, timestamp }: ModelFill): string {
  const prefix = FORCED[cause ?? ""] ?? "autoclose-";
  return prefix.endsWith("-") ? `${prefix}${timestamp}` : prefix;
}

export function tradeRow(fill: ModelFill, account: AccountView): Row {
  return {
    symbol: symbolOf(account, fill.instrument),
    id: id(fill.tradeId),
    orderId: id(orderIdOf(fill)),
    side: fill.side.toUpperCase(),
    price: fill.price,
    qty: fill.qty,
    realizedPnl: "0",
    quoteQty: "0",
    commission: fill.fee,
    commissionAsset: fill.feeCurrency ?? "USDT",
    time: fill.timestamp,
    positionSide: sideOf(fill.leg),
    buyer: fill.side === "buy",
    maker: false,
  };
}

export function incomeRows(account: AccountView): readonly Row[] {
  const ofTrades = account.fills.map((fill) => ({
    symbol: symbolOf(account, fill.instrument),
    incomeType: "COMMISSION",
    income: `-${fill.fee}`.replace("--", ""),
    asset: fill.feeCurrency ?? "USDT",
    info: "COMMISSION",
    time: fill.timestamp,
    tranId: id(fill.tradeId),
    tradeId: fill.tradeId,
  }));
  const entries = account.ledger.map((entry) => ({
    symbol: entry.instrument === null ? "" : symbolOf(account, entry.instrument),
    incomeType: INCOME[entry.cause] ?? "TRANSFER",
    income: entry.amount,
    asset: entry.asset,
    info: "",
    time: entry.timestamp,
    tranId: id(entry.id),
    tradeId: "",
  }));
  return [...ofTrades, ...entries].sort((a, b) => a.time - b.time);
}

export function orderUpdate(order: ModelOrder, account: AccountView): Row {
  return {
    s: symbolOf(account, order.instrument),
    c: clientIdOf(order),
    S: order.side.toUpperCase(),
    o: TYPES[order.type],
    f: order.timeInForce.toUpperCase(),
    q: order.qty ?? "0",
    p: order.price ?? "0",
    ap: order.avgPrice ?? "0",
    sp: "0",
    X: statusWord(order),
    i: id(order.venueOrderId),
    z: order.filledQty,
    R: order.reduceOnly,
    ps: sideOf(order.leg),
  };
}

export function fillUpdate(fill: ModelFill, order: ModelOrder | null, account: AccountView): Row {
  const { symbol, ...forced } = forcedRow(fill, account);
  const base = order
    ? orderUpdate(order, account)
    : {
        s: symbol,
        c: forced.clientOrderId,
        S: forced.side,
        o: "LIMIT",
        q: fill.qty,
        p: fill.price,
        X: "FILLED",
        i: forced.orderId,
        z: fill.qty,
        R: false,
        ps: sideOf(fill.leg),
      };
  return {
    ...base,
    x: order === null && fill.cause === "liquidation" ? "CALCULATED" : "TRADE",
    l: fill.qty,
    L: fill.price,
    n: fill.fee,
    N: fill.feeCurrency ?? "USDT",
    T: fill.timestamp,
    t: id(fill.tradeId),
  };
}

export function positionUpdate(
  { instrument, leg, qty, entryPrice }: ModelPosition,
  account: AccountView,
): Row {
  return { s: symbolOf(account, instrument), pa: qty, ep: entryPrice ?? "0", mt: "cross", ps: sideOf(leg) };
}
