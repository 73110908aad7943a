// Sends one command, once. Alpaca's package signs it and writes the body; the answer is taken as the text that came,
// before the package could read it. A second request within one command is refused here, so that no policy of a
// package, now or in a later version, can place an order twice.
import type { trading } from "@alpacahq/alpaca-trade-api/rest";
import type { ClientOptions, Package } from "./client.ts";
import { cleanMessage, type FailureWords, rootCause } from "./failure.ts";

export type Reply =
  | { readonly kind: "answer"; readonly status: number; readonly text: string }
  /** Nothing left this machine: certain, not likely. */
  | { readonly kind: "notSent"; readonly problem: string }
  /** It may have arrived. */
  | { readonly kind: "lost"; readonly problem: string };

export interface OrderSender {
  post(order: trading.PostOrderRequest): Promise<Reply>;
  patch(venueOrderId: string, change: trading.PatchOrderRequest): Promise<Reply>;
  delete(venueOrderId: string): Promise<Reply>;
}

export function openSender(alpaca: Package, options: ClientOptions, words: FailureWords): OrderSender {
  const { baseUrl: basePath, keyId, secret, timing } = options;

  async function send(
    call: (orders: trading.OrdersApi) => Promise<{ readonly raw: Response }>,
  ): Promise<Reply> {
    let isSent = false;
    let answer: { readonly status: number; readonly text: string } | undefined;
    const once: typeof fetch = async (input, init) => {
      if (isSent) throw new Error("a command is sent once; a second request for it was stopped");
      isSent = true;
      const response = await options.fetch(input, init);
      answer = { status: response.status, text: await response.text() };
      // What the package makes of the answer is not asked for.
      return new Response(null, { status: 204 });
    };
    const configuration = new alpaca.trading.Configuration({
      basePath,
      keyId,
      secret,
      fetchApi: once,
      timeoutMs: timing.timeoutMs,
      retry: { maxRetries: 0 },
    });
    try {
      const { raw } = await call(new alpaca.trading.OrdersApi(configuration));
      // The package's time limit runs until the body is read.
      await raw.text();
    } catch (error) {
      if (answer === undefined) {
        return isSent && !isBeforeSending(error) ? lost(error, words) : notSent(error, words);
      }
    }
    if (answer === undefined) return { kind: "lost", problem: "the answer did not come" };
    return { kind: "answer", ...answer };
  }

  return {
    post: (postOrderRequest) => send((orders) => orders.postOrderRaw({ postOrderRequest })),
    patch: (orderId, patchOrderRequest) =>
      send((orders) => orders.patchOrderByOrderIdRaw({ orderId, patchOrderRequest })),
    delete: (orderId) => send((orders) => orders.deleteOrderByOrderIDRaw({ orderId })),
  };
}

/**
 * Whether a failure of the network came before a connection stood: the name was not found, or nobody took the
 * connection. The system names the call that failed; of several addresses every one must have failed so. A TLS
 * failure, a reset or a time-out may come after the request was written.
 */
export function isBeforeSending(error: unknown): boolean {
  const ends = endsOf(error, 0);
  return ends.length > 0 && ends.every((end) => "syscall" in end && BEFORE_SENDING.has(String(end.syscall)));
}

const BEFORE_SENDING = new Set(["getaddrinfo", "connect"]);

/** How deep errors wrap one another: the package, fetch, the sockets of several addresses. */
const DEPTH_MAX = 6;

function endsOf(error: unknown, depth: number): readonly object[] {
  if (!(error instanceof Error) || depth > DEPTH_MAX) return [];
  if (error instanceof AggregateError) return error.errors.flatMap((one) => endsOf(one, depth + 1));
  return error.cause instanceof Error ? endsOf(error.cause, depth + 1) : [error];
}

function notSent(error: unknown, words: FailureWords): Reply {
  return { kind: "notSent", problem: `nothing was sent: ${wordOf(error, words)}` };
}

function lost(error: unknown, words: FailureWords): Reply {
  const cause = rootCause(error);
  if (cause.name === "TimeoutError")
    return { kind: "lost", problem: `no answer within ${words.timeoutMs / 1_000} s` };
  return { kind: "lost", problem: `the answer was lost: ${wordOf(error, words)}` };
}

function wordOf(error: unknown, words: FailureWords): string {
  const cause = rootCause(error);
  const code = "code" in cause && typeof cause.code === "string" ? `${cause.code}: ` : "";
  return `${code}${cleanMessage(cause.message, words)}`;
}
