// An account at an exchange without a profile: read by ccxt's own calls. Those are silent about what they leave out (other
// settle currencies, other wallets, further pages), so no section is ever complete, and nothing is healed by it.
import type { Section } from "../../../core/index.ts";
import { instrumentOf, parseDecimal } from "../../../core/index.ts";
import { ASK_AGAIN, type Finding } from "../../finding.ts";
import { type History, type Snapshot, unavailable } from "../../venue.ts";
import type { Parsed } from "../../wire/fields.ts";
import { problemsOf } from "../../wire/sections.ts";
import { describeFailure } from "../../wire/words.ts";
import type { Exchange } from "../exchange.ts";
import type { Account, ProfileParts } from "../profile.ts";
import { Spelled } from "../spelled.ts";
import { parseBalances, parseOrder, parsePosition, parseTrade } from "./parse.ts";

/** ccxt's calls that read an account. */
interface Reader extends Exchange {
  fetchPositions(): Promise<unknown>;
  fetchOpenOrders(): Promise<unknown>;
  fetchBalance(): Promise<unknown>;
  fetchMyTrades(symbol: undefined, sinceMs: number): Promise<unknown>;
}

type Call = "fetchPositions" | "fetchOpenOrders" | "fetchBalance" | "fetchMyTrades";

export class UnifiedAccount implements Account {
  private readonly parts: ProfileParts;
  private readonly spelled: Spelled;

  constructor(parts: ProfileParts) {
    this.parts = parts;
    this.spelled = new Spelled(parts.markets, {
      marketTypes: parts.marketTypes,
      idOf: ({ id }) => (/^\d+$/.test(id) ? undefined : id),
      isName: (text) => this.instrument(text) !== undefined,
    });
    // The list of currencies would be asked with the keys, of another part of many exchanges, and names nothing here.
    Object.assign(parts.exchange.has, { fetchCurrencies: false });
  }

  instrument(symbol: string) {
    const market = this.parts.markets.of(symbol);
    if (!market) return undefined;
    const qtyStep = parseDecimal(market.precision.amount);
    const priceStep = parseDecimal(market.precision.price);
    return instrumentOf(symbol, {
      ...(qtyStep !== undefined && { qtyStep }),
      ...(priceStep !== undefined && { priceStep }),
      // What a trade moves is not known without a profile: contracts are counted in different ways.
      settlement: market.spot ? "cash" : "none",
      payoff: market.inverse === true ? "inverse" : "linear",
      base: market.spot ? market.base : null,
      quote: market.settle ?? market.quote,
    });
  }

  named(spelling: string): readonly string[] {
    return this.spelled.named(spelling);
  }

  async snapshot(): Promise<Snapshot> {
    const [positions, orders, balances] = await Promise.all([
      this.section("fetchPositions", "the positions", (one) => [parsePosition(one, this.isMarket)]),
      this.section("fetchOpenOrders", "the orders", (one) => [parseOrder(one, this.isMarket)]),
      this.section("fetchBalance", "the balances", parseBalances),
    ]);
    return { ...(positions && { positions }), ...(orders && { orders }), ...(balances && { balances }) };
  }

  async history(fromMs: number): Promise<History> {
    const fills = await this.section(
      "fetchMyTrades",
      "the fills",
      (one) => [parseTrade(one, this.isMarket)],
      fromMs,
    );
    return fills ? { fills } : {};
  }

  async checkup(): Promise<readonly Finding[]> {
    const problem = await this.parts.markets.ready();
    const connection: Finding =
      problem === undefined
        ? { check: "connection", level: "ok", found: "the markets were read" }
        : { check: "connection", level: "refuse", found: this.words(problem), advice: ASK_AGAIN };
    const found = `trueup has no profile of ${this.parts.exchange.id}: it reports differences and repairs nothing`;
    return [
      connection,
      { check: "scope", level: "warn", found, advice: "compare what it lists with the exchange" },
    ];
  }

  private readonly isMarket = (symbol: string) => this.parts.markets.of(symbol) !== undefined;

  /** Undefined where the exchange has no such call. */
  private async section<Row>(
    call: Call,
    what: string,
    parse: (one: unknown) => readonly Parsed<Row>[],
    fromMs?: number,
  ): Promise<Section<Row> | undefined> {
    const reader = this.parts.exchange as Reader;
    if (reader.has[call] === undefined || reader.has[call] === false) return undefined;
    const problem = await this.parts.markets.ready();
    if (problem !== undefined) return unavailable(`the markets could not be read: ${this.words(problem)}`);
    try {
      const answer = await (call === "fetchMyTrades" ? reader[call](undefined, fromMs ?? 0) : reader[call]());
      const items = call === "fetchBalance" ? [answer] : answer;
      if (!Array.isArray(items)) return unavailable(`${what} were answered with no list`);
      const parsed = items.flatMap(parse);
      const rows = parsed.flatMap((one) => (one.kind === "row" ? [one.row] : []));
      const bounds = `trueup has no profile of ${reader.id}: what ccxt lists of ${what} may not be all`;
      return { quality: "partial", rows, problem: [bounds, ...problemsOf(parsed)].slice(0, 4).join("; ") };
    } catch (error) {
      return unavailable(describeFailure(what, bare(error), this.parts.client.words));
    }
  }

  private words(text: string): string {
    return describeFailure("the markets", new Error(text), this.parts.client.words);
  }
}

/** ccxt's message names the whole request; the reason is behind it, and what is secret is taken out by whoever tells it. */
function bare(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  return new Error(message.replace(/https?:\/\/\S+/g, "…"));
}
