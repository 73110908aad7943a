// Sends one command, once (../wire/once.ts): Alpaca's package signs it and writes the body, and its own retries are off.
import type { trading } from "@alpacahq/alpaca-trade-api/rest";
import { type Reply, sendOnce } from "../wire/once.ts";
import type { ClientOptions, Package } from "./client.ts";
import type { FailureWords } from "./failure.ts";

export interface OrderSender {
  post(order: trading.PostOrderRequest): Promise<Reply>;
  patch(venueOrderId: string, change: trading.PatchOrderRequest): Promise<Reply>;
  delete(venueOrderId: string): Promise<Reply>;
  /** All open orders of the account. */
  deleteAll(): Promise<Reply>;
}

export function openSender(alpaca: Package, options: ClientOptions, words: FailureWords): OrderSender {
  const { baseUrl: basePath, keyId, secret, timing } = options;

  function send(call: (orders: trading.OrdersApi) => Promise<{ readonly raw: Response }>): Promise<Reply> {
    return sendOnce({ fetch: options.fetch, words }, async (once) => {
      const configuration = new alpaca.trading.Configuration({
        basePath,
        keyId,
        secret,
        fetchApi: once,
        timeoutMs: timing.timeoutMs,
        retry: { maxRetries: 0 },
      });
      const { raw } = await call(new alpaca.trading.OrdersApi(configuration));
      // The package's time limit runs until the body is read.
      await raw.text();
    });
  }

  return {
    post: (postOrderRequest) => send((orders) => orders.postOrderRaw({ postOrderRequest })),
    patch: (orderId, patchOrderRequest) =>
      send((orders) => orders.patchOrderByOrderIdRaw({ orderId, patchOrderRequest })),
    deleteAll: () => send((orders) => orders.deleteAllOrdersRaw()),
    delete: (orderId) => send((orders) => orders.deleteOrderByOrderIDRaw({ orderId })),
  };
}
