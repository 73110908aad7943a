// Transport: one method for each endpoint that is read. Alpaca's own package signs, sends and retries; the answer is
// taken as the text that came and parsed exactly, because the package would turn ns timestamps into dates. Trouble
// at the venue's side is an answer too; nothing here throws for it.
import type { trading } from "@alpacahq/alpaca-trade-api/rest";
import type { Answer } from "../wire/answer.ts";
import { parseExact } from "../wire/json.ts";
import { loadClient } from "../wire/package.ts";
import { notJsonText } from "../wire/words.ts";
import { cleanMessage, describeFailure, type FailureWords, type KeyNames } from "./failure.ts";

export type Package = typeof import("@alpacahq/alpaca-trade-api/rest");

export interface OpenOrdersQuery {
  readonly status: "open" | "all";
  readonly nested: boolean;
  /** Only orders submitted before this one. */
  readonly beforeOrderId?: string;
  readonly symbols?: readonly string[];
}

/** One page, or one day: with a date Alpaca gives all of it at once. */
export type ActivitiesQuery =
  | { readonly kind: "page"; readonly afterMs: number; readonly pageToken?: string }
  | { readonly kind: "day"; readonly date: string };

export interface AlpacaClient {
  account(): Promise<Answer>;
  /** Alpaca's own time. */
  clock(): Promise<Answer>;
  positions(): Promise<Answer>;
  /** @param symbol Without a slash. */
  position(symbol: string): Promise<Answer>;
  orders(query: OpenOrdersQuery): Promise<Answer>;
  order(venueOrderId: string): Promise<Answer>;
  orderByClientId(clientOrderId: string): Promise<Answer>;
  fills(query: ActivitiesQuery): Promise<Answer>;
  nonTrades(query: ActivitiesQuery): Promise<Answer>;
}

/** How long one call may take; tests make it short. */
export interface CallTiming {
  /** For one attempt. In ms. */
  readonly timeoutMs: number;
  /** Further attempts after a failure of the network or a 5xx. */
  readonly retries: number;
}

/** 6 s and one more attempt: with its pause a call ends within 13 s, two in a row within the engine's 30 s. */
export const CALL_TIMING: CallTiming = { timeoutMs: 6_000, retries: 1 };

/** Pause before the second attempt, and its upper end. In ms. */
const RETRY_PAUSE_MS = 250;
const RETRY_PAUSE_MS_MAX = 1_000;

/** Not 429: another request at once is what the venue asks not to get. Timeouts are not retried either. */
const RETRIED_STATUSES = [500, 502, 503, 504];

/**
 * Rows of one page of orders and of activities; both are the venue's upper ends.
 * @see https://github.com/alpacahq/alpaca-docs data/webapi/endpoints/orders.yaml "max is 500" (read 2026-11)
 * @see https://github.com/alpacahq/alpaca-docs content/api-references/trading-api/account-activities.md "the default
 * and maximum value is 100" (read 2026-11)
 */
export const ORDERS_PAGE = 500;
export const ACTIVITIES_PAGE = 100;

export interface ClientOptions {
  readonly keyId: string;
  readonly secret: string;
  readonly keyNames: KeyNames;
  readonly environment: "paper" | "live";
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  readonly timing: CallTiming;
}

const PACKAGE_NAME = "@alpacahq/alpaca-trade-api";
const PACKAGE_VERSION = "4.0.2";

/**
 * Loads Alpaca's package, without the parts for streams.
 * @throws VenueError `venue_package` when it is not installed.
 */
export function loadPackage(
  load: () => Promise<Package> = () => import("@alpacahq/alpaca-trade-api/rest"),
): Promise<Package> {
  return loadClient({ name: PACKAGE_NAME, version: PACKAGE_VERSION, does: "speaks to Alpaca" }, load);
}

/** How failures are told, without the keys. */
export function wordsOf({ environment, keyNames, timing, keyId, secret }: ClientOptions): FailureWords {
  return { venue: "Alpaca", environment, keyNames, timeoutMs: timing.timeoutMs, secrets: [keyId, secret] };
}

