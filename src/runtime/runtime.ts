// The seams: all time, timers, randomness and ids reach the engine through these, so that it also runs, unchanged,
// under a virtual clock. Real ones are in real.ts; the simulation brings its own. Files and the log have theirs.

export interface Clock {
  /** Wall clock, ms since the epoch, UTC. May jump. */
  nowMs(): number;
  /** Never goes back; for durations only. In ms. */
  monotonicMs(): number;
}

export interface Timers {
  /** Runs `work` once after `delayMs`; the result cancels it. */
  after(delayMs: number, work: () => void): () => void;
  /** Runs `work` after what is being done now, without waiting for time to pass. */
  soon(work: () => void): void;
}

export interface Randomness {
  /** Bytes nobody can guess: for tokens. */
  bytes(count: number): Uint8Array;
}

export interface Runtime {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Randomness;
}
