// The conformance bench of OKX: a server of this machine that renders the neutral account in OKX's words, over REST and on
// the private stream. Every request's signature is reckoned again here.
import { createHmac } from "node:crypto";
import {
  type AccountView,
  type Bench,
  type BenchParts,
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
  type Refusal,
  type Route,
  type WireClient,
  type WireReply,
  type WireRequest,
  WireServer,
} from "../../../src/conformance/index.ts";
import { abs, type Decimal, decimal, type Leg, negate } from "../../../src/core/index.ts";
import { PROFILE_DECLARATIONS } from "../../../src/venues/ccxt/declaration.ts";
import { type CcxtOptions, openCcxt, readPayload } from "../../../src/venues/ccxt/index.ts";
import { instIdOf, parseInstId } from "../../../src/venues/ccxt/okx/instruments.ts";
import { declarationOf, type Row } from "./support.ts";

const INSTRUMENTS: readonly ModelInstrument[] = [
  swap("BTC", "30000", "0.01", "0.1"),
  swap("ETH", "2000", "0.1", "0.01"),
];

function swap(coin: string, price: string, multiplier: string, priceStep: string): ModelInstrument {
  return {
    instrument: {
      symbol: `${coin}/USDT:USDT`,
      qtyStep: decimal("0.01"),
      priceStep: decimal(priceStep),
      multiplier: decimal(multiplier),
      base: null,
      quote: "USDT",
      settlement: "margin",
    },
    kind: "linear",
    venueSymbol: `${coin}-USDT-SWAP`,
    price: decimal(price),
    lot: decimal("2"),
  };
}

export const OKX_KEYS = {
  apiKey: "canary-okx-key-7d1e-000000000001",
  secret: "CANARY0SECRET0OKX0000000000000001",
  password: "Canary-pass+phrase/1",
} as const;

export function okxBench(positionMode: "net" | "hedge"): Bench {
  return {
    name: `ccxt okx ${positionMode}`,
    declaration: declarationOf(PROFILE_DECLARATIONS, "ccxt:okx"),
    positionMode,
    instruments: INSTRUMENTS,
    accountId: "614488474791936",
    balances: { USDT: decimal("500000") },
    account: { feeRatio: decimal("0.0005") },
    keys: OKX_KEYS,
    happenings: ["manual", "transfer", "funding", "fee", "liquidation", "adl", "settlement"],
    readPayload: (payload, hint) => readPayload(payload, hint === undefined ? "okx" : `okx ${hint}`),
    server: (model) => new OkxWire(model),
    open: ({ timers, random, openSocket, ...parts }) =>
      openCcxt({ ...okxOptions(parts), stream: { timers, random, openSocket } }),
  };
}

/** Without a stream. */
export function okxOptions({
  url,
  keys,
  fetch,
  clock,
}: Pick<BenchParts, "url" | "keys" | "fetch" | "clock">): CcxtOptions {
  return {
    exchange: "okx",
    environment: "live",
    baseUrl: url,
    credentials: keys,
    marketTypes: ["swap"],
    fetch,
    clock,
    timeoutMs: 30_000,
  };
}

export class OkxWire extends WireServer {
  /** Rows besides the account's. */
  extraPositions: readonly Row[] = [];
  extraOrders: readonly Row[] = [];
  stops: readonly Row[] = [];
  extraDetails: readonly Row[] = [];
  extraFills: readonly Row[] = [];
  extraBills: readonly Row[] = [];
  /** Instruments besides the account's. */
  extraInstruments: readonly Row[] = [];
  /** Bodies of commands, in order, with their headers. */
  readonly commands: { readonly path: string; readonly body: unknown; readonly expTime: unknown }[] = [];

  protected override refusalOf(request: WireRequest): WireReply | undefined {
    const { method, path, query, headers, body } = request;
    if (path.startsWith("/api/v5/public/")) return undefined;
    const search = query.size === 0 ? "" : `?${query}`;
    const timestamp = String(headers["ok-access-timestamp"]);
    const isOurs =
      headers["ok-access-key"] === OKX_KEYS.apiKey && headers["ok-access-passphrase"] === OKX_KEYS.password;
    if (!isOurs) return envelope([], "50111", "Invalid OK-ACCESS-KEY", 401);
    const signature = signed(`${timestamp}${method}${path}${search}${body}`);
    return headers["ok-access-sign"] === signature ? undefined : envelope([], "50113", "Invalid Sign", 401);
  }

