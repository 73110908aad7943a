// Alpaca, by name, and the way to open it.
import type { Clock, Randomness, Timers } from "../../runtime/index.ts";
import { type Venue, VenueError } from "../venue.ts";
import { checkedAddress } from "../wire/address.ts";
import { meteredFetch } from "../wire/metered.ts";
import { type Purpose, RateBudgets, type RateLimit, sharedBudget } from "../wire/rate.ts";
import { loadSockets, type OpenSocket } from "../wire/socket.ts";
import { keepStream, STREAM_TIMING, type StreamTiming } from "../wire/stream.ts";
import { ActivityLog } from "./activity-log.ts";
import { AlpacaVenue } from "./alpaca-venue.ts";
import {
  CALL_TIMING,
  type CallTiming,
  type ClientOptions,
  loadPackage,
  openClient,
  wordsOf,
} from "./client.ts";
import { Executions } from "./executions.ts";
import type { KeyNames } from "./failure.ts";
import { readPrices } from "./prices.ts";
import { rawReader } from "./raw.ts";
import { openSender } from "./sender.ts";
import { protocolOf } from "./stream.ts";

export { ALPACA_CAPABILITIES, DECLARATION } from "./declaration.ts";
export { AUTH_PROBLEM } from "./failure.ts";
export { readPayload } from "./payload.ts";

export interface AlpacaOptions {
  /** The pair of keys, as Alpaca shows it once: APCA_API_KEY_ID and APCA_API_SECRET_KEY. */
  readonly keyId: string;
  readonly secret: string;
  /** What the keys are called where they are set, for messages; Alpaca's own names unless given. */
  readonly keyNames?: KeyNames;
  readonly environment: "paper" | "live";
  /** Where the API is, without a path. Alpaca's own address of the environment unless given. */
  readonly baseUrl?: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** For tests; 6 s and one more attempt unless given. */
  readonly timing?: CallTiming;
  /** Without it the venue has no stream: what happens is then seen at the next pass. */
  readonly stream?: AlpacaStreamOptions;
}

export interface AlpacaStreamOptions {
  readonly timers: Timers;
  readonly random: Randomness;
  /** For tests; a real one unless given. */
  readonly openSocket?: OpenSocket;
  /** For tests. */
  readonly timing?: StreamTiming;
}

/** @see node_modules/@alpacahq/alpaca-trade-api 4.0.2, trading/runtime.ts (read 2026-11) */
const BASE_URL = {
  paper: "https://paper-api.alpaca.markets",
  live: "https://api.alpaca.markets",
} as const;

/** @see node_modules/@alpacahq/alpaca-trade-api 4.0.2, rest.js MARKET_DATA_HOST (read 2026-11) */
const DATA_URL = "https://data.alpaca.markets";

/**
 * "about 200 requests a minute", by key; of market data as many again.
 * @see node_modules/@alpacahq/alpaca-trade-api 4.0.2, rate-limit.ts (read 2026-11)
 */
const REQUESTS: RateLimit = { unit: "requests", allowed: 200, perMs: 60_000 };

const PURPOSES: Readonly<Record<string, Purpose>> = { POST: "trade", PATCH: "trade", DELETE: "cancel" };

/** @see node_modules/@alpacahq/alpaca-trade-api 4.0.2, auth.ts (read 2026-11) */
const KEY_NAMES: KeyNames = { keyId: "APCA_API_KEY_ID", secret: "APCA_API_SECRET_KEY" };

/**
 * Opens the adapter; nothing is asked of Alpaca yet.
 * @throws VenueError `venue_auth` without keys, `venue_config` for an address that keys must not be sent to,
 * `venue_package` when Alpaca's package is missing.
 */
