// Polymarket's answers as they came, for a person who looks into them: the adapter's own reads, made once more over a
// transport that keeps every answer (../wire/kept.ts).
import type { SectionName } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { RawAnswer, Venue } from "../venue.ts";
import { newAsking } from "../wire/asking.ts";
import { keepingFetch } from "../wire/kept.ts";
import type { PolymarketClient } from "./client.ts";
import { walkClob, walkData } from "./pages.ts";

export interface RawParts {
  readonly fetch: typeof fetch;
  /** The client over another transport. */
  readonly clientOver: (transport: typeof fetch) => PolymarketClient;
  readonly clock: Clock;
  /** Taken out of whatever came; it grows when credentials are derived. */
  readonly secrets: readonly string[];
  /** Without credentials, what is signed is not asked for. */
  readonly hasKeys: boolean;
}

export function rawReader(parts: RawParts): Required<Venue>["raw"] {
  return async (section, fromMs) => {
    const kept: RawAnswer[] = [];
    const client = parts.clientOver(keepingFetch(parts.fetch, kept, parts.secrets));
    await readSection(client, section, fromMs, parts);
    return kept;
  };
}

/** What the read makes of the answers is not wanted here. */
function readSection(
  client: PolymarketClient,
  section: SectionName,
  fromMs: number,
  { clock, hasKeys }: RawParts,
) {
  const asking = newAsking(clock);
  const fromSec = Math.floor(fromMs / 1_000);
  const activity = () => walkData("the activity", (cursor) => client.activity(fromSec, cursor), asking);
  switch (section) {
    case "positions":
      return walkData("the positions", (cursor) => client.positions(cursor), asking);
    case "ledger":
      return activity();
    case "fills":
      if (!hasKeys) return activity();
      return walkClob("the trades", (cursor) => client.trades({ afterSec: fromSec }, cursor), asking);
    case "orders":
      return hasKeys ? walkClob("the orders", (cursor) => client.openOrders(cursor), asking) : undefined;
    case "balances":
      return hasKeys ? client.balance("COLLATERAL") : undefined;
  }
}
