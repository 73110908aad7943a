// An account at Polymarket of the configuration: the wallet, its keys where there are any, addresses, transport.
import type { AccountAt } from "../../config/index.ts";
import { realRuntime } from "../../runtime/real.ts";
import type { Venue } from "../../venues/index.ts";
import { openPolymarket } from "../../venues/polymarket/index.ts";
import { keyOf } from "../keys.ts";
import type { VenueContext } from "../parts.ts";

export async function openPolymarketAccount(
  config: AccountAt<"polymarket">,
  context: VenueContext,
): Promise<Venue> {
  const privateKey = keyOf({ env: config.private_key_env, file: config.private_key_file }, context);
  const apiKey = keyOf({ env: config.api_key_env, file: config.api_key_file }, context);
  const secret = keyOf({ env: config.secret_env, file: config.secret_file }, context);
  const passphrase = keyOf({ env: config.passphrase_env, file: config.passphrase_file }, context);
  return openPolymarket({
    privateKey: privateKey.value,
    credentials: { apiKey: apiKey.value, secret: secret.value, passphrase: passphrase.value },
    keyNames: { keyId: apiKey.name, secret: secret.name },
    signatureType: config.signature_type,
    funder: config.funder,
    signer: config.signer,
    baseUrl: config.base_url,
    dataUrl: config.data_url,
    wsUrl: config.ws_url,
    fetch: globalThis.fetch,
    clock: realRuntime.clock,
    stream: { timers: realRuntime.timers, random: realRuntime.random },
  });
}
