// Polymarket as a venue: the outcome shares of one wallet, read from the Data API and the CLOB, with the user channel. It
// joins the other files into the contract's answers; what it offers follows from the keys that it was given.
import {
  type BalanceRow,
  type Capabilities,
  type Instrument,
  isZero,
  type Leg,
  type OrderLookup,
  type PositionLookup,
  type Section,
} from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { Finding } from "../finding.ts";
import {
  type CancelAllCommand,
  type CancelCommand,
  type CommandOutcome,
  type DeadManCommand,
  type History,
  type OrderQuery,
  type PriceTick,
  type Snapshot,
  type SubmitCommand,
  unavailable,
  type Venue,
} from "../venue.ts";
import { newAsking } from "../wire/asking.ts";
import { Spellings } from "../wire/spellings.ts";
import type { PolymarketClient } from "./client.ts";
import { type CommandParts, cancel, cancelAll, type SigningParts, submit } from "./commands.ts";
import { ADDRESS_ONLY_CAPABILITIES, KEYS_ONLY_CAPABILITIES, POLYMARKET_CAPABILITIES } from "./declaration.ts";
import { readFills } from "./fills.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { type Called, readActivity } from "./ledger.ts";
import type { Markets } from "./markets.ts";
import { lookUpOrder, type Recognise, readOpenOrders } from "./orders.ts";
import type { OwnOrders } from "./own-orders.ts";
import { balanceOf } from "./parse.ts";
import type { Owner } from "./parse-trade.ts";
import { type Held, readPositions, TokenLookup } from "./positions.ts";
import { readBooks } from "./prices.ts";
import { assetTypeOf, instrumentSpec, tokenId } from "./symbols.ts";
import type { Unsettled } from "./unsettled.ts";
import type { Wallet } from "./wallet.ts";

export interface PolymarketParts {
  readonly client: PolymarketClient;
  readonly wallet: Wallet;
  readonly clock: Clock;
  readonly markets: Markets;
  readonly own: OwnOrders;
  readonly unsettled: Unsettled;
  readonly raw: Required<Venue>["raw"];
  readonly checkup: () => Promise<readonly Finding[]>;
  readonly rateLeft: () => number;
  /** Public: it needs no keys. */
  readonly prices?: NonNullable<Venue["prices"]>;
  /** Absent without API credentials. */
  readonly keyed?: KeyedParts;
}

export interface KeyedParts {
  readonly commands: Omit<CommandParts, "lookup">;
  readonly heartbeat: Heartbeat;
  readonly recognise: Recognise;
  readonly owner: () => Promise<Owner>;
  readonly stream?: NonNullable<Venue["stream"]>;
  /** Absent without the wallet's key. */
  readonly signing?: SigningParts;
}

export class PolymarketVenue implements Venue {
  readonly name = "polymarket";
  readonly capabilities: Capabilities;
  readonly raw: Required<Venue>["raw"];
  readonly checkup: () => Promise<readonly Finding[]>;
  readonly rateLeft: () => number;
  readonly stream?: NonNullable<Venue["stream"]>;
  readonly prices?: NonNullable<Venue["prices"]>;
  readonly position?: NonNullable<Venue["position"]>;
  readonly order?: NonNullable<Venue["order"]>;
  readonly submit?: NonNullable<Venue["submit"]>;
  readonly cancel?: NonNullable<Venue["cancel"]>;
  readonly cancelAll?: NonNullable<Venue["cancelAll"]>;
  readonly deadMan?: NonNullable<Venue["deadMan"]>;
  private readonly parts: PolymarketParts;
  private readonly lookup: TokenLookup;
  /** Tokens by what people call them, as positions and activity name them. */
  private readonly spellings = new Spellings();
  /** Another wallet, which the last history named. */
  private stranger: string | undefined;

  constructor(parts: PolymarketParts) {
    this.parts = parts;
    this.raw = parts.raw;
    this.checkup = parts.checkup;
    this.rateLeft = parts.rateLeft;
    this.lookup = new TokenLookup(parts.client);
    if (parts.prices) this.prices = parts.prices;
    const { keyed } = parts;
    this.capabilities = capabilitiesOf(keyed);
    if (!keyed) return;
    const lookup = (query: OrderQuery) => this.lookUp(query, keyed);
    const commands: CommandParts = { ...keyed.commands, lookup };
    this.position = (instrument: string, leg: Leg) => this.lookUpPosition(instrument, leg);
    this.order = lookup;
    this.cancel = (command: CancelCommand): Promise<CommandOutcome> => cancel(command, commands);
    this.cancelAll = (command: CancelAllCommand): Promise<CommandOutcome> => cancelAll(command, commands);
    if (keyed.stream) this.stream = keyed.stream;
    const { signing } = keyed;
    if (!signing) return;
    this.submit = (command: SubmitCommand): Promise<CommandOutcome> => submit(command, commands, signing);
    // Without orders of ours it would only take what others placed.
    this.deadMan = (command: DeadManCommand): Promise<CommandOutcome> => keyed.heartbeat.deadMan(command);
  }

