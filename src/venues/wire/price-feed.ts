// A price feed as the engine sees it, kept up over a WebSocket: what is followed is subscribed, what is dropped is unsubscribed,
// and what the venue has acknowledged is known at each moment. A lost connection is a gap and comes back by itself, later
// each time. What the venue's messages mean is its codec's; there is no connection while nothing is followed.
import type { Clock, Randomness } from "../../runtime/index.ts";
import type { PriceEvent, PriceFeed, PriceTick } from "../venue.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import type { Conversation, Step } from "./conversation.ts";
import { waitMs } from "./stream.ts";
import { withoutSecrets } from "./words.ts";

/** What a message of the venue comes to. */
export type PriceNews =
  | { readonly kind: "tick"; readonly tick: PriceTick }
  /** Whoever says hello first is known now; from here on subscriptions may be said. */
  | { readonly kind: "ready" }
  /** These are subscribed from now on, or no longer. */
  | { readonly kind: "subscribed" | "unsubscribed"; readonly instruments: readonly string[] }
  /** All that is subscribed, as the venue lists it. */
  | { readonly kind: "listed"; readonly instruments: readonly string[] }
  | { readonly kind: "refused"; readonly instrument: string; readonly reason: string }
  /** Something that was expected has come. */
  | { readonly kind: "answered" }
  /** There is more to be said before it is clear. */
  | { readonly kind: "say"; readonly steps: readonly Step[] }
  /** This connection is of no use any more. */
  | { readonly kind: "end"; readonly reason: string };

/** What is said on one connection, and what is understood. Made anew for each. */
export interface PriceCodec {
  /** What is said first, and answered with `ready`; absent where nothing needs to be. */
  hello?(): readonly Step[];
  subscribe(instruments: readonly string[]): readonly Step[];
  unsubscribe(instruments: readonly string[]): readonly Step[];
  received(text: string): readonly PriceNews[];
  /** Asked now and then; a ping of the WebSocket unless given. */
  heartbeat?(): readonly Step[];
}

export interface PriceProtocol {
  /** Who speaks, for sentences: "Binance's price feed". */
  readonly name: string;
  readonly url: string;
  /** Why an instrument has no prices here; undefined where it may have some. */
  refusalOf(instrument: string): string | undefined;
  codec(): PriceCodec;
}

export interface PriceFeedOptions extends Omit<ConnectionOptions, "name"> {
  readonly clock: Clock;
  readonly random: Randomness;
}

/** A connection that lived so long was a good one: the next wait is the first again. In ms. */
const GOOD_MS = 60_000;

export function keepPriceFeed(
  options: PriceFeedOptions,
  protocol: PriceProtocol,
  listener: (event: PriceEvent) => void,
): PriceFeed {
  return new KeptPriceFeed(options, protocol, listener);
}

class KeptPriceFeed implements PriceFeed {
  private readonly options: PriceFeedOptions;
  private readonly protocol: PriceProtocol;
  private readonly listener: (event: PriceEvent) => void;
  private wanted: ReadonlySet<string> = new Set();
  private connection: Connection | undefined;
  private codec: PriceCodec | undefined;
  private isReady = false;
  private isClosed = false;
  private openedAtMs = 0;
  private failures = 0;
  private readonly acknowledged = new Set<string>();
  /** Said and not answered yet. */
  private readonly asked = new Set<string>();
  private readonly dropped = new Set<string>();
  private cancelRetry: (() => void) | undefined;

  constructor(options: PriceFeedOptions, protocol: PriceProtocol, listener: (event: PriceEvent) => void) {
    this.options = options;
    this.protocol = protocol;
    this.listener = listener;
  }

  follow(instruments: readonly string[]): void {
    if (this.isClosed) return;
    const wanted = new Set<string>();
    for (const instrument of instruments) {
      const reason = this.protocol.refusalOf(instrument);
      if (reason === undefined) wanted.add(instrument);
      else this.emit({ kind: "refused", instrument, reason });
    }
    this.wanted = wanted;
    if (wanted.size === 0) this.rest();
    else if (this.connection) this.connection.say(() => this.corrections());
    else if (!this.cancelRetry) this.connect();
  }

  followed(): readonly string[] {
    return this.isReady ? [...this.acknowledged] : [];
  }

  async close(): Promise<void> {
    this.rest();
    this.isClosed = true;
  }

  /** Nothing is followed: there is no connection, and none is missed. */
  private rest(): void {
    this.cancelRetry?.();
    this.cancelRetry = undefined;
    this.connection?.close();
    this.forget();
  }

