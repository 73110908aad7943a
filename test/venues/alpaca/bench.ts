// The conformance bench of Alpaca: a server that renders the neutral account in Alpaca's words. What its endpoints do with
// an account's rows (paging, and its quirks) is endpoints.ts; here is what the rows are, and what the stream says.
import {
  type AccountModel,
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
  type Part,
  type Refusal,
  type Route,
  type WireClient,
  type WireReply,
  type WireRequest,
  WireServer,
} from "../../../src/conformance/index.ts";
import { abs, add, type Decimal, decimal, multiply, sign } from "../../../src/core/index.ts";
import {
  type AlpacaOptions,
  DECLARATION,
  openAlpaca,
  readPayload,
} from "../../../src/venues/alpaca/index.ts";
import { type EndpointName, routeOf } from "./endpoints.ts";
import { type AccountState, EMPTY_ACCOUNT, type Row } from "./state.ts";
import { activityId, uuid } from "./support.ts";

const ACCOUNT_ID = "0f9d2b6e-5a1c-4a63-9d0e-71c2a4b3e581";

const INSTRUMENTS: readonly ModelInstrument[] = [share("AAPL", "187.25"), share("TSLA", "301.5")];

function share(symbol: string, price: string): ModelInstrument {
  return {
    instrument: {
      symbol,
      qtyStep: decimal("0.000000001"),
      priceStep: decimal("0.01"),
      multiplier: decimal("1"),
      base: null,
      quote: "USD",
      settlement: "cash",
    },
    kind: "share",
    venueSymbol: symbol,
    price: decimal(price),
    lot: decimal("2"),
  };
}

export const ALPACA_BENCH: Bench = {
  name: "alpaca",
  declaration: DECLARATION,
  positionMode: "net",
  instruments: INSTRUMENTS,
  accountId: ACCOUNT_ID,
  balances: { USD: decimal("1000000") },
  account: { idOf: (kind, number) => (kind === "trade" ? String(number) : uuid(number)) },
  keys: { keyId: "PKCANARYKEY000000001", secret: "canary-secret-5e1d0a77+/x" },
  happenings: ["manual", "transfer", "fee", "reversal"],
  pageMax: { orders: 500, fills: 100 },
  tolerances: { ledgerTimeMs: 2 * 86_400_000, shortPageIsLast: true },
  readPayload,
  server: (model, keys) => new AlpacaWire(model, keys),
  open: ({ timers, random, openSocket, ...parts }) =>
    openAlpaca({ ...alpacaOptions(parts), stream: { timers, random, openSocket } }),
};

/** Without a stream. */
export function alpacaOptions({
  url,
  keys,
  fetch,
  clock,
}: Pick<BenchParts, "url" | "keys" | "fetch" | "clock">): AlpacaOptions {
  return {
    keyId: keys.keyId ?? "",
    secret: keys.secret ?? "",
    environment: "paper",
    baseUrl: url,
    fetch,
    clock,
    timing: { timeoutMs: 30_000, retries: 0 },
  };
}

const PARTS: Readonly<Record<EndpointName, readonly Part[]>> = {
  account: ["account", "balances"],
  positions: ["positions"],
  position: ["position"],
  orders: ["orders"],
  order: ["order"],
  orderByClientId: ["order"],
  fills: ["fills"],
  activities: ["ledger"],
  clock: ["clock"],
};

class AlpacaWire extends WireServer {
  private readonly keys: Readonly<Record<string, string>>;

  constructor(model: AccountModel, keys: Readonly<Record<string, string>>) {
    super(model);
    this.keys = keys;
  }

  protected override get isBinary(): boolean {
    return true;
  }

  protected override refusalOf({ headers }: WireRequest): WireReply | undefined {
    const isOurs =
      headers["apca-api-key-id"] === this.keys.keyId && headers["apca-api-secret-key"] === this.keys.secret;
    return isOurs ? undefined : json({ code: 40110000, message: "request is not authorized" }, 401);
  }

