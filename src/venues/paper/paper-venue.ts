// The paper venue: reports a paper account over the contract of every venue, and misbehaves on command, so that
// what trueup does about a lying venue can be seen without one.
import {
  type Capabilities,
  type Instrument,
  instrumentOf,
  type Leg,
  type OrderLookup,
  type OrderRow,
  type PositionLookup,
  type PositionRow,
  type SectionName,
  ZERO,
} from "../../core/index.ts";
import {
  type AmendCommand,
  type CancelAllCommand,
  type CancelCommand,
  type CommandOutcome,
  type DeadManCommand,
  type History,
  type OrderQuery,
  type PriceEvent,
  type PriceFeed,
  type PriceTick,
  type RawAnswer,
  type Snapshot,
  type StreamEvent,
  type StreamHandle,
  type SubmitCommand,
  unavailable,
  type Venue,
} from "../venue.ts";
import { PAPER_CAPABILITIES } from "./declaration.ts";
import type { PaperAccount, PaperEvent } from "./paper-account.ts";
import { PaperFeed } from "./paper-feed.ts";

/** What the venue gets wrong from now on, until told otherwise. */
export interface Misbehaviour {
  /** Reads answer nothing at all. */
  readonly isDown?: boolean;
  /** The positions list is empty, with a straight face. */
  readonly isEmpty?: boolean;
  /** Single look-ups of positions answer "none", with the same face. */
  readonly isBlind?: boolean;
  /** Instruments that are listed with a quantity of zero, as some venues do long after a position is gone. */
  readonly zeroRows?: readonly string[];
  /** Client ids of orders that it neither lists nor finds, as if they had never come. */
  readonly forgottenOrders?: readonly string[];
  /** The stream is up and says nothing. */
  readonly isStreamSilent?: boolean;
  /** No price is told any more, by feed or stream; whoever asks is answered. */
  readonly areFeedsSilent?: boolean;
  /** Another account's id is in the answer. */
  readonly isOtherAccount?: boolean;
  /** Commands never reach the account, and nobody says so. */
  readonly isRequestLost?: boolean;
  /** Commands are carried out, and their answers are lost. */
  readonly isAnswerLost?: boolean;
}

export class PaperVenue implements Venue {
  readonly name = "paper";
  readonly capabilities: Capabilities = PAPER_CAPABILITIES;
  readonly account: PaperAccount;
  private misbehaviour: Misbehaviour = {};
  private readonly listeners = new Set<(event: StreamEvent) => void>();
  private readonly feeds = new Set<PaperFeed>();

  constructor(account: PaperAccount) {
    this.account = account;
  }

  misbehave(misbehaviour: Misbehaviour): void {
    this.misbehaviour = misbehaviour;
  }

  /** Cuts every stream, without a word to either side. */
  disconnect(): void {
    this.listeners.clear();
    this.feeds.clear();
  }

  /** To be called with what happens in the account; goes out on the stream. */
  publish(event: PaperEvent): void {
    if (event.kind === "price") {
      if (this.misbehaviour.areFeedsSilent) return;
      for (const feed of this.feeds) feed.tell(event.instrument);
    }
    if (event.kind === "switch" || this.misbehaviour.isStreamSilent) return;
    for (const listener of this.listeners) {
      if (event.kind === "ledger") listener({ kind: "wake", reason: "transfer" });
      else if (event.kind === "price") listener({ ...event, atMs: this.account.nowMs() });
      else listener(event);
    }
  }

  instrument(symbol: string): Instrument {
    return instrumentOf(symbol, { base: null, quote: this.account.state.currency, settlement: "cash" });
  }

