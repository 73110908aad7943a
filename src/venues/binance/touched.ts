// Which symbols may have traded: USD-M tells trades by symbol only. A symbol is touched by a position, an open order, a
// message, a command of ours or an income; what was touched in a window has its trades read.
export class Touched {
  private readonly lastMs = new Map<string, number>();
  /** Up to when the positions and orders that make symbols touched were read whole; undefined before the first time. */
  private wholeMs: number | undefined;

  /** @param atMs Venue time. */
  note(symbol: string, atMs: number): void {
    this.lastMs.set(symbol, Math.max(atMs, this.lastMs.get(symbol) ?? 0));
  }

  /** Positions and open orders were read whole at this venue time. */
  noteWhole(atMs: number): void {
    this.wholeMs = atMs;
  }

  wholeUntil(): number | undefined {
    return this.wholeMs;
  }

  since(fromMs: number): readonly string[] {
    return [...this.lastMs].filter(([, atMs]) => atMs >= fromMs).map(([symbol]) => symbol);
  }
}