  instrument(symbol: string): Instrument {
    return instrumentSpec(symbol);
  }

  lastPrices(instruments: readonly string[]): Promise<readonly PriceTick[]> {
    return readBooks(this.parts.client, instruments);
  }

  named(spelling: string): readonly string[] {
    const token = tokenId(spelling);
    return token === undefined ? this.spellings.named(spelling) : [token];
  }

  async snapshot(): Promise<Snapshot> {
    const { client, wallet, clock, own, unsettled, keyed } = this.parts;
    const asking = newAsking(clock);
    const isUnsettled = (token: string) => unsettled.problemOf(token, clock.nowMs());
    const [held, orders, balances] = await Promise.all([
      readPositions(client, wallet.holder, isUnsettled, asking),
      keyed && readOpenOrders(client, wallet.holder, own, asking),
      keyed && this.balances(),
    ]);
    this.learn(held.facts.map(({ row, alias }) => ({ token: row.instrument, alias })));
    if (keyed) await this.proveBy(held);
    return {
      // What is read by the address is the address's, unless its rows name another one.
      venueAccountId: (held.stranger ?? this.stranger ?? wallet.holder).toLowerCase(),
      positions: held.section,
      ...(orders && { orders }),
      ...(balances && { balances }),
    };
  }

  async history(fromMs: number): Promise<History> {
    const { client, wallet, clock, markets, own, unsettled, keyed } = this.parts;
    const asking = newAsking(clock);
    const [activity, fills] = await Promise.all([
      readActivity(client, markets, wallet.holder, fromMs, clock, asking),
      keyed && readFills({ client, owner: keyed.owner, markets, own, unsettled, clock }, fromMs, asking),
    ]);
    this.stranger = activity.stranger;
    this.learn(activity.called);
    return { fills: fills ?? activity.fills, ledger: activity.ledger };
  }

  private learn(called: readonly Called[]): void {
    this.spellings.learn(
      called.map(({ token, alias }) => ({ name: token, ...(alias !== undefined && { aliases: [alias] }) })),
    );
  }

  /** Read from the chain by the CLOB, after it has looked again. */
  private async balances(): Promise<Section<BalanceRow>> {
    const read = await this.lookup.balance("COLLATERAL");
    if (read.kind === "problem") return unavailable(read.problem);
    if (!isZero(read.row)) this.lookup.prove();
    return { quality: "complete", rows: [balanceOf(read.row)] };
  }

  /** Where no money is left to show that the CLOB speaks of this wallet, one token that is listed may. */
  private async proveBy({ section, facts }: Held): Promise<void> {
    const listed = facts.find(({ row }) => !isZero(row.qty));
    if (this.lookup.hasProof || section.quality === "suspect" || listed === undefined) return;
    const { instrument } = listed.row;
    const read = await this.lookup.balance(assetTypeOf(instrument), instrument);
    if (read.kind === "row" && !isZero(read.row)) this.lookup.prove();
  }

  private async lookUpPosition(instrument: string, leg: Leg): Promise<PositionLookup> {
    if (leg !== "net") return { kind: "unknown", problem: `Polymarket has no ${leg} leg of ${instrument}` };
    // Until the next snapshot says it, nothing that is looked up is taken for this account's.
    if (this.stranger !== undefined)
      return { kind: "unknown", problem: `the activity was of another wallet: ${this.stranger}` };
    const problem = this.parts.unsettled.problemOf(instrument, this.parts.clock.nowMs());
    if (problem !== undefined) return { kind: "unknown", problem };
    return this.lookup.position(instrument);
  }

  private lookUp(query: OrderQuery, { recognise }: KeyedParts): Promise<OrderLookup> {
    const { client, own, clock } = this.parts;
    return lookUpOrder(client, query, own, recognise, newAsking(clock));
  }
}

function capabilitiesOf(keyed: KeyedParts | undefined): Capabilities {
  if (!keyed) return ADDRESS_ONLY_CAPABILITIES;
  return keyed.signing ? POLYMARKET_CAPABILITIES : KEYS_ONLY_CAPABILITIES;
}
