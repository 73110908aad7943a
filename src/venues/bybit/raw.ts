// Bybit's answers as they came, for a person who looks into them: the adapter's own reads, made once more by a client whose
// transport keeps every answer. What a read asks for, and in which pages, is so never told twice.
import type { SectionName } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { RawAnswer, Venue } from "../venue.ts";
import { newAsking } from "../wire/asking.ts";
import { keepingFetch } from "../wire/kept.ts";
import type { BybitClient } from "./client.ts";
import { readFills } from "./fills.ts";
import { readLedger } from "./ledger.ts";
import type { LegMemory } from "./legs.ts";
import { readOpenOrders } from "./orders.ts";
import { readPositions } from "./positions.ts";
import type { Scopes } from "./scopes.ts";
import type { SpotFilters } from "./spot-filters.ts";
import { readWallet } from "./wallet.ts";

export interface RawParts {
  readonly fetch: typeof fetch;
  /** The client over another transport. */
  readonly clientOver: (transport: typeof fetch) => BybitClient;
  readonly scopes: Scopes;
  readonly legs: LegMemory;
  readonly filters: SpotFilters;
  readonly isHedging: boolean;
  readonly clock: Clock;
  /** Taken out of whatever came. */
  readonly secrets: readonly string[];
}

export function rawReader(parts: RawParts): Required<Venue>["raw"] {
  return async (section, fromMs) => {
    const kept: RawAnswer[] = [];
    const client = parts.clientOver(keepingFetch(parts.fetch, kept, parts.secrets));
    // Which scopes there are is known before, and no part of the section.
    await parts.scopes.refresh(newAsking(parts.clock));
    await readSection({ ...parts, client }, section, fromMs);
    return kept;
  };
}

/** What the read makes of the answers is not wanted here. */
async function readSection(
  parts: RawParts & { readonly client: BybitClient },
  section: SectionName,
  fromMs: number,
) {
  const { client, clock } = parts;
  const asking = newAsking(clock);
  switch (section) {
    case "positions":
      return readPositions({ ...parts, ended: () => [] }, await readWallet(client), asking);
    case "orders":
      return readOpenOrders(parts, asking);
    case "balances":
      return readWallet(client);
    case "fills":
      return readFills(parts, fromMs, clock.nowMs(), asking);
    case "ledger":
      return readLedger(parts, fromMs, clock.nowMs(), asking);
  }
}
