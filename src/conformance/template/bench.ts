// The bench of the template: Harbour's server, which renders the neutral account in Harbour's words, and how the adapter is
// opened on it. This is what an adapter's author writes once for the suite; everything that goes wrong is the suite's.
import {
  type Decimal,
  decimal,
  type Instrument,
  type Leg,
  type OrderType,
  type Side,
  type TimeInForce,
} from "../../core/index.ts";
import type { Bench } from "../bench.ts";
import type { AccountModel } from "../model/account-model.ts";
import type {
  AccountView,
  ModelAnswer,
  ModelEntry,
  ModelEvent,
  ModelFill,
  ModelInstrument,
  ModelOrder,
  ModelPosition,
} from "../model/facts.ts";
import { json, type PageOf, type Part, type Route, type WireReply, type WireRequest } from "../wire/route.ts";
import { type WireClient, WireServer } from "../wire/wire-server.ts";
import { DECLARATION, openHarbour } from "./index.ts";

/** As the documentation of Harbour has them: stated here apart from the adapter, which is held against it. */
function contract(symbol: string, venueSymbol: string, price: string, lot: string): ModelInstrument {
  const isInverse = venueSymbol.endsWith("-I");
  const quote = symbol.split(":")[1] ?? null;
  const instrument: Instrument = {
    symbol,
    qtyStep: decimal(isInverse ? "1" : "0.001"),
    priceStep: decimal("0.1"),
    multiplier: decimal(isInverse ? "100" : "1"),
    base: null,
    quote,
    settlement: "margin",
  };
  return {
    instrument,
    kind: isInverse ? "inverse" : "linear",
    venueSymbol,
    price: decimal(price),
    lot: decimal(lot),
  };
}

const LINEAR = [
  contract("BTC/USDT:USDT", "BTC-USDT-P", "64000.5", "0.015"),
  contract("ETH/USDT:USDT", "ETH-USDT-P", "3100.2", "0.25"),
];
const INVERSE = [
  contract("BTC/USD:BTC", "BTC-USD-I", "64000", "3"),
  contract("ETH/USD:ETH", "ETH-USD-I", "3200", "5"),
];

export const HARBOUR_BENCH: Bench = {
  name: "harbour",
  declaration: DECLARATION,
  positionMode: "net",
  instruments: LINEAR,
  accountId: "harbour-account-7001",
  balances: { USDT: decimal("1000000") },
  account: { feeRatio: decimal("0.0005") },
  keys: { keyId: "harbour-canary-key-01", secret: "harbour-canary-secret+/=02" },
  happenings: ["manual", "liquidation", "adl", "settlement", "funding", "transfer", "fee", "reversal"],
  server: (model, keys) => new HarbourServer(model, keys),
  open: ({ url, wsUrl, keys: { keyId = "", secret = "" }, ...parts }) =>
    openHarbour({ ...parts, baseUrl: url, wsUrl, keyId, secret }),
};

/** The same venue where legs are held apart, and contracts are worth their quantity over the price. */
export const HARBOUR_HEDGE_BENCH: Bench = {
  ...HARBOUR_BENCH,
  name: "harbour, hedging, inverse",
  positionMode: "hedge",
  instruments: INVERSE,
  balances: { BTC: decimal("100"), ETH: decimal("1000") },
};

/** By which the rows of a list are named to go on behind them. */
type Row = Readonly<Record<string, unknown>>;

export class HarbourServer extends WireServer {
  private readonly keys: Readonly<Record<string, string>>;
  private streamKeys = 0;

  constructor(model: AccountModel, keys: Readonly<Record<string, string>>) {
    super(model);
    this.keys = keys;
  }

  protected override refusalOf({ headers }: WireRequest): WireReply | undefined {
    const isOurs =
      headers["harbour-key"] === this.keys.keyId && headers["harbour-secret"] === this.keys.secret;
    return isOurs ? undefined : json({ error: "unauthorized" }, 401);
  }

