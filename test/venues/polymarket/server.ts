// A local server that speaks Polymarket's wire protocols, on loopback only: the CLOB, the Data API and the user channel. It
// checks what the real ones check (every signature, of requests and of orders), and misbehaves where a test says so.
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { hashTypedData, verifyTypedData } from "viem";
import { WebSocketPeer } from "../../../src/conformance/wire/peer.ts";
import { Exchange, text } from "./exchange.ts";

export type Row = Record<string, unknown>;

/** One answer in the place of the good one; `after`: the command has its effect first. */
export type Fault =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body: unknown;
      readonly headers?: Record<string, string>;
      readonly after?: boolean;
    }
  | { readonly kind: "text"; readonly status: number; readonly body: string; readonly type?: string }
  | { readonly kind: "reset"; readonly after?: boolean }
  | { readonly kind: "half" };

export const CREDENTIALS = {
  apiKey: "5f0c1c5e-local-key",
  secret: "bG9jYWwtc2VjcmV0LWxvY2FsLXNlY3JldA==",
  passphrase: "local-passphrase-0123",
};

/** @see https://docs.polymarket.com/resources/contract-addresses (read 2026-11) */
const EXCHANGE = "0xE111180000d2663C0091e4f400237545B87B996B";
const NEG_RISK_EXCHANGE = "0xe2222d279d744050d28e00520010520000310F59";

/** @see https://docs.polymarket.com/v2-migration "EIP-712" (read 2026-11) */
const ORDER =
  "salt:uint256 maker:address signer:address tokenId:uint256 makerAmount:uint256 takerAmount:uint256 side:uint8 signatureType:uint8 timestamp:uint256 metadata:bytes32 builder:bytes32"
    .split(" ")
    .map((field) => ({ name: field.split(":")[0] ?? "", type: field.split(":")[1] ?? "" }));

export class PolymarketServer {
  readonly exchange: Exchange;
  readonly requests: string[] = [];
  readonly commands: string[] = [];
  /** Rows of one page. */
  pageSize = 1_000;
  /** Whether the CLOB knows the wallet: a wrong kind of wallet has nothing of anything. */
  knowsWallet = true;
  closedOnly = false;
  /** Heartbeats that were taken, and the id that the next one has to carry. */
  beats = 0;
  nextBeat = "";
  private beatAtMs: number | undefined;
  /** What PING is answered with; undefined: nothing. */
  pong: string | undefined = "PONG";
  readonly subscriptions: Row[] = [];
  pings = 0;
  /** Connections of the stream are refused with HTTP 503. */
  isStreamDown = false;
  private waiting: { readonly count: number; readonly done: () => void }[] = [];
  private readonly faults = new Map<string, { readonly fault: Fault; times: number; good: number }>();
  private readonly peers = new Set<WebSocketPeer>();
  private readonly server: Server;
  private readonly signer: string;
  private readonly nowMs: () => number;

  constructor(parts: { wallet: string; signer: string; nowMs: () => number }) {
    this.signer = parts.signer;
    this.nowMs = parts.nowMs;
    this.exchange = new Exchange({
      wallet: parts.wallet,
      apiKey: CREDENTIALS.apiKey,
      nowMs: parts.nowMs,
      publish: (message) => this.publish(JSON.stringify([message])),
    });
    this.server = createServer((request, response) => {
      this.handle(request, response).catch((error: unknown) => send(response, 500, { error: String(error) }));
    });
    this.server.on("upgrade", (request, socket) => this.accept(request, socket as Socket));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    for (const peer of this.peers) peer.cut();
    await closed;
  }

  /** From now on (after some good answers, so often) requests like `GET /data/trades` misbehave. */
  fail(request: string, fault: Fault, { times = Number.POSITIVE_INFINITY, good = 0 } = {}): void {
    this.faults.set(request, { fault, times, good });
  }

  heal(): void {
    this.faults.clear();
  }

  publish(frame: string): void {
    for (const peer of this.peers) peer.text(frame);
  }

  /** Resolves when so many subscriptions have come. */
  untilSubscribed(count: number): Promise<void> {
    return new Promise((done) => {
      this.waiting.push({ count, done });
      this.lookAtWaiting();
    });
  }