  protected override routes(): readonly Route[] {
    const reads = [
      ["account", /\/v2\/account/],
      ["positions", /\/v2\/positions/],
      ["position", /\/v2\/positions\/([^/]+)/],
      ["orders", /\/v2\/orders/],
      ["orderByClientId", /\/v2\/orders:by_client_order_id/],
      ["order", /\/v2\/orders\/([^/]+)/],
      ["clock", /\/v2\/clock/],
      ["fills", /\/v2\/account\/activities\/FILL/],
      ["activities", /\/v2\/account\/activities/],
    ] as const;
    return [
      ...reads.map(
        ([name, path]): Route => ({
          of: PARTS[name],
          method: "GET",
          path,
          reply: ({ path: pathname, query }, account, page) => {
            const url = new URL(`http://127.0.0.1${pathname}?${query}`);
            const size = name === "orders" ? "limit" : "page_size";
            if (query.has(size))
              url.searchParams.set(size, String(page(query.get(size), name === "orders" ? 500 : 100)));
            const reply = routeOf(url)?.reply(stateOf(account));
            return reply ? json(reply.body, reply.status) : this.notFound();
          },
        }),
      ),
      {
        of: ["submit"],
        method: "POST",
        path: /\/v2\/orders/,
        reply: ({ body }) => this.submit(JSON.parse(body)),
      },
      {
        of: ["amend"],
        method: "PATCH",
        path: /\/v2\/orders\/([^/]+)/,
        reply: ({ caught: [id = ""], body }) => this.amend(id, JSON.parse(body)),
      },
      {
        of: ["cancel"],
        method: "DELETE",
        path: /\/v2\/orders/,
        reply: () =>
          json(
            this.model.cancelAll(null).map(({ venueOrderId }) => ({ id: venueOrderId, status: 200 })),
            207,
          ),
      },
      {
        of: ["cancel"],
        method: "DELETE",
        path: /\/v2\/orders\/([^/]+)/,
        reply: ({ caught: [venueOrderId = ""] }) => {
          const answer = this.model.cancel({ venueOrderId });
          return answer.kind === "order" ? { status: 204 } : refusal(answer.why);
        },
      },
    ];
  }

  protected override notFound(): WireReply {
    return json({ code: 40410001, message: "endpoint not found." }, 404);
  }

  private submit(body: Row): WireReply {
    return this.orderReply(
      this.model.place({
        instrument: String(body.symbol),
        clientOrderId: (body.client_order_id as string | undefined) ?? null,
        side: body.side as "buy" | "sell",
        type: body.type as "market",
        qty: (body.qty as Decimal | undefined) ?? null,
        notional: (body.notional as Decimal | undefined) ?? null,
        price: (body.limit_price as Decimal | undefined) ?? null,
        triggerPrice: (body.stop_price as Decimal | undefined) ?? null,
        timeInForce: body.time_in_force as "day",
      }),
    );
  }

  private amend(venueOrderId: string, body: Row): WireReply {
    return this.orderReply(
      this.model.amend(
        { venueOrderId },
        {
          clientOrderId: (body.client_order_id as string | undefined) ?? null,
          qty: (body.qty as Decimal | undefined) ?? null,
          price: (body.limit_price as Decimal | undefined) ?? null,
          triggerPrice: (body.stop_price as Decimal | undefined) ?? null,
        },
      ),
    );
  }

  /** The answer is the order as it came in; what became of it is told on the stream and by the next read. */
  private orderReply(answer: ModelAnswer): WireReply {
    if (answer.kind === "refused") return refusal(answer.why);
    const row = orderRow(answer.order);
    return json({ ...row, status: "accepted", filled_qty: "0", filled_avg_price: null });
  }

  protected override said(client: WireClient, text: string): void {
    const message = JSON.parse(text) as Row;
    if (message.action === "auth") {
      const isOurs = message.key === this.keys.keyId && message.secret === this.keys.secret;
      const isIn = isOurs && !this.stream.isUnauthorized;
      client.notes.set("isIn", isIn);
      const status = isIn ? "authorized" : "unauthorized";
      client.answer(JSON.stringify({ stream: "authorization", data: { action: "authenticate", status } }));
    } else if (message.action === "listen" && client.notes.get("isIn") === true) {
      const { streams } = message.data as { streams: string[] };
      client.act(() => {
        client.isSubscribed = streams.includes("trade_updates");
      });
      client.answer(JSON.stringify({ stream: "listening", data: { streams } }));
    }
  }

  protected override framesOf(event: ModelEvent): readonly string[] {
    const update = updateOf(event);
    return update ? [JSON.stringify({ stream: "trade_updates", data: update })] : [];
  }
}

const REFUSALS: Readonly<Record<Refusal, readonly [number, number, string]>> = {
  unknown_instrument: [422, 42210000, "asset not found"],
  unknown_order: [404, 40410000, "order not found"],
  order_ended: [422, 42210000, 'order is already in "filled" state'],
  duplicate_client_id: [422, 40010001, "client_order_id must be unique"],
  reduce_only: [422, 42210000, "position intent mismatch"],
  funds: [403, 40310000, "insufficient buying power"],
  invalid: [422, 40010001, "qty or notional is required"],
};

