// Alpaca as a venue: shares, options and coins of one account over REST, with the stream of trade updates. It joins
// the other files into the contract's answers; what Alpaca's words mean is in parse.ts, how it is asked in client.ts.
import type { Instrument, Leg, OrderLookup, PositionLookup } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { Finding } from "../finding.ts";
import {
  type AmendCommand,
  type CancelAllCommand,
  type CancelCommand,
  type CommandOutcome,
  type History,
  type OrderQuery,
  type Snapshot,
  type SubmitCommand,
  unavailable,
  type Venue,
} from "../venue.ts";
import type { Answer } from "../wire/answer.ts";
import { newAsking } from "../wire/asking.ts";
import { sectionOfList } from "../wire/sections.ts";
import { checkup } from "./checkup.ts";
import type { AlpacaClient } from "./client.ts";
import { amend, type CommandParts, cancel, cancelAll, submit } from "./commands.ts";
import { ALPACA_CAPABILITIES } from "./declaration.ts";
import type { FailureWords } from "./failure.ts";
import { readFills } from "./fills.ts";
import { readLedger } from "./ledger.ts";
import { parentOf, readOpenOrders } from "./orders.ts";
import { type AccountFacts, type OrderFacts, parseAccount, parseOrder, parsePosition } from "./parse.ts";
import { REPLACEMENTS_MAX, Replacements } from "./replacements.ts";
import type { OrderSender } from "./sender.ts";
import { canBeName, coinSpelled, instrumentSpec, isCrypto, pathSymbol } from "./symbols.ts";

/** What an account is in until it said otherwise; Alpaca's documentation knows no other for this API. */
const CURRENCY_DEFAULT = "USD";

/** Code of "not found" in Alpaca's error bodies, for positions and orders alike. */
const NOT_FOUND = "40410000";
/**
 * What Alpaca says for a symbol that the account does not hold. Matched as well as the code, which stands for other
 * things that are not found too. @see https://github.com/alpacahq/Alpaca-API/issues/215 (read 2026-11)
 */
const NO_POSITION = /^position does not exist\b/i;

export interface AlpacaParts {
  readonly client: AlpacaClient;
  readonly sender: OrderSender;
  readonly words: FailureWords;
  readonly clock: Clock;
  readonly raw: Required<Venue>["raw"];
  readonly rateLeft: () => number;
  readonly lastPrices: NonNullable<Venue["lastPrices"]>;
  readonly stream?: NonNullable<Venue["stream"]>;
}

export class AlpacaVenue implements Venue {
  readonly name = "alpaca";
  readonly capabilities = ALPACA_CAPABILITIES;
  readonly stream?: NonNullable<Venue["stream"]>;
  private readonly client: AlpacaClient;
  private readonly clock: Clock;
  private readonly replacements: Replacements;
  private readonly commands: CommandParts;
  readonly raw: Required<Venue>["raw"];
  readonly rateLeft: () => number;
  readonly lastPrices: NonNullable<Venue["lastPrices"]>;
  /** From the last account that was read. */
  private currency = CURRENCY_DEFAULT;

  constructor({ client, sender, words, clock, stream, raw, rateLeft, lastPrices }: AlpacaParts) {
    this.lastPrices = lastPrices;
    this.rateLeft = rateLeft;
    this.client = client;
    this.raw = raw;
    this.clock = clock;
    this.replacements = new Replacements(client);
    this.commands = { sender, words, clock, lookup: (query) => this.order(query) };
    if (stream) this.stream = stream;
  }

  instrument(symbol: string): Instrument {
    return instrumentSpec(symbol, this.currency);
  }

  named(spelling: string): readonly string[] {
    return canBeName(spelling) ? [coinSpelled(spelling) ?? spelling] : [];
  }

  async snapshot(): Promise<Snapshot> {
    const asking = newAsking(this.clock);
    const [account, positions, orders] = await Promise.all([
      this.client.account(),
      this.client.positions(),
      readOpenOrders(this.client, this.replacements, asking),
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
    const asking = newAsking(this.clock);
    const [fills, ledger] = await Promise.all([
      readFills(this.client, fromMs, this.clock, asking),
      readLedger(this.client, fromMs, this.currency, this.clock, asking),
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

  checkup(): Promise<readonly Finding[]> {
    return checkup(this.client, this.clock);
  }

  submit(command: SubmitCommand): Promise<CommandOutcome> {
    return submit(command, this.commands);
  }

  cancel(command: CancelCommand): Promise<CommandOutcome> {
    return cancel(command, this.commands);
  }

  cancelAll(command: CancelAllCommand): Promise<CommandOutcome> {
    return cancelAll(command, this.commands);
  }

  amend(command: AmendCommand): Promise<CommandOutcome> {
    return amend(command, this.commands);
  }

  /**
   * The order as it is now. A replaced one goes on under another id, and closing it here would lose the one that
   * still trades: so the ids are followed, and the last row names all before it.
   */
  private async latest(found: OrderFacts, asked = 0): Promise<OrderLookup> {
    let facts = found;
    for (let step = asked; facts.replacedBy !== undefined; step += 1) {
      if (step === REPLACEMENTS_MAX) {
        return unknown(
          `the order ${found.row.venueOrderId} was replaced more than ${REPLACEMENTS_MAX} times`,
        );
      }
      const next = orderOf(await this.client.order(facts.replacedBy));
      if (next.kind === "unknown") return next;
      if (next.kind === "none") {
        return unknown(`the order that took the place of ${facts.row.venueOrderId} is not found`);
      }
      // A replacement that was refused changes nothing: the order before it is the one at work.
      if (next.facts.row.status === "rejected") break;
      facts = next.facts;
    }
    return facts.row.status === "rejected" && facts.replaces !== undefined
      ? this.beforeRefused(facts, facts.replaces, asked + 1)
      : this.wholeOf(facts);
  }

  /**
   * The order that a refused replacement was meant for: "if the existing open order is filled before the replacing
   * (new) order reaches the execution venue, the replacing (new) order is rejected". It goes on under its old id.
   * @see https://docs.alpaca.markets/reference/patchorderbyorderid-1 (read 2026-11)
   */
  private async beforeRefused(refused: OrderFacts, replaces: string, asked: number): Promise<OrderLookup> {
    const before = orderOf(await this.client.order(replaces));
    if (before.kind === "unknown") return before;
    if (before.kind === "none")
      return unknown(`the order that ${refused.row.venueOrderId} replaces is not found`);
    const { replacedBy } = before.facts;
    if (replacedBy !== undefined && replacedBy !== refused.row.venueOrderId && asked < REPLACEMENTS_MAX) {
      return this.latest(before.facts, asked);
    }
    const whole = await this.wholeOf(before.facts);
    if (whole.kind !== "row" || refused.row.venueOrderId === undefined) return whole;
    const ids = [...(whole.row.previousVenueOrderIds ?? []), refused.row.venueOrderId];
    return { kind: "row", row: { ...whole.row, previousVenueOrderIds: ids } };
  }

  private async wholeOf(facts: OrderFacts): Promise<OrderLookup> {
    const whole = await this.replacements.whole(facts);
    if (whole.kind !== "row") return unknown(whole.problem);
    const parentVenueOrderId = await parentOf(this.client, facts);
    return { kind: "row", row: { ...whole.row, ...(parentVenueOrderId && { parentVenueOrderId }) } };
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
  if (isCrypto(instrument) || coinSpelled(instrument) !== undefined) {
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