  protected override routes(): readonly Route[] {
    const get = (
      path: string,
      of: readonly Part[],
      rows: (query: URLSearchParams, account: AccountView, page: PageOf) => unknown,
    ): Route => ({
      of,
      method: "GET",
      path: new RegExp(`/api/v5/${path}`),
      reply: ({ query }, account, page) => envelope(rows(query, account, page)),
    });
    const post = (path: string, part: Part, work: (body: Row) => WireReply): Route => ({
      of: [part],
      method: "POST",
      path: new RegExp(`/api/v5/${path}`),
      reply: ({ body, headers }) => {
        this.commands.push({ path, body: JSON.parse(body), expTime: headers.exptime });
        return work(JSON.parse(body) as Row);
      },
    });
    return [
      get("public/instruments", ["instruments"], (query, account) => this.instruments(query, account)),
      get("public/time", ["clock"], () => [{ ts: String(this.model.nowMs) }]),
      get("asset/currencies", ["instruments"], () => []),
      get("account/config", ["account"], (_, account) => [
        {
          uid: account.accountId,
          acctLv: "2",
          posMode: account.positionMode === "net" ? "net_mode" : "long_short_mode",
          perm: "read_only,trade",
          ip: "203.0.113.9",
        },
      ]),
      {
        ...get("account/positions", ["positions"], (_, account) => this.positions(account)),
        when: ({ query }) => !query.has("instId"),
      },
      get("account/positions", ["position"], (query, account) => this.position(query.get("instId"), account)),
      get("account/balance", ["balances"], (_, { balances }) => [
        {
          notionalUsd: "",
          totalEq: "",
          details: [
            ...balances.map(({ asset, total }) => ({
              ccy: asset,
              cashBal: total,
              eq: total,
              availBal: total,
            })),
            ...this.extraDetails,
          ],
        },
      ]),
      get("trade/orders-pending", ["orders"], (query, account, page) =>
        paged([...openOrders(account).map(orderRow), ...this.extraOrders].toReversed(), "ordId", query, page),
      ),
      get("trade/orders-algo-pending", ["orders"], (query, _, page) => {
        const types = (query.get("ordType") ?? "").split(",");
        return paged(
          this.stops.filter(({ ordType }) => types.includes(String(ordType))),
          "algoId",
          query,
          page,
        );
      }),
      this.orderRoute(),
      get("trade/fills", ["fills"], (query, account, page) => this.fills(query, account, page)),
      get("trade/fills-history", ["fills"], (query, account, page) => this.fills(query, account, page)),
      get("account/bills", ["ledger"], (query, account, page) => this.bills(query, account, page)),
      get("account/bills-archive", ["ledger"], (query, account, page) => this.bills(query, account, page)),
      post("trade/order", "submit", (body) => this.submit(body)),
      // By ccxt alone: a list of one.
      post("trade/batch-orders", "submit", (body) => this.submit((body as unknown as Row[])[0] ?? {})),
      post("trade/cancel-order", "cancel", (body) => commandReply(this.model.cancel(nameOf(body)))),
      post("trade/cancel-all-after", "cancel", ({ timeOut }) => {
        const triggerTime = this.model.setSwitch(null, Number(timeOut) * 1_000);
        return envelope([{ triggerTime: String(triggerTime), tag: "", ts: String(this.model.nowMs) }]);
      }),
      post("trade/amend-order", "amend", (body) => {
        const change = { qty: (body.newSz as Decimal) ?? null, price: (body.newPx as Decimal) ?? null };
        return commandReply(this.model.amend(nameOf(body), change));
      }),
    ];
  }

  private orderRoute(): Route {
    return {
      of: ["order"],
      method: "GET",
      path: /\/api\/v5\/trade\/order/,
      reply: ({ query }, account) => {
        const order = account.orders.find(({ venueOrderId, clientOrderId }) =>
          query.has("ordId") ? venueOrderId === query.get("ordId") : clientOrderId === query.get("clOrdId"),
        );
        return order ? envelope([orderRow(order)]) : envelope([], "51603", "Order does not exist");
      },
    };
  }

