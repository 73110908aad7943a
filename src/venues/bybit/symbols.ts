// Bybit's symbols and our names for them, by rule alone: a name must be the same before and after a contract is
// delisted, so it never depends on what Bybit happens to list. What the rules cannot split, the listed instruments do
// (instruments.ts).
// @see https://bybit-exchange.github.io/docs/v5/enum#symbol (read 2026-11)

export const CATEGORIES = ["linear", "inverse", "spot", "option"] as const;
export type Category = (typeof CATEGORIES)[number];

export interface Contract {
  readonly category: Category;
  /** As Bybit writes it. */
  readonly symbol: string;
  /** As we write it: ccxt's spelling. */
  readonly name: string;
  readonly base: string;
  readonly quote: string;
  /** What it is settled in; null on spot. */
  readonly settle: string | null;
}

/**
 * What spot pairs are quoted in, longest first: `USDT` before `USD`. Only where Bybit's own list does not tell.
 * @see https://bybit-exchange.github.io/docs/v5/market/instrument (quoteCoin of category spot, read 2026-11)
 */
const SPOT_QUOTES = [
  "USDT",
  "USDC",
  "USDE",
  "USDQ",
  "USDR",
  "USD1",
  "EUR",
  "BRL",
  "PLN",
  "TRY",
  "MNT",
  "DAI",
];
const SPOT_QUOTES_COINS = ["BTC", "ETH", "SOL"];

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/** Quarters of inverse futures. */
const QUARTERS: Readonly<Record<string, number>> = { H: 3, M: 6, U: 9, Z: 12 };

const OPTION = /^([A-Z0-9]+)-(\d{1,2})([A-Z]{3})(\d{2})-(\d+(?:\.\d+)?)-([CP])(?:-([A-Z0-9]+))?$/;
const LINEAR_FUTURE = /^([A-Z0-9]+?)(USDT)?-(\d{1,2})([A-Z]{3})(\d{2})$/;
const INVERSE_FUTURE = /^([A-Z0-9]+)USD([HMUZ])(\d{2})$/;

/** Undefined where the rules cannot tell what the symbol is made of. */
export function contractOf(category: Category, symbol: string): Contract | undefined {
  switch (category) {
    case "linear":
      return linear(symbol);
    case "inverse":
      return inverse(symbol);
    case "option":
      return option(symbol);
    case "spot":
      return spot(symbol);
  }
}

/** @param settle Null on spot. @param rest Behind the settlement: `-261225`, `-261225-100000-C`. */
export function contract(
  category: Category,
  symbol: string,
  [base, quote, settle]: readonly [string, string, string | null],
  rest = "",
): Contract {
  const name = settle === null ? `${base}/${quote}` : `${base}/${quote}:${settle}${rest}`;
  return { category, symbol, name, base, quote, settle };
}

function linear(symbol: string): Contract | undefined {
  const [, base, quote = "USDC", day, month, year] = LINEAR_FUTURE.exec(symbol) ?? [];
  if (base !== undefined) {
    const date = dateOf(day, month, year);
    return date === undefined ? undefined : contract("linear", symbol, [base, quote, quote], `-${date}`);
  }
  if (/^[A-Z0-9]+PERP$/.test(symbol)) {
    return contract("linear", symbol, [symbol.slice(0, -4), "USDC", "USDC"]);
  }
  return /^[A-Z0-9]+USDT$/.test(symbol)
    ? contract("linear", symbol, [symbol.slice(0, -4), "USDT", "USDT"])
    : undefined;
}

function inverse(symbol: string): Contract | undefined {
  const [, base, quarter = "", year] = INVERSE_FUTURE.exec(symbol) ?? [];
  if (base !== undefined && year !== undefined) {
    const date = lastFriday(2000 + Number(year), QUARTERS[quarter] ?? 0);
    return contract("inverse", symbol, [base, "USD", base], `-${date}`);
  }
  if (!/^[A-Z0-9]+USD$/.test(symbol)) return undefined;
  return contract("inverse", symbol, [symbol.slice(0, -3), "USD", symbol.slice(0, -3)]);
}

/** Without a suffix an option is settled in USDC. */
function option(symbol: string): Contract | undefined {
  const [, base, day, month, year, strike, kind, quote = "USDC"] = OPTION.exec(symbol) ?? [];
  const date = dateOf(day, month, year);
  if (base === undefined || date === undefined) return undefined;
  return contract("option", symbol, [base, quote, quote], `-${date}-${strike}-${kind}`);
}

function spot(symbol: string): Contract | undefined {
  const quote = [...SPOT_QUOTES, ...SPOT_QUOTES_COINS].find(
    (one) => symbol.endsWith(one) && symbol.length > one.length,
  );
  if (quote === undefined) return undefined;
  return contract("spot", symbol, [symbol.slice(0, -quote.length), quote, null]);
}

/** `27`, `MAR`, `26` are `260327`. */
function dateOf(day = "", month = "", year = ""): string | undefined {
  const index = MONTHS.indexOf(month);
  return index < 0 ? undefined : `${year}${two(index + 1)}${day.padStart(2, "0")}`;
}

/** Quarterly contracts are delivered on the last Friday of the quarter. */
function lastFriday(year: number, month: number): string {
  const last = new Date(Date.UTC(year, month, 0));
  const day = last.getUTCDate() - ((last.getUTCDay() + 2) % 7);
  return `${two(year % 100)}${two(month)}${two(day)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

const NAME = /^([^/:]+)\/([^/:]+?)(?::([^/:-]+)(?:-(\d{6})(?:-(\d+(?:\.\d+)?)-([CP]))?)?)?$/;

/**
 * The contract that a name of ours means, by rule: undefined where it can be none of Bybit's. Days below ten are written
 * with a zero in futures and without one in options.
 * @see https://bybit-exchange.github.io/docs/v5/ws/connect ("BTC-6JAN23-18000-C", read 2026-11)
 */
export function contractNamed(name: string): Contract | undefined {
  const [, base, quote, settle, date, strike, kind] = NAME.exec(name) ?? [];
  if (base === undefined || quote === undefined) return undefined;
  if (settle === undefined) return contract("spot", `${base}${quote}`, [base, quote, null]);
  const found =
    strike !== undefined && date !== undefined
      ? contractOf("option", `${base}-${dayMonthYear(date, false)}-${strike}-${kind}${suffix(settle)}`)
      : settle === base && quote === "USD"
        ? contractOf("inverse", date === undefined ? `${base}USD` : `${base}USD${quarterOf(date)}`)
        : contractOf("linear", linearSymbol(base, settle, date));
  return found?.name === name ? found : undefined;
}

function suffix(settle: string): string {
  return settle === "USDC" ? "" : `-${settle}`;
}

function linearSymbol(base: string, settle: string, date: string | undefined): string {
  if (date === undefined) return settle === "USDC" ? `${base}PERP` : `${base}${settle}`;
  return `${base}${settle === "USDC" ? "" : settle}-${dayMonthYear(date, true)}`;
}

function quarterOf(date: string): string {
  const letter = Object.entries(QUARTERS).find(([, month]) => month === Number(date.slice(2, 4)))?.[0];
  return `${letter ?? "?"}${date.slice(0, 2)}`;
}

function dayMonthYear(date: string, isPadded: boolean): string {
  const day = date.slice(4);
  return `${isPadded ? day : Number(day)}${MONTHS[Number(date.slice(2, 4)) - 1] ?? ""}${date.slice(0, 2)}`;
}
