// The configuration file as people write it. Every key is known; an unknown one is an error. Paths are relative
// to the file's own folder, so that trueup may be started from anywhere.
import { z } from "zod";
import { limitsSchema } from "./limits.ts";
import { count, notNegative, policySchema, ratio } from "./policy-schema.ts";

const name = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/i, "use letters, digits, - and _, at most 64");
const envName = z.string().regex(/^[A-Z_][A-Z0-9_]*$/i, "must be the name of an environment variable");

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

const common = {
  mode: z.enum(["beside", "executor"]).default("beside"),
  observe: z.boolean().default(false),
  position_mode: z.enum(["net", "hedge"]).default("net"),
  strategies: z.record(z.string(), z.string()).default({}),
  limits: limitsSchema.optional(),
  policy: policySchema.optional(),
  mirrors: z.array(jsonFileMirror).default([]),
};

const paperAccount = z.strictObject({
  venue: z.literal("paper"),
  ...common,
  cash: notNegative.prefault("100000"),
  currency: z.string().min(1).default("USD"),
  fee_ratio: ratio.prefault("0"),
});

const alpacaAccount = z.strictObject({
  venue: z.literal("alpaca"),
  ...common,
  environment: z.enum(["paper", "live"]),
  base_url: z.url().optional(),
  key_id_env: envName.default("APCA_API_KEY_ID"),
  secret_env: envName.default("APCA_API_SECRET_KEY"),
});

/** A venue that a program brings itself, through the library; a file cannot name one. */
const ownAccount = z.strictObject({ venue: z.literal("own"), ...common });

const accountsOf = <Account extends z.ZodType>(account: Account) =>
  z
    .record(name, account)
    .refine((accounts) => Object.keys(accounts).length > 0, "name at least one: [accounts.NAME]");

export const configSchema = z.strictObject({
  state_dir: z.string().min(1),
  api: z
    .strictObject({
      enabled: z.boolean().default(true),
      host: z.literal(["127.0.0.1", "::1"]).default("127.0.0.1"),
      port: count(0, 65_535).default(7717),
    })
    .default({ enabled: true, host: "127.0.0.1", port: 7717 }),
  log: z
    .strictObject({ level: z.enum(["debug", "info", "warn", "error"]).default("info") })
    .default({ level: "info" }),
  journal: z
    .strictObject({ observations_days: count(1, 3_650).default(14) })
    .default({ observations_days: 14 }),
  policy: policySchema.optional(),
  accounts: accountsOf(z.discriminatedUnion("venue", [paperAccount, alpacaAccount])),
});

/** What a program may give to the library. */
export const givenSchema = configSchema.extend({
  accounts: accountsOf(z.discriminatedUnion("venue", [paperAccount, alpacaAccount, ownAccount])),
});

export type Config = z.output<typeof givenSchema>;
export type AccountConfig = Config["accounts"][string];
export type PaperConfig = Extract<AccountConfig, { venue: "paper" }>;
export type AlpacaConfig = Extract<AccountConfig, { venue: "alpaca" }>;
export type MirrorConfig = AccountConfig["mirrors"][number];
