// USD-M futures on this machine: renders the neutral account in Binance's words. Stops live in the algo service, with ids of
// its own counting; whatever Binance closes by itself has an order of Binance's.
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
  type WireRequest,
} from "../../../src/conformance/index.ts";
import type { Decimal, Leg, OrderType } from "../../../src/core/index.ts";
import {
  BinanceWire,
  clientIdOf,
  error,
  id,
  isOpen,
  isStop,
  pageOf,
  type Refusals,
  type Row,
  statusWord,
} from "./binance-wire.ts";
import {
  balanceRows,
  contracts,
  fillUpdate,
  forcedRow,
  incomeRows,
  legsOf,
  orderRow,
  orderUpdate,
  positionRows,
  positionUpdate,
  sideOf,
  symbolOf,
  TYPES,
  tradeRow,
} from "./usdm-rows.ts";

const REFUSALS: Refusals = {
  unknown_instrument: [-1121, "Invalid symbol."],
  unknown_order: [-2011, "Unknown order sent."],
  order_ended: [-2011, "Unknown order sent."],
  duplicate_client_id: [-4116, "ClientOrderId is duplicated."],
  reduce_only: [-2022, "ReduceOnly Order is rejected."],
  funds: [-2019, "Margin is insufficient."],
  invalid: [-1102, "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed."],
};

export class UsdmWire extends BinanceWire {
  /** The key of the stream; a new one makes the old one deliver nothing. */
  listenKey = "CanaryListenKey0000000000000000000000000000000000000000000000001";
  isKeyExpired = false;
  /** Orders that conditional ones became, by the algo's number. */
  readonly fired = new Map<string, string>();
  /** What Binance says of the account's mode. */
  isDual: boolean | undefined;
  rights: Row = { ipRestrict: true, enableReading: true, enableFutures: true, enableWithdrawals: false };

  protected override routes(): readonly Route[] {
    const get = (
      path: string,
      of: Route["of"],
      reply: Route["reply"],
      when?: (request: WireRequest) => boolean,
    ): Route => ({ of, method: "GET", path: new RegExp(path), reply, ...(when && { when }) });
    return [
      get("/fapi/v1/time", ["clock"], () => json({ serverTime: this.nowMs })),
      get("/fapi/v1/exchangeInfo", ["instruments"], (_, account) => json({ symbols: contracts(account) })),
      get("/fapi/v3/positionRisk", ["positions"], (_, account) => json(positionRows(account))),
      get("/fapi/v2/positionRisk", ["position"], ({ query }, account) =>
        json(legsOf(account).filter(({ symbol }) => symbol === query.get("symbol"))),
      ),
      get("/fapi/v3/balance", ["balances", "account"], (_, account) => json(balanceRows(account))),
      get("/fapi/v3/account", ["account"], () =>
        json({ canTrade: true, multiAssetsMargin: false, assets: [], positions: [] }),
      ),
      get("/fapi/v1/openOrders", ["orders"], (_, account) =>
        json(
          account.orders.filter((one) => isOpen(one) && !isStop(one)).map((one) => orderRow(one, account)),
        ),
      ),
      get("/fapi/v1/openAlgoOrders", ["orders"], (_, account) =>
        json(
          account.orders
            .filter((one) => isOpen(one) && isStop(one) && !this.fired.has(one.venueOrderId))
            .map((one) => this.algoRow(one, account)),
        ),
      ),
      get("/fapi/v1/order", ["order"], ({ query }, account) => this.orderReply(query, account)),
      get("/fapi/v1/algoOrder", ["order"], ({ query }, account) => this.algoReply(query, account)),
      get("/fapi/v1/userTrades", ["fills"], ({ query }, account, page) => {
        // Without a time the last seven days alone are told, by id too.
        const sinceMs = query.has("startTime") ? 0 : this.nowMs - 7 * 24 * 3_600_000;
        const fills = account.fills.filter(
          (one) => symbolOf(account, one.instrument) === query.get("symbol") && one.timestamp >= sinceMs,
        );
        const of = { id: (one: ModelFill) => Number(one.tradeId), ms: (one: ModelFill) => one.timestamp };
        return json(
          pageOf(fills, of, query, page(query.get("limit"), 1_000, 500)).map((one) => tradeRow(one, account)),
        );
      }),
      get("/fapi/v1/allOrders", ["fills"], ({ query }, account, page) => {
        const rows = account.orders
          .filter((one) => symbolOf(account, one.instrument) === query.get("symbol") && !isStop(one))
          .filter(({ venueOrderId }) => Number(venueOrderId) >= Number(query.get("orderId") ?? 0));
        return json(rows.slice(0, page(query.get("limit"), 1_000, 500)).map((one) => orderRow(one, account)));
      }),
      get("/fapi/v1/forceOrders", ["fills"], ({ query }, account) =>
        json(
          account.fills
            .filter((one) => one.cause !== null && symbolOf(account, one.instrument) === query.get("symbol"))
            .map((one) => forcedRow(one, account)),
        ),
      ),
      get("/fapi/v1/income", ["ledger"], ({ query }, account, page) => {
        const size = page(query.get("limit"), 1_000, 100);
        const from = Number(query.get("startTime"));
        const to = Number(query.get("endTime"));
        const rows = incomeRows(account).filter(({ time }) => Number(time) >= from && Number(time) <= to);
        const start = (Number(query.get("page") ?? 1) - 1) * size;
        return json(rows.slice(start, start + size));
      }),
      get("/fapi/v1/positionSide/dual", ["account"], () =>
        json({ dualSidePosition: this.isDual ?? this.model.positionMode === "hedge" }),
      ),
      get("/sapi/v1/account/apiRestrictions", ["account"], () => json(this.rights)),
      ...(["POST", "PUT"] as const).map(
        (method): Route => ({
          of: ["key"],
          method,
          path: /\/fapi\/v1\/listenKey/,
          reply: () =>
            method === "PUT" && this.isKeyExpired
              ? error(-1125, `This listenKey does not exist: ${this.listenKey}`)
              : json({ listenKey: this.newKey() }),
        }),
      ),
      {
        of: ["submit"],
        method: "POST",
        path: /\/fapi\/v1\/(?:order|algoOrder)/,
        reply: ({ query }) => this.submit(query),
      },
      {
        of: ["cancel"],
        method: "POST",
        path: /\/fapi\/v1\/countdownCancelAll/,
        reply: ({ query }) => this.countDown(query),
      },
      { of: ["amend"], method: "PUT", path: /\/fapi\/v1\/order/, reply: ({ query }) => this.amend(query) },
      {
        of: ["cancel"],
        method: "DELETE",
        path: /\/fapi\/v1\/(allOpenOrders|algoOpenOrders)/,
        reply: (request) => this.cancelAll(request),
      },
      {
        of: ["cancel"],
        method: "DELETE",
        path: /\/fapi\/v1\/(order|algoOrder)/,
        reply: (request) => this.cancel(request),
      },
    ];
  }

