// The conformance benches of Bybit: a server that renders the neutral account in Bybit's words, over HTTP and on the
// private stream. One for each kind of account that is another world: contracts in one leg and in two, inverse, spot.
import { createHmac } from "node:crypto";
import {
  type AccountModel,
  type AccountView,
  type Bench,
  type InstrumentKind,
  json,
  type ModelAnswer,
  type ModelEntry,
  type ModelEvent,
  type ModelFill,
  type ModelInstrument,
  type ModelOrder,
  type ModelPosition,
  type PageOf,
  type Part,
  type Placement,
  type Refusal,
  type Route,
  type WireClient,
  type WireReply,
  type WireRequest,
  WireServer,
} from "../../../src/conformance/index.ts";
import { abs, type Decimal, decimal, type Leg, sign } from "../../../src/core/index.ts";
import {
  type Category,
  DECLARATION,
  openBybit,
  readPayload,
  SPOT_CAPABILITIES,
} from "../../../src/venues/bybit/index.ts";
import type { Row } from "./rows.ts";

const KEYS = { key: "CANARYKEY00000001", secret: "canary-secret-7f/3+a9" };

interface Market {
  readonly category: Category;
  readonly settle: string;
  readonly model: ModelInstrument;
}

function market(
  category: Category,
  [venueSymbol, symbol]: readonly [string, string],
  [base, quote]: readonly [string | null, string],
  terms: { price: string; lot: string; qtyStep: string; settlement: "cash" | "margin" | "none" },
): Market {
  const kinds: Readonly<Record<Category, InstrumentKind>> = {
    ...{ linear: "linear", inverse: "inverse", spot: "spot", option: "option" },
  };
  return {
    category,
    settle: quote,
    model: {
      instrument: {
        ...{ symbol, base, quote, settlement: terms.settlement, multiplier: decimal("1") },
        ...{ qtyStep: decimal(terms.qtyStep), priceStep: decimal("0.1") },
      },
      kind: kinds[category],
      venueSymbol,
      price: decimal(terms.price),
      lot: decimal(terms.lot),
    },
  };
}

const LINEAR: readonly Market[] = [
  market("linear", ["BTCUSDT", "BTC/USDT:USDT"], [null, "USDT"], {
    ...{ price: "60000", lot: "0.01", qtyStep: "0.001", settlement: "margin" },
  }),
  market("linear", ["ETHUSDT", "ETH/USDT:USDT"], [null, "USDT"], {
    ...{ price: "3000", lot: "0.1", qtyStep: "0.01", settlement: "margin" },
  }),
];
const INVERSE: readonly Market[] = [
  market("inverse", ["BTCUSD", "BTC/USD:BTC"], [null, "BTC"], {
    ...{ price: "60000", lot: "100", qtyStep: "1", settlement: "none" },
  }),
  market("inverse", ["ETHUSD", "ETH/USD:ETH"], [null, "ETH"], {
    ...{ price: "3000", lot: "100", qtyStep: "1", settlement: "none" },
  }),
];
const SPOT: readonly Market[] = [
  market("spot", ["BTCUSDT", "BTC/USDT"], ["BTC", "USDT"], {
    ...{ price: "60000", lot: "0.01", qtyStep: "0.000001", settlement: "cash" },
  }),
  market("spot", ["ETHUSDT", "ETH/USDT"], ["ETH", "USDT"], {
    ...{ price: "3000", lot: "0.1", qtyStep: "0.00001", settlement: "cash" },
  }),
];

