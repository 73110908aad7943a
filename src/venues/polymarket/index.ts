// Polymarket, by name, and the way to open it: with the wallet's key, with API credentials alone, or with nothing but the
// wallet's address. What cannot be done without a key is not offered.
import type { Clock, Randomness, Timers } from "../../runtime/index.ts";
import { type Venue, VenueError } from "../venue.ts";
import { checkedAddress } from "../wire/address.ts";
import { meteredFetch } from "../wire/metered.ts";
import { keepPriceFeed } from "../wire/price-feed.ts";
import { loadSockets, type OpenSocket } from "../wire/socket.ts";
import { keepStream, type StreamTiming } from "../wire/stream.ts";
import { checkup } from "./checkup.ts";
import { type ClientOptions, openClient, type PolymarketClient } from "./client.ts";
import type { FailureWords, KeyNames } from "./failure.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Credentials } from "./keys.ts";
import { Markets } from "./markets.ts";
import { OwnOrders } from "./own-orders.ts";
import { loadPackages, type Packages } from "./packages.ts";
import type { Owner } from "./parse-trade.ts";
import { type KeyedParts, PolymarketVenue } from "./polymarket-venue.ts";
import { priceProtocol } from "./prices.ts";
import { budgetsOf, costOf } from "./rate.ts";
import { rawReader } from "./raw.ts";
import { recogniser } from "./recognise.ts";
import { openSender } from "./sender.ts";
import { OrderSigner } from "./signing.ts";
import { POLYMARKET_TIMING, protocolOf } from "./stream.ts";
import { Unsettled } from "./unsettled.ts";
import { type SignatureType, type Wallet, walletOf } from "./wallet.ts";

export { DECLARATION, POLYMARKET_CAPABILITIES } from "./declaration.ts";
export { AUTH_PROBLEM } from "./failure.ts";
export { readPayload } from "./payload.ts";
export { SIGNATURE_TYPES, type SignatureType } from "./wallet.ts";

export interface PolymarketOptions {
  /** The wallet's key: 0x and 64 hexadecimal digits. Orders can be signed with it, and credentials derived. */
  readonly privateKey?: string;
  /** As the CLOB gave them; derived from the private key where they are absent. */
  readonly credentials?: Credentials;
  /** What the keys are called where they are set, for messages. */
  readonly keyNames?: KeyNames;
  /** The wallet that holds the tokens; the signer itself where it is a plain address. */
  readonly funder?: string | undefined;
  /** The address that the credentials belong to; needed only without the private key. */
  readonly signer?: string | undefined;
  readonly signatureType: SignatureType;
  readonly baseUrl?: string | undefined;
  readonly dataUrl?: string | undefined;
  readonly wsUrl?: string | undefined;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** For one request, in ms; 6 s unless given. */
  readonly timeoutMs?: number;
  /** Without it the venue has no stream: what happens is then seen at the next pass. */
  readonly stream?: PolymarketStreamOptions;
}

export interface PolymarketStreamOptions {
  readonly timers: Timers;
  readonly random: Randomness;
  /** For tests; a real one unless given. */
  readonly openSocket?: OpenSocket;
  /** For tests. */
  readonly timing?: StreamTiming;
}

/** @see https://docs.polymarket.com/api-reference/introduction, /market-data/websocket/overview.md (read 2026-11) */
const CLOB_URL = "https://clob.polymarket.com";
const DATA_URL = "https://data-api.polymarket.com";
const WS_URL = "wss://ws-subscriptions-clob.polymarket.com/ws/user";

const TIMEOUT_MS = 6_000;

const KEY_NAMES: KeyNames = { keyId: "POLYMARKET_API_KEY", secret: "POLYMARKET_API_SECRET" };

/**
 * Opens the adapter; nothing is asked of Polymarket yet.
 * @throws VenueError `venue_auth` for a key that is none, `venue_config` for addresses that do not fit together or that
 * keys must not be sent to, `venue_package` when a package is missing.
 */
export async function openPolymarket(options: PolymarketOptions): Promise<Venue> {
  const privateKey = checkedKey(options.privateKey);
  const credentials = checkedCredentials(options.credentials);
  const packages = await loadPackages();
  const derived = privateKey && packages.accounts.privateKeyToAccount(privateKey as `0x${string}`).address;
  const wallet = walletOf({
    funder: options.funder,
    signer: options.signer,
    derived,
    signatureType: options.signatureType,
  });
  if (credentials && wallet.signer === undefined) {
    const text = "there are API credentials and no signer; set signer to the address that they were made for";
    throw new VenueError("venue_config", text);
  }
  const secrets = [privateKey, privateKey?.slice(2), ...Object.values(credentials ?? {})].filter(
    (one) => one !== undefined,
  );
  return assemble(packages, options, { wallet, privateKey, credentials, secrets });
}

interface Keys {
  readonly wallet: Wallet;
  readonly privateKey: string | undefined;
  readonly credentials: Credentials | undefined;
  /** Grows when credentials are derived. */
  readonly secrets: string[];
}

