// What the adapter is without a profile, and with each of them.
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
  variants: Object.fromEntries(PROFILES.map(({ exchange, capabilities }) => [exchange, capabilities])),
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
