// Keeping a venue's stream connected: a connection that does not come about is tried again, later each time, and
// the account is told of the gap.
import type { Runtime } from "../runtime/index.ts";
import type { StreamEvent, StreamHandle, Venue } from "../venues/index.ts";
import { guarded, problemOf } from "./observe.ts";

/** A stream that does not stand by then is tried again; nothing waits for it any longer. In ms. */
export const CONNECT_TIMEOUT_MS = 10_000;
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
    const { venue } = this;
    if (this.isClosed || !venue.stream) return;
    let isGivenUp = false;
    const connecting = startedStream(venue, (event) => {
      if (!this.isClosed && !isGivenUp) this.receive(event);
    });
    try {
      this.handle = await guarded(connecting, this.runtime, CONNECT_TIMEOUT_MS);
      this.retryMs = RETRY_MS.first;
      if (this.isClosed) await this.handle.close();
    } catch (error) {
      isGivenUp = true;
      // One that stands after all would deliver everything twice.
      connecting.then(
        (late) => late.close().catch(() => undefined),
        () => undefined,
      );
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

/** An adapter that throws has not connected. */
async function startedStream(venue: Venue, listener: (event: StreamEvent) => void): Promise<StreamHandle> {
  if (!venue.stream) throw new Error("this venue's adapter has no stream");
  return venue.stream(listener);
}