function bench(name: string, markets: readonly Market[], more: Partial<Bench>): Bench {
  const { positionMode = "net" } = more;
  // A wallet that pays for inverse contracts holds coins; where spot is not watched they are balances alone.
  const categories = [...new Set(markets.map(({ category }) => category))];
  return {
    name,
    declaration: DECLARATION,
    positionMode: "net",
    instruments: markets.map(({ model }) => model),
    accountId: "24617703",
    balances: { USDT: decimal("1000000") },
    account: {
      feeRatio: decimal("0.00055"),
      idOf: (kind, number) => (kind === "order" ? `0000-order-${number}` : `0000-${kind}-${number}`),
    },
    keys: KEYS,
    happenings: ["liquidation", "adl", "settlement", "manual"],
    readPayload,
    server: (model) => new BybitWire(model, markets),
    open: ({ url, wsUrl, keys, fetch, clock, timers, random, openSocket }) =>
      openBybit({
        ...{ key: keys.key ?? "", secret: keys.secret ?? "", environment: "testnet", fetch, clock },
        ...{ positionMode, categories },
        ...{ baseUrl: url, wsUrl: `${wsUrl}/v5/private` },
        timing: { timeoutMs: 30_000, retries: 0 },
        stream: { timers, random, openSocket },
      }),
    ...more,
  };
}

export const BENCHES: readonly Bench[] = [
  bench("bybit linear", LINEAR, { happenings: ["liquidation", "adl", "funding", "transfer", "manual"] }),
  bench("bybit hedge", LINEAR, { positionMode: "hedge", happenings: ["liquidation", "adl", "manual"] }),
  bench("bybit inverse", INVERSE, { balances: { USDT: decimal("1000") }, happenings: ["manual"] }),
  bench("bybit spot", SPOT, {
    declaration: { ...DECLARATION, capabilities: SPOT_CAPABILITIES },
    account: {
      feeRatio: decimal("0.001"),
      idOf: (kind, number) =>
        kind === "order" ? String(1_900_000_000_000_000_000n + BigInt(number)) : `0000-${kind}-${number}`,
    },
    happenings: ["manual", "transfer"],
  }),
];

const STATUS: Readonly<Record<string, string>> = {
  ...{ open: "New", partially_filled: "PartiallyFilled", filled: "Filled", canceled: "Cancelled" },
  ...{ expired: "Cancelled", rejected: "Rejected" },
};
const INDEX: Readonly<Record<Leg, number>> = { net: 0, long: 1, short: 2 };
const OPEN = new Set(["open", "partially_filled"]);
const EXEC_TYPES: Readonly<Record<string, string>> = {
  ...{ liquidation: "BustTrade", adl: "AdlTrade", settlement: "Settle" },
};
const ENTRY_TYPES: Readonly<Record<string, string>> = { funding: "SETTLEMENT", transfer: "TRANSFER_IN" };

class BybitWire extends WireServer {
  private readonly markets: readonly Market[];

  constructor(model: AccountModel, markets: readonly Market[]) {
    super(model);
    this.markets = markets;
  }

  protected override refusalOf({ path, headers, query, body, method }: WireRequest): WireReply | undefined {
    if (path.startsWith("/v5/market/")) return undefined;
    const [key, time, window, sign] = ["api-key", "timestamp", "recv-window", "sign"].map(
      (name) => headers[`x-bapi-${name}`],
    );
    if (key !== KEYS.key) return failure(10003, "API key is invalid.");
    const given =
      method === "GET"
        ? [...query].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")
        : body;
    const expected = createHmac("sha256", KEYS.secret).update(`${time}${key}${window}${given}`).digest("hex");
    return sign === expected ? undefined : failure(10004, "error sign!");
  }