  private lookAtWaiting(): void {
    const over = this.waiting.filter(({ count }) => this.subscriptions.length >= count);
    this.waiting = this.waiting.filter((one) => !over.includes(one));
    for (const { done } of over) done();
  }

  dropStreams(): void {
    for (const peer of this.peers) peer.cut();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const { method = "GET" } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString("utf8");
    this.requests.push(`${method} ${url.pathname}${url.search}`);
    if (method !== "GET") this.commands.push(`${method} ${url.pathname} ${body}`);
    const fault =
      this.faultFor(`${method} ${url.pathname}`) ?? this.faultFor(`${method} ${parent(url.pathname)}`);
    if (fault && !("after" in fault && fault.after)) return misbehave(response, fault);
    this.lapse();
    const { status, value } = await this.answer(request, method, url, body);
    if (fault) return misbehave(response, fault);
    return send(response, status, value);
  }

  private faultFor(name: string): Fault | undefined {
    const set = this.faults.get(name);
    if (!set) return undefined;
    if (set.good > 0) {
      set.good -= 1;
      return undefined;
    }
    if (set.times <= 0) return undefined;
    set.times -= 1;
    return set.fault;
  }

  private async answer(
    request: IncomingMessage,
    method: string,
    url: URL,
    body: string,
  ): Promise<{ status: number; value: unknown }> {
    const isPublic = /^\/(v2|clob-markets|book|time|auth\/derive)/.test(url.pathname);
    if (!isPublic && !this.isSigned(request, method, url.pathname, body)) {
      return { status: 401, value: { error: "Unauthorized/Invalid api key" } };
    }
    if (url.pathname === "/v1/heartbeats") return this.beat(body);
    if (method === "POST") return this.post(body);
    if (method === "DELETE") {
      const { orderID } = JSON.parse(body) as { orderID: string };
      return { status: 200, value: this.exchange.cancel(orderID) };
    }
    return this.get(url, request);
  }

  /** @see https://docs.polymarket.com/trading/manage-orders "Order Heartbeats" (read 2026-11) */
  private beat(body: string): { status: number; value: unknown } {
    const { heartbeat_id: id } = JSON.parse(body) as Row;
    if (id !== this.nextBeat)
      return { status: 400, value: { error_msg: "Invalid Heartbeat ID", heartbeat_id: this.nextBeat } };
    this.beats += 1;
    this.beatAtMs = this.nowMs();
    this.nextBeat = `beat-${this.beats}`;
    return { status: 200, value: { heartbeat_id: this.nextBeat } };
  }

  /** Looks whether the last heartbeat is 10 s old: to be called before anything is looked at. */
  lapse(): void {
    if (this.beatAtMs === undefined || this.nowMs() - this.beatAtMs <= 10_000) return;
    this.beatAtMs = undefined;
    for (const { id, status } of this.exchange.orders.values())
      if (status === "LIVE") this.exchange.cancel(String(id));
  }

  private get(url: URL, request: IncomingMessage): { status: number; value: unknown } {
    const { exchange } = this;
    const ok = (value: unknown) => ({ status: 200, value });
    const asset = url.searchParams.get("asset_id");
    const forAsset = (row: Row) => asset === null || row.asset_id === asset;
    switch (url.pathname) {
      case "/time":
        return ok(Math.floor(this.nowMs() / 1_000));
      case "/v2/positions":
        return ok(this.dataPage(this.positions(Number(url.searchParams.get("filter_amount") ?? "1")), url));
      case "/v2/activity":
        return ok(this.dataPage(exchange.activity, url));
      case "/data/orders":
        return ok(
          this.clobPage(
            [...exchange.orders.values()].filter((row) => row.status === "LIVE").filter(forAsset),
            url,
          ),
        );
      case "/data/trades":
        return ok(
          this.clobPage(
            this.trades(url).filter((row) => asset === null || involves(row, asset)),
            url,
          ),
        );
      case "/balance-allowance":
        return ok(this.balance(url));
      case "/balance-allowance/update":
        return ok("");
      case "/auth/ban-status/closed-only":
        return ok({ closed_only: this.closedOnly });
      case "/auth/derive-api-key":
        if (request.headers.poly_address !== this.signer)
          return { status: 401, value: { error: "Invalid L1 Request headers" } };
        return ok(CREDENTIALS);
      case "/book":
        return this.book(url.searchParams.get("token_id") ?? "");
    }
    const [, base, id = "", last = ""] = url.pathname.split("/");
    if (base === "clob-markets")
      return exchange.markets.has(id)
        ? ok(exchange.markets.get(id))
        : { status: 404, value: { error: "market not found" } };
    if (base === "data" && id === "order") {
      const order = exchange.orders.get(last);
      return order ? ok(order) : { status: 404, value: { error: "order not found" } };
    }
    return { status: 404, value: { error: "no such path" } };
  }

