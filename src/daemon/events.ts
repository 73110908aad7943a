// What a process at work on accounts tells to whoever listens: the API's stream, the library. Events are for waking and
// showing; what is true is read from the account.
import type { Discrepancy, GateReason, GateState, JournalRecord, Payloads } from "../core/index.ts";
import type { PassReport } from "../engine/index.ts";
import type { Timers } from "../runtime/index.ts";

interface Told {
  readonly account: string;
  /** Our clock, ms since the epoch. */
  readonly atMs: number;
}

/** An event that is a record of the journal. */
interface Recorded extends Told {
  /** Sequence of the record; gap-free in each account, but not every record is an event. */
  readonly seq: number;
}

/** One thing that happened. All but `pass`, `stopped` and `gap` are durable when they are told. */
export type TrueupEvent =
  /** A fill, once it is in the journal. Quantities and prices are exact decimals as text. */
  | (Recorded & { readonly kind: "fill"; readonly fill: Payloads["fill_recorded"] })
  /** A command of ours: decided and durable (`intended`), leaving (`sent`), and what its order is since. */
  | (Recorded & {
      readonly kind: "order";
      readonly change: "intended" | "sent" | "observed";
      readonly instrument: string;
      readonly orderKey: string;
    })
  /** The venue took a fill back. */
  | (Recorded & { readonly kind: "fillReversed"; readonly fillKey: string; readonly reason: string })
  /** A difference between a copy and the venue appeared, changed (confirmed, refused …) or is gone. */
  | (Recorded & {
      readonly kind: "discrepancy";
      readonly change: "opened" | "changed" | "closed";
      readonly discrepancy: Discrepancy;
    })
  /** A copy was brought in line with the venue. */
  | (Recorded & { readonly kind: "repair"; readonly repair: Payloads["repair_applied"] })
  /** What a bot may do changed: of the account where `instrument` is null, else of that instrument alone. */
  | (Recorded & {
      readonly kind: "gate";
      readonly instrument: string | null;
      readonly from: GateState;
      readonly to: GateState;
      readonly reasons: readonly GateReason[];
    })
  | (Recorded & { readonly kind: "killed"; readonly reason: string; readonly by: string })
  | (Recorded & { readonly kind: "released"; readonly reason: string; readonly by: string })
  /** Something that a person should know. */
  | (Recorded & { readonly kind: "alert"; readonly alert: Payloads["alert_raised"] })
  /** A pass ended, also one that found nothing new. */
  | (Told & { readonly kind: "pass"; readonly report: PassReport })
  /** The account stopped by an error of ours; it is opened again by itself. */
  | (Told & { readonly kind: "stopped"; readonly reason: string })
  /** Events were lost here: read the state afresh. `account` is "" where all may be meant. */
  | (Told & { readonly kind: "gap"; readonly reason: string });

export type EventListener = (event: TrueupEvent) => void;

/** Undefined for records that are of use to the journal alone. */
export function eventOf(record: JournalRecord): TrueupEvent | undefined {
  const { account, seq, tsMs: atMs } = record;
  const place = { account, seq, atMs };
  switch (record.kind) {
    case "fill_recorded":
      return { kind: "fill", ...place, fill: record.payload };
    case "intent_recorded": {
      const { orderKey, intent } = record.payload;
      return { kind: "order", ...place, change: "intended", instrument: intent.instrument, orderKey };
    }
    case "order_sent": {
      const { instrument, orderKey } = record.payload;
      return { kind: "order", ...place, change: "sent", instrument, orderKey };
    }
    case "order_state_observed": {
      const { instrument, orderKey } = record.payload;
      return { kind: "order", ...place, change: "observed", instrument, orderKey };
    }
    case "fill_reversed":
      return { kind: "fillReversed", ...place, ...record.payload };
    case "discrepancy_opened":
      return { kind: "discrepancy", ...place, change: "opened", discrepancy: record.payload };
    case "discrepancy_changed":
      return { kind: "discrepancy", ...place, change: "changed", discrepancy: record.payload };
    case "discrepancy_closed":
      return { kind: "discrepancy", ...place, change: "closed", discrepancy: record.payload };
    case "repair_applied":
      return { kind: "repair", ...place, repair: record.payload };
    case "gate_changed": {
      const { scope, from, to, reasons } = record.payload;
      const instrument = scope.type === "account" ? null : scope.instrument;
      return { kind: "gate", ...place, instrument, from, to, reasons };
    }
    case "kill_engaged":
      return { kind: "killed", ...place, reason: record.payload.reason, by: record.payload.by };
    case "kill_released":
      return { kind: "released", ...place, ...record.payload };
    case "alert_raised":
      return { kind: "alert", ...place, alert: record.payload };
    default:
      return undefined;
  }
}

/** Hands each event to every listener. One that throws does not keep the account or the others from going on. */
export class EventHub {
  private readonly listeners = new Set<EventListener>();
  private readonly timers: Timers;

  constructor(timers: Timers) {
    this.timers = timers;
  }

  listen(listener: EventListener): () => void {
    // Its own entry, so that the same function given twice is called twice and ended one at a time.
    const own: EventListener = (event) => listener(event);
    this.listeners.add(own);
    return () => {
      this.listeners.delete(own);
    };
  }

  publish(event: TrueupEvent): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(event);
      } catch (error) {
        // A mistake of whoever listens: the process hears of it, after what is being done here.
        this.timers.soon(() => {
          throw error;
        });
      }
    }
  }
}