  protected override routes(): readonly Route[] {
    const get = (of: readonly Part[], path: string, reply: Route["reply"], when?: Route["when"]): Route => ({
      ...{ of, method: "GET", path: new RegExp(path.replaceAll("/", "\\/")), reply },
      ...(when && { when }),
    });
    const post = (of: Part, path: string, work: (body: Row) => ModelAnswer): Route => ({
      ...{ of: [of], method: "POST", path: new RegExp(path.replaceAll("/", "\\/")) },
      reply: ({ body }) => answerOf(work(JSON.parse(body) as Row)),
    });
    const isOne = ({ query }: WireRequest) => query.has("orderId") || query.has("orderLinkId");
    const isAll = (request: WireRequest) => !isOne(request);
    return [
      get(["clock"], "/v5/market/time", () => this.success({})),
      get(["instruments"], "/v5/market/instruments-info", ({ query }, _, page) =>
        this.list(this.listed(query), query, page, 1_000, 500),
      ),
      get(["key"], "/v5/user/query-api", (_, { accountId }) => this.success({ userID: accountId })),
      get(["account"], "/v5/account/info", () => this.success({ unifiedMarginStatus: 5 })),
      get(
        this.isSpot ? ["balances", "positions"] : ["balances"],
        "/v5/account/wallet-balance",
        (_, account) => this.wallet(account),
      ),
      get(
        ["position"],
        "/v5/position/list",
        (request, account, page) => this.position(request, account, page),
        ({ query }) => query.has("symbol"),
      ),
      get(["positions"], "/v5/position/list", ({ query }, account, page) =>
        this.list(
          account.positions
            .filter((one) => this.isIn(one.instrument, query))
            .map((one) => this.positionRow(one)),
          query,
          page,
          200,
          20,
        ),
      ),
      get(
        ["order"],
        "/v5/order/realtime",
        (request, account, page) => this.order(request, account, page, true),
        isOne,
      ),
      get(
        ["orders"],
        "/v5/order/realtime",
        ({ query }, account, page) => {
          const rows = account.orders.filter(
            ({ status, instrument }) => OPEN.has(status) && this.isIn(instrument, query),
          );
          return this.list(
            rows.map((one) => this.orderRow(one)),
            query,
            page,
            50,
            20,
          );
        },
        isAll,
      ),
      get(["order"], "/v5/order/history", (request, account, page) =>
        this.order(request, account, page, false),
      ),
      get(["fills"], "/v5/execution/list", ({ query }, account, page) => {
        const rows = account.fills.filter(
          ({ instrument, timestamp }) => this.isIn(instrument, query) && isWithin(timestamp, query),
        );
        return this.list(rows.map((one) => this.fillRow(one)).reverse(), query, page, 100, 50);
      }),
      get(["ledger"], "/v5/account/transaction-log", ({ query }, account, page) => {
        const rows = [
          ...account.fills.map((one) => this.tradeLog(one)),
          ...account.ledger.map((one) => this.entryLog(one)),
        ];
        const found = rows.filter(({ transactionTime }) => isWithin(Number(transactionTime), query));
        return this.list(found.reverse(), query, page, 50, 20);
      }),
      post("submit", "/v5/order/create", (body) => this.model.place(this.placement(body))),
      post("cancel", "/v5/order/cancel", (body) => this.model.cancel(nameOf(body))),
      {
        ...{ of: ["cancel"], method: "POST", path: /\/v5\/order\/cancel-all/ },
        reply: ({ body }) => this.cancelAll(JSON.parse(body) as Row),
      },
      post("amend", "/v5/order/amend", (body) => {
        const { qty, price, triggerPrice } = body as Partial<Record<string, Decimal>>;
        return this.model.amend(nameOf(body), {
          ...(qty !== undefined && { qty }),
          ...(price !== undefined && { price }),
          ...(triggerPrice !== undefined && { triggerPrice }),
        });
      }),
    ];
  }

  /** On spot each kind of order is asked for by itself. */
  private cancelAll({ category, symbol, orderFilter }: Row): WireReply {
    const market = this.markets.find((one) => one.category === category && one.model.venueSymbol === symbol);
    if (!market) return failure(10001, "params error: symbol invalid");
    const isOther = category === "spot" && orderFilter !== "Order";
    const gone = isOther ? [] : this.model.cancelAll(market.model.instrument.symbol);
    const list = gone.map(({ venueOrderId, clientOrderId }) => ({
      orderId: venueOrderId,
      orderLinkId: clientOrderId ?? "",
    }));
    return this.success({ list, ...(category !== "spot" && { success: "1" }) });
  }

  /** Coins are positions there, so the wallet is what positions are read from. */
  private get isSpot(): boolean {
    return this.markets.every(({ category }) => category === "spot");
  }

