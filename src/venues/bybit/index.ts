// Bybit, by name, and the way to open it.
import type { Clock, Randomness, Timers } from "../../runtime/index.ts";
import { type Venue, VenueError } from "../venue.ts";
import { checkedAddress } from "../wire/address.ts";
import { meteredFetch } from "../wire/metered.ts";
import { type Purpose, RateBudgets, sharedBudget } from "../wire/rate.ts";
import { loadSockets, type OpenSocket } from "../wire/socket.ts";
import { keepStream, STREAM_TIMING, type StreamTiming } from "../wire/stream.ts";
import type { KeyNames } from "../wire/words.ts";
import { BybitVenue } from "./bybit-venue.ts";
import {
  CALL_TIMING,
  type CallTiming,
  type ClientOptions,
  loadPackage,
  openClient,
  type Package,
  wordsOf,
} from "./client.ts";
import { Instruments } from "./instruments.ts";
import { LegMemory } from "./legs.ts";
import { pricesOf } from "./prices.ts";
import { rawReader } from "./raw.ts";
import { Scopes } from "./scopes.ts";
import { SpotFilters } from "./spot-filters.ts";
import { protocolOf } from "./stream.ts";
import { CATEGORIES, type Category } from "./symbols.ts";

export { BYBIT_CAPABILITIES, DECLARATION, SPOT_CAPABILITIES } from "./declaration.ts";
export { AUTH_PROBLEM } from "./failure.ts";
export { readPayload } from "./payload.ts";
export { CATEGORIES, type Category } from "./symbols.ts";

export interface BybitOptions {
  /** The API key, and its secret: a text, or the private key of an RSA pair. */
  readonly key: string;
  readonly secret: string;
  /** What the keys are called where they are set, for messages. */
  readonly keyNames?: KeyNames;
  readonly environment: "live" | "testnet" | "demo";
  /** Where the API is, without a path. Bybit's own address of the environment unless given: some countries have others. */
  readonly baseUrl?: string;
  /** Where the private stream is, with its path. */
  readonly wsUrl?: string;
  /** All of them unless given. */
  readonly categories?: readonly Category[];
  /** Of linear contracts; all that Bybit lists unless given. */
  readonly settleCoins?: readonly string[];
  /** Whether a long and a short of one contract are held apart; `net` unless given. */
  readonly positionMode?: "net" | "hedge";
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** For tests; 6 s and one more attempt unless given. */
  readonly timing?: CallTiming;
  /** Without it the venue has no stream: what happens is then seen at the next pass. */
  readonly stream?: BybitStreamOptions;
}

export interface BybitStreamOptions {
  readonly timers: Timers;
  readonly random: Randomness;
  /** For tests; a real one unless given. */
  readonly openSocket?: OpenSocket;
  /** For tests. */
  readonly timing?: StreamTiming;
}

/**
 * @see https://bybit-exchange.github.io/docs/v5/guide (addresses)
 * @see https://bybit-exchange.github.io/docs/v5/ws/connect, /demo (streams; all read 2026-11)
 */
const ADDRESSES = {
  live: { baseUrl: "https://api.bybit.com", wsUrl: "wss://stream.bybit.com/v5/private" },
  testnet: { baseUrl: "https://api-testnet.bybit.com", wsUrl: "wss://stream-testnet.bybit.com/v5/private" },
  demo: { baseUrl: "https://api-demo.bybit.com", wsUrl: "wss://stream-demo.bybit.com/v5/private" },
} as const;

/**
 * Public streams; demo accounts trade at the prices of the live ones.
 * @see https://bybit-exchange.github.io/docs/v5/ws/connect, /demo (read 2026-11)
 */
const PRICES = {
  live: "wss://stream.bybit.com/v5/public",
  testnet: "wss://stream-testnet.bybit.com/v5/public",
  demo: "wss://stream.bybit.com/v5/public",
} as const;

const KEY_NAMES: KeyNames = { keyId: "BYBIT_API_KEY", secret: "BYBIT_API_SECRET" };

/**
 * 600 requests in 5 s by address; by user 10 orders a second. By user also 50 reads a second of each endpoint, which a pass
 * does not come to: where Bybit says that it did, reads pause.
 * @see https://bybit-exchange.github.io/docs/v5/rate-limit (read 2026-11)
 */