  private newKey(): string {
    this.isKeyExpired = false;
    return this.listenKey;
  }

  /** Of the matching engine alone; what a conditional order became is an order there. */
  private orderReply(query: URLSearchParams, account: AccountView): WireReply {
    const order = account.orders
      .filter((one) => symbolOf(account, one.instrument) === query.get("symbol") && !isStop(one))
      .find((one) =>
        query.has("orderId")
          ? one.venueOrderId === query.get("orderId")
          : one.clientOrderId === query.get("origClientOrderId"),
      );
    return order ? json(orderRow(order, account)) : error(-2013, "Order does not exist.");
  }

  private algoReply(query: URLSearchParams, account: AccountView): WireReply {
    const order = account.orders.find(
      (one) =>
        isStop(one) &&
        (one.venueOrderId === query.get("algoId") ||
          (query.has("clientAlgoId") && one.clientOrderId === query.get("clientAlgoId"))),
    );
    return order ? json(this.algoRow(order, account)) : error(-2013, "Order does not exist.");
  }

  private submit(query: URLSearchParams): WireReply {
    const instrument = this.model.instruments.find(({ venueSymbol }) => venueSymbol === query.get("symbol"));
    const word = query.get("type");
    const type = (Object.keys(TYPES) as OrderType[]).find((one) => TYPES[one] === word) ?? "limit";
    const text = (name: string) => (query.get(name) as Decimal | null) ?? null;
    const answer = this.model.place({
      instrument: instrument?.instrument.symbol ?? "",
      clientOrderId: query.get("newClientOrderId") ?? query.get("clientAlgoId"),
      ...(query.has("positionSide") && { leg: query.get("positionSide")?.toLowerCase() as Leg }),
      side: query.get("side") === "BUY" ? "buy" : "sell",
      type,
      qty: text("quantity"),
      price: text("price"),
      triggerPrice: text("triggerPrice"),
      // In hedge mode an order that closes a leg cannot open the other.
      reduceOnly: query.get("reduceOnly") === "true" || closes(query),
    });
    return this.answerOf(answer);
  }

  private amend(query: URLSearchParams): WireReply {
    const name = { venueOrderId: query.get("orderId") };
    const change = { qty: query.get("quantity") as Decimal, price: query.get("price") as Decimal };
    return this.answerOf(this.model.amend(name, change));
  }

  private cancel({ caught: [service], query }: WireRequest): WireReply {
    const named = this.model.find({
      venueOrderId: query.get("orderId") ?? query.get("algoId"),
      clientOrderId: query.get("origClientOrderId") ?? query.get("clientAlgoId"),
    });
    const isAlgo = service === "algoOrder";
    if (!named || isStop(named) !== isAlgo) return refusal("unknown_order");
    const answer = this.model.cancel({ venueOrderId: named.venueOrderId });
    if (answer.kind === "refused") return refusal(answer.why);
    if (!isAlgo) return this.answerOf(answer);
    const clientAlgoId = clientIdOf(answer.order);
    return json({ algoId: id(answer.order.venueOrderId), clientAlgoId, code: "200", msg: "success" });
  }

