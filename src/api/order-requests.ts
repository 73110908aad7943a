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
  SIDES,
  TIMES_IN_FORCE,
  UNATTRIBUTED,
} from "../core/index.ts";
import type { ExitPlanGiven, OrderHandle, OrderReport } from "../engine/index.ts";
import { decimalText } from "./decimal-text.ts";
import { clearOf, exitPlanOf, inExitClear, inExitPlan, inExitSet } from "./exit-requests.ts";

export const amount = decimalText.transform((text): Decimal => decimal(text));
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
  exit: inExitPlan.optional(),
  signalId: id.optional(),
  tags: z.record(z.string(), z.string()).optional(),
  by,
});

type Named = { readonly clientOrderId?: string | undefined; readonly venueOrderId?: string | undefined };
const isNamed = (one: Named) => one.clientOrderId !== undefined || one.venueOrderId !== undefined;
const UNNAMED = "name the order: clientOrderId or venueOrderId";

export const inAmend = z
  .strictObject({
    account: z.string().optional(),
    intentId: id,
    instrument: z.string().min(1),
    clientOrderId: id.optional(),
    venueOrderId: id.optional(),
    qty: amount.optional(),
    price: amount.optional(),
    triggerPrice: amount.optional(),
    by,
  })
  .refine(isNamed, UNNAMED);

export const inCancel = z
  .strictObject({
    account: z.string().optional(),
    instrument: z.string().min(1),
    clientOrderId: id.optional(),
    venueOrderId: id.optional(),
    by,
  })
  .refine(isNamed, UNNAMED);

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

/** A request from within the process, by the same rules. @throws RequestError for a field that may not be so. */
export const givenIntent = (given: object) => intentOf(checked(inOrder, given));
export const givenAmendment = (given: object) => amendmentOf(checked(inAmend, given));
export const givenHandle = (given: object) => handleOf(checked(inCancel, given));
export const givenReport = (given: object) => reportOf(checked(inResolve, given));

export const givenExitPlan = (given: object): Asked<ExitPlanGiven> => exitPlanOf(checked(inExitSet, given));
export const givenExitClear = (given: object): Asked<ExitPlanGiven> => clearOf(checked(inExitClear, given));

/** What was given is no such request; the message names the fields. */
export class RequestError extends Error {}

export function checked<T>(schema: z.ZodType<T>, given: object): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new RequestError(problemText(parsed.error, schema));
}

/** Each field that is wrong, why, and what is allowed. */
export function problemText({ issues }: z.ZodError, schema: z.ZodType): string {
  return issues.map((issue) => `${issue.path.join(".") || "body"}: ${issueText(issue, schema)}`).join("; ");
}

function issueText(issue: z.core.$ZodIssue, schema: z.ZodType): string {
  if (issue.code === "unrecognized_keys" && issue.path.length === 0 && schema instanceof z.ZodObject) {
    return `there is no field ${issue.keys.map((key) => `"${key}"`).join(", ")}; there are: ${Object.keys(schema.shape).join(", ")}`;
  }
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined")) {
    return `it is missing (${issue.expected})`;
  }
  return issue.message;
}

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
