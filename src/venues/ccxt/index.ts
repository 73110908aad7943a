// Every exchange that ccxt knows, by one adapter: opened by its id, with the profile that is known of it.
import { type Capabilities, NO_COMMANDS } from "../../core/index.ts";
import type { Clock, Randomness, Timers } from "../../runtime/index.ts";
import { type History, type RawAnswer, type Snapshot, type Venue, VenueError } from "../venue.ts";
import { keepingFetch } from "../wire/kept.ts";
import { meteredFetch } from "../wire/metered.ts";
import { timeLimited } from "../wire/once.ts";
import { RateBudgets, sharedBudget } from "../wire/rate.ts";
import { loadSockets, type OpenSocket } from "../wire/socket.ts";
import { keepStream, STREAM_TIMING, type StreamTiming } from "../wire/stream.ts";
import type { FailureWords } from "../wire/words.ts";
import { addressesOf } from "./addresses.ts";
import { CcxtVenue } from "./ccxt-venue.ts";
import { Client } from "./client.ts";
import {
  CREDENTIALS,
  type Credential,
  type Credentials,
  type Exchange,
  loadExchange,
  type Params,
  PUBLIC_CREDENTIALS,
} from "./exchange.ts";
import { Markets } from "./markets.ts";
import type { Account, Profile, ProfileParts } from "./profile.ts";
import { profileOf } from "./profiles.ts";
import { UNIFIED } from "./unified/profile.ts";
import { watchUnified } from "./unified/stream.ts";

export { DECLARATION, PROFILE_DECLARATIONS, profileDeclaration } from "./declaration.ts";
export { CREDENTIALS, type Credential, type Credentials } from "./exchange.ts";
export { readPayload } from "./payload.ts";
export { PROFILES, profileOf } from "./profiles.ts";

export interface CcxtOptions {
  /** ccxt's id of the exchange, such as `okx`. */
  readonly exchange: string;
  readonly environment: "live" | "sandbox";
  /** Scheme and host in place of the exchange's own, in every address; the paths stay. */
  readonly baseUrl?: string;
  readonly credentials: Credentials;
  /** What each credential is called where it is set, for messages. */
  readonly credentialNames?: Readonly<Partial<Record<Credential, string>>>;
  /** Kinds of markets, in ccxt's words; all that the profile covers unless given. */
  readonly marketTypes?: readonly string[];
  /** ccxt's options of the exchange, and the profile's own: plain values. */
  readonly options?: Params;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** For one attempt of a read, and for a command. In ms. */
  readonly timeoutMs?: number;
  /** Without it the venue has no stream: what happens is then seen at the next pass. */
  readonly stream?: CcxtStreamOptions;
}

export interface CcxtStreamOptions {
  readonly timers: Timers;
  readonly random: Randomness;
  /** For tests; a real one unless given. */
  readonly openSocket?: OpenSocket;
  /** For tests. */
  readonly timing?: StreamTiming;
}

/** As the other adapters': two attempts of a read end within 13 s. */
const TIMEOUT_MS = 6_000;

/**
 * Opens the adapter; nothing is asked of the exchange yet.
 * @throws VenueError `venue_auth` without the keys that the exchange needs, `venue_config` for an exchange, a kind of market
 * or an address that there is not, `venue_package` when ccxt is missing.
 */
export async function openCcxt(options: CcxtOptions): Promise<Venue> {
  const profile = profileOf(options.exchange) ?? UNIFIED;
  const { clock, credentials, environment, timeoutMs = TIMEOUT_MS } = options;
  const secrets = CREDENTIALS.filter((name) => !PUBLIC_CREDENTIALS.has(name)).flatMap(
    (name) => credentials[name] ?? [],
  );
  const title = profile === UNIFIED ? options.exchange : profile.title;
  const words: FailureWords = { venue: title, environment, keyNames: keyNames(options), timeoutMs, secrets };
  const budgets = budgetsOf(profile, options);
  const markets = meteredFetch({
    fetch: options.fetch,
    budgets,
    clock,
    costOf: () => ({ units: profile.marketUnits, purpose: "read" }),
  });
  const [readKeys, tradeKeys] = divided(credentials, profile);
  const exchange = await loadExchange({
    ...options,
    credentials: readKeys,
    mayAsk: profile.mayAsk,
    options: { ...profile.options, ...options.options },
    fetch: timeLimited(markets, timeoutMs),
    timeoutMs,
  });
  checkCredentials(exchange, profile, options);
  const marketTypes = checkedTypes(profile, options.marketTypes);
  const client = new Client({
    exchange,
    fetch: options.fetch,
    budgets,
    clock,
    words,
    judge: profile.judge,
    ...(profile.isSerial && { isSerial: true }),
  });
  const parts: ProfileParts = {
    exchange,
    client,
    markets: new Markets(exchange, clock),
    clock,
    marketTypes,
    options: options.options ?? {},
    secrets,
    tradeKeys,
  };
  const account = profile.open(parts);
  const stream = await streamOf(parts, account, options);
  return new CcxtVenue({
    name: `ccxt:${options.exchange}`,
    account,
    capabilities: capabilitiesOf(profile, credentials),
    rateLeft: () => budgets.left(),
    ...(profile !== UNIFIED && { raw: rawReader(profile, parts, options.fetch) }),
    ...(stream && { stream }),
    close: async () => {
      await exchange.close();
    },
  });
}

