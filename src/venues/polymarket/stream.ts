// What is said on the user channel. The credentials go out with the subscription, which nothing acknowledges: a server that
// does not take them closes. What is said is heard in order, so the answer to a PING that follows the subscription
// stands for it, and every later one shows that the connection is served.
//   open -> subscribe, PING -> PONG = live -> PING -> PONG -> …
// @see https://docs.polymarket.com/market-data/websocket/user-channel.md, /overview.md "Heartbeats" (read 2026-11)
import type { Conversation, Step, StreamProtocol } from "../wire/conversation.ts";
import { isObject } from "../wire/fields.ts";
import { parsed } from "../wire/json.ts";
import { STREAM_TIMING, type StreamTiming } from "../wire/stream.ts";
import { AUTH_PROBLEM, cleanMessage, type FailureWords } from "./failure.ts";
import type { Credentials } from "./keys.ts";
import type { Owner } from "./parse-trade.ts";
import { readMessage } from "./stream-events.ts";

/** The venue wants a PING every 10 s. @see https://docs.polymarket.com/market-data/websocket/overview.md (read 2026-11) */
export const POLYMARKET_TIMING: StreamTiming = { ...STREAM_TIMING, heartbeatMs: 10_000 };

export interface ProtocolParts {
  readonly url: string;
  readonly credentials: () => Promise<{ readonly credentials: Credentials } | { readonly problem: string }>;
  readonly wallet: string;
  readonly nameOrder: (venueOrderId: string) => string | undefined;
  readonly words: FailureWords;
}

export function protocolOf(parts: ProtocolParts): StreamProtocol {
  return {
    name: "Polymarket's stream",
    begin: async () => {
      const found = await parts.credentials();
      if ("problem" in found) throw new Error(found.problem);
      const { apiKey, secret, passphrase } = found.credentials;
      return {
        url: parts.url,
        conversation: new UserChannel(parts, found.credentials),
        secrets: [apiKey, secret, passphrase],
      };
    },
  };
}

class UserChannel implements Conversation {
  private readonly parts: ProtocolParts;
  private readonly credentials: Credentials;
  private readonly owner: Owner;
  private isLive = false;

  constructor(parts: ProtocolParts, credentials: Credentials) {
    this.parts = parts;
    this.credentials = credentials;
    this.owner = { wallet: parts.wallet, apiKey: credentials.apiKey };
  }

  opened(): readonly Step[] {
    const { apiKey, secret, passphrase } = this.credentials;
    // No markets: those of the account, whatever they are.
    const subscription = JSON.stringify({ auth: { apiKey, secret, passphrase }, type: "user", markets: [] });
    return [{ kind: "send", text: subscription }, ping()];
  }

  heartbeat(): readonly Step[] {
    return [ping()];
  }

  received(text: string | undefined): readonly Step[] {
    if (text === undefined) return [{ kind: "lost", problem: "bytes that are no text came on the stream" }];
    const word = text.trim();
    if (word === "PONG") return this.acknowledged();
    if (word === "PING") return [{ kind: "send", text: "PONG" }];
    if (word === "") return [];
    const message = parsed(word);
    if (message === undefined) return this.unreadable(word);
    return (Array.isArray(message) ? message : [message]).flatMap((one) => this.take(one));
  }

  private acknowledged(): readonly Step[] {
    if (this.isLive) return [{ kind: "answered" }];
    this.isLive = true;
    return [{ kind: "live" }];
  }

  private take(message: unknown): readonly Step[] {
    if (isObject(message) && typeof message.error === "string") {
      return [
        { kind: "end", reason: `Polymarket's stream says: ${cleanMessage(message.error, this.parts.words)}` },
      ];
    }
    const reading = readMessage(message, this.owner, this.parts.nameOrder);
    if (reading.kind === "unreadable")
      return [{ kind: "lost", problem: `${reading.problem} came on the stream` }];
    return [{ kind: "events", events: reading.events }];
  }

  /** A plain text is what the server has to say, such as that it does not know the key. */
  private unreadable(text: string): readonly Step[] {
    const said = cleanMessage(text, this.parts.words);
    if (/auth|api key|unauthorized|invalid/i.test(text) && !text.includes("{")) {
      return [{ kind: "end", reason: `${AUTH_PROBLEM} on the stream: ${said}` }];
    }
    return [{ kind: "lost", problem: `"${said}", which is not JSON, came on the stream` }];
  }
}

function ping(): Step {
  return { kind: "send", text: "PING", expects: "a PONG" };
}