  async snapshot(): Promise<Snapshot> {
    this.account.lapse();
    const { accountId, currency, cash, orders } = this.account.state;
    if (this.misbehaviour.isDown) {
      const down = unavailable("the paper venue is told to be down");
      return { positions: down, orders: down, balances: down };
    }
    return {
      venueAccountId: this.misbehaviour.isOtherAccount ? `${accountId}-other` : accountId,
      positions: { quality: "complete", rows: this.listedPositions() },
      orders: { quality: "complete", rows: orders.filter((row) => row.status === "open" && this.knows(row)) },
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
    if (this.misbehaviour.isBlind) return { kind: "none" };
    const row = this.account.positionRows().find((one) => one.instrument === instrument);
    return row ? { kind: "row", row } : { kind: "none" };
  }

  async order({ venueOrderId, clientOrderId }: OrderQuery): Promise<OrderLookup> {
    this.account.lapse();
    if (this.misbehaviour.isDown) return { kind: "unknown", problem: "the paper venue is told to be down" };
    const row = this.account.state.orders.find(
      (one) =>
        this.knows(one) &&
        ((venueOrderId !== undefined && one.venueOrderId === venueOrderId) ||
          (clientOrderId !== undefined && one.clientOrderId === clientOrderId)),
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

  prices(listener: (event: PriceEvent) => void): PriceFeed {
    const feed = new PaperFeed(
      (instrument) => this.tickOf(instrument),
      listener,
      () => this.feeds.delete(feed),
    );
    this.feeds.add(feed);
    return feed;
  }

  async lastPrices(instruments: readonly string[]): Promise<readonly PriceTick[]> {
    if (this.misbehaviour.isDown) return [];
    return instruments.flatMap((instrument) => this.tickOf(instrument) ?? []);
  }

  /** The last price holds until there is another one. */
  private tickOf(instrument: string): PriceTick | undefined {
    const last = this.account.state.prices[instrument];
    return last === undefined ? undefined : { instrument, last, atMs: this.account.nowMs() };
  }

  async raw(section: SectionName): Promise<readonly RawAnswer[]> {
    const request = `the paper account's ${section}`;
    if (this.misbehaviour.isDown) {
      return [{ request, status: null, body: "", problem: "the paper venue is told to be down" }];
    }
    const { accountId, currency, cash, ...lists } = this.account.state;
    const body = section === "balances" ? { accountId, currency, cash } : lists[section];
    return [{ request, status: null, body: JSON.stringify(body), problem: null }];
  }

  async submit({ qty, ...command }: SubmitCommand): Promise<CommandOutcome> {
    if (qty === undefined) return { kind: "rejected", sent: true, reason: "give a quantity" };
    return this.answer(() => this.account.submit({ ...command, qty }), command.clientOrderId);
  }

  private listedPositions(): PositionRow[] {
    const { isEmpty, zeroRows = [] } = this.misbehaviour;
    if (isEmpty) return [];
    const held = this.account.positionRows();
    const zero = zeroRows.filter((name) => held.every(({ instrument }) => instrument !== name));
    return [...held, ...zero.map((instrument) => ({ instrument, leg: "net" as const, qty: ZERO }))];
  }

  private knows({ clientOrderId }: OrderRow): boolean {
    return clientOrderId === undefined || !this.misbehaviour.forgottenOrders?.includes(clientOrderId);
  }

  async cancel(command: CancelCommand): Promise<CommandOutcome> {
    return this.answer(() => this.account.cancel(command));
  }

  async cancelAll({ instrument }: CancelAllCommand): Promise<CommandOutcome> {
    return this.answer(() => {
      const open = this.account.state.orders.filter(
        (row) => row.status === "open" && (instrument === undefined || row.instrument === instrument),
      );
      for (const { venueOrderId } of open) {
        if (venueOrderId !== undefined) this.account.cancel({ venueOrderId });
      }
      return { kind: "accepted" };
    });
  }

  async deadMan({ timeoutMs }: DeadManCommand): Promise<CommandOutcome> {
    return this.answer(() => {
      this.account.setDeadMan(timeoutMs);
      return { kind: "accepted" };
    });
  }

  async amend(command: AmendCommand): Promise<CommandOutcome> {
    return this.answer(() => this.account.amend(command));
  }

  /** Commands reach the account, or not, and are answered, or not. */
  private answer(work: () => CommandOutcome, clientOrderId?: string): CommandOutcome {
    const { isDown, isRequestLost, isAnswerLost } = this.misbehaviour;
    if (isDown || isRequestLost) return { kind: "unknown", reason: "no answer: the connection was reset" };
    // An order under an id that is in use may be the very order that is sent again.
    const isUsed = clientOrderId !== undefined && this.account.find({ clientOrderId }) !== undefined;
    if (isUsed) return { kind: "unknown", reason: `client order id ${clientOrderId} was used before` };
    const outcome = work();
    return isAnswerLost ? { kind: "unknown", reason: "no answer: the connection was reset" } : outcome;
  }
}
