// Alpaca's answers as they came, for a person who looks into them: the adapter's own reads, made once more by a client
// whose transport keeps every answer. What a read asks for, and in which pages, is so never told twice.
import type { SectionName } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { RawAnswer, Venue } from "../venue.ts";
import { newAsking } from "../wire/asking.ts";
import { keepingFetch } from "../wire/kept.ts";
import type { AlpacaClient } from "./client.ts";
import { readFills } from "./fills.ts";
import { readLedger } from "./ledger.ts";
import { readOpenOrders } from "./orders.ts";
import { Replacements } from "./replacements.ts";

export interface RawParts {
  readonly fetch: typeof fetch;
  /** The client over another transport. */
  readonly clientOver: (transport: typeof fetch) => AlpacaClient;
  readonly clock: Clock;
  /** Taken out of whatever came. */
  readonly secrets: readonly string[];
}

export function rawReader(parts: RawParts): Required<Venue>["raw"] {
  return async (section, fromMs) => {
    const kept: RawAnswer[] = [];
    const client = parts.clientOver(keepingFetch(parts.fetch, kept, parts.secrets));
    await readSection(client, section, fromMs, parts.clock);
    return kept;
  };
}

/** What the read makes of the answers is not wanted here. */
async function readSection(client: AlpacaClient, section: SectionName, fromMs: number, clock: Clock) {
  const asking = newAsking(clock);
  switch (section) {
    case "positions":
      return client.positions();
    case "orders":
      return readOpenOrders(client, new Replacements(client), asking);
    case "balances":
      return client.account();
    case "fills":
      return readFills(client, fromMs, clock, asking);
    case "ledger":
      return readLedger(client, fromMs, "USD", clock, asking);
  }
}
