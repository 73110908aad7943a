// Spot on this machine: renders the neutral account in Binance's words. Coins are balances; the stream is the WebSocket API.
import {
  type AccountView,
  json,
  type ModelAnswer,
  type ModelEvent,
  type ModelFill,
  type ModelOrder,
  type Refusal,
  type Route,
  type WireClient,
  type WireReply,
} from "../../../src/conformance/index.ts";
import type { Decimal, OrderType } from "../../../src/core/index.ts";
import { multiply } from "../../../src/core/index.ts";
import {
  BinanceWire,
  clientIdOf,
  error,
  hmac,
  id,
  isOpen,
  pageOf,
  type Refusals,
  type Row,
  statusWord,
} from "./binance-wire.ts";
import { symbolOf } from "./usdm-rows.ts";
import { type WalletRows, walletRoutes } from "./wallet-rows.ts";

const REFUSALS: Refusals = {
  unknown_instrument: [-1121, "Invalid symbol."],
  unknown_order: [-2011, "Unknown order sent."],
  order_ended: [-2011, "Unknown order sent."],
  duplicate_client_id: [-2010, "Duplicate order sent."],
  reduce_only: [-2010, "Account has insufficient balance for requested action."],
  funds: [-2010, "Account has insufficient balance for requested action."],
  invalid: [-1102, "A mandatory parameter was not sent, was empty/null, or malformed."],
};

const TYPES: Readonly<Record<OrderType, string>> = {
  market: "MARKET",
  limit: "LIMIT",
  stop: "STOP_LOSS",
  stop_limit: "STOP_LOSS_LIMIT",
};

/** Coins that nobody holds, as every account lists them. */
const EMPTY = ["LTC", "NEO", "QTUM"];

export class SpotWire extends BinanceWire {
  /** Rows of the lists of the wallet besides those of the account's ledger, and lists that the key may not read. */
  readonly wallet: WalletRows = {
    deposits: [],
    withdrawals: [],
    transfers: [],
    dividends: [],
    dust: [],
    forbidden: [],
  };
  /** Whether the server still has the subscription that it acknowledged. */
  hasSubscription = true;
  rights: Row = {
    ipRestrict: true,
    enableReading: true,
    enableSpotAndMarginTrading: true,
    enableWithdrawals: false,
  };

  protected override routes(): readonly Route[] {
    const get = (path: string, of: Route["of"], reply: Route["reply"]): Route => ({
      of,
      method: "GET",
      path: new RegExp(path),
      reply,
    });
    const mine = (account: AccountView, query: URLSearchParams) => (one: { readonly instrument: string }) =>
      symbolOf(account, one.instrument) === query.get("symbol");
    return [
      get("/api/v3/time", ["clock"], () => json({ serverTime: this.nowMs })),
      get("/api/v3/exchangeInfo", ["instruments"], (_, account) => json({ symbols: pairs(account) })),
      get("/api/v3/account", ["account", "balances", "positions"], (_, account) => json(accountRow(account))),
      get("/api/v3/openOrders", ["orders"], (_, account) =>
        json(account.orders.filter(isOpen).map((one) => orderRow(one, account))),
      ),
      get("/api/v3/order", ["order"], ({ query }, account) => {
        const order = account.orders
          .filter(mine(account, query))
          .find(({ venueOrderId, clientOrderId }) =>
            query.has("orderId")
              ? venueOrderId === query.get("orderId")
              : clientOrderId === query.get("origClientOrderId"),
          );
        return order ? json(orderRow(order, account)) : error(-2013, "Order does not exist.");
      }),
      get("/api/v3/myTrades", ["fills"], ({ query }, account, page) => {
        const of = { id: (one: ModelFill) => Number(one.tradeId), ms: (one: ModelFill) => one.timestamp };
        const fills = account.fills.filter(mine(account, query));
        return json(
          pageOf(fills, of, query, page(query.get("limit"), 1_000, 500)).map((one) => tradeRow(one, account)),
        );
      }),
      get("/api/v3/allOrders", ["fills"], ({ query }, account, page) =>
        json(
          account.orders
            .filter(mine(account, query))
            .filter(({ venueOrderId }) => Number(venueOrderId) >= Number(query.get("orderId") ?? 0))
            .slice(0, page(query.get("limit"), 1_000, 500))
            .map((one) => orderRow(one, account)),
        ),
      ),
      ...walletRoutes(this.wallet),
      get("/sapi/v1/account/apiRestrictions", ["account"], () => json(this.rights)),
      { of: ["submit"], method: "POST", path: /\/api\/v3\/order/, reply: ({ query }) => this.submit(query) },
      {
        of: ["cancel"],
        method: "DELETE",
        path: /\/api\/v3\/openOrders/,
        reply: ({ query }) => {
          const of = this.model.instruments.find(({ venueSymbol }) => venueSymbol === query.get("symbol"));
          const gone = this.model.cancelAll(of?.instrument.symbol ?? "");
          return gone.length > 0
            ? json(gone.map((one) => orderRow(one, this.model)))
            : error(-2011, "Unknown order sent.");
        },
      },
      {
        of: ["cancel"],
        method: "DELETE",
        path: /\/api\/v3\/order/,
        reply: ({ query }) => {
          const name = { venueOrderId: query.get("orderId"), clientOrderId: query.get("origClientOrderId") };
          const answer = this.model.cancel(name);
          if (answer.kind === "refused") return refusal(answer.why);
          const row = orderRow(answer.order, this.model);
          return json({
            ...row,
            origClientOrderId: row.clientOrderId,
            clientOrderId: "cancel-of-it",
            transactTime: this.nowMs,
          });
        },
      },
    ];
  }

