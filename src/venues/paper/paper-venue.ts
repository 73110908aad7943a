// The paper venue: reports a paper account over the contract of every venue, and misbehaves on command, so that
// what trueup does about a lying venue can be seen without one.
import {
  CAPABILITIES_DEFAULT,
  type Capabilities,
  type Instrument,
  instrumentOf,
  type Leg,
  type OrderLookup,
  type PositionLookup,
} from "../../core/index.ts";
import {
  type CancelCommand,
  type CommandOutcome,
  type History,
  type OrderQuery,
  type Snapshot,
  type StreamEvent,
  type StreamHandle,
  unavailable,
  type Venue,
} from "../venue.ts";
import type { PaperAccount, PaperEvent } from "./paper-account.ts";

/** What the venue gets wrong from now on, until told otherwise. */
export interface Misbehaviour {
  /** Reads answer nothing at all. */
  readonly isDown?: boolean;
  /** The positions list is empty, with a straight face. */
  readonly isEmpty?: boolean;
  /** The stream is up and says nothing. */
  readonly isStreamSilent?: boolean;
  /** Another account's id is in the answer. */
  readonly isOtherAccount?: boolean;
}

const CAPABILITIES: Capabilities = {
  ...CAPABILITIES_DEFAULT,
  fills: { lateArrivalMs: 60_000, revisable: false },
};

export class PaperVenue implements Venue {
  readonly name = "paper";
  readonly capabilities = CAPABILITIES;
  readonly account: PaperAccount;
  private misbehaviour: Misbehaviour = {};
  private readonly listeners = new Set<(event: StreamEvent) => void>();

  constructor(account: PaperAccount) {
    this.account = account;
  }

  misbehave(misbehaviour: Misbehaviour): void {
    this.misbehaviour = misbehaviour;
  }

  /** Cuts every stream, without a word to either side. */
  disconnect(): void {
    this.listeners.clear();
  }

  /** To be called with what happens in the account; goes out on the stream. */
  publish(event: PaperEvent): void {
    if (this.misbehaviour.isStreamSilent) return;
    for (const listener of this.listeners) {
      if (event.kind === "ledger") listener({ kind: "wake", reason: "transfer" });
      else listener(event);
    }
  }

  instrument(symbol: string): Instrument {
    return instrumentOf(symbol, { base: null, quote: this.account.state.currency, settlement: "cash" });
  }

  async snapshot(): Promise<Snapshot> {
    const { accountId, currency, cash, orders } = this.account.state;
    if (this.misbehaviour.isDown) {
      const down = unavailable("the paper venue is told to be down");
      return { positions: down, orders: down, balances: down };
    }
    const rows = this.misbehaviour.isEmpty ? [] : this.account.positionRows();
    return {
      venueAccountId: this.misbehaviour.isOtherAccount ? `${accountId}-other` : accountId,
      positions: { quality: "complete", rows },
      orders: { quality: "complete", rows: orders.filter(({ status }) => status === "open") },
      balances: { quality: "complete", rows: [{ asset: currency, total: cash }] },
      totals: { quality: "complete", positionValue: this.account.positionValue() },
    };
  }

  async history(fromMs: number): Promise<History> {
    if (this.misbehaviour.isDown) {
      const down = unavailable("the paper venue is told to be down");
      return { fills: down, ledger: down };
    }
    const { fills, ledger } = this.account.state;
    const coverage = { fromMs, toMs: this.account.nowMs() };
    return {
      fills: { quality: "complete", rows: fills.filter((row) => row.timestamp >= fromMs), coverage },
      ledger: { quality: "complete", rows: ledger.filter((row) => row.timestamp >= fromMs), coverage },
    };
  }

  async position(instrument: string, _leg: Leg): Promise<PositionLookup> {
    if (this.misbehaviour.isDown) return { kind: "unknown", problem: "the paper venue is told to be down" };
    const row = this.account.positionRows().find((one) => one.instrument === instrument);
    return row ? { kind: "row", row } : { kind: "none" };
  }

  async order({ venueOrderId, clientOrderId }: OrderQuery): Promise<OrderLookup> {
    if (this.misbehaviour.isDown) return { kind: "unknown", problem: "the paper venue is told to be down" };
    const row = this.account.state.orders.find(
      (one) =>
        (venueOrderId !== undefined && one.venueOrderId === venueOrderId) ||
        (clientOrderId !== undefined && one.clientOrderId === clientOrderId),
    );
    return row ? { kind: "row", row } : { kind: "none" };
  }

  async stream(listener: (event: StreamEvent) => void): Promise<StreamHandle> {
    this.listeners.add(listener);
    listener({ kind: "live" });
    return {
      close: async () => {
        this.listeners.delete(listener);
      },
    };
  }

  async cancel(command: CancelCommand): Promise<CommandOutcome> {
    return this.account.cancel(command);
  }
}
