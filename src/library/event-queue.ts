// Events as a loop: what was published waits here until the loop comes for it, up to a bound.
import type { TrueupEvent } from "../daemon/events.ts";

/** Events that wait for a slow loop; beyond that they are dropped and a gap is told. */
export const WAITING_MAX = 10_000;

export class EventQueue implements AsyncIterableIterator<TrueupEvent> {
  private waiting: TrueupEvent[] = [];
  private dropped = 0;
  private wanted: ((result: IteratorResult<TrueupEvent>) => void)[] = [];
  private isEnded = false;
  private readonly onEnd: () => void;

  /** @param onEnd Called once, when nobody wants any more events. */
  constructor(onEnd: () => void) {
    this.onEnd = onEnd;
  }

  push(event: TrueupEvent): void {
    if (this.isEnded) return;
    const wanting = this.wanted.shift();
    if (wanting) wanting({ value: event, done: false });
    else if (this.waiting.length < WAITING_MAX) this.waiting.push(event);
    else this.drop(event);
  }

  next(): Promise<IteratorResult<TrueupEvent>> {
    const value = this.waiting.shift();
    if (value) return Promise.resolve({ value, done: false });
    if (this.isEnded) return Promise.resolve(ENDED);
    return new Promise((resolve) => this.wanted.push(resolve));
  }

  /** What waits is still handed out, then the loop ends. */
  end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    for (const wanting of this.wanted) wanting(ENDED);
    this.wanted = [];
    this.onEnd();
  }

  /** The loop was left. */
  return(): Promise<IteratorResult<TrueupEvent>> {
    this.waiting = [];
    this.end();
    return Promise.resolve(ENDED);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<TrueupEvent> {
    return this;
  }

  /** Everything that waits is out of date once one is missing: it gives way to one gap. */
  private drop({ atMs }: TrueupEvent): void {
    this.dropped += this.waiting.length + 1;
    const reason = `${this.dropped} events were dropped, the loop is too slow for them; read the state afresh`;
    this.waiting = [{ kind: "gap", account: "", atMs, reason }];
  }
}

const ENDED: IteratorResult<TrueupEvent> = { value: undefined, done: true };
