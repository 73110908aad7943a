// An account at Bybit, as people write it: one unified account of one key.
import { z } from "zod";
import { baseUrl, common, envName, keyFile } from "./common.ts";

export const bybitAccount = z.strictObject({
  venue: z.literal("bybit"),
  ...common,
  environment: z.enum(["live", "testnet", "demo"]),
  categories: z
    .array(z.enum(["linear", "inverse", "spot", "option"]))
    .min(1)
    .optional(),
  settle_coins: z
    .array(z.string().regex(/^[A-Z0-9]{2,20}$/, "must be coins in capitals, such as USDT"))
    .min(1)
    .optional(),
  base_url: baseUrl,
  ws_url: baseUrl,
  key_env: envName.default("BYBIT_API_KEY"),
  key_file: keyFile,
  secret_env: envName.default("BYBIT_API_SECRET"),
  secret_file: keyFile,
});