const BY_ADDRESS = { unit: "requests", allowed: 600, perMs: 5_000 } as const;
const ORDERS = { unit: "commands", allowed: 10, perMs: 1_000, tradeReserve: 0, cancelReserve: 2 } as const;
const READS = { ...BY_ADDRESS, unit: "reads", tradeReserve: 0, cancelReserve: 0 } as const;

/**
 * Opens the adapter; nothing is asked of Bybit yet.
 * @throws VenueError `venue_auth` without keys, `venue_config` for an address that keys must not be sent to,
 * `venue_package` when the package is missing.
 */
export async function openBybit(options: BybitOptions): Promise<Venue> {
  const { environment, clock, keyNames = KEY_NAMES, timing = CALL_TIMING } = options;
  const key = options.key.trim();
  const secret = options.secret.trim();
  if (key === "" || secret === "") {
    const text = `Bybit needs a key and its secret for the ${environment} environment; set ${keyNames.keyId} and ${keyNames.secret}`;
    throw new VenueError("venue_auth", text);
  }
  const baseUrl = checkedAddress(
    "the address of Bybit's API",
    options.baseUrl ?? ADDRESSES[environment].baseUrl,
  );
  const reads = sharedBudget(clock, ["bybit", "reads", baseUrl, key], READS);
  const address = sharedBudget(clock, ["bybit", "address", baseUrl], BY_ADDRESS);
  const budgets = new RateBudgets([
    address,
    sharedBudget(clock, ["bybit", "orders", baseUrl, key], ORDERS),
    reads,
  ]);
  const send = meteredFetch({ fetch: options.fetch, budgets, clock, costOf });
  const given: ClientOptions = {
    ...{ key, secret, keyNames, environment, baseUrl },
    ...{ fetch: send, reads, address, clock, timing },
  };
  const bybit = await loadPackage();
  const client = openClient(bybit, given);
  const categories = options.categories ?? CATEGORIES;
  const scopes = new Scopes({
    client,
    instruments: new Instruments(categories),
    categories,
    settleCoins: options.settleCoins,
    nowMs: () => clock.monotonicMs(),
  });
  const isHedging = options.positionMode === "hedge";
  const shared = { scopes, legs: new LegMemory(), filters: new SpotFilters(), clock, isHedging };
  return new BybitVenue({
    ...shared,
    client,
    words: wordsOf(given),
    rateLeft: () => budgets.left(),
    raw: rawReader({
      ...shared,
      fetch: send,
      clientOver: (transport) => openClient(bybit, { ...given, fetch: transport }),
      secrets: [key, secret],
    }),
    ...(options.stream && (await streamsOf(bybit, given, options, options.stream, shared))),
  });
}

async function streamsOf(
  bybit: Package,
  given: ClientOptions,
  { environment, wsUrl }: BybitOptions,
  { timers, random, timing = STREAM_TIMING, ...sockets }: BybitStreamOptions,
  { scopes, legs, filters, clock }: { scopes: Scopes; legs: LegMemory; filters: SpotFilters; clock: Clock },
): Promise<Required<Pick<Venue, "stream" | "prices">>> {
  const { key, secret } = given;
  const url = checkedAddress("the address of Bybit's stream", wsUrl ?? ADDRESSES[environment].wsUrl, "ws", {
    mayHavePath: true,
  });
  const openSocket = sockets.openSocket ?? (await loadSockets());
  const protocol = protocolOf({
    ...{ url, key, clock, legs, filters },
    sign: (text) => bybit.signMessage(text, secret, undefined, "SHA-256"),
    words: wordsOf(given),
    names: scopes.instruments,
  });
  const parts = { clock, timers, random, openSocket, timing, secrets: [key, secret] };
  // Whoever has an address of their own for the one has the other there.
  const pricesUrl = wsUrl === undefined ? PRICES[environment] : `${new URL(url).origin}/v5/public`;
  return {
    stream: (listener, onFrame) => keepStream(parts, protocol, listener, onFrame),
    prices: pricesOf(pricesUrl, scopes.instruments, parts),
  };
}

const PURPOSES: Readonly<Record<string, Purpose>> = {
  "/v5/order/cancel": "cancel",
  "/v5/order/cancel-all": "cancel",
  "/v5/order/create": "trade",
  "/v5/order/amend": "trade",
};

function costOf({ url }: { readonly url: URL }) {
  const purpose = PURPOSES[url.pathname] ?? "read";
  return { units: purpose === "read" ? [1, 0, 1] : [1, 1, 0], purpose };
}
