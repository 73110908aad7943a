// What the paper venue is: what the engine decides by, and the facts that `trueup venues` shows.
import { CAPABILITIES_DEFAULT, type Capabilities } from "../../core/index.ts";
import type { VenueDeclaration } from "../declaration.ts";

export const PAPER_CAPABILITIES: Capabilities = {
  ...CAPABILITIES_DEFAULT,
  // It answers from the very state that a command has just changed.
  settleMs: 1_000,
  commands: {
    ...CAPABILITIES_DEFAULT.commands,
    cancelAll: "account",
    // Looked at whenever anything is asked of the account or happens in it: there is nobody who waits.
    deadMan: { scope: "account", timeoutMs: { min: 1_000, max: 86_400_000 }, turnsOff: true },
  },
  fills: { lateArrivalMs: 60_000, revisable: false },
};

const OWN_FILE = "its own file";

export const DECLARATION: VenueDeclaration = {
  name: "paper",
  title: "Paper",
  client: null,
  scope: "an exchange of our own with one customer, in one file; misbehaves on command",
  capabilities: PAPER_CAPABILITIES,
  sections: {
    positions: OWN_FILE,
    orders: OWN_FILE,
    balances: OWN_FILE,
    fills: OWN_FILE,
    ledger: OWN_FILE,
  },
  paging: [{ endpoint: OWN_FILE, pageMax: null, cursor: "none" }],
  stream: { replay: "none", order: "as it happens", liveness: "in the same process" },
  prices: { stream: "each price as it is set", read: OWN_FILE },
  ids: {
    order: "counted, unique in the account",
    client: "unique in the account for ever, 64 characters",
    fill: "counted, unique in the account",
  },
  decimals: "exact texts",
  zeroRows: "never",
  witnesses: ["one position by its symbol", "gross value of the account", "fills"],
  rate: { unit: "requests", allowed: 1_000_000, perMs: 1_000, scope: "key", source: "no limit of its own" },
  errors: [
    {
      code: "what it refuses",
      meaning: "no price, not enough cash, an id that exists, no such order",
      outcome: "rejected",
      source: "src/venues/paper/paper-account.ts",
    },
    {
      code: "an answer that was lost",
      meaning: "on command only",
      outcome: "unknown",
      source: "src/venues/paper/paper-venue.ts",
    },
  ],
  verified: [{ what: "everything that it does", how: "local server" }],
};
