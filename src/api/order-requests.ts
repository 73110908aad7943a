// What a bot may ask of the venue through trueup, as it comes in: over the API, or from the program that trueup runs
// inside. The schemas are the one place that says what each field may be.
import { z } from "zod";
import {
  type AmendIntent,
  type Decimal,
  decimal,
  LEGS,
  ORDER_TYPES,
  type OrderIntent,
  parseDecimal,
  SIDES,
  TIMES_IN_FORCE,
  UNATTRIBUTED,
} from "../core/index.ts";
import type { OrderHandle, OrderReport } from "../engine/index.ts";

const amount = z
  .string()
  .refine((text) => parseDecimal(text) !== undefined, "must be a decimal as a string")
  .transform((text): Decimal => decimal(text));
const id = z.string().min(1).max(128);
const by = z.string().min(1).max(64).default("api");

export const inOrder = z.strictObject({
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

export const inAmend = z.strictObject({
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

export const inCancel = z.strictObject({
  account: z.string().optional(),
  instrument: z.string().min(1),
  clientOrderId: id.optional(),
  venueOrderId: id.optional(),
  by,
});

export const inResolve = z.strictObject({
  account: z.string().optional(),
  instrument: z.string().min(1),
  clientOrderId: id,
  leg: z.enum(LEGS).optional(),
  side: z.enum(SIDES).optional(),
  qty: amount.optional(),
  price: amount.optional(),
  by,
});

export interface Asked<T> {
  readonly account: string | undefined;
  readonly by: string;
  readonly asked: T;
}

export const intentOf = (read: z.output<typeof inOrder>) => split<OrderIntent>(read);
export const amendmentOf = (read: z.output<typeof inAmend>) => split<AmendIntent>(read);
export const handleOf = (read: z.output<typeof inCancel>) => split<OrderHandle>(read);
export const reportOf = (read: z.output<typeof inResolve>) => split<OrderReport>(read);

/** Without the fields that were left out: in the core, absent and undefined are not the same. */
function split<T>({
  account,
  by: who,
  ...fields
}: {
  readonly account?: string | undefined;
  readonly by: string;
}): Asked<T> {
  const asked = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
  return { account, by: who, asked };
}
