// Alpaca's answers as they came, for a person who looks into them: the adapter's own reads, made once more by a client
// whose transport keeps every answer. What a read asks for, and in which pages, is so never told twice.
import type { SectionName } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { RawAnswer, Venue } from "../venue.ts";
import { newBudget } from "./budget.ts";
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
    const client = parts.clientOver(keeping(parts, kept));
    await readSection(client, section, fromMs, parts.clock);
    return kept;
  };
}

/** What the read makes of the answers is not wanted here. */
async function readSection(client: AlpacaClient, section: SectionName, fromMs: number, clock: Clock) {
  const budget = newBudget(clock);
  switch (section) {
    case "positions":
      return client.positions();
    case "orders":
      return readOpenOrders(client, new Replacements(client), budget);
    case "balances":
      return client.account();
    case "fills":
      return readFills(client, fromMs, clock, budget);
    case "ledger":
      return readLedger(client, fromMs, "USD", clock, budget);
  }
}

/** A transport that puts down each answer, in the order of the requests. */
function keeping({ fetch: send, secrets }: RawParts, kept: RawAnswer[]): typeof fetch {
  const clean = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
  return async (input, init) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : String(input));
    const request = clean(`${init?.method ?? "GET"} ${pathname}${search}`);
    const place = kept.push({ request, status: null, body: "", problem: "no answer came" }) - 1;
    const keep = (status: number | null, body: string, problem: string | null) => {
      kept[place] = { request, status, body: clean(body), problem };
    };
    try {
      const response = await send(input, init);
      keep(response.status, "", "the answer broke off");
      keep(response.status, await response.clone().text(), null);
      return response;
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const { status } = kept[place] ?? { status: null };
      keep(status, "", clean(cause instanceof Error ? cause.message : String(cause)));
      throw error;
    }
  };
}
