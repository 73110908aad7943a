// Seeded randomness: all that a simulated run draws. The same seed draws the same, on any machine.

export class SeededRandom {
  private state: number;

  constructor(seed: number) {
    this.state = (seed ^ 0x9e3779b9) >>> 0;
    // The first draws of neighbouring seeds are alike.
    for (let n = 0; n < 8; n += 1) this.next();
  }

  /** A stream of its own for one purpose: what is drawn there does not move what is drawn elsewhere. */
  fork(purpose: string): SeededRandom {
    let mixed = this.state;
    for (const letter of purpose) mixed = Math.imul(mixed ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    return new SeededRandom(mixed);
  }

  /** From 0 up to but not 1. @see https://github.com/bryc/code/blob/master/jshash/PRNGs.md mulberry32 (read 2026-11) */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const one = from[this.int(0, from.length - 1)];
    if (one === undefined) throw new Error("there is nothing to pick from");
    return one;
  }
}