function refusal(why: Refusal): WireReply {
  const [status, code, message] = REFUSALS[why];
  return json({ code, message }, status);
}

function stateOf(account: AccountView): AccountState {
  const cash = account.balances.find(({ asset }) => asset === "USD")?.total ?? "0";
  const values = account.positions.map(({ instrument, qty }) =>
    multiply(qty, account.prices[instrument] ?? decimal("0")),
  );
  const gross = values.map(abs).reduce((sum, value) => add(sum, value), decimal("0"));
  const long = values.filter((one) => sign(one) > 0).reduce((sum, one) => add(sum, one), decimal("0"));
  return {
    account: {
      ...EMPTY_ACCOUNT,
      id: account.accountId,
      cash,
      long_market_value: long,
      short_market_value: add(long, multiply(gross, decimal("-1"))),
      position_market_value: gross,
    },
    positions: account.positions.map(({ instrument, qty, entryPrice }) => ({
      symbol: instrument,
      asset_class: "us_equity",
      avg_entry_price: entryPrice,
      qty,
      side: sign(qty) > 0 ? "long" : "short",
      market_value: multiply(qty, account.prices[instrument] ?? decimal("0")),
      current_price: account.prices[instrument],
    })),
    orders: account.orders.map(orderRow),
    activities: [...fillActivities(account.fills), ...account.ledger.map(entryActivity)],
  };
}

function orderRow(order: ModelOrder): Row {
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    id: order.venueOrderId,
    client_order_id: order.clientOrderId ?? uuid(Number.parseInt(order.venueOrderId, 16) + 0x1000000),
    created_at: time(order.createdAt),
    submitted_at: time(order.createdAt),
    updated_at: time(order.updatedAt),
    filled_at: order.status === "filled" ? time(order.updatedAt) : null,
    replaced_by: order.replacedBy,
    replaces: order.replaces,
    symbol: order.instrument,
    asset_class: "us_equity",
    notional: order.notional,
    qty: order.qty,
    filled_qty: order.filledQty,
    filled_avg_price: order.avgPrice,
    order_class: "",
    type: order.type,
    side: order.side,
    time_in_force: order.timeInForce,
    limit_price: order.price,
    stop_price: order.triggerPrice,
    status: order.replacedBy === null ? (order.status === "open" ? "new" : order.status) : "replaced",
    legs: null,
  };
}

/** What each order had filled after each of its fills, orders of whole fills included. */
function fillActivities(fills: readonly ModelFill[]): Row[] {
  return fills.map((fill) => ({
    id: activityId(fill.timestamp, uuid(fill.seq)),
    activity_type: "FILL",
    transaction_time: new Date(fill.timestamp).toISOString(),
    type: "fill",
    price: fill.price,
    qty: fill.qty,
    side: fill.side,
    symbol: fill.instrument,
    leaves_qty: "0",
    order_id: fill.venueOrderId,
    cum_qty: fill.cumulativeQty,
    order_status: "filled",
  }));
}

const TYPES: Readonly<Record<string, string>> = { transfer: "CSD", fee: "FEE" };

function entryActivity({ id, cause, amount, timestamp }: ModelEntry): Row {
  const date = new Date(timestamp).toISOString().slice(0, 10);
  return {
    id: `${date.replaceAll("-", "")}000000000::${id}`,
    activity_type: TYPES[cause],
    date,
    net_amount: amount,
    status: "executed",
  };
}

function updateOf(event: ModelEvent): Row | undefined {
  const { kind } = event;
  if (kind === "reversed") {
    return { event: "trade_bust", previous_execution_id: `e${event.fill.tradeId}`, order: {} };
  }
  if (kind === "order") {
    const names = {
      placed: "new",
      canceled: "canceled",
      expired: "expired",
      amended: "restated",
      replaced: "replaced",
    };
    return {
      event: names[event.because],
      timestamp: iso(event.order.updatedAt),
      order: orderRow(event.order),
    };
  }
  if (kind !== "fill" || event.order === null) return undefined;
  const { fill, order } = event;
  return {
    event: order.status === "filled" ? "fill" : "partial_fill",
    timestamp: iso(fill.timestamp),
    order: orderRow(order),
    price: fill.price,
    qty: fill.qty,
    position_qty: fill.positionAfter,
    execution_id: `e${fill.tradeId}`,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
