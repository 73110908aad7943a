// A local server that speaks Bybit's wire protocol, on loopback only: the real adapter and the real package run against
// it. It checks signatures, keeps to Bybit's limits of pages and windows, and lets a test answer in its place.
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type AccountState, type Kept, NOW, newState, type Row } from "./rows.ts";
import { BybitStream } from "./stream.ts";

/** What goes over the wire; `reset` cuts the connection, `hang` never answers. */
export type Wire =
  | { readonly status: number; readonly text: string; readonly headers?: Readonly<Record<string, string>> }
  | "reset"
  | "hang";

/** Given the good answer to a request: what is sent in its place. `effect` is done when `good` is called. */
export type Fault = (good: () => Wire, query: URLSearchParams, count: number) => Wire;

const DAY_MS = 86_400_000;
const OPEN = ["New", "PartiallyFilled", "Untriggered", "Triggered"];

export class BybitServer {
  state: AccountState = newState();
  readonly key = "LOCALKEY0000000001";
  readonly secret = "local-secret-0123456789abcdef";
  /** Method, path and query of every request, in order. */
  readonly requests: string[] = [];
  /** Bodies of the commands, as their exact text. */
  readonly bodies: string[] = [];
  readonly headers: IncomingMessage["headers"][] = [];
  readonly stream = new BybitStream(this.key, this.secret);
  nowMs: () => number = () => NOW;
  private readonly faults = new Map<string, { fault: Fault; count: number }>();
  private readonly hanging: (() => void)[] = [];
  private readonly server: Server;
  private orders = 0;

  constructor() {
    this.server = createServer((request, response) => this.handle(request, response));
    this.server.on("upgrade", (request, socket) => this.stream.accept(request, socket));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    this.stream.cut();
    await closed;
  }

  setFault(path: string, fault: Fault): void {
    this.faults.set(path, { fault, count: 0 });
  }

  clearFaults(): void {
    this.faults.clear();
  }

