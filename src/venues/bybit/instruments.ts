// What Bybit lists: how fine each instrument is traded, and what it is settled in. It also names what the rules of
// symbols.ts cannot split, and tells which settle coins there are, so that a new one is not left out unseen.
// @see https://bybit-exchange.github.io/docs/v5/market/instrument (read 2026-11)
import { type Decimal, type Instrument, instrumentOf, sign } from "../../core/index.ts";
import { type Fields, type Parsed, parseRow, reject } from "../wire/fields.ts";
import { Spellings } from "../wire/spellings.ts";
import { CATEGORIES, type Category, type Contract, contract, contractNamed, contractOf } from "./symbols.ts";

/** Turns Bybit's symbols into our names. */
export interface Names {
  of(category: Category, symbol: string): Contract | undefined;
}

/** By rule alone: where no list is at hand. */
export const RULES: Names = { of: contractOf };

export interface Listed {
  readonly contract: Contract;
  readonly spec: Instrument;
}

export function parseInstrument(category: Category, value: unknown): Parsed<Listed> {
  return parseRow("the instrument", value, (fields) => {
    const symbol = fields.text("symbol");
    const named = nameListed(category, symbol, fields);
    const lots = fields.object("lotSizeFilter");
    const steps = {
      qtyStep: step(lots, category === "spot" ? "basePrecision" : "qtyStep"),
      priceStep: step(fields.object("priceFilter"), "tickSize"),
    };
    return { contract: named, spec: specOf(named, steps) };
  });
}

/** Of a pair on spot its list tells the halves; elsewhere the rules come first, so that a name never changes. */
function nameListed(category: Category, symbol: string, fields: Fields): Contract {
  const byRule = category === "spot" ? undefined : contractOf(category, symbol);
  if (byRule) return byRule;
  const base = fields.text("baseCoin");
  const quote = fields.text("quoteCoin");
  if (category === "spot") return contract(category, symbol, [base, quote, null]);
  const deliveryMs = Number(fields.optionalText("deliveryTime") ?? "0");
  const isPerpetual = /Perpetual$/.test(fields.optionalText("contractType") ?? "");
  if (isPerpetual) return contract(category, symbol, [base, quote, fields.text("settleCoin")]);
  if (!(deliveryMs > 0)) return reject(fields.expected("deliveryTime", "a time in ms"));
  const date = new Date(deliveryMs).toISOString().slice(2, 10).replaceAll("-", "");
  return contract(category, symbol, [base, quote, fields.text("settleCoin")], `-${date}`);
}

function step(fields: Fields, field: string): Decimal {
  const value = fields.decimal(field);
  return sign(value) > 0 ? value : reject(fields.expected(field, "a number above zero"));
}

/**
 * What a trade moves. A fill tells all of its money on spot, of an option (its premium) and of contracts settled in
 * USDT. Elsewhere the transaction log tells it (ledger.ts): an inverse contract's result is in coins and rounded by Bybit, and
 * contracts settled in USDC pay their result every eight hours. One inverse contract is worth one USD: its average entry
 * price is the quantity over the coins that it was worth.
 * @see https://bybit-exchange.github.io/docs/v5/account/transaction-log (cashFlow, read 2026-11)
 * @see https://www.bybit.com/en/help-center/article?id=000001113 (average entry price, read 2026-11)
 */
export function specOf(
  { category, name, base, quote, settle }: Contract,
  steps: Partial<Instrument> = {},
): Instrument {
  if (category === "spot") return instrumentOf(name, { base, quote, settlement: "cash", ...steps });
  const settlement =
    category === "option" ? "cash" : category === "linear" && settle === "USDT" ? "margin" : "none";
  const payoff = category === "inverse" ? ({ payoff: "inverse" } as const) : {};
  return instrumentOf(name, { base: null, quote: settle, settlement, ...payoff, ...steps });
}

/** The lists that were read so far, and whatever rows have shown beside them. */
export class Instruments implements Names {
  private readonly bySymbol = new Map<string, Listed>();
  private readonly byName = new Map<string, Listed>();
  private readonly categories: readonly Category[];
  private readonly spellings: Spellings;

  /** @param categories Those of the account: what else there is, no text of a bot means. */
  constructor(categories: readonly Category[] = CATEGORIES) {
    this.categories = categories;
    this.spellings = new Spellings({ isMixed: categories.includes("spot") && categories.length > 1 });
  }

  of(category: Category, symbol: string): Contract | undefined {
    const known = this.bySymbol.get(keyOf(category, symbol));
    if (known) return known.contract;
    const byRule = contractOf(category, symbol);
    // An expired contract is in no list: what its rows were called is how it can be asked for.
    if (byRule && !this.byName.has(byRule.name)) this.keep({ contract: byRule, spec: specOf(byRule) }, false);
    return byRule;
  }

  add(listed: Listed): void {
    this.keep(listed, true);
  }

  /** The contract that a name means. */
  named(name: string): Contract | undefined {
    return this.byName.get(name)?.contract ?? contractNamed(name);
  }

  /** What a bot may mean by a text. Names of ours stay what they are, also where Bybit does not list them any more. */
  spelled(text: string): readonly string[] {
    const own = this.named(text);
    if (own && this.categories.includes(own.category)) return [text];
    const known = this.spellings.named(text);
    if (known.length > 0) return known;
    const byRule = this.categories.flatMap((category) => contractOf(category, text)?.name ?? []);
    return [...new Set(byRule)].sort();
  }

  spec(name: string): Instrument | undefined {
    const known = this.byName.get(name);
    if (known) return known.spec;
    const byRule = contractNamed(name);
    return byRule && specOf(byRule);
  }

  /** Coins that contracts of the category are settled in, in the order of their names. */
  settleCoins(category: Category): readonly string[] {
    const coins = [...this.bySymbol.values()].flatMap(({ contract: { category: of, settle } }) =>
      of === category && settle !== null ? [settle] : [],
    );
    return [...new Set(coins)].sort();
  }

  /** Base coins of options that any row has shown. */
  optionBases(): readonly string[] {
    const options = [...this.byName.values()].filter(({ contract: { category } }) => category === "option");
    return [...new Set(options.map(({ contract: { base } }) => base))].sort();
  }

  private keep(listed: Listed, isListed: boolean): void {
    const { category, symbol, name } = listed.contract;
    if (isListed) this.bySymbol.set(keyOf(category, symbol), listed);
    this.byName.set(name, listed);
    if (this.categories.includes(category)) this.spellings.learn([{ name, id: symbol }]);
  }
}

function keyOf(category: Category, symbol: string): string {
  return `${category} ${symbol}`;
}