  private marketOf(instrument: string): Market {
    const found = this.markets.find(({ model }) => model.instrument.symbol === instrument);
    if (!found) throw new RangeError(`${instrument} is not traded here`);
    return found;
  }

  private isIn(instrument: string, query: URLSearchParams): boolean {
    const { category, settle, model } = this.marketOf(instrument);
    const [asked, coin, symbol] = ["category", "settleCoin", "symbol"].map((name) => query.get(name));
    return (
      asked === category && (coin ?? settle) === settle && (symbol ?? model.venueSymbol) === model.venueSymbol
    );
  }

  private listed(query: URLSearchParams): Row[] {
    return this.markets
      .filter(({ category }) => category === query.get("category"))
      .map(({ category, settle, model: { instrument, venueSymbol } }) => ({
        ...{
          symbol: venueSymbol,
          baseCoin: instrument.symbol.split("/")[0],
          quoteCoin: settle,
          settleCoin: settle,
        },
        ...{ contractType: "LinearPerpetual", priceFilter: { tickSize: instrument.priceStep } },
        lotSizeFilter:
          category === "spot" ? { basePrecision: instrument.qtyStep } : { qtyStep: instrument.qtyStep },
      }));
  }

  private wallet({ balances }: AccountView): WireReply {
    const coins = balances
      .filter(({ total }) => sign(total) !== 0)
      .map(({ asset, total }) => ({
        coin: asset,
        walletBalance: total,
        spotBorrow: "0",
        totalPositionIM: "0",
      }));
    return this.success({ list: [{ accountType: "UNIFIED", coin: coins }] });
  }

  private position({ query }: WireRequest, account: AccountView, page: PageOf): WireReply {
    const held = account.positions
      .filter(({ instrument }) => this.isIn(instrument, query))
      .map((one) => this.positionRow(one));
    const legs = account.positionMode === "hedge" ? [1, 2] : [0];
    const symbol = query.get("symbol");
    const flat = legs
      .filter((index) => !held.some(({ positionIdx }) => positionIdx === index))
      .map((positionIdx) => ({ positionIdx, symbol, side: "", size: "0", avgPrice: "", updatedTime: "" }));
    return this.list([...held, ...flat], query, page, 200, 20);
  }

  private positionRow({ instrument, leg, qty, entryPrice, updatedAt }: ModelPosition): Row {
    return {
      ...{ positionIdx: INDEX[leg], riskId: 1, symbol: this.marketOf(instrument).model.venueSymbol },
      ...{ side: sign(qty) === 0 ? "" : sign(qty) > 0 ? "Buy" : "Sell", size: abs(qty) },
      ...{ avgPrice: entryPrice ?? "", updatedTime: String(updatedAt), positionStatus: "Normal" },
    };
  }

  private order({ query }: WireRequest, account: AccountView, page: PageOf, isOpen: boolean): WireReply {
    const [orderId, orderLinkId] = ["orderId", "orderLinkId"].map((name) => query.get(name));
    const rows = account.orders.filter(
      (one) =>
        OPEN.has(one.status) === isOpen &&
        (orderId === null ? one.clientOrderId === orderLinkId : one.venueOrderId === orderId),
    );
    return this.list(
      rows.map((one) => this.orderRow(one)),
      query,
      page,
      50,
      20,
    );
  }

  private orderRow(order: ModelOrder): Row {
    const isStop = order.triggerPrice !== null;
    return {
      ...{ orderId: order.venueOrderId, orderLinkId: order.clientOrderId ?? "" },
      symbol: this.marketOf(order.instrument).model.venueSymbol,
      ...{ side: order.side === "buy" ? "Buy" : "Sell", positionIdx: INDEX[order.leg] },
      ...{ orderType: order.type === "market" || order.type === "stop" ? "Market" : "Limit" },
      ...{
        qty: order.qty ?? order.notional ?? "0",
        marketUnit: order.notional === null ? "baseCoin" : "quoteCoin",
      },
      ...{ cumExecQty: order.filledQty, avgPrice: order.avgPrice ?? "", price: order.price ?? "0" },
      ...{ triggerPrice: order.triggerPrice ?? "0.00", stopOrderType: isStop ? "Stop" : "UNKNOWN" },
      orderStatus: isStop && order.status === "open" ? "Untriggered" : STATUS[order.status],
      ...{ reduceOnly: order.reduceOnly, closeOnTrigger: false },
      ...{ createdTime: String(order.createdAt), updatedTime: String(order.updatedAt) },
    };
  }

