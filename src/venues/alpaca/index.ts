// Alpaca, by name, and the way to open it.
import type { Clock, Randomness, Timers } from "../../runtime/index.ts";
import { type Venue, VenueError } from "../venue.ts";
import { AlpacaVenue } from "./alpaca-venue.ts";
import {
  CALL_TIMING,
  type CallTiming,
  type ClientOptions,
  loadPackage,
  openClient,
  wordsOf,
} from "./client.ts";
import { type OpenSocket, STREAM_TIMING, type StreamTiming } from "./connection.ts";
import type { KeyNames } from "./failure.ts";
import { rawReader } from "./raw.ts";
import { openSender } from "./sender.ts";
import { loadSockets } from "./socket.ts";
import { openStream } from "./stream.ts";

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

/** @see node_modules/@alpacahq/alpaca-trade-api 4.0.2, auth.ts (read 2026-11) */
const KEY_NAMES: KeyNames = { keyId: "APCA_API_KEY_ID", secret: "APCA_API_SECRET_KEY" };

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

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
  const client: ClientOptions = {
    keyId: keyId.trim(),
    secret: secret.trim(),
    keyNames,
    environment,
    baseUrl: checkedUrl(options.baseUrl ?? BASE_URL[environment]),
    fetch: options.fetch,
    timing: options.timing ?? CALL_TIMING,
  };
  const alpaca = await loadPackage();
  const words = wordsOf(client);
  return new AlpacaVenue({
    client: openClient(alpaca, client),
    sender: openSender(alpaca, client, words),
    words,
    clock,
    raw: rawReader({
      fetch: options.fetch,
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
  const words = wordsOf(client);
  return (listener) =>
    openStream({ url, keyId, secret, words, clock, timers, random, openSocket, timing }, listener);
}

/** The keys go out with every request: only encrypted, or to this machine. */
function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname));
  const isBare = url?.pathname === "/" && url.search === "" && url.username === "" && url.hash === "";
  if (url && isSafe && isBare) return url.origin;
  // An address with a user in it would show a password.
  const shown = text.includes("@") ? "not shown, because it has a user in it" : `"${text}"`;
  const expected = "https:// and a host (http:// only for this machine), without a path, a user or /v2";
  throw new VenueError("venue_config", `the address of Alpaca's API is ${shown}; expected ${expected}`);
}