  protected override routes(): readonly Route[] {
    return [
      get(["account", "balances"], /\/account/, (_, { accountId, balances }) =>
        json({ id: accountId, balances }),
      ),
      get(["positions"], /\/positions/, (request, { positions }, page) =>
        listed(
          request,
          page,
          positions.map((one) => this.positionRow(one)),
        ),
      ),
      get(["position"], /\/positions\/([^/]+)/, ({ caught: [symbol = ""], query }, { positions }) => {
        const found = positions.find(
          (one) => one.instrument === this.instrumentOf(symbol) && one.leg === query.get("leg"),
        );
        return found ? json(this.positionRow(found)) : json({ error: "no_position" }, 404);
      }),
      get(["orders"], /\/orders/, (request, { orders }, page) =>
        listed(
          request,
          page,
          orders.filter(isOpen).map((one) => this.orderRow(one)),
        ),
      ),
      get(["order"], /\/orders\/find/, ({ query }, { orders }) => {
        const found = orders.find(
          (one) =>
            one.venueOrderId === query.get("id") || one.clientOrderId === (query.get("client_id") ?? "-"),
        );
        return found ? json(this.orderRow(found)) : json({ error: "no_order" }, 404);
      }),
      get(["fills"], /\/fills/, (request, { fills }, page) =>
        listed(
          request,
          page,
          since(fills, request).map((one) => this.fillRow(one)),
        ),
      ),
      get(["ledger"], /\/ledger/, (request, { ledger }, page) =>
        listed(request, page, since(ledger, request).map(entryRow)),
      ),
      post("submit", /\/orders/, (body) => this.submit(body)),
      post("cancel", /\/orders\/cancel/, (body) => this.answerOf(this.model.cancel(nameOf(body)))),
      post("amend", /\/orders\/amend/, (body) =>
        this.answerOf(
          this.model.amend(nameOf(body), {
            qty: (body.size as Decimal | undefined) ?? null,
            price: (body.price as Decimal | undefined) ?? null,
          }),
        ),
      ),
      {
        of: ["key"],
        method: "POST",
        path: /\/stream-keys/,
        reply: () => {
          this.streamKeys += 1;
          return json({ key: `harbour-stream-key-${this.streamKeys}` });
        },
      },
      { of: ["key"], method: "PUT", path: /\/stream-keys\/([^/]+)/, reply: () => json({}) },
    ];
  }

  override expiryFrames(): readonly string[] {
    return [JSON.stringify({ event: "key_expired" })];
  }

  protected override said(client: WireClient, text: string): void {
    const message = JSON.parse(text) as Row;
    if (message.op === "ping") client.answer(JSON.stringify({ op: "pong" }));
    if (message.op !== "subscribe") return;
    const isOurs = client.query.get("key") === `harbour-stream-key-${this.streamKeys}`;
    if (!isOurs || this.stream.isUnauthorized) {
      client.answer(JSON.stringify({ op: "refused" }));
      return;
    }
    client.act(() => {
      client.isSubscribed = true;
    });
    client.answer(JSON.stringify({ op: "subscribed", channels: message.channels }));
  }

  protected override framesOf(event: ModelEvent): readonly string[] {
    const frame = (name: string, row: Row) => [JSON.stringify({ event: name, row })];
    switch (event.kind) {
      case "fill":
        return frame("fill", this.fillRow(event.fill));
      case "reversed":
        return frame("fill_reversed", this.fillRow(event.fill));
      case "order":
        return frame("order", this.orderRow(event.order));
      case "position":
        return frame("position", this.positionRow(event.position));
      case "balance":
        return frame("balance", { ...event.balance });
      case "ledger":
        return frame("entry", entryRow(event.entry));
      case "price":
        return [];
    }
  }

  private submit(body: Row): WireReply {
    return this.answerOf(
      this.model.place({
        instrument: this.instrumentOf(String(body.symbol)) ?? "",
        clientOrderId: String(body.client_id),
        leg: body.leg as Leg,
        side: body.side as Side,
        type: body.type as OrderType,
        qty: body.size as Decimal,
        price: (body.price as Decimal | undefined) ?? null,
        timeInForce: body.tif as TimeInForce,
        reduceOnly: body.reduce_only === "yes",
      }),
    );
  }

