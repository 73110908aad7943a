// Transport: one method for each endpoint that is read, of the CLOB (signed) and of the Data API (public, by the wallet's
// address). Answers are taken as the text that came and parsed exactly. Trouble at the venue's side is an answer too;
// nothing here throws for it.
import type { Clock } from "../../runtime/index.ts";
import type { Answer } from "../wire/answer.ts";
import { isObject } from "../wire/fields.ts";
import { parseExact } from "../wire/json.ts";
import { timeLimited } from "../wire/once.ts";
import { retryAfterMs } from "../wire/rate.ts";
import { httpText, notJsonText } from "../wire/words.ts";
import { cleanMessage, describeFailure, type FailureWords } from "./failure.ts";
import { type Credentials, type Headers, signedHeaders, walletHeaders } from "./keys.ts";
import type { Packages } from "./packages.ts";
import type { Wallet } from "./wallet.ts";
import { SIGNATURE_TYPES } from "./wallet.ts";

/** Rows of one page of the Data API: its most. @see https://docs.polymarket.com/api-reference/feeds/list-account-activity (read 2026-11) */
export const DATA_PAGE = 1_000;

/** What the CLOB's pages begin and end with. @see node_modules/@polymarket/clob-client-v2 1.1.0, constants.js (read 2026-11) */
export const FIRST_CURSOR = "MA==";
export const LAST_CURSOR = "LTE=";

export interface TradesQuery {
  /** Seconds since 1970, as Polymarket counts. */
  readonly afterSec: number;
  readonly beforeSec?: number;
  readonly token?: string;
}

export interface PolymarketClient {
  /** Public. */
  positions(cursor?: string): Promise<Answer>;
  activity(fromSec: number, cursor?: string): Promise<Answer>;
  market(conditionId: string): Promise<Answer>;
  book(token: string): Promise<Answer>;
  /** Of several tokens at once, up to 500. */
  books(tokens: readonly string[]): Promise<Answer>;
  serverTime(): Promise<Answer>;
  /** Signed. */
  openOrders(cursor: string, token?: string): Promise<Answer>;
  order(venueOrderId: string): Promise<Answer>;
  trades(query: TradesQuery, cursor: string): Promise<Answer>;
  /** One trade, by its id. */
  trade(tradeId: string): Promise<Answer>;
  balance(assetType: string, token?: string): Promise<Answer>;
  /** Lets the CLOB look at the chain again; nothing of the account changes. */
  refreshBalance(assetType: string, token?: string): Promise<Answer>;
  closedOnly(): Promise<Answer>;
  /** The credentials that requests are signed with, or why there are none. */
  credentials(): Promise<{ readonly credentials: Credentials } | { readonly problem: string }>;
}

export interface ClientOptions {
  readonly clobUrl: string;
  readonly dataUrl: string;
  readonly wallet: Wallet;
  /** Absent: they are derived with the wallet's key. */
  readonly credentials?: Credentials;
  readonly privateKey?: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** For one request. In ms. */
  readonly timeoutMs: number;
  readonly words: FailureWords;
  /** Told of credentials that were derived, so that they are taken out of every text. */
  readonly onSecrets: (secrets: readonly string[]) => void;
}