  protected override notFound(): WireReply {
    return envelope([], "50404", "Not found", 404);
  }

  private instruments(query: URLSearchParams, { instruments }: AccountView): Row[] {
    const own = instruments.map(({ venueSymbol, instrument }) => ({
      instId: venueSymbol,
      instType: "SWAP",
      uly: venueSymbol.replace("-SWAP", ""),
      settleCcy: instrument.quote,
      ctVal: instrument.multiplier,
      ctMult: "1",
      lotSz: instrument.qtyStep,
      minSz: instrument.qtyStep,
      tickSz: instrument.priceStep,
      state: "live",
    }));
    return [...own, ...this.extraInstruments].filter(
      (row) => (row as Row).instType === query.get("instType"),
    );
  }

  private positions(account: AccountView): Row[] {
    return [...account.positions.map((one) => positionRow(one, account)), ...this.extraPositions];
  }

  /** A row of size zero for what was held. That is so of the first instrument, before the account's story begins. */
  private position(instId: string | null, account: AccountView): Row[] {
    const rows = [...account.positions, ...account.flat].map((one) => positionRow(one, account));
    const first = this.model.instruments[0]?.instrument.symbol ?? "";
    const isBefore = !this.model.fills.some(({ instrument }) => instrument === first);
    const before = isBefore ? positionRow(this.model.position(first), account) : undefined;
    return [...rows, ...(before ? [before] : []), ...this.extraPositions].filter(
      (row) => row.instId === instId,
    );
  }

  /** What OKX does by itself it tells with its reason, in another channel. */
  private positionFrame({ position, cause }: ModelEvent & { readonly kind: "position" }): string {
    const row = positionRow(position, this.model);
    const eventType = EVENT_TYPES[cause ?? ""];
    const [channel, data] =
      eventType === undefined
        ? ["positions", row]
        : ["balance_and_position", { eventType, balData: [], posData: [row] }];
    return JSON.stringify({ arg: { channel, instType: "ANY" }, data: [data] });
  }

  private fills(query: URLSearchParams, account: AccountView, page: PageOf): Row[] {
    const rows: Row[] = [...account.fills.map(fillRow), ...this.extraFills];
    const type = query.get("instType");
    return paged(
      window(newestFirst(rows), query).filter((row) => type === null || row.instType === type),
      "billId",
      query,
      page,
    );
  }

  private bills(query: URLSearchParams, account: AccountView, page: PageOf): Row[] {
    const trades = account.fills.map((fill) => ({
      ...fillRow(fill),
      type: "2",
      balChg: negate(fill.fee),
      ccy: "USDT",
    }));
    return paged(
      window(newestFirst([...trades, ...account.ledger.map(billRow), ...this.extraBills]), query),
      "billId",
      query,
      page,
    );
  }

  private submit(body: Row): WireReply {
    const inst = parseInstId(String(body.instId));
    const isMarket = body.ordType === "market";
    const isByCost = body.tgtCcy === "quote_ccy";
    return commandReply(
      this.model.place({
        instrument: inst?.symbol ?? "",
        clientOrderId: String(body.clOrdId),
        leg: this.model.positionMode === "net" ? "net" : (body.posSide as Leg),
        side: body.side as "buy",
        type: isMarket ? "market" : "limit",
        qty: isByCost ? null : (body.sz as Decimal),
        notional: isByCost ? (body.sz as Decimal) : null,
        price: (body.px as Decimal | undefined) ?? null,
        timeInForce: body.ordType === "ioc" || body.ordType === "fok" ? body.ordType : "gtc",
        // Of two legs each has a side that only closes it; a flag is not asked for.
        reduceOnly: body.reduceOnly === true || CLOSING[String(body.posSide)] === body.side,
      }),
    );
  }

