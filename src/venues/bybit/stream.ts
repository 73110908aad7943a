// What is said on Bybit's private stream. It is live when every topic is acknowledged; a ping that is answered shows that
// the connection stands.
//   open -> auth -> accepted -> four subscriptions -> four acknowledgements = live -> ping -> pong -> …
// @see https://bybit-exchange.github.io/docs/v5/ws/connect (read 2026-11)
import type { Clock } from "../../runtime/index.ts";
import type { StreamEvent } from "../venue.ts";
import type { Conversation, Step, StreamProtocol } from "../wire/conversation.ts";
import { isObject } from "../wire/fields.ts";
import { cleanMessage, type FailureWords } from "../wire/words.ts";
import { AUTH_PROBLEM } from "./failure.ts";
import { authFrame, authText, type Frame, pingFrame, readFrame, subscribeFrame, TOPICS } from "./frames.ts";
import type { Names } from "./instruments.ts";
import type { LegMemory } from "./legs.ts";
import type { SpotFilters } from "./spot-filters.ts";
import { eventsOfTopic } from "./stream-events.ts";

/** An authentication counts so long: more than opening a connection may take. In ms. */
const EXPIRES_MS = 30_000;

export interface ProtocolParts {
  readonly url: string;
  readonly key: string;
  readonly sign: (text: string) => Promise<string>;
  readonly words: FailureWords;
  readonly clock: Clock;
  readonly names: Names;
  readonly legs: LegMemory;
  readonly filters: SpotFilters;
}

export function protocolOf(parts: ProtocolParts): StreamProtocol {
  return {
    name: "Bybit's stream",
    begin: async () => {
      const expiresMs = parts.clock.nowMs() + EXPIRES_MS;
      const signature = await parts.sign(authText(expiresMs));
      const auth = authFrame(parts.key, expiresMs, signature);
      return { url: parts.url, conversation: new BybitConversation(parts, auth), secrets: [signature] };
    },
  };
}

class BybitConversation implements Conversation {
  private readonly parts: ProtocolParts;
  private readonly auth: string;
  private readonly pending = new Set<string>(TOPICS);
  private state: "authorizing" | "subscribing" | "live" = "authorizing";
  private pings = 0;

  constructor(parts: ProtocolParts, auth: string) {
    this.parts = parts;
    this.auth = auth;
  }

  opened(): readonly Step[] {
    return [{ kind: "send", text: this.auth, expects: "an authorization" }];
  }

  heartbeat(): readonly Step[] {
    this.pings += 1;
    return [{ kind: "send", text: pingFrame(String(this.pings)), expects: "a pong" }];
  }

  received(text: string | undefined): readonly Step[] {
    const frame = readFrame(text);
    switch (frame.kind) {
      case "auth":
        return this.authorized(frame);
      case "subscribed":
        return this.subscribed(frame);
      case "pong":
        return [{ kind: "answered" }];
      case "unreadable":
        return [{ kind: "lost", problem: `${frame.problem} came on the stream` }];
      case "topic":
        return this.state === "authorizing" ? [] : [{ kind: "events", events: this.events(frame) }];
      case "other": {
        const wake = { kind: "wake", reason: `unknown message "${frame.name}"` } as const;
        return this.state === "authorizing" ? [] : [{ kind: "events", events: [wake] }];
      }
    }
  }

  private authorized({ isAccepted, said }: Extract<Frame, { kind: "auth" }>): readonly Step[] {
    const { environment, keyNames } = this.parts.words;
    if (!isAccepted) {
      const advice = `check that ${keyNames.keyId} and ${keyNames.secret} belong together, were made for the ${environment} environment, and that this machine's clock is right`;
      return [end(`${AUTH_PROBLEM} on the stream (${cleanMessage(said, this.parts.words)}): ${advice}`)];
    }
    if (this.state !== "authorizing") return [];
    this.state = "subscribing";
    const expects = "an acknowledgement of every subscription";
    return TOPICS.map((topic) => ({ kind: "send", text: subscribeFrame(topic), expects }));
  }

  /** Without an id the acknowledgement is one of those that are missing. */
  private subscribed({ isAccepted, id, said }: Extract<Frame, { kind: "subscribed" }>): readonly Step[] {
    if (!isAccepted) {
      return [end(`Bybit's stream refuses ${id || "a topic"}: ${cleanMessage(said, this.parts.words)}`)];
    }
    const [missing] = this.pending;
    if (missing === undefined || this.state !== "subscribing") return [];
    this.pending.delete(this.pending.has(id) || id !== "" ? id : missing);
    if (this.pending.size > 0) return [];
    this.state = "live";
    return [{ kind: "live" }];
  }

  private events({ topic, rows }: Extract<Frame, { kind: "topic" }>): readonly StreamEvent[] {
    const { names, legs, filters } = this.parts;
    const events = eventsOfTopic(topic, rows, names, (facts) => legs.legOf(facts));
    for (const row of rows) if (isObject(row) && row.category === "spot") filters.note(row);
    for (const event of events) {
      if (event.kind === "position") legs.note(event.position.instrument, event.position.leg);
      if (event.kind === "order") legs.note(event.order.instrument, event.order.leg);
    }
    return events;
  }
}

function end(reason: string): Step {
  return { kind: "end", reason };
}
