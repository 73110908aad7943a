// The conformance bench of Polymarket: a server that renders the neutral account in Polymarket's words. Orders have no name
// there but their hash, so the account's ids are hashes of what was placed, as the exchange would compute them.
import { createHmac } from "node:crypto";
import {
  type AccountModel,
  type AccountView,
  type Bench,
  json,
  type ModelAnswer,
  type ModelEvent,
  type ModelFill,
  type ModelInstrument,
  type ModelOrder,
  numeric,
  type PageOf,
  type Placement,
  type Route,
  type WireClient,
  type WireReply,
  type WireRequest,
  WireServer,
} from "../../../src/conformance/index.ts";
import { type Decimal, decimal, digestHex, multiply } from "../../../src/core/index.ts";
import { DECLARATION, openPolymarket, readPayload } from "../../../src/venues/polymarket/index.ts";
import { loadPackages } from "../../../src/venues/polymarket/packages.ts";
import { OrderSigner, saltOf } from "../../../src/venues/polymarket/signing.ts";
import { toUnits } from "../../../src/venues/polymarket/symbols.ts";
import { text, units } from "./exchange.ts";
import { COND, KEY, NO, SIGNER, WALLET, YES } from "./support.ts";

type Row = Record<string, unknown>;

const SIGNER_OF_ORDERS = new OrderSigner(
  await loadPackages(),
  { holder: WALLET, signer: SIGNER, signatureType: "proxy" },
  SIGNER,
);

/** What the next order of the model is called, where its placement does not say it. */
const naming: { placement: Placement | undefined; hash: string | undefined } = {
  placement: undefined,
  hash: undefined,
};

const INSTRUMENTS: readonly ModelInstrument[] = [outcome(YES, "0.5"), outcome(NO, "0.4")];

function outcome(token: string, price: string): ModelInstrument {
  return {
    instrument: {
      symbol: token,
      qtyStep: decimal("0.000001"),
      priceStep: decimal("0.001"),
      multiplier: decimal("1"),
      base: null,
      quote: "pUSD",
      settlement: "cash",
    },
    kind: "outcome",
    venueSymbol: token,
    price: decimal(price),
    lot: decimal("5"),
  };
}

const PAGE = 100;

export const POLYMARKET_BENCH: Bench = {
  name: "polymarket",
  declaration: DECLARATION,
  positionMode: "net",
  instruments: INSTRUMENTS,
  accountId: WALLET,
  balances: { pUSD: decimal("1000000") },
  account: { idOf },
  keys: {
    privateKey: KEY,
    apiKey: "canary-key-5e1d0a77",
    secret: "Y2FuYXJ5LXNlY3JldC01ZTFkMGE3Nw==",
    passphrase: "canary-passphrase-5e1d0a77",
  },
  happenings: ["manual", "transfer", "reversal"],
  // Times are whole seconds.
  tolerances: { fillTimeMs: 1_000, ledgerTimeMs: 1_000 },
  pageMax: { orders: PAGE, fills: PAGE },
  readPayload,
  server: (model, keys) => new PolymarketWire(model, keys),
  open: async ({ url, wsUrl, keys, fetch, clock, timers, random, openSocket, server }) => {
    const { privateKey = "", apiKey = "", secret = "", passphrase = "" } = keys;
    const venue = await openPolymarket({
      privateKey,
      credentials: { apiKey, secret, passphrase },
      funder: WALLET,
      signatureType: "proxy",
      baseUrl: url,
      dataUrl: url,
      wsUrl: `${wsUrl}/ws/user`,
      fetch,
      clock,
      timeoutMs: 30_000,
      stream: { timers, random, openSocket },
    });
    const { submit } = venue;
    // The venue never hears the client order id; the neutral account has to.
    const told: typeof submit = (command) => {
      if (server instanceof PolymarketWire)
        server.names.set(saltOf(command.clientOrderId), command.clientOrderId);
      return submit?.(command) ?? Promise.reject(new Error("there is no submit"));
    };
    return Object.assign(venue, { submit: told });
  },
};