  /** What closes something is what takes the leg nearer to nothing. */
  private fillRow(fill: ModelFill): Row {
    const { category, model } = this.marketOf(fill.instrument);
    const isClosing = category !== "spot" && sign(fill.positionBefore) === (fill.side === "buy" ? -1 : 1);
    return {
      ...{
        symbol: model.venueSymbol,
        orderId: fill.venueOrderId ?? "",
        orderLinkId: fill.clientOrderId ?? "",
      },
      ...{ side: fill.side === "buy" ? "Buy" : "Sell", execId: fill.tradeId, execQty: fill.qty },
      ...{ execPrice: fill.price, execFee: fill.fee, feeCurrency: fill.feeCurrency ?? "" },
      execType: EXEC_TYPES[fill.cause ?? ""] ?? "Trade",
      ...{ execTime: String(fill.timestamp), seq: fill.seq, isMaker: false, extraFees: "" },
      ...{ closedSize: isClosing ? fill.qty : "0", leavesQty: "0" },
    };
  }

  private tradeLog(fill: ModelFill): Row {
    const { category, model, settle } = this.marketOf(fill.instrument);
    return {
      ...{ id: "24617703_1", symbol: model.venueSymbol, category, type: "TRADE", currency: settle },
      ...{ transactionTime: String(fill.timestamp), tradeId: fill.tradeId, size: fill.positionAfter },
      ...{ cashFlow: "0", change: "0", fee: fill.fee, funding: "" },
    };
  }

  private entryLog(entry: ModelEntry): Row {
    const isOut = entry.cause === "transfer" && sign(entry.amount ?? decimal("0")) < 0;
    const found = entry.instrument === null ? undefined : this.marketOf(entry.instrument);
    return {
      ...{ id: "24617703_1", type: isOut ? "TRANSFER_OUT" : ENTRY_TYPES[entry.cause], tradeId: entry.id },
      ...{ symbol: found?.model.venueSymbol ?? "", category: found?.category ?? "" },
      ...{ currency: entry.asset, change: entry.amount, cashFlow: "0", funding: "", size: "" },
      transactionTime: String(entry.timestamp),
    };
  }

  private placement(body: Row): Placement {
    const found = this.markets.find(
      ({ model, category }) => model.venueSymbol === body.symbol && category === body.category,
    );
    const isMarket = body.orderType === "Market";
    const isStop = body.triggerPrice !== undefined;
    const isByValue = body.category === "spot" && isMarket && body.marketUnit !== "baseCoin";
    const leg = (Object.keys(INDEX) as Leg[]).find((one) => INDEX[one] === (body.positionIdx ?? 0)) ?? "net";
    return {
      instrument: found?.model.instrument.symbol ?? "",
      clientOrderId: String(body.orderLinkId),
      ...{ leg, side: body.side === "Buy" ? "buy" : "sell", reduceOnly: body.reduceOnly === true },
      type: isStop ? (isMarket ? "stop" : "stop_limit") : isMarket ? "market" : "limit",
      ...(isByValue ? { notional: body.qty as Decimal } : { qty: body.qty as Decimal }),
      ...{ price: (body.price as Decimal | undefined) ?? null },
      triggerPrice: (body.triggerPrice as Decimal | undefined) ?? null,
    };
  }

  private list(
    rows: readonly Row[],
    query: URLSearchParams,
    page: PageOf,
    most: number,
    unasked: number,
  ): WireReply {
    const limit = page(query.get("limit"), most, unasked);
    const at = Number((query.get("cursor") ?? "row=0").replace("row=", ""));
    const next = at + limit < rows.length ? encodeURIComponent(`row=${at + limit}`) : "";
    return this.success({
      category: query.get("category"),
      list: rows.slice(at, at + limit),
      nextPageCursor: next,
    });
  }

