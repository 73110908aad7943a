// What must be asked for to have asked for everything: positions and orders of linear contracts come by settle coin, the
// rest by category. The coins are those that Bybit lists, so that a new one is asked for as soon as it is there.
import type { Asking } from "../wire/asking.ts";
import type { BybitClient, Params } from "./client.ts";
import { type Instruments, parseInstrument } from "./instruments.ts";
import { type Listed, readPages } from "./pages.ts";
import type { Category } from "./symbols.ts";

export interface Scope {
  readonly category: Category;
  readonly settleCoin?: string;
}

/** Where the list of contracts was never read. Whatever is settled in another coin is then not seen, which is told. */
const SETTLE_COINS_KNOWN = ["USDT", "USDC"];
/** How long a list of instruments is good. In ms. */
const LISTED_MS = 3_600_000;
/** Instruments of one page at most. @see docs/v5/market/instrument (read 2026-11) */
const INSTRUMENTS_PAGE = 1_000;

/**
 * Options are not listed: it takes a request for each base coin, and their names say all that is needed.
 * @see https://bybit-exchange.github.io/docs/v5/market/instrument "option: returns BTC by default" (read 2026-11)
 */
const LISTED_CATEGORIES: readonly Category[] = ["linear", "inverse", "spot"];

export class Scopes {
  readonly categories: readonly Category[];
  readonly instruments: Instruments;
  private readonly client: BybitClient;
  private readonly settleCoinsGiven: readonly string[] | undefined;
  private readonly nowMs: () => number;
  private readonly listedAtMs = new Map<Category, number>();
  private readonly problems = new Map<Category, string>();

  constructor(parts: {
    readonly client: BybitClient;
    readonly instruments: Instruments;
    readonly categories: readonly Category[];
    readonly settleCoins: readonly string[] | undefined;
    readonly nowMs: () => number;
  }) {
    this.client = parts.client;
    this.instruments = parts.instruments;
    this.categories = parts.categories;
    this.settleCoinsGiven = parts.settleCoins;
    this.nowMs = parts.nowMs;
  }

  /** Reads what Bybit lists, where that is not known or old. Trouble with it is told by `unknownCoins`. */
  async refresh(asking: Asking): Promise<void> {
    const due = LISTED_CATEGORIES.filter(
      (category) =>
        this.categories.includes(category) &&
        this.nowMs() - (this.listedAtMs.get(category) ?? Number.NEGATIVE_INFINITY) >= LISTED_MS,
    );
    await Promise.all(due.map((category) => this.list(category, asking)));
  }

  /** Whether the configuration leaves some linear contracts out. */
  get isRestricted(): boolean {
    return this.settleCoinsGiven !== undefined || !this.categories.includes("linear");
  }

  settleCoins(): readonly string[] {
    if (this.settleCoinsGiven) return this.settleCoinsGiven;
    const listed = this.instruments.settleCoins("linear");
    return listed.length > 0 ? listed : SETTLE_COINS_KNOWN;
  }

  /** Why there may be settle coins that are not asked for; undefined where that is certain. */
  unknownCoins(): string | undefined {
    if (this.settleCoinsGiven || !this.categories.includes("linear")) return undefined;
    if (this.listedAtMs.has("linear")) return undefined;
    const problem = this.problems.get("linear") ?? "the contracts were not listed";
    return `${problem}; only contracts settled in ${SETTLE_COINS_KNOWN.join(" and ")} were asked for`;
  }

  /** Positions and open orders are asked for once for each. */
  all(): readonly Scope[] {
    return this.categories.flatMap((category): readonly Scope[] =>
      category === "linear"
        ? this.settleCoins().map((settleCoin) => ({ category, settleCoin }))
        : [{ category }],
    );
  }

  private async list(category: Category, asking: Asking): Promise<void> {
    const listed = await readPages(
      this.client,
      {
        what: `the instruments of ${category}`,
        path: "/v5/market/instruments-info",
        params: { category },
        pageMax: INSTRUMENTS_PAGE,
      },
      asking,
      true,
    );
    for (const item of listed.items) {
      const parsed = parseInstrument(category, item);
      // An instrument that cannot be read has its name by rule, and says nothing of its steps.
      if (parsed.kind === "row") this.instruments.add(parsed.row);
    }
    this.note(category, listed);
  }

  private note(category: Category, { end, problem }: Listed): void {
    if (end === "whole") {
      this.listedAtMs.set(category, this.nowMs());
      this.problems.delete(category);
    } else this.problems.set(category, problem ?? `the instruments of ${category} were not read`);
  }
}

export function paramsOf({ category, settleCoin }: Scope): Params {
  return { category, ...(settleCoin !== undefined && { settleCoin }) };
}

/** For a person: "linear USDT". */
export function nameOf({ category, settleCoin }: Scope): string {
  return settleCoin === undefined ? category : `${category} ${settleCoin}`;
}

/** A problem that may be none. */
export function given(problem: string | undefined): readonly string[] {
  return problem === undefined ? [] : [problem];
}
