// One exchange of ccxt, loaded by its own file: the package as a whole is a hundred exchanges and takes ten times as long
// and four times the memory. What is used of it is named here. It knows addresses, signs, and lists markets; its answers,
// its caches and its retries are not used where a profile reads the exchange.
// @see node_modules/ccxt 4.5.84, package.json "exports" (no file but the first is exported; read 2026-11)
import type { Clock } from "../../runtime/index.ts";
import { VenueError } from "../venue.ts";
import { loadClient } from "../wire/package.ts";
import { baseAddress, withBase } from "./addresses.ts";

/** What is used of ccxt's market structure. Numbers are texts, because `number` is set to String. */
export interface Market {
  readonly id: string;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly settle?: string;
  readonly baseId: string;
  readonly type: string;
  readonly spot: boolean;
  readonly contract: boolean;
  readonly linear?: boolean;
  readonly inverse?: boolean;
  readonly contractSize?: string;
  readonly precision: { readonly amount?: unknown; readonly price?: unknown };
  readonly info: Readonly<Record<string, unknown>>;
}

export interface SignedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Params = Readonly<Record<string, unknown>>;

/** What is used of an exchange of ccxt. */
export interface Exchange {
  readonly id: string;
  readonly has: Readonly<Record<string, unknown>>;
  urls: { api: unknown; readonly test?: unknown };
  readonly headers: Readonly<Record<string, string>>;
  readonly options: Record<string, unknown>;
  readonly requiredCredentials: Readonly<Record<string, boolean>>;
  readonly markets: Readonly<Record<string, Market>> | undefined;
  number: unknown;
  milliseconds: () => number;
  seconds: () => number;
  microseconds: () => number;
  fetchImplementation: unknown;
  handleMessage: (client: unknown, message: unknown) => void;
  setSandboxMode(isSandbox: boolean): void;
  loadMarkets(reload?: boolean): Promise<unknown>;
  loadHttpProxyAgent(): Promise<unknown>;
  sign(path: string, api: unknown, method: string, params: Params): SignedRequest;
  implodeHostname(url: string): string;
  close(): Promise<unknown>;
}

type ExchangeClass = new (config: Params) => Exchange;

/** By ccxt's names of them; which of them an exchange asks for is in its `requiredCredentials`. */
export const CREDENTIALS = [
  "apiKey",
  "secret",
  "password",
  "walletAddress",
  "privateKey",
  "uid",
  "login",
  "token",
] as const;
export type Credential = (typeof CREDENTIALS)[number];
export type Credentials = Readonly<Partial<Record<Credential, string>>>;

/** What somebody may be called who holds it: the address of a wallet is public. */
export const PUBLIC_CREDENTIALS: ReadonlySet<Credential> = new Set(["walletAddress"]);

export interface ExchangeOptions {
  /** ccxt's id, such as `okx`. */
  readonly exchange: string;
  readonly environment: "live" | "sandbox";
  readonly baseUrl?: string;
  readonly credentials: Credentials;
  /** ccxt's own options of the exchange, plain values. */
  readonly options: Params;
  readonly clock: Clock;
  /** Every request of the package goes through it. */
  readonly fetch: typeof fetch;
  /**
   * Which requests the package may make by itself; all unless given. It loads markets, and must change nothing: with a key
   * that signs, some exchanges' first call is to allow ccxt's makers a fee.
   * @see node_modules/ccxt 4.5.84, js/src/hyperliquid.js, fetchCurrencies and initializeClient (read 2026-11)
   */
  readonly mayAsk?: ((request: { readonly method: string; readonly url: URL }) => boolean) | undefined;
  readonly timeoutMs: number;
}

/** An id is part of a path: letters and digits only, so that it leads nowhere else. */
const EXCHANGE_ID = /^[a-z0-9]{2,32}$/;

/**
 * Loads the exchange with its streams, or without them where ccxt has none for it. Nothing is asked of it yet.
 * @throws VenueError `venue_package` where ccxt is missing, `venue_config` for an exchange that it does not have, an
 * environment that the exchange does not have, or an address that keys must not be sent to.
 */
export async function loadExchange(given: ExchangeOptions): Promise<Exchange> {
  const { exchange: id, environment, baseUrl, credentials, clock } = given;
  if (!EXCHANGE_ID.test(id)) throw noExchange(id);
  const root = await loadClient({ name: "ccxt", version: "4.5.84", does: `speaks to ${id}` }, async () =>
    import.meta.resolve("ccxt"),
  );
  const Exchange = (await load(root, `./src/pro/${id}.js`)) ?? (await load(root, `./src/${id}.js`));
  if (!Exchange) throw noExchange(id);
  const exchange = new Exchange({
    ...credentials,
    options: { ...given.options },
    timeout: given.timeoutMs,
    // Waiting in the package would hide how old an answer is; the rate budget answers at once.
    enableRateLimit: false,
  });
  // Floats would round: what the package reads stays the text that the exchange wrote.
  exchange.number = String;
  exchange.milliseconds = () => clock.nowMs();
  exchange.seconds = () => Math.floor(clock.nowMs() / 1_000);
  exchange.microseconds = () => clock.nowMs() * 1_000;
  if (environment === "sandbox") switchToSandbox(exchange);
  const base = baseAddress(`the address of ${id}`, baseUrl);
  if (base !== undefined) exchange.urls = { ...exchange.urls, api: withBase(exchange.urls.api, base) };
  exchange.fetchImplementation = fetchOf(given.fetch, given.mayAsk, base);
  return exchange;
}

async function load(root: string, file: string): Promise<ExchangeClass | undefined> {
  try {
    const module = (await import(new URL(file, root).href)) as { readonly default?: ExchangeClass };
    return module.default;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

function noExchange(id: string): VenueError {
  const shown = EXCHANGE_ID.test(id) ? `"${id}"` : "of another form than its ids have";
  const text = `ccxt 4.5.84 has no exchange ${shown}; give its id as ccxt writes it, such as "okx" or "kraken"`;
  return new VenueError("venue_config", text);
}

function switchToSandbox(exchange: Exchange): void {
  try {
    exchange.setSandboxMode(true);
  } catch (cause) {
    const text = `ccxt knows no sandbox of ${exchange.id}; write environment = "live", with base_url where it is another address`;
    throw new VenueError("venue_config", text, { cause });
  }
}

/** The package hands over more than fetch takes (an agent, a time limit of its own), and must follow no redirect. */
function fetchOf(send: typeof fetch, mayAsk: ExchangeOptions["mayAsk"], base: string | undefined) {
  return async (url: string, init: RequestInit): Promise<Response> => {
    const { method = "GET", headers = {}, body = null, signal = null } = init;
    // Keys go out with it: an address that is written in the package's code is not replaced with the others.
    const { origin, protocol } = new URL(url);
    if (base === undefined ? protocol !== "https:" : origin !== new URL(base).origin) {
      throw new Error(`ccxt tried to ask ${origin}; only ${base ?? "https"} may be asked`);
    }
    if (mayAsk && !mayAsk({ method, url: new URL(url) })) {
      throw new Error(`ccxt tried ${method} ${new URL(url).pathname} by itself; it was stopped`);
    }
    return send(url, { method, headers, body, signal, redirect: "error" });
  };
}