  /** Resolves when the next request is left without an answer. */
  nextHanging(): Promise<void> {
    return new Promise((resolve) => this.hanging.push(resolve));
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    this.headers.push(request.headers);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      if (body !== "") this.bodies.push(body);
      this.send(request, response, this.answer(request, url, body));
    });
  }

  private send(request: IncomingMessage, response: ServerResponse, wire: Wire): void {
    if (wire === "reset") request.socket.destroy();
    else if (wire === "hang") for (const resolve of this.hanging.splice(0)) resolve();
    else {
      response.writeHead(wire.status, { "Content-Type": "application/json", ...wire.headers });
      response.end(wire.text);
    }
  }

  private answer(request: IncomingMessage, url: URL, body: string): Wire {
    const good = () => this.route(request, url, body);
    const known = this.faults.get(url.pathname);
    if (!known) return good();
    known.count += 1;
    return known.fault(good, url.searchParams, known.count);
  }

  private route(request: IncomingMessage, url: URL, body: string): Wire {
    const { pathname, searchParams: query } = url;
    if (pathname === "/v5/market/time") return this.success({ timeSecond: "0", timeNano: "0" });
    if (pathname === "/v5/market/instruments-info")
      return this.paged(this.of(this.state.instruments, query), query, 500, 1_000);
    const refusal = this.unauthorized(request, url, body);
    if (refusal) return refusal;
    switch (pathname) {
      case "/v5/user/query-api":
        return this.success(this.state.key);
      case "/v5/account/info":
        return this.success(this.state.account);
      case "/v5/account/wallet-balance":
        return this.wallet(query);
      case "/v5/position/list":
        return this.positions(query);
      case "/v5/order/realtime":
        return this.listOrders(query, true);
      case "/v5/order/history":
        return this.listOrders(query, false);
      case "/v5/execution/list":
        return this.windowed(this.executions(query), query, "execTime", {
          limit: 50,
          max: 100,
          openMs: 7 * DAY_MS,
        });
      case "/v5/account/transaction-log":
        return this.windowed(
          this.state.log.map(({ row }) => row),
          query,
          "transactionTime",
          { limit: 20, max: 50, openMs: DAY_MS },
        );
      case "/v5/order/create":
        return this.create(JSON.parse(body) as Row);
      case "/v5/order/cancel":
        return this.cancel(JSON.parse(body) as Row);
      case "/v5/order/amend":
        return this.amend(JSON.parse(body) as Row);
      default:
        return { status: 404, text: "" };
    }
  }

  private unauthorized({ headers, method }: IncomingMessage, url: URL, body: string): Wire | undefined {
    const [key, time, window, sign] = ["api-key", "timestamp", "recv-window", "sign"].map(
      (name) => headers[`x-bapi-${name}`],
    );
    if (key !== this.key) return failure(10003, "API key is invalid.");
    if (Math.abs(Date.now() - Number(time)) > 5_000)
      return failure(10002, "invalid request, check your timestamp");
    const signed = `${time}${key}${window}${method === "GET" ? url.search.slice(1) : body}`;
    const expected = createHmac("sha256", this.secret).update(signed).digest("hex");
    return sign === expected ? undefined : failure(10004, `error sign! origin_string[${signed}]`);
  }

  private of(kept: readonly Kept[], query: URLSearchParams): Row[] {
    const [category, settle, symbol] = ["category", "settleCoin", "symbol"].map((name) => query.get(name));
    return kept
      .filter((one) => one.category === category)
      .filter((one) => settle === null || one.settleCoin === settle)
      .filter((one) => symbol === null || one.row.symbol === symbol)
      .map(({ row }) => row);
  }

  /** Of options "default value is BTC". */
  private executions(query: URLSearchParams): Row[] {
    const rows = this.of(this.state.executions, query);
    if (query.get("category") !== "option") return rows;
    return rows.filter(({ symbol }) => String(symbol).startsWith(`${query.get("baseCoin") ?? "BTC"}-`));
  }

  private positions(query: URLSearchParams): Wire {
    const symbol = query.get("symbol");
    const needs = query.get("category") === "linear" && symbol === null && query.get("settleCoin") === null;
    if (needs) return failure(10001, "Missing some parameters that must be filled in, symbol or settleCoin");
    const rows = this.of(this.state.positions, query);
    if (symbol === null)
      return this.paged(
        rows.filter(({ size }) => size !== "0"),
        query,
        20,
        200,
      );
    const flat = {
      positionIdx: 0,
      symbol,
      side: "",
      size: "0",
      avgPrice: "",
      updatedTime: "",
      positionStatus: "",
    };
    return this.paged(rows.length > 0 ? rows : [flat], query, 20, 200);
  }

  private listOrders(query: URLSearchParams, isRealtime: boolean): Wire {
    const { orderId, orderLinkId } = Object.fromEntries(query);
    const isAll = orderId !== undefined || orderLinkId !== undefined;
    const needs =
      query.get("category") === "linear" && !isAll && !query.has("symbol") && !query.has("settleCoin");
    if (needs)
      return failure(
        10001,
        "Missing some parameters that must be filled in, symbol or settleCoin or baseCoin",
      );
    const rows = this.of(this.state.orders, query)
      .filter((row) =>
        orderId !== undefined
          ? row.orderId === orderId
          : orderLinkId === undefined || row.orderLinkId === orderLinkId,
      )
      .filter(({ orderStatus }) => OPEN.includes(String(orderStatus)) === isRealtime);
    return this.paged(rows, query, 20, 50);
  }

  private wallet(query: URLSearchParams): Wire {
    const asked = query.get("coin");
    const coins = this.state.coins.filter((one) =>
      asked === null ? one.walletBalance !== "0" : one.coin === asked,
    );
    return this.success({ list: [{ accountType: "UNIFIED", totalEquity: "1", coin: coins }] });
  }

  /** Newest first; both ends of a window belong to it. */
  private windowed(
    rows: readonly Row[],
    query: URLSearchParams,
    field: string,
    { limit, max, openMs }: { limit: number; max: number; openMs: number },
  ): Wire {
    const from = query.has("startTime") ? Number(query.get("startTime")) : this.nowMs() - openMs;
    const to = query.has("endTime") ? Number(query.get("endTime")) : from + openMs;
    if (to - from > 7 * DAY_MS)
      return failure(10001, "The time range between startTime and endTime cannot exceed 7 days");
    const found = rows
      .filter((row) => Number(row[field]) >= from && Number(row[field]) <= to)
      .sort((a, b) => Number(b[field]) - Number(a[field]));
    return this.paged(found, query, limit, max);
  }

  private paged(rows: readonly Row[], query: URLSearchParams, standard: number, max: number): Wire {
    const limit = Number(query.get("limit") ?? standard);
    if (limit > max) return failure(10001, `limit is out of range: ${limit}`);
    const at = Number((query.get("cursor") ?? "row=0").replace("row=", ""));
    const next = at + limit < rows.length ? encodeURIComponent(`row=${at + limit}`) : "";
    const list = rows.slice(at, at + limit);
    return this.success({ category: query.get("category") ?? "", list, nextPageCursor: next });
  }

  private create(body: Row): Wire {
    if (this.state.orders.some(({ row }) => row.orderLinkId === body.orderLinkId)) {
      return failure(body.category === "spot" ? 170141 : 110072, "OrderLinkedID is duplicate");
    }
    this.orders += 1;
    const orderId = `22222222-0000-4000-8000-${String(this.orders).padStart(12, "0")}`;
    const isStop = body.triggerPrice !== undefined;
    const row = {
      ...{ orderId, orderLinkId: body.orderLinkId, symbol: body.symbol, side: body.side, qty: body.qty },
      ...{ orderType: body.orderType, price: body.price ?? "", triggerPrice: body.triggerPrice ?? "" },
      ...{ stopOrderType: isStop ? "Stop" : "", orderStatus: isStop ? "Untriggered" : "New" },
      ...{
        cumExecQty: "0",
        avgPrice: "",
        positionIdx: body.positionIdx ?? 0,
        reduceOnly: body.reduceOnly ?? false,
      },
      ...{
        marketUnit: body.marketUnit ?? "",
        createdTime: String(this.nowMs()),
        updatedTime: String(this.nowMs()),
      },
    };
    const category = body.category as Kept["category"];
    this.state.orders.push({ category, settleCoin: "USDT", row });
    return this.success({ orderId, orderLinkId: body.orderLinkId });
  }

  private cancel(body: Row): Wire {
    // A conditional order on spot is found only by its filter.
    const isOf = ({ row, category }: Kept) =>
      category !== "spot" || (row.orderStatus === "Untriggered") === (body.orderFilter === "StopOrder");
    return this.change(body, { orderStatus: "Cancelled" }, isOf);
  }

  private amend(body: Row): Wire {
    const { qty, price, triggerPrice } = body;
    return this.change(body, {
      ...(qty !== undefined && { qty }),
      ...(price !== undefined && { price }),
      ...(triggerPrice !== undefined && { triggerPrice }),
    });
  }

  private change(body: Row, changes: Row, isOf: (kept: Kept) => boolean = () => true): Wire {
    const at = this.state.orders.findIndex(
      (kept) =>
        isOf(kept) &&
        kept.category === body.category &&
        OPEN.includes(String(kept.row.orderStatus)) &&
        (body.orderId === undefined
          ? kept.row.orderLinkId === body.orderLinkId
          : kept.row.orderId === body.orderId),
    );
    const kept = this.state.orders[at];
    if (!kept)
      return failure(body.category === "spot" ? 170213 : 110001, "order not exists or too late to cancel");
    this.state.orders[at] = { ...kept, row: { ...kept.row, ...changes } };
    return this.success({ orderId: kept.row.orderId, orderLinkId: kept.row.orderLinkId });
  }

  private success(result: Row): Wire {
    return envelope(0, "OK", result, this.nowMs());
  }
}

export function failure(code: number, message: string): Wire {
  return envelope(code, message, {}, NOW);
}

export function envelope(retCode: number, retMsg: string, result: Row, time: number): Wire {
  return { status: 200, text: JSON.stringify({ retCode, retMsg, result, retExtInfo: {}, time }) };
}
