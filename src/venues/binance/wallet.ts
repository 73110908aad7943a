// The lists of `/sapi` that tell what moved coins of the spot wallet, each read over a window: whole, or as far as it came.
// None of them says how its pages are sorted, so a window counts only when all of it was read.
import type { LedgerRow } from "../../core/index.ts";
import type { Asking } from "../wire/asking.ts";
import type { Parsed } from "../wire/fields.ts";
import { listOf } from "../wire/sections.ts";
import type { BinanceClient } from "./client.ts";
import {
  type HeldAs,
  type Moved,
  pageOf,
  parseDeposit,
  parseDividend,
  parseDust,
  parseTransfer,
  parseWithdrawal,
  TRANSFER_TYPES,
} from "./parse-wallet.ts";
import type { Params } from "./transport.ts";

const DAY_MS = 24 * 3_600_000;
/** Pages of one window of one list. */
const PAGES_MAX = 20;

export interface WalletAsk {
  readonly client: BinanceClient;
  readonly base: string;
  readonly asking: Asking;
}

/** One list, read by windows of time. */
export interface WalletList {
  readonly what: string;
  /** Widest window that may be asked for. In ms. */
  readonly windowMs: number;
  /** How far back it is kept; undefined where nothing says. In ms. */
  readonly keptMs?: number;
  /** A row may change so long after its time: what is pending is done later. In ms. */
  readonly againMs: number;
  /** Not asked for again sooner, unless something moved. In ms. */
  readonly restMs: number;
  readonly read: (ask: WalletAsk, fromMs: number, toMs: number) => Promise<readonly unknown[] | string>;
  readonly parse: (item: unknown, heldAs: HeldAs) => Parsed<Moved>;
}

/**
 * Windows, pages and weights:
 * - deposits, withdrawals: "time between startTime and endTime must be less than 90 days"; offset, limit to 1000; weight 1
 *   of the address, and 18000 of the account's 180000 a minute.
 * - transfers: by type, "within the last 6 months only"; without times the last 7 days; pages of 100; weight 1.
 * - dividends: "more than 180 days" cannot be asked for; limit to 500 and no pages; weight 10.
 * - dust: "only return last 100 records", of the spot account where no other is named; weight 1.
 * @see https://github.com/binance/binance-connector-js a9de9a99, clients/wallet (read 2026-11)
 */
export const WALLET_LISTS: readonly WalletList[] = [
  {
    what: "the deposits",
    windowMs: 89 * DAY_MS,
    againMs: 7 * DAY_MS,
    restMs: 0,
    read: byOffset("the deposits", "/sapi/v1/capital/deposit/hisrec"),
    parse: parseDeposit,
  },
  {
    what: "the withdrawals",
    windowMs: 89 * DAY_MS,
    againMs: 7 * DAY_MS,
    restMs: 20_000,
    read: byOffset("the withdrawals", "/sapi/v1/capital/withdraw/history"),
    parse: parseWithdrawal,
  },
  ...TRANSFER_TYPES.map(
    (type): WalletList => ({
      what: `the transfers ${type}`,
      windowMs: 7 * DAY_MS,
      keptMs: 180 * DAY_MS,
      againMs: 3_600_000,
      restMs: 0,
      read: byPage(`the transfers ${type}`, "/sapi/v1/asset/transfer", { type }),
      parse: parseTransfer,
    }),
  ),
  {
    what: "the dividends",
    windowMs: 30 * DAY_MS,
    againMs: DAY_MS,
    restMs: 0,
    read: byHalves("the dividends", "/sapi/v1/asset/assetDividend", "rows", 500, { limit: 500 }),
    parse: parseDividend,
  },
  {
    what: "the conversions of dust",
    windowMs: 30 * DAY_MS,
    againMs: 3_600_000,
    restMs: 0,
    read: byHalves("the conversions of dust", "/sapi/v1/asset/dribblet", "userAssetDribblets", 100, {}),
    parse: parseDust,
  },
];

