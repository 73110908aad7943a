// Exit plans as they come in, over the API or from the program that trueup runs inside. A level is a price or a part of
// the entry price; which of the two is always said.
import { z } from "zod";
import { type Decimal, decimal, type ExitPlan, LEGS } from "../core/index.ts";
import type { ExitPlanGiven } from "../engine/index.ts";
import { decimalText } from "./decimal-text.ts";

const amount = decimalText.transform((text): Decimal => decimal(text));
const level = z.union([z.strictObject({ price: amount }), z.strictObject({ ratio: amount })], {
  error: 'it is {"price": "95.5"} or {"ratio": "0.02"}, a part of the entry price',
});
const distance = z.union([z.strictObject({ distance: amount }), z.strictObject({ ratio: amount })], {
  error: 'it is {"distance": "1.5"} or {"ratio": "0.02"}, a part of the best price',
});
const ms = z.int().nonnegative();

/** Of an order that opens, or set by a person. */
export const inExitPlan = z
  .strictObject({
    stop: level.optional(),
    target: level.optional(),
    trailing: distance.optional(),
    timeStopMs: ms.optional(),
    minimumHoldMs: ms.optional(),
    invalidation: z.string().optional(),
  })
  .transform((plan) => defined(plan) as ExitPlan);

const by = z.string().min(1).max(64).default("api");

export const inExits = z.strictObject({ account: z.string().optional() });
export const inExitSet = z.strictObject({
  account: z.string().optional(),
  instrument: z.string().min(1),
  leg: z.enum(LEGS).default("net"),
  strategy: z.string().min(1).optional(),
  plan: z.union([inExitPlan, z.literal("none")]),
  by,
});
export const inExitClear = z.strictObject({
  account: z.string().optional(),
  instrument: z.string().min(1),
  leg: z.enum(LEGS).default("net"),
  strategy: z.string().min(1).optional(),
  by,
});

interface Asked {
  readonly account: string | undefined;
  readonly by: string;
  readonly asked: ExitPlanGiven;
}

export function exitPlanOf(read: z.output<typeof inExitSet>): Asked {
  const { account, by: who, strategy, instrument, leg, plan } = read;
  return { account, by: who, asked: { instrument, leg, plan, strategy: strategy ?? null } };
}

export function clearOf(read: z.output<typeof inExitClear>): Asked {
  const { account, by: who, strategy, instrument, leg } = read;
  return { account, by: who, asked: { instrument, leg, plan: null, strategy: strategy ?? null } };
}

function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