/** What ccxt is given, and what it is not. */
function divided(given: Credentials, { credentials }: Profile): readonly [Credentials, Credentials] {
  const isTrade = ([name]: [string, unknown]) => (credentials.trade as readonly string[]).includes(name);
  const all = Object.entries(given);
  return [
    Object.fromEntries(all.filter((one) => !isTrade(one))),
    Object.fromEntries(all.filter((one) => isTrade(one))),
  ];
}

function budgetsOf(
  profile: Profile,
  { exchange, baseUrl, credentials, clock, options = {} }: CcxtOptions,
): RateBudgets {
  const limits = profile.limitsOf?.(options) ?? profile.limits;
  const key = credentials.apiKey ?? credentials.walletAddress ?? "";
  return new RateBudgets(
    limits.map(({ name, by, limit }) =>
      sharedBudget(clock, ["ccxt", exchange, name, by === "key" ? key : (baseUrl ?? "")], limit),
    ),
  );
}

/** Where a key is missing that only orders need, there are no orders. */
function capabilitiesOf({ capabilities, credentials: needed }: Profile, given: Credentials): Capabilities {
  const mayTrade = needed.trade.every((name) => given[name] !== undefined && given[name] !== "");
  return mayTrade ? capabilities : { ...capabilities, commands: NO_COMMANDS };
}

function keyNames({ credentialNames = {} }: CcxtOptions): FailureWords["keyNames"] {
  return {
    keyId: credentialNames.apiKey ?? credentialNames.walletAddress ?? "the key",
    secret: credentialNames.secret ?? credentialNames.privateKey ?? "the secret",
  };
}

function checkCredentials(exchange: Exchange, profile: Profile, options: CcxtOptions): void {
  const { credentials, credentialNames = {}, environment } = options;
  const asked = CREDENTIALS.filter((name) => exchange.requiredCredentials[name] === true);
  const needed = profile === UNIFIED ? asked : profile.credentials.read;
  const missing = needed.filter((name) => (credentials[name] ?? "").trim() === "");
  if (missing.length === 0) return;
  const names = missing.map((name) => credentialNames[name] ?? name).join(", ");
  const text = `${options.exchange} needs ${needed.join(", ")} for the ${environment} environment; set ${names}`;
  throw new VenueError("venue_auth", text);
}

function checkedTypes(
  { marketTypes, title }: Profile,
  given: readonly string[] | undefined,
): readonly string[] {
  const unknown = (given ?? []).filter((type) => !marketTypes.includes(type));
  if (unknown.length === 0) return given === undefined || given.length === 0 ? marketTypes : given;
  const text = `${title} is read for markets of the kinds ${marketTypes.join(", ")}; found ${unknown.join(", ")}`;
  throw new VenueError("venue_config", text);
}

/** The profile's own reads, made once more over a transport that keeps every answer. */
function rawReader(profile: Profile, parts: ProfileParts, send: typeof fetch): NonNullable<Venue["raw"]> {
  return async (section, fromMs) => {
    const kept: RawAnswer[] = [];
    const client = parts.client.over(keepingFetch(send, kept, parts.secrets));
    const account = profile.open({ ...parts, client });
    const isHistory = section === "fills" || section === "ledger";
    const read: Snapshot & History = isHistory ? await account.history(fromMs) : await account.snapshot();
    if (kept.length > 0 || profile.facts.sections[section] === null) return kept;
    // What has to be known first was not answered, or the venue said to wait: nothing left for the section itself.
    const problem = read[section]?.problem ?? "nothing was asked";
    return [{ request: `the ${section}`, status: null, body: "", problem }];
  };
}

async function streamOf(
  parts: ProfileParts,
  account: Account,
  { stream, clock }: CcxtOptions,
): Promise<Venue["stream"]> {
  if (!stream) return undefined;
  const { timers, random, timing = STREAM_TIMING } = stream;
  const protocol = account.protocol?.();
  if (!protocol)
    return watchUnified(parts.exchange, { clock, timers, random, timing, secrets: parts.secrets });
  const openSocket = stream.openSocket ?? (await loadSockets());
  const kept = { clock, timers, random, openSocket, timing, secrets: parts.secrets };
  return (listener, onFrame) => keepStream(kept, protocol, listener, onFrame);
}

/** Every address that the exchange may be asked at, for a person. */
export function addresses(exchange: Exchange): readonly string[] {
  return addressesOf(exchange.urls.api);
}
