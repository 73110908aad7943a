// Binance, by name, and the way to open it.
import type { Clock, Randomness, Timers } from "../../runtime/index.ts";
import { type Venue, VenueError } from "../venue.ts";
import { keepPriceFeed } from "../wire/price-feed.ts";
import { loadSockets, type OpenSocket } from "../wire/socket.ts";
import { keepStream, STREAM_TIMING, type StreamTiming } from "../wire/stream.ts";
import type { FailureWords, KeyNames } from "../wire/words.ts";
import { BinanceClient, CALL_TIMEOUT_MS } from "./client.ts";
import { addressesOf, type Environment, type Market } from "./markets.ts";
import { pairsOf } from "./pairs.ts";
import { priceProtocol } from "./prices.ts";
import { metered } from "./rate.ts";
import { openSender } from "./sender.ts";
import { SpotVenue } from "./spot-venue.ts";
import { LIFE_MS, type ReadMessage, spotProtocol, usdmProtocol } from "./stream.ts";
import { loadPackage, openTransport, VenueClock } from "./transport.ts";
import { UsdmVenue } from "./usdm-venue.ts";
import type { VenueParts } from "./venue-parts.ts";

export { DECLARATION, SPOT_CAPABILITIES, USDM_CAPABILITIES } from "./declaration.ts";
export type { Environment, Market } from "./markets.ts";
export { readPayload } from "./payload.ts";

export interface BinanceOptions {
  readonly market: Market;
  readonly environment: Environment;
  /** The key, and its secret: a text for HMAC, a PEM for Ed25519 and RSA. */
  readonly keyId: string;
  readonly secret: string;
  /** What the keys are called where they are set, for messages. */
  readonly keyNames?: KeyNames;
  /** Of USD-M futures, as the account is set at Binance; `net` unless given. */
  readonly positionMode?: "net" | "hedge";
  /** Of spot: the pairs that the account is. */
  readonly symbols?: readonly string[];
  /** Where the API is, without a path; Binance's own address of the environment unless given. */
  readonly baseUrl?: string | undefined;
  /** Where the stream is, without a path. */
  readonly wsUrl?: string | undefined;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** For tests. In ms. */
  readonly timeoutMs?: number;
  /** Without it the venue has no stream: what happens is then seen at the next pass. */
  readonly stream?: BinanceStreamOptions;
}

export interface BinanceStreamOptions {
  readonly timers: Timers;
  readonly random: Randomness;
  /** For tests; a real one unless given. */
  readonly openSocket?: OpenSocket;
  /** For tests. */
  readonly timing?: StreamTiming;
}

const KEY_NAMES: KeyNames = { keyId: "BINANCE_API_KEY", secret: "BINANCE_API_SECRET" };

/**
 * Opens the adapter; nothing is asked of Binance yet.
 * @throws VenueError `venue_auth` without keys, `venue_config` for an address that keys must not be sent to or a spot
 * account without pairs, `venue_package` when Binance's package is missing.
 */
export async function openBinance(options: BinanceOptions): Promise<Venue> {
  const { market, environment, clock, keyNames = KEY_NAMES, positionMode = "net" } = options;
  const keys = { keyId: options.keyId.trim(), secret: options.secret.trim() };
  if (keys.keyId === "" || keys.secret === "") {
    const text = `Binance needs a key and its secret for the ${environment} environment; set ${keyNames.keyId} and ${keyNames.secret}`;
    throw new VenueError("venue_auth", text);
  }
  if (market === "spot" && positionMode !== "net") {
    throw new VenueError(
      "venue_config",
      `spot has no legs; found position_mode = "${positionMode}", expected "net"`,
    );
  }
  if (market === "usdm" && (options.symbols ?? []).length > 0) {
    throw new VenueError(
      "venue_config",
      "symbols are of spot; USD-M futures tell by themselves what they hold",
    );
  }
  const pairs = market === "spot" ? pairsOf(options.symbols ?? []) : [];
  const addresses = addressesOf(market, environment, options);
  const transportPackage = await loadPackage();
  const venueClock = new VenueClock(clock);
  const transport = openTransport(transportPackage, keys, addresses.rest, venueClock);
  // Shared by all that speaks: what is learned later, the stream's key, is taken out everywhere from then on.
  const secrets: string[] = [keys.keyId, keys.secret];
  const learnSecret = (key: string) => {
    if (!secrets.includes(key)) secrets.push(key);
  };
  const timeoutMs = options.timeoutMs ?? CALL_TIMEOUT_MS;
  const words: FailureWords = { venue: "Binance", environment, keyNames, timeoutMs, secrets };
  const { fetch: send, left } = metered(options.fetch, clock, {
    market,
    host: addresses.rest,
    keyId: keys.keyId,
  });
  const client = new BinanceClient({ market, transport, fetch: send, clock, venueClock, words });
  const protocolOf = (read: ReadMessage) =>
    market === "usdm"
      ? usdmProtocol(addresses.stream, client, read, learnSecret)
      : spotProtocol(addresses.stream, transport, words, read);
  const parts: VenueParts = {
    client,
    send: openSender({ transport, fetch: send, venueClock, words }),
    words,
    clock,
    environment,
    positionMode,
    sapi: addresses.sapi,
    secrets,
    rateLeft: left,
    ...(options.stream && (await streamsOf(options.stream, clock, secrets, protocolOf, addresses.prices))),
  };
  return market === "usdm" ? new UsdmVenue(parts) : new SpotVenue(parts, pairs);
}

async function streamsOf(
  { timers, random, timing = { ...STREAM_TIMING, lifeMs: LIFE_MS }, ...given }: BinanceStreamOptions,
  clock: Clock,
  secrets: readonly string[],
  protocolOf: (read: ReadMessage) => ReturnType<typeof usdmProtocol>,
  pricesUrl: string,
): Promise<Required<Pick<VenueParts, "openStream" | "openPrices">>> {
  const openSocket = given.openSocket ?? (await loadSockets());
  const parts = { clock, timers, random, openSocket, timing, secrets };
  return {
    openStream: (read) => (listener, onFrame) => keepStream(parts, protocolOf(read), listener, onFrame),
    openPrices: (symbols) => (listener) => keepPriceFeed(parts, priceProtocol(pricesUrl, symbols), listener),
  };
}