export interface WalletRead {
  readonly entries: readonly LedgerRow[];
  /** Up to when all of it was read; undefined where not even the first window was. */
  readonly provenMs: number | undefined;
  readonly problems: readonly string[];
}

/** Windows one after the other: what was read before one fails counts. */
export async function readWallet(
  ask: WalletAsk,
  list: WalletList,
  { fromMs, toMs, heldAs }: { readonly fromMs: number; readonly toMs: number; readonly heldAs: HeldAs },
): Promise<WalletRead> {
  const entries: LedgerRow[] = [];
  let provenMs: number | undefined;
  for (let startMs = fromMs; startMs <= toMs; startMs += list.windowMs) {
    const endMs = Math.min(startMs + list.windowMs - 1, toMs);
    const read = await list.read(ask, startMs, endMs);
    if (typeof read === "string") return { entries, provenMs, problems: [read] };
    const parsed = read.map((item) => list.parse(item, heldAs));
    entries.push(...parsed.flatMap((one) => (one.kind === "row" ? one.row.entries : [])));
    const problems = parsed.flatMap((one) => (one.kind === "problem" ? [one.problem] : []));
    if (problems.length > 0) return { entries, provenMs, problems };
    provenMs = endMs;
  }
  return { entries, provenMs, problems: [] };
}

/** Only a page with nothing on it is the end: one that is short may have been cut short. */
function byOffset(what: string, path: string): WalletList["read"] {
  return async ({ client, base, asking }, startTime, endTime) => {
    const items: unknown[] = [];
    for (let page = 0; page < PAGES_MAX; page += 1) {
      if (!asking.mayAsk()) return noTimeText(what);
      const params: Params = { startTime, endTime, offset: items.length, limit: 1_000 };
      const listed = listOf(what, await client.get(what, path, params, base));
      if (listed.kind === "failed") return listed.problem;
      if (listed.items.length === 0) return items;
      items.push(...listed.items);
    }
    return tooManyText(what);
  };
}

function byPage(what: string, path: string, fixed: Params): WalletList["read"] {
  return async ({ client, base, asking }, startTime, endTime) => {
    const items: unknown[] = [];
    for (let current = 1; current <= PAGES_MAX; current += 1) {
      if (!asking.mayAsk()) return noTimeText(what);
      const answer = await client.get(what, path, { ...fixed, startTime, endTime, current, size: 100 }, base);
      if (answer.kind !== "answer") return answer.kind === "failed" ? answer.problem : notFoundText(what);
      const page = pageOf(what, answer.value, "rows");
      if (typeof page === "string") return page;
      if (page.items.length === 0) return items;
      items.push(...page.items);
    }
    return tooManyText(what);
  };
}

/** Without pages: a window that has more rows than came is read in two. */
function byHalves(
  what: string,
  path: string,
  field: string,
  rowsMax: number,
  fixed: Params,
): WalletList["read"] {
  const read: WalletList["read"] = async (ask, startTime, endTime) => {
    const { client, base, asking } = ask;
    if (!asking.mayAsk()) return noTimeText(what);
    const answer = await client.get(what, path, { ...fixed, startTime, endTime }, base);
    if (answer.kind !== "answer") return answer.kind === "failed" ? answer.problem : notFoundText(what);
    const page = pageOf(what, answer.value, field);
    if (typeof page === "string") return page;
    const { items, count } = page;
    if (items.length < rowsMax && items.length >= (count ?? 0)) return items;
    if (endTime <= startTime) return `${what} have more rows in the ms ${startTime} than Binance tells`;
    const middle = Math.floor((startTime + endTime) / 2);
    const first = await read(ask, startTime, middle);
    if (typeof first === "string") return first;
    const second = await read(ask, middle + 1, endTime);
    return typeof second === "string" ? second : [...first, ...second];
  };
  return read;
}

function noTimeText(what: string): string {
  return `there was no time left to read ${what} to their end`;
}

function tooManyText(what: string): string {
  return `${what} have more than ${PAGES_MAX} pages in one window`;
}

function notFoundText(what: string): string {
  return `${what} were not found; expected a list`;
}
