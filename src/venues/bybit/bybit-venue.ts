// Bybit as a venue: one unified account over REST, with its private stream. It joins the other files into the contract's
// answers; what Bybit's words mean is in the parsers, how it is asked in client.ts.
import type { Capabilities, Instrument, Leg, OrderLookup, PositionLookup } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { Finding } from "../finding.ts";
import type {
  AmendCommand,
  CancelAllCommand,
  CancelCommand,
  CommandOutcome,
  History,
  OrderQuery,
  PriceTick,
  Snapshot,
  SubmitCommand,
  Venue,
} from "../venue.ts";
import { newAsking } from "../wire/asking.ts";
import type { FailureWords } from "../wire/words.ts";
import { checkup, userIdOf } from "./checkup.ts";
import type { BybitClient } from "./client.ts";
import { amend, type CommandParts, cancel, cancelAll, submit } from "./commands.ts";
import { BYBIT_CAPABILITIES, SPOT_CAPABILITIES } from "./declaration.ts";
import { optionBasesOf, readFills } from "./fills.ts";
import { EndedContracts, readLedger, withAnchors, witnessedBy } from "./ledger.ts";
import type { LegMemory } from "./legs.ts";
import { lookUpOrder, readOpenOrders } from "./orders.ts";
import { lookUpPosition, readPositions } from "./positions.ts";
import { readTickers } from "./prices.ts";
import type { Scopes } from "./scopes.ts";
import type { SpotFilters } from "./spot-filters.ts";
import { balancesOf, readWallet } from "./wallet.ts";

export interface BybitParts {
  readonly client: BybitClient;
  readonly words: FailureWords;
  readonly clock: Clock;
  readonly scopes: Scopes;
  readonly legs: LegMemory;
  readonly filters: SpotFilters;
  readonly isHedging: boolean;
  readonly rateLeft: () => number;
  readonly raw: Required<Venue>["raw"];
  readonly stream?: NonNullable<Venue["stream"]>;
  readonly prices?: NonNullable<Venue["prices"]>;
}

export class BybitVenue implements Venue {
  readonly name = "bybit";
  readonly capabilities: Capabilities;
  readonly stream?: NonNullable<Venue["stream"]>;
  readonly prices?: NonNullable<Venue["prices"]>;
  readonly position?: NonNullable<Venue["position"]>;
  readonly raw: Required<Venue>["raw"];
  readonly rateLeft: () => number;
  private readonly parts: BybitParts;
  private readonly commands: CommandParts;
  private readonly ended = new EndedContracts();

  constructor(parts: BybitParts) {
    this.parts = parts;
    const { categories } = parts.scopes;
    const isSpotAlone = categories.every((category) => category === "spot");
    this.capabilities = isSpotAlone ? SPOT_CAPABILITIES : BYBIT_CAPABILITIES;
    this.raw = parts.raw;
    this.rateLeft = parts.rateLeft;
    const { client, words, filters, scopes } = parts;
    const lookup = (query: OrderQuery) => this.order(query);
    this.commands = { client, words, filters, instruments: scopes.instruments, lookup };
    if (parts.stream) this.stream = parts.stream;
    if (parts.prices) this.prices = parts.prices;
    // Coins have no look-up of their own.
    if (!isSpotAlone) this.position = (instrument, leg) => this.lookUp(instrument, leg);
  }

  instrument(symbol: string): Instrument | undefined {
    return this.parts.scopes.instruments.spec(symbol);
  }

  lastPrices(instruments: readonly string[]): Promise<readonly PriceTick[]> {
    return readTickers(this.parts.client, this.parts.scopes.instruments, instruments);
  }

  named(spelling: string): readonly string[] {
    return this.parts.scopes.instruments.spelled(spelling);
  }

  async snapshot(): Promise<Snapshot> {
    const { client, scopes, legs, filters, clock } = this.parts;
    const asking = newAsking(clock);
    await scopes.refresh(asking);
    const wallet = readWallet(client);
    const [venueAccountId, balances, positions, orders] = await Promise.all([
      // Asked each time: an address can be that of another account's gateway.
      userIdOf(client),
      wallet.then(balancesOf),
      wallet.then((read) =>
        readPositions({ client, scopes, legs, ended: () => this.ended.all() }, read, asking),
      ),
      readOpenOrders({ client, scopes, legs, filters }, asking),
    ]);
    return { ...(venueAccountId !== undefined && { venueAccountId }), positions, orders, balances };
  }

  async history(fromMs: number): Promise<History> {
    const { clock, scopes, legs } = this.parts;
    const asking = newAsking(clock);
    await scopes.refresh(asking);
    const nowMs = clock.nowMs();
    const bases = optionBasesOf(scopes).length;
    const [first, ledger] = await Promise.all([
      readFills(this.parts, fromMs, nowMs, asking),
      readLedger(this.parts, fromMs, nowMs, asking),
    ]);
    // The log is of all coins at once: where it shows an option on another one, that one's executions were not read yet.
    const isMore = optionBasesOf(scopes).length > bases;
    const read = isMore ? await readFills(this.parts, fromMs, nowMs, asking) : first;
    const fills = bases === 0 ? read : witnessedBy(ledger, read);
    this.ended.note(ledger.log);
    return { fills: withAnchors(fills, ledger.log, legs), ledger: ledger.section };
  }

  private async lookUp(instrument: string, leg: Leg): Promise<PositionLookup> {
    const ended = this.ended.all().find((row) => row.instrument === instrument);
    if (ended && leg === "net") return { kind: "row", row: ended };
    const asking = newAsking(this.parts.clock);
    await this.parts.scopes.refresh(asking);
    return lookUpPosition(this.parts, instrument, leg, asking);
  }

  order(query: OrderQuery): Promise<OrderLookup> {
    return lookUpOrder(this.parts, query, newAsking(this.parts.clock));
  }

  async submit(command: SubmitCommand): Promise<CommandOutcome> {
    return submit(command, this.commands);
  }

  async cancel(command: CancelCommand): Promise<CommandOutcome> {
    return cancel(command, this.commands);
  }

  async cancelAll(command: CancelAllCommand): Promise<CommandOutcome> {
    return cancelAll(command, this.commands);
  }

  async amend(command: AmendCommand): Promise<CommandOutcome> {
    return amend(command, this.commands);
  }

  checkup(): Promise<readonly Finding[]> {
    return checkup(this.parts);
  }
}
