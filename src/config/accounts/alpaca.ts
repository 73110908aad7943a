// An account at Alpaca, as people write it.
import { z } from "zod";
import { baseUrl, common, envName, keyFile } from "./common.ts";

export const alpacaAccount = z.strictObject({
  venue: z.literal("alpaca"),
  ...common,
  environment: z.enum(["paper", "live"]),
  base_url: baseUrl,
  key_id_env: envName.default("APCA_API_KEY_ID"),
  key_id_file: keyFile,
  secret_env: envName.default("APCA_API_SECRET_KEY"),
  secret_file: keyFile,
});
