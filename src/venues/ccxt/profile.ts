// A profile is what is known of one exchange: in which scopes it keeps an account, which of its calls states which fact,
// where its lists end, what its errors prove. Without one an exchange is only watched, never believed.
import type { Capabilities, Instrument, Leg, OrderLookup, PositionLookup } from "../../core/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { VenueDeclaration } from "../declaration.ts";
import type { Finding } from "../finding.ts";
import type { ReadPayload } from "../payload.ts";
import type {
  AmendCommand,
  CancelCommand,
  CommandOutcome,
  DeadManCommand,
  History,
  OrderQuery,
  PriceTick,
  Snapshot,
  SubmitCommand,
} from "../venue.ts";
import type { StreamProtocol } from "../wire/conversation.ts";
import type { RateLimit } from "../wire/rate.ts";
import type { Client, Judge } from "./client.ts";
import type { Credential, Credentials, Exchange, Params } from "./exchange.ts";
import type { Markets } from "./markets.ts";

export interface Profile {
  /** ccxt's id. */
  readonly exchange: string;
  /** As people write it. */
  readonly title: string;
  readonly capabilities: Capabilities;
  /** What is stated about it besides, for people. */
  readonly facts: ProfileFacts;
  /** Kinds of markets that it covers, in ccxt's words; an account may be narrowed to some of them. */
  readonly marketTypes: readonly string[];
  /** Those of `trade` are kept from ccxt, which would use them for more than is asked of it. */
  readonly credentials: { readonly read: readonly Credential[]; readonly trade: readonly Credential[] };
  /** Which requests ccxt may make by itself, to load markets. */
  readonly mayAsk?: (request: { readonly method: string; readonly url: URL }) => boolean;
  readonly limits: readonly Limit[];
  /** In place of `limits` where an option of the account says which of them hold. */
  readonly limitsOf?: (options: Params) => readonly Limit[];
  /** What loading the markets costs, for each of its requests. */
  readonly marketUnits: number | readonly number[];
  readonly isSerial?: boolean;
  readonly judge: Judge;
  readonly readPayload: ReadPayload;
  /** ccxt's own options that this profile needs. */
  readonly options?: Params;
  readonly open: (parts: ProfileParts) => Account;
}

export type ProfileFacts = Omit<VenueDeclaration, "name" | "title" | "client" | "capabilities" | "variants">;

/** One thing that the exchange counts, and by what. */
export interface Limit {
  readonly name: string;
  readonly by: "key" | "address";
  readonly limit: RateLimit;
}

export interface ProfileParts {
  readonly exchange: Exchange;
  readonly client: Client;
  readonly markets: Markets;
  readonly clock: Clock;
  /** Kinds of markets that this account is read for. */
  readonly marketTypes: readonly string[];
  /** Options of this adapter's own, plain values. */
  readonly options: Params;
  readonly secrets: readonly string[];
  /** Credentials that only orders need. */
  readonly tradeKeys: Credentials;
}

/** One account, as a profile reads it. Its calls never throw for trouble at the exchange's side. */
export interface Account {
  instrument(symbol: string): Instrument | undefined;
  named(spelling: string): readonly string[];
  snapshot(): Promise<Snapshot>;
  history(fromMs: number): Promise<History>;
  position?(instrument: string, leg: Leg): Promise<PositionLookup>;
  order?(query: OrderQuery): Promise<OrderLookup>;
  submit?(command: SubmitCommand): Promise<CommandOutcome>;
  cancel?(command: CancelCommand): Promise<CommandOutcome>;
  deadMan?(command: DeadManCommand): Promise<CommandOutcome>;
  amend?(command: AmendCommand): Promise<CommandOutcome>;
  /** See the contract of a venue. */
  lastPrices?(instruments: readonly string[]): Promise<readonly PriceTick[]>;
  protocol?(): StreamProtocol;
  checkup?(): Promise<readonly Finding[]>;
}
