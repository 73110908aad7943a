// The WebSocket of a stream, with bounds that Node's own does not have: how long a message may be, and how long a close
// may wait for its answer. Without the second a peer that is gone would keep the program from ending.
import { loadClient } from "./package.ts";

/** What is used of a WebSocket. */
export interface Socket {
  binaryType: string;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly code: number }) => void): void;
  /** Control frames of the protocol itself. */
  on(event: "ping" | "pong", listener: () => void): void;
  send(text: string): void;
  ping(): void;
  close(): void;
}

export type OpenSocket = (url: string) => Socket;

/** How long a venue may take to answer a close. In ms. */
const CLOSE_MS_MAX = 1_000;

/** Longest message that is read, in bytes; an order with four legs has about 5 000, a first snapshot some 100 000. */
export const MESSAGE_MAX = 1_000_000;

/** @throws VenueError `venue_package` when the package is not installed. */
export async function loadSockets(
  load: () => Promise<typeof import("ws")> = () => import("ws"),
): Promise<OpenSocket> {
  const wanted = { name: "ws", version: "8.23.0", does: "carries a venue's stream" };
  const { WebSocket } = await loadClient(wanted, load);
  return (url) =>
    new WebSocket(url, {
      closeTimeout: CLOSE_MS_MAX,
      maxPayload: MESSAGE_MAX,
      perMessageDeflate: false,
      // Keys go out in the address or the first message: to this address and no other.
      followRedirects: false,
    });
}

/** The text of a message: text, or bytes that are text in UTF-8. Undefined for anything else. */
export function textOf(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (!(content instanceof ArrayBuffer)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}