  private positions(least: number): Row[] {
    return [...this.exchange.tokens]
      .filter(([, held]) => held > 0n && Number(held) / 1e6 >= least)
      .map(([token, held]) => ({
        proxy_wallet: this.exchange.wallet,
        token_id: token,
        condition_id: "0xcond",
        current_size: Number(text(held)),
        avg_price: 0.4,
        current_price: 0.5,
        status: "OPEN",
        redeemable: false,
        mergeable: false,
        slug: "rain",
        outcome: "Yes",
        last_event_at: 0,
      }));
  }

  private trades(url: URL): Row[] {
    const { searchParams } = url;
    const id = searchParams.get("id");
    if (id !== null) return this.exchange.trades.filter((row) => row.id === id);
    const after = Number(searchParams.get("after") ?? "0");
    const before = Number(searchParams.get("before") ?? "9999999999");
    return this.exchange.trades.filter(
      (row) => Number(row.match_time) > after && Number(row.match_time) < before,
    );
  }

  private balance(url: URL): Row {
    const token = url.searchParams.get("token_id");
    const held = token === null ? this.exchange.collateral : (this.exchange.tokens.get(token) ?? 0n);
    return {
      balance: String(this.knowsWallet ? held : 0n),
      allowances: {
        [EXCHANGE]: "115792089237316195423570985008687907853269984665640564039457584007913129639935",
      },
    };
  }

  private book(token: string): { status: number; value: unknown } {
    const book = this.exchange.books.get(token);
    if (!book) return { status: 404, value: { error: "No orderbook exists for the requested token id" } };
    const { bids, asks, tick, negRisk } = book;
    return {
      status: 200,
      value: {
        market: "0xcond",
        asset_id: token,
        timestamp: "0",
        bids,
        asks,
        tick_size: tick,
        min_order_size: "5",
        neg_risk: negRisk,
        hash: "",
        last_trade_price: "0.5",
      },
    };
  }

  private dataPage(rows: readonly Row[], url: URL): Row {
    const start = Number(url.searchParams.get("cursor")?.replace("c", "") ?? "0");
    const limit = Math.min(this.pageSize, Number(url.searchParams.get("limit") ?? "100"));
    const data = rows.slice(start, start + limit);
    const next = start + limit < rows.length ? `c${start + limit}` : null;
    return { data, pagination: { has_more: next !== null, next_cursor: next } };
  }

  private clobPage(rows: readonly Row[], url: URL): Row {
    const start = Number(
      Buffer.from(url.searchParams.get("next_cursor") ?? "MA==", "base64").toString("utf8"),
    );
    const data = rows.slice(start, start + this.pageSize);
    const next =
      start + this.pageSize < rows.length
        ? Buffer.from(String(start + this.pageSize)).toString("base64")
        : "LTE=";
    return { limit: this.pageSize, count: data.length, next_cursor: next, data };
  }

