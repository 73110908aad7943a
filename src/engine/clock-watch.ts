// Watches the wall clock against the monotonic one: a difference between two looks is a jump (set by hand or by a time
// service, a machine that slept), and no duration may be measured across it.
import type { Steady } from "../core/index.ts";
import type { Clock } from "../runtime/index.ts";

/** What a time service corrects without a jump, and what two readings of two clocks may differ by, is less. In ms. */
export const JUMP_MS = 2_000;

export class ClockWatch {
  private readonly clock: Clock;
  private wallMs: number;
  private monotonicMs: number;
  private known: Steady;

  /** @param seq The last record of the account. */
  constructor(clock: Clock, seq: number) {
    this.clock = clock;
    this.wallMs = clock.nowMs();
    this.monotonicMs = clock.monotonicMs();
    this.known = { sinceMs: this.wallMs, byMs: 0, seq };
  }

  get steady(): Steady {
    return this.known;
  }

  /** How far the clock jumped since the last look, ahead above zero; 0 when it ran steadily. In ms. */
  look(seq: number): number {
    const wallMs = this.clock.nowMs();
    const monotonicMs = this.clock.monotonicMs();
    const byMs = Math.round(wallMs - this.wallMs - (monotonicMs - this.monotonicMs));
    this.wallMs = wallMs;
    this.monotonicMs = monotonicMs;
    if (Math.abs(byMs) <= JUMP_MS) return 0;
    this.known = { sinceMs: wallMs, byMs, seq };
    return byMs;
  }
}
