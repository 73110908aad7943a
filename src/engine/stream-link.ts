// Keeping a venue's stream connected: a connection that does not come about is tried again, later each time, and
// the account is told of the gap.
import type { Runtime } from "../runtime/index.ts";
import type { StreamEvent, StreamHandle, Venue } from "../venues/index.ts";
import { problemOf } from "./observe.ts";

/** The first wait before another try; it doubles up to the second. In ms. */
const RETRY_MS = { first: 1_000, most: 60_000 };

export class StreamLink {
  private readonly venue: Venue;
  private readonly runtime: Runtime;
  private readonly receive: (event: StreamEvent) => void;
  private handle: StreamHandle | undefined;
  private cancelRetry: (() => void) | undefined;
  private retryMs = RETRY_MS.first;
  private isClosed = false;

  constructor(venue: Venue, runtime: Runtime, receive: (event: StreamEvent) => void) {
    this.venue = venue;
    this.runtime = runtime;
    this.receive = receive;
  }

  /** Resolves after the first try, whether it connected or not. */
  async connect(): Promise<void> {
    if (this.isClosed || !this.venue.stream) return;
    try {
      this.handle = await this.venue.stream((event) => {
        if (!this.isClosed) this.receive(event);
      });
      this.retryMs = RETRY_MS.first;
    } catch (error) {
      this.receive({ kind: "gap", reason: `the stream did not connect: ${problemOf(error)}` });
      this.cancelRetry = this.runtime.timers.after(this.retryMs, () => void this.connect());
      this.retryMs = Math.min(RETRY_MS.most, this.retryMs * 2);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.cancelRetry?.();
    await this.handle?.close().catch(() => undefined);
  }
}
