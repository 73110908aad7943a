// The faults that a simulated venue, network and host may have, as data: what each does, and how often it was injected.
// A seed draws which of them are on, and how often they strike.
import type { SeededRandom } from "./random.ts";

export const FAULTS = {
  answer_lost: "a command is carried out, and its answer is lost",
  request_lost: "a command never reaches the venue, and nobody says so",
  request_late: "a command reaches the venue late, within its settle time, and its answer is lost",
  cancel_lost: "a cancel is carried out, or not, and its answer is lost",
  stream_lost: "a message of the stream is lost without a gap being told",
  stream_doubled: "a message of the stream comes twice",
  stream_late: "a message of the stream comes late, behind later ones",
  stream_cut: "the stream breaks; what happens until it stands again is not told",
  read_down: "a read is not answered",
  read_slow: "a read takes seconds, while the account goes on moving",
  positions_empty: "the list of positions is empty, with a straight face",
  positions_partial: "the list of positions lacks rows, and says that it is partial",
  positions_lag: "the list of positions lacks the latest fills, within the declared lag",
  fills_late: "the history lacks the latest fills, within the declared delay",
  fills_down: "the history is not answered",
  other_account: "another account answers",
  orders_missing: "the list of orders lacks a row",
  crash: "the process dies, and starts again",
  crash_unsynced: "the process dies, and what was not durable yet is lost",
  clock_jump: "the machine's clock jumps",
} as const;

export type FaultId = keyof typeof FAULTS;

export const FAULT_IDS = Object.keys(FAULTS) as FaultId[];

/** Which faults are on, with their probability at each opportunity; and how often each has struck. */
export class FaultPlan {
  readonly fired = new Map<FaultId, number>();
  private readonly rates = new Map<FaultId, number>();
  private readonly random: SeededRandom;
  private isOn = true;

  constructor(random: SeededRandom, only?: readonly FaultId[]) {
    this.random = random;
    for (const id of FAULT_IDS) {
      const isDrawn = random.chance(0.35);
      const rate = random.pick([0.02, 0.05, 0.1, 0.25]);
      if (isDrawn && (only === undefined || only.includes(id))) this.rates.set(id, rate);
    }
  }

  get enabled(): readonly FaultId[] {
    return [...this.rates.keys()];
  }

  /** Whether it strikes at this opportunity. */
  strikes(id: FaultId): boolean {
    const rate = this.rates.get(id);
    if (!this.isOn || rate === undefined || !this.random.chance(rate)) return false;
    this.fired.set(id, (this.fired.get(id) ?? 0) + 1);
    return true;
  }

  /** From now on nothing goes wrong any more. */
  heal(): void {
    this.isOn = false;
  }
}
