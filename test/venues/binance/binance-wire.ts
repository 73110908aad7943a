// What both of Binance's markets have in common on this machine: keys, signatures, the time of a request, errors. Written from
// Binance's documentation (general-info of both markets, read 2026-11).
import { createHmac } from "node:crypto";
import {
  type AccountModel,
  json,
  type ModelOrder,
  type Refusal,
  type WireReply,
  type WireRequest,
  WireServer,
} from "../../../src/conformance/index.ts";
import type { OrderType } from "../../../src/core/index.ts";

export type Row = Readonly<Record<string, unknown>>;

/** Paths that need no signature; the key alone, or nothing. */
const KEY_ONLY = /\/listenKey$/;
const PUBLIC = /\/(?:time|exchangeInfo)$/;

export abstract class BinanceWire extends WireServer {
  protected readonly keys: Readonly<Record<string, string>>;
  /** The venue's clock less the account's. In ms. */
  skewMs = 0;

  constructor(model: AccountModel, keys: Readonly<Record<string, string>>) {
    super(model);
    this.keys = keys;
  }

  get nowMs(): number {
    return this.model.nowMs + this.skewMs;
  }

  protected override notFound(): WireReply {
    return { status: 404, text: "<html>Not found</html>", headers: { "Content-Type": "text/html" } };
  }

  protected override refusalOf({ path, query, headers }: WireRequest): WireReply | undefined {
    if (PUBLIC.test(path)) return undefined;
    if (this.stream.isUnauthorized || headers["x-mbx-apikey"] !== this.keys.keyId) {
      return error(-2015, "Invalid API-key, IP, or permissions for action", 401);
    }
    if (KEY_ONLY.test(path)) return undefined;
    if (!this.isSigned(query)) return error(-1022, "Signature for this request is not valid.");
    const sentMs = Number(query.get("timestamp"));
    const isLate = this.nowMs - sentMs > Number(query.get("recvWindow") ?? 5_000);
    if (isLate) return error(-1021, "Timestamp for this request is outside of the recvWindow.");
    if (sentMs - this.nowMs <= 1_000) return undefined;
    return error(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
  }

  private isSigned(query: URLSearchParams): boolean {
    const signed = new URLSearchParams(query);
    signed.delete("signature");
    // As it was sent: the adapter encodes like encodeURIComponent.
    const text = [...signed].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
    return query.get("signature") === hmac(text, this.keys.secret ?? "");
  }
}

export function hmac(text: string, secret: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

export function error(code: number, msg: string, status = 400): WireReply {
  return json({ code, msg }, status);
}

/** A number as Binance writes ids; a client's text stays one. */
export function id(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** What an order that no program named is called at Binance. */
export function clientIdOf(order: ModelOrder): string {
  return order.clientOrderId ?? `web_${order.venueOrderId}`;
}

const WORDS: Readonly<Record<string, string>> = {
  open: "NEW",
  partially_filled: "PARTIALLY_FILLED",
  filled: "FILLED",
  canceled: "CANCELED",
  expired: "EXPIRED",
  rejected: "REJECTED",
};

export function statusWord(order: ModelOrder): string {
  return WORDS[order.status] ?? "NEW";
}

export function isOpen(order: ModelOrder): boolean {
  return order.status === "open" || order.status === "partially_filled";
}

export function isStop({ type }: { readonly type: OrderType }): boolean {
  return type === "stop" || type === "stop_limit";
}

/** Rows since an id or in a window of time, oldest first, as many as a page has. */
export function pageOf<Item>(
  items: readonly Item[],
  of: { readonly id: (item: Item) => number; readonly ms: (item: Item) => number },
  query: URLSearchParams,
  size: number,
): readonly Item[] {
  const fromId = query.get("fromId");
  const from = Number(query.get("startTime") ?? 0);
  const to = Number(query.get("endTime") ?? Number.MAX_SAFE_INTEGER);
  const chosen = items.filter((item) =>
    fromId === null ? of.ms(item) >= from && of.ms(item) <= to : of.id(item) >= Number(fromId),
  );
  return [...chosen].sort((a, b) => of.id(a) - of.id(b)).slice(0, size);
}

export type Refusals = Readonly<Record<Refusal, readonly [number, string]>>;
