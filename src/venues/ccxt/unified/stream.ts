// The stream of an exchange without a profile, kept up by ccxt. What it brings wakes a pass and is never believed: ccxt
// merges messages into caches that keep what is gone, so those are not read. When a connection drops, the call that waits
// fails, and the next one connects again without what was missed: a gap.
import type { Clock, Randomness, Timers } from "../../../runtime/index.ts";
import type { StreamEvent, Venue } from "../../venue.ts";
import { Silence } from "../../wire/silence.ts";
import { type StreamTiming, waitMs } from "../../wire/stream.ts";
import { withoutSecrets } from "../../wire/words.ts";
import type { Exchange } from "../exchange.ts";

export interface WatchParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Randomness;
  readonly timing: StreamTiming;
  readonly secrets: readonly string[];
}

const CALLS = ["watchOrders", "watchMyTrades", "watchPositions"] as const;
type Call = (typeof CALLS)[number];

/** Longest frame that is recorded, in characters. */
const FRAME_MAX = 1_000_000;

/** Undefined where ccxt has no stream of the account for this exchange. */
export function watchUnified(exchange: Exchange, parts: WatchParts): Venue["stream"] {
  const calls = CALLS.filter((call) => exchange.has[call] === true);
  if (calls.length === 0) return undefined;
  return async (listener, onFrame = () => undefined) => {
    const watch = new Watch(exchange, parts, listener, onFrame);
    await watch.start(calls);
    return { close: () => watch.close() };
  };
}

class Watch {
  private readonly exchange: Exchange;
  private readonly parts: WatchParts;
  private readonly listener: (event: StreamEvent) => void;
  private isClosed = false;
  private failures = 0;
  private readonly cancels = new Map<Call, () => void>();
  /** A key of the stream that has ended is not told by ccxt: the call waits for ever. So silence wakes a pass. */
  private readonly silence: Silence;

  constructor(
    exchange: Exchange,
    parts: WatchParts,
    listener: (event: StreamEvent) => void,
    onFrame: (frame: string) => void,
  ) {
    this.exchange = exchange;
    this.parts = parts;
    this.listener = listener;
    this.silence = new Silence(parts.timers, parts.timing.idleMs, () =>
      this.emit({ kind: "wake", reason: "stream silent" }),
    );
    const handle = exchange.handleMessage.bind(exchange);
    // Every message that ccxt has parsed, before it makes anything of it.
    exchange.handleMessage = (client, message) => {
      if (!this.isClosed)
        onFrame(withoutSecrets(String(JSON.stringify(message)), parts.secrets).slice(0, FRAME_MAX));
      handle(client, message);
    };
  }

  async start(calls: readonly Call[]): Promise<void> {
    // Without it the package takes no plain address, which only this machine may have.
    await this.exchange.loadHttpProxyAgent();
    for (const call of calls) this.again(call);
    // Nothing is ever claimed to be delivered: so the stream is never live, and passes go on as without one.
    this.emit({ kind: "wake", reason: "the stream is being watched" });
    this.silence.heard();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.silence.end();
    for (const cancel of this.cancels.values()) cancel();
    await this.exchange.close();
  }

  private again(call: Call): void {
    if (this.isClosed) return;
    const watching = (this.exchange as unknown as Record<Call, () => Promise<unknown>>)[call]();
    watching.then(
      () => this.told(call),
      (error: unknown) => this.lost(call, error),
    );
  }

  private told(call: Call): void {
    this.failures = 0;
    this.emit({ kind: "wake", reason: `${call} tells of the account` });
    this.silence.heard();
    this.again(call);
  }

  private lost(call: Call, error: unknown): void {
    if (this.isClosed) return;
    const message = error instanceof Error ? error.message : String(error);
    const reason = withoutSecrets(message, this.parts.secrets).slice(0, 120);
    this.emit({ kind: "gap", reason: `${call}: ${reason}` });
    const { timers, timing, random } = this.parts;
    this.cancels.set(
      call,
      timers.after(waitMs(this.failures, timing, random), () => this.again(call)),
    );
    this.failures += 1;
  }

  private emit(event: StreamEvent): void {
    if (!this.isClosed) this.listener(event);
  }
}
