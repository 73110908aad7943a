// What a bot may mean by a text at an exchange of ccxt's: the spellings of its markets, worked out anew when they were loaded.
import { Spellings } from "../wire/spellings.ts";
import type { Market } from "./exchange.ts";
import type { Markets } from "./markets.ts";

export interface SpelledParts {
  /** Kinds of markets that the account is read for, in ccxt's words. */
  readonly marketTypes: readonly string[];
  /** The exchange's own name of a market; undefined where it is none that a bot would write. */
  readonly idOf: (market: Market) => string | undefined;
  /** Whether a text is a name of ours, list or not. */
  readonly isName: (text: string) => boolean;
}

export class Spelled {
  private readonly markets: Markets;
  private readonly parts: SpelledParts;
  private readonly spellings: Spellings;
  private loads = 0;

  constructor(markets: Markets, parts: SpelledParts) {
    this.markets = markets;
    this.parts = parts;
    const { marketTypes } = parts;
    const isCoins = (type: string) => type === "spot" || type === "margin";
    const isMixed = marketTypes.some(isCoins) && !marketTypes.every(isCoins);
    this.spellings = new Spellings({ isMixed });
  }

  named(text: string): readonly string[] {
    if (this.parts.isName(text)) return [text];
    this.learn();
    return this.spellings.named(text);
  }

  private learn(): void {
    if (this.loads === this.markets.loads) return;
    this.loads = this.markets.loads;
    const { marketTypes, idOf } = this.parts;
    const own = this.markets.all().filter(({ type }) => marketTypes.includes(type));
    this.spellings.learn(
      own.map((market) => {
        const id = idOf(market);
        return { name: market.symbol, ...(id !== undefined && { id }) };
      }),
    );
  }
}