export function openClient(packages: Packages, options: ClientOptions): PolymarketClient {
  const { clobUrl, dataUrl, wallet, clock, words } = options;
  const send = timeLimited(options.fetch, options.timeoutMs);
  const holder = wallet.holder;
  const signatureType = SIGNATURE_TYPES[wallet.signatureType];
  let derived: Promise<{ readonly credentials: Credentials } | { readonly problem: string }> | undefined;

  const get = (what: string, base: string, path: string, query: Query, headers: Headers = {}) =>
    answerOf(what, words, clock, () =>
      send(`${base}${path}${queryOf(query)}`, {
        headers: { Accept: "application/json", ...headers },
        redirect: "error",
      }),
    );

  function credentials() {
    if (options.credentials) return Promise.resolve({ credentials: options.credentials });
    // Asked for again after a failure: a network that was down comes back.
    derived ??= derive().then((found) => {
      if ("problem" in found) derived = undefined;
      else
        options.onSecrets([found.credentials.apiKey, found.credentials.secret, found.credentials.passphrase]);
      return found;
    });
    return derived;
  }

  async function derive() {
    const { privateKey } = options;
    if (privateKey === undefined)
      return { problem: "there are no API credentials and no private key to derive them with" };
    const headers = await walletHeaders(packages, privateKey, clock);
    const answer = await get("the API credentials", clobUrl, "/auth/derive-api-key", {}, headers);
    if (answer.kind !== "answer") {
      const why = answer.kind === "failed" ? answer.problem : answer.message;
      return {
        problem: `${why}; if this wallet never had credentials, create them at Polymarket, or set them`,
      };
    }
    const { value } = answer;
    if (isObject(value) && isText(value.apiKey) && isText(value.secret) && isText(value.passphrase)) {
      return { credentials: { apiKey: value.apiKey, secret: value.secret, passphrase: value.passphrase } };
    }
    return { problem: "the API credentials were answered without apiKey, secret and passphrase" };
  }

  async function signed(what: string, path: string, query: Query = {}): Promise<Answer> {
    const found = await credentials();
    if ("problem" in found)
      return { kind: "failed", problem: `${what} were not asked for: ${found.problem}` };
    const signer = wallet.signer ?? "";
    const headers = await signedHeaders(packages, signer, found.credentials, { method: "GET", path }, clock);
    return get(what, clobUrl, path, query, headers);
  }

  const balance = (what: string, path: string) => (assetType: string, token?: string) =>
    signed(what, path, { asset_type: assetType, token_id: token, signature_type: String(signatureType) });

  return {
    credentials,
    positions: (cursor) =>
      get("the positions", dataUrl, "/v2/positions", {
        user: holder,
        status: "OPEN",
        // The least share there is: without it small positions are left out.
        filter_type: "TOKENS",
        filter_amount: "0.000001",
        include_archived: "true",
        limit: String(DATA_PAGE),
        cursor,
      }),
    activity: (fromSec, cursor) =>
      get("the activity", dataUrl, "/v2/activity", {
        user: holder,
        start: String(Math.max(1, fromSec)),
        exclude_deposits_withdrawals: "false",
        sort_by: "TIMESTAMP",
        sort_direction: "ASC",
        limit: String(DATA_PAGE),
        cursor,
      }),
    market: (conditionId) =>
      get("the market", clobUrl, `/clob-markets/${encodeURIComponent(conditionId)}`, {}),
    book: (token) => get("the order book", clobUrl, "/book", { token_id: token }),
    books: (tokens) =>
      answerOf("the order books", words, clock, () =>
        send(`${clobUrl}/books`, {
          method: "POST",
          headers: { Accept: "application/json", "Content-Type": "application/json" },
          body: JSON.stringify(tokens.map((token) => ({ token_id: token }))),
          redirect: "error",
        }),
      ),
    serverTime: () => get("the time", clobUrl, "/time", {}),
    openOrders: (cursor, token) =>
      signed("the orders", "/data/orders", { asset_id: token, next_cursor: cursor }),
    order: (venueOrderId) => signed("the order", `/data/order/${encodeURIComponent(venueOrderId)}`),
    trades: ({ afterSec, beforeSec, token }, cursor) =>
      signed("the trades", "/data/trades", {
        maker_address: holder,
        asset_id: token,
        after: String(Math.max(0, afterSec)),
        before: beforeSec === undefined ? undefined : String(beforeSec),
        next_cursor: cursor,
      }),
    trade: (tradeId) => signed("the trade", "/data/trades", { maker_address: holder, id: tradeId }),
    balance: balance("the balance", "/balance-allowance"),
    refreshBalance: balance("the balance", "/balance-allowance/update"),
    closedOnly: () => signed("the account's restrictions", "/auth/ban-status/closed-only"),
  };
}

type Query = Readonly<Record<string, string | undefined>>;

function queryOf(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs as [string, string][])}`;
}

async function answerOf(
  what: string,
  words: FailureWords,
  clock: Clock,
  call: () => Promise<Response>,
): Promise<Answer> {
  try {
    const response = await call();
    return readAnswer(what, response, await response.text(), words, clock);
  } catch (error) {
    return { kind: "failed", problem: describeFailure(what, error, words) };
  }
}

/** Errors are bodies with a word for it; a page for people, as the firewall before the venue writes it, is none. */
function readAnswer(
  what: string,
  response: Response,
  text: string,
  words: FailureWords,
  clock: Clock,
): Answer {
  const { status, headers } = response;
  const isRead = status >= 200 && status < 300;
  const retryMs = retryAfterMs(headers.get("Retry-After"), clock.nowMs());
  if (status === 429) {
    return { kind: "failed", problem: httpText(what, { status, message: "", retryAfterMs: retryMs }, words) };
  }
  const value = parsedOr(text, undefined);
  // The refreshing of a balance answers with nothing at all.
  if (isRead && text.trim() === "") return { kind: "answer", value: null };
  if (value === undefined) {
    const told = notJsonText(what, text, headers.get("Content-Type"), words.venue);
    return { kind: "failed", problem: isRead ? told : `HTTP ${status}: ${told}` };
  }
  const error = isObject(value) && isText(value.error) ? value.error : undefined;
  if (status === 404 && error !== undefined) {
    return { kind: "notFound", code: String(status), message: cleanMessage(error, words) };
  }
  if (isRead && error === undefined) return { kind: "answer", value };
  return { kind: "failed", problem: httpText(what, { status, message: error ?? text }, words) };
}

function parsedOr<Other>(text: string, other: Other): unknown {
  try {
    return parseExact(text);
  } catch {
    return other;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