  private submit(query: URLSearchParams): WireReply {
    const instrument = this.model.instruments.find(({ venueSymbol }) => venueSymbol === query.get("symbol"));
    const type =
      (Object.keys(TYPES) as OrderType[]).find((one) => TYPES[one] === query.get("type")) ?? "limit";
    const text = (name: string) => (query.get(name) as Decimal | null) ?? null;
    const answer = this.model.place({
      instrument: instrument?.instrument.symbol ?? "",
      clientOrderId: query.get("newClientOrderId"),
      side: query.get("side") === "BUY" ? "buy" : "sell",
      type,
      qty: text("quantity"),
      notional: text("quoteOrderQty"),
      price: text("price"),
      triggerPrice: text("stopPrice"),
    });
    return this.answerOf(answer);
  }

  private answerOf(answer: ModelAnswer): WireReply {
    return answer.kind === "refused" ? refusal(answer.why) : json(orderRow(answer.order, this.model));
  }

  protected override said(client: WireClient, text: string): void {
    const message = JSON.parse(text) as { id: string; method: string; params: Row };
    if (message.method === "session.subscriptions") {
      const result = this.hasSubscription && client.isSubscribed ? [{ subscriptionId: 0 }] : [];
      client.answer(JSON.stringify({ id: message.id, status: 200, result }));
      return;
    }
    const { signature, ...params } = message.params;
    const signed = Object.keys(params)
      .sort()
      .map((name) => `${name}=${String(params[name])}`)
      .join("&");
    const isOurs =
      params.apiKey === this.keys.keyId &&
      signature === hmac(signed, this.keys.secret ?? "") &&
      !this.stream.isUnauthorized;
    if (!isOurs) {
      const refused = { code: -2015, msg: "Invalid API-key, IP, or permissions for action." };
      client.answer(JSON.stringify({ id: message.id, status: 401, error: refused }));
      return;
    }
    client.act(() => {
      client.isSubscribed = true;
    });
    client.answer(JSON.stringify({ id: message.id, status: 200, result: { subscriptionId: 0 } }));
  }

  override expiryFrames(): readonly string[] {
    return [JSON.stringify({ subscriptionId: 0, event: { e: "eventStreamTerminated", E: this.nowMs } })];
  }

  protected override framesOf(event: ModelEvent): readonly string[] {
    const told = this.eventOf(event);
    return told ? [JSON.stringify({ subscriptionId: 0, event: { ...told, E: this.nowMs } })] : [];
  }

