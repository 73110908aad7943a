// An account may be quiet, and a stream may be stuck although it answers: after a while of nothing the pass looks.
import type { Timers } from "../../runtime/index.ts";

export class Silence {
  private readonly timers: Timers;
  private readonly idleMs: number;
  private readonly onSilent: () => void;
  private cancel: () => void = () => undefined;

  /** @param onSilent Called after `idleMs` of nothing, and again after as long. */
  constructor(timers: Timers, idleMs: number, onSilent: () => void) {
    this.timers = timers;
    this.idleMs = idleMs;
    this.onSilent = onSilent;
  }

  /** Something was heard: it counts from now. */
  heard(): void {
    this.end();
    this.cancel = this.timers.after(this.idleMs, () => {
      this.onSilent();
      this.heard();
    });
  }

  end(): void {
    this.cancel();
  }
}
