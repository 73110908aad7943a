// The venue as the process that is killed sees it: every question goes to the referee in the parent, and nothing of the
// account is in here.
import {
  CAPABILITIES_DEFAULT,
  type Capabilities,
  type Instrument,
  instrumentOf,
} from "../../src/core/index.ts";
import type {
  CancelCommand,
  CommandOutcome,
  History,
  OrderQuery,
  Snapshot,
  StreamEvent,
  StreamHandle,
  SubmitCommand,
  Venue,
} from "../../src/venues/index.ts";
import type { Question } from "./wire.ts";

/** What a dead process has sent is read to its end before the next one starts: nothing comes later. In ms. */
const SETTLE_MS = 100;
/** The referee's own clock is this machine's. In ms. */
const LATE_ARRIVAL_MS = 500;

export class RemoteVenue implements Venue {
  readonly name = "referee";
  readonly capabilities: Capabilities = {
    ...CAPABILITIES_DEFAULT,
    settleMs: SETTLE_MS,
    fills: { lateArrivalMs: LATE_ARRIVAL_MS, revisable: false },
  };
  private readonly send: (question: Question) => void;
  private readonly waiting = new Map<number, (answer: unknown) => void>();
  private listener: ((event: StreamEvent) => void) | undefined;
  private count = 0;

  constructor(send: (question: Question) => void) {
    this.send = send;
  }

  answer(id: number, answer: unknown): void {
    this.waiting.get(id)?.(answer);
    this.waiting.delete(id);
  }

  tell(event: StreamEvent): void {
    this.listener?.(event);
  }

  instrument(symbol: string): Instrument {
    return instrumentOf(symbol, { base: null, quote: "USD", settlement: "cash" });
  }

  snapshot(): Promise<Snapshot> {
    return this.ask("snapshot");
  }

  history(fromMs: number): Promise<History> {
    return this.ask("history", fromMs);
  }

  position(instrument: string, leg: "net" | "long" | "short"): ReturnType<NonNullable<Venue["position"]>> {
    return this.ask("position", instrument, leg);
  }

  order(query: OrderQuery): ReturnType<NonNullable<Venue["order"]>> {
    return this.ask("order", query);
  }

  submit(command: SubmitCommand): Promise<CommandOutcome> {
    return this.ask("submit", command);
  }

  cancel(command: CancelCommand): Promise<CommandOutcome> {
    return this.ask("cancel", command);
  }

  async stream(listener: (event: StreamEvent) => void): Promise<StreamHandle> {
    this.listener = listener;
    await this.ask("stream");
    return {
      close: async () => {
        this.listener = undefined;
      },
    };
  }

  private ask<T>(method: Question["method"], ...given: readonly unknown[]): Promise<T> {
    this.count += 1;
    const id = this.count;
    return new Promise((resolve) => {
      this.waiting.set(id, (answer) => resolve(answer as T));
      this.send({ id, method, given });
    });
  }
}
