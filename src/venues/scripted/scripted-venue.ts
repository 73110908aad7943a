// A venue that reports exactly the rows it was given, until it is given others. For scenarios: nothing happens in it by
// itself. A command changes nothing in it either, unless what it reports after the next order was given beforehand.
import type {
  BalanceRow,
  Capabilities,
  FillRow,
  Instrument,
  Leg,
  OrderLookup,
  OrderRow,
  PositionLookup,
  PositionRow,
  Section,
  Totals,
} from "../../core/index.ts";
import type {
  CommandOutcome,
  History,
  OrderQuery,
  PriceEvent,
  PriceFeed,
  Snapshot,
  StreamEvent,
  StreamHandle,
  Venue,
} from "../venue.ts";
import { ScriptedFeed } from "./scripted-feed.ts";

export interface Script {
  readonly positions?: Section<PositionRow>;
  readonly orders?: Section<OrderRow>;
  readonly balances?: Section<BalanceRow>;
  readonly fills?: Section<FillRow>;
  readonly totals?: Totals;
  /** Answers of single look-ups: by instrument (with its leg where it hedges) or client order id. */
  readonly positionLookups: ReadonlyMap<string, PositionLookup>;
  readonly orderLookups: ReadonlyMap<string, OrderLookup>;
}

/** What becomes of one command. */
export interface ScriptedOutcome {
  readonly kind: CommandOutcome["kind"];
  /** Whether the venue has it; an answer may be lost on either way. */
  readonly hasReached: boolean;
}

const ACCEPTED: ScriptedOutcome = { kind: "accepted", hasReached: true };
const NOT_SCRIPTED = { kind: "unknown", problem: "this look-up has no answer in the script" } as const;

export class ScriptedVenue implements Venue {
  readonly name = "scripted";
  readonly capabilities: Capabilities;
  private readonly instruments: ReadonlyMap<string, Instrument>;
  private script: Script;
  private listener: ((event: StreamEvent) => void) | undefined;
  private feed: ScriptedFeed | undefined;
  private next: ScriptedOutcome | undefined;
  private afterOrders: readonly Partial<Script>[] = [];
  private count = 0;
  /** Opens a price feed; left out where this venue has none. */
  readonly prices?: (listener: (event: PriceEvent) => void) => PriceFeed;

  constructor(
    script: Script,
    capabilities: Capabilities,
    instruments: ReadonlyMap<string, Instrument>,
    hasFeed = false,
  ) {
    if (hasFeed) {
      this.prices = (listener) => {
        this.feed = new ScriptedFeed(listener);
        return this.feed;
      };
    }
    this.script = script;
    this.capabilities = capabilities;
    this.instruments = instruments;
  }

  /** From now on these sections; sections that are not named stay. */
  report(script: Partial<Script>): void {
    this.script = { ...this.script, ...script };
  }

  /** What becomes of the next command; every other one is accepted. */
  answerNext(outcome: ScriptedOutcome): void {
    this.next = outcome;
  }

  /** What is reported once each of the next orders has reached it, one after another. */
  reportAfterOrders(scripts: readonly Partial<Script>[]): void {
    this.afterOrders = scripts;
  }

  /** Orders that have reached it. */
  get submitted(): number {
    return this.count;
  }

  /** Instruments whose prices it would tell now. */
  get followed(): readonly string[] {
    return this.feed?.followed() ?? [];
  }

  /** The n-th order that reaches it has the id `S-n`. */
  async submit(): Promise<CommandOutcome> {
    const { kind, hasReached } = this.taken();
    if (hasReached) {
      this.count += 1;
      const [after, ...later] = this.afterOrders;
      this.afterOrders = later;
      if (after) this.report(after);
    }
    if (kind === "accepted") return { kind, venueOrderId: `S-${this.count}` };
    return answered(kind, hasReached);
  }

  async cancel(): Promise<CommandOutcome> {
    const { kind, hasReached } = this.taken();
    return kind === "accepted" ? { kind } : answered(kind, hasReached);
  }

  /** Sends a message through the stream. */
  emit(event: StreamEvent): void {
    this.listener?.(event);
  }

  instrument(symbol: string): Instrument | undefined {
    return this.instruments.get(symbol);
  }

  async snapshot(): Promise<Snapshot> {
    const { positions, orders, balances, totals } = this.script;
    return {
      ...(positions && { positions }),
      ...(orders && { orders }),
      ...(balances && { balances }),
      ...(totals && { totals }),
    };
  }

  async history(fromMs: number): Promise<History> {
    const { fills } = this.script;
    if (!fills) return {};
    const coverage = { fromMs: Math.min(fromMs, 0), toMs: Number.MAX_SAFE_INTEGER };
    return { fills: { ...fills, ...(fills.quality === "complete" && { coverage }) } };
  }

  async position(instrument: string, leg: Leg): Promise<PositionLookup> {
    const { positionLookups } = this.script;
    return positionLookups.get(`${leg}:${instrument}`) ?? positionLookups.get(instrument) ?? NOT_SCRIPTED;
  }

  async order({ clientOrderId, venueOrderId }: OrderQuery): Promise<OrderLookup> {
    const { orderLookups } = this.script;
    return orderLookups.get(clientOrderId ?? "") ?? orderLookups.get(venueOrderId ?? "") ?? NOT_SCRIPTED;
  }

  private taken(): ScriptedOutcome {
    const outcome = this.next ?? ACCEPTED;
    this.next = undefined;
    return outcome;
  }

  async stream(listener: (event: StreamEvent) => void): Promise<StreamHandle> {
    this.listener = listener;
    return {
      close: async () => {
        this.listener = undefined;
      },
    };
  }
}

function answered(kind: "rejected" | "unknown", sent: boolean): CommandOutcome {
  const reason = kind === "rejected" ? "the venue refuses it" : "no answer in time";
  return kind === "rejected" ? { kind, sent, reason } : { kind, reason };
}
