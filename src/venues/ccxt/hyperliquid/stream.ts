// What is said on Hyperliquid's stream: an address is enough, nothing is signed. It is live when every subscription is
// acknowledged; pings are answered as a message of their own.
//   open -> subscribe ×3 -> subscriptionResponse ×3 = live -> ping -> pong -> …
// @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket (read 2026-11)
import type { StreamEvent } from "../../venue.ts";
import type { Conversation, Step, StreamProtocol } from "../../wire/conversation.ts";
import { isObject } from "../../wire/fields.ts";
import { parsed } from "../../wire/json.ts";
import type { Coins } from "./coins.ts";
import { eventsOf } from "./stream-events.ts";

/** What is subscribed to; money that moves wakes a pass, which reads its history. */
export const SUBSCRIPTIONS = [
  "orderUpdates",
  "userFills",
  "userFundings",
  "userNonFundingLedgerUpdates",
] as const;

export interface ProtocolParts {
  readonly url: string;
  readonly user: string;
  readonly coins: () => Coins;
  /** What is read of the account: a fill of another kind would be of a position that nobody looks at. */
  readonly hasSwap: boolean;
  readonly hasSpot: boolean;
}

export function protocolOf(parts: ProtocolParts): StreamProtocol {
  return {
    name: "Hyperliquid's stream",
    begin: async () => ({ url: parts.url, conversation: new HyperliquidConversation(parts) }),
  };
}

class HyperliquidConversation implements Conversation {
  private readonly parts: ProtocolParts;
  private readonly missing = new Set<string>(SUBSCRIPTIONS);

  constructor(parts: ProtocolParts) {
    this.parts = parts;
  }

  opened(): readonly Step[] {
    const { user } = this.parts;
    return SUBSCRIPTIONS.map((type) => ({
      kind: "send",
      text: JSON.stringify({ method: "subscribe", subscription: { type, user } }),
      expects: "an acknowledgement of the subscriptions",
    }));
  }

  heartbeat(): readonly Step[] {
    return [{ kind: "send", text: JSON.stringify({ method: "ping" }), expects: "a pong" }];
  }

  received(text: string | undefined): readonly Step[] {
    const message = text === undefined ? undefined : parsed(text);
    if (!isObject(message))
      return [{ kind: "lost", problem: "a message that is not JSON came on the stream" }];
    switch (message.channel) {
      case "subscriptionResponse":
        return this.acknowledged(message.data);
      case "pong":
        return [{ kind: "answered" }];
      case "error":
        return this.refused(String(message.data));
      default:
        return this.told(message);
    }
  }

  private acknowledged(data: unknown): readonly Step[] {
    const subscription = isObject(data) && isObject(data.subscription) ? data.subscription : {};
    if (typeof subscription.type === "string") this.missing.delete(subscription.type);
    return this.missing.size === 0 ? [{ kind: "live" }] : [];
  }

  private refused(problem: string): readonly Step[] {
    if (/already subscribed/i.test(problem)) return [];
    return [{ kind: "end", reason: `Hyperliquid's stream says: ${problem.slice(0, 120)}` }];
  }

  private told(message: Readonly<Record<string, unknown>>): readonly Step[] {
    const news = eventsOf(message, { coins: this.parts.coins(), user: this.parts.user });
    const events = news.flatMap((one): StreamEvent[] => (one.kind === "ignored" ? [] : [one]));
    const lost = events.find((event) => event.kind === "gap");
    const others = events.filter((event) => event.kind !== "gap" && this.isOfScope(event));
    return [
      ...(others.length === 0 ? [] : [{ kind: "events", events: others } as const]),
      ...(lost === undefined ? [] : [{ kind: "lost", problem: lost.reason } as const]),
    ];
  }

  private isOfScope(event: StreamEvent): boolean {
    const instrument =
      event.kind === "fill"
        ? event.fill.instrument
        : event.kind === "order"
          ? event.order.instrument
          : undefined;
    const coin = instrument === undefined ? undefined : this.parts.coins().bySymbol(instrument);
    return coin === undefined || (coin.isSpot ? this.parts.hasSpot : this.parts.hasSwap);
  }
}
