// Alpaca as a venue, its read side: shares, options and coins of one account over REST. It joins the reads of the
// other files into the contract's answers; what Alpaca's words mean is in parse.ts, how it is asked in client.ts.
import type { Capabilities, Instrument, Leg, OrderLookup, PositionLookup } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import { type History, type OrderQuery, type Snapshot, unavailable, type Venue } from "../venue.ts";
import { newBudget } from "./budget.ts";
import type { AlpacaClient, Answer } from "./client.ts";
import { readFills } from "./fills.ts";
import { readLedger } from "./ledger.ts";
import { readOpenOrders } from "./orders.ts";
import { type AccountFacts, type OrderFacts, parseAccount, parseOrder, parsePosition } from "./parse.ts";
import { sectionOfList } from "./sections.ts";
import { instrumentSpec, isCrypto, pathSymbol } from "./symbols.ts";

/**
 * - `absentRowMeansFlat`: the list of positions is the whole account in one answer, closed ones are not in it.
 *   @see https://github.com/alpacahq/alpaca-docs content/api-references/trading-api/positions.md (read 2026-11)
 * - `readAfterFillLagMs`: positions normally follow a fill within ms (other adapters' word, not measured live); 2 s is
 *   chosen to be far above that.
 * - `orderLookup`: Alpaca keeps orders and their client ids for ever, but states no time after which a miss is
 *   final, and its own package warns that a miss after an ambiguous request proves nothing. Nothing is sent through
 *   this adapter yet that would need more; to be measured when it can send.
 * - `fills.lateArrivalMs`: activities follow a fill within seconds (the same); ten minutes are chosen.
 * - `fills.revisable`: executions can be busted or corrected (`trade_bust`, `trade_correct` in the package's
 *   ActivityV2DetailTRDExecutionTypeEnum, 4.0.2, read 2026-11); this read side does not learn of it by a fill.
 */
export const ALPACA_CAPABILITIES: Capabilities = {
  absentRowMeansFlat: "onlyIfScopeComplete",
  positionMode: "net",
  entryPriceBasis: "average",
  readAfterFillLagMs: 2_000,
  positionAnchorOnFill: "after",
  orderLookup: "inconclusive",
  settleMs: 60_000,
  forgetsClosedOrders: false,
  fills: { lateArrivalMs: 600_000, revisable: true },
  commands: false,
  heals: true,
};

/** What an account is in until it said otherwise; Alpaca's documentation knows no other for this API. */
const CURRENCY_DEFAULT = "USD";

/** Code of "not found" in Alpaca's error bodies, for positions and orders alike. */
const NOT_FOUND = "40410000";
/**
 * What Alpaca says for a symbol that the account does not hold. Matched as well as the code, which stands for other
 * things that are not found too. @see https://github.com/alpacahq/Alpaca-API/issues/215 (read 2026-11)
 */
const NO_POSITION = /^position does not exist\b/i;

/** How often a replaced order may have been replaced again before the search for it ends. */
const REPLACEMENTS_MAX = 10;

export class AlpacaVenue implements Venue {
  readonly name = "alpaca";
  readonly capabilities = ALPACA_CAPABILITIES;
  private readonly client: AlpacaClient;
  private readonly clock: Clock;
  /** From the last account that was read. */
  private currency = CURRENCY_DEFAULT;

  constructor(client: AlpacaClient, clock: Clock) {
    this.client = client;
    this.clock = clock;
  }

  instrument(symbol: string): Instrument {
    return instrumentSpec(symbol, this.currency);
  }

  async snapshot(): Promise<Snapshot> {
    const budget = newBudget(this.clock);
    const [account, positions, orders] = await Promise.all([
      this.client.account(),
      this.client.positions(),
      readOpenOrders(this.client, budget),
    ]);
    const { venueAccountId, currency, balances, totals } = accountOf(account);
    if (currency !== undefined) this.currency = currency;
    return {
      ...(venueAccountId !== undefined && { venueAccountId }),
      positions: sectionOfList("the positions", positions, parsePosition),
      orders,
      balances,
      totals,
    };
  }

  async history(fromMs: number): Promise<History> {
    const budget = newBudget(this.clock);
    const [fills, ledger] = await Promise.all([
      readFills(this.client, fromMs, this.clock, budget),
      readLedger(this.client, fromMs, this.currency, this.clock, budget),
    ]);
    return { fills, ledger };
  }

