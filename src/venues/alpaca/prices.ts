// Prices of Alpaca, asked for: the last trade of shares, the standing quote of coins. They are not streamed: most accounts may
// have one connection for market data, and the bot's own would be refused while trueup had it. Of options the data that
// comes with an account is a quarter of an hour old, so that none is told.
// @see https://docs.alpaca.markets/docs/streaming-market-data (error 406 "connection limit exceeded"),
// /docs/real-time-option-data (feed "indicative"; both read 2026-11)
import type { Decimal } from "../../core/index.ts";
import type { PriceTick } from "../venue.ts";
import { isObject } from "../wire/fields.ts";
import { timeLimited } from "../wire/once.ts";
import { optionalPrice, parsedMessage } from "../wire/price-fields.ts";
import { kindOfInstrument } from "./symbols.ts";
import { parseInstant } from "./time.ts";

/** Symbols of one question. */
const ASKED_MAX = 50;
/** Where one symbol is not known all of them are refused: then so many are asked for by themselves. */
const SINGLY_MAX = 20;
const PATHS = {
  equity: { path: "/v2/stocks/trades/latest", list: "trades" },
  crypto: { path: "/v1beta3/crypto/us/latest/quotes", list: "quotes" },
} as const;
type Kind = keyof typeof PATHS;

export interface PriceReader {
  /** Of market data, without a path. */
  readonly dataUrl: string;
  readonly keyId: string;
  readonly secret: string;
  /** Keeps to the budget of market data. */
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
}

export async function readPrices(
  reader: PriceReader,
  instruments: readonly string[],
): Promise<readonly PriceTick[]> {
  const asked = instruments.slice(0, ASKED_MAX);
  const ticks = await Promise.all(
    (Object.keys(PATHS) as Kind[]).map(async (kind) => {
      const own = asked.filter((one) => kindOfInstrument(one) === kind && isSymbol(one));
      if (own.length === 0) return [];
      const found = await ask(reader, kind, own);
      if (found !== "refused") return found;
      const singly = await Promise.all(own.slice(0, SINGLY_MAX).map((one) => ask(reader, kind, [one])));
      return singly.flatMap((one) => (one === "refused" ? [] : one));
    }),
  );
  return ticks.flat();
}

/** @returns "refused" where Alpaca does not take the question, which one symbol of several is enough for. */
async function ask(
  { dataUrl, keyId, secret, fetch: send, timeoutMs }: PriceReader,
  kind: Kind,
  instruments: readonly string[],
): Promise<readonly PriceTick[] | "refused"> {
  const { path, list } = PATHS[kind];
  const query = new URLSearchParams({ symbols: instruments.join(",") });
  try {
    const response = await timeLimited(send, timeoutMs)(`${dataUrl}${path}?${query}`, {
      headers: { accept: "application/json", "APCA-API-KEY-ID": keyId, "APCA-API-SECRET-KEY": secret },
      redirect: "error",
    });
    const value = parsedMessage(await response.text());
    if (response.status === 400 && instruments.length > 1) return "refused";
    const rows = response.status === 200 && isObject(value) ? value[list] : undefined;
    if (!isObject(rows)) return [];
    return instruments.flatMap((instrument) => {
      const row = rows[instrument];
      return isObject(row) ? (tickOf(kind, instrument, row) ?? []) : [];
    });
  } catch {
    // What could not be read is left out; that it is missing, the engine tells.
    return [];
  }
}

/** @see https://docs.alpaca.markets/reference/stocklatesttrades-1, /reference/cryptolatestquotes-1 (read 2026-11) */
function tickOf(
  kind: Kind,
  instrument: string,
  row: Readonly<Record<string, unknown>>,
): PriceTick | undefined {
  if (kind === "crypto") {
    const sides = { ...side("bid", row.bp), ...side("ask", row.ap) };
    // It stands now, whenever it was set: the moment of the answer is its own, which the engine knows best.
    return Object.keys(sides).length === 0 ? undefined : { instrument, ...sides };
  }
  const last = optionalPrice(row.p);
  const atMs = typeof row.t === "string" ? parseInstant(row.t)?.ms : undefined;
  // A trade of unknown age may be of yesterday.
  return last === undefined || atMs === undefined ? undefined : { instrument, last, atMs };
}

function side(name: "bid" | "ask", value: unknown): Partial<Record<"bid" | "ask", Decimal>> {
  const price = optionalPrice(value);
  return price === undefined ? {} : { [name]: price };
}

/** A comma would be two symbols. */
function isSymbol(instrument: string): boolean {
  return /^[A-Za-z0-9./-]+$/.test(instrument);
}