function idOf(kind: "order" | "trade" | "entry", number: number): string {
  if (kind !== "order") return `${kind}-${number}`;
  return naming.hash ?? (naming.placement && hashOf(naming.placement)) ?? anyHash(number);
}

function anyHash(number: number): string {
  return `0x${digestHex(`order ${number}`).slice(0, 64)}`;
}

let nowMs = () => 0;

/** As the adapter signs an order of these terms at this moment. */
function hashOf({ instrument, side, qty, price, clientOrderId }: Placement): string | undefined {
  if (qty == null || price == null || clientOrderId == null) return undefined;
  const [shares = 0n, money = 0n] = [toUnits(qty), toUnits(multiply(qty, price))];
  return SIGNER_OF_ORDERS.hash({
    token: instrument,
    side,
    makerAmount: side === "buy" ? money : shares,
    takerAmount: side === "buy" ? shares : money,
    isNegRisk: false,
    salt: saltOf(clientOrderId),
    timestampMs: Math.floor(nowMs() / 1_000) * 1_000,
  });
}

class PolymarketWire extends WireServer {
  /** Client order ids by the salt that is made of them. */
  readonly names = new Map<string, string>();
  private readonly keys: Readonly<Record<string, string>>;
  private beats = 0;
  private isBeating = false;
  private expected = "";

  constructor(model: AccountModel, keys: Readonly<Record<string, string>>) {
    super(model);
    this.keys = keys;
    nowMs = () => model.nowMs;
    const place = model.place.bind(model);
    model.place = (placement) => {
      naming.placement = placement;
      const answer = place(placement);
      naming.placement = undefined;
      return answer;
    };
  }

  /** @see https://docs.polymarket.com/api-reference/authentication "L2" (read 2026-11) */
  protected override refusalOf({ method, path, headers, body }: WireRequest): WireReply | undefined {
    if (/^\/(v2|book|time|clob-markets)/.test(path)) return undefined;
    const signature = createHmac("sha256", Buffer.from(this.keys.secret ?? "", "base64"))
      .update(`${headers.poly_timestamp}${method}${path}${body}`)
      .digest("base64")
      .replaceAll("+", "-")
      .replaceAll("/", "_");
    const isOurs =
      headers.poly_api_key === this.keys.apiKey &&
      headers.poly_passphrase === this.keys.passphrase &&
      headers.poly_signature === signature;
    return isOurs ? undefined : json({ error: "Unauthorized/Invalid api key" }, 401);
  }

  protected override notFound(): WireReply {
    return json({ error: "not found" }, 404);
  }

