// A template: the smallest whole adapter, of a venue that does not exist. Copy the folder, put your venue's words in the
// place of Harbour's, and keep running the suite (bench.ts) until every sentence is true again.
import type { Clock, Randomness, Timers } from "../../runtime/index.ts";
import { type Venue, VenueError } from "../../venues/index.ts";
import { checkedAddress } from "../../venues/wire/address.ts";
import { meteredFetch } from "../../venues/wire/metered.ts";
import { type Purpose, RateBudgets, type RateLimit, sharedBudget } from "../../venues/wire/rate.ts";
import { loadSockets, type OpenSocket } from "../../venues/wire/socket.ts";
import { keepStream, STREAM_TIMING } from "../../venues/wire/stream.ts";
import type { FailureWords } from "../../venues/wire/words.ts";
import { openClient } from "./client.ts";
import { HarbourVenue } from "./harbour-venue.ts";
import { protocolOf } from "./stream.ts";

export { CAPABILITIES, DECLARATION } from "./declaration.ts";

export interface HarbourOptions {
  readonly keyId: string;
  readonly secret: string;
  readonly baseUrl: string;
  readonly wsUrl: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Randomness;
  /** For tests; a real one unless given. */
  readonly openSocket?: OpenSocket;
}

const REQUESTS: RateLimit = { unit: "requests", allowed: 600, perMs: 60_000 };

/** No answer takes longer. In ms. */
const TIMEOUT_MS = 6_000;

/** @throws VenueError `venue_auth` without keys, `venue_config` for an address that keys must not be sent to. */
export async function openHarbour(options: HarbourOptions): Promise<Venue> {
  const { keyId, secret, clock, timers, random } = options;
  if (keyId === "" || secret === "") throw new VenueError("venue_auth", "Harbour needs a pair of keys");
  const baseUrl = checkedAddress("the address of Harbour's API", options.baseUrl);
  const wsUrl = checkedAddress("the address of Harbour's stream", options.wsUrl, "ws");
  const budgets = new RateBudgets([sharedBudget(clock, ["harbour", keyId], REQUESTS)]);
  const words: FailureWords = {
    venue: "Harbour",
    environment: "live",
    keyNames: { keyId: "HARBOUR_KEY", secret: "HARBOUR_SECRET" },
    timeoutMs: TIMEOUT_MS,
    secrets: [keyId, secret],
  };
  const fetch = meteredFetch({
    fetch: options.fetch,
    budgets,
    clock,
    costOf: ({ method, url }) => ({ units: 1, purpose: purposeOf(method, url.pathname) }),
  });
  const client = openClient({ baseUrl, keyId, secret, fetch, words });
  const openSocket = options.openSocket ?? (await loadSockets());
  const parts = { clock, timers, random, openSocket, timing: STREAM_TIMING, secrets: [keyId, secret] };
  return new HarbourVenue({
    client,
    words,
    clock,
    rateLeft: () => budgets.left(),
    stream: (listener, onFrame) => keepStream(parts, protocolOf(client, wsUrl), listener, onFrame),
  });
}

function purposeOf(method: string, path: string): Purpose {
  if (path === "/orders/cancel") return "cancel";
  return method === "POST" && path.startsWith("/orders") ? "trade" : "read";
}
