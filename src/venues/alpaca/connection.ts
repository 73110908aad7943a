// One connection of the account stream, from opening to its end. It is live when the server has acknowledged that it
// sends the trade updates, and it asks again now and then: the acknowledgement shows that the subscription stands,
// which an answer to a mere ping would not.
//   open -> auth -> authorized -> listen -> listening = live -> listen -> listening -> …
import type { Timers } from "../../runtime/index.ts";
import { AUTH_PROBLEM, cleanMessage, type FailureWords } from "./failure.ts";
import { authFrame, type Frame, isOurs, listenFrame, readFrame, TRADE_UPDATES } from "./frames.ts";

/** What is used of a WebSocket. */
export interface Socket {
  binaryType: string;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly code: number }) => void): void;
  send(text: string): void;
  close(): void;
}

export type OpenSocket = (url: string) => Socket;

export interface StreamTiming {
  /** How long each answer of the server may take. In ms. */
  readonly answerMs: number;
  /** Pause between an acknowledgement and asking again. In ms. */
  readonly heartbeatMs: number;
  /** So long without a trade update, and a pass looks whether there was none. In ms. */
  readonly idleMs: number;
  /** First wait before connecting again; it doubles up to `retryMsMax`. In ms. */
  readonly retryMs: number;
  readonly retryMsMax: number;
}

/**
 * A dead connection is seen within 30 s; two minutes of silence are normal and cost one pass. Waits as the engine's
 * for a first connection.
 */
export const STREAM_TIMING: StreamTiming = {
  answerMs: 10_000,
  heartbeatMs: 20_000,
  idleMs: 120_000,
  retryMs: 1_000,
  retryMsMax: 60_000,
};

export interface ConnectionOptions {
  readonly url: string;
  readonly keyId: string;
  readonly secret: string;
  readonly openSocket: OpenSocket;
  readonly timers: Timers;
  readonly timing: StreamTiming;
  readonly words: FailureWords;
}

/** What is not about the connection itself. */
export type Content = Exclude<Frame, { kind: "authorization" | "listening" | "error" }>;

export interface ConnectionListener {
  live(): void;
  /** What the server sends once it is authorized, also before it is live. */
  content(content: Content): void;
  /** It is over; called once, not after close(). */
  ended(reason: string): void;
}

export class Connection {
  private readonly options: ConnectionOptions;
  private readonly listener: ConnectionListener;
  private readonly socket: Socket;
  private state: "opening" | "authorizing" | "subscribing" | "live" | "over" = "opening";
  private cancelTimer: () => void;

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.options = options;
    this.listener = listener;
    this.socket = options.openSocket(options.url);
    this.socket.binaryType = "arraybuffer";
    this.cancelTimer = this.expect("a connection");
    this.socket.addEventListener("open", () => this.opened());
    this.socket.addEventListener("message", ({ data }) => this.received(data));
    this.socket.addEventListener("close", ({ code }) => this.end(`the connection closed (${code})`));
    // A close follows, with the code; without a listener it would be an exception.
    this.socket.addEventListener("error", () => undefined);
  }

  close(): void {
    if (this.state === "over") return;
    this.state = "over";
    this.cancelTimer();
    this.socket.close();
  }

  private opened(): void {
    if (this.state !== "opening") return;
    this.state = "authorizing";
    const { keyId, secret } = this.options;
    this.ask(authFrame(keyId, secret), "an authorization");
  }

  private received(data: unknown): void {
    if (this.state === "over") return;
    const frame = readFrame(data);
    switch (frame.kind) {
      case "authorization":
        this.authorized(frame.isAuthorized);
        break;
      case "listening":
        this.listening(frame.streams);
        break;
      case "error":
        this.end(`Alpaca's stream says: ${cleanMessage(frame.message, this.options.words)}`);
        break;
      case "unreadable":
        if (this.state === "live") this.listener.content(frame);
        else this.end(frame.problem);
        break;
      default:
        if (this.state === "subscribing" || this.state === "live") this.listener.content(frame);
    }
  }

  private authorized(isAuthorized: boolean): void {
    const { environment, keyNames } = this.options.words;
    if (!isAuthorized) {
      const advice = `check that ${keyNames.keyId} and ${keyNames.secret} belong together and were made for the ${environment} environment`;
      this.end(`${AUTH_PROBLEM} on the stream: ${advice}`);
    } else if (this.state === "authorizing") {
      this.state = "subscribing";
      this.ask(listenFrame(), "an acknowledgement of the subscription");
    }
  }

  private listening(streams: readonly unknown[]): void {
    if (this.state !== "subscribing" && this.state !== "live") return;
    if (!isOurs(streams)) {
      const found = JSON.stringify(streams).slice(0, 80);
      this.end(`Alpaca's stream sends ${found}; expected exactly ${TRADE_UPDATES}`);
      return;
    }
    this.cancelTimer();
    const { timers, timing } = this.options;
    this.cancelTimer = timers.after(timing.heartbeatMs, () =>
      this.ask(listenFrame(), "an acknowledgement that the subscription stands"),
    );
    if (this.state === "live") return;
    this.state = "live";
    this.listener.live();
  }

  private ask(frame: string, what: string): void {
    this.cancelTimer();
    this.cancelTimer = this.expect(what);
    this.socket.send(frame);
  }

  private expect(what: string): () => void {
    const { timers, timing } = this.options;
    return timers.after(timing.answerMs, () =>
      this.end(`Alpaca's stream did not give ${what} within ${timing.answerMs / 1_000} s`),
    );
  }

  private end(reason: string): void {
    if (this.state === "over") return;
    this.close();
    this.listener.ended(reason);
  }
}
