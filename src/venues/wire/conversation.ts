// What a venue's stream is made of, apart from keeping it up: a conversation, which is told what happened and says what is
// to be done. It holds the state of one connection, decides alone, and waits for nothing.
import type { StreamEvent } from "../venue.ts";

/** What is to be done now, in this order. */
export type Step =
  /** `expects`: what must be acknowledged in time ("an authorization"), or the connection is given up. */
  | { readonly kind: "send"; readonly text: string; readonly expects?: string }
  /** A ping of the WebSocket protocol itself; its pong must come in time. */
  | { readonly kind: "ping" }
  /** What was expected has come. */
  | { readonly kind: "answered" }
  /** Every subscription is acknowledged: from now on each fill is delivered. Once per connection is enough. */
  | { readonly kind: "live" }
  /** What the venue tells of the account: it also shows that the content still flows. */
  | { readonly kind: "events"; readonly events: readonly StreamEvent[] }
  /** What came may have been a fill and could not be read. */
  | { readonly kind: "lost"; readonly problem: string }
  /** This connection is of no use any more; another one is made. */
  | { readonly kind: "end"; readonly reason: string };

export interface Conversation {
  /** The connection stands. */
  opened(): readonly Step[];
  /** A message, as text. Bytes that are no text come as undefined. */
  received(text: string | undefined): readonly Step[];
  /** The pong of a `ping` step came; that it is an answer counts without it. */
  pingAnswered?(): readonly Step[];
  /** Asked now and then, while it is live: something that is answered, which shows that the subscription stands. */
  heartbeat(): readonly Step[];
}

export interface StreamProtocol {
  /** Who speaks, for sentences: "Alpaca's stream". */
  readonly name: string;
  /**
   * Before each connection: where it goes, and what is said. A listen key is fetched here.
   * @throws Error whose message is for a person and holds no secret.
   */
  begin(): Promise<Beginning>;
}

export interface Beginning {
  readonly url: string;
  readonly conversation: Conversation;
  /** What must be done over and over to keep the connection's key alive; where it fails the connection is given up. */
  readonly keepAlive?: { readonly everyMs: number; readonly work: () => Promise<void> };
  /** Taken out of what is recorded, besides those of the stream: a listen key. */
  readonly secrets?: readonly string[];
}

/** What was not understood may have been a fill; what comes after it is delivered again. */
export function lost(problem: string): readonly StreamEvent[] {
  return [{ kind: "gap", reason: problem }, { kind: "live" }];
}
