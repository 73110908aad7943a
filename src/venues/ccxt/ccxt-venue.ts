// An exchange of ccxt as a venue: what its profile reads, under the contract's name. Nothing of an exchange is decided here.
import type { Capabilities, Instrument, Leg, OrderLookup, PositionLookup } from "../../core/index.ts";
import type { Finding } from "../finding.ts";
import type {
  AmendCommand,
  CancelCommand,
  CommandOutcome,
  DeadManCommand,
  History,
  OrderQuery,
  Snapshot,
  SubmitCommand,
  Venue,
} from "../venue.ts";
import type { Account } from "./profile.ts";

export interface CcxtVenueParts {
  /** `ccxt:okx`. */
  readonly name: string;
  readonly account: Account;
  readonly capabilities: Capabilities;
  readonly rateLeft: () => number;
  readonly raw?: NonNullable<Venue["raw"]>;
  readonly stream?: NonNullable<Venue["stream"]>;
  readonly close?: NonNullable<Venue["close"]>;
}

export class CcxtVenue implements Venue {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly rateLeft: () => number;
  readonly position?: (instrument: string, leg: Leg) => Promise<PositionLookup>;
  readonly order?: (query: OrderQuery) => Promise<OrderLookup>;
  readonly submit?: (command: SubmitCommand) => Promise<CommandOutcome>;
  readonly cancel?: (command: CancelCommand) => Promise<CommandOutcome>;
  readonly deadMan?: (command: DeadManCommand) => Promise<CommandOutcome>;
  readonly amend?: (command: AmendCommand) => Promise<CommandOutcome>;
  readonly lastPrices?: NonNullable<Venue["lastPrices"]>;
  readonly checkup?: () => Promise<readonly Finding[]>;
  readonly raw?: NonNullable<Venue["raw"]>;
  readonly stream?: NonNullable<Venue["stream"]>;
  readonly close?: NonNullable<Venue["close"]>;
  private readonly account: Account;

  constructor({ name, account, capabilities, rateLeft, raw, stream, close }: CcxtVenueParts) {
    this.name = name;
    this.account = account;
    this.capabilities = capabilities;
    this.rateLeft = rateLeft;
    const { commands, orderLookup } = capabilities;
    // A call that is not there is one that the exchange, or this key, cannot do.
    if (account.position) this.position = account.position.bind(account);
    if (account.order && orderLookup !== "none") this.order = account.order.bind(account);
    if (account.submit && commands.submit) this.submit = account.submit.bind(account);
    if (account.cancel && commands.cancel) this.cancel = account.cancel.bind(account);
    if (account.deadMan && commands.deadMan !== "none") this.deadMan = account.deadMan.bind(account);
    if (account.amend && commands.amend !== "none") this.amend = account.amend.bind(account);
    if (account.lastPrices) this.lastPrices = account.lastPrices.bind(account);
    if (account.checkup) this.checkup = account.checkup.bind(account);
    if (raw) this.raw = raw;
    if (stream) this.stream = stream;
    if (close) this.close = close;
  }

  instrument(symbol: string): Instrument | undefined {
    return this.account.instrument(symbol);
  }

  named(spelling: string): readonly string[] {
    return this.account.named(spelling);
  }

  snapshot(): Promise<Snapshot> {
    return this.account.snapshot();
  }

  history(fromMs: number): Promise<History> {
    return this.account.history(fromMs);
  }
}
