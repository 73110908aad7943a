// Spot as a venue. The account is its `symbols`: trades are told by pair only, and what is held of a pair's base is the
// position of that pair, as at other venues of coins. Two pairs of one base could not be told apart and are refused.
import {
  type BalanceRow,
  type Instrument,
  isZero,
  type OrderLookup,
  type OrderRow,
  type Section,
} from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { Finding } from "../finding.ts";
import {
  type CancelAllCommand,
  type CancelCommand,
  type CommandOutcome,
  type History,
  type OrderQuery,
  type PriceTick,
  type RawAnswer,
  type Snapshot,
  type StreamEvent,
  type SubmitCommand,
  unavailable,
  type Venue,
} from "../venue.ts";
import type { Answer } from "../wire/answer.ts";
import { type Asking, newAsking } from "../wire/asking.ts";
import { isObject } from "../wire/fields.ts";
import { keepingFetch } from "../wire/kept.ts";
import { partialIf, sectionOf } from "../wire/sections.ts";
import { checkup } from "./checkup.ts";
import type { BinanceClient } from "./client.ts";
import { cancelAllSpot, cancelSpot, submitSpot } from "./commands-spot.ts";
import { SPOT_CAPABILITIES } from "./declaration.ts";
import { readSpotMessage } from "./events-spot.ts";
import { inVenueOrder, type TradeSource, walkTrades } from "./fills.ts";
import { Listing } from "./listing.ts";
import { factsOf, lookup, ofClientId } from "./orders-usdm.ts";
import { Origins } from "./origins.ts";
import type { Pair } from "./pairs.ts";
import { holdingsOf, parseSpotBalance, parseSpotOrder, parseSpotTrade } from "./parse-spot.ts";
import { readQuotes } from "./prices.ts";
import { Symbols } from "./symbols.ts";
import type { VenueParts } from "./venue-parts.ts";
import { WalletLedger } from "./wallet-ledger.ts";

export class SpotVenue implements Venue {
  readonly name = "binance";
  readonly capabilities = SPOT_CAPABILITIES;
  readonly stream?: NonNullable<Venue["stream"]>;
  readonly prices?: NonNullable<Venue["prices"]>;
  private readonly parts: VenueParts;
  private readonly pairs: readonly Pair[];
  private readonly client: BinanceClient;
  private readonly clock: Clock;
  private readonly symbols = new Symbols("spot");
  private readonly listing: Listing;
  private readonly origins: Origins;
  private readonly source: TradeSource;
  private readonly ledger: WalletLedger;
  /** Assets that are told also where nothing is held: those of the pairs, and every one that was held once. */
  private readonly held: Set<string>;
  private hasTold = false;

  constructor(parts: VenueParts, pairs: readonly Pair[]) {
    this.parts = parts;
    this.pairs = pairs;
    this.client = parts.client;
    this.clock = parts.clock;
    this.symbols.learn(pairs);
    this.held = new Set(pairs.flatMap(({ base, quote }) => [base, quote]));
    this.listing = new Listing(
      this.symbols,
      parts.clock,
      pairs.map(({ symbol }) => symbol),
    );
    const parse = (item: unknown) => parseSpotOrder(item, this.symbols);
    this.origins = new Origins({
      symbols: this.symbols,
      path: "/api/v3/allOrders",
      onePath: "/api/v3/order",
      parse,
    });
    this.source = {
      path: "/api/v3/myTrades",
      windowMs: null,
      parse: (item) => parseSpotTrade(item, this.symbols),
    };
    this.ledger = new WalletLedger(
      parts.clock,
      (asset) => pairs.find(({ base }) => base === asset)?.instrument,
    );
    const { openStream, openPrices } = parts;
    if (openStream) this.stream = openStream((message) => this.read(message));
    if (openPrices) this.prices = openPrices(this.symbols);
  }

  instrument(symbol: string): Instrument | undefined {
    return this.symbols.spec(symbol);
  }

  named(spelling: string): readonly string[] {
    return this.symbols.named(spelling);
  }

  lastPrices(instruments: readonly string[]): Promise<readonly PriceTick[]> {
    return readQuotes(this.client, this.symbols, instruments);
  }

  rateLeft(): number {
    return this.parts.rateLeft();
  }

  async snapshot(): Promise<Snapshot> {
    await this.listing.refresh(this.client);
    const [account, orders] = await Promise.all([this.account(this.client), this.orders(this.client)]);
    const { venueAccountId, balances } = account;
    const id = venueAccountId === undefined ? {} : { venueAccountId };
    if (balances.quality === "unavailable")
      return { ...id, positions: balances as Section<never>, orders, balances };
    const positions = { ...balances, rows: holdingsOf(this.pairs, balances.rows) };
    return { ...id, positions, orders, balances: { ...balances, rows: this.told(balances.rows) } };
  }

  history(fromMs: number): Promise<History> {
    return this.historyOver(this.client, fromMs, newAsking(this.clock));
  }

