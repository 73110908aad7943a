// An account at an exchange that ccxt knows, as people write it.
import { z } from "zod";
import { baseUrl, common, envName, keyFile } from "./common.ts";

/** An option of ccxt's or of the profile's. Keys have places of their own, so that no option needs to be one. */
const plain = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

export const ccxtAccount = z.strictObject({
  venue: z.literal("ccxt"),
  ...common,
  exchange: z.string().regex(/^[a-z0-9]{2,32}$/, 'must be an id of ccxt\'s, such as "okx"'),
  environment: z.enum(["live", "sandbox"]),
  markets: z.array(z.string().min(1)).default([]),
  options: z.record(z.string(), plain).default({}),
  base_url: baseUrl,
  key_env: envName.default("CCXT_API_KEY"),
  key_file: keyFile,
  secret_env: envName.default("CCXT_SECRET"),
  secret_file: keyFile,
  password_env: envName.default("CCXT_PASSWORD"),
  password_file: keyFile,
  wallet_address_env: envName.default("CCXT_WALLET_ADDRESS"),
  wallet_address_file: keyFile,
  private_key_env: envName.default("CCXT_PRIVATE_KEY"),
  private_key_file: keyFile,
});
