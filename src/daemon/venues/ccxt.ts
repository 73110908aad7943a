// An account at an exchange of ccxt's of the configuration: keys, address, transport.
import type { AccountAt } from "../../config/index.ts";
import { realRuntime } from "../../runtime/real.ts";
import { openCcxt } from "../../venues/ccxt/index.ts";
import type { Venue } from "../../venues/index.ts";
import { keyOf } from "../keys.ts";
import type { VenueContext } from "../parts.ts";

export async function openCcxtAccount(config: AccountAt<"ccxt">, context: VenueContext): Promise<Venue> {
  const keys = {
    apiKey: keyOf({ env: config.key_env, file: config.key_file }, context),
    secret: keyOf({ env: config.secret_env, file: config.secret_file }, context),
    password: keyOf({ env: config.password_env, file: config.password_file }, context),
    walletAddress: keyOf({ env: config.wallet_address_env, file: config.wallet_address_file }, context),
    privateKey: keyOf({ env: config.private_key_env, file: config.private_key_file }, context),
  };
  const given = Object.entries(keys).filter(([, { value }]) => value !== "");
  return openCcxt({
    exchange: config.exchange,
    environment: config.environment,
    ...(config.base_url !== undefined && { baseUrl: config.base_url }),
    credentials: Object.fromEntries(given.map(([name, { value }]) => [name, value])),
    credentialNames: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, key.name])),
    marketTypes: config.markets,
    options: config.options,
    fetch: globalThis.fetch,
    clock: realRuntime.clock,
    stream: { timers: realRuntime.timers, random: realRuntime.random },
  });
}
