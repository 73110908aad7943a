// Sends one command, once (../wire/once.ts). The body is signed as the very text that is sent.
import type { Clock } from "../../runtime/index.ts";
import { type Reply, sendOnce, timeLimited } from "../wire/once.ts";
import type { PolymarketClient } from "./client.ts";
import type { FailureWords } from "./failure.ts";
import { type Request, signedHeaders } from "./keys.ts";
import type { Packages } from "./packages.ts";

export interface OrderSender {
  /** @param body An order as JSON; it names the API key as its owner. */
  post(body: (apiKey: string) => string): Promise<Reply>;
  delete(venueOrderId: string): Promise<Reply>;
  /** All open orders of the credentials' wallet. */
  deleteAll(): Promise<Reply>;
  /** One heartbeat, with the id that the answer to the last one gave. */
  beat(id: string): Promise<Reply>;
}

/** A beat that is not answered by then is over before the next one is due. In ms. */
const BEAT_TIMEOUT_MS = 3_000;

export interface SenderOptions {
  readonly clobUrl: string;
  readonly signer: string;
  readonly client: PolymarketClient;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** In ms. */
  readonly timeoutMs: number;
  readonly words: FailureWords;
}

export function openSender(packages: Packages, options: SenderOptions): OrderSender {
  const { clobUrl, signer, client, clock, words } = options;

  async function send(
    method: "POST" | "DELETE",
    path: string,
    bodyOf?: (apiKey: string) => string,
    timeoutMs = options.timeoutMs,
  ): Promise<Reply> {
    const found = await client.credentials();
    if ("problem" in found) return { kind: "notSent", problem: `nothing was sent: ${found.problem}` };
    const body = bodyOf && { body: bodyOf(found.credentials.apiKey) };
    const request: Request = { method, path, ...body };
    const headers = await signedHeaders(packages, signer, found.credentials, request, clock);
    return sendOnce({ fetch: timeLimited(options.fetch, timeoutMs), words }, (once) =>
      once(`${clobUrl}${path}`, {
        method,
        ...body,
        headers: { Accept: "application/json", "Content-Type": "application/json", ...headers },
      }),
    );
  }

  return {
    post: (body) => send("POST", "/order", body),
    deleteAll: () => send("DELETE", "/cancel-all"),
    delete: (venueOrderId) => send("DELETE", "/order", () => JSON.stringify({ orderID: venueOrderId })),
    beat: (id) =>
      send(
        "POST",
        "/v1/heartbeats",
        () => JSON.stringify({ heartbeat_id: id }),
        Math.min(options.timeoutMs, BEAT_TIMEOUT_MS),
      ),
  };
}
