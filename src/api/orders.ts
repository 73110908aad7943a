// The order routes: what a bot that trades through trueup sends, and how any bot finds out what became of an order.
// What is rejected or unknown is an answer like any other (status 200): only `outcome` tells, never the status.
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { findOrder, isActive, orderView } from "../core/index.ts";
import type { AccountHost } from "./host.ts";
import {
  amendmentOf,
  handleOf,
  inAmend,
  inCancel,
  inOrder,
  inResolve,
  intentOf,
  reportOf,
} from "./order-requests.ts";

const inOrders = z.strictObject({
  account: z.string().optional(),
  instrument: z.string().optional(),
  clientOrderId: z.string().optional(),
  all: z.enum(["true", "false"]).default("false"),
});

export interface OrderRouteOptions {
  readonly pick: (account: string | undefined) => AccountHost;
  readonly read: <T>(schema: z.ZodType<T>, value: unknown) => T;
}

export function orderRoutes(app: FastifyInstance, { pick, read }: OrderRouteOptions): void {
  app.get("/v1/orders", async (request) => {
    const { account, instrument, clientOrderId, all } = read(inOrders, request.query);
    const host = pick(account);
    const book = await host.book();
    const named =
      instrument !== undefined && clientOrderId !== undefined
        ? findOrder(book, { instrument, clientOrderId })
        : undefined;
    const orders = named ? [named] : [...book.orders.values()];
    const wanted = orders.filter(
      (order) =>
        (instrument === undefined || order.instrument === instrument) &&
        (clientOrderId === undefined || order === named || order.clientOrderId === clientOrderId) &&
        (all === "true" || clientOrderId !== undefined || isActive(order)),
    );
    return { account: host.name, orders: wanted.map(orderView) };
  });
  app.post("/v1/orders", async (request) => {
    const { account, by, asked } = intentOf(read(inOrder, request.body));
    const host = pick(account);
    return { account: host.name, ...(await host.submit(asked, by)) };
  });
  app.post("/v1/orders/amend", async (request) => {
    const { account, by, asked } = amendmentOf(read(inAmend, request.body));
    const host = pick(account);
    return { account: host.name, ...(await host.amend(asked, by)) };
  });
  app.post("/v1/orders/cancel", async (request) => {
    const { account, by, asked } = handleOf(read(inCancel, request.body));
    const host = pick(account);
    return { account: host.name, ...(await host.cancel(asked, by)) };
  });
  app.post("/v1/orders/resolve", async (request) => {
    const { account, by, asked } = reportOf(read(inResolve, request.body));
    const host = pick(account);
    return { account: host.name, ...(await host.resolve(asked, by)) };
  });
}
