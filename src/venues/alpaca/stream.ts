// What is said on Alpaca's account stream. It is live when the server has acknowledged that it sends the trade updates, and
// it is asked again now and then: the acknowledgement shows that the subscription stands.
//   open -> auth -> authorized -> listen -> listening = live -> listen -> listening -> …
import type { Conversation, Step, StreamProtocol } from "../wire/conversation.ts";
import type { Executions } from "./executions.ts";
import { AUTH_PROBLEM, cleanMessage, type FailureWords } from "./failure.ts";
import { authFrame, isOurs, listenFrame, readFrame, TRADE_UPDATES } from "./frames.ts";
import { TradeUpdates } from "./trade-updates.ts";

export interface ProtocolParts {
  readonly url: string;
  readonly keyId: string;
  readonly secret: string;
  readonly words: FailureWords;
}

/** @param executions Kept across connections: a bust may name an execution that an earlier one delivered. */
export function protocolOf(parts: ProtocolParts, executions: Executions): StreamProtocol {
  const updates = new TradeUpdates(executions);
  return {
    name: "Alpaca's stream",
    begin: async () => ({ url: parts.url, conversation: new AlpacaConversation(parts, updates) }),
  };
}

class AlpacaConversation implements Conversation {
  private readonly parts: ProtocolParts;
  private readonly updates: TradeUpdates;
  private state: "authorizing" | "subscribing" | "live" = "authorizing";

  constructor(parts: ProtocolParts, updates: TradeUpdates) {
    this.parts = parts;
    this.updates = updates;
  }

  opened(): readonly Step[] {
    const { keyId, secret } = this.parts;
    return [{ kind: "send", text: authFrame(keyId, secret), expects: "an authorization" }];
  }

  heartbeat(): readonly Step[] {
    return [listen("an acknowledgement that the subscription stands")];
  }

  received(text: string | undefined): readonly Step[] {
    const frame = readFrame(text);
    switch (frame.kind) {
      case "authorization":
        return this.authorized(frame.isAuthorized);
      case "listening":
        return this.listening(frame.streams);
      case "error":
        return [end(`Alpaca's stream says: ${cleanMessage(frame.message, this.parts.words)}`)];
      case "unreadable":
        return [
          this.state === "live"
            ? { kind: "lost", problem: `${frame.problem} came on the stream` }
            : end(frame.problem),
        ];
      case "update":
        return this.isAuthorized() ? [{ kind: "events", events: this.updates.events(frame.update) }] : [];
      case "other": {
        const wake = { kind: "wake", reason: `unknown message "${frame.name}"` } as const;
        return this.isAuthorized() ? [{ kind: "events", events: [wake] }] : [];
      }
    }
  }

  private isAuthorized(): boolean {
    return this.state !== "authorizing";
  }

  private authorized(isAuthorized: boolean): readonly Step[] {
    const { environment, keyNames } = this.parts.words;
    if (!isAuthorized) {
      const advice = `check that ${keyNames.keyId} and ${keyNames.secret} belong together and were made for the ${environment} environment`;
      return [end(`${AUTH_PROBLEM} on the stream: ${advice}`)];
    }
    if (this.isAuthorized()) return [];
    this.state = "subscribing";
    return [listen("an acknowledgement of the subscription")];
  }

  private listening(streams: readonly unknown[]): readonly Step[] {
    if (!this.isAuthorized()) return [];
    if (!isOurs(streams)) {
      const found = JSON.stringify(streams).slice(0, 80);
      return [end(`Alpaca's stream sends ${found}; expected exactly ${TRADE_UPDATES}`)];
    }
    this.state = "live";
    return [{ kind: "live" }];
  }
}

function listen(expects: string): Step {
  return { kind: "send", text: listenFrame(), expects };
}

function end(reason: string): Step {
  return { kind: "end", reason };
}
