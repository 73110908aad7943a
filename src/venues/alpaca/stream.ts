// The account stream as the engine sees it: events, `live` when the server delivers, `gap` when it may have lost
// something. A lost connection comes back by itself, later each time; the first one is the engine's to try again.
import type { Clock, Randomness } from "../../runtime/index.ts";
import type { StreamEvent, StreamHandle } from "../venue.ts";
import { Connection, type ConnectionOptions, type Content, type StreamTiming } from "./connection.ts";
import { lost, TradeUpdates } from "./trade-updates.ts";

/** A connection that lived so long was a good one: the next wait is the first again. In ms. */
const GOOD_MS = 60_000;
/** No wait is shorter, whatever the dice say. In ms. */
const RETRY_MS_LEAST = 100;

export interface StreamOptions extends ConnectionOptions {
  readonly clock: Clock;
  readonly random: Randomness;
}

/** Connects; resolves when the stream is live. @throws Error with the reason where it does not become so. */
export async function openStream(
  options: StreamOptions,
  listener: (event: StreamEvent) => void,
): Promise<StreamHandle> {
  const stream = new AccountStream(options, listener);
  await stream.start();
  return { close: async () => stream.close() };
}

class AccountStream {
  private readonly options: StreamOptions;
  private readonly listener: (event: StreamEvent) => void;
  private readonly updates = new TradeUpdates();
  private connection: Connection | undefined;
  private isClosed = false;
  private hasLost = false;
  private failures = 0;
  private liveSinceMs: number | undefined;
  private cancelRetry: () => void = () => undefined;
  private cancelIdle: () => void = () => undefined;

  constructor(options: StreamOptions, listener: (event: StreamEvent) => void) {
    this.options = options;
    this.listener = listener;
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.connect(resolve, (reason) => reject(new Error(reason)));
    });
  }

  close(): void {
    this.isClosed = true;
    this.cancelRetry();
    this.cancelIdle();
    this.connection?.close();
  }

  private connect(onLive: () => void, onFailure: (reason: string) => void): void {
    let wasLive = false;
    try {
      this.connection = new Connection(this.options, {
        live: () => {
          wasLive = true;
          this.live();
          onLive();
        },
        content: (content) => this.take(content),
        ended: (reason) => (wasLive ? this.lose(reason) : onFailure(reason)),
      });
    } catch (error) {
      // A socket that cannot even be made is one more that did not connect.
      onFailure(error instanceof Error ? error.message : String(error));
    }
  }

  private live(): void {
    this.liveSinceMs = this.options.clock.monotonicMs();
    this.emit({ kind: "live" });
    // What happened while it was away is read after it is back, so that nothing falls between.
    if (this.hasLost) this.emit({ kind: "wake", reason: "stream connected again" });
    this.watchIdle();
  }

  private take(content: Content): void {
    this.watchIdle();
    for (const event of this.eventsOf(content)) this.emit(event);
  }

  private eventsOf(content: Content): readonly StreamEvent[] {
    if (content.kind === "update") return this.updates.events(content.update);
    if (content.kind === "unreadable") return lost(`${content.problem} came on the stream`);
    return [{ kind: "wake", reason: `unknown message "${content.name}"` }];
  }

  private lose(reason: string): void {
    this.cancelIdle();
    const { clock } = this.options;
    const livedMs = this.liveSinceMs === undefined ? 0 : clock.monotonicMs() - this.liveSinceMs;
    if (livedMs >= GOOD_MS) this.failures = 0;
    this.again(reason);
  }

  private again(reason: string): void {
    if (this.isClosed) return;
    this.hasLost = true;
    this.emit({ kind: "gap", reason });
    const { timers, timing, random } = this.options;
    this.cancelRetry = timers.after(waitMs(this.failures, timing, random), () =>
      this.connect(
        () => undefined,
        (problem) => this.again(`the stream did not connect: ${problem}`),
      ),
    );
    this.failures += 1;
  }

  /** An account may be quiet, and a stream may be stuck: after a while of nothing the pass looks. */
  private watchIdle(): void {
    const { timers, timing } = this.options;
    this.cancelIdle();
    this.cancelIdle = timers.after(timing.idleMs, () => {
      this.emit({ kind: "wake", reason: "stream silent" });
      this.watchIdle();
    });
  }

  private emit(event: StreamEvent): void {
    if (!this.isClosed) this.listener(event);
  }
}

/** Full jitter, so that many clients do not come back in step. */
export function waitMs(failures: number, { retryMs, retryMsMax }: StreamTiming, random: Randomness): number {
  const most = Math.min(retryMsMax, retryMs * 2 ** Math.min(failures, 16));
  const dice = random.bytes(4).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 32;
  return Math.max(RETRY_MS_LEAST, Math.floor(most * dice));
}
