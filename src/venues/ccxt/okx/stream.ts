// What is said on OKX's private stream. It is live when the login and every subscription are acknowledged; "ping" is
// answered with "pong". Stops are on another address of OKX's, and are seen by the passes.
//   open -> login -> login ok -> subscribe -> subscribe ×3 = live -> ping -> pong -> …
// @see https://www.okx.com/docs-v5/en/#overview-websocket-login (read 2026-11)
import type { StreamEvent } from "../../venue.ts";
import type { Conversation, Step, StreamProtocol } from "../../wire/conversation.ts";
import { isObject } from "../../wire/fields.ts";
import { parsed } from "../../wire/json.ts";
import { authProblem, cleanMessage, type FailureWords } from "../../wire/words.ts";
import { type InstType, instIdOf } from "./instruments.ts";
import { eventsOf } from "./stream-events.ts";

export const CHANNELS = [
  { channel: "orders", instType: "ANY" },
  { channel: "positions", instType: "ANY" },
  { channel: "balance_and_position" },
] as const;

export interface ProtocolParts {
  readonly url: string;
  /** The login, signed for this moment. */
  readonly login: () => string;
  readonly words: FailureWords;
  /** What is read of the account: a fill of another kind would be of a position that nobody looks at. */
  readonly instTypes: readonly InstType[];
}

/** Codes of a login that failed by its keys. @see "WebSocket", error codes (read 2026-11) */
const KEYS: ReadonlySet<string> = new Set([
  "60001",
  "60002",
  "60004",
  "60005",
  "60006",
  "60007",
  "60009",
  "60024",
]);

export function protocolOf(parts: ProtocolParts): StreamProtocol {
  return {
    name: "OKX's stream",
    begin: async () => ({ url: parts.url, conversation: new OkxConversation(parts) }),
  };
}

class OkxConversation implements Conversation {
  private readonly parts: ProtocolParts;
  private readonly missing = new Set<string>(CHANNELS.map(({ channel }) => channel));
  /** The first message of each channel of states is a snapshot: it tells nothing new to a pass. */
  private readonly begun = new Set<string>();

  constructor(parts: ProtocolParts) {
    this.parts = parts;
  }

  opened(): readonly Step[] {
    return [{ kind: "send", text: this.parts.login(), expects: "an authorization" }];
  }

  heartbeat(): readonly Step[] {
    return [{ kind: "send", text: "ping", expects: "a pong" }];
  }

  received(text: string | undefined): readonly Step[] {
    if (text === "pong") return [{ kind: "answered" }];
    const message = text === undefined ? undefined : parsed(text);
    if (!isObject(message))
      return [{ kind: "lost", problem: "a message that is not JSON came on the stream" }];
    switch (message.event) {
      case "login":
        return this.authorized(message);
      case "subscribe":
        return this.acknowledged(message.arg);
      case "error":
        return [this.refused(message)];
      case "notice":
        return [{ kind: "end", reason: "OKX says that it closes this connection soon" }];
      // "the platform will terminate the latest subscription": it would be silent from now on, and answer every ping.
      case "channel-conn-count-error":
        return [{ kind: "end", reason: "OKX ended a subscription: too many connections of this account" }];
      case undefined:
        return this.told(message);
      default:
        return [];
    }
  }

  private authorized({ code }: Readonly<Record<string, unknown>>): readonly Step[] {
    if (code !== undefined && code !== "0") return [this.refused({ code, msg: "the login failed" })];
    const text = JSON.stringify({ op: "subscribe", args: CHANNELS });
    return [{ kind: "send", text, expects: "an acknowledgement of the subscriptions" }];
  }

  private acknowledged(arg: unknown): readonly Step[] {
    const channel = isObject(arg) ? arg.channel : undefined;
    if (typeof channel === "string") this.missing.delete(channel);
    return this.missing.size === 0 ? [{ kind: "live" }] : [];
  }

  private refused({ code, msg }: Readonly<Record<string, unknown>>): Step {
    const { words } = this.parts;
    const said = `code ${String(code)} (${cleanMessage(String(msg ?? ""), words)})`;
    if (!KEYS.has(String(code))) return { kind: "end", reason: `OKX's stream says: ${said}` };
    const advice = `check ${words.keyNames.keyId}, ${words.keyNames.secret} and the passphrase, and this machine's clock`;
    return { kind: "end", reason: `${authProblem(words.venue)} on the stream (${said}): ${advice}` };
  }

  private told(message: Readonly<Record<string, unknown>>): readonly Step[] {
    const channel = isObject(message.arg) ? String(message.arg.channel) : "";
    const isSnapshot = channel !== "orders" && !this.begun.has(channel);
    this.begun.add(channel);
    const news = eventsOf(message);
    const events = news.flatMap((one): StreamEvent[] => (one.kind === "ignored" ? [] : [one]));
    const unread = events.find((event) => event.kind === "gap");
    // What a snapshot has, the read that follows has too; a row of it that cannot be read would never let it be live.
    const lost = isSnapshot ? undefined : unread;
    const others = isSnapshot ? [] : events.filter((event) => event.kind !== "gap" && this.isOfScope(event));
    return [
      ...(others.length === 0 ? [] : [{ kind: "events", events: others } as const]),
      ...(lost === undefined ? [] : [{ kind: "lost", problem: lost.reason } as const]),
    ];
  }

  private isOfScope(event: StreamEvent): boolean {
    const type = instIdOf(instrumentOf(event) ?? "")?.instType;
    return type === undefined || this.parts.instTypes.includes(type);
  }
}

function instrumentOf(event: StreamEvent): string | undefined {
  switch (event.kind) {
    case "fill":
      return event.fill.instrument;
    case "order":
      return event.order.instrument;
    case "position":
      return event.position.instrument;
    default:
      return undefined;
  }
}
