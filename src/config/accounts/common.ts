// What every account may be configured with, whatever its venue is.
import { z } from "zod";
import { deadManSchema } from "../dead-man.ts";
import { exitsSchema } from "../exits.ts";
import { limitsSchema } from "../limits.ts";
import { count, policySchema } from "../policy-schema.ts";

export const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/i, "use letters, digits, - and _, at most 64");
/** A variable that holds a key: its name, never its value. */
export const envName = z.string().regex(/^[A-Z_][A-Z0-9_]*$/i, "must be the name of an environment variable");

const mirrorFields = z.strictObject({
  instrument: z.string().optional(),
  quantity: z.string().optional(),
  side: z.string().optional(),
  entry_price: z.string().optional(),
  leg: z.string().optional(),
  strategy: z.string().optional(),
  venue_order_id: z.string().optional(),
  opened_at: z.string().optional(),
});

const jsonFileMirror = z.strictObject({
  name,
  type: z.literal("json-file"),
  path: z.string().min(1),
  shape: z.enum(["object", "array"]).default("object"),
  at: z.string().optional(),
  ignore_prefix: z.string().default("_"),
  /** What the key of an added row is, when it is not the symbol. */
  key: z.string().optional(),
  where: z.record(z.string(), z.string()).default({}),
  scope: z
    .string()
    .regex(/^(account|strategy:.+)$/, 'must be "account" or "strategy:NAME"')
    .default("account"),
  fields: mirrorFields.default({}),
  symbols: z.record(z.string(), z.string()).default({}),
  add: z.boolean().default(false),
  template: z.record(z.string(), z.unknown()).optional(),
  on_close: z
    .union([z.literal("remove"), z.strictObject({ set: z.record(z.string(), z.unknown()) })])
    .default("remove"),
  demands_venue_reference: z.boolean().default(false),
  backups: count(1, 10_000).default(10),
});

/** A file that holds a key; a path relative to the configuration file. */
export const keyFile = z.string().min(1).optional();

/** Where the keys are sent, instead of the venue's own address. */
export const baseUrl = z.url().optional();

export const common = {
  mode: z.enum(["beside", "executor"]).default("beside"),
  observe: z.boolean().default(false),
  /** Whether a key that can move money out of the account is wanted; else the account is not opened with it. */
  key_may_withdraw: z.boolean().default(false),
  position_mode: z.enum(["net", "hedge"]).default("net"),
  strategies: z.record(z.string(), z.string()).default({}),
  limits: limitsSchema.optional(),
  exits: exitsSchema.optional(),
  dead_man: deadManSchema.optional(),
  policy: policySchema.optional(),
  mirrors: z.array(jsonFileMirror).default([]),
};