  private async post(body: string): Promise<{ status: number; value: unknown }> {
    const { order, owner, orderType } = JSON.parse(body) as {
      order: Record<string, string | number>;
      owner: string;
      orderType: string;
    };
    if (owner !== CREDENTIALS.apiKey)
      return { status: 400, value: { error: "the order owner has to be the owner of the API KEY" } };
    const isNegRisk = this.exchange.books.get(String(order.tokenId))?.negRisk ?? false;
    const typedData = {
      domain: {
        name: "Polymarket CTF Exchange",
        version: "2",
        chainId: 137,
        verifyingContract: isNegRisk ? NEG_RISK_EXCHANGE : EXCHANGE,
      },
      types: { Order: ORDER },
      primaryType: "Order",
      message: {
        ...order,
        salt: BigInt(order.salt ?? 0),
        tokenId: BigInt(order.tokenId ?? 0),
        makerAmount: BigInt(order.makerAmount ?? 0),
        takerAmount: BigInt(order.takerAmount ?? 0),
        timestamp: BigInt(order.timestamp ?? 0),
        side: order.side === "BUY" ? 0 : 1,
      },
    } as const;
    const isGood = await verifyTypedData({
      ...typedData,
      address: this.signer,
      signature: order.signature,
    } as never);
    if (!isGood || String(order.maker).toLowerCase() !== this.exchange.wallet.toLowerCase()) {
      return { status: 400, value: { error: "Invalid order payload" } };
    }
    const answer = this.exchange.place({
      hash: hashTypedData(typedData as never),
      token: String(order.tokenId),
      side: order.side as "BUY" | "SELL",
      makerAmount: BigInt(order.makerAmount ?? 0),
      takerAmount: BigInt(order.takerAmount ?? 0),
      orderType,
    });
    return { status: "error" in answer ? 400 : 200, value: answer };
  }

  /** @see https://docs.polymarket.com/api-reference/authentication "L2" (read 2026-11) */
  private isSigned({ headers }: IncomingMessage, method: string, path: string, body: string): boolean {
    const at = String(headers.poly_timestamp);
    const message = `${at}${method}${path}${body}`;
    const key = Buffer.from(CREDENTIALS.secret, "base64");
    const signature = createHmac("sha256", key)
      .update(message)
      .digest("base64")
      .replaceAll("+", "-")
      .replaceAll("/", "_");
    const isNow = Math.abs(Number(at) * 1_000 - this.nowMs()) < 60_000;
    const isOurs =
      headers.poly_api_key === CREDENTIALS.apiKey && headers.poly_passphrase === CREDENTIALS.passphrase;
    return isNow && isOurs && headers.poly_signature === signature && headers.poly_address === this.signer;
  }

  private accept(request: IncomingMessage, socket: Socket): void {
    if (this.isStreamDown) {
      socket.end("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const peer = new WebSocketPeer(request, socket);
    peer.onClosed = () => this.peers.delete(peer);
    peer.onText = (frame) => {
      if (frame === "PING") {
        this.pings += 1;
        if (this.pong !== undefined) peer.text(this.pong);
        return;
      }
      const subscription = JSON.parse(frame) as { auth?: Row; type?: string };
      this.subscriptions.push(subscription);
      this.lookAtWaiting();
      const { auth } = subscription;
      const isOurs =
        auth?.apiKey === CREDENTIALS.apiKey &&
        auth.secret === CREDENTIALS.secret &&
        auth.passphrase === CREDENTIALS.passphrase;
      if (isOurs) this.peers.add(peer);
      else peer.close(1000);
    };
  }
}

function involves(trade: Row, asset: string): boolean {
  return trade.asset_id === asset || (trade.maker_orders as Row[]).some((one) => one.asset_id === asset);
}

function parent(path: string): string {
  return path.split("/").slice(0, -1).join("/");
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(value === "" ? "" : JSON.stringify(value));
}

function misbehave(response: ServerResponse, fault: Fault): void {
  switch (fault.kind) {
    case "answer":
      response.writeHead(fault.status, { "Content-Type": "application/json", ...fault.headers });
      response.end(JSON.stringify(fault.body));
      break;
    case "text":
      response.writeHead(fault.status, { "Content-Type": fault.type ?? "text/html" });
      response.end(fault.body);
      break;
    case "reset":
      response.socket?.destroy();
      break;
    case "half":
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "1000" });
      response.write('{"data": [{"id":');
      response.socket?.destroySoon();
  }
}