export async function openAlpaca(options: AlpacaOptions): Promise<Venue> {
  const { keyId, secret, environment, clock, keyNames = KEY_NAMES } = options;
  if (keyId.trim() === "" || secret.trim() === "") {
    const text = `Alpaca needs a pair of keys for the ${environment} environment; set ${keyNames.keyId} and ${keyNames.secret}`;
    throw new VenueError("venue_auth", text);
  }
  const baseUrl = checkedAddress("the address of Alpaca's API", options.baseUrl ?? BASE_URL[environment]);
  // A key is of one environment; another address is another counter.
  const budgets = new RateBudgets([sharedBudget(clock, ["alpaca", baseUrl, keyId.trim()], REQUESTS)]);
  const send = meteredFetch({
    fetch: options.fetch,
    budgets,
    clock,
    costOf: ({ method }) => ({ units: 1, purpose: PURPOSES[method] ?? "read" }),
  });
  const client: ClientOptions = {
    keyId: keyId.trim(),
    secret: secret.trim(),
    keyNames,
    environment,
    baseUrl,
    fetch: send,
    timing: options.timing ?? CALL_TIMING,
  };
  // Market data has an address of its own, and a counter; whoever has an address of their own for the API has it there.
  const isOwn = baseUrl !== BASE_URL.paper && baseUrl !== BASE_URL.live;
  const dataUrl = checkedAddress("the address of Alpaca's market data", isOwn ? baseUrl : DATA_URL);
  const dataBudgets = new RateBudgets([
    sharedBudget(clock, ["alpaca", dataUrl, "data", keyId.trim()], REQUESTS),
  ]);
  const alpaca = await loadPackage();
  const words = wordsOf(client);
  return new AlpacaVenue({
    client: openClient(alpaca, client),
    sender: openSender(alpaca, client, words),
    words,
    clock,
    rateLeft: () => budgets.left(),
    lastPrices: (instruments) =>
      readPrices(
        {
          dataUrl,
          keyId: client.keyId,
          secret: client.secret,
          fetch: meteredFetch({
            fetch: options.fetch,
            budgets: dataBudgets,
            clock,
            costOf: () => ({ units: 1, purpose: "read" }),
          }),
          timeoutMs: client.timing.timeoutMs,
        },
        instruments,
      ),
    raw: rawReader({
      fetch: send,
      clientOver: (transport) => openClient(alpaca, { ...client, fetch: transport }),
      clock,
      secrets: [client.keyId, client.secret],
    }),
    ...(options.stream && { stream: await streamOf(client, options.stream, clock) }),
  });
}

/**
 * The stream is at the API's own address; so are the rules for where the keys may go.
 * @see https://docs.alpaca.markets/docs/websocket-streaming (read 2026-11)
 */
async function streamOf(
  client: ClientOptions,
  { timers, random, timing = STREAM_TIMING, ...given }: AlpacaStreamOptions,
  clock: Clock,
): Promise<NonNullable<Venue["stream"]>> {
  const openSocket = given.openSocket ?? (await loadSockets());
  const url = `${client.baseUrl.replace(/^http/, "ws")}/stream`;
  const { keyId, secret } = client;
  const executions = new Executions();
  const protocol = protocolOf({ url, keyId, secret, words: wordsOf(client) }, executions);
  const parts = { clock, timers, random, openSocket, timing, secrets: [keyId, secret] };
  return async (listener, onFrame) => {
    const updates = await keepStream(parts, protocol, listener, onFrame);
    const log = new ActivityLog(
      { ...parts, executions, open: (query, signal) => openLog(client, query, signal) },
      listener,
      onFrame,
    );
    log.start();
    return {
      close: async () => {
        log.close();
        await updates.close();
      },
    };
  };
}

/** The package's own call of it waits for the stream's end, which its documentation says too. */
function openLog({ baseUrl, keyId, secret, fetch: send }: ClientOptions, query: string, signal: AbortSignal) {
  const headers = { accept: "text/event-stream", "APCA-API-KEY-ID": keyId, "APCA-API-SECRET-KEY": secret };
  return send(`${baseUrl}/v2beta1/events/activities?${query}`, { headers, signal, redirect: "error" });
}
