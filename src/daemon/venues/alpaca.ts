// An account at Alpaca of the configuration: keys, address, transport.
import type { AccountAt } from "../../config/index.ts";
import { realRuntime } from "../../runtime/real.ts";
import { openAlpaca } from "../../venues/alpaca/index.ts";
import type { Venue } from "../../venues/index.ts";
import { keyOf } from "../keys.ts";
import type { VenueContext } from "../parts.ts";

export async function openAlpacaAccount(config: AccountAt<"alpaca">, context: VenueContext): Promise<Venue> {
  const keyId = keyOf({ env: config.key_id_env, file: config.key_id_file }, context);
  const secret = keyOf({ env: config.secret_env, file: config.secret_file }, context);
  return openAlpaca({
    keyId: keyId.value,
    secret: secret.value,
    keyNames: { keyId: keyId.name, secret: secret.name },
    environment: config.environment,
    ...baseUrl(config.base_url ?? context.env.APCA_API_BASE_URL),
    fetch: globalThis.fetch,
    clock: realRuntime.clock,
    stream: { timers: realRuntime.timers, random: realRuntime.random },
  });
}

function baseUrl(url: string | undefined): { baseUrl?: string } {
  // Alpaca's older clients take the address with its version.
  return url === undefined || url === "" ? {} : { baseUrl: url.replace(/\/+$/, "").replace(/\/v2$/, "") };
}