export function openClient(alpaca: Package, options: ClientOptions): AlpacaClient {
  const configuration = new alpaca.trading.Configuration({
    basePath: options.baseUrl,
    keyId: options.keyId,
    secret: options.secret,
    fetchApi: (url, init) => options.fetch(url, init),
    timeoutMs: options.timing.timeoutMs,
    queryParamsStringify: queryOf,
    retry: {
      maxRetries: options.timing.retries,
      retryDelayMs: RETRY_PAUSE_MS,
      maxDelayMs: RETRY_PAUSE_MS_MAX,
      retryableStatuses: RETRIED_STATUSES,
    },
  });
  const account = new alpaca.trading.AccountsApi(configuration);
  const positions = new alpaca.trading.PositionsApi(configuration);
  const orders = new alpaca.trading.OrdersApi(configuration);
  const activities = new alpaca.trading.AccountActivitiesApi(configuration);
  const clock = new alpaca.trading.ClockApi(configuration);
  const words = wordsOf(options);
  const ask = (what: string, call: () => Promise<{ readonly raw: Response }>) =>
    answerOf(alpaca, what, call, words);
  return {
    account: () => ask("the account", () => account.getAccountRaw()),
    clock: () => ask("the time", () => clock.legacyClockRaw()),
    positions: () => ask("the positions", () => positions.getAllOpenPositionsRaw()),
    position: (symbol) =>
      ask(`the position of ${symbol}`, () => positions.getOpenPositionRaw({ symbolOrAssetId: symbol })),
    orders: (query) => ask("the orders", () => orders.getAllOrdersRaw(ordersRequest(query))),
    order: (orderId) => ask("the order", () => orders.getOrderByOrderIDRaw({ orderId })),
    orderByClientId: (clientOrderId) =>
      ask("the order", () => orders.getOrderByClientOrderIdRaw({ clientOrderId })),
    fills: (query) =>
      ask("the fills", () =>
        activities.getAccountActivitiesByActivityTypeRaw({
          activityType: "FILL",
          ...activitiesRequest(query),
        }),
      ),
    nonTrades: (query) =>
      ask("the activities", () =>
        activities.getAccountActivitiesRaw({ category: "non_trade_activity", ...activitiesRequest(query) }),
      ),
  };
}

function ordersRequest(query: OpenOrdersQuery): trading.GetAllOrdersRequest {
  const { status, nested, beforeOrderId, symbols } = query;
  return {
    status,
    nested,
    limit: ORDERS_PAGE,
    direction: "desc",
    ...(beforeOrderId !== undefined && { beforeOrderId }),
    ...(symbols !== undefined && { symbols: symbols.join(",") }),
  };
}

function activitiesRequest(query: ActivitiesQuery) {
  const direction = "asc" as const;
  // No page size with a date: "the default behavior is to return all results".
  if (query.kind === "day") return { date: new Date(`${query.date}T00:00:00Z`), direction };
  return {
    after: new Date(query.afterMs),
    direction,
    pageSize: ACTIVITIES_PAGE,
    ...(query.pageToken !== undefined && { pageToken: query.pageToken }),
  };
}

/**
 * The package writes a date as midnight UTC, which is the day before in New York; the venue's form is the plain date.
 * @see https://rdrr.io/github/yogat3ch/AlpacaforR/man/account_activities.html "in YYYY-MM-DD format" (read 2026-11)
 */
function queryOf(params: trading.HTTPQuery): string {
  const pairs = Object.entries(params).map(([name, value]): [string, string] => [
    name,
    name === "date" ? String(value).slice(0, 10) : String(value),
  ]);
  return new URLSearchParams(pairs).toString();
}

async function answerOf(
  alpaca: Package,
  what: string,
  call: () => Promise<{ readonly raw: Response }>,
  words: FailureWords,
): Promise<Answer> {
  try {
    const { raw } = await call();
    const text = await raw.text();
    return readText(what, text, raw.headers.get("Content-Type"));
  } catch (error) {
    if (error instanceof alpaca.NotFoundError) {
      return {
        kind: "notFound",
        code: String(error.code ?? ""),
        message: cleanMessage(error.message, words),
      };
    }
    return { kind: "failed", problem: describeFailure(what, error, words) };
  }
}

function readText(what: string, text: string, contentType: string | null): Answer {
  try {
    return { kind: "answer", value: parseExact(text) };
  } catch {
    return { kind: "failed", problem: notJsonText(what, text, contentType, "Alpaca") };
  }
}
