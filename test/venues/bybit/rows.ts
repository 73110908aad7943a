// Rows in Bybit's shape, as the local Bybit keeps and sends them. Shapes are retyped from
// https://bybit-exchange.github.io/docs/v5 (position, order/open-order, order/execution, account/transaction-log,
// account/wallet-balance, market/instrument; read 2026-11); ids and numbers are invented.
import type { Category } from "../../../src/venues/bybit/index.ts";

export type Row = Readonly<Record<string, unknown>>;

/** A row with what it is found by, which is not sent. */
export interface Kept {
  readonly category: Category | "";
  readonly settleCoin?: string;
  readonly row: Row;
}

export interface AccountState {
  instruments: Kept[];
  positions: Kept[];
  /** Open and closed; the server knows by the status which list has them. */
  orders: Kept[];
  executions: Kept[];
  log: Kept[];
  coins: Row[];
  key: Row;
  account: Row;
}

export const NOW = Date.parse("2026-04-24T15:00:00.000Z");

export function newState(stated: Partial<AccountState> = {}): AccountState {
  return {
    instruments: [
      instrument("linear", "BTCUSDT", "BTC", "USDT", "USDT"),
      instrument("linear", "ETHUSDT", "ETH", "USDT", "USDT"),
      instrument("linear", "BTCPERP", "BTC", "USDC", "USDC"),
      instrument("inverse", "BTCUSD", "BTC", "USD", "BTC"),
      pair("BTCUSDT", "BTC", "USDT"),
      pair("ETHBTC", "ETH", "BTC"),
    ],
    positions: [],
    orders: [],
    executions: [],
    log: [],
    coins: [coin("USDT", "10000")],
    key: {
      userID: 24617703,
      readOnly: 0,
      permissions: { ContractTrade: ["Order", "Position"], Spot: ["SpotTrade"], Wallet: [] },
      ips: ["192.0.2.7"],
      expiredAt: "2027-04-24T00:00:00Z",
      uta: 1,
    },
    account: { unifiedMarginStatus: 5, marginMode: "REGULAR_MARGIN" },
    ...stated,
  };
}

export function instrument(
  category: Category,
  symbol: string,
  baseCoin: string,
  quoteCoin: string,
  settleCoin: string,
): Kept {
  const contractType = category === "inverse" ? "InversePerpetual" : "LinearPerpetual";
  return {
    category,
    row: {
      ...{ symbol, contractType, status: "Trading", baseCoin, quoteCoin, settleCoin, deliveryTime: "0" },
      priceFilter: { tickSize: "0.10" },
      lotSizeFilter: { qtyStep: category === "inverse" ? "1" : "0.001", minOrderQty: "0.001" },
    },
  };
}

export function pair(symbol: string, baseCoin: string, quoteCoin: string): Kept {
  return {
    category: "spot",
    row: {
      ...{ symbol, baseCoin, quoteCoin, status: "Trading" },
      lotSizeFilter: { basePrecision: "0.000001", quotePrecision: "0.0000001" },
      priceFilter: { tickSize: "0.01" },
    },
  };
}

export function position(
  [category, settleCoin, symbol]: readonly [Category, string, string],
  side: "Buy" | "Sell" | "",
  size: string,
  more: Row = {},
): Kept {
  return {
    category,
    settleCoin,
    row: {
      ...{ positionIdx: 0, riskId: 1, symbol, side, size },
      ...{ avgPrice: size === "0" ? "" : "60000.5", markPrice: "61000", leverage: "10" },
      ...{ positionStatus: "Normal", tpslMode: "Full", takeProfit: "", stopLoss: "" },
      ...{ seq: 8327597863, createdTime: String(NOW - 86_400_000), updatedTime: String(NOW - 60_000) },
      ...more,
    },
  };
}

export function order(
  [category, settleCoin, symbol]: readonly [Category, string, string],
  more: Row = {},
): Kept {
  return {
    category,
    settleCoin,
    row: {
      ...{ orderId: "11111111-0000-4000-8000-000000000001", orderLinkId: "", symbol, side: "Buy" },
      ...{
        orderType: "Limit",
        price: "50000",
        qty: "0.01",
        leavesQty: "0.01",
        cumExecQty: "0",
        avgPrice: "",
      },
      ...{ orderStatus: "New", timeInForce: "GTC", positionIdx: 0, stopOrderType: "", triggerPrice: "" },
      ...{ reduceOnly: false, closeOnTrigger: false, createType: "CreateByUser", cancelType: "UNKNOWN" },
      ...{ createdTime: String(NOW - 120_000), updatedTime: String(NOW - 120_000) },
      ...more,
    },
  };
}

export function execution(
  [category, settleCoin, symbol]: readonly [Category, string, string],
  execId: string,
  more: Row = {},
): Kept {
  return {
    category,
    settleCoin,
    row: {
      ...{ symbol, orderId: "11111111-0000-4000-8000-000000000001", orderLinkId: "", side: "Buy" },
      ...{
        orderType: "Limit",
        orderPrice: "60000",
        orderQty: "0.01",
        leavesQty: "0",
        stopOrderType: "UNKNOWN",
      },
      ...{
        execId,
        execType: "Trade",
        execPrice: "60000",
        execQty: "0.01",
        execValue: "600",
        execFee: "0.33",
      },
      ...{
        execTime: String(NOW - 60_000),
        isMaker: false,
        feeRate: "0.00055",
        feeCurrency: "",
        extraFees: "",
      },
      ...{ closedSize: "0", createType: "CreateByUser", seq: 8327597863 },
      ...more,
    },
  };
}

export function logRow(category: Category | "", type: string, more: Row = {}): Kept {
  return {
    category,
    row: {
      ...{ id: "24617703_BTCUSDT_1", symbol: "BTCUSDT", category, type, transSubType: "", side: "Buy" },
      ...{ currency: "USDT", qty: "0.01", size: "0.01", tradePrice: "60000", funding: "", fee: "0" },
      ...{ cashFlow: "0", change: "0", cashBalance: "10000", tradeId: "", orderId: "", orderLinkId: "" },
      ...{ transactionTime: String(NOW - 60_000), feeRate: "", bonusChange: "", extraFees: "" },
      ...more,
    },
  };
}

export function coin(name: string, walletBalance: string, more: Row = {}): Row {
  return {
    ...{ coin: name, walletBalance, equity: walletBalance, usdValue: "0", locked: "0", borrowAmount: "0" },
    ...{ spotBorrow: "0", totalOrderIM: "0", totalPositionIM: "0", totalPositionMM: "0", bonus: "0" },
    ...more,
  };
}
