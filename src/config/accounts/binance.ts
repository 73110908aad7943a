// An account at Binance, as people write it: one market of one key.
import { z } from "zod";
import { baseUrl, common, envName, keyFile } from "./common.ts";

export const binanceAccount = z.strictObject({
  venue: z.literal("binance"),
  ...common,
  market: z.enum(["usdm", "spot"]),
  environment: z.enum(["live", "testnet", "demo"]),
  symbols: z.array(z.string().min(1)).default([]),
  base_url: baseUrl,
  ws_url: baseUrl,
  key_env: envName.default("BINANCE_API_KEY"),
  key_file: keyFile,
  secret_env: envName.default("BINANCE_API_SECRET"),
  secret_file: keyFile,
});
