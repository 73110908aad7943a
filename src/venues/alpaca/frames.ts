// Frames of Alpaca's account stream: what the server sends, as one of a few kinds, and what is sent to it. Frames are
// JSON, binary ones too; numbers keep their text.
// @see https://docs.alpaca.markets/docs/websocket-streaming (read 2026-11)
import { isObject } from "../wire/fields.ts";
import { parseExact } from "../wire/json.ts";

export const TRADE_UPDATES = "trade_updates";

export type Frame =
  | { readonly kind: "authorization"; readonly isAuthorized: boolean }
  /** What the server now sends. */
  | { readonly kind: "listening"; readonly streams: readonly unknown[] }
  | { readonly kind: "update"; readonly update: unknown }
  | { readonly kind: "error"; readonly message: string }
  /** Well formed, and of no kind that is known. */
  | { readonly kind: "other"; readonly name: string }
  | { readonly kind: "unreadable"; readonly problem: string };

/** @param text Undefined where bytes came that are no text. */
export function readFrame(text: string | undefined): Frame {
  if (text === undefined) return unreadable("bytes that are no UTF-8 text");
  let value: unknown;
  try {
    value = parseExact(text);
  } catch {
    return unreadable(`${text.length} characters that are not JSON`);
  }
  if (!isObject(value)) return unreadable("JSON that is no object");
  return frameOf(value);
}

export function frameOf(value: Readonly<Record<string, unknown>>): Frame {
  const data = isObject(value.data) ? value.data : {};
  if (value.action === "error")
    return { kind: "error", message: String(data.error_message ?? "without a word") };
  switch (value.stream) {
    case "authorization":
      return { kind: "authorization", isAuthorized: data.status === "authorized" };
    case "listening":
      return { kind: "listening", streams: Array.isArray(data.streams) ? data.streams : [] };
    case TRADE_UPDATES:
      return { kind: "update", update: value.data };
    default:
      return { kind: "other", name: String(value.stream ?? value.action ?? "no name").slice(0, 40) };
  }
}

function unreadable(problem: string): Frame {
  return { kind: "unreadable", problem: `a message of ${problem}` };
}

/**
 * The form that the server asks for since 2026: the older one is answered with "this authentication format is being
 * deprecated. Please use the format: {action: auth, key, secret}".
 * @see https://github.com/ccxt/ccxt ts/src/test/static/ws/alpaca.json (recorded 2026-09-18, read 2026-11)
 */
export function authFrame(keyId: string, secret: string): string {
  return JSON.stringify({ action: "auth", key: keyId, secret });
}

/** "Any listen messages received by the server will be acknowledged via a message on the listening stream." */
export function listenFrame(): string {
  return JSON.stringify({ action: "listen", data: { streams: [TRADE_UPDATES] } });
}

/** Whether an acknowledgement names exactly what was asked for. */
export function isOurs(streams: readonly unknown[]): boolean {
  return streams.length === 1 && streams[0] === TRADE_UPDATES;
}
