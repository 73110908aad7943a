// An account at Bybit of the configuration: keys, addresses, transport.
import type { AccountAt } from "../../config/index.ts";
import { realRuntime } from "../../runtime/real.ts";
import { openBybit } from "../../venues/bybit/index.ts";
import type { Venue } from "../../venues/index.ts";
import { keyOf } from "../keys.ts";
import type { VenueContext } from "../parts.ts";

export async function openBybitAccount(config: AccountAt<"bybit">, context: VenueContext): Promise<Venue> {
  const key = keyOf({ env: config.key_env, file: config.key_file }, context);
  const secret = keyOf({ env: config.secret_env, file: config.secret_file }, context);
  return openBybit({
    key: key.value,
    secret: secret.value,
    keyNames: { keyId: key.name, secret: secret.name },
    environment: config.environment,
    positionMode: config.position_mode,
    ...(config.base_url !== undefined && { baseUrl: config.base_url.replace(/\/+$/, "") }),
    ...(config.ws_url !== undefined && { wsUrl: config.ws_url }),
    ...(config.categories && { categories: config.categories }),
    ...(config.settle_coins && { settleCoins: config.settle_coins }),
    fetch: globalThis.fetch,
    clock: realRuntime.clock,
    stream: { timers: realRuntime.timers, random: realRuntime.random },
  });
}