async function assemble(packages: Packages, options: PolymarketOptions, keys: Keys): Promise<Venue> {
  const { clock, timeoutMs = TIMEOUT_MS } = options;
  const { wallet, privateKey, credentials, secrets } = keys;
  const budgets = budgetsOf(clock, wallet.signer ?? wallet.holder);
  const send = meteredFetch({ fetch: options.fetch, budgets, clock, costOf });
  const words: FailureWords = {
    venue: "Polymarket",
    environment: "live",
    keyNames: options.keyNames ?? KEY_NAMES,
    timeoutMs,
    secrets,
  };
  const clientOptions: ClientOptions = {
    clobUrl: checkedAddress("the address of Polymarket's CLOB", options.baseUrl ?? CLOB_URL),
    dataUrl: checkedAddress("the address of Polymarket's Data API", options.dataUrl ?? DATA_URL),
    wallet,
    fetch: send,
    clock,
    timeoutMs,
    words,
    onSecrets: (found) => secrets.push(...found),
    ...(credentials && { credentials }),
    ...(privateKey !== undefined && { privateKey }),
  };
  const client = openClient(packages, clientOptions);
  const hasKeys = credentials !== undefined || privateKey !== undefined;
  const own = new OwnOrders();
  const keyed = hasKeys
    ? await keyedParts(packages, options, keys, { client, clientOptions, own })
    : undefined;
  return new PolymarketVenue({
    client,
    wallet,
    clock,
    own,
    markets: new Markets(client),
    unsettled: new Unsettled(),
    rateLeft: () => budgets.left(),
    raw: rawReader({
      fetch: send,
      clientOver: (transport) => openClient(packages, { ...clientOptions, fetch: transport }),
      clock,
      secrets,
      hasKeys,
    }),
    checkup: () =>
      checkup({
        client,
        wallet,
        clock,
        hasKeys,
        hasPrivateKey: privateKey !== undefined,
        hasStream: keyed?.stream !== undefined,
        rateLeft: () => budgets.left(),
      }),
    ...(keyed && { keyed }),
    ...(options.stream && { prices: await pricesOf(options, options.stream, secrets) }),
  });
}

/** @see https://docs.polymarket.com/market-data/websocket/market-channel (read 2026-11) */
async function pricesOf(
  { clock, wsUrl = WS_URL }: PolymarketOptions,
  { timers, random, timing = POLYMARKET_TIMING, ...given }: PolymarketStreamOptions,
  secrets: readonly string[],
): Promise<NonNullable<Venue["prices"]>> {
  const checked = checkedAddress("the address of Polymarket's stream", wsUrl, "ws", { mayHavePath: true });
  const openSocket = given.openSocket ?? (await loadSockets());
  const parts = { clock, timers, random, openSocket, timing, secrets };
  const protocol = priceProtocol(`${new URL(checked).origin}/ws/market`);
  return (listener) => keepPriceFeed(parts, protocol, listener);
}

async function keyedParts(
  packages: Packages,
  options: PolymarketOptions,
  { wallet, privateKey }: Keys,
  {
    client,
    clientOptions,
    own,
  }: { readonly client: PolymarketClient; readonly clientOptions: ClientOptions; readonly own: OwnOrders },
): Promise<KeyedParts> {
  const { clock, words, clobUrl, timeoutMs, fetch: send } = clientOptions;
  const signing = wallet.signer ?? wallet.holder;
  const signer = new OrderSigner(packages, wallet, signing);
  const owner = async (): Promise<Owner> => {
    const found = await client.credentials();
    return { wallet: wallet.holder, apiKey: "credentials" in found ? found.credentials.apiKey : undefined };
  };
  const sender = openSender(packages, {
    clobUrl,
    signer: signing,
    client,
    fetch: send,
    clock,
    timeoutMs,
    words,
  });
  return {
    owner,
    commands: { client, sender, own, clock, words },
    heartbeat: new Heartbeat(sender, words),
    recognise: recogniser({ client, signer, owner, own, clock }),
    ...(privateKey !== undefined && { signing: { signer, privateKey } }),
    ...(options.stream && {
      stream: await streamOf(options, options.stream, { client, wallet, own, words }),
    }),
  };
}

async function streamOf(
  { clock, wsUrl = WS_URL }: PolymarketOptions,
  { timers, random, timing = POLYMARKET_TIMING, ...given }: PolymarketStreamOptions,
  {
    client,
    wallet,
    own,
    words,
  }: {
    readonly client: PolymarketClient;
    readonly wallet: Wallet;
    readonly own: OwnOrders;
    readonly words: FailureWords;
  },
): Promise<NonNullable<Venue["stream"]>> {
  const url = checkedAddress("the address of Polymarket's stream", wsUrl, "ws", { mayHavePath: true });
  const openSocket = given.openSocket ?? (await loadSockets());
  const protocol = protocolOf({
    url,
    credentials: () => client.credentials(),
    wallet: wallet.holder,
    nameOrder: (id) => own.nameOf(id),
    words,
  });
  const parts = { clock, timers, random, openSocket, timing, secrets: words.secrets };
  return (listener, onFrame) => keepStream(parts, protocol, listener, onFrame);
}

/** Never says what was found: it is a key. */
function checkedKey(text: string | undefined): string | undefined {
  const key = text?.trim();
  if (key === undefined || key === "") return undefined;
  const digits = key.replace(/^0x/i, "").toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits) && !/^0+$/.test(digits)) return `0x${digits}`;
  throw new VenueError(
    "venue_auth",
    "the private key is none: expected 0x and 64 hexadecimal digits; its value is not shown",
  );
}

function checkedCredentials(given: Credentials | undefined): Credentials | undefined {
  if (given === undefined) return undefined;
  const missing = Object.entries(given).filter(([, value]) => value.trim() === "");
  if (missing.length === Object.keys(given).length) return undefined;
  if (missing.length === 0) {
    return { apiKey: given.apiKey.trim(), secret: given.secret.trim(), passphrase: given.passphrase.trim() };
  }
  const names = missing.map(([name]) => name).join(", ");
  throw new VenueError(
    "venue_auth",
    `of the API credentials ${names} is missing; set the key, the secret and the passphrase, or none of them`,
  );
}
