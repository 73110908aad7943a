// What the adapter is without a profile, and with each of them: an exchange with a profile is declared by itself.
import type { VenueDeclaration } from "../declaration.ts";
import { PROFILES } from "./profiles.ts";
import { UNIFIED } from "./unified/profile.ts";

/** The package, with its version. */
const CLIENT = "ccxt 4.5.84";

export const DECLARATION: VenueDeclaration = {
  name: "ccxt",
  title: "Any exchange of ccxt's",
  client: CLIENT,
  capabilities: UNIFIED.capabilities,
  ...UNIFIED.facts,
};

/** The same of each exchange that has a profile. */
export const PROFILE_DECLARATIONS: readonly VenueDeclaration[] = PROFILES.map(
  ({ exchange, title, capabilities, facts }) => ({
    name: `ccxt:${exchange}`,
    title,
    client: CLIENT,
    capabilities,
    ...facts,
  }),
);

/** @throws Error for an exchange without a profile: a mistake of whoever asks. */
export function profileDeclaration(exchange: string): VenueDeclaration {
  const found = PROFILE_DECLARATIONS.find(({ name }) => name === `ccxt:${exchange}`);
  if (!found) throw new Error(`ccxt has no profile called ${exchange}`);
  return found;
}
