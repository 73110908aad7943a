// An account stream as the engine sees it: events, `live` when the server delivers, `gap` when it may have lost something,
// `wake` when it came back or said nothing for long. A lost connection comes back by itself, later each time; the first
// one is the engine's to try again. What the venue's frames mean is its protocol's (conversation.ts).
import type { Clock, Randomness } from "../../runtime/index.ts";
import type { StreamEvent, StreamHandle } from "../venue.ts";
import { Connection, type ConnectionOptions, STREAM_TIMING, type StreamTiming } from "./connection.ts";
import type { StreamProtocol } from "./conversation.ts";
import { Silence } from "./silence.ts";
import { withoutSecrets } from "./words.ts";

export { STREAM_TIMING, type StreamTiming };

/** A connection that lived so long was a good one: the next wait is the first again. In ms. */
const GOOD_MS = 60_000;
/** No wait is shorter, whatever the dice say. In ms. */
const RETRY_MS_LEAST = 100;

export interface StreamOptions extends Omit<ConnectionOptions, "name"> {
  readonly clock: Clock;
  readonly random: Randomness;
}

/** Connects; resolves when the stream is live. @throws Error with the reason where it does not become so. */
export async function keepStream(
  options: StreamOptions,
  protocol: StreamProtocol,
  listener: (event: StreamEvent) => void,
  onFrame: (frame: string) => void = () => undefined,
): Promise<StreamHandle> {
  const stream = new KeptStream(options, protocol, listener, onFrame);
  await stream.start();
  return { close: async () => stream.close() };
}

class KeptStream {
  private readonly options: StreamOptions;
  private readonly protocol: StreamProtocol;
  private readonly listener: (event: StreamEvent) => void;
  private readonly onFrame: (frame: string) => void;
  private connection: Connection | undefined;
  private isClosed = false;
  private hasLost = false;
  private failures = 0;
  private liveSinceMs: number | undefined;
  private cancelRetry: () => void = () => undefined;
  private readonly silence: Silence;

  constructor(
    options: StreamOptions,
    protocol: StreamProtocol,
    listener: (event: StreamEvent) => void,
    onFrame: (frame: string) => void,
  ) {
    this.options = options;
    this.protocol = protocol;
    this.listener = listener;
    this.onFrame = onFrame;
    this.silence = new Silence(options.timers, options.timing.idleMs, () =>
      this.emit({ kind: "wake", reason: "stream silent" }),
    );
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.connect(resolve, (reason) => reject(new Error(reason)));
    });
  }

  close(): void {
    this.isClosed = true;
    this.cancelRetry();
    this.silence.end();
    this.connection?.close();
  }

  private connect(onLive: () => void, onFailure: (reason: string) => void): void {
    this.begin(onLive, onFailure).catch((error: unknown) => {
      // A socket that cannot even be made is one more that did not connect.
      const reason = error instanceof Error ? error.message : String(error);
      onFailure(withoutSecrets(reason, this.options.secrets));
    });
  }

  private async begin(onLive: () => void, onFailure: (reason: string) => void): Promise<void> {
    const beginning = await this.protocol.begin();
    if (this.isClosed) return;
    let wasLive = false;
    this.connection = new Connection({ ...this.options, name: this.protocol.name }, beginning, {
      live: () => {
        wasLive = true;
        this.live();
        onLive();
      },
      events: (events) => this.take(events),
      frame: (text) => this.onFrame(text),
      ended: (reason) => (wasLive ? this.lose(reason) : onFailure(reason)),
    });
  }

  private live(): void {
    this.liveSinceMs = this.options.clock.monotonicMs();
    this.emit({ kind: "live" });
    // What happened while it was away is read after it is back, so that nothing falls between.
    if (this.hasLost) this.emit({ kind: "wake", reason: "stream connected again" });
    this.silence.heard();
  }

  private take(events: readonly StreamEvent[]): void {
    this.silence.heard();
    for (const event of events) this.emit(event);
  }

  private lose(reason: string): void {
    this.silence.end();
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
