// A venue that reports exactly the rows it was given, until it is given others. For scenarios: nothing happens
// in it by itself, and a command changes nothing in it.
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
import type { History, OrderQuery, Snapshot, StreamEvent, StreamHandle, Venue } from "../venue.ts";

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

const NOT_SCRIPTED = { kind: "unknown", problem: "this look-up has no answer in the script" } as const;

export class ScriptedVenue implements Venue {
  readonly name = "scripted";
  readonly capabilities: Capabilities;
  private readonly instruments: ReadonlyMap<string, Instrument>;
  private script: Script;
  private listener: ((event: StreamEvent) => void) | undefined;

  constructor(script: Script, capabilities: Capabilities, instruments: ReadonlyMap<string, Instrument>) {
    this.script = script;
    this.capabilities = capabilities;
    this.instruments = instruments;
  }

  /** From now on these sections; sections that are not named stay. */
  report(script: Partial<Script>): void {
    this.script = { ...this.script, ...script };
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

  async stream(listener: (event: StreamEvent) => void): Promise<StreamHandle> {
    this.listener = listener;
    return {
      close: async () => {
        this.listener = undefined;
      },
    };
  }
}
