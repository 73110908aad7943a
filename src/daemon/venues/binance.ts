// An account at Binance of the configuration: keys, addresses, transport.
import type { AccountAt } from "../../config/index.ts";
import { realRuntime } from "../../runtime/real.ts";
import { openBinance } from "../../venues/binance/index.ts";
import type { Venue } from "../../venues/index.ts";
import { keyOf } from "../keys.ts";
import type { VenueContext } from "../parts.ts";

export async function openBinanceAccount(
  config: AccountAt<"binance">,
  context: VenueContext,
): Promise<Venue> {
  const keyId = keyOf({ env: config.key_env, file: config.key_file }, context);
  const secret = keyOf({ env: config.secret_env, file: config.secret_file }, context);
  return openBinance({
    market: config.market,
    environment: config.environment,
    keyId: keyId.value,
    secret: secret.value,
    keyNames: { keyId: keyId.name, secret: secret.name },
    positionMode: config.position_mode,
    symbols: config.symbols,
    baseUrl: config.base_url,
    wsUrl: config.ws_url,
    fetch: globalThis.fetch,
    clock: realRuntime.clock,
    stream: { timers: realRuntime.timers, random: realRuntime.random },
  });
}