  private eventOf(event: ModelEvent): Row | undefined {
    switch (event.kind) {
      case "order": {
        const words = {
          placed: "NEW",
          canceled: "CANCELED",
          expired: "EXPIRED",
          amended: "REPLACED",
          replaced: "REPLACED",
        };
        const report = reportOf(event.order, this.model);
        const isCancel = event.because === "canceled";
        // While it is cancelled, `c` is the cancel's own id.
        const ids = isCancel ? { c: "cancel-of-it", C: report.c } : { C: "" };
        return { ...report, ...ids, x: words[event.because], l: "0", t: -1, T: this.nowMs };
      }
      case "fill": {
        if (event.order === null) return undefined;
        const { fill } = event;
        return {
          ...reportOf(event.order, this.model),
          C: "",
          x: "TRADE",
          l: fill.qty,
          L: fill.price,
          n: fill.fee,
          N: fill.feeCurrency,
          T: fill.timestamp,
          t: id(fill.tradeId),
        };
      }
      case "position":
        return { e: "outboundAccountPosition", u: this.nowMs, B: balances(this.model) };
      default:
        return undefined;
    }
  }
}

function refusal(why: Refusal): WireReply {
  const [code, msg] = REFUSALS[why];
  return error(code, msg);
}

function pairs({ instruments }: AccountView): readonly Row[] {
  return instruments.map(({ instrument, venueSymbol }) => ({
    symbol: venueSymbol,
    baseAsset: instrument.base,
    quoteAsset: instrument.quote,
    filters: [
      { filterType: "PRICE_FILTER", tickSize: instrument.priceStep },
      { filterType: "LOT_SIZE", stepSize: instrument.qtyStep },
    ],
  }));
}

function balances(account: AccountView): readonly Row[] {
  return account.balances.map(({ asset, total }) => ({ a: asset, f: total, l: "0.00000000" }));
}

function accountRow(account: AccountView): Row {
  const held = account.balances.map(({ asset, total }) => ({ asset, free: total, locked: "0.00000000" }));
  const empty = EMPTY.map((asset) => ({ asset, free: "0.00000000", locked: "0.00000000" }));
  return { accountType: "SPOT", canTrade: true, uid: id(account.accountId), balances: [...held, ...empty] };
}

function orderRow(order: ModelOrder, account: AccountView): Row {
  return {
    symbol: symbolOf(account, order.instrument),
    orderId: id(order.venueOrderId),
    orderListId: -1,
    clientOrderId: clientIdOf(order),
    price: order.price ?? "0.00000000",
    origQty: order.qty ?? order.filledQty,
    executedQty: order.filledQty,
    cummulativeQuoteQty: sumOf(order),
    origQuoteOrderQty: order.notional ?? "0.000000",
    status: statusWord(order),
    timeInForce: "GTC",
    type: TYPES[order.type],
    side: order.side.toUpperCase(),
    stopPrice: order.triggerPrice ?? "0.00000000",
    time: order.createdAt,
    updateTime: order.updatedAt,
    isWorking: true,
  };
}

function sumOf({ avgPrice, filledQty }: ModelOrder): Decimal {
  return avgPrice === null ? ("0.0" as Decimal) : multiply(avgPrice, filledQty);
}

function tradeRow(fill: ModelFill, account: AccountView): Row {
  return {
    symbol: symbolOf(account, fill.instrument),
    id: id(fill.tradeId),
    orderId: id(fill.venueOrderId ?? "1"),
    orderListId: -1,
    price: fill.price,
    qty: fill.qty,
    quoteQty: "0",
    commission: fill.fee,
    commissionAsset: fill.feeCurrency ?? "USDT",
    time: fill.timestamp,
    isBuyer: fill.side === "buy",
    isMaker: false,
    isBestMatch: true,
  };
}

function reportOf(order: ModelOrder, account: AccountView): Row {
  return {
    e: "executionReport",
    s: symbolOf(account, order.instrument),
    c: clientIdOf(order),
    S: order.side.toUpperCase(),
    o: TYPES[order.type],
    f: "GTC",
    q: order.qty ?? order.filledQty,
    p: order.price ?? "0.00000000",
    P: order.triggerPrice ?? "0.00000000",
    X: statusWord(order),
    i: id(order.venueOrderId),
    z: order.filledQty,
    Z: sumOf(order),
    Q: order.notional ?? "0.00000000",
    O: order.createdAt,
  };
}