  private countDown(query: URLSearchParams): WireReply {
    const [symbol, countdownTime] = [query.get("symbol"), query.get("countdownTime")];
    const of = this.model.instruments.find(({ venueSymbol }) => venueSymbol === symbol);
    if (!of) return error(-1121, "Invalid symbol.");
    this.model.setSwitch(of.instrument.symbol, Number(countdownTime));
    return json({ symbol, countdownTime });
  }

  private cancelAll({ caught: [service], query }: WireRequest): WireReply {
    const isAlgo = service === "algoOpenOrders";
    const own = this.model.orders.filter(
      (one) => symbolOf(this.model, one.instrument) === query.get("symbol") && isStop(one) === isAlgo,
    );
    for (const { venueOrderId } of own) this.model.cancel({ venueOrderId });
    return json({ code: 200, msg: "The operation of cancel all open order is done." });
  }

  private answerOf(answer: ModelAnswer): WireReply {
    if (answer.kind === "refused") return refusal(answer.why);
    const { order } = answer;
    return json(isStop(order) ? this.algoRow(order, this.model) : orderRow(order, this.model));
  }

  private algoRow(order: ModelOrder, account: AccountView): Row {
    const fired = this.fired.get(order.venueOrderId);
    return {
      algoId: id(order.venueOrderId),
      clientAlgoId: clientIdOf(order),
      algoType: "CONDITIONAL",
      orderType: TYPES[order.type],
      symbol: symbolOf(account, order.instrument),
      side: order.side.toUpperCase(),
      positionSide: sideOf(order.leg),
      timeInForce: "GTC",
      quantity: order.qty,
      algoStatus: fired === undefined ? statusWord(order) : "FINISHED",
      actualOrderId: fired ?? "",
      triggerPrice: order.triggerPrice,
      price: order.price ?? "0",
      closePosition: false,
      reduceOnly: order.reduceOnly,
      createTime: order.createdAt,
      updateTime: order.updatedAt,
      triggerTime: 0,
    };
  }

  protected override connected(client: WireClient): void {
    const key = client.query.get("listenKey");
    client.isSubscribed = client.path === "/private/ws" && key === this.listenKey;
  }

  override expiryFrames(): readonly string[] {
    return [JSON.stringify({ e: "listenKeyExpired", E: this.nowMs, listenKey: this.listenKey })];
  }

  protected override framesOf(event: ModelEvent): readonly string[] {
    const message = this.messageOf(event);
    return message ? [JSON.stringify({ ...message, E: this.nowMs, T: this.nowMs })] : [];
  }

  private messageOf(event: ModelEvent): Row | undefined {
    const account = this.model;
    switch (event.kind) {
      case "order": {
        if (isStop(event.order)) return { e: "ALGO_UPDATE", o: this.algoUpdate(event.order) };
        const words = {
          placed: "NEW",
          canceled: "CANCELED",
          expired: "EXPIRED",
          amended: "AMENDMENT",
          replaced: "NEW",
        };
        return {
          e: "ORDER_TRADE_UPDATE",
          o: { ...orderUpdate(event.order, account), x: words[event.because], l: "0", t: 0 },
        };
      }
      case "fill":
        return { e: "ORDER_TRADE_UPDATE", o: fillUpdate(event.fill, event.order, account) };
      case "position":
        return {
          e: "ACCOUNT_UPDATE",
          a: { m: "ORDER", B: [], P: [positionUpdate(event.position, account)] },
        };
      case "balance": {
        const { asset, total } = event.balance;
        const reasons: Readonly<Record<string, string>> = { funding: "FUNDING_FEE", transfer: "DEPOSIT" };
        const m = reasons[event.cause ?? ""] ?? "ORDER";
        return { e: "ACCOUNT_UPDATE", a: { m, B: [{ a: asset, wb: total, cw: total, bc: "0" }], P: [] } };
      }
      default:
        return undefined;
    }
  }

  private algoUpdate(order: ModelOrder): Row {
    return {
      caid: clientIdOf(order),
      aid: id(order.venueOrderId),
      at: "CONDITIONAL",
      o: TYPES[order.type],
      s: symbolOf(this.model, order.instrument),
      S: order.side.toUpperCase(),
      ps: sideOf(order.leg),
      f: "GTC",
      q: order.qty,
      X: this.fired.has(order.venueOrderId) ? "TRIGGERED" : statusWord(order),
      ai: this.fired.get(order.venueOrderId) ?? "",
      tp: order.triggerPrice,
      p: order.price ?? "0",
      cp: false,
      R: order.reduceOnly,
    };
  }
}

function closes(query: URLSearchParams): boolean {
  const wanted = `${query.get("positionSide")} ${query.get("side")}`;
  return wanted === "LONG SELL" || wanted === "SHORT BUY";
}

function refusal(why: Refusal): WireReply {
  const [code, msg] = REFUSALS[why];
  return error(code, msg);
}
