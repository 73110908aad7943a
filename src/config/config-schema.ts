// The configuration file as people write it. Every key is known; an unknown one is an error. Paths are relative
// to the file's own folder, so that trueup may be started from anywhere.
import { z } from "zod";
import { alpacaAccount } from "./accounts/alpaca.ts";
import { binanceAccount } from "./accounts/binance.ts";
import { bybitAccount } from "./accounts/bybit.ts";
import { ccxtAccount } from "./accounts/ccxt.ts";
import { name } from "./accounts/common.ts";
import { ownAccount } from "./accounts/own.ts";
import { paperAccount } from "./accounts/paper.ts";
import { polymarketAccount } from "./accounts/polymarket.ts";
import { count, policySchema } from "./policy-schema.ts";

/** Venues that a file can name; each has its own file in accounts/. */
const ACCOUNTS = [
  paperAccount,
  alpacaAccount,
  binanceAccount,
  bybitAccount,
  polymarketAccount,
  ccxtAccount,
] as const;

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
  accounts: accountsOf(z.discriminatedUnion("venue", ACCOUNTS)),
});

/** What a program may give to the library. */
export const givenSchema = configSchema.extend({
  accounts: accountsOf(z.discriminatedUnion("venue", [...ACCOUNTS, ownAccount])),
});

export type Config = z.output<typeof givenSchema>;
export type AccountConfig = Config["accounts"][string];
/** The configuration of an account at this venue. */
export type AccountAt<Name extends AccountConfig["venue"]> = Extract<AccountConfig, { venue: Name }>;
export type MirrorConfig = AccountConfig["mirrors"][number];