  private forget(): void {
    this.connection = undefined;
    this.codec = undefined;
    this.isReady = false;
    for (const set of [this.acknowledged, this.asked, this.dropped]) set.clear();
  }

  private connect(): void {
    const { url, name } = this.protocol;
    this.openedAtMs = this.options.clock.monotonicMs();
    const codec = this.protocol.codec();
    this.codec = codec;
    let own: Connection | undefined;
    const isOwn = () => own !== undefined && this.connection === own;
    try {
      own = new Connection(
        { ...this.options, name },
        { url, conversation: this.conversation(codec, isOwn) },
        {
          live: () => undefined,
          events: () => undefined,
          frame: () => undefined,
          ended: (reason) => {
            if (isOwn()) this.lose(reason);
          },
        },
      );
      this.connection = own;
    } catch (error) {
      this.lose(error instanceof Error ? error.message : String(error));
    }
  }

  private conversation(codec: PriceCodec, isOwn: () => boolean): Conversation {
    return {
      opened: () => {
        const hello = codec.hello?.();
        return hello ?? this.ready();
      },
      received: (text) => {
        if (text === undefined || !isOwn()) return [];
        return codec.received(text).flatMap((news) => this.take(news));
      },
      pingAnswered: () => [],
      heartbeat: () => codec.heartbeat?.() ?? [{ kind: "ping" }],
    };
  }

  private ready(): readonly Step[] {
    this.isReady = true;
    return [{ kind: "live" }, ...this.corrections()];
  }

  /** What must be said so that the venue follows what is wanted. */
  private corrections(): readonly Step[] {
    const { codec } = this;
    if (!codec || !this.isReady) return [];
    const begun = [...this.wanted].filter((one) => !this.acknowledged.has(one) && !this.asked.has(one));
    const ended = [...this.acknowledged].filter((one) => !this.wanted.has(one) && !this.dropped.has(one));
    for (const one of begun) this.asked.add(one);
    for (const one of ended) this.dropped.add(one);
    return [
      ...(ended.length > 0 ? codec.unsubscribe(ended) : []),
      ...(begun.length > 0 ? codec.subscribe(begun) : []),
    ];
  }

  private take(news: PriceNews): readonly Step[] {
    switch (news.kind) {
      case "tick":
        this.emit({ kind: "tick", tick: news.tick });
        return [];
      case "ready":
        return this.ready();
      case "subscribed":
        for (const one of news.instruments) {
          this.asked.delete(one);
          this.acknowledged.add(one);
        }
        return this.changed();
      case "unsubscribed":
        for (const one of news.instruments) {
          this.dropped.delete(one);
          this.acknowledged.delete(one);
        }
        return this.changed();
      case "listed":
        return this.listed(news.instruments);
      case "refused":
        this.asked.delete(news.instrument);
        this.emit(news);
        return [{ kind: "answered" }];
      case "answered":
        return [{ kind: "answered" }];
      case "say":
        return news.steps;
      case "end":
        return [{ kind: "end", reason: news.reason }];
    }
  }

  private changed(): readonly Step[] {
    this.emit({ kind: "live", instruments: [...this.acknowledged] });
    // What was asked for meanwhile, or dropped before it was acknowledged.
    return [{ kind: "answered" }, ...this.corrections()];
  }

  private listed(instruments: readonly string[]): readonly Step[] {
    const listed = new Set(instruments);
    const isSame =
      listed.size === this.acknowledged.size && instruments.every((one) => this.acknowledged.has(one));
    // While an answer is awaited the list may be from before it.
    if (isSame || this.asked.size > 0 || this.dropped.size > 0) return [{ kind: "answered" }];
    this.acknowledged.clear();
    for (const one of listed) this.acknowledged.add(one);
    return this.changed();
  }

  private lose(told: string): void {
    const { clock, timers, timing, random, secrets } = this.options;
    const reason = withoutSecrets(told, secrets);
    const wasGood = this.isReady && clock.monotonicMs() - this.openedAtMs >= GOOD_MS;
    if (wasGood) this.failures = 0;
    this.forget();
    if (this.isClosed) return;
    this.cancelRetry = timers.after(waitMs(this.failures, timing, random), () => {
      this.cancelRetry = undefined;
      this.connect();
    });
    this.failures += 1;
    this.emit({ kind: "gap", reason });
  }

  private emit(event: PriceEvent): void {
    if (!this.isClosed) this.listener(event);
  }
}