  private answerOf(answer: ModelAnswer): WireReply {
    if (answer.kind === "order") return json(this.orderRow(answer.order));
    const [status, error] = REFUSALS[answer.why];
    return json({ error }, status);
  }

  private instrumentOf(venueSymbol: string): string | undefined {
    return this.model.instruments.find((one) => one.venueSymbol === venueSymbol)?.instrument.symbol;
  }

  private symbol(instrument: string): string {
    return this.model.of(instrument).venueSymbol;
  }

  private positionRow({ instrument, leg, qty, entryPrice, updatedAt }: ModelPosition): Row {
    return { symbol: this.symbol(instrument), leg, size: qty, entry: entryPrice, updated: updatedAt };
  }

  private orderRow(order: ModelOrder): Row {
    return {
      id: order.venueOrderId,
      client_id: order.clientOrderId,
      symbol: this.symbol(order.instrument),
      leg: order.leg,
      side: order.side,
      type: order.type,
      size: order.qty,
      filled: order.filledQty,
      price: order.price,
      status: order.status === "partially_filled" ? "partial" : order.status,
      reduce_only: order.reduceOnly ? "yes" : "no",
      created: order.createdAt,
      updated: order.updatedAt,
    };
  }

  private fillRow(fill: ModelFill): Row {
    return {
      id: fill.tradeId,
      order_id: fill.venueOrderId,
      client_id: fill.clientOrderId,
      symbol: this.symbol(fill.instrument),
      leg: fill.leg,
      side: fill.side,
      size: fill.qty,
      price: fill.price,
      fee: fill.fee,
      fee_asset: fill.feeCurrency,
      time: fill.timestamp,
      seq: fill.seq,
      position_after: fill.positionAfter,
      reason: fill.cause === null ? null : REASONS[fill.cause],
    };
  }
}

const REASONS: Readonly<Record<string, string>> = { liquidation: "liq", adl: "adl", settlement: "settle" };

const REFUSALS = {
  unknown_instrument: [400, "unknown_symbol"],
  unknown_order: [404, "no_order"],
  order_ended: [409, "order_ended"],
  duplicate_client_id: [409, "duplicate_client_id"],
  reduce_only: [400, "reduce_only"],
  funds: [400, "insufficient"],
  invalid: [400, "invalid"],
} as const;

function get(
  of: readonly Part[],
  path: RegExp,
  reply: (request: WireRequest, account: AccountView, page: PageOf) => WireReply,
): Route {
  return { of, method: "GET", path, reply };
}

function post(of: Part, path: RegExp, reply: (body: Row) => WireReply): Route {
  return { of: [of], method: "POST", path, reply: ({ body }) => reply(JSON.parse(body) as Row) };
}

/** A page, and where the next one begins. */
function listed({ query }: WireRequest, page: PageOf, rows: readonly Row[]): WireReply {
  const start = Number(query.get("cursor") ?? 0);
  const end = start + page(query.get("limit"), 100, 20);
  return json({ items: rows.slice(start, end), next: end < rows.length ? String(end) : null });
}

function since<One extends { readonly timestamp: number }>(
  rows: readonly One[],
  { query }: WireRequest,
): One[] {
  return rows.filter(({ timestamp }) => timestamp >= Number(query.get("from")));
}

function isOpen({ status }: ModelOrder): boolean {
  return status === "open" || status === "partially_filled";
}

function nameOf(body: Row): { venueOrderId?: string; clientOrderId?: string } {
  return typeof body.id === "string" ? { venueOrderId: body.id } : { clientOrderId: String(body.client_id) };
}

function entryRow({ id, cause, timestamp, asset, amount }: ModelEntry): Row {
  return { id, type: cause, time: timestamp, asset, amount };
}