  async order({ instrument, venueOrderId, clientOrderId }: OrderQuery): Promise<OrderLookup> {
    const symbol = this.symbols.symbolOf(instrument);
    if (symbol === undefined) return { kind: "unknown", problem: `${instrument} is no pair of spot` };
    const ids = {
      ...(venueOrderId !== undefined && { orderId: venueOrderId }),
      ...(venueOrderId === undefined && clientOrderId !== undefined && { origClientOrderId: clientOrderId }),
    };
    if (Object.keys(ids).length === 0) {
      return { kind: "unknown", problem: "an order cannot be looked up without an id" };
    }
    const answer = await this.client.get("the order", "/api/v3/order", { symbol, ...ids });
    const found = lookup(answer, instrument, (item) => parseSpotOrder(item, this.symbols));
    if ("kind" in found) return found;
    const { row } = found;
    if (venueOrderId === undefined) return ofClientId({ kind: "row", row }, clientOrderId ?? "");
    if (row.venueOrderId === venueOrderId) return { kind: "row", row };
    const problem = `asked for the order ${venueOrderId}, Binance answered for ${row.venueOrderId}`;
    return { kind: "unknown", problem };
  }

  submit(command: SubmitCommand): Promise<CommandOutcome> {
    return submitSpot(command, this.commandParts());
  }

  cancel(command: CancelCommand): Promise<CommandOutcome> {
    return cancelSpot(command, this.commandParts());
  }

  cancelAll(command: CancelAllCommand): Promise<CommandOutcome> {
    return cancelAllSpot(command, this.commandParts());
  }

  readonly raw: Required<Venue>["raw"] = async (section, fromMs) => {
    const kept: RawAnswer[] = [];
    const client = this.client.over((send) => keepingFetch(send, kept, this.parts.secrets));
    if (section === "orders") await this.orders(client);
    else if (section === "positions" || section === "balances") await this.account(client);
    else if (section === "fills") await this.fillsOver(client, fromMs, newAsking(this.clock));
    else if (section === "ledger") await this.ledgerOver(client, fromMs, newAsking(this.clock), true);
    return kept;
  };

  checkup(): Promise<readonly Finding[]> {
    return checkup(this.parts);
  }

  private commandParts() {
    const { send, words } = this.parts;
    return { send, words, symbols: this.symbols, pairs: this.pairs };
  }

  private async account(client: BinanceClient) {
    const answer: Answer = await client.get("the account", "/api/v3/account");
    if (answer.kind !== "answer") {
      const problem =
        answer.kind === "failed" ? answer.problem : `the account was not found (${answer.message})`;
      return { balances: unavailable(problem) as Section<BalanceRow> };
    }
    const { balances, uid } = isObject(answer.value) ? answer.value : {};
    if (!Array.isArray(balances))
      return { balances: unavailable("the account was answered without balances") };
    const venueAccountId = typeof uid === "string" && uid !== "" ? uid : undefined;
    return {
      balances: sectionOf(balances.map(parseSpotBalance)),
      ...(venueAccountId !== undefined && { venueAccountId }),
    };
  }

  /**
   * Binance lists every coin there is, nearly all of them with nothing. Each is told once, so that whatever the book still
   * has is answered; then those that are held or ever were.
   */
  private told(rows: readonly BalanceRow[]): readonly BalanceRow[] {
    for (const { asset, total } of rows) if (!isZero(total)) this.held.add(asset);
    const told = this.hasTold ? rows.filter(({ asset }) => this.held.has(asset)) : rows;
    this.hasTold = true;
    return told;
  }

  private async orders(client: BinanceClient): Promise<Section<OrderRow>> {
    const answer = await client.get("the open orders", "/api/v3/openOrders");
    const listed = factsOf("the open orders", answer, (item) => parseSpotOrder(item, this.symbols));
    if (listed.isMissing) return unavailable(listed.problems.join("; "));
    return partialIf(
      listed.facts.map(({ row }) => row),
      listed.problems,
    );
  }

  private async historyOver(client: BinanceClient, fromMs: number, asking: Asking): Promise<History> {
    await client.measure();
    const [fills, ledger] = await Promise.all([
      this.fillsOver(client, fromMs, asking),
      this.ledgerOver(client, fromMs, asking),
    ]);
    return { fills, ...(ledger && { ledger }) };
  }

  /** Undefined where the environment has no `/sapi`. */
  private async ledgerOver(
    client: BinanceClient,
    fromMs: number,
    asking: Asking,
    isAnew = false,
  ): Promise<History["ledger"]> {
    const { sapi } = this.parts;
    if (sapi === null) return undefined;
    await client.measure();
    if (isAnew) this.ledger.noteMove();
    return this.ledger.read({ client, base: sapi, asking }, Math.floor(fromMs), client.nowMs());
  }

  private async fillsOver(
    client: BinanceClient,
    askedFromMs: number,
    asking: Asking,
  ): Promise<Required<History>["fills"]> {
    const toMs = client.nowMs();
    const fromMs = Math.floor(askedFromMs);
    const symbols = this.pairs.map(({ symbol }) => symbol);
    const walked = await walkTrades(client, this.source, symbols, { fromMs, toMs }, asking.until(2 / 3));
    // Whose order it was is worth knowing; the fills are whole without it.
    const { fills } = await this.origins.of(client, walked.fills, asking);
    const { provenMs, problems } = walked;
    const section = partialIf(inVenueOrder(fills), problems);
    return { ...section, ...(provenMs >= fromMs && { coverage: { fromMs, toMs: provenMs } }) };
  }

  private read(message: unknown): readonly StreamEvent[] {
    const { events } = readSpotMessage(message, this.symbols);
    if (isObject(message) && message.e === "balanceUpdate") this.ledger.noteMove();
    for (const event of events) {
      if (event.kind !== "order") continue;
      const { instrument, venueOrderId = "", clientOrderId } = event.order;
      this.origins.note(instrument, venueOrderId, clientOrderId);
    }
    return events;
  }
}
