// The dead-man switch of a simulated venue: what is open is cancelled once nobody has set it anew in its time, whoever
// placed it. A call may be lost, or carried out without an answer.
import type { OrderHandle } from "../../engine/index.ts";
import type { CommandOutcome, DeadManCommand } from "../../venues/index.ts";
import type { DeadManEvent } from "../invariants/world.ts";
import type { Referee } from "../referee/referee.ts";
import type { VirtualRuntime } from "../virtual-runtime.ts";
import type { SeededRandom } from "./random.ts";

/** By what chance a call is lost while not all is well. */
const LOST = 0.08;

export interface DeadManParts {
  readonly referee: Referee;
  readonly runtime: VirtualRuntime;
  readonly random: SeededRandom;
  readonly isHealed: () => boolean;
  readonly areWritesLost: () => boolean;
  readonly onEvent: (event: DeadManEvent) => void;
}

export class LyingDeadMan {
  private readonly parts: DeadManParts;
  private readonly forget = new Map<string | null, () => void>();

  constructor(parts: DeadManParts) {
    this.parts = parts;
  }

  /** A call is on its way. */
  left(command: DeadManCommand): void {
    const instrument = command.instrument ?? null;
    this.parts.onEvent({ kind: "left", instrument });
  }

  /** Carried out as the call arrives. */
  call(command: DeadManCommand): CommandOutcome {
    const outcome = this.taken(command);
    const { timeoutMs, instrument = null } = command;
    this.parts.onEvent({ kind: "called", instrument, timeoutMs, isAccepted: outcome.kind === "accepted" });
    return outcome;
  }

  private taken({ timeoutMs, instrument: only }: DeadManCommand): CommandOutcome {
    const { random, isHealed, areWritesLost } = this.parts;
    const instrument = only ?? null;
    const isTroubled = areWritesLost() || (!isHealed() && random.chance(LOST));
    if (isTroubled && random.chance(0.5))
      return { kind: "unknown", reason: "no answer: the connection was reset" };
    this.set(instrument, timeoutMs);
    if (isTroubled) return { kind: "unknown", reason: "no answer: the connection was reset" };
    return { kind: "accepted" };
  }

  private set(instrument: string | null, timeoutMs: number): void {
    this.forget.get(instrument)?.();
    this.forget.delete(instrument);
    if (timeoutMs === 0) return;
    const stop = this.parts.runtime.outside.after(timeoutMs, () => this.fire(instrument, timeoutMs));
    this.forget.set(instrument, stop);
  }

  private fire(only: string | null, timeoutMs: number): void {
    const { referee, onEvent } = this.parts;
    this.forget.delete(only);
    const orders: OrderHandle[] = [];
    for (const { status, instrument, venueOrderId, clientOrderId } of referee.orders()) {
      const isOpen = status === "open" || status === "partially_filled";
      if (!isOpen || venueOrderId === undefined || (only !== null && only !== instrument)) continue;
      if (referee.cancel({ instrument, venueOrderId }).kind !== "accepted") continue;
      orders.push({ instrument, venueOrderId, ...(clientOrderId !== undefined && { clientOrderId }) });
    }
    onEvent({ kind: "fired", instrument: only, timeoutMs, orders });
  }
}