  protected override said(client: WireClient, text: string): void {
    if (text === "ping") {
      client.answer("pong");
      return;
    }
    const { op, args } = JSON.parse(text) as { op: string; args: Row[] };
    if (op === "login") {
      const { apiKey, passphrase, timestamp, sign } = args[0] ?? {};
      const isOurs = apiKey === OKX_KEYS.apiKey && passphrase === OKX_KEYS.password;
      const isSigned = sign === signed(`${timestamp}GET/users/self/verify`);
      const isIn = isOurs && isSigned && !this.stream.isUnauthorized;
      client.notes.set("isIn", isIn);
      client.answer(
        JSON.stringify(
          isIn
            ? { event: "login", code: "0", msg: "" }
            : { event: "error", code: "60009", msg: "Login failed." },
        ),
      );
    } else if (op === "subscribe" && client.notes.get("isIn") === true) {
      client.act(() => {
        client.isSubscribed = true;
      });
      for (const arg of args) {
        client.answer(JSON.stringify({ event: "subscribe", arg, connId: "a4d3ae55" }));
        if (arg.channel !== "orders") client.answer(JSON.stringify({ arg, data: [] }));
      }
    }
  }

  protected override framesOf(event: ModelEvent): readonly string[] {
    const frame = (channel: string, row: Row) =>
      JSON.stringify({ arg: { channel, instType: "ANY" }, data: [row] });
    switch (event.kind) {
      case "order":
        return [frame("orders", orderRow(event.order))];
      case "fill":
        return [frame("orders", event.order ? lastFill(event.fill, event.order) : forcedOrder(event.fill))];
      case "position":
        return [this.positionFrame(event)];
      case "balance":
        return [
          frame("balance_and_position", {
            eventType: event.cause === "funding" ? "funding_fee" : "transferred",
            balData: [{ ccy: event.balance.asset, cashBal: event.balance.total }],
            posData: [],
          }),
        ];
      default:
        return [];
    }
  }
}

function signed(text: string): string {
  return createHmac("sha256", OKX_KEYS.secret).update(text).digest("base64");
}

function envelope(data: unknown, code = "0", msg = "", status = 200): WireReply {
  return json({ code, msg, data }, status);
}

/** Newest first, so many of a page, behind the row that is named. */
function paged(rows: readonly Row[], id: string, query: URLSearchParams, page: PageOf): Row[] {
  const after = query.get("after");
  const from = after === null ? 0 : rows.findIndex((row) => row[id] === after) + 1;
  return rows.slice(from, from + page(query.get("limit"), 100));
}

function window(rows: readonly Row[], query: URLSearchParams): Row[] {
  const begin = Number(query.get("begin") ?? 0);
  const end = Number(query.get("end") ?? Number.POSITIVE_INFINITY);
  return rows.filter(({ ts }) => Number(ts) >= begin && Number(ts) <= end);
}

function newestFirst(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => (BigInt(String(a.billId)) < BigInt(String(b.billId)) ? 1 : -1));
}

function nameOf({ ordId, clOrdId }: Row): { venueOrderId?: string; clientOrderId?: string } {
  return typeof ordId === "string" ? { venueOrderId: ordId } : { clientOrderId: String(clOrdId) };
}

const CLOSING: Readonly<Record<string, string>> = { long: "sell", short: "buy" };

const REFUSALS: Readonly<Record<Refusal, readonly [string, string]>> = {
  unknown_instrument: ["51001", "Instrument ID doesn't exist."],
  unknown_order: ["51400", "Cancellation failed as the order has been filled, canceled or does not exist."],
  order_ended: ["51400", "Cancellation failed as the order has been filled, canceled or does not exist."],
  duplicate_client_id: ["51016", "Client order ID already exists."],
  reduce_only: ["51169", "Order failed because you don't have any positions to reduce."],
  funds: ["51008", "Order failed. Insufficient balance."],
  invalid: ["51000", "Parameter sz error"],
};

function commandReply(answer: ModelAnswer): WireReply {
  if (answer.kind === "order") {
    const { venueOrderId, clientOrderId } = answer.order;
    return envelope([{ ordId: venueOrderId, clOrdId: clientOrderId ?? "", sCode: "0", sMsg: "", tag: "" }]);
  }
  const [sCode, sMsg] = REFUSALS[answer.why];
  return envelope([{ ordId: "", clOrdId: "", sCode, sMsg, tag: "" }], "1", "All operations failed");
}

function openOrders({ orders }: AccountView): readonly ModelOrder[] {
  return orders.filter(({ status }) => status === "open" || status === "partially_filled");
}

function instIdFor(symbol: string): string {
  return instIdOf(symbol)?.instId ?? symbol;
}

