// Exchanges that something is known of. All others of ccxt's are watched by what ccxt makes of them, and never believed.
import { HYPERLIQUID } from "./hyperliquid/profile.ts";
import { KRAKEN } from "./kraken/profile.ts";
import { OKX } from "./okx/profile.ts";
import type { Profile } from "./profile.ts";

export const PROFILES: readonly Profile[] = [HYPERLIQUID, KRAKEN, OKX];

export function profileOf(exchange: string): Profile | undefined {
  return PROFILES.find((profile) => profile.exchange === exchange);
}