  async position(instrument: string, leg: Leg): Promise<PositionLookup> {
    if (leg !== "net") return unknown(`Alpaca nets positions; it has no ${leg} leg of ${instrument}`);
    const answer = await this.client.position(pathSymbol(instrument));
    if (answer.kind === "failed") return unknown(answer.problem);
    if (answer.kind === "notFound") return missingPosition(instrument, answer);
    const parsed = parsePosition(answer.value);
    if (parsed.kind === "problem") return unknown(parsed.problem);
    const { row } = parsed;
    if (row.instrument === instrument) return { kind: "row", row };
    return unknown(`asked for the position of ${instrument}, Alpaca answered for ${row.instrument}`);
  }

  async order(query: OrderQuery): Promise<OrderLookup> {
    const { venueOrderId, clientOrderId } = query;
    const byId = venueOrderId === undefined ? undefined : await this.orderById(venueOrderId);
    if (byId && (byId.kind !== "none" || clientOrderId === undefined)) return byId;
    if (clientOrderId === undefined) return unknown("an order cannot be looked up without an id");
    const found = orderOf(await this.client.orderByClientId(clientOrderId));
    if (found.kind !== "row") return found;
    const { row } = found.facts;
    if (row.clientOrderId !== clientOrderId) {
      return unknown(`asked for the order ${clientOrderId}, Alpaca answered for ${row.clientOrderId}`);
    }
    return this.latest(found.facts);
  }

  private async orderById(venueOrderId: string): Promise<OrderLookup> {
    const found = orderOf(await this.client.order(venueOrderId));
    if (found.kind !== "row") return found;
    const { row } = found.facts;
    if (row.venueOrderId === venueOrderId) return this.latest(found.facts);
    return unknown(`asked for the order ${venueOrderId}, Alpaca answered for ${row.venueOrderId}`);
  }

  /**
   * The order as it is now. A replaced one goes on under another id, and closing it here would lose the one that
   * still trades: so the ids are followed, and the last row names all before it.
   */
  private async latest(found: OrderFacts): Promise<OrderLookup> {
    let facts = found;
    const previous: string[] = [];
    for (let step = 0; facts.replacedBy !== undefined; step += 1) {
      if (step === REPLACEMENTS_MAX) {
        return unknown(
          `the order ${found.row.venueOrderId} was replaced more than ${REPLACEMENTS_MAX} times`,
        );
      }
      previous.push(facts.row.venueOrderId ?? "");
      const next = orderOf(await this.client.order(facts.replacedBy));
      if (next.kind === "unknown") return next;
      if (next.kind === "none") {
        return unknown(`the order that took the place of ${facts.row.venueOrderId} is not found`);
      }
      facts = next.facts;
    }
    const ids = new Set([...previous, ...(facts.row.previousVenueOrderIds ?? [])]);
    return {
      kind: "row",
      row: { ...facts.row, ...(ids.size > 0 && { previousVenueOrderIds: [...ids] }) },
    };
  }
}

function accountOf(answer: Answer): AccountFacts {
  if (answer.kind === "answer") return parseAccount(answer.value);
  const problem =
    answer.kind === "failed"
      ? answer.problem
      : `the account was answered with HTTP 404 (${answer.message}); expected an account. Check the address`;
  return { balances: unavailable(problem), totals: { quality: "unavailable", problem } };
}

/**
 * "None" only where the venue says so in its own words (R1 a). Never for coins: Alpaca has answered "position does
 * not exist" for coins that its list of positions showed at the same moment, and nothing says that this has changed.
 * @see https://github.com/alpacahq/Alpaca-API/issues/215 (open, read 2026-11)
 */
function missingPosition(
  instrument: string,
  { code, message }: { readonly code: string; readonly message: string },
): PositionLookup {
  if (code !== NOT_FOUND || !NO_POSITION.test(message)) {
    return unknown(
      `the position of ${instrument} was answered with HTTP 404, code ${code || "none"} (${message}); only code ${NOT_FOUND} with "position does not exist" says that there is none`,
    );
  }
  if (isCrypto(instrument)) {
    return unknown(
      `Alpaca says that there is no position in ${instrument}, but has said so of coins that were held; its answer proves nothing for coins`,
    );
  }
  return { kind: "none" };
}

type OrderAnswer =
  | { readonly kind: "row"; readonly facts: OrderFacts }
  | { readonly kind: "none" }
  | { readonly kind: "unknown"; readonly problem: string };

function orderOf(answer: Answer): OrderAnswer {
  if (answer.kind === "failed") return unknown(answer.problem);
  if (answer.kind === "notFound") {
    const { code, message } = answer;
    if (code === NOT_FOUND) return { kind: "none" };
    return unknown(`the order was answered with HTTP 404, code ${code || "none"} (${message})`);
  }
  const first = parseOrder(answer.value)[0];
  if (first?.kind === "row") return { kind: "row", facts: first.row };
  return unknown(first?.problem ?? "the order has no row");
}

function unknown(problem: string) {
  return { kind: "unknown", problem } as const;
}
