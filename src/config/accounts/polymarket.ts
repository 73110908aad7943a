// An account at Polymarket, as people write it: one wallet, with whatever keys there are.
import { z } from "zod";
import { baseUrl, common, envName, keyFile } from "./common.ts";

const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/i, "must be an address: 0x and 40 hexadecimal digits")
  .optional();

export const polymarketAccount = z.strictObject({
  venue: z.literal("polymarket"),
  ...common,
  funder: address,
  signer: address,
  signature_type: z.enum(["eoa", "proxy", "safe", "deposit"]).default("eoa"),
  base_url: baseUrl,
  data_url: baseUrl,
  ws_url: baseUrl,
  private_key_env: envName.default("POLYMARKET_PRIVATE_KEY"),
  private_key_file: keyFile,
  api_key_env: envName.default("POLYMARKET_API_KEY"),
  api_key_file: keyFile,
  secret_env: envName.default("POLYMARKET_API_SECRET"),
  secret_file: keyFile,
  passphrase_env: envName.default("POLYMARKET_API_PASSPHRASE"),
  passphrase_file: keyFile,
});
