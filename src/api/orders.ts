// The order routes: what a bot that trades through trueup sends, and how any bot finds out what became of an order.
// What is rejected or unknown is an answer like any other (status 200): only `outcome` tells, never the status.
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  type AmendIntent,
  type Decimal,
  decimal,
  findOrder,
  isActive,
  LEGS,
  ORDER_TYPES,
  type OrderIntent,
  orderView,
  parseDecimal,
  SIDES,
  TIMES_IN_FORCE,
  UNATTRIBUTED,
} from "../core/index.ts";
import type { OrderHandle, OrderReport } from "../engine/index.ts";
import type { AccountHost } from "./host.ts";

const amount = z
  .string()
  .refine((text) => parseDecimal(text) !== undefined, "must be a decimal as a string")
  .transform((text): Decimal => decimal(text));
const id = z.string().min(1).max(128);
const by = z.string().min(1).max(64).default("api");

const inOrder = z.strictObject({
  account: z.string().optional(),
  intentId: id,
  instrument: z.string().min(1),
  leg: z.enum(LEGS).default("net"),
  side: z.enum(SIDES),
  type: z.enum(ORDER_TYPES).default("market"),
  qty: amount.optional(),
  notional: amount.optional(),
  price: amount.optional(),
  triggerPrice: amount.optional(),
  timeInForce: z.enum(TIMES_IN_FORCE).default("day"),
  reduceOnly: z.boolean().default(false),
  strategy: z.string().min(1).default(UNATTRIBUTED),
  referencePrice: amount.optional(),
  by,
});

const inAmend = z.strictObject({
  account: z.string().optional(),
  intentId: id,
  instrument: z.string().min(1),
  clientOrderId: id.optional(),
  venueOrderId: id.optional(),
  qty: amount.optional(),
  price: amount.optional(),
  triggerPrice: amount.optional(),
  by,
});

const inCancel = z.strictObject({
  account: z.string().optional(),
  instrument: z.string().min(1),
  clientOrderId: id.optional(),
  venueOrderId: id.optional(),
  by,
});

const inResolve = z.strictObject({
  account: z.string().optional(),
  instrument: z.string().min(1),
  clientOrderId: id,
  leg: z.enum(LEGS).optional(),
  side: z.enum(SIDES).optional(),
  qty: amount.optional(),
  price: amount.optional(),
  by,
});

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
    const { account, by: who, ...asked } = read(inOrder, request.body);
    const host = pick(account);
    return { account: host.name, ...(await host.submit(present<OrderIntent>(asked), who)) };
  });
  app.post("/v1/orders/amend", async (request) => {
    const { account, by: who, ...asked } = read(inAmend, request.body);
    const host = pick(account);
    return { account: host.name, ...(await host.amend(present<AmendIntent>(asked), who)) };
  });
  app.post("/v1/orders/cancel", async (request) => {
    const { account, by: who, ...asked } = read(inCancel, request.body);
    const host = pick(account);
    return { account: host.name, ...(await host.cancel(present<OrderHandle>(asked), who)) };
  });
  app.post("/v1/orders/resolve", async (request) => {
    const { account, by: who, ...asked } = read(inResolve, request.body);
    const host = pick(account);
    return { account: host.name, ...(await host.resolve(present<OrderReport>(asked), who)) };
  });
}

/** Without the fields that were left out: in the core, absent and undefined are not the same. */
function present<T>(fields: object): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