function positionRow(
  { instrument, leg, qty, entryPrice, updatedAt }: ModelPosition,
  account: AccountView,
): Row {
  return {
    instType: "SWAP",
    instId: instIdFor(instrument),
    mgnMode: "cross",
    posId: `9${leg.length}${instrument.length}`,
    posSide: leg,
    pos: leg === "net" ? qty : abs(qty),
    avgPx: entryPrice ?? "",
    last: account.prices[instrument] ?? "",
    uTime: String(updatedAt),
    cTime: String(updatedAt),
  };
}

const STATES: Readonly<Record<string, string>> = { open: "live", expired: "canceled" };

function orderRow(order: ModelOrder): Row {
  return {
    instType: "SWAP",
    instId: instIdFor(order.instrument),
    ordId: order.venueOrderId,
    clOrdId: order.clientOrderId ?? "",
    algoId: "",
    posSide: order.leg,
    side: order.side,
    ordType: order.type === "market" ? "market" : "limit",
    tdMode: "cross",
    tgtCcy: "",
    sz: order.qty,
    px: order.price ?? "",
    accFillSz: order.filledQty,
    avgPx: order.avgPrice ?? "",
    state: STATES[order.status] ?? order.status,
    reduceOnly: String(order.reduceOnly),
    category: "normal",
    tradeId: "",
    fillSz: "0",
    cTime: String(order.createdAt),
    uTime: String(order.updatedAt),
  };
}

function lastFill(fill: ModelFill, order: ModelOrder): Row {
  return {
    ...orderRow(order),
    tradeId: fill.tradeId,
    fillSz: fill.qty,
    fillPx: fill.price,
    fillFee: negate(fill.fee),
    fillFeeCcy: fill.feeCurrency ?? "",
    fillTime: String(fill.timestamp),
  };
}

const CATEGORIES: Readonly<Record<string, string>> = {
  liquidation: "full_liquidation",
  adl: "adl",
  settlement: "delivery",
};

/** An order that nobody placed: its fill has no id here. */
function forcedOrder(fill: ModelFill): Row {
  return {
    instType: "SWAP",
    instId: instIdFor(fill.instrument),
    ordId: `7${fill.seq}`,
    clOrdId: "",
    posSide: fill.leg,
    side: fill.side,
    ordType: "limit",
    sz: fill.qty,
    px: fill.price,
    accFillSz: fill.qty,
    avgPx: fill.price,
    state: "filled",
    category: CATEGORIES[fill.cause ?? ""],
    tradeId: "0",
    fillSz: fill.qty,
    fillPx: fill.price,
    fillTime: String(fill.timestamp),
    uTime: String(fill.timestamp),
  };
}

const EVENT_TYPES: Readonly<Record<string, string>> = {
  liquidation: "liquidation",
  adl: "adl",
  settlement: "delivered",
};

const SUB_TYPES: Readonly<Record<string, string>> = { liquidation: "104", adl: "125", settlement: "112" };

function billId(timestamp: number, sequence: number): string {
  return `${timestamp}${String(sequence).padStart(6, "0")}`;
}

function fillRow(fill: ModelFill): Row {
  return {
    instType: "SWAP",
    instId: instIdFor(fill.instrument),
    tradeId: fill.cause === null ? fill.tradeId : `-${fill.tradeId}`,
    ordId: fill.venueOrderId ?? `7${fill.seq}`,
    clOrdId: fill.clientOrderId ?? "",
    billId: billId(fill.timestamp, fill.seq),
    subType: SUB_TYPES[fill.cause ?? ""] ?? (fill.side === "buy" ? "1" : "2"),
    side: fill.side,
    posSide: fill.leg,
    fillSz: fill.qty,
    fillPx: fill.price,
    fee: negate(fill.fee),
    feeCcy: fill.feeCurrency ?? "",
    ts: String(fill.timestamp),
    fillTime: String(fill.timestamp),
  };
}

const BILL_TYPES: Readonly<Record<string, string>> = { transfer: "1", funding: "8", fee: "7" };

function billRow({ id, cause, timestamp, amount, asset }: ModelEntry): Row {
  return {
    billId: billId(timestamp, 500_000 + Number(id)),
    type: BILL_TYPES[cause] ?? "1",
    subType: "",
    ccy: asset,
    balChg: amount,
    instId: "",
    ts: String(timestamp),
  };
}