  private success(result: Row): WireReply {
    return json({ retCode: 0, retMsg: "OK", result, retExtInfo: {}, time: this.model.nowMs });
  }

  protected override said(client: WireClient, text: string): void {
    const { op, args, req_id } = JSON.parse(text) as { op: string; args: string[]; req_id?: string };
    const answer = (success: boolean) =>
      client.answer(JSON.stringify({ success, ret_msg: "", op, req_id, conn_id: "c" }));
    if (op === "auth") {
      const [key, expires, signature] = args;
      const expected = createHmac("sha256", KEYS.secret).update(`GET/realtime${expires}`).digest("hex");
      answer(key === KEYS.key && signature === expected && !this.stream.isUnauthorized);
    } else if (op === "subscribe") {
      client.act(() => {
        const topics = new Set([...((client.notes.get("topics") as Set<string>) ?? []), ...args]);
        client.notes.set("topics", topics);
        client.isSubscribed = topics.size === 4;
      });
      answer(true);
    } else if (op === "ping") {
      client.answer(JSON.stringify({ req_id, op: "pong", args: ["1"], conn_id: "c" }));
    }
  }

  protected override framesOf(event: ModelEvent): readonly string[] {
    const frame = (topic: string, instrument: string, row: Row) => [
      JSON.stringify({ topic, id: "1", data: [{ category: this.marketOf(instrument).category, ...row }] }),
    ];
    switch (event.kind) {
      case "order":
        return frame("order", event.order.instrument, this.orderRow(event.order));
      case "fill":
        return frame("execution", event.fill.instrument, this.fillRow(event.fill));
      case "position": {
        const { instrument } = event.position;
        if (this.marketOf(instrument).category === "spot") return [];
        const { avgPrice, ...row } = this.positionRow(event.position);
        const closing: Readonly<Record<string, string>> = { liquidation: "Liq", adl: "Adl" };
        return frame("position", instrument, {
          ...{ ...row, entryPrice: avgPrice === "" ? "0" : avgPrice },
          positionStatus: closing[event.cause ?? ""] ?? "Normal",
        });
      }
      case "balance": {
        const { asset, total } = event.balance;
        return [
          JSON.stringify({ topic: "wallet", data: [{ coin: [{ coin: asset, walletBalance: total }] }] }),
        ];
      }
      default:
        return [];
    }
  }
}

const REFUSALS: Readonly<Record<Refusal, readonly [number, string]>> = {
  unknown_instrument: [10001, "params error: symbol invalid"],
  unknown_order: [110001, "order not exists or too late to cancel"],
  order_ended: [110001, "order not exists or too late to cancel"],
  duplicate_client_id: [110072, "OrderLinkedID is duplicate"],
  reduce_only: [110017, "current position is zero, cannot fix reduce-only order qty"],
  funds: [110007, "ab not enough for new order"],
  invalid: [10001, "params error"],
};

function answerOf(answer: ModelAnswer): WireReply {
  if (answer.kind === "refused") {
    const [code, message] = REFUSALS[answer.why];
    return failure(code, message);
  }
  const { venueOrderId, clientOrderId } = answer.order;
  const result = { orderId: venueOrderId, orderLinkId: clientOrderId ?? "" };
  return json({ retCode: 0, retMsg: "OK", result, retExtInfo: {}, time: 1 });
}

function failure(retCode: number, retMsg: string): WireReply {
  return json({ retCode, retMsg, result: {}, retExtInfo: {}, time: 1 });
}

function nameOf({ orderId, orderLinkId }: Row) {
  return {
    venueOrderId: (orderId as string | undefined) ?? null,
    clientOrderId: (orderLinkId as string | undefined) ?? null,
  };
}

function isWithin(timestamp: number, query: URLSearchParams): boolean {
  return timestamp >= Number(query.get("startTime")) && timestamp <= Number(query.get("endTime"));
}