  protected override routes(): readonly Route[] {
    const { keys } = this;
    return [
      get("positions", /\/v2\/positions/, ({ query }, account, page) =>
        dataPage(
          account.positions.map((one) => positionRow(one, account)),
          query,
          page,
        ),
      ),
      get("ledger", /\/v2\/activity/, ({ query }, account, page) => {
        const start = Number(query.get("start")) * 1_000;
        return dataPage(
          activityRows(account).filter(({ timestamp }) => Number(timestamp) * 1_000 >= start),
          query,
          page,
        );
      }),
      get("orders", /\/data\/orders/, ({ query }, account, page) => {
        const open = account.orders.filter(
          ({ status }) => status === "open" || status === "partially_filled",
        );
        const asset = query.get("asset_id");
        const rows = open.filter(({ instrument }) => asset === null || instrument === asset);
        return clobPage(
          rows.map((one) => orderRow(one, account, keys)),
          query,
          page,
        );
      }),
      get("order", /\/data\/order\/([^/]+)/, ({ caught: [id] }, account) => {
        const found = account.orders.find(({ venueOrderId }) => venueOrderId === id);
        return found ? json(orderRow(found, account, keys)) : json({ error: "order not found" }, 404);
      }),
      get("fills", /\/data\/trades/, ({ query }, account, page) => {
        const [after, before] = [Number(query.get("after") ?? 0), Number(query.get("before") ?? 1e10)];
        const asset = query.get("asset_id");
        const id = query.get("id");
        const rows = account.fills
          .filter(({ timestamp }) => timestamp / 1_000 > after && timestamp / 1_000 < before)
          .filter(
            ({ instrument, tradeId }) =>
              (asset === null || instrument === asset) && (id === null || tradeId === id),
          )
          .map((fill) => tradeRow(fill, account, keys, "CONFIRMED"))
          .toReversed();
        return clobPage(rows, query, page);
      }),
      {
        ...get("position", /\/balance-allowance(?:\/update)?/, ({ path, query }, account) => {
          if (path.endsWith("update")) return { status: 200, text: "" };
          const token = query.get("token_id");
          const held = account.positions.find(({ instrument }) => instrument === token)?.qty ?? "0";
          return balance(held);
        }),
        when: ({ query }) => query.has("token_id"),
      },
      get("balances", /\/balance-allowance(?:\/update)?/, ({ path }, account) =>
        path.endsWith("update")
          ? { status: 200, text: "" }
          : balance(account.balances.find(({ asset }) => asset === "pUSD")?.total ?? "0"),
      ),
      get("instruments", /\/book/, ({ query }, account) => bookOf(query.get("token_id") ?? "", account)),
      get("instruments", /\/clob-markets\/([^/]+)/, () =>
        json({ t: [{ t: YES }, { t: NO }], fd: { r: 0, e: 1, to: true } }),
      ),
      get("clock", /\/time/, () => json(Math.floor(this.model.nowMs / 1_000))),
      {
        of: ["submit"],
        method: "POST",
        path: /\/order/,
        reply: ({ body }) => this.submit(JSON.parse(body) as Row),
      },
      {
        of: ["cancel"],
        method: "DELETE",
        path: /\/cancel-all/,
        reply: () => {
          const gone = this.model.cancelAll(null).map(({ venueOrderId }) => venueOrderId);
          return json({ canceled: gone, not_canceled: {} });
        },
      },
      {
        of: ["cancel"],
        method: "POST",
        path: /\/v1\/heartbeats/,
        reply: ({ body }) => this.beat(JSON.parse(body) as Row),
      },
      {
        of: ["cancel"],
        method: "DELETE",
        path: /\/order/,
        reply: ({ body }) => this.cancel(String((JSON.parse(body) as Row).orderID)),
      },
    ];
  }

  /** @see https://docs.polymarket.com/trading/manage-orders "Order Heartbeats" (read 2026-11) */
  private beat({ heartbeat_id: id }: Row): WireReply {
    if (id !== this.expected && this.isBeating) {
      return json({ error_msg: "Invalid Heartbeat ID", heartbeat_id: this.expected }, 400);
    }
    this.beats += 1;
    this.isBeating = true;
    this.expected = `beat-${this.beats}`;
    this.model.setSwitch(null, 10_000);
    return json({ heartbeat_id: this.expected, error_msg: "" });
  }

  private submit({ order, orderType }: Row): WireReply {
    const sent = order as Record<string, string>;
    const side = sent.side === "BUY" ? ("buy" as const) : ("sell" as const);
    const [makerAmount, takerAmount] = [BigInt(sent.makerAmount ?? 0), BigInt(sent.takerAmount ?? 0)];
    const [shares, money] = side === "buy" ? [takerAmount, makerAmount] : [makerAmount, takerAmount];
    const salt = String(sent.salt);
    const hash = SIGNER_OF_ORDERS.hash({
      token: sent.tokenId ?? "",
      side,
      makerAmount,
      takerAmount,
      isNegRisk: false,
      salt,
      timestampMs: Number(sent.timestamp),
    });
    if (this.model.find({ venueOrderId: hash }))
      return json({ error: `order ${hash} is invalid. Duplicated.` }, 400);
    const price = decimal(text((money * 1_000_000n) / shares));
    const market = this.model.priceOf(sent.tokenId ?? "");
    const isTaking =
      orderType !== "GTC" || (side === "buy" ? units(price) >= units(market) : units(price) <= units(market));
    naming.hash = hash;
    const answer = this.model.place({
      instrument: sent.tokenId ?? "",
      clientOrderId: this.names.get(salt) ?? null,
      side,
      type: isTaking ? "market" : "limit",
      qty: decimal(text(shares)),
      price: isTaking ? null : price,
      timeInForce: "gtc",
    });
    naming.hash = undefined;
    if (answer.kind === "refused") return refusal(answer);
    return json({
      success: true,
      errorMsg: "",
      orderID: hash,
      status: isTaking ? "matched" : "live",
      makingAmount: "",
      takingAmount: "",
    });
  }

