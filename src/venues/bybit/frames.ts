// Messages of Bybit's private stream: what the server sends, as one of a few kinds, and what is sent to it.
// @see https://bybit-exchange.github.io/docs/v5/ws/connect (read 2026-11)
import { isObject } from "../wire/fields.ts";
import { parseExact } from "../wire/json.ts";

/**
 * All categories of each. Not `execution.fast`: its rows have no type, so funding and liquidations would look like trades.
 * @see https://bybit-exchange.github.io/docs/v5/websocket/private/fast-execution (read 2026-11)
 */
export const TOPICS = ["order", "execution", "position", "wallet"] as const;

export type Frame =
  | { readonly kind: "auth"; readonly isAccepted: boolean; readonly said: string }
  | { readonly kind: "subscribed"; readonly isAccepted: boolean; readonly id: string; readonly said: string }
  | { readonly kind: "pong"; readonly id: string }
  | { readonly kind: "topic"; readonly topic: string; readonly rows: readonly unknown[] }
  /** Well formed, and of no kind that is known. */
  | { readonly kind: "other"; readonly name: string }
  | { readonly kind: "unreadable"; readonly problem: string };

export function readFrame(content: unknown): Frame {
  const text = typeof content === "string" ? content : undefined;
  if (text === undefined) return unreadable("bytes that are no text");
  try {
    return frameOf(parseExact(text));
  } catch {
    return unreadable(`${text.length} characters that are not JSON`);
  }
}

export function frameOf(value: unknown): Frame {
  if (!isObject(value)) return unreadable("JSON that is no object");
  const { op, topic, data } = value;
  const said = typeof value.ret_msg === "string" ? value.ret_msg : "";
  const id = typeof value.req_id === "string" ? value.req_id : "";
  if (typeof topic === "string") {
    return Array.isArray(data)
      ? { kind: "topic", topic, rows: data }
      : unreadable(`the topic ${topic.slice(0, 40)} without a list of rows`);
  }
  // The private stream answers with the operation "pong"; others with "ping" and the word.
  if (op === "pong" || said === "pong") return { kind: "pong", id };
  const isAccepted = value.success === true;
  if (op === "auth") return { kind: "auth", isAccepted, said };
  if (op === "subscribe") return { kind: "subscribed", isAccepted, id, said };
  return { kind: "other", name: String(op ?? "no name").slice(0, 40) };
}

function unreadable(problem: string): Frame {
  return { kind: "unreadable", problem: `a message of ${problem}` };
}

/** What is signed for an authentication that counts until `expiresMs`. */
export function authText(expiresMs: number): string {
  return `GET/realtime${expiresMs}`;
}

export function authFrame(key: string, expiresMs: number, signature: string): string {
  return JSON.stringify({ op: "auth", args: [key, expiresMs, signature] });
}

/** One topic each, so that each has an acknowledgement of its own. */
export function subscribeFrame(topic: string): string {
  return JSON.stringify({ req_id: topic, op: "subscribe", args: [topic] });
}

export function pingFrame(id: string): string {
  return JSON.stringify({ req_id: id, op: "ping" });
}