  private cancel(id: string): WireReply {
    const answer = this.model.cancel({ venueOrderId: id });
    return answer.kind === "order"
      ? json({ canceled: [id], not_canceled: {} })
      : json({ canceled: [], not_canceled: { [id]: "order can't be found - already canceled or matched" } });
  }

  protected override said(client: WireClient, message: string): void {
    if (message === "PING") {
      client.answer("PONG");
      return;
    }
    const { auth } = JSON.parse(message) as { auth?: Row };
    const isOurs =
      auth?.apiKey === this.keys.apiKey &&
      auth?.secret === this.keys.secret &&
      auth?.passphrase === this.keys.passphrase;
    if (!isOurs || this.stream.isUnauthorized) client.close(1000);
    else
      client.act(() => {
        client.isSubscribed = true;
      });
  }

  protected override framesOf(event: ModelEvent): readonly string[] {
    const { model, keys } = this;
    if (event.kind === "order") {
      const type = { placed: "PLACEMENT", canceled: "CANCELLATION", expired: "CANCELLATION" };
      const row = orderRow(event.order, model, keys);
      return [
        frame({ ...row, event_type: "order", type: type[event.because as "placed"] ?? "UPDATE" }, model),
      ];
    }
    if (event.kind === "fill" || event.kind === "reversed") {
      const state = event.kind === "fill" ? "MATCHED" : "FAILED";
      const row = tradeRow(event.fill, model, keys, state);
      return [frame({ ...row, event_type: "trade", type: "TRADE" }, model)];
    }
    return [];
  }
}

function get(of: Route["of"][number], path: RegExp, reply: Route["reply"]): Route {
  return { of: [of], method: "GET", path, reply };
}

function frame(message: Row, { nowMs: at }: { readonly nowMs: number }): string {
  return JSON.stringify([{ ...message, timestamp: String(at) }]);
}

function dataPage(rows: readonly Row[], query: URLSearchParams, page: PageOf): WireReply {
  const start = Number(query.get("cursor")?.slice(1) ?? 0);
  const end = start + page(query.get("limit"), 1_000);
  const next = end < rows.length ? `c${end}` : null;
  return json({ data: rows.slice(start, end), pagination: { has_more: next !== null, next_cursor: next } });
}

function clobPage(rows: readonly Row[], query: URLSearchParams, page: PageOf): WireReply {
  const start = Number(Buffer.from(query.get("next_cursor") ?? "MA==", "base64").toString("utf8"));
  const end = start + page(null, PAGE);
  const next = end < rows.length ? Buffer.from(String(end)).toString("base64") : "LTE=";
  return json({ limit: PAGE, count: end - start, next_cursor: next, data: rows.slice(start, end) });
}

function positionRow({ instrument, qty }: AccountView["positions"][number], account: AccountView): Row {
  return {
    proxy_wallet: account.accountId,
    token_id: instrument,
    condition_id: COND,
    current_size: asNumber(qty),
    avg_price: 0.5,
    current_price: asNumber(account.prices[instrument] ?? "0"),
    status: "OPEN",
    redeemable: false,
    slug: "rain",
    outcome: instrument === YES ? "Yes" : "No",
  };
}

function activityRows({ ledger, fills, accountId }: AccountView): Row[] {
  const entries = ledger.map((entry) => ({
    type: entry.amount?.startsWith("-") ? "WITHDRAWAL" : "DEPOSIT",
    proxy_wallet: accountId,
    timestamp: Math.floor(entry.timestamp / 1_000),
    transaction_hash: `0x${entry.id}`,
    usdc_size: asNumber((entry.amount ?? "0").replace("-", "")),
  }));
  const trades = fills.map((fill) => ({
    type: "TRADE",
    proxy_wallet: accountId,
    timestamp: Math.floor(fill.timestamp / 1_000),
    transaction_hash: `0x${fill.tradeId}`,
    condition_id: COND,
    token_id: fill.instrument,
    side: fill.side.toUpperCase(),
    size: asNumber(fill.qty),
    usdc_size: asNumber(multiply(fill.qty, fill.price)),
    price: asNumber(fill.price),
  }));
  return [...entries, ...trades].sort((a, b) => a.timestamp - b.timestamp);
}

const STATES: Readonly<Record<string, string>> = {
  open: "LIVE",
  partially_filled: "LIVE",
  filled: "MATCHED",
};

function orderRow(
  order: ModelOrder,
  account: { readonly prices: AccountView["prices"]; readonly accountId: string },
  keys: Readonly<Record<string, string>>,
): Row {
  const price: Decimal = order.price ?? order.avgPrice ?? account.prices[order.instrument] ?? decimal("0.5");
  return {
    id: order.venueOrderId,
    status: STATES[order.status] ?? "CANCELED",
    owner: keys.apiKey,
    maker_address: account.accountId,
    market: COND,
    asset_id: order.instrument,
    side: order.side.toUpperCase(),
    original_size: order.qty ?? order.filledQty,
    size_matched: order.filledQty,
    price,
    outcome: "Yes",
    created_at: Math.floor(order.createdAt / 1_000),
    expiration: "0",
    order_type: "GTC",
    associate_trades: [],
  };
}

/** An order that rested is a maker, in somebody else's trade; one at the market takes. */
function tradeRow(
  fill: ModelFill,
  account: { readonly orders: readonly ModelOrder[]; readonly accountId: string },
  keys: Readonly<Record<string, string>>,
  status: string,
): Row {
  const isTaker =
    account.orders.find(({ venueOrderId }) => venueOrderId === fill.venueOrderId)?.type === "market";
  const at = String(Math.floor(fill.timestamp / 1_000));
  const side = fill.side.toUpperCase();
  const other = side === "BUY" ? "SELL" : "BUY";
  const mine = {
    order_id: fill.venueOrderId,
    owner: keys.apiKey,
    maker_address: account.accountId,
    matched_amount: fill.qty,
    price: fill.price,
    asset_id: fill.instrument,
    side,
  };
  const theirs = { ...mine, order_id: "0xtheirs", owner: "another", maker_address: `0x${"9".repeat(40)}` };
  return {
    id: fill.tradeId,
    taker_order_id: isTaker ? fill.venueOrderId : "0xtheirs",
    market: COND,
    asset_id: fill.instrument,
    side: isTaker ? side : other,
    size: isTaker ? fill.qty : multiply(fill.qty, decimal("3")),
    price: fill.price,
    fee_rate_bps: "0",
    status,
    match_time: at,
    last_update: at,
    bucket_index: 0,
    owner: isTaker ? keys.apiKey : "another",
    maker_address: isTaker ? account.accountId : theirs.maker_address,
    trader_side: isTaker ? "TAKER" : "MAKER",
    maker_orders: isTaker ? [{ ...theirs, side: other }] : [theirs, mine],
  };
}

function bookOf(token: string, account: AccountView): WireReply {
  const price = account.prices[token];
  if (price === undefined) return json({ error: "No orderbook exists for the requested token id" }, 404);
  const level = { price, size: "100000" };
  return json({
    market: COND,
    asset_id: token,
    bids: [level],
    asks: [level],
    tick_size: "0.001",
    min_order_size: "5",
    neg_risk: false,
  });
}

function balance(held: string): WireReply {
  return json({ balance: String(units(held)), allowances: {} });
}

/** The Data API writes numbers. */
function asNumber(value: string): unknown {
  return numeric(value);
}

function refusal({ why }: Extract<ModelAnswer, { kind: "refused" }>): WireReply {
  const sentence = why === "funds" ? "not enough balance / allowance" : "Invalid order payload";
  return json({ error: sentence }, 400);
}
